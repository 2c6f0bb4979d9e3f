/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How containers are asked to end, for each verb that does. */

#include "cli/tare/verb.h"

struct stop_args {
	const char *signal;
	struct opt_i64 time;
};

#define STOP_OPTIONS                                                                           \
	OPT_STRING(struct stop_args, signal, "signal", 's', "SIGNAL",                          \
		   "what to ask with; the container's stop signal by default"),                \
	OPT_I64(struct stop_args, time, "time", 't', "SECONDS",                                \
		"how long to wait before SIGKILL, -1 for ever; 10 by default")

int stop_check(const struct stop_args *args, struct err *err);

/* As engine_stop takes them. */
int stop_signal(const struct stop_args *args);
int32_t stop_time(const struct stop_args *args);
