/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eq, ne, lt, le, gt, ge. Only what has the same type is compared; nothing equals nothing.
 */
#include "template/functions.h"
#include "template/print.h"

#include <string.h>

static bool is_nothing(const struct value *value)
{
	return value->kind == VALUE_NIL || value->kind == VALUE_ABSENT;
}

/* Positive, negative or 0, of two of the same kind. */
static int order(const struct value *a, const struct value *b)
{
	switch (a->kind) {
	case VALUE_INT:
		return (a->integer > b->integer) - (a->integer < b->integer);
	case VALUE_FLOAT:
		return (a->number > b->number) - (a->number < b->number);
	default:
		return strcmp(a->string, b->string);
	}
}

static int refuse_types(struct function_call *call, size_t other)
{
	return function_refuse(call, "%s and %s can't be compared", print_type(call->args[0]),
			       print_type(call->args[other]));
}

static int equals(struct function_call *call, size_t other, bool *ret)
{
	const struct value *a = call->args[0], *b = call->args[other];

	if (is_nothing(a) || is_nothing(b))
		*ret = is_nothing(a) && is_nothing(b);
	else if (a->kind != b->kind || a->kind > VALUE_STRING)
		return refuse_types(call, other);
	else if (a->kind == VALUE_BOOL)
		*ret = a->boolean == b->boolean;
	else
		*ret = order(a, b) == 0;
	return 0;
}

/* Is the first one of the others? */
int function_eq(struct function_call *call, const struct value **ret)
{
	bool is_equal = false;
	int r = 0;

	for (size_t i = 1; r == 0 && !is_equal && i < call->n; i++)
		r = equals(call, i, &is_equal);
	*ret = is_equal ? &value_true : &value_false;
	return r;
}

int function_ne(struct function_call *call, const struct value **ret)
{
	bool is_equal = false;
	int r = equals(call, 1, &is_equal);

	*ret = is_equal ? &value_false : &value_true;
	return r;
}

static int compare(struct function_call *call, bool takes_less, bool takes_equal,
		   const struct value **ret)
{
	const struct value *a = call->args[0], *b = call->args[1];
	int o;

	if (a->kind != b->kind ||
	    (a->kind != VALUE_INT && a->kind != VALUE_FLOAT && a->kind != VALUE_STRING))
		return refuse_types(call, 1);
	o = order(a, b);
	*ret = (o == 0 ? takes_equal : (o < 0) == takes_less) ? &value_true : &value_false;
	return 0;
}

int function_lt(struct function_call *call, const struct value **ret)
{
	return compare(call, true, false, ret);
}

int function_le(struct function_call *call, const struct value **ret)
{
	return compare(call, true, true, ret);
}

int function_gt(struct function_call *call, const struct value **ret)
{
	return compare(call, false, false, ret);
}

int function_ge(struct function_call *call, const struct value **ret)
{
	return compare(call, false, true, ret);
}
