/* SPDX-License-Identifier: Apache-2.0 */
#include "net/veth.h"

#include "net/bridge.h"
#include "net/world.h"

#include <time.h>

/* The container's namespace, and the host's, in which we are, with a bridge. */
struct world {
	int away_fd, home_fd;
	struct netlink home, away;
};

static bool build(struct world *world)
{
	const struct bridge bridge = {
		.name = "tare0",
		.addresses = { net_of("10.88.0.1/16"), net_of("fd00:88::1/64") },
		.n_addresses = 2,
		.has_ip6 = true,
	};
	struct err err = {};

	*world = (struct world){ .away_fd = -1, .home_fd = -1 };
	return new_namespace(&world->away_fd) && new_namespace(&world->home_fd) &&
	       CHECK(netlink_open(&world->home, &err) == 0) &&
	       CHECK(netlink_open_in(&world->away, world->away_fd, &err) == 0) &&
	       CHECK(bridge_ensure(&world->home, &bridge, &err) == 1);
}

static struct veth usual(void)
{
	return (struct veth){
		.host_name = "",
		.bridge = "tare0",
		.mac = { { 2, 0x42, 10, 88, 0, 2 } },
		.mtu = 1400,
		.inside = {
			.name = "eth0",
			.addresses = { net_of("10.88.0.2/16"), net_of("fd00:88::2/64") },
			.gateways = { ip_of("10.88.0.1"), ip_of("fd00:88::1") },
		},
	};
}

static char host_name[IF_NAMESIZE];

static int attach(struct world *world, const struct veth *veth, struct err *err)
{
	int r = veth_attach(&world->home, world->away_fd, &world->away, veth, host_name, err);

	if (r < 0)
		printf("# %s\n", err->msg);
	return r;
}

static bool a_container_gets_addresses_and_routes(void)
{
	struct veth veth = usual();
	struct world world;
	struct err err = {};

	return build(&world) && CHECK(attach(&world, &veth, &err) == 0) &&
	       CHECK(strlen(host_name) == 12) && CHECK(strncmp(host_name, "veth", 4) == 0) &&
	       sh_in(world.away_fd,
		     "ip link show eth0 | grep -q 'mtu 1400.*state UP' && "
		     "ip link show eth0 | grep -q 02:42:0a:58:00:02") &&
	       sh_in(world.away_fd,
		     "ip addr show eth0 | grep -q 'inet 10.88.0.2/16 brd 10.88.255.255' && "
		     "ip addr show eth0 | grep -q 'inet6 fd00:88::2/64 scope global' && "
		     "! ip addr show eth0 | grep global | grep -q tentative") &&
	       sh_in(world.away_fd, "ip route | grep -q 'default via 10.88.0.1 dev eth0' && "
				    "ip -6 route | grep -q 'default via fd00:88::1 dev eth0' && "
				    "grep -qx 0 /proc/sys/net/ipv6/conf/eth0/accept_ra") &&
	       sh("ip link show master tare0 | grep -q 'veth[0-9a-f]*@.* mtu 1400.*state UP'") &&
	       sh("ip -o link show master tare0 | wc -l | grep -qx 1");
}

static bool the_bridge_is_reached_at_once(void)
{
	struct veth veth = usual();
	struct world world;
	struct err err = {};

	return build(&world) && CHECK(attach(&world, &veth, &err) == 0) &&
	       sh_in(world.away_fd, "ip route get 10.88.0.1 | grep -q 'dev eth0 src 10.88.0.2' && "
				    "ip route get 192.0.2.1 | grep -q 'via 10.88.0.1'");
}

static bool without_an_ip6_address_there_is_no_ip6(void)
{
	struct veth veth = usual();
	struct world world;
	struct err err = {};

	veth.inside.addresses[1] = (struct ip_net){};
	veth.inside.gateways[1] = (struct ip){};
	return build(&world) && CHECK(attach(&world, &veth, &err) == 0) &&
	       sh_in(world.away_fd, "! ip addr show eth0 | grep -q inet6 && "
				    "grep -qx 1 /proc/sys/net/ipv6/conf/eth0/disable_ipv6");
}

static bool a_second_one_has_its_own_metric_and_routes(void)
{
	const struct inside_route routes[] = {
		{ .to = net_of("10.50.0.0/16"), .via = ip_of("10.88.0.9"), .metric = 7 },
		{ .to = net_of("10.51.0.0/16") },
		{ .to = net_of("fd51::/64"), .via = ip_of("fe80::1") },
		{ .to = net_of("10.52.0.0/16"), .via = ip_of("fd00:88::9") },
	};
	struct veth first = usual(), second = usual();
	struct world world;
	struct err err = {};

	second.inside.name = "eth1";
	second.host_name = "mine";
	second.inside.addresses[0] = net_of("10.88.0.3/32");
	second.inside.addresses[1] = net_of("fd00:88::3/64");
	second.mac.bytes[5] = 3;
	second.inside.metric = 200;
	second.inside.routes = routes;
	second.inside.n_routes = 4;
	return build(&world) && CHECK(attach(&world, &first, &err) == 0) &&
	       CHECK(attach(&world, &second, &err) == 0) && CHECK_STR(host_name, "mine") &&
	       sh_in(world.away_fd,
		     "ip route | grep -q 'default via 10.88.0.1 dev eth1 .*metric 200 onlink' && "
		     "ip -6 route | grep -q 'default via fd00:88::1 dev eth1 .*metric 200' && "
		     "ip route | grep -q '10.50.0.0/16 via 10.88.0.9 dev eth1 .*metric 7' && "
		     "ip route | grep -q '10.51.0.0/16 dev eth1' && "
		     "ip route | grep -q '10.52.0.0/16 via inet6 fd00:88::9 dev eth1' && "
		     "ip -6 route | grep -q 'fd51::/64 via fe80::1 dev eth1'") &&
	       sh("ip link show mine | grep -q 'master tare0'");
}

