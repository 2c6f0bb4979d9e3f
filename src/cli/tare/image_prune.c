/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare image prune: remove the images that have no name, or with --all those that no container was
 * made from.
 */
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

struct pruning {
	const struct call *call;
	struct buf out;
	uint64_t bytes;
};

static void pruning_done(struct pruning *pruning)
{
	buf_done(&pruning->out);
}

/* One that is in use stays, and that is no failure. */
static int prune_one(struct pruning *pruning, const struct store_image *image, struct err *err)
{
	const struct call *call = pruning->call;
	struct engine_removed removed;
	const char *who = store_image_is_named(image) ? image->reference : image->config_text;
	int r = engine_image_remove(call_engine(call), who, false, call->arena, &removed, err);

	if (r < 0)
		return err->kind == ERR_CONFLICT || err->kind == ERR_NOT_FOUND ? 0 : r;
	for (size_t i = 0; i < removed.untagged.n; i++)
		buf_printf(&pruning->out, "untagged: %s\n", removed.untagged.v[i]);
	for (size_t i = 0; i < removed.deleted.n; i++)
		buf_printf(&pruning->out, "deleted: %s\n", removed.deleted.v[i]);
	pruning->bytes += removed.bytes;
	return 0;
}

static int prune(struct pruning *pruning, struct store_image **list, size_t n, struct err *err)
{
	const struct prune_args *args = pruning->call->args;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		if (args->all || !store_image_is_named(list[i]))
			r = prune_one(pruning, list[i], err);
	if (pruning->out.len)
		buf_puts(&pruning->out, "\n");
	buf_puts(&pruning->out, "Total reclaimed space: ");
	quantity_size(&pruning->out, pruning->bytes);
	buf_puts(&pruning->out, "\n");
	return r;
}

/* Who is not at a terminal is not asked. */
static bool is_sure(const struct prune_args *args)
{
	char answer[16] = "";

	if (args->force || !isatty(STDIN_FILENO))
		return true;
	(void)fprintf(stderr, "This removes all images %s.\nGo on? [y/N] ",
		      args->all ? "that no container was made from" : "that have no name");
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

static int run(const struct call *call, struct err *err)
{
	const struct prune_args *args = call->args;
	auto_cleanup(pruning_done) struct pruning pruning = { .call = call };
	auto_store struct store store = STORE_NONE;
	struct store_image **list = NULL;
	struct image_filter filter = {};
	size_t n = 0;
	int r = image_filter_parse(&args->filters, NULL, call, &filter, err);

	if (r == 0 && !is_sure(args))
		return 0;
	if (r == 0)
		r = engine_open_store(call_engine(call), false, &store, err);
	if (r == 0)
		r = store_list(&store, call->arena, &list, &n, err);
	if (r == 0)
		r = image_filter_apply(&filter, list, &n, err);
	if (r == 0)
		r = prune(&pruning, list, n, err);
	return r < 0 ? r : print_buf(&pruning.out, err);
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
