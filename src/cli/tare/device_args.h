/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The options that give a container devices of the host, docker's. */

#include "base/opt.h"
#include "engine/config.h"

struct device_args {
	struct opt_strings devices, rules;
};

/* The rows, for a verb whose struct `type` has a struct device_args `in`. */
#define DEVICE_OPTIONS(type, in)                                                                \
	OPT_STRINGS(type, in.devices, "device", 0, "SOURCE[:TARGET][:ACCESS]",                  \
		    "a device of the host, or all in a directory; ACCESS: some of rwm"),        \
	OPT_STRINGS(type, in.rules, "device-cgroup-rule", 0, "RULE",                            \
		    "devices that it may use if it has a node of them, as 'c 13:* rwm'")

/* What they ask for, into `config`; strings are copied to `arena`. */
int device_args_fill(const struct device_args *args, struct arena *arena, struct config *config,
		     struct err *err);
