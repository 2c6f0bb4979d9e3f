/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a container ended. The kernel counts whom it killed, and does not say whom: 137 together with
 * a count is taken as the answer.
 */
#include "cli/tare/ending.h"

#include "base/log.h"

#include "cli/tare/quantity.h"

#define KILLED 137 /* 128 and SIGKILL */

const char *ending_reason(const struct config *config, const struct ending *ending,
			  struct arena *arena)
{
	auto_buf struct buf text = {};

	if (ending->exit_code != KILLED || !ending->oom_kills)
		return NULL;
	if (!config->memory_bytes)
		return "OOM-killed: the machine had no memory left";
	buf_puts(&text, "OOM-killed: needed more than its limit of ");
	quantity_bytes(&text, (uint64_t)config->memory_bytes);
	return arena_strdup(arena, buf_str(&text));
}

int ending_tell(const struct call *call, const struct config *config, const struct ending *ending)
{
	const char *reason = ending_reason(config, ending, call->arena);

	if (reason)
		log_error("%s: %s", call->verb->command.name, reason);
	return ending->exit_code;
}
