/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The kernel's memory of flows. Where the packets of one go is decided at the first: a client that
 * asks by UDP all the time, from one port of his own, would never be led to a container whose port
 * is published meanwhile, and for ever to one that is gone. So its flows are forgotten at both
 * times. TCP's need no such thing: each connection is a flow of its own.
 * <linux/netfilter/nfnetlink_conntrack.h>, conntrack(8).
 */

#include "base/err.h"
#include "net/port.h"

#include <stddef.h>

/*
 * Forget all flows by UDP to those of `ports`, which are the host's and known, in the network
 * namespace that the process is in; others than UDP's are passed over, and if there are no others
 * the kernel is not asked. It is for after firewall_publish and after firewall_withdraw. The kernel
 * looks through its whole table twice, which takes 5 to 30 ms even if that is empty (of 262,144
 * rows): it is nothing to wait for at a start, since a flow that is forgotten somewhat later goes
 * right from then on.
 *
 * A failure (-EINVAL: the kernel has no ctnetlink) is no reason not to start a container.
 */
int conntrack_flush(const struct port *ports, size_t n, struct err *err);
