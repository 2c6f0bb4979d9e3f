/* SPDX-License-Identifier: Apache-2.0 */
#include "net/bridge.h"

#include "net/world.h"

#include <time.h>

static struct bridge usual(void)
{
	return (struct bridge){
		.name = "tare0",
		.mtu = 1400,
		.addresses = { net_of("10.88.0.1/16"), net_of("fd00:88::1/64") },
		.n_addresses = 2,
		.has_ip6 = true,
	};
}

static bool home(struct netlink *nl)
{
	auto_close int fd = -1;
	struct err err;

	return new_namespace(&fd) && CHECK(netlink_open(nl, &err) == 0);
}

static bool says(int r, const struct err *err)
{
	return r >= 0 ? true : (printf("# %s\n", err->msg), false);
}

static bool it_is_made_with_all_that_it_needs(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct err err = {};
	int r;

	if (!home(&nl))
		return false;
	r = bridge_ensure(&nl, &bridge, &err);
	return CHECK(says(r, &err)) && CHECK(r == 1) &&
	       sh("ip -d link show tare0 | grep -q 'mtu 1400' && "
		  "ip -d link show tare0 | grep -q '[<,]UP[,>]' && "
		  "ip -d link show tare0 | grep -q 02:42:0a:58:00:01 && "
		  "ip -d link show tare0 | grep -q 'bridge forward_delay 0 .* stp_state 0'") &&
	       sh("ip addr show tare0 | grep -q 'inet 10.88.0.1/16 brd 10.88.255.255 scope global "
		  "tare0' && ip addr show tare0 | grep -q 'inet6 fd00:88::1/64 scope global' && "
		  "! ip addr show tare0 | grep 'scope global' | grep -q tentative") &&
	       sh("ip route | grep -q '10.88.0.0/16 dev tare0' && "
		  "ip -6 route | grep -q 'fd00:88::/64 dev tare0'") &&
	       sh("cd /proc/sys/net && grep -qx 1 ipv4/ip_forward && "
		  "grep -qx 1 ipv6/conf/all/forwarding && "
		  "grep -qx 1 ipv4/conf/tare0/route_localnet && "
		  "grep -qx 1 ipv4/conf/tare0/forwarding && "
		  "grep -qx 0 ipv6/conf/tare0/accept_ra && "
		  "grep -qx 0 ipv6/conf/tare0/accept_dad");
}

static bool one_that_stands_is_left_as_it_is(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct err err = {};

	return home(&nl) && CHECK(bridge_ensure(&nl, &bridge, &err) == 1) &&
	       sh("ip addr add 10.99.0.1/24 dev tare0") &&
	       CHECK(bridge_ensure(&nl, &bridge, &err) == 0) &&
	       CHECK(bridge_repair(&nl, &bridge, &err) == 0) &&
	       sh("ip addr show tare0 | grep -q 10.99.0.1/24");
}

static bool one_that_is_half_made_is_completed(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct err err = {};

	return home(&nl) && sh("ip link add tare0 type bridge") &&
	       CHECK(bridge_ensure(&nl, &bridge, &err) == 0) &&
	       sh("ip addr show tare0 | grep -q 10.88.0.1/16 && "
		  "ip link show tare0 | grep -q ',UP' && ip link show tare0 | grep -q 'mtu 1400'");
}

static bool repair_puts_right_what_differs(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct err err = {};

	return home(&nl) && CHECK(bridge_ensure(&nl, &bridge, &err) == 1) &&
	       sh("ip addr del 10.88.0.1/16 dev tare0 && ip addr add 10.88.7.7/16 dev tare0 && "
		  "ip link set tare0 mtu 1300 address 02:00:00:00:00:09 && "
		  "echo 0 >/proc/sys/net/ipv4/ip_forward") &&
	       CHECK(bridge_repair(&nl, &bridge, &err) == 1) &&
	       sh("ip addr show tare0 | grep -q 10.88.0.1/16 && "
		  "! ip addr show tare0 | grep -q 10.88.7.7 && "
		  "ip link show tare0 | grep -q 'mtu 1400' && "
		  "ip link show tare0 | grep -q 02:42:0a:58:00:01 && "
		  "grep -qx 1 /proc/sys/net/ipv4/ip_forward");
}

