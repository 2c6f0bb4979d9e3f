/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare network prune: remove the networks that no container is on, and that none which has ended
 * would want again.
 */
#include "cli/tare/network_prune.h"

#include "cli/tare/image_prune.h"
#include "cli/tare/network_filter.h"

#include <string.h>

struct prune_args {
	bool force;
	struct opt_strings filters;
};

static const struct opt options[] = {
	OPT_STRINGS(struct prune_args, filters, "filter", 0, "KEY=VALUE",
		    "only those: until=MOMENT, label=KEY, label!=KEY, and what ls takes"),
	OPT_FLAG(struct prune_args, force, "force", 'f', "do not ask"),
};

/* One that is used by now, or is gone, is no failure. */
static int prune_one(const struct call *call, int networks_fd, const char *name, struct buf *out,
		     struct err *err)
{
	int r = engine_network_remove(call_engine(call), networks_fd, name, err);

	if (r < 0)
		return err->kind == ERR_CONFLICT || err->kind == ERR_NOT_FOUND ? 0 : r;
	buf_printf(out, "%s%s\n", out->len ? "" : "Deleted Networks:\n", name);
	return 0;
}

/* Those that nobody uses, in their order. */
static void keep_unused(struct network_list *list, bool *used)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++)
		if (!used[i])
			list->v[kept++] = list->v[i];
	list->n = kept;
	memset(used, 0, kept * sizeof(*used));
}

int network_prune(const struct call *call, const struct opt_strings *filters, struct buf *out,
		  struct err *err)
{
	struct network_filter filter = {};
	struct network_list list = {};
	auto_close int networks_fd = -1;
	bool *used = NULL;
	int r = network_filter_parse(filters, call, &filter, err);

	if (r == 0)
		r = engine_networks_open(call_engine(call), &networks_fd, err);
	if (r == 0)
		r = network_list(networks_fd, call->arena, &list, err);
	if (r < 0)
		return r;
	used = arena_array(call->arena, bool, list.n + 1);
	r = engine_networks_used(call_engine(call), networks_fd, &list, used, err);
	if (r == 0) {
		keep_unused(&list, used);
		r = network_filter_apply(&filter, used, &list, err);
	}
	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = prune_one(call, networks_fd, list.v[i]->name, out, err);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct prune_args *args = call->args;
	auto_buf struct buf out = {};
	int r;

	if (!args->force && !image_prune_is_sure("all networks that no container uses"))
		return 0;
	r = network_prune(call, &args->filters, &out, err);
	if (r < 0)
		return r;
	if (out.len)
		buf_puts(&out, "\n");
	return print_buf(&out, err);
}

const struct verb verb_network_prune = {
	.command = {
		.name = "prune",
		.summary = "Remove the networks that no container uses",
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct prune_args),
	.run = run,
};
