/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From words to a tree, by recursive descent. Names of functions and variables are looked up here,
 * so that a misspelled one is told whether or not it is reached.
 *
 *	template  = { text | "{{" action "}}" }
 *	action    = pipe | "if" pipe | "with" pipe | "range" pipe | "else" | "end" | ...
 */
#include "template/parser.h"

#include "template/literal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where a list of nodes stopped. */
enum stop { STOP_NOT, STOP_TEXT, STOP_END, STOP_ELSE };

static int parse_list(struct parser *p, struct node **ret, enum stop *stop);

/* ------------------------------------------------------------------------------- errors */

int template_refuse(const char *text, const char *at, struct err *err, const char *fmt, ...)
{
	size_t line = 1, column = 1;
	char reason[384];
	va_list ap;

	for (const char *c = text; c < at; c++) {
		line += *c == '\n';
		column = *c == '\n' ? 1 : column + 1;
	}
	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return err_set(err, ERR_USAGE, EINVAL, "template: %zu:%zu: %s", line, column, reason);
}

static int expect_close(struct parser *p)
{
	parser_skip_space(p);
	if (p->token.kind != TOKEN_CLOSE)
		return parser_refuse_token(p, "'}}'");
	parser_advance(p);
	return 0;
}

/* ------------------------------------------------------------------------------- nodes */

static struct node *new_node(struct parser *p, enum node_kind kind, const char *at)
{
	struct node *node = arena_new(p->arena, struct node);

	node->kind = kind;
	node->at = at;
	return node;
}

/* After `else`: another branch of the same kind, or what is left. It takes the `end`. */
static int parse_branch(struct parser *p, enum node_kind kind, struct node **ret);

static int parse_else(struct parser *p, struct node *node)
{
	static const char *const words[] = { [NODE_IF] = "if", [NODE_WITH] = "with",
					     [NODE_RANGE] = "" };
	enum stop stop = STOP_NOT;
	int r;

	parser_skip_space(p);
	if (parser_is_word(p, words[node->kind]))
		return parse_branch(p, node->kind, &node->otherwise);
	r = expect_close(p);
	if (r == 0)
		r = parse_list(p, &node->otherwise, &stop);
	if (r == 0 && stop != STOP_END)
		return parser_refuse(p, node->at, "there is no {{end}} to this");
	return r == 0 ? expect_close(p) : r;
}

/* From the word `if`, `with` or `range` to behind its `end`. */
static int parse_body(struct parser *p, struct node *node)
{
	enum stop stop = STOP_NOT;
	int r;

	parser_advance(p);
	r = parser_pipe(p, TOKEN_CLOSE, node->kind == NODE_RANGE ? 2 : 1, &node->pipe);
	if (r == 0)
		r = expect_close(p);
	p->loops += node->kind == NODE_RANGE;
	if (r == 0)
		r = parse_list(p, &node->body, &stop);
	p->loops -= node->kind == NODE_RANGE;
	if (r < 0)
		return r;
	if (stop == STOP_ELSE)
		return parse_else(p, node);
	return stop == STOP_END ? expect_close(p)
				: parser_refuse(p, node->at, "there is no {{end}} to this");
}

static int parse_branch(struct parser *p, enum node_kind kind, struct node **ret)
{
	const struct seen *seen = p->seen;
	struct node *node = new_node(p, kind, p->token.start);
	int r = parser_descend(p);

	*ret = node;
	if (r == 0)
		r = parse_body(p, node);
	p->seen = seen;
	p->depth--;
	return r;
}

static int parse_jump(struct parser *p, enum node_kind kind, struct node **ret)
{
	*ret = new_node(p, kind, p->token.start);
	if (!p->loops)
		return parser_refuse(p, p->token.start, "there is no {{range}} around this");
	parser_advance(p);
	return expect_close(p);
}

static int parse_name(struct parser *p, const char **ret)
{
	struct value *name;

	parser_advance(p);
	parser_skip_space(p);
	if (p->token.kind != TOKEN_STRING && p->token.kind != TOKEN_RAW)
		return parser_refuse_token(p, "the name of a template, in quotes");
	name = literal_parse(&p->token, p->arena);
	if (!name)
		return parser_refuse_token(p, "a string");
	*ret = name->string;
	parser_advance(p);
	parser_skip_space(p);
	return 0;
}

static int parse_template(struct parser *p, struct node **ret)
{
	struct node *node = new_node(p, NODE_TEMPLATE, p->token.start);
	int r = parse_name(p, &node->text);

	*ret = node;
	if (r == 0 && p->token.kind != TOKEN_CLOSE)
		r = parser_pipe(p, TOKEN_CLOSE, 0, &node->pipe);
	return r == 0 ? expect_close(p) : r;
}

