/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare run: make a container, start it, and stay with it to its end; its exit status becomes ours.
 */
#include "base/log.h"
#include "cli/tare/container_args.h"
#include "cli/tare/ending.h"
#include "cli/tare/ensure_image.h"

struct run_args {
	struct container_args container; /* first: its options are rows of our table */
	struct image_args image;
	const char *detach_keys;
	int sig_proxy; /* enum */
	bool detach;
};

enum { SIG_PROXY_TRUE = 1, SIG_PROXY_FALSE };

static const struct opt options[] = {
	CONTAINER_OPTIONS,
	IMAGE_OPTIONS(struct run_args),
	OPT_FLAG(struct run_args, detach, "detach", 'd', "print its id and return as it runs"),
	OPT_STRING(struct run_args, detach_keys, "detach-keys", 0, "KEYS",
		   "what leaves its terminal and lets it run; ctrl-p,ctrl-q by default"),
	OPT_MAYBE(struct run_args, sig_proxy, "sig-proxy", "true|false",
		  "pass signals on to it; true by default"),
};

static int print_id(const struct config *config, struct err *err)
{
	auto_buf struct buf line = {};

	buf_printf(&line, "%s\n", config->id);
	return print_buf(&line, err);
}

static int print_ending(const struct call *call, const struct config *config,
			const struct ending *ending)
{
	const char *reason = ending_reason(config, ending, call->arena);

	if (reason)
		log_error("%s: %s", call->verb->command.name, reason);
	return ending->exit_code;
}

static int run(const struct call *call, struct err *err)
{
	const struct run_args *args = call->args;
	struct engine_run request = {
		.detach = args->detach,
		.sig_proxy = args->sig_proxy != SIG_PROXY_FALSE,
		.detach_keys = args->detach_keys,
	};
	struct ending ending = {};
	int r;

	r = container_config(call, &args->container, call->operands, &request.config, err);
	if (r == 0 && request.config->image)
		r = ensure_image(call, request.config->image, &args->image, err);
	if (r < 0)
		return r;
	if (!args->container.network)
		log_hint("there are no networks yet: it has only a loopback; '--network none' "
			 "says the same, '--network host' shares this machine's");
	r = id_file_make(&args->container, &request.id_fd, err);
	if (r < 0)
		return r;
	r = engine_run(call_engine(call), &request, call->arena, &ending, err);
	if (r < 0)
		id_file_remove(&args->container);
	if (r == 0 && args->detach)
		r = print_id(request.config, err);
	return r < 0 ? r : print_ending(call, request.config, &ending);
}

const struct verb verb_run = {
	.command = {
		.name = "run",
		.operands = "[IMAGE] [COMMAND] [ARGUMENT]...",
		.summary = "Make a container, start it, and wait for its end",
		.max_operands = OPT_OPERANDS_ANY,
		.in_order = true,
		OPT_ROWS(options),
	},
	.flags = VERB_MAKES,
	.args_size = sizeof(struct run_args),
	.run = run,
};
