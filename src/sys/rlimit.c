/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resource limits: a name, two numbers, one system call. Nothing is rounded or lowered to what
 * would be allowed, since the runtime specification wants exactly what was asked for, or an error.
 */
#include "sys/rlimit.h"

#include <string.h>
#include <sys/resource.h>

static const char *const names[] = {
	[RLIMIT_AS]	    = "RLIMIT_AS",
	[RLIMIT_CORE]	    = "RLIMIT_CORE",
	[RLIMIT_CPU]	    = "RLIMIT_CPU",
	[RLIMIT_DATA]	    = "RLIMIT_DATA",
	[RLIMIT_FSIZE]	    = "RLIMIT_FSIZE",
	[RLIMIT_LOCKS]	    = "RLIMIT_LOCKS",
	[RLIMIT_MEMLOCK]    = "RLIMIT_MEMLOCK",
	[RLIMIT_MSGQUEUE]   = "RLIMIT_MSGQUEUE",
	[RLIMIT_NICE]	    = "RLIMIT_NICE",
	[RLIMIT_NOFILE]	    = "RLIMIT_NOFILE",
	[RLIMIT_NPROC]	    = "RLIMIT_NPROC",
	[RLIMIT_RSS]	    = "RLIMIT_RSS",
	[RLIMIT_RTPRIO]	    = "RLIMIT_RTPRIO",
	[RLIMIT_RTTIME]	    = "RLIMIT_RTTIME",
	[RLIMIT_SIGPENDING] = "RLIMIT_SIGPENDING",
	[RLIMIT_STACK]	    = "RLIMIT_STACK",
};

int rlimit_parse(const char *type, uint64_t soft, uint64_t hard, struct rlimit_value *ret,
		 struct err *err)
{
	if (soft > hard)
		return err_set(err, ERR_USAGE, EINVAL,
			       "soft limit of '%.64s' is above its hard limit",
			       type);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], type) == 0) {
			*ret = (struct rlimit_value){ (int)i, soft, hard };
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "unknown rlimit '%.64s'", type);
}

int rlimit_set(const struct rlimit_value *value)
{
	const struct rlimit64 limit = { .rlim_cur = value->soft, .rlim_max = value->hard };

	return setrlimit64((__rlimit_resource_t)value->resource, &limit) < 0 ? -errno : 0;
}

int rlimit_get(struct rlimit_value *value)
{
	struct rlimit64 limit;

	if (getrlimit64((__rlimit_resource_t)value->resource, &limit) < 0)
		return -errno;
	value->soft = limit.rlim_cur;
	value->hard = limit.rlim_max;
	return 0;
}

int rlimit_raise(const struct rlimit_value *value)
{
	struct rlimit_value now = { .resource = value->resource };
	int r = rlimit_get(&now);

	if (r < 0 || now.hard >= value->hard)
		return r;
	now.hard = value->hard;
	return rlimit_set(&now);
}
