/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare create: make a container, for `start`.
 */
#include "cli/tare/container_args.h"
#include "cli/tare/ensure_image.h"

struct create_args {
	struct container_args container; /* first: its options are rows of our table */
	struct image_args image;
};

static const struct opt options[] = {
	CONTAINER_OPTIONS,
	IMAGE_OPTIONS(struct create_args),
};

static int run(const struct call *call, struct err *err)
{
	const struct create_args *args = call->args;
	struct config *config = NULL;
	int id_fd = 0, r = container_config(call, &args->container, call->operands, &config, err);

	if (r == 0)
		r = ensure_images(call, config, &args->image, err);
	if (r == 0)
		r = id_file_make(&args->container, &id_fd, err);
	if (r < 0)
		return r;
	r = engine_create(call_engine(call), config, id_fd, call->arena, err);
	if (r < 0) {
		id_file_remove(&args->container);
		return r;
	}
	return container_print_id(config, err);
}

const struct verb verb_create = {
	.command = {
		.name = "create",
		.operands = "[IMAGE] [COMMAND] [ARGUMENT]...",
		.summary = "Make a container that is started later",
		.max_operands = OPT_OPERANDS_ANY,
		.in_order = true,
		OPT_ROWS(options),
	},
	.flags = VERB_MAKES,
	.args_size = sizeof(struct create_args),
	.run = run,
};
