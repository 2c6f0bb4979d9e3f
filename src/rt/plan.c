/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan as a growing list. What goes into it is decided in rt/plan_*.c, in which order in
 * rt/birth.c and rt/exec.c.
 */
#include "rt/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void plan_init(struct plan *plan)
{
	*plan = (struct plan){};
}

void plan_done(struct plan *plan)
{
	for (size_t i = 0; i < plan->n_fds; i++)
		(void)close(plan->fds[i]);
	arena_done(&plan->arena);
	*plan = (struct plan){};
}

/* Room for one more item in an array of the arena; what it had is left behind there. */
static void *grown(struct plan *plan, void *items, size_t n, size_t *cap, size_t size)
{
	void *copy;

	if (n < *cap)
		return items;
	*cap = *cap ? *cap * 2 : 64;
	copy = arena_alloc(&plan->arena, *cap * size);
	if (n)
		memcpy(copy, items, n * size);
	return copy;
}

void plan_add(struct plan *plan, op_fn *run, const void *arg, const char *what, ...)
{
	char text[320];
	va_list ap;

	va_start(ap, what);
	(void)vsnprintf(text, sizeof(text), what, ap);
	va_end(ap);
	plan->ops = grown(plan, plan->ops, plan->n, &plan->cap, sizeof(*plan->ops));
	plan->ops[plan->n++] = (struct op){
		.run = run,
		.what = strcmp(text, what) == 0 ? what : arena_strdup(&plan->arena, text),
		.arg = arg,
	};
}

int plan_own_fd(struct plan *plan, int fd)
{
	plan->fds = grown(plan, plan->fds, plan->n_fds, &plan->cap_fds, sizeof(*plan->fds));
	plan->fds[plan->n_fds++] = fd;
	return fd;
}
