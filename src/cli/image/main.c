/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-image: moves the bytes of images, for tare, which executes it. It is a program of its own
 * since what it is linked with (libcurl, libcrypto, decompressors) would cost `tare run` its start.
 * Its messages are tare's, whose command line they are about.
 */
#include "base/log.h"
#include "cli/image/verb.h"

#include <signal.h>

enum { STATUS_FAILURE = 1, STATUS_OURS = 125 };

struct globals {
	const char *root;
	bool debug;
};

static const struct opt global_options[] = {
	OPT_STRING(struct globals, root, "root", 0, "DIR", "where all is kept"),
	OPT_FLAG(struct globals, debug, "debug", 'D', "tell more"),
};

static const struct opt_command global_command = {
	.name = "tare",
	.summary = "Move images; called by tare",
	.operands = "COMMAND",
	.max_operands = OPT_OPERANDS_ANY,
	.in_order = true,
	OPT_ROWS(global_options),
};

/* Who closes a pipe that we write to is told of by the call. */
static int begin(const struct call *call, struct err *err)
{
	const struct globals *globals = call->globals;

	(void)err;
	if (globals->debug)
		log_set_level(LOG_LEVEL_DEBUG);
	(void)signal(SIGPIPE, SIG_IGN);
	return 0;
}

static int prepare(struct call *call, struct err *err)
{
	const struct globals *globals = call->globals;
	struct image_state *state = arena_new(call->arena, struct image_state);
	int r;

	call->state = state;
	if (!globals->root)
		return err_set(err, ERR_USAGE, EINVAL, "--root is missing: 'tare' says it");
	r = engine_open(&state->engine, globals->root, NULL, call->arena, err);
	return r < 0 ? r : store_open(globals->root, true, &state->store, err);
}

static int status(const struct call *call, const struct err *err)
{
	(void)call;
	return err->kind == ERR_USAGE ? STATUS_OURS : STATUS_FAILURE;
}

static void hint(const struct call *call, const struct err *err)
{
	if (err->kind == ERR_NOT_FOUND && call_names_container(call))
		log_hint("'tare ps --all' shows the containers there are");
}

static const struct verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "cli/image/verbs.def"
#undef VERB
};

static const struct program tare_image = {
	.global = &global_command,
	.globals_size = sizeof(struct globals),
	.verbs = verbs,
	.n_verbs = sizeof(verbs) / sizeof(verbs[0]),
	.lister = "",
	.usage_status = STATUS_OURS,
	.begin = begin,
	.prepare = prepare,
	.status = status,
	.hint = hint,
};

int main(int argc, char **argv)
{
	return program_main(&tare_image, argc, argv);
}
