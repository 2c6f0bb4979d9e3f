/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What verbs share that stop containers: how long each is given. */

#include "cli/tare/each.h"

/* Docker's two names of it, and podman's. */
#define STOP_TIME(type, field, text)                                           \
	OPT_I64(type, field, "time", 't', "SECONDS", "how long to wait " text), \
	OPT_I64(type, field, "timeout", 0, "SECONDS", "the same as --time")

/* ERR_USAGE: -1 and up make sense. */
int stop_check_time(const struct opt_i64 *time, struct err *err);

/* *ret: the signal, or 0 if none was asked for. ERR_USAGE: there is no such signal. */
int stop_parse_signal(const char *word, int *ret, struct err *err);

static inline int32_t stop_timeout(const struct opt_i64 *time)
{
	return time->is_set ? (int32_t)time->value : ENGINE_STOP_TIMEOUT;
}

/* All at once. How it went with each, in the call's arena. */
struct engine_stop *stop_chosen(const struct call *call, const struct chosen *chosen, int signal,
				int32_t timeout_s);

/* Print those that `stops` says went well, and what went wrong with the others. Returns the exit
 * status. */
int stop_report(const struct call *call, const struct chosen *chosen, struct engine_stop *stops);
