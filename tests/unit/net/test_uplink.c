/* SPDX-License-Identifier: Apache-2.0 */
#include "net/uplink.h"

#include "net/world.h"

static bool home(struct netlink *nl)
{
	auto_close int fd = -1;
	struct err err;

	return new_namespace(&fd) && CHECK(netlink_open(nl, &err) == 0);
}

static bool there_may_be_none(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct uplink uplink;
	struct err err = {};

	return home(&nl) && CHECK(uplink_find(&nl, &uplink, &err) == 1) &&
	       sh("ip link set lo up && ip route add unreachable default") &&
	       CHECK(uplink_find(&nl, &uplink, &err) == 1) &&
	       sh("ip route del unreachable default && ip route add blackhole default && "
		  "ip -6 route add blackhole default") &&
	       CHECK(uplink_find(&nl, &uplink, &err) == 1);
}

static bool the_default_route_leads_to_it(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct uplink uplink = {};
	struct err err = {};

	return home(&nl) &&
	       sh("ip link add up0 type veth peer name up1 && ip link set up0 mtu 1400 up && "
		  "ip link set up1 up && ip addr add 10.0.0.2/24 dev up0 && "
		  "ip route add default via 10.0.0.1") &&
	       CHECK(uplink_find(&nl, &uplink, &err) == 0) && CHECK_STR(uplink.name, "up0") &&
	       CHECK(uplink.mtu == 1400) && CHECK(uplink.family == AF_INET) &&
	       CHECK(uplink.index > 1);
}

static bool one_of_ip6_serves_too(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct uplink uplink = {};
	struct err err = {};

	return home(&nl) &&
	       sh("ip link add up0 type veth peer name up1 && ip link set up0 mtu 1300 up && "
		  "ip link set up1 up && ip addr add fd00::2/64 dev up0 nodad && "
		  "ip -6 route add default via fd00::1") &&
	       CHECK(uplink_find(&nl, &uplink, &err) == 0) && CHECK_STR(uplink.name, "up0") &&
	       CHECK(uplink.mtu == 1300) && CHECK(uplink.family == AF_INET6);
}

static bool the_halves_of_a_vpn_are_obeyed(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct uplink uplink = {};
	struct err err = {};

	return home(&nl) &&
	       sh("ip link add up0 type veth peer name vpn0 && ip link set up0 up && "
		  "ip link set vpn0 mtu 1280 up && ip route add default dev up0 && "
		  "ip route add 0.0.0.0/1 dev vpn0 && ip route add 128.0.0.0/1 dev vpn0") &&
	       CHECK(uplink_find(&nl, &uplink, &err) == 0) && CHECK_STR(uplink.name, "vpn0") &&
	       CHECK(uplink.mtu == 1280);
}

int main(void)
{
	if (!is_possible()) {
		SKIP(the_default_route_leads_to_it, "needs root, and ip of iproute2");
		return tap_done();
	}
	TEST_IN_CHILD(there_may_be_none);
	TEST_IN_CHILD(the_default_route_leads_to_it);
	TEST_IN_CHILD(one_of_ip6_serves_too);
	TEST_IN_CHILD(the_halves_of_a_vpn_are_obeyed);
	return tap_done();
}
