/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a network as it is kept to what src/net can make of it. That a bridge is up tells nothing of
 * the rules: somebody else may have taken them away, and who put the table back may have been
 * killed before the networks were in it. So a network is added each time; what is there already
 * stays as it is.
 */
#include "engine/network_device.h"

#include "net/bridge.h"
#include "net/firewall.h"
#include "net/uplink.h"

_Static_assert(FIREWALL_NETS == NETWORK_SUBNETS_MAX, "all subnets of a network are in the rules");

/* ------------------------------------------------------------------------------- rules */

static struct firewall_network rules_of(const struct network *network)
{
	struct firewall_network rules = {
		.bridge = network->interface,
		.internal = network->internal,
		.open = !network_is_isolated(network),
		.apart = network->settings.is_apart,
		.routed = network->settings.is_routed,
		.n_nets = network->subnets.n,
	};

	for (size_t i = 0; i < rules.n_nets; i++)
		rules.nets[i] = network->subnets.v[i].net;
	return rules;
}

static int add_rules(struct network *network, void *arg, struct err *err)
{
	const struct firewall_network rules = rules_of(network);

	return network_is_bridge(network) ? firewall_add_network(arg, &rules, err) : 0;
}

/* Before any port is led anywhere. */
static int guard(const struct network_place *place, bool is_on, struct err *err)
{
	bool is_wanted = false;
	int r = 0;

	if (place->respects_input_policy)
		r = firewall_input_is_dropped(place->nft, &is_wanted, err);
	return r == 0 && is_wanted != is_on ? firewall_guard(place->nft, is_wanted, err) : r;
}

static int ensure_rules(const struct network_place *place, const struct network *network,
			struct err *err)
{
	const struct firewall_network rules = rules_of(network);
	const int found = firewall_ensure(place->nft, err);
	const bool is_made = found == 1;
	int r = found;

	if (r >= 0)
		r = guard(place, found == 2, err);
	if (r < 0)
		return r;
	r = is_made ? network_each(place->networks_fd, add_rules, place->nft, err)
		    : firewall_add_network(place->nft, &rules, err);
	return r < 0 ? r : is_made;
}

/* ------------------------------------------------------------------------------- the bridge */

static int find_mtu(struct netlink *nl, const struct network *network, uint32_t *ret,
		    struct err *err)
{
	struct uplink uplink = {};
	int r = 0;

	*ret = network_mtu(network);
	if (*ret)
		return 0;
	r = uplink_find(nl, &uplink, err);
	*ret = uplink.mtu;
	return r < 0 ? r : 0;
}

static int describe(struct netlink *nl, const struct network *network, struct bridge *ret,
		    struct err *err)
{
	*ret = (struct bridge){ .name = network->interface,
				.vlan = network->settings.vlan,
				.has_ip6 = network->ip6 };
	for (size_t i = 0; i < network->subnets.n; i++) {
		const struct network_subnet *subnet = &network->subnets.v[i];

		if (ip_is_set(&subnet->gateway_ip))
			ret->addresses[ret->n_addresses++] =
				(struct ip_net){ subnet->gateway_ip, subnet->net.bits };
	}
	return find_mtu(nl, network, &ret->mtu, err);
}

typedef int bridge_fn(struct netlink *nl, const struct bridge *bridge, struct err *err);

static int stand(const struct network_place *place, const struct network *network,
		 bridge_fn *bridge_stand, uint32_t *ret_mtu, struct err *err)
{
	struct bridge bridge;
	int made = 0, r;

	if (!network_is_bridge(network)) {
		*ret_mtu = network_mtu(network);
		return 0;
	}
	made = ensure_rules(place, network, err);
	if (made < 0)
		return made;
	r = describe(place->nl, network, &bridge, err);
	if (r == 0)
		r = bridge_stand(place->nl, &bridge, err);
	if (r < 0)
		return r;
	*ret_mtu = bridge.mtu;
	return made;
}

int network_device_ensure(const struct network_place *place, const struct network *network,
			  uint32_t *ret_mtu, struct err *err)
{
	int r = stand(place, network, bridge_ensure, ret_mtu, err);

	return r < 0 ? err_wrap(err, "network '%s'", network->name) : r;
}

int network_device_repair(const struct network_place *place, const struct network *network,
			  uint32_t *ret_mtu, struct err *err)
{
	int r = stand(place, network, bridge_repair, ret_mtu, err);

	return r < 0 ? err_wrap(err, "network '%s'", network->name) : r;
}

/* The bridge goes first: without rules it would not be kept apart. */
int network_device_remove(const struct network_place *place, const struct network *network,
			  struct err *err)
{
	const struct firewall_network rules = rules_of(network);
	int r;

	if (!network_is_bridge(network))
		return 0;
	r = bridge_remove(place->nl, network->interface, err);
	if (r == 0)
		r = firewall_remove_network(place->nft, &rules, err);
	return r < 0 ? err_wrap(err, "network '%s'", network->name) : 0;
}
