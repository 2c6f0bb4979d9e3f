/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare rmi: take names of images away, and with the last name the image.
 */
#include "cli/tare/each.h"
#include "engine/images.h"

struct rmi_args {
	bool force, no_prune, ignore;
};

static const struct opt options[] = {
	OPT_FLAG(struct rmi_args, force, "force", 'f',
		 "all its names; ended containers may have been made from it"),
	OPT_FLAG(struct rmi_args, ignore, "ignore", 'i', "one that is not there is no error"),
	OPT_FLAG(struct rmi_args, no_prune, "no-prune", 0,
		 "the same: an image has no parents here that could go too"),
};

static void add_lines(struct buf *out, const char *what, const struct oci_strings *list)
{
	for (size_t i = 0; i < list->n; i++)
		buf_printf(out, "%s: %s\n", what, list->v[i]);
}

static int remove_one(const struct call *call, const char *who, struct err *err)
{
	const struct rmi_args *args = call->args;
	auto_buf struct buf out = {};
	struct engine_removed removed;
	int r = engine_image_remove(call_engine(call), who, args->force, call->arena, &removed,
				    err);

	if (r < 0 && err->kind == ERR_NOT_FOUND && (args->force || args->ignore))
		return 0;
	add_lines(&out, "Untagged", &removed.untagged);
	add_lines(&out, "Deleted", &removed.deleted);
	return r < 0 ? r : print_buf(&out, err);
}

static int run(const struct call *call, struct err *err)
{
	(void)err;
	return each_container(call, remove_one);
}

const struct verb verb_rmi = {
	.command = {
		.name = "rmi",
		.operands = "IMAGE...",
		.summary = "Remove images",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct rmi_args),
	.run = run,
};
