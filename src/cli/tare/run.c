/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare run: make a container, start it, and stay with it to its end; its exit status becomes ours.
 */
#include "cli/tare/attach_args.h"
#include "cli/tare/container_args.h"
#include "cli/tare/ending.h"
#include "cli/tare/ensure_image.h"

struct run_args {
	struct container_args container; /* first: its options are rows of our table */
	struct image_args image;
	struct attach_args attach;
	bool detach;
	uint32_t preserve_fds;
};

static const struct opt options[] = {
	CONTAINER_OPTIONS,
	IMAGE_OPTIONS(struct run_args),
	OPT_FLAG(struct run_args, detach, "detach", 'd', "print its id and return as it runs"),
	OPT_U32(struct run_args, preserve_fds, "preserve-fds", "N",
		"pass on our descriptors from 3 on, so many"),
	ATTACH_OPTIONS(struct run_args),
};

static int detach(const struct container_args *args, struct config *config, struct err *err)
{
	if (args->attach.n)
		return err_set(err, ERR_USAGE, EINVAL, "--attach and --detach exclude each other");
	config->attach_stdin = config->attach_stdout = config->attach_stderr = false;
	return 0;
}

/* Who does not hear what it writes is told its id, and does not wait for its end. */
static bool is_heard(const struct config *config)
{
	return config->attach_stdout || config->attach_stderr;
}

static int run(const struct call *call, struct err *err)
{
	const struct run_args *args = call->args;
	struct engine_run request = {
		.sig_proxy = args->attach.sig_proxy != SIG_PROXY_FALSE,
		.detach_keys = args->attach.detach_keys,
		.preserve_fds = args->preserve_fds,
	};
	struct ending ending = {};
	int r;

	r = container_config(call, &args->container, call->operands, &request.config, err);
	if (r == 0 && args->detach)
		r = detach(&args->container, request.config, err);
	if (r == 0)
		r = ensure_images(call, request.config, &args->image, err);
	if (r < 0)
		return r;
	r = id_file_make(&args->container, &request.id_fd, err);
	if (r < 0)
		return r;
	r = engine_run(call_engine(call), &request, call->arena, &ending, err);
	if (r < 0)
		id_file_remove(&args->container);
	if (r < 0)
		return r;
	return is_heard(request.config) ? ending_tell(call, request.config, &ending)
					: container_print_id(request.config, err);
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
