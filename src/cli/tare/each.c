/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One verb, several containers.
 */
#include "cli/tare/each.h"

#include "base/log.h"

#include <string.h>

int each_container(const struct call *call, each_fn *fn)
{
	int status = 0;

	for (char **who = call->operands; *who; who++) {
		struct err err = {};

		if (fn(call, *who, &err) >= 0)
			continue;
		(void)err_wrap(&err, "%s %s", call->verb->command.name, *who);
		log_error("%s", err.msg);
		call_hint(call, &err);
		status = call->program->status(call, &err);
	}
	return status;
}

void each_print(const char *who)
{
	auto_buf struct buf line = {};
	struct err ignored;

	buf_printf(&line, "%s\n", who);
	(void)print_buf(&line, &ignored);
}
