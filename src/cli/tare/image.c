/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare image: the verbs of images by the names that they have in a group, as docker and podman have
 * both.
 */
#include "cli/tare/verb.h"

static const struct subverb subverbs[] = {
	{ "pull", &verb_pull },
	{ "push", &verb_push },
	{ "load", &verb_load },
	{ "save", &verb_save },
	{ "import", &verb_import },
	{ "ls", &verb_images },
	{ "list", &verb_images },
	{ "rm", &verb_rmi },
	{ "tag", &verb_tag },
	{ "untag", &verb_untag },
	{ "exists", &verb_image_exists },
	{ "prune", &verb_image_prune },
	{ "history", &verb_history },
	{ "inspect", &verb_image_inspect },
	{ "mount", &verb_image_mount },
	{ "unmount", &verb_image_unmount },
	{ "umount", &verb_image_unmount },
};

const struct verb verb_image = {
	.command = {
		.name = "image",
		.operands = "COMMAND [ARGUMENT]...",
		.summary = "Commands for images",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		.in_order = true,
		.words = "pull|push|load|save|import|ls|list|rm|tag|untag|exists|prune|history|"
			 "inspect|mount|unmount|umount",
	},
	.subverbs = subverbs,
	.n_subverbs = sizeof(subverbs) / sizeof(subverbs[0]),
};
