/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of a template: text as it is, and what stands between {{ and }}. */

#include <stdbool.h>
#include <stddef.h>

enum token_kind {
	TOKEN_TEXT,     /* outside of actions, trimmed where that was asked for; may be empty */
	TOKEN_OPEN,     /* {{ */
	TOKEN_CLOSE,    /* }} */
	TOKEN_END,      /* of the template */
	TOKEN_SPACE,
	TOKEN_WORD,     /* range, len, true */
	TOKEN_FIELD,    /* .Name */
	TOKEN_VARIABLE, /* $x, $ */
	TOKEN_DOT,
	TOKEN_NUMBER,
	TOKEN_CHAR,     /* 'a' */
	TOKEN_STRING,   /* "a" */
	TOKEN_RAW,      /* `a` */
	TOKEN_PIPE,
	TOKEN_COMMA,
	TOKEN_LEFT,     /* ( */
	TOKEN_RIGHT,
	TOKEN_DECLARE,  /* := */
	TOKEN_ASSIGN,   /* = */
	TOKEN_BAD,      /* `reason` of the lexer says why */
};

struct token {
	enum token_kind kind;
	const char *start; /* in the template */
	size_t len;
};

/* Begins as { .at = the text }. */
struct lexer {
	const char *at;
	bool is_inside, trims; /* trims: the text that follows, at its left */
	const char *reason;
};

struct token lexer_next(struct lexer *lexer);
