/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was asked of a stop.
 */
#include "cli/tare/stop_args.h"

#include "sys/signals.h"

int stop_check(const struct stop_args *args, struct err *err)
{
	if (args->signal && signals_parse(args->signal) <= 0)
		return err_set(err, ERR_USAGE, EINVAL, "--signal: '%s' is no signal", args->signal);
	if (args->time.is_set && (args->time.value < -1 || args->time.value > INT32_MAX))
		return err_set(err, ERR_USAGE, ERANGE, "--time: %jd is not -1 to %d",
			       (intmax_t)args->time.value, INT32_MAX);
	return 0;
}

int stop_signal(const struct stop_args *args)
{
	return args->signal ? signals_parse(args->signal) : 0;
}

int32_t stop_time(const struct stop_args *args)
{
	return args->time.is_set ? (int32_t)args->time.value : ENGINE_STOP_TIMEOUT;
}