static bool another_mtu_is_put_right_at_a_start(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct err err = {};

	if (!home(&nl) || !CHECK(bridge_ensure(&nl, &bridge, &err) == 1))
		return false;
	bridge.mtu = 1450;
	return CHECK(bridge_ensure(&nl, &bridge, &err) == 0) &&
	       sh("ip link show tare0 | grep -q 'mtu 1450'");
}

#define VLAN "ip -d link show tare0 | grep -q 'vlan_filtering 1 .*vlan_default_pvid 7 '"

/* Either the kernel can tell them apart and does, or it is said that it can't. */
static bool ports_are_in_its_vlan(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct err err = {};
	int r;

	bridge.vlan = 7;
	if (!home(&nl))
		return false;
	r = bridge_ensure(&nl, &bridge, &err);
	if (r < 0)
		return CHECK(r == -EOPNOTSUPP) && CHECK(err.kind == ERR_USAGE) &&
		       CHECK_STR(err.msg, "set up bridge 'tare0': VLAN 7: this kernel's bridges "
				 "tell no VLANs apart");
	return CHECK(r == 1) && sh(VLAN) &&
	       sh("ip link add up0 type veth peer name up1 && ip link set up0 master tare0 && "
		  "bridge vlan show dev up0 | grep -q '7 PVID Egress Untagged' && "
		  "bridge vlan show dev tare0 | grep -q '7 PVID Egress Untagged'") &&
	       sh("ip link set tare0 type bridge vlan_filtering 0 vlan_default_pvid 1") &&
	       CHECK(bridge_ensure(&nl, &bridge, &err) == 0) && sh(VLAN) &&
	       sh("ip link set tare0 type bridge vlan_filtering 0") &&
	       CHECK(bridge_repair(&nl, &bridge, &err) == 1) && sh(VLAN) &&
	       CHECK(bridge_repair(&nl, &bridge, &err) == 0);
}

static bool without_ip6_it_has_none(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct err err = {};

	bridge.n_addresses = 1;
	bridge.has_ip6 = false;
	return home(&nl) && CHECK(bridge_ensure(&nl, &bridge, &err) == 1) &&
	       sh("! ip addr show tare0 | grep -q inet6 && "
		  "grep -qx 1 /proc/sys/net/ipv6/conf/tare0/disable_ipv6 && "
		  "grep -qx 0 /proc/sys/net/ipv6/conf/all/forwarding");
}

/* A host that has its own route from a router's advertisements keeps it. */
static bool a_host_goes_on_learning_routes(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct err err = {};

	return home(&nl) &&
	       sh("ip link add up0 type veth peer name up1 && "
		  "echo 1 >/proc/sys/net/ipv6/conf/up0/accept_ra && "
		  "echo 0 >/proc/sys/net/ipv6/conf/up1/accept_ra") &&
	       CHECK(bridge_ensure(&nl, &bridge, &err) == 1) &&
	       sh("grep -qx 2 /proc/sys/net/ipv6/conf/up0/accept_ra && "
		  "grep -qx 0 /proc/sys/net/ipv6/conf/up1/accept_ra");
}

static bool what_is_no_bridge_is_left_alone(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct bridge_state state;
	struct err err = {};

	return home(&nl) && sh("ip link add tare0 type veth peer name other") &&
	       CHECK(bridge_ensure(&nl, &bridge, &err) == -EEXIST) &&
	       CHECK(err.kind == ERR_CONFLICT) &&
	       CHECK_STR(err.msg, "set up bridge 'tare0': interface 'tare0' is no bridge") &&
	       CHECK(bridge_find(&nl, "tare0", &state, &err) < 0) &&
	       CHECK(bridge_remove(&nl, "tare0", &err) < 0) && CHECK(err.kind == ERR_CONFLICT) &&
	       sh("ip link show tare0 >/dev/null");
}

