/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What templates may call: Go's functions and docker's. A function gets its arguments and gives a
 * value, or says in words what does not suit it.
 */

#include "template/value.h"

struct function_call {
	const struct value *const *args; /* of no more and no fewer than the function takes */
	size_t n;
	struct arena *arena;
	struct buf made; /* for what it makes; function_string turns it into a value */
	struct err *err;
};

enum function_flags {
	FUNCTION_LAZY = 1 << 0, /* and, or: the arguments are made one by one; it has no `call` */
	FUNCTION_HEAD = 1 << 1, /* leaves the head of a column as it is */
};

/* A negative errno, or 0 and *ret. */
typedef int function_fn(struct function_call *call, const struct value **ret);

#define FUNCTION_ANY 255

struct function {
	char name[10];
	unsigned char least, most; /* arguments */
	unsigned char flags;
	function_fn *call;
};

/* NULL: there is none. */
const struct function *function_find(const char *name, size_t len);

/* Is it `and`, rather than `or`? */
bool function_is_and(const struct function *function);

/* ------------------------------------------------------------------------------- for functions */

__attribute__((format(printf, 2, 3))) int function_refuse(struct function_call *call,
							   const char *fmt, ...);

/* What is in call->made. */
int function_string(struct function_call *call, const struct value **ret);

/* An argument as a string or a number, or the words that it is none. */
int function_take_string(struct function_call *call, size_t i, const char **ret);
int function_take_int(struct function_call *call, size_t i, int64_t *ret);

extern function_fn function_eq, function_ne, function_lt, function_le, function_gt, function_ge;
extern function_fn function_html, function_js, function_urlquery;
extern function_fn function_join, function_split, function_lower, function_upper;
extern function_fn function_title, function_pad, function_truncate;
