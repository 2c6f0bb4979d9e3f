/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands between {{ and }}: words become operands, operands commands, commands a pipe.
 *
 *	pipe      = [ variable [ "," variable ] ( ":=" | "=" ) ] command { "|" command }
 *	command   = operand { operand }
 *	operand   = ( literal | "." | .Name | $name | function | "(" pipe ")" ) { .Name }
 */
#include "template/parser.h"

#include "template/literal.h"

#include <string.h>

int parser_refuse_token(struct parser *p, const char *wanted)
{
	int len = (int)(p->token.len < 40 ? p->token.len : 40);

	if (p->token.kind == TOKEN_BAD)
		return parser_refuse(p, p->token.start, "%s", p->lexer.reason);
	if (p->token.kind == TOKEN_CLOSE)
		return parser_refuse(p, p->token.start, "%s is missing", wanted);
	return parser_refuse(p, p->token.start, "'%.*s' where %s belongs", len, p->token.start,
			     wanted);
}

/* ------------------------------------------------------------------------------- words */

void parser_advance(struct parser *p)
{
	p->token = lexer_next(&p->lexer);
}

void parser_skip_space(struct parser *p)
{
	while (p->token.kind == TOKEN_SPACE)
		parser_advance(p);
}

bool parser_is_word(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD && strlen(word) == p->token.len &&
	       memcmp(word, p->token.start, p->token.len) == 0;
}

const char *parser_token_text(struct parser *p)
{
	return arena_strndup(p->arena, p->token.start, p->token.len);
}

int parser_descend(struct parser *p)
{
	if (++p->depth > TEMPLATE_MAX_DEPTH)
		return parser_refuse(p, p->token.start, "nested more than %d deep",
				     TEMPLATE_MAX_DEPTH);
	return 0;
}

/* ------------------------------------------------------------------------------- operands */

void parser_see(struct parser *p, const char *name)
{
	struct seen *seen = arena_new(p->arena, struct seen);

	*seen = (struct seen){ name, p->seen };
	p->seen = seen;
}

static bool is_seen(const struct parser *p, const char *name)
{
	for (const struct seen *seen = p->seen; seen; seen = seen->below)
		if (strcmp(seen->name, name) == 0)
			return true;
	return false;
}

static int parse_variable(struct parser *p, struct operand *operand)
{
	operand->kind = OPERAND_VARIABLE;
	operand->name = parser_token_text(p);
	if (!is_seen(p, operand->name))
		return parser_refuse(p, p->token.start, "there is no variable '%s'", operand->name);
	parser_advance(p);
	return 0;
}

static int parse_word(struct parser *p, struct operand *operand)
{
	const struct function *function = function_find(p->token.start, p->token.len);

	if (parser_is_word(p, "true") || parser_is_word(p, "false"))
		operand->value = parser_is_word(p, "true") ? &value_true : &value_false;
	else if (parser_is_word(p, "nil"))
		operand->value = &value_nil;
	else if (!function)
		return parser_refuse(p, p->token.start, "there is no function '%.*s'",
			      (int)(p->token.len < 64 ? p->token.len : 64), p->token.start);
	operand->kind = operand->value ? OPERAND_VALUE : OPERAND_FUNCTION;
	operand->function = operand->value ? NULL : function;
	parser_advance(p);
	return 0;
}

static int parse_literal(struct parser *p, struct operand *operand)
{
	operand->kind = OPERAND_VALUE;
	operand->value = literal_parse(&p->token, p->arena);
	if (!operand->value)
		return parser_refuse(p, p->token.start, "%.*s is no %s that can be",
			      (int)(p->token.len < 40 ? p->token.len : 40), p->token.start,
			      p->token.kind == TOKEN_NUMBER ? "number" : "string");
	parser_advance(p);
	return 0;
}

static int parse_parentheses(struct parser *p, struct operand *operand)
{
	int r = parser_descend(p);

	operand->kind = OPERAND_PIPE;
	parser_advance(p);
	if (r == 0)
		r = parser_pipe(p, TOKEN_RIGHT, 0, &operand->pipe);
	if (r == 0)
		parser_advance(p);
	p->depth--;
	return r;
}

static void add_field(struct parser *p, struct operand *operand)
{
	struct field *field = arena_new(p->arena, struct field);

	*field = (struct field){ .name = parser_token_text(p) + 1, .at = p->token.start };
	*operand->last_field = field;
	operand->last_field = &field->next;
	parser_advance(p);
}

static int parse_fields(struct parser *p, struct operand *operand)
{
	bool has_any = operand->kind == OPERAND_VARIABLE || operand->kind == OPERAND_PIPE ||
		       operand->fields;

	for (; p->token.kind == TOKEN_FIELD; add_field(p, operand))
		if (!has_any)
			return parser_refuse(p, p->token.start,
					     "a blank or a parenthesis is missing");
	return 0;
}

