/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the words of --network wish for: networks with what the container is to have on each, or one
 * of the modes that are no network. Words only: whether a network or a container exists is asked
 * later. Everything lives in the arena. Errors are ERR_USAGE and name the word.
 */

#include "base/arena.h"
#include "base/err.h"
#include "oci/types.h"

enum wish_mode {
	WISH_NETWORKS,
	WISH_NONE,      /* a namespace with nothing but loopback */
	WISH_HOST,
	WISH_CONTAINER, /* that of another container */
	WISH_NS,        /* the one at a path */
	WISH_PRIVATE,   /* one of its own, furnished as is usual for the user */
};

/* As it is kept. NULL: whatever comes. Addresses are in their one spelling. */
struct wish_network {
	char *name;
	struct oci_strings aliases;
	char *ip, *ip6, *mac;
	char *interface_name;      /* in the container */
	char *host_interface_name; /* the host's end of the pair */
};

struct wish {
	enum wish_mode mode;
	char *target; /* of WISH_CONTAINER a name, of WISH_NS an absolute path */
	OCI_LIST(struct wish_network) networks; /* in the order given; with WISH_NETWORKS only */
};

#define WISH_DEFAULT_NETWORK "bridge"

/*
 * The words of --network: bridge, default, none, host, private, container:NAME, ns:PATH, NETWORK,
 * NETWORK:alias=,ip=,ip6=,mac=,interface_name=,host_interface_name= as podman has it, and
 * name=NETWORK,alias=,ip=,ip6=,mac-address=,driver-opt= as docker has it. No word is the default:
 * one network, "bridge". *ret is written on success only.
 */
int wish_parse(const struct oci_strings *words, struct arena *arena, struct wish *ret,
	       struct err *err);

/*
 * --ip, --ip6, --mac-address and --network-alias, in the fields of `given` (others are NULL): they
 * are those of the only network. Refused where there are several or none, and what the word of the
 * network says already. The strings are copied; *wish is changed on success only.
 */
int wish_apply(struct wish *wish, const struct wish_network *given, struct arena *arena,
	       struct err *err);