static bool names_that_are_taken_are_told(void)
{
	struct veth veth = usual();
	struct world world;
	struct err err = {};

	if (!build(&world) || !CHECK(attach(&world, &veth, &err) == 0) ||
	    !CHECK(attach(&world, &veth, &err) == -EEXIST) || !CHECK(err.kind == ERR_CONFLICT) ||
	    !CHECK_STR(err.msg, "attach 'eth0' to bridge 'tare0': the container has an interface "
				"'eth0' already"))
		return false;
	veth.inside.name = "eth1";
	veth.host_name = "tare0";
	return CHECK(attach(&world, &veth, &err) == -EEXIST) && CHECK(err.kind == ERR_CONFLICT) &&
	       CHECK_STR(err.msg, "attach 'eth1' to bridge 'tare0': the host has an interface "
				  "'tare0' already") &&
	       sh("ip -o link show master tare0 | wc -l | grep -qx 1");
}

static bool what_makes_no_sense_is_refused(void)
{
	struct veth veth = usual();
	struct world world;
	struct err err = {};

	veth.bridge = "lo";
	if (!build(&world) || !CHECK(attach(&world, &veth, &err) == -ENODEV) ||
	    !CHECK(err.kind == ERR_NOT_FOUND))
		return false;
	veth.bridge = "nope";
	if (!CHECK(attach(&world, &veth, &err) == -ENODEV) || !CHECK(err.kind == ERR_NOT_FOUND))
		return false;
	veth.bridge = "tare0";
	veth.inside.name = "../eth0";
	return CHECK(attach(&world, &veth, &err) == -EINVAL) && CHECK(err.kind == ERR_USAGE);
}

#define HAIRPIN "ip -d link show master tare0 | grep -c 'hairpin on' | grep -qx "

/* What a container sends to itself by a published port comes back by the port of the bridge. */
static bool the_port_of_the_bridge_turns_back_what_it_brought(void)
{
	struct veth first = usual(), second = usual();
	struct world world;
	struct err err = {};

	second.host_name = "mine";
	second.inside.name = "eth1";
	second.inside.addresses[0] = second.inside.addresses[1] = (struct ip_net){};
	second.inside.gateways[0] = second.inside.gateways[1] = (struct ip){};
	second.mac.bytes[5] = 3;
	return build(&world) && CHECK(attach(&world, &first, &err) == 0) && sh(HAIRPIN "1") &&
	       CHECK(attach(&world, &second, &err) == 0) && sh(HAIRPIN "2") &&
	       /* so it hears its own question whether it is alone, and must know it again */
	       sh_in(world.away_fd,
		     "while ip -6 addr show dev eth0 | grep -q ' tentative'; do :; done; "
		     "ip -6 addr show dev eth0 | grep -q 'inet6 fe80' && "
		     "! ip -6 addr show dev eth0 | grep dadfailed");
}

#define ISOLATED "ip -d link show master tare0 | grep -q 'isolated on'"

static bool a_port_is_isolated_if_that_is_asked_for(void)
{
	struct veth veth = usual();
	struct world world;
	struct err err = {};

	veth.host_name = "mine";
	veth.is_isolated = true;
	return build(&world) && CHECK(attach(&world, &veth, &err) == 0) && sh(ISOLATED) &&
	       sh("ip link set mine nomaster") &&
	       CHECK(veth_plug(&world.home, &veth, &err) == 0) && sh(ISOLATED);
}

static bool the_port_of_somebody_else_is_left_alone(void)
{
	struct veth veth = usual();
	struct world world;
	struct err err = {};

	veth.host_name = "mine";
	return build(&world) && sh("ip link add mine type veth peer name theirs && "
				   "ip link set mine master tare0") &&
	       CHECK(attach(&world, &veth, &err) == -EEXIST) && sh(HAIRPIN "0") &&
	       sh("ip link show mine | grep -q 'master tare0'") &&
	       sh_in(world.away_fd, "! ip link show eth0 2>/dev/null");
}

