/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The cable between a container and a bridge: a pair of interfaces, one of them a port of the
 * bridge, the other one in the container's network namespace. It vanishes with that namespace. The
 * bridge's port is in hairpin mode, so that the container reaches ports of its own that are
 * published. veth(4), bridge(8), rtnetlink(7).
 */

#include "base/err.h"
#include "base/ip.h"
#include "net/inside.h"
#include "net/mac.h"
#include "sys/netlink.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct veth {
	const char *host_name; /* "": one of our own making, "veth" and eight hex digits */
	const char *bridge;
	struct mac mac; /* of the container's end; none: the kernel makes one up */
	uint32_t mtu; /* of both ends; 0: the kernel's */
	bool is_isolated; /* other isolated ports of the bridge get nothing from it */
	struct inside inside; /* the container's end */
};

/*
 * Make the pair with sockets that were opened in the bridge's network namespace (`host`) and in the
 * container's (`inside`, which is `netns_fd`). When something fails, nothing is left. The calling
 * process must be single-threaded: it goes to the container's network namespace for a moment.
 *
 * ERR_CONFLICT: an interface of that name is there already, on either side. ERR_NOT_FOUND: there is
 * no such bridge. ERR_USAGE: a name that is none.
 */
int veth_attach(struct netlink *host, int netns_fd, struct netlink *inside,
		const struct veth *veth, char ret_host_name[static IF_NAMESIZE], struct err *err);

/* Make the host's end, which has a name, a port of the bridge again, if others took it off.
 * 1: there is none such. ERR_CONFLICT: it is no veth. ERR_NOT_FOUND: there is no such bridge. */
int veth_plug(struct netlink *host, const struct veth *veth, struct err *err);

/* 0 also if there is none. ERR_CONFLICT: it is no veth, and left alone. It takes the kernel some
 * milliseconds; where the container's namespace ends anyway, there is no need for it. */
int veth_detach(struct netlink *host, const char *host_name, struct err *err);
