/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare network ls: the networks there are, for people, for programs (a JSON object a line, with
 * docker's names), for shells, or as a template has them.
 */
#include "cli/format.h"
#include "cli/tare/age.h"
#include "cli/tare/labels.h"
#include "cli/tare/network_filter.h"

struct ls_args {
	const char *format;
	struct opt_strings filters;
	bool no_heading, no_trunc, quiet;
};

static const struct opt options[] = {
	OPT_STRINGS(struct ls_args, filters, "filter", 'f', "KEY=VALUE",
		    "only those: name=, id=, driver=, label=, dangling=, scope=, type=, until="),
	OPT_STRING(struct ls_args, format, "format", 0, FORMAT_WORDS, "shape of the output"),
	OPT_FLAG(struct ls_args, no_heading, "noheading", 'n',
		 "leave out the heads of the columns"),
	OPT_FLAG(struct ls_args, no_trunc, "no-trunc", 0, "cut nothing short"),
	OPT_FLAG(struct ls_args, quiet, "quiet", 'q', "print ids only"),
};

/* ------------------------------------------------------------------------------- rows */

/* In the order of docker's JSON. */
enum {
	CREATED_AT, DRIVER, ID, IPV4, IPV6, INTERNAL, LABELS, NAME, SCOPE, LABEL,
	CREATED, DNS_ENABLED, IPV6_ENABLED, INTERFACE, N_FIELDS,
};

static const struct format_field fields[N_FIELDS] = {
	[CREATED_AT] = { "CreatedAt", "CREATED AT", 0 },
	[DRIVER] = { "Driver", "DRIVER", 0 },
	[ID] = { "ID", "NETWORK ID", 0 },
	[IPV4] = { "IPv4", "IPV4", 0 },
	[IPV6] = { "IPv6", "IPV6", 0 },
	[INTERNAL] = { "Internal", "INTERNAL", 0 },
	[LABELS] = { "Labels", "LABELS", 0 },
	[NAME] = { "Name", "NAME", 0 },
	[SCOPE] = { "Scope", "SCOPE", 0 },
	[LABEL] = { "Label", "", FORMAT_LOOKUP },
	/* podman's */
	[CREATED] = { "Created", "CREATED", FORMAT_EXTRA },
	[DNS_ENABLED] = { "DNSEnabled", "DNS ENABLED", FORMAT_EXTRA | FORMAT_TRUTH },
	[IPV6_ENABLED] = { "IPv6Enabled", "IPV6 ENABLED", FORMAT_EXTRA | FORMAT_TRUTH },
	[INTERFACE] = { "NetworkInterface", "INTERFACE", FORMAT_EXTRA },
};

static const unsigned char columns[] = { ID, NAME, DRIVER, SCOPE };

static const char *truth(bool is_true)
{
	return is_true ? "true" : "false";
}

static bool has_ip4(const struct network *network)
{
	for (size_t i = 0; i < network->subnets.n; i++)
		if (network->subnets.v[i].net.ip.family == AF_INET)
			return true;
	return false;
}

static const char *cell(const void *row, size_t field, const void *context, struct arena *arena)
{
	const struct ls_args *args = context;
	const struct network *network = row;

	switch (field) {
	case CREATED_AT:
	case CREATED:
		return age_moment(network->created, arena);
	case DRIVER:
		return network->driver;
	case ID:
		return args->no_trunc ? network->id : arena_strndup(arena, network->id, 12);
	case IPV4:
		return truth(has_ip4(network));
	case IPV6:
	case IPV6_ENABLED:
		return truth(network->ip6);
	case INTERNAL:
		return truth(network->internal);
	case LABELS:
		return labels_text(&network->labels, arena);
	case NAME:
		return network->name;
	case DNS_ENABLED:
		return truth(!network->dns_disabled);
	case INTERFACE:
		return network->interface ? network->interface : "";
	default:
		return "local";
	}
}

static const char *look_up(const void *row, const char *key, struct arena *arena)
{
	const struct network *network = row;

	(void)arena;
	return labels_find(&network->labels, key);
}

static const struct format_listing listing = {
	.fields = fields,
	.n_fields = N_FIELDS,
	.columns = columns,
	.n_columns = sizeof(columns),
	.cell = cell,
	.look_up = look_up,
};

/* ------------------------------------------------------------------------------- the verb */

static int open_format(struct format *format, const struct call *call, struct err *err)
{
	const struct ls_args *args = call->args;

	if (!args->quiet)
		return format_open(format, &listing, args->format, args, call->arena, err);
	format_open_field(format, &listing, ID, args, call->arena);
	return 0;
}

static int find(const struct call *call, struct network_list *list, struct err *err)
{
	const struct ls_args *args = call->args;
	struct network_filter filter = {};
	auto_close int networks_fd = -1;
	bool *used;
	int r = network_filter_parse(&args->filters, call, &filter, err);

	if (r == 0)
		r = engine_networks_open(call_engine(call), &networks_fd, err);
	if (r == 0)
		r = engine_network_list(networks_fd, call->arena, list, err);
	if (r < 0 || !args->filters.n)
		return r;
	used = arena_array(call->arena, bool, list->n);
	r = engine_networks_used(call_engine(call), networks_fd, list, used, err);
	return r < 0 ? r : network_filter_apply(&filter, used, list, err);
}

static int run(const struct call *call, struct err *err)
{
	const struct ls_args *args = call->args;
	auto_format struct format format = {};
	struct network_list list = {};
	auto_buf struct buf out = {};
	int r = open_format(&format, call, err);

	if (r == 0)
		r = find(call, &list, err);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = format_row(&format, list.v[i], err);
	if (r < 0)
		return r;
	format.no_heads = args->no_heading;
	format_finish(&format, &out);
	return print_buf(&out, err);
}

const struct verb verb_network_ls = {
	.command = {
		.name = "ls",
		.summary = "List networks",
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct ls_args),
	.run = run,
};
