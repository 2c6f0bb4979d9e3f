/* SPDX-License-Identifier: Apache-2.0 */
#include "net/macvlan.h"

#include "net/world.h"

/* The container's namespace, and the host's, in which we are, with an uplink. */
struct world {
	int away_fd, home_fd;
	struct netlink home, away;
};

static bool build(struct world *world)
{
	struct err err = {};

	*world = (struct world){ .away_fd = -1, .home_fd = -1 };
	return new_namespace(&world->away_fd) && new_namespace(&world->home_fd) &&
	       CHECK(netlink_open(&world->home, &err) == 0) &&
	       CHECK(netlink_open_in(&world->away, world->away_fd, &err) == 0) &&
	       sh("ip link add eth0 type veth peer name far && ip link set eth0 up && "
		  "ip link set far up");
}

static struct macvlan usual(void)
{
	return (struct macvlan){
		.parent = "eth0",
		.mode = MACVLAN_BRIDGE,
		.mac = { { 2, 0x42, 10, 9, 0, 2 } },
		.inside = {
			.name = "eth0",
			.addresses = { net_of("10.9.0.2/24") },
			.gateways = { ip_of("10.9.0.1") },
		},
	};
}

static int attach(struct world *world, const struct macvlan *macvlan, struct err *err)
{
	int r = macvlan_attach(&world->home, world->away_fd, &world->away, macvlan, err);

	if (r < 0)
		printf("# %s\n", err->msg);
	return r;
}

static bool modes_are_read(void)
{
	enum macvlan_variant mode = MACVLAN_VEPA;
	struct err err = {};

	return CHECK(macvlan_mode_parse("macvlan", "", &mode, &err) == 0) &&
	       CHECK(mode == MACVLAN_BRIDGE) &&
	       CHECK(macvlan_mode_parse("macvlan", "passthru", &mode, &err) == 0) &&
	       CHECK(mode == MACVLAN_PASSTHRU) &&
	       CHECK(macvlan_mode_parse("ipvlan", "l3s", &mode, &err) == 0) &&
	       CHECK(mode == IPVLAN_L3S) &&
	       CHECK(macvlan_mode_parse("ipvlan", "bridge", &mode, &err) == -EINVAL) &&
	       CHECK_STR(err.msg, "'bridge' is no mode of ipvlan") && CHECK(mode == IPVLAN_L3S);
}

static bool a_container_hangs_on_an_interface_of_the_same_name(void)
{
	struct macvlan macvlan = usual();
	struct world world;
	struct err err = {};

	return build(&world) && CHECK(attach(&world, &macvlan, &err) == 0) &&
	       sh_in(world.away_fd, "ip -d link show eth0 | grep -q 'macvlan mode bridge' && "
				    "ip link show eth0 | grep -q 02:42:0a:09:00:02 && "
				    "ip addr show eth0 | grep -q 10.9.0.2/24 && "
				    "ip route | grep -q 'default via 10.9.0.1 dev eth0'");
}

static bool a_name_that_is_taken_is_told(void)
{
	struct macvlan macvlan = usual();
	struct world world;
	struct err err = {};

	return build(&world) && CHECK(attach(&world, &macvlan, &err) == 0) &&
	       CHECK(attach(&world, &macvlan, &err) == -EEXIST) &&
	       CHECK(err.kind == ERR_CONFLICT) &&
	       sh_in(world.away_fd, "ip -o link show type macvlan | wc -l | grep -qx 1");
}

static bool what_fails_leaves_nothing(void)
{
	const struct inside_route bad = { .to = net_of("fd51::/64"), .via = ip_of("10.88.0.9") };
	struct macvlan macvlan = usual();
	struct world world;
	struct err err = {};

	macvlan.inside.routes = &bad;
	macvlan.inside.n_routes = 1;
	return build(&world) && CHECK(attach(&world, &macvlan, &err) < 0) &&
	       CHECK(strstr(err.msg, "add route to 'fd51::/64' via '10.88.0.9'")) &&
	       sh_in(world.away_fd, "! ip -o link show type macvlan | grep -q .");
}

static bool a_parent_that_is_down_may_come_up_later(void)
{
	struct macvlan macvlan = usual();
	struct world world;
	struct err err = {};

	return build(&world) && sh("ip link set eth0 down") &&
	       CHECK(attach(&world, &macvlan, &err) == 0) && sh("ip link set eth0 up") &&
	       sh_in(world.away_fd, "ip link show eth0 | grep -q '[<,]LOWER_UP' && "
				    "ip route | grep -q 'default via 10.9.0.1'");
}

static bool a_parent_must_be_there(void)
{
	struct macvlan macvlan = usual();
	struct world world;
	struct err err = {};

	macvlan.parent = "nope.10";
	return build(&world) && CHECK(attach(&world, &macvlan, &err) == -ENODEV) &&
	       CHECK(err.kind == ERR_NOT_FOUND) &&
	       CHECK_STR(err.msg, "attach 'eth0' to interface 'nope.10': no interface 'nope.10'");
}

/* Either the kernel has it and it works, or it is said that it has not. */
static bool what_the_kernel_lacks_is_told(void)
{
	struct macvlan ipvlan = usual(), vlan = usual();
	struct world world;
	struct err err = {};
	int r;

	ipvlan.mode = IPVLAN_L2;
	vlan.parent = "eth0.10";
	vlan.inside.name = "eth1";
	vlan.inside.addresses[0] = net_of("10.10.0.2/24");
	vlan.inside.gateways[0] = (struct ip){};
	if (!build(&world))
		return false;
	r = attach(&world, &ipvlan, &err);
	if (r == 0 && !sh_in(world.away_fd, "ip -d link show eth0 | grep -q 'ipvlan.*l2'"))
		return false;
	if (r < 0 && (!CHECK(r == -EOPNOTSUPP) || !CHECK(*err.hint) ||
		      !CHECK(strstr(err.msg, "this kernel has no ipvlan"))))
		return false;
	r = attach(&world, &vlan, &err);
	if (r == 0)
		return sh("ip -d link show eth0.10 | grep -q 'vlan.*id 10'");
	return CHECK(r == -EOPNOTSUPP) && CHECK(strstr(err.msg, "this kernel has no VLANs"));
}

int main(void)
{
	TEST(modes_are_read);
	if (!is_possible()) {
		SKIP(a_container_hangs_on_an_interface_of_the_same_name,
		     "needs root, and ip of iproute2");
		return tap_done();
	}
	TEST_IN_CHILD(a_container_hangs_on_an_interface_of_the_same_name);
	TEST_IN_CHILD(a_name_that_is_taken_is_told);
	TEST_IN_CHILD(what_fails_leaves_nothing);
	TEST_IN_CHILD(a_parent_that_is_down_may_come_up_later);
	TEST_IN_CHILD(a_parent_must_be_there);
	TEST_IN_CHILD(what_the_kernel_lacks_is_told);
	return tap_done();
}
