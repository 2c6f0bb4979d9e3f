/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network_device.h"

#include "engine/networks.h"
#include "oci/list.h"

#define PLACE                                                                                 \
	ENGINE;                                                                               \
	auto_netlink struct netlink nl = { .fd = -1 };                                        \
	auto_nft struct nft nft = { .fd = -1 };                                               \
	const struct network_place place = { .networks_fd = fd, .nl = &nl, .nft = &nft };     \
	uint32_t mtu = 1;                                                                     \
	if (!CHECK(netlink_open(&nl, &err) == 0) || !CHECK(nft_open(&nft, &err) == 0))        \
	return false

static bool is_listed(const char *set, const char *bridge)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "nft list set inet tare %s | grep -q '\"%s\"'",
		       set, bridge);
	return sh(command);
}

static struct oci_pair option(struct arena *arena, const char *key, const char *value)
{
	return (struct oci_pair){ arena_strdup(arena, key), arena_strdup(arena, value) };
}

static bool make(int networks_fd, struct network *network, struct arena *arena, struct err *err)
{
	return CHECK(engine_network_create(networks_fd, network, arena, err) == 0);
}

static bool a_bridge_stands_with_its_rules(void)
{
	struct network *web;
	PLACE;

	web = named(&arena, "web");
	web->ip6 = true;
	return make(fd, web, &arena, &err) &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 1) &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 0) &&
	       sh("ip addr show dev tare1 | grep -q 'inet 10.80.0.1/24'") &&
	       sh("ip addr show dev tare1 | grep -q 'inet6 fd'") &&
	       sh("ip link show dev tare1 up | grep -q tare1") && is_listed("bridges", "tare1") &&
	       sh("! nft list set inet tare internal | grep -q tare1") &&
	       sh("! nft list set inet tare open | grep -q tare1");
}

static bool rules_say_what_the_network_is(void)
{
	struct network *web, *db;
	PLACE;

	web = named(&arena, "web");
	db = named(&arena, "db");
	web->internal = true;
	*list_add(&db->options, &arena) = option(&arena, "isolate", "false");
	return make(fd, web, &arena, &err) && make(fd, db, &arena, &err) &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) >= 0) &&
	       CHECK(network_device_ensure(&place, db, &mtu, &err) >= 0) &&
	       is_listed("internal", "tare1") && is_listed("open", "tare2") &&
	       sh("! nft list set inet tare internal | grep -q tare2");
}

static bool has_guard(bool is_on)
{
	return sh(is_on ? "nft list chain inet tare guard | grep -q drop"
			: "nft list chain inet tare guard >/dev/null && "
			  "! nft list chain inet tare guard | grep -q drop");
}

static bool a_host_that_drops_input_has_a_guard_if_that_is_asked_for(void)
{
	struct network_place guarded;
	struct network *web;
	PLACE;

	guarded = place;
	guarded.respects_input_policy = true;
	web = named(&arena, "web");
	return make(fd, web, &arena, &err) &&
	       CHECK(network_device_ensure(&guarded, web, &mtu, &err) == 1) && has_guard(false) &&
	       sh("nft 'table inet mine { chain input { type filter hook input priority 0; "
		  "policy drop; }; }'") &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 0) && has_guard(false) &&
	       CHECK(network_device_ensure(&guarded, web, &mtu, &err) == 0) && has_guard(true) &&
	       CHECK(network_device_ensure(&guarded, web, &mtu, &err) == 0) && has_guard(true) &&
	       sh("nft flush chain inet tare networks") &&
	       CHECK(network_device_ensure(&guarded, web, &mtu, &err) == 1) && has_guard(true) &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 0) && has_guard(false) &&
	       CHECK(network_device_repair(&guarded, web, &mtu, &err) == 0) && has_guard(true) &&
	       sh("nft delete table inet mine") &&
	       CHECK(network_device_ensure(&guarded, web, &mtu, &err) == 0) && has_guard(false);
}

