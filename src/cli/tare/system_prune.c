/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare system prune: remove the containers that do not run, then the networks that none of the
 * others uses, and the images without a name, or with --all those that no container was made from.
 */
#include "cli/tare/container_prune.h"
#include "cli/tare/image_prune.h"
#include "cli/tare/network_prune.h"

struct prune_args {
	bool all, force, volumes;
};

static const struct opt options[] = {
	OPT_FLAG(struct prune_args, all, "all", 'a', "images with names too, if none uses them"),
	OPT_FLAG(struct prune_args, force, "force", 'f', "do not ask"),
	OPT_FLAG(struct prune_args, volumes, "volumes", 0,
		 "the same: a volume goes with its container"),
};

static int run(const struct call *call, struct err *err)
{
	const struct prune_args *args = call->args;
	const struct opt_strings none = {};
	auto_buf struct buf out = {}, networks = {}, images = {};
	uint64_t bytes = 0;
	int r;

	if (!args->force &&
	    !image_prune_is_sure(args->all ? "all containers that do not run, and all networks and "
					     "images that no other container uses"
					   : "all containers that do not run, all networks that no "
					     "other container uses, and all images that have no "
					     "name"))
		return 0;
	r = container_prune(call, &none, &out, &bytes, err);
	if (r == 0)
		r = network_prune(call, &none, &networks, err);
	if (r == 0)
		r = image_prune(call, args->all, &none, &images, &bytes, err);
	if (r < 0)
		return r;
	if (networks.len)
		buf_printf(&out, "%s%s", out.len ? "\n" : "", buf_str(&networks));
	if (images.len)
		buf_printf(&out, "%sDeleted Images:\n%s", out.len ? "\n" : "", buf_str(&images));
	image_prune_total(bytes, &out);
	return print_buf(&out, err);
}

const struct verb verb_system_prune = {
	.command = {
		.name = "prune",
		.summary = "Remove containers that do not run, and what is unused",
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct prune_args),
	.run = run,
};
