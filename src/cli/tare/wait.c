/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare wait: wait for the end of containers, or for what else is asked, and print their exit
 * statuses. The words of --condition are podman's and those of docker's API.
 */
#include "base/num.h"
#include "cli/tare/each.h"

#include <string.h>

#define DEFAULT_LOOK_MS 250

struct wait_args {
	struct choose_args choose;
	struct opt_strings conditions;
	const char *interval;
};

static const struct opt options[] = {
	CHOOSE_LATEST(struct wait_args, choose),
	CHOOSE_CIDFILE(struct wait_args, choose),
	CHOOSE_IGNORE(struct wait_args, choose, 0),
	OPT_STRINGS(struct wait_args, conditions, "condition", 0, "CONDITION",
		    "until it is created, running, paused, stopped, exited, removed, or next-exit"),
	OPT_STRING(struct wait_args, interval, "interval", 'i', "TIME",
		   "how often to look where nothing tells of it, as 2s; 250ms by default"),
};

static const struct {
	const char *word;
	unsigned condition;
} words[] = {
	{ "not-running", ENGINE_NOT_RUNNING },
	{ "stopped", ENGINE_NOT_RUNNING },
	{ "exited", ENGINE_NOT_RUNNING },
	{ "next-exit", ENGINE_NEXT_EXIT },
	{ "removed", ENGINE_REMOVED },
	{ "configured", ENGINE_CREATED },
	{ "created", ENGINE_CREATED },
	{ "running", ENGINE_RUNNING },
	{ "paused", ENGINE_PAUSED },
};

static unsigned find_condition(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == len && strncmp(words[i].word, word, len) == 0)
			return words[i].condition;
	return 0;
}

/* One that is given several waits for the first to come. */
static int parse_conditions(const struct wait_args *args, unsigned *ret, struct err *err)
{
	*ret = args->conditions.n ? 0 : ENGINE_NOT_RUNNING;
	for (size_t i = 0; i < args->conditions.n; i++) {
		const char *word = args->conditions.v[i];

		for (size_t len; len = strcspn(word, ","), true; word += len + 1) {
			unsigned condition = find_condition(word, len);

			if (!condition)
				return err_set(err, ERR_USAGE, EINVAL,
					       "--condition: '%.*s' is none: there are created, "
					       "running, paused, stopped, exited, removed, "
					       "next-exit",
					       (int)len, word);
			*ret |= condition;
			if (!word[len])
				break;
		}
	}
	return 0;
}

/* A number of milliseconds, or with a unit. */
static int parse_interval(const char *word, int *ret_ms, struct err *err)
{
	static const struct {
		const char *name;
		uint32_t ms;
	} units[] = { { "", 1 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 } };
	size_t digits = word ? strspn(word, "0123456789") : 0;
	char number[12] = "";
	uint32_t value;

	*ret_ms = DEFAULT_LOOK_MS;
	if (!word)
		return 0;
	if (digits < sizeof(number))
		memcpy(number, word, digits);
	for (size_t i = 0; num_parse_u32(number, &value) == 0 && i < 5; i++)
		if (strcmp(word + digits, units[i].name) == 0 && value > 0 &&
		    value <= INT32_MAX / units[i].ms) {
			*ret_ms = (int)(value * units[i].ms);
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "--interval: '%s' is not a time, as 500ms or 2s",
		       word);
}

static int wait_one(const struct call *call, const char *who, struct err *err)
{
	auto_buf struct buf line = {};
	unsigned conditions = 0;
	int look_ms = 0, status = -1;
	int r = parse_conditions(call->args, &conditions, err);

	if (r == 0)
		r = parse_interval(((const struct wait_args *)call->args)->interval, &look_ms, err);
	if (r == 0)
		r = engine_wait(call_engine(call), who, conditions, look_ms, &status, err);
	if (r < 0)
		return r;
	buf_printf(&line, "%d\n", status);
	return print_buf(&line, err);
}

static int run(const struct call *call, struct err *err)
{
	const struct wait_args *args = call->args;
	unsigned conditions;
	int look_ms, r = parse_conditions(args, &conditions, err);

	if (r == 0)
		r = parse_interval(args->interval, &look_ms, err);
	return r < 0 ? r : each_chosen(call, &args->choose, 0, wait_one, err);
}

const struct verb verb_wait = {
	.command = {
		.name = "wait",
		.operands = "CONTAINER...",
		.summary = "Wait for containers to end, and print their exit statuses",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct wait_args),
	.run = run,
};
