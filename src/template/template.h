/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Templates as docker's and podman's --format take them: Go's text/template with docker's functions
 * (json, join, split, lower, upper, title, pad, truncate). They are the user's, and so is what is
 * in the values; what one takes is bounded: in depth, in steps, and in the bytes that it makes.
 *
 * What Go has and this has not: methods, complex numbers, and letters beyond ASCII in lower, upper
 * and title.
 */

#include "template/value.h"

#define TEMPLATE_MAX_BYTES ((size_t)1 << 20)
#define TEMPLATE_MAX_DEPTH 100                /* of what is nested; twice that where it runs */
#define TEMPLATE_MAX_WORK  ((size_t)16 << 20) /* steps, and bytes that are made */

struct template;

/* Errors have the place: "template: 1:7: there is no function 'x'". ERR_USAGE. The template keeps
 * pointing into `text`. */
int template_parse(const char *text, struct arena *arena, struct template **ret,
		   struct err *err);

/* Add what it makes of `dot`. What it needs on the way stays in `arena`. ERR_USAGE; what was made
 * up to there has been added. */
int template_execute(const struct template *template, const struct value *dot,
		     struct arena *arena, struct buf *out, struct err *err);

/*
 * The same for the head of a table, where each member of `dot` is the head of its column: what
 * would change or take apart a value leaves a head as it is.
 */
int template_execute_head(const struct template *template, const struct value *dot,
			  struct arena *arena, struct buf *out, struct err *err);
