/* SPDX-License-Identifier: Apache-2.0 */
#include "net/routes.h"
#include "tap.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

static size_t count(const struct host_subnets *subnets, const char *net, const char *ifname)
{
	char text[IP_NET_BYTES];
	size_t n = 0;

	for (size_t i = 0; i < subnets->n; i++)
		n += strcmp(ip_net_format(&subnets->v[i].net, text), net) == 0 &&
		     strcmp(subnets->v[i].ifname, ifname) == 0;
	return n;
}

static bool what_the_machine_reaches_is_listed(void)
{
	auto_host_subnets struct host_subnets subnets = {};
	auto_netlink struct netlink nl = { .fd = -1 };
	struct err err = {};

	if (!CHECK(unshare(CLONE_NEWNET) == 0) ||
	    !CHECK(system("ip link set lo up && ip link add v0 type veth peer name v1 && "
			  "ip addr add 10.9.8.7/24 dev v0 && ip addr add 10.7.7.1/24 dev v1 && "
			  "ip addr add fd12::5/64 nodad dev v0 && ip link set v0 up && "
			  "ip route add 10.50.0.0/16 via 10.9.8.1 && "
			  "ip route add default via 10.9.8.1 && "
			  "ip route add blackhole 10.66.0.0/16 && "
			  "ip route add 10.67.0.0/16 dev v0 table 77") == 0) ||
	    !CHECK(netlink_open(&nl, &err) == 0) ||
	    !CHECK(host_subnets_load(&nl, &subnets, &err) == 0))
		return false;
	return CHECK(count(&subnets, "10.9.8.0/24", "v0") == 2) &&
	       CHECK(count(&subnets, "10.7.7.0/24", "v1") == 1) &&
	       CHECK(count(&subnets, "10.50.0.0/16", "v0") == 1) &&
	       CHECK(count(&subnets, "10.66.0.0/16", "") == 1) &&
	       CHECK(count(&subnets, "fd12::/64", "v0") >= 1) &&
	       CHECK(count(&subnets, "10.67.0.0/16", "v0") == 0) &&
	       CHECK(count(&subnets, "0.0.0.0/0", "v0") == 0) &&
	       CHECK(count(&subnets, "127.0.0.0/8", "lo") == 0);
}

int main(void)
{
	TEST(what_the_machine_reaches_is_listed);
	return tap_done();
}