/* The body of a template with a name: it sees no variable but its own '$'. */
static int parse_definition(struct parser *p, const char *name, const char *at)
{
	struct definition *definition = arena_new(p->arena, struct definition);
	const struct seen *seen = p->seen;
	unsigned loops = p->loops;
	enum stop stop = STOP_NOT;
	int r = expect_close(p);

	*definition = (struct definition){ .name = name };
	p->loops = 0;
	p->seen = NULL;
	parser_see(p, "$");
	if (r == 0)
		r = parser_descend(p);
	if (r == 0)
		r = parse_list(p, &definition->body, &stop);
	if (r == 0 && stop != STOP_END)
		r = parser_refuse(p, at, "there is no {{end}} to this");
	if (r == 0)
		r = expect_close(p);
	p->depth--;
	p->seen = seen;
	p->loops = loops;
	definition->next = p->template->definitions;
	p->template->definitions = definition;
	return r;
}

static int parse_define(struct parser *p, enum node_kind kind, struct node **ret)
{
	const char *at = p->token.start, *name = NULL;
	int r;

	*ret = new_node(p, kind, at);
	if (p->depth)
		return parser_refuse(p, at, "{{define}} stands in nothing else");
	r = parse_name(p, &name);
	return r == 0 ? parse_definition(p, name, at) : r;
}

static int parse_block(struct parser *p, enum node_kind kind, struct node **ret)
{
	struct node *node = new_node(p, kind, p->token.start);
	int r = parse_name(p, &node->text);

	*ret = node;
	if (r == 0)
		r = parser_pipe(p, TOKEN_CLOSE, 0, &node->pipe);
	return r == 0 ? parse_definition(p, node->text, node->at) : r;
}

static int parse_print(struct parser *p, struct node **ret)
{
	struct node *node = new_node(p, NODE_PRINT, p->token.start);
	int r = parser_pipe(p, TOKEN_CLOSE, 1, &node->pipe);

	*ret = node;
	return r == 0 ? expect_close(p) : r;
}

static int parse_named(struct parser *p, enum node_kind kind, struct node **ret)
{
	(void)kind;
	return parse_template(p, ret);
}

/* *ret stays NULL where nothing is to be done, as for {{define}}. */
static int parse_action(struct parser *p, struct node **ret, enum stop *stop)
{
	static const struct {
		const char *word;
		int (*parse)(struct parser *p, enum node_kind kind, struct node **ret);
		enum node_kind kind;
	} actions[] = {
		{ "if", parse_branch, NODE_IF },
		{ "with", parse_branch, NODE_WITH },
		{ "range", parse_branch, NODE_RANGE },
		{ "break", parse_jump, NODE_BREAK },
		{ "continue", parse_jump, NODE_CONTINUE },
		{ "template", parse_named, NODE_TEMPLATE },
		{ "block", parse_block, NODE_TEMPLATE },
		{ "define", parse_define, NODE_TEXT },
	};

	parser_skip_space(p);
	if (parser_is_word(p, "end") || parser_is_word(p, "else")) {
		*stop = parser_is_word(p, "end") ? STOP_END : STOP_ELSE;
		parser_advance(p);
		return 0;
	}
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (parser_is_word(p, actions[i].word))
			return actions[i].parse(p, actions[i].kind, ret);
	return parse_print(p, ret);
}

static void take_text(struct parser *p, struct node **ret)
{
	*ret = new_node(p, NODE_TEXT, p->token.start);
	(*ret)->text = p->token.start;
	(*ret)->len = p->token.len;
	parser_advance(p);
}

static int parse_list(struct parser *p, struct node **ret, enum stop *stop)
{
	int r = 0;

	*ret = NULL;
	while (r == 0 && *stop == STOP_NOT) {
		if (p->token.kind == TOKEN_TEXT) {
			take_text(p, ret);
		} else if (p->token.kind == TOKEN_OPEN) {
			parser_advance(p);
			r = parse_action(p, ret, stop);
		} else if (p->token.kind == TOKEN_END) {
			*stop = STOP_TEXT;
		} else {
			r = parser_refuse_token(p, "text");
		}
		while (*ret)
			ret = &(*ret)->next;
	}
	return r;
}

int template_parse(const char *text, struct arena *arena, struct template **ret, struct err *err)
{
	struct template *template = arena_new(arena, struct template);
	struct parser p = { .lexer = { .at = text }, .template = template, .arena = arena,
			    .err = err };
	enum stop stop = STOP_NOT;
	const char *at;
	int r;

	*template = (struct template){ .text = text };
	if (strnlen(text, TEMPLATE_MAX_BYTES + 1) > TEMPLATE_MAX_BYTES)
		return err_set(err, ERR_USAGE, EINVAL, "the template is larger than %zu bytes",
			       TEMPLATE_MAX_BYTES);
	parser_see(&p, "$");
	parser_advance(&p);
	at = p.token.start;
	r = parse_list(&p, &template->body, &stop);
	if (r == 0 && stop != STOP_TEXT)
		r = parser_refuse(&p, at, "{{%s}} without what it belongs to",
			   stop == STOP_END ? "end" : "else");
	if (r == 0)
		*ret = template;
	return r;
}
