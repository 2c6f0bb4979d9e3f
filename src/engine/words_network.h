/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The words of docker's and podman's options for networks, the same on a command line and in the
 * Engine API: what they mean for a struct config. Words only: whether there is such a network or
 * such a port is free is asked when the container is made or started. ERR_USAGE, unless it says
 * something else. An error names the word; who calls puts the option in front, but where an error
 * is about several.
 */

#include "engine/config.h"
#include "net/wish.h"

/*
 * --network, and --ip, --ip6, --mac-address and --network-alias in the fields of `given`
 * (net/wish.h): into config->network and config->networks. No word, and "private", are `usual`, a
 * word of --network. The error names the options.
 */
int network_add(struct config *config, const struct oci_strings *words,
		const struct wish_network *given, const char *usual, struct arena *arena,
		struct err *err);

/* The words of `network connect`: `network` as --network has it, and `fields` of its options
 * ("ip=10.0.0.2"). A mode is none that can be connected to. */
int connect_parse(const char *network, const struct oci_strings *fields, struct arena *arena,
		  struct config_network *ret, struct err *err);

/* -p [[ADDRESS:][HOST]:]PORT[/PROTO], or docker's published=,target=,protocol=. */
int publish_add(struct config *config, const char *word, struct arena *arena, struct err *err);

/* --expose PORT[-PORT][/PROTO]. One that is there already is not added. */
int expose_add(struct config *config, const char *word, struct arena *arena, struct err *err);

/* The ports that an image exposes. Foreign: what is no port is left out. */
void expose_add_image(struct config *config, const struct oci_strings *ports, struct arena *arena);

/* --dns ADDRESS, --dns-search DOMAIN, --dns-option OPTION */
int dns_add(struct config *config, const char *word, struct arena *arena, struct err *err);
int dns_search_add(struct config *config, const char *word, struct arena *arena, struct err *err);
int dns_option_add(struct config *config, const char *word, struct arena *arena, struct err *err);

/* --add-host NAME[;NAME]...:ADDRESS, or host-gateway for the address */
int add_host_add(struct config *config, const char *word, struct arena *arena, struct err *err);

/*
 * When all are there: do they go together? Ports that can't be published, since the network is none
 * of its own, are taken out with a warning. The error names the options. ERR_CONFLICT: two of its
 * own want one port of the host.
 */
int network_words_check(struct config *config, struct arena *arena, struct err *err);
