/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the two halves of the parser share: template/parser.c reads actions, parser_pipe.c what
 * stands in them. Whatever goes down counts its depth in `depth`.
 */

#include "template/lexer.h"
#include "template/tree.h"

/* A variable that can be seen. */
struct seen {
	const char *name;
	const struct seen *below;
};

struct parser {
	struct lexer lexer;
	struct token token; /* the one that we are at */
	struct template *template;
	const struct seen *seen;
	unsigned depth, loops;
	struct arena *arena;
	struct err *err;
};

#define parser_refuse(p, at, ...) template_refuse((p)->template->text, at, (p)->err, __VA_ARGS__)

/* The token that we are at does not belong here, where `wanted` does. */
int parser_refuse_token(struct parser *p, const char *wanted);

void parser_advance(struct parser *p);
void parser_skip_space(struct parser *p);
bool parser_is_word(const struct parser *p, const char *word);
const char *parser_token_text(struct parser *p);

/* Count one more level; the caller counts it down when done. */
int parser_descend(struct parser *p);

/* Let a variable be seen. */
void parser_see(struct parser *p, const char *name);

/* Up to `end`, which is not taken. It may declare or set at most so many variables. */
int parser_pipe(struct parser *p, enum token_kind end, size_t most, struct pipe **ret);