static bool what_fails_inside_leaves_nothing(void)
{
	const struct inside_route bad = { .to = net_of("fd51::/64"), .via = ip_of("10.88.0.9") };
	struct veth veth = usual();
	struct world world;
	struct err err = {};

	veth.inside.routes = &bad;
	veth.inside.n_routes = 1;
	return build(&world) && CHECK(attach(&world, &veth, &err) < 0) &&
	       CHECK(strstr(err.msg, "add route to 'fd51::/64' via '10.88.0.9': netlink")) &&
	       sh("! ip link show master tare0 | grep -q .") &&
	       sh_in(world.away_fd, "! ip link show eth0 2>/dev/null") &&
	       (veth.inside.n_routes = 0, CHECK(attach(&world, &veth, &err) == 0));
}

/* As it is when the bridge was removed and made again: then nothing hangs on it. */
static bool what_others_took_off_is_plugged_in_again(void)
{
	struct veth veth = usual(), none = usual(), bridge = usual();
	struct world world;
	struct err err = {};

	none.host_name = "nonesuch";
	bridge.host_name = "tare0";
	if (!build(&world) || !CHECK(attach(&world, &veth, &err) == 0))
		return false;
	veth.host_name = host_name;
	if (!CHECK(veth_plug(&world.home, &veth, &err) == 0) ||
	    !sh("ip -o link show master tare0 | sed 's/^[0-9]*: \\([^@:]*\\).*/\\1/' | "
		"while read -r i; do ip link set $i nomaster down; done") ||
	    !sh("! ip link show master tare0 | grep -q .") ||
	    !CHECK(veth_plug(&world.home, &veth, &err) == 0) || !sh(HAIRPIN "1") ||
	    !sh("ip link show master tare0 | grep -q ',UP'") ||
	    !CHECK(veth_plug(&world.home, &none, &err) == 1) ||
	    !CHECK(veth_plug(&world.home, &bridge, &err) < 0) ||
	    !CHECK(err.kind == ERR_CONFLICT))
		return false;
	veth.bridge = "nonesuch";
	return CHECK(veth_plug(&world.home, &veth, &err) == -ENODEV) &&
	       CHECK(err.kind == ERR_NOT_FOUND);
}

static bool it_is_detached(void)
{
	struct veth veth = usual();
	struct world world;
	struct err err = {};

	return build(&world) && CHECK(attach(&world, &veth, &err) == 0) &&
	       CHECK(veth_detach(&world.home, host_name, &err) == 0) &&
	       sh_in(world.away_fd, "! ip link show eth0 2>/dev/null") &&
	       CHECK(veth_detach(&world.home, host_name, &err) == 0) &&
	       CHECK(veth_detach(&world.home, "tare0", &err) < 0) &&
	       CHECK(err.kind == ERR_CONFLICT);
}

static uint64_t now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void report(const char *what, uint64_t *us, size_t n)
{
	qsort(us, n, sizeof(*us), compare);
	printf("# %s: min %lu us, median %lu us\n", what, us[0], us[n / 2]);
}

/* All in one namespace under many names, so that what grows is the number of ports. */
static bool a_hundred_hang_on_one_bridge(void)
{
	struct veth veth = usual();
	struct world world;
	struct err err = {};
	uint64_t us[100];
	char name[IF_NAMESIZE];

	if (!build(&world))
		return false;
	veth.inside.name = name;
	veth.inside.gateways[0] = veth.inside.gateways[1] = (struct ip){};
	for (uint32_t i = 0; i < 100; i++) {
		uint64_t start;

		(void)snprintf(name, sizeof(name), "eth%u", i);
		veth.inside.addresses[0].ip.bytes[3] = (uint8_t)(i + 2);
		veth.inside.addresses[1].ip.bytes[15] = (uint8_t)(i + 2);
		veth.mac.bytes[5] = (uint8_t)(i + 2);
		start = now_us();
		if (!CHECK(attach(&world, &veth, &err) == 0))
			return false;
		us[i] = now_us() - start;
	}
	report("ports 1 to 20", us, 20);
	report("ports 81 to 100", us + 80, 20);
	return sh("ip -o link show master tare0 | wc -l | grep -qx 100");
}

int main(void)
{
	if (!is_possible()) {
		SKIP(a_container_gets_addresses_and_routes, "needs root, and ip of iproute2");
		return tap_done();
	}
	TEST_IN_CHILD(a_container_gets_addresses_and_routes);
	TEST_IN_CHILD(the_bridge_is_reached_at_once);
	TEST_IN_CHILD(without_an_ip6_address_there_is_no_ip6);
	TEST_IN_CHILD(a_second_one_has_its_own_metric_and_routes);
	TEST_IN_CHILD(names_that_are_taken_are_told);
	TEST_IN_CHILD(what_makes_no_sense_is_refused);
	TEST_IN_CHILD(the_port_of_the_bridge_turns_back_what_it_brought);
	TEST_IN_CHILD(a_port_is_isolated_if_that_is_asked_for);
	TEST_IN_CHILD(the_port_of_somebody_else_is_left_alone);
	TEST_IN_CHILD(what_fails_inside_leaves_nothing);
	TEST_IN_CHILD(what_others_took_off_is_plugged_in_again);
	TEST_IN_CHILD(it_is_detached);
	TEST_IN_CHILD(a_hundred_hang_on_one_bridge);
	return tap_done();
}