static bool it_is_found_and_removed(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct bridge_state state = {};
	struct err err = {};

	return home(&nl) && CHECK(bridge_find(&nl, "tare0", &state, &err) == 1) &&
	       CHECK(bridge_ensure(&nl, &bridge, &err) == 1) &&
	       sh("ip link add p0 type veth peer name q0 && ip link set p0 master tare0 && "
		  "ip link add p1 type veth peer name q1 && ip link set p1 master tare0") &&
	       CHECK(bridge_find(&nl, "tare0", &state, &err) == 0) && CHECK(state.index > 0) &&
	       CHECK(state.mtu == 1400) && CHECK(state.is_up) && CHECK(state.n_ports == 2) &&
	       CHECK(state.mac.bytes[5] == 1) && CHECK(bridge_remove(&nl, "tare0", &err) == 0) &&
	       sh("! ip link show tare0 2>/dev/null") &&
	       CHECK(bridge_remove(&nl, "tare0", &err) == 0);
}

static bool names_that_are_none_are_refused(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	struct err err = {};

	bridge.name = "a/b";
	return home(&nl) && CHECK(bridge_ensure(&nl, &bridge, &err) == -EINVAL) &&
	       CHECK(err.kind == ERR_USAGE);
}

static bool many_make_it_at_the_same_time(void)
{
	struct bridge bridge = usual();
	int made = 0, status, fds[2];
	auto_close int fd = -1;

	if (!new_namespace(&fd) || !CHECK(pipe(fds) == 0))
		return false;
	for (int i = 0; i < 8; i++)
		if (fork() == 0) {
			struct netlink nl;
			struct err err = {};
			char byte;
			int r = netlink_open(&nl, &err);

			close(fds[1]);
			(void)!read(fds[0], &byte, 1);
			r = r < 0 ? r : bridge_ensure(&nl, &bridge, &err);
			if (r < 0)
				printf("# %s\n", err.msg);
			fflush(stdout);
			_exit(r < 0 ? 99 : r);
		}
	close(fds[0]);
	close(fds[1]);
	for (int i = 0; i < 8; i++) {
		if (!CHECK(wait(&status) > 0) || !CHECK(WEXITSTATUS(status) <= 1))
			return false;
		made += WEXITSTATUS(status);
	}
	return CHECK(made == 1) && sh("ip addr show tare0 | grep -q fd00:88::1/64 && "
				      "ip link show tare0 | grep -q ',UP'");
}

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Every start of a container asks: what it costs is printed, not judged. */
static bool a_start_finds_it_by_one_request(void)
{
	auto_netlink struct netlink nl = { .fd = -1 };
	struct bridge bridge = usual();
	uint64_t least = UINT64_MAX;
	struct err err = {};
	uint32_t seq;

	if (!home(&nl) || !CHECK(bridge_ensure(&nl, &bridge, &err) == 1))
		return false;
	seq = nl.seq;
	for (int i = 0; i < 100; i++) {
		uint64_t start = now_ns(), took;

		if (!CHECK(bridge_ensure(&nl, &bridge, &err) == 0))
			return false;
		took = now_ns() - start;
		least = took < least ? took : least;
	}
	printf("# found in %lu ns\n", least);
	return CHECK(nl.seq == seq + 100);
}

int main(void)
{
	if (!is_possible()) {
		SKIP(it_is_made_with_all_that_it_needs, "needs root, and ip of iproute2");
		return tap_done();
	}
	TEST_IN_CHILD(it_is_made_with_all_that_it_needs);
	TEST_IN_CHILD(one_that_stands_is_left_as_it_is);
	TEST_IN_CHILD(a_start_finds_it_by_one_request);
	TEST_IN_CHILD(one_that_is_half_made_is_completed);
	TEST_IN_CHILD(repair_puts_right_what_differs);
	TEST_IN_CHILD(another_mtu_is_put_right_at_a_start);
	TEST_IN_CHILD(ports_are_in_its_vlan);
	TEST_IN_CHILD(without_ip6_it_has_none);
	TEST_IN_CHILD(a_host_goes_on_learning_routes);
	TEST_IN_CHILD(what_is_no_bridge_is_left_alone);
	TEST_IN_CHILD(it_is_found_and_removed);
	TEST_IN_CHILD(names_that_are_none_are_refused);
	TEST_IN_CHILD(many_make_it_at_the_same_time);
	return tap_done();
}
