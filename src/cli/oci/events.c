/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci events: what the container uses, every few seconds, and the OOM killer's visits as they
 * happen, a JSON object a line. It ends with the container.
 */
#include "cli/oci/verb.h"

#include "base/clock.h"
#include "base/num.h"

#include <poll.h>
#include <string.h>

#define DEFAULT_INTERVAL_MS 5000

struct events_args {
	const char *interval;
	bool stats;
};

static const struct opt options[] = {
	OPT_STRING(struct events_args, interval, "interval", 0, "DURATION",
		   "time between two records, as 500ms, 5s or 1m30s; 5s by default"),
	OPT_FLAG(struct events_args, stats, "stats", 0, "print one record and end"),
};

/* The unit at `word`, in ms; *ret_len is its length. */
static uint64_t unit_ms(const char *word, size_t *ret_len)
{
	if (strncmp(word, "ms", 2) == 0) {
		*ret_len = 2;
		return 1;
	}
	*ret_len = 1;
	switch (*word) {
	case 's':
		return 1000;
	case 'm':
		return 60 * 1000;
	case 'h':
		return 60 * 60 * 1000;
	default:
		return 0;
	}
}

/* "1m30s"; a bare number is seconds. */
static int parse_interval(const char *word, int *ret_ms)
{
	uint64_t total = 0, unit, value;
	size_t len;

	if (num_parse_u64(word, &value) == 0) {
		total = value < INT32_MAX ? value * 1000 : UINT64_MAX;
		word = "";
	}
	while (*word) {
		char digits[16] = "";

		len = strspn(word, "0123456789");
		if (len >= sizeof(digits))
			return -EINVAL;
		memcpy(digits, word, len);
		word += len;
		unit = unit_ms(word, &len);
		if (!unit || num_parse_u64(digits, &value) < 0 || value > INT32_MAX)
			return -EINVAL;
		total += value * unit;
		word += len;
	}
	if (total == 0 || total > INT32_MAX)
		return -EINVAL;
	*ret_ms = (int)total;
	return 0;
}

static int print_stats(const struct call *call, struct err *err)
{
	auto_buf struct buf out = {};
	int r = rt_stats_format(call_rt(call), call->operands[0], &out, err);

	return r < 0 ? r : print_buf(&out, err);
}

static int print_oom(const struct call *call, struct err *err)
{
	auto_buf struct buf out = {};

	buf_printf(&out, "{\"type\":\"oom\",\"id\":\"%s\"}\n", call->operands[0]);
	return print_buf(&out, err);
}

/* Returns 1 when the container is gone. */
static int wait_oom(const struct call *call, int oom_fd, uint64_t *seen, int64_t until_ms,
		    struct err *err)
{
	for (;;) {
		struct pollfd poll_fd = { .fd = oom_fd, .events = POLLIN | POLLPRI };
		int64_t left = until_ms - clock_ms();
		int r;

		if (left <= 0)
			return 0;
		r = poll(&poll_fd, 1, (int)left);
		if (r < 0 && errno != EINTR)
			return err_sys(err, errno, "poll");
		if (r <= 0)
			continue;
		r = rt_oom_consume(call_rt(call), call->operands[0], oom_fd, seen, err);
		if (r == 1)
			r = print_oom(call, err);
		if (r < 0)
			return r == -ESRCH ? 1 : r;
	}
}

static bool has_ended(const struct err *err)
{
	return err->kind == ERR_CONFLICT || err->kind == ERR_NOT_FOUND;
}

static int follow(const struct call *call, int interval_ms, struct err *err)
{
	auto_close int oom_fd = -1;
	uint64_t seen = 0;
	int r;

	r = rt_oom_open(call_rt(call), call->operands[0], &oom_fd, err);
	if (r == 0)
		r = print_stats(call, err);
	if (r < 0)
		return r;
	while (r == 0) {
		r = wait_oom(call, oom_fd, &seen, clock_ms() + interval_ms, err);
		if (r == 0)
			r = print_stats(call, err);
	}
	return r < 0 && !has_ended(err) ? r : 0;
}

static int events(const struct call *call, struct err *err)
{
	const struct events_args *args = call->args;
	int interval_ms = DEFAULT_INTERVAL_MS;

	if (args->interval && parse_interval(args->interval, &interval_ms) < 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       "--interval: '%s' is not a duration such as 5s", args->interval);
	if (args->stats)
		return print_stats(call, err);
	return follow(call, interval_ms, err);
}

const struct verb verb_events = {
	.command = {
		.name = "events",
		.operands = "CONTAINER",
		.summary = "Print what a container uses, and its OOM events, as JSON",
		.min_operands = 1,
		.max_operands = 1,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct events_args),
	.run = events,
};
