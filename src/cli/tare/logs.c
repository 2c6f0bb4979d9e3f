/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare logs: what containers wrote.
 */
#include "base/moment.h"
#include "base/num.h"
#include "cli/tare/verb.h"

#include <string.h>
#include <unistd.h>

struct logs_args {
	const char *tail, *since, *until;
	bool follow, timestamps, details, names, latest;
};

static const struct opt options[] = {
	OPT_FLAG(struct logs_args, follow, "follow", 'f', "go on until the container ends"),
	OPT_STRING(struct logs_args, tail, "tail", 'n', "LINES",
		   "only so many lines from the end; all by default"),
	OPT_FLAG(struct logs_args, timestamps, "timestamps", 't', "say when each was written"),
	OPT_STRING(struct logs_args, since, "since", 0, "MOMENT",
		   "what was written since then: 10m, 1h30m, 2026-11-27T11:00:00Z, or seconds"),
	OPT_STRING(struct logs_args, until, "until", 0, "MOMENT", "what was written until then"),
	OPT_FLAG(struct logs_args, details, "details", 0,
		 "say the labels and variables that --log-opt names"),
	OPT_FLAG(struct logs_args, names, "names", 0, "say the container's name"),
	OPT_FLAG(struct logs_args, latest, "latest", 'l', "of the container that was made last"),
};

static int parse_moment(const char *option, const char *word, struct timespec *ret,
			struct err *err)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (!word || moment_parse_any(word, &now, ret) == 0)
		return 0;
	(void)err_set(err, ERR_USAGE, EINVAL, "%s: '%.128s' is no moment", option, word);
	return err_hint(err, "write 10m for ten minutes ago, 2026-11-27, 2026-11-27T11:00:00Z, or "
			     "seconds since 1970");
}

/* As docker: less than none is all. */
static int parse_tail(const char *word, int64_t *ret, struct err *err)
{
	*ret = -1;
	if (!word || strcmp(word, "all") == 0 || num_parse_i64(word, ret) == 0)
		return 0;
	return err_set(err, ERR_USAGE, EINVAL, "--tail: '%s' is no number of lines", word);
}

static int find_latest(const struct call *call, const char **ret, struct err *err)
{
	struct engine_container *list = NULL;
	size_t n = 0;
	int r = engine_list(call_engine(call), call->arena, &list, &n, err);

	if (r == 0 && n == 0)
		r = err_set(err, ERR_NOT_FOUND, ENOENT, "--latest: there is no container");
	if (r == 0)
		*ret = list[0].config->id;
	return r;
}

/* Whose, as a list that ends with NULL. */
static int find_operands(const struct call *call, char ***ret, struct err *err)
{
	const struct logs_args *args = call->args;
	const char *latest = NULL;
	int r;

	*ret = call->operands;
	if (!args->latest && !*call->operands)
		return err_set(err, ERR_USAGE, EINVAL, "CONTAINER is missing");
	if (!args->latest)
		return 0;
	if (*call->operands)
		return err_set(err, ERR_USAGE, EINVAL, "--latest goes without CONTAINER");
	r = find_latest(call, &latest, err);
	if (r < 0)
		return r;
	*ret = arena_array(call->arena, char *, 2);
	(*ret)[0] = arena_strdup(call->arena, latest);
	return 0;
}

static int run(const struct call *call, struct err *err)
{
	const struct logs_args *args = call->args;
	struct engine_logs request = {
		.follow = args->follow,
		.timestamps = args->timestamps,
		.details = args->details,
		.names = args->names,
		.out_fds = { STDOUT_FILENO, STDERR_FILENO },
	};
	char **who = NULL;
	int r = parse_tail(args->tail, &request.tail, err);

	if (r == 0)
		r = parse_moment("--since", args->since, &request.since, err);
	if (r == 0)
		r = parse_moment("--until", args->until, &request.until, err);
	if (r == 0)
		r = find_operands(call, &who, err);
	if (r < 0)
		return r;
	request.ids = who[1] != NULL;
	return engine_logs(call_engine(call), who, &request, err);
}

const struct verb verb_logs = {
	.command = {
		.name = "logs",
		.operands = "[CONTAINER]...",
		.summary = "Print what containers wrote",
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct logs_args),
	.run = run,
};
