/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A parsed template, as template/parser.c makes it and template/evaluate.c walks it. Everything
 * points into the template's text where it stands, for errors.
 */

#include "template/functions.h"
#include "template/template.h"

/* `.Name` behind an operand. */
struct field {
	const char *name, *at;
	struct field *next;
};

enum operand_kind {
	OPERAND_VALUE, /* a literal */
	OPERAND_DOT,
	OPERAND_VARIABLE,
	OPERAND_FUNCTION,
	OPERAND_PIPE,  /* in parentheses */
};

struct operand {
	enum operand_kind kind;
	const char *at, *end;
	const char *name;                /* of a variable, with its '$' */
	const struct function *function;
	const struct value *value;
	struct pipe *pipe;
	struct field *fields, **last_field;
	struct operand *next;
};

/* An operand, and what it is given. */
struct command {
	struct operand *first;
	size_t n;
	struct command *next;
};

struct pipe {
	const char *at;
	const char *variables[2]; /* what it declares or, with `assigns`, sets */
	size_t n_variables;
	bool assigns;
	struct command *first;
};

enum node_kind {
	NODE_TEXT,
	NODE_PRINT, /* a pipe by itself */
	NODE_IF,
	NODE_WITH,
	NODE_RANGE,
	NODE_BREAK,
	NODE_CONTINUE,
	NODE_TEMPLATE,
};

struct node {
	enum node_kind kind;
	const char *at;
	const char *text; /* of NODE_TEXT; of NODE_TEMPLATE its name */
	size_t len;
	struct pipe *pipe; /* NULL: none was given */
	struct node *body, *otherwise;
	struct node *next;
};

/* {{define "name"}} */
struct definition {
	const char *name;
	struct node *body;
	struct definition *next;
};

struct template {
	const char *text;
	struct node *body;
	struct definition *definitions;
};

/* Describe what is wrong, with the place. -EINVAL. */
__attribute__((format(printf, 4, 5))) int
template_refuse(const char *text, const char *at, struct err *err, const char *fmt, ...);
