/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scheduling policies: names to numbers, and the rules of which number belongs to which policy, so
 * that a config.json that can't work is refused with its reason instead of the kernel's EINVAL.
 */
#include "sys/sched.h"

#include <linux/sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum takes { TAKES_NICE = 1 << 0, TAKES_PRIORITY = 1 << 1, TAKES_DEADLINE = 1 << 2 };

static const struct {
	const char *name;
	uint32_t number;
	unsigned takes;
} policies[] = {
	{ "SCHED_OTHER",    SCHED_NORMAL,   TAKES_NICE },
	{ "SCHED_BATCH",    SCHED_BATCH,    TAKES_NICE },
	{ "SCHED_IDLE",	    SCHED_IDLE,	    TAKES_NICE },
	{ "SCHED_FIFO",	    SCHED_FIFO,	    TAKES_PRIORITY },
	{ "SCHED_RR",	    SCHED_RR,	    TAKES_PRIORITY },
	{ "SCHED_DEADLINE", SCHED_DEADLINE, TAKES_DEADLINE },
};

static const struct {
	const char *name;
	uint64_t bit;
} flag_names[] = {
	{ "SCHED_FLAG_RESET_ON_FORK",  SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_RECLAIM",	       SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_DL_OVERRUN",     SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_POLICY",    SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_KEEP_PARAMS",    SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
};

static int parse_policy(const char *name, struct sched_params *params, unsigned *ret_takes,
			struct err *err)
{
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++)
		if (strcmp(policies[i].name, name) == 0) {
			params->policy = policies[i].number;
			*ret_takes = policies[i].takes;
			return 0;
		}
	if (strcmp(name, "SCHED_ISO") == 0)
		return err_set(err, ERR_USAGE, ENOTSUP, "policy 'SCHED_ISO' is reserved: no kernel "
							"has it");
	return err_set(err, ERR_USAGE, EINVAL, "unknown policy '%.64s'", name);
}

static int parse_flag(const char *name, uint64_t *flags, struct err *err)
{
	for (size_t i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++)
		if (strcmp(flag_names[i].name, name) == 0) {
			*flags |= flag_names[i].bit;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "unknown flag '%.64s'", name);
}

static int check_numbers(const struct sched_request *request, unsigned takes, struct err *err)
{
	if (request->nice < -20 || request->nice > 19)
		return err_set(err, ERR_USAGE, ERANGE, "nice %d is not in -20..19", request->nice);
	if (takes & TAKES_PRIORITY && (request->priority < 1 || request->priority > 99))
		return err_set(err, ERR_USAGE, ERANGE,
			       "priority %d is not in 1..99, as %.64s needs",
			       request->priority, request->policy);
	if (!(takes & TAKES_PRIORITY) && request->priority)
		return err_set(err, ERR_USAGE, EINVAL,
			       "priority: only for SCHED_FIFO and SCHED_RR");
	if (!(takes & TAKES_DEADLINE) &&
	    (request->runtime_ns || request->deadline_ns || request->period_ns))
		return err_set(err, ERR_USAGE, EINVAL,
			       "runtime, deadline, period: only for SCHED_DEADLINE");
	return 0;
}

int sched_parse(const struct sched_request *request, struct sched_params *ret, struct err *err)
{
	struct sched_params params = {
		.size = sizeof(params),
		.nice = request->nice,
		.priority = (uint32_t)request->priority,
		.runtime_ns = request->runtime_ns,
		.deadline_ns = request->deadline_ns,
		.period_ns = request->period_ns,
	};
	unsigned takes = 0;
	int r = parse_policy(request->policy, &params, &takes, err);

	for (size_t i = 0; i < request->n_flags && r == 0; i++)
		r = parse_flag(request->flags[i], &params.flags, err);
	if (r == 0)
		r = check_numbers(request, takes, err);
	if (r == 0)
		*ret = params;
	return r;
}

int sched_set(const struct sched_params *params)
{
	return syscall(SYS_sched_setattr, 0, params, 0) < 0 ? -errno : 0;
}
