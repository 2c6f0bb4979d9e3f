/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare image prune: remove the images that have no name, or with --all those that no container was
 * made from.
 */
#include "cli/tare/image_prune.h"

#include "base/log.h"
#include "cli/tare/image_filter.h"
#include "cli/tare/quantity.h"
#include "engine/images.h"

#include <stdio.h>

struct prune_args {
	bool all, force;
	struct opt_strings filters;
};

static const struct opt options[] = {
	OPT_FLAG(struct prune_args, all, "all", 'a', "those with names too, if none uses them"),
	OPT_STRINGS(struct prune_args, filters, "filter", 0, "KEY=VALUE",
		    "only those: until=MOMENT, label=KEY, label!=KEY"),
	OPT_FLAG(struct prune_args, force, "force", 'f', "do not ask"),
};

/* One that is in use stays, and that is no failure. */
static int prune_one(const struct call *call, const struct store_image *image, struct buf *out,
		     uint64_t *bytes, struct err *err)
{
	struct engine_removed removed;
	const char *who = store_image_is_named(image) ? image->reference : image->config_text;
	int r = engine_image_remove(call_engine(call), who, false, call->arena, &removed, err);

	if (r < 0)
		return err->kind == ERR_CONFLICT || err->kind == ERR_NOT_FOUND ? 0 : r;
	for (size_t i = 0; i < removed.untagged.n; i++)
		buf_printf(out, "untagged: %s\n", removed.untagged.v[i]);
	for (size_t i = 0; i < removed.deleted.n; i++)
		buf_printf(out, "deleted: %s\n", removed.deleted.v[i]);
	*bytes += removed.bytes;
	return 0;
}

int image_prune(const struct call *call, bool all, const struct opt_strings *filters,
		struct buf *out, uint64_t *bytes, struct err *err)
{
	auto_store struct store store = STORE_NONE;
	struct store_image **list = NULL;
	struct image_filter filter = {};
	size_t n = 0;
	int r = image_filter_parse(filters, NULL, call, &filter, err);

	if (r == 0)
		r = engine_open_store(call_engine(call), &store, err);
	if (r == 0)
		r = store_list(&store, call->arena, &list, &n, err);
	if (r == 0)
		r = image_filter_apply(&filter, list, &n, err);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (all || !store_image_is_named(list[i]))
			r = prune_one(call, list[i], out, bytes, err);
	return r;
}

void image_prune_total(uint64_t bytes, struct buf *out)
{
	buf_puts(out, out->len ? "\nTotal reclaimed space: " : "Total reclaimed space: ");
	quantity_size(out, bytes);
	buf_puts(out, "\n");
}

bool image_prune_is_sure(const char *what)
{
	char answer[16] = "";

	(void)fprintf(stderr, "This removes %s.\nGo on? [y/N] ", what);
	if (fgets(answer, sizeof(answer), stdin))
		return *answer == 'y' || *answer == 'Y';
	(void)fputs("\n", stderr);
	log_hint("nobody answers, and nothing is removed: '--force' does not ask");
	return false;
}

static int run(const struct call *call, struct err *err)
{
	const struct prune_args *args = call->args;
	auto_buf struct buf out = {};
	uint64_t bytes = 0;
	int r;

	if (!args->force &&
	    !image_prune_is_sure(args->all ? "all images that no container was made from"
					   : "all images that have no name"))
		return 0;
	r = image_prune(call, args->all, &args->filters, &out, &bytes, err);
	if (r < 0)
		return r;
	image_prune_total(bytes, &out);
	return print_buf(&out, err);
}

const struct verb verb_image_prune = {
	.command = {
		.name = "prune",
		.summary = "Remove images without a name, or without a use",
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct prune_args),
	.run = run,
};
