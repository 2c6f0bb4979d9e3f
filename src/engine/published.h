/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The ports of containers in the packet filter (net/firewall.h), as network.json has them: put
 * there when one starts, and again when others flushed the rules; taken away when it has ended.
 *
 * Who was killed takes nothing away. What a container left there that has ended is taken away by
 * who removes it or starts it again, by who wants one of its ports, and by who wants its address.
 */

#include "base/ip.h"
#include "engine/entry.h"
#include "engine/network_device.h"
#include "sys/nft.h"

#include <stddef.h>

/*
 * Publish the ports of `record`, which is the container's. Those of others are in the way only if
 * they run. ERR_CONFLICT: one is published by another container already.
 */
int published_add(const struct engine *engine, struct nft *nft, const char *id,
		  const struct net_record *record, struct err *err);

/* The same, if not all of them are there as they should be. */
int published_restore(const struct engine *engine, struct nft *nft, const char *id,
		      const struct net_record *record, struct err *err);

/* The kernel forgets which way packets to these ports went, until now, by UDP. It takes its time
 * for that, if there are such ports. */
void published_forget_flows(const struct net_record *record);

/* Of ports of one address of the host, whose family the container has no address of. */
void published_warn(const struct net_record *record);

/* The container's addresses that ports lead to, of IPv4 and of IPv6; family 0: it has none. */
void published_targets(const struct net_record *record, struct ip ret[static 2]);

/* Of all containers that run. Where one's can't be published, there is a warning. */
int published_add_all(const struct engine *engine, struct nft *nft, struct err *err);

/* network_device_ensure and network_device_repair; where the rules were gone, also the ports of all
 * containers that run. */
int published_ensure(const struct engine *engine, const struct network_place *place,
		     const struct network *network, uint32_t *ret_mtu, struct err *err);
int published_repair(const struct engine *engine, const struct network_place *place,
		     const struct network *network, uint32_t *ret_mtu, struct err *err);

/* Its networks were those of `before` and are those of `after`: where its ports led to an address
 * that counts no longer, they lead to the one that does, or nowhere. Waits some milliseconds if
 * there are ports by UDP. */
int published_move(const struct engine *engine, struct nft *nft, const char *id,
		   const struct net_record *before, const struct net_record *after,
		   struct err *err);

/* The name of a container, in `arena`, for words about who has a port; of one that is gone, its
 * id. */
const char *published_name(const struct engine *engine, const char *id, struct arena *arena);
