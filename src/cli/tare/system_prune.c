/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare system prune: remove the containers that have ended, and then the images without a name, or
 * with --all those that no container was made from.
 */
#include "cli/tare/image_prune.h"
#include "engine/disk.h"

struct prune_args {
	bool all, force, volumes;
};

static const struct opt options[] = {
	OPT_FLAG(struct prune_args, all, "all", 'a', "images with names too, if none uses them"),
	OPT_FLAG(struct prune_args, force, "force", 'f', "do not ask"),
	OPT_FLAG(struct prune_args, volumes, "volumes", 0,
		 "the same: a volume goes with its container"),
};

/* One that was begun or removed meanwhile is no failure. */
static int prune_containers(const struct call *call, struct buf *out, uint64_t *bytes,
			    struct err *err)
{
	struct disk disk;
	int r = engine_disk(call_engine(call), call->arena, &disk, err);

	for (size_t i = 0; r == 0 && i < disk.n_containers; i++) {
		const struct engine_container *container = disk.containers[i].container;
		const char *id = container->config->id;

		if (container->status->kind != STATUS_EXITED)
			continue;
		r = engine_remove(call_engine(call), id, false, err);
		if (r < 0 && (err->kind == ERR_CONFLICT || err->kind == ERR_NOT_FOUND)) {
			r = 0;
			continue;
		}
		buf_printf(out, "%s%s\n", out->len ? "" : "Deleted Containers:\n", id);
		*bytes += disk.containers[i].bytes;
	}
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct prune_args *args = call->args;
	const struct opt_strings none = {};
	auto_buf struct buf out = {}, images = {};
	uint64_t bytes = 0;
	int r;

	if (!args->force &&
	    !image_prune_is_sure(args->all ? "all containers that have ended, and all images that "
					     "no other container was made from"
					   : "all containers that have ended, and all images that "
					     "have no name"))
		return 0;
	r = prune_containers(call, &out, &bytes, err);
	if (r == 0)
		r = image_prune(call, args->all, &none, &images, &bytes, err);
	if (r < 0)
		return r;
	if (images.len)
		buf_printf(&out, "%sDeleted Images:\n%s", out.len ? "\n" : "", buf_str(&images));
	image_prune_total(bytes, &out);
	return print_buf(&out, err);
}

const struct verb verb_system_prune = {
	.command = {
		.name = "prune",
		.summary = "Remove containers that have ended and images without a use",
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct prune_args),
	.run = run,
};