static bool rules_that_were_flushed_are_those_of_all_networks_again(void)
{
	struct network *web, *db;
	PLACE;

	web = named(&arena, "web");
	db = named(&arena, "db");
	return make(fd, web, &arena, &err) && make(fd, db, &arena, &err) &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 1) &&
	       CHECK(network_device_ensure(&place, db, &mtu, &err) == 0) &&
	       sh("nft flush ruleset") &&
	       CHECK(network_device_ensure(&place, db, &mtu, &err) == 1) &&
	       is_listed("bridges", "tare1") && is_listed("bridges", "tare2");
}

static bool a_network_whose_rules_were_lost_has_them_again(void)
{
	struct network *web;
	PLACE;

	web = named(&arena, "web");
	return make(fd, web, &arena, &err) &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 1) &&
	       sh("nft flush set inet tare bridges") &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 0) &&
	       is_listed("bridges", "tare1");
}

static bool the_mtu_is_that_of_the_way_out(void)
{
	struct network *web, *db;
	PLACE;

	web = named(&arena, "web");
	db = named(&arena, "db");
	*list_add(&db->options, &arena) = option(&arena, "mtu", "1300");
	return make(fd, web, &arena, &err) && make(fd, db, &arena, &err) &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 1) && CHECK(mtu == 0) &&
	       sh("ip link del tare1 && nft flush ruleset") &&
	       sh("ip link add up0 type veth peer name up1 && ip link set up0 mtu 1400 up && "
		  "ip link set up1 up && ip addr add 10.0.0.2/24 dev up0 && "
		  "ip route add default via 10.0.0.1") &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 1) && CHECK(mtu == 1400) &&
	       CHECK(network_device_ensure(&place, db, &mtu, &err) == 0) && CHECK(mtu == 1300) &&
	       sh("ip link show dev tare1 | grep -q 'mtu 1400'") &&
	       sh("ip link show dev tare2 | grep -q 'mtu 1300'");
}

static bool what_somebody_changed_is_put_right(void)
{
	struct network *web;
	PLACE;

	web = named(&arena, "web");
	return make(fd, web, &arena, &err) &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 1) &&
	       sh("ip addr flush dev tare1") &&
	       CHECK(network_device_repair(&place, web, &mtu, &err) == 0) &&
	       sh("ip addr show dev tare1 | grep -q 'inet 10.80.0.1/24'");
}

static bool it_goes_with_its_rules(void)
{
	struct network *web;
	PLACE;

	web = named(&arena, "web");
	return make(fd, web, &arena, &err) &&
	       CHECK(network_device_remove(&place, web, &err) == 0) &&
	       CHECK(network_device_ensure(&place, web, &mtu, &err) == 1) &&
	       CHECK(network_device_remove(&place, web, &err) == 0) &&
	       sh("! ip link show dev tare1 2>/dev/null") &&
	       sh("! nft list ruleset | grep -q tare1") &&
	       CHECK(network_device_remove(&place, web, &err) == 0);
}

static bool of_macvlan_there_is_nothing(void)
{
	struct network *lan;
	PLACE;

	lan = named(&arena, "lan");
	lan->driver = arena_strdup(&arena, "macvlan");
	return make(fd, lan, &arena, &err) &&
	       CHECK(network_device_ensure(&place, lan, &mtu, &err) == 0) &&
	       CHECK(network_device_remove(&place, lan, &err) == 0) &&
	       sh("! nft list table inet tare 2>/dev/null");
}

int main(void)
{
	if (!is_possible() || system("nft --version >/dev/null") != 0) {
		SKIP(a_bridge_stands_with_its_rules, "needs root, ip(8) and nft(8)");
		return tap_done();
	}
	TEST_IN_CHILD(a_bridge_stands_with_its_rules);
	TEST_IN_CHILD(rules_say_what_the_network_is);
	TEST_IN_CHILD(a_host_that_drops_input_has_a_guard_if_that_is_asked_for);
	TEST_IN_CHILD(rules_that_were_flushed_are_those_of_all_networks_again);
	TEST_IN_CHILD(a_network_whose_rules_were_lost_has_them_again);
	TEST_IN_CHILD(the_mtu_is_that_of_the_way_out);
	TEST_IN_CHILD(what_somebody_changed_is_put_right);
	TEST_IN_CHILD(it_goes_with_its_rules);
	TEST_IN_CHILD(of_macvlan_there_is_nothing);
	return tap_done();
}
