/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare network connect: one more network for a container, whatever it is doing.
 */
#include "cli/tare/verb.h"
#include "engine/connect.h"
#include "engine/words_network.h"
#include "oci/list.h"

struct connect_args {
	struct opt_strings aliases, driver_opts;
	const char *ip, *ip6, *mac;
};

static const struct opt options[] = {
	OPT_STRINGS(struct connect_args, aliases, "alias", 0, "NAME",
		    "one more name by which others find it there"),
	OPT_STRING(struct connect_args, ip, "ip", 0, "ADDRESS", "its IPv4 address there"),
	OPT_STRING(struct connect_args, ip6, "ip6", 0, "ADDRESS", "its IPv6 address there"),
	OPT_STRING(struct connect_args, mac, "mac-address", 0, "ADDRESS",
		   "the hardware address of its interface there"),
	OPT_STRINGS(struct connect_args, driver_opts, "driver-opt", 0, "KEY=VALUE",
		    "com.docker.network.endpoint.ifname=NAME: its interface there"),
};

static void add_field(struct oci_strings *fields, const char *key, const char *value,
		      struct arena *arena)
{
	if (value)
		strings_add(fields, arena, arena_printf(arena, "%s=%s", key, value));
}

static int run(const struct call *call, struct err *err)
{
	const struct connect_args *args = call->args;
	struct config_network wish = {};
	struct oci_strings fields = {};
	int r;

	for (size_t i = 0; i < args->aliases.n; i++)
		add_field(&fields, "alias", args->aliases.v[i], call->arena);
	for (size_t i = 0; i < args->driver_opts.n; i++)
		add_field(&fields, "driver-opt", args->driver_opts.v[i], call->arena);
	add_field(&fields, "ip", args->ip, call->arena);
	add_field(&fields, "ip6", args->ip6, call->arena);
	add_field(&fields, "mac-address", args->mac, call->arena);
	r = connect_parse(call->operands[0], &fields, call->arena, &wish, err);
	return r < 0 ? r : engine_connect(call_engine(call), call->operands[1], &wish, err);
}

const struct verb verb_network_connect = {
	.command = {
		.name = "connect",
		.operands = "NETWORK CONTAINER",
		.summary = "Put a container on one more network",
		.min_operands = 2,
		.max_operands = 2,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct connect_args),
	.run = run,
};
