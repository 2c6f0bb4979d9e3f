/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The options that say which networks a container is on, how it is found there and what of it can
 * be reached from outside, docker's and podman's. What their words mean, and which of them go
 * together, is the engine's to say.
 */

#include "base/opt.h"
#include "engine/config.h"

struct network_args {
	struct opt_strings networks, aliases, dns, dns_search, dns_options, add_hosts, expose,
		publish;
	const char *ip, *ip6, *mac;
	bool publish_all, no_hosts;
};

/* The rows, for a verb whose struct `type` has a struct network_args `in`. */
#define NETWORK_OPTIONS(type, in)                                                               \
	NETWORK_PLACE_OPTIONS(type, in), NETWORK_NAME_OPTIONS(type, in),                        \
	NETWORK_PORT_OPTIONS(type, in)

#define NETWORK_PLACE_OPTIONS(type, in)                                                         \
	OPT_STRINGS(type, in.networks, "network", 0, "NETWORK[:OPTION=VALUE,...]",              \
		    "a network that it is on; or none, host, private, container:NAME or "       \
		    "ns:PATH; bridge by default"),                                                \
	OPT_STRINGS(type, in.networks, "net", 0, "NETWORK[:OPTION=VALUE,...]",                  \
		    "the same as --network"),                                                   \
	OPT_STRING(type, in.ip, "ip", 0, "ADDRESS", "its IPv4 address on its only network"),    \
	OPT_STRING(type, in.ip6, "ip6", 0, "ADDRESS", "its IPv6 address there"),                \
	OPT_STRING(type, in.mac, "mac-address", 0, "ADDRESS",                                   \
		   "the hardware address of its interface there"),                              \
	OPT_STRINGS(type, in.aliases, "network-alias", 0, "NAME",                               \
		    "one more name by which others find it there"),                             \
	OPT_STRINGS(type, in.aliases, "net-alias", 0, "NAME", "the same as --network-alias")

#define NETWORK_NAME_OPTIONS(type, in)                                                          \
	OPT_STRINGS(type, in.dns, "dns", 0, "ADDRESS",                                          \
		    "a name server that is asked, in place of the host's"),                     \
	OPT_STRINGS(type, in.dns_search, "dns-search", 0, "DOMAIN",                             \
		    "a domain in which names are looked up; '.' is none"),                      \
	OPT_STRINGS(type, in.dns_options, "dns-option", 0, "OPTION",                            \
		    "an option of resolv.conf, as ndots:2, in place of the host's"),            \
	OPT_STRINGS(type, in.dns_options, "dns-opt", 0, "OPTION", "the same as --dns-option"),  \
	OPT_STRINGS(type, in.add_hosts, "add-host", 0, "NAME:ADDRESS",                          \
		    "a line of its hosts file; host-gateway is the address of this machine"),   \
	OPT_FLAG(type, in.no_hosts, "no-hosts", 0, "its hosts file is that of the image")

#define NETWORK_PORT_OPTIONS(type, in)                                                          \
	OPT_STRINGS(type, in.expose, "expose", 0, "PORT[-PORT][/PROTOCOL]",                     \
		    "a port of which is said that it listens there"),                           \
	OPT_STRINGS(type, in.publish, "publish", 'p', "[[ADDRESS:][HOST]:]PORT[/PROTOCOL]",     \
		    "a port of the host that leads to one of its own; without HOST a free one"), \
	OPT_FLAG(type, in.publish_all, "publish-all", 'P',                                      \
		 "publish all ports that are exposed")

/* What they ask for, into `config`, whose hostname is there; strings are copied to `arena`. */
int network_args_fill(const struct network_args *args, struct arena *arena, struct config *config,
		      struct err *err);
