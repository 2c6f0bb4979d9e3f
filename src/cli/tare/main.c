/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare: the engine's command line. What its options before the verb mean, what can be done about a
 * failure, and the exit status of one: 125 is ours, 126 and 127 say that the container's command
 * can't be executed or is not there, as docker has it.
 */
#include "base/log.h"
#include "cli/tare/verb.h"

#include <string.h>

enum { STATUS_FAILURE = 1, STATUS_OURS = 125 };
enum { LEVEL_ERROR = 1, LEVEL_WARNING, LEVEL_WARN, LEVEL_INFO, LEVEL_DEBUG };

struct globals {
	const char *root, *cgroup_parent;
	int log_level;
	bool debug, version;
};

static const struct opt global_options[] = {
	OPT_STRING(struct globals, root, "root", 0, "DIR",
		   "where all is kept; /var/lib/tare by default"),
	OPT_STRING(struct globals, cgroup_parent, "cgroup-parent", 0, "PATH",
		   "the control group below which all others are made; /tare by default"),
	OPT_CHOICE(struct globals, log_level, "log-level", 'l', "error|warning|warn|info|debug",
		   "least severity that is told; warning by default"),
	OPT_FLAG(struct globals, debug, "debug", 'D', "the same as --log-level debug"),
	OPT_FLAG(struct globals, version, "version", 'v', "print the version"),
};

static const struct opt_command global_command = {
	.name = PROGRAM,
	.summary = "Run containers, without a daemon",
	.operands = "COMMAND",
	.max_operands = OPT_OPERANDS_ANY,
	.in_order = true,
	OPT_ROWS(global_options),
};

static int print_version(struct err *err)
{
	static const char text[] = PROGRAM " version " TARE_VERSION "\n";
	auto_buf struct buf out = {};

	buf_add(&out, text, sizeof(text) - 1);
	return print_buf(&out, err);
}

static int begin(const struct call *call, struct err *err)
{
	static const unsigned char levels[] = {
		[LEVEL_ERROR] = LOG_LEVEL_ERROR,  [LEVEL_WARNING] = LOG_LEVEL_WARNING,
		[LEVEL_WARN] = LOG_LEVEL_WARNING, [LEVEL_INFO] = LOG_LEVEL_INFO,
		[LEVEL_DEBUG] = LOG_LEVEL_DEBUG,
	};
	const struct globals *globals = call->globals;
	int r;

	if (globals->debug)
		log_set_level(LOG_LEVEL_DEBUG);
	else if (globals->log_level)
		log_set_level(levels[globals->log_level]);
	if (!globals->version)
		return 0;
	r = print_version(err);
	return r < 0 ? r : 1;
}

static int prepare(struct call *call, struct err *err)
{
	const struct globals *globals = call->globals;
	struct engine *engine = arena_new(call->arena, struct engine);

	call->state = engine;
	return engine_open(engine, globals->root, globals->cgroup_parent, call->arena, err);
}

/* ------------------------------------------------------------------------------- failures */

/* Those that docker tells apart from the container's own. */
static bool is_a_birth(const struct verb *verb)
{
	return verb == &verb_run || verb == &verb_create || verb == &verb_exec;
}

static int status(const struct call *call, const struct err *err)
{
	if (err->kind == ERR_COMMAND)
		return status_of_failure(err);
	if (err->kind == ERR_USAGE || is_a_birth(call->verb))
		return STATUS_OURS;
	return STATUS_FAILURE;
}

static void hint(const struct call *call, const struct err *err)
{
	if (err->kind == ERR_NOT_FOUND && !*err->hint && call_names_container(call))
		log_hint("'" PROGRAM " ps --all' shows the containers there are");
	else if (err->kind == ERR_NOT_FOUND &&
		 strncmp(call->verb->command.operands, "NETWORK", 7) == 0)
		log_hint("'" PROGRAM " network ls' shows the networks there are");
}

/* ------------------------------------------------------------------------------- main */

static const struct verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "cli/tare/verbs.def"
#undef VERB
};

static const struct program tare = {
	.global = &global_command,
	.globals_size = sizeof(struct globals),
	.verbs = verbs,
	.n_verbs = sizeof(verbs) / sizeof(verbs[0]),
	.lister = "ps -a --format names",
	.usage_status = STATUS_OURS,
	.begin = begin,
	.prepare = prepare,
	.status = status,
	.hint = hint,
};

int main(int argc, char **argv)
{
	return program_main(&tare, argc, argv);
}
