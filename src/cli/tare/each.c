/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One verb, several containers.
 */
#include "cli/tare/each.h"

#include "base/log.h"

int each_failed(const struct call *call, const struct chosen *chosen, const char *who,
		struct err *err)
{
	if (chosen->ignore && err->kind == ERR_NOT_FOUND)
		return 0;
	(void)err_wrap(err, "%s %s", call->verb->command.name, who);
	log_error("%s", err->msg);
	call_hint(call, err);
	return call->program->status(call, err);
}

static int act(const struct call *call, const struct chosen *chosen, each_fn *fn)
{
	int status = 0, r;

	for (size_t i = 0; i < chosen->n; i++) {
		struct err err = {};

		if (fn(call, chosen->who[i], &err) >= 0)
			continue;
		r = each_failed(call, chosen, chosen->who[i], &err);
		status = r ? r : status;
	}
	return status;
}

int each_container(const struct call *call, each_fn *fn)
{
	struct chosen chosen = { .who = call->operands };

	while (chosen.who[chosen.n])
		chosen.n++;
	return act(call, &chosen, fn);
}

int each_chosen(const struct call *call, const struct choose_args *args, unsigned all, each_fn *fn,
		struct err *err)
{
	struct chosen chosen;
	int r = choose(call, args, all, &chosen, err);

	return r < 0 ? r : act(call, &chosen, fn);
}

void each_print(const char *who)
{
	auto_buf struct buf line = {};
	struct err ignored;

	buf_printf(&line, "%s\n", who);
	(void)print_buf(&line, &ignored);
}
