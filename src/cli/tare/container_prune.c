/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare container prune: remove the containers that do not run.
 */
#include "cli/tare/container_prune.h"

#include "cli/tare/image_prune.h"
#include "engine/disk.h"
#include "engine/filter.h"

struct prune_args {
	bool force;
	struct opt_strings filters;
};

static const struct opt options[] = {
	OPT_STRINGS(struct prune_args, filters, "filter", 0, "KEY=VALUE",
		    "only those: until=MOMENT, label=KEY, label!=KEY, and what ps takes"),
	OPT_FLAG(struct prune_args, force, "force", 'f', "do not ask"),
};

/* One that was begun or removed meanwhile is no failure. */
static int prune_one(const struct call *call, const struct config *config, struct buf *out,
		     uint64_t *bytes, struct err *err)
{
	struct disk_size size;
	int r;

	engine_container_size(call_engine(call), config, call->arena, &size);
	r = engine_remove(call_engine(call), config->id, false, err);
	if (r < 0)
		return err->kind == ERR_CONFLICT || err->kind == ERR_NOT_FOUND ? 0 : r;
	buf_printf(out, "%s%s\n", out->len ? "" : "Deleted Containers:\n", config->id);
	*bytes += size.changed_bytes;
	return 0;
}

int container_prune(const struct call *call, const struct opt_strings *filters, struct buf *out,
		    uint64_t *bytes, struct err *err)
{
	auto_filter struct filter filter = FILTER_NONE;
	struct engine_container *list = NULL;
	size_t n = 0;
	int r = filter_parse(call_engine(call), filters, call->arena, &filter, err);

	if (r == 0)
		r = engine_list_kinds(call_engine(call), ~ENGINE_ACTIVE, call->arena, &list, &n,
				      err);
	if (r == 0)
		filter_apply(&filter, list, &n);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = prune_one(call, list[i].config, out, bytes, err);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct prune_args *args = call->args;
	auto_buf struct buf out = {};
	uint64_t bytes = 0;
	int r;

	if (!args->force && !image_prune_is_sure("all containers that do not run"))
		return 0;
	r = container_prune(call, &args->filters, &out, &bytes, err);
	if (r < 0)
		return r;
	image_prune_total(bytes, &out);
	return print_buf(&out, err);
}

const struct verb verb_container_prune = {
	.command = {
		.name = "prune",
		.summary = "Remove the containers that do not run",
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct prune_args),
	.run = run,
};