/* *ret is NULL where none begins. */
static int parse_operand(struct parser *p, struct operand **ret)
{
	struct operand *operand = arena_new(p->arena, struct operand);
	int r = 0;

	*ret = NULL;
	operand->at = p->token.start;
	operand->last_field = &operand->fields;
	switch (p->token.kind) {
	case TOKEN_WORD:
		r = parse_word(p, operand);
		break;
	case TOKEN_VARIABLE:
		r = parse_variable(p, operand);
		break;
	case TOKEN_FIELD:
		operand->kind = OPERAND_DOT;
		add_field(p, operand);
		break;
	case TOKEN_DOT:
		operand->kind = OPERAND_DOT;
		parser_advance(p);
		break;
	case TOKEN_LEFT:
		r = parse_parentheses(p, operand);
		break;
	case TOKEN_NUMBER:
	case TOKEN_CHAR:
	case TOKEN_STRING:
	case TOKEN_RAW:
		r = parse_literal(p, operand);
		break;
	default:
		return 0;
	}
	if (r == 0)
		r = parse_fields(p, operand);
	operand->end = p->token.start;
	*ret = operand;
	return r;
}

/* ------------------------------------------------------------------------------- pipes */

static bool ends_command(enum token_kind kind)
{
	return kind == TOKEN_PIPE || kind == TOKEN_CLOSE || kind == TOKEN_RIGHT;
}

static int parse_command(struct parser *p, struct command **ret)
{
	struct command *command = arena_new(p->arena, struct command);
	struct operand **last = &command->first;

	for (;;) {
		int r;

		parser_skip_space(p);
		r = parse_operand(p, last);
		if (r < 0)
			return r;
		if (*last) {
			last = &(*last)->next;
			command->n++;
		}
		if (ends_command(p->token.kind))
			break;
		if (p->token.kind != TOKEN_SPACE)
			return parser_refuse_token(p, "an operand");
	}
	*ret = command;
	return command->first ? 0 : parser_refuse_token(p, "a value");
}

/* What a value is handed to must be able to take it. */
static int check_command(struct parser *p, const struct pipe *pipe, const struct command *command)
{
	const struct operand *first = command->first;

	if (first->kind == OPERAND_VALUE && first->value->kind == VALUE_NIL && command->n == 1)
		return parser_refuse(p, first->at, "nil is no command");
	if (command == pipe->first || first->kind == OPERAND_FUNCTION || first->fields)
		return 0;
	return parser_refuse(p, first->at, "'%.*s' is no function, and takes nothing",
		      (int)(first->end - first->at), first->at);
}

/* At most so many variables in front of a pipe, if it has any; else nothing was taken. */
static int parse_variables(struct parser *p, size_t most, struct pipe *pipe)
{
	const struct parser before = *p;

	while (p->token.kind == TOKEN_VARIABLE && pipe->n_variables < most) {
		pipe->variables[pipe->n_variables++] = parser_token_text(p);
		parser_advance(p);
		parser_skip_space(p);
		if (p->token.kind != TOKEN_COMMA)
			break;
		parser_advance(p);
		parser_skip_space(p);
	}
	pipe->assigns = p->token.kind == TOKEN_ASSIGN;
	if (pipe->n_variables && (pipe->assigns || p->token.kind == TOKEN_DECLARE)) {
		parser_advance(p);
	} else {
		*p = before;
		pipe->n_variables = 0;
	}
	for (size_t i = 0; i < pipe->n_variables; i++)
		if (pipe->assigns && !is_seen(p, pipe->variables[i]))
			return parser_refuse(p, pipe->at, "there is no variable '%s'",
					     pipe->variables[i]);
	return 0;
}

int parser_pipe(struct parser *p, enum token_kind end, size_t most, struct pipe **ret)
{
	struct pipe *pipe = arena_new(p->arena, struct pipe);
	struct command **last = &pipe->first;
	int r;

	parser_skip_space(p);
	pipe->at = p->token.start;
	r = parse_variables(p, most, pipe);
	for (; r == 0; parser_advance(p)) {
		r = parse_command(p, last);
		if (r == 0)
			r = check_command(p, pipe, *last);
		if (r < 0 || p->token.kind != TOKEN_PIPE)
			break;
		last = &(*last)->next;
	}
	if (r < 0)
		return r;
	if (p->token.kind != end)
		return parser_refuse_token(p, end == TOKEN_RIGHT ? "')'" : "'}}'");
	for (size_t i = 0; !pipe->assigns && i < pipe->n_variables; i++)
		parser_see(p, pipe->variables[i]);
	*ret = pipe;
	return 0;
}
