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
};

static const struct opt options[] = {
	CONTAINER_OPTIONS,
	IMAGE_OPTIONS(struct run_args),
	OPT_FLAG(struct run_args, detach, "detach", 'd', "print its id and return as it runs"),
	ATTACH_OPTIONS(struct run_args),
};

static int run(const struct call *call, struct err *err)
{
	const struct run_args *args = call->args;
	struct engine_run request = {
		.detach = args->detach,
		.sig_proxy = args->attach.sig_proxy != SIG_PROXY_FALSE,
		.detach_keys = args->attach.detach_keys,
	};
	struct ending ending = {};
	int r;

	r = container_config(call, &args->container, call->operands, &request.config, err);
	if (r == 0 && request.config->image)
		r = ensure_image(call, request.config->image, &args->image, err);
	if (r < 0)
		return r;
	container_hint_network(&args->container);
	r = id_file_make(&args->container, &request.id_fd, err);
	if (r < 0)
		return r;
	r = engine_run(call_engine(call), &request, call->arena, &ending, err);
	if (r < 0)
		id_file_remove(&args->container);
	if (r == 0 && args->detach)
		r = container_print_id(request.config, err);
	return r < 0 ? r : ending_tell(call, request.config, &ending);
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
