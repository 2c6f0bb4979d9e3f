/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/network.h"

#include "engine/entry.h"
#include "engine/networks.h"
#include "net/firewall.h"

#define NOBODY "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static bool the_default_network_is_made_at_its_first_use(void)
{
	struct network *a, *b;
	ENGINE;

	return CHECK(network_open(fd, "bridge", &arena, &a, &err) == -ENOENT) &&
	       CHECK(engine_network_open(fd, "bridge", &arena, &a, &err) == 0) &&
	       CHECK_STR(a->interface, "tare0") &&
	       CHECK_STR(a->subnets.v[0].subnet, "10.87.0.0/16") &&
	       CHECK(engine_network_open(fd, a->id, &arena, &b, &err) == 0) &&
	       CHECK_STR(b->name, "bridge");
}

static bool no_other_is_made_by_being_named(void)
{
	struct network *network;
	ENGINE;

	return CHECK(engine_network_open(fd, "web", &arena, &network, &err) == -ENOENT) &&
	       CHECK(err.kind == ERR_NOT_FOUND) && CHECK_STR(err.msg, "no such network: web");
}

static bool what_the_machine_has_is_not_taken(void)
{
	struct network *a, *web = NULL;
	ENGINE;

	web = named(&arena, "web");
	return CHECK(sh("ip link add tare1 type bridge && ip link set lo up && "
			"ip addr add 10.87.0.1/16 dev lo && ip addr add 10.80.0.1/24 dev lo")) &&
	       CHECK(engine_network_open(fd, "bridge", &arena, &a, &err) == 0) &&
	       CHECK_STR(a->subnets.v[0].subnet, "172.17.0.0/16") &&
	       CHECK(engine_network_create(fd, web, &arena, &err) == 0) &&
	       CHECK_STR(web->interface, "tare2") &&
	       CHECK_STR(web->subnets.v[0].subnet, "10.80.1.0/24");
}

/* ------------------------------------------------------------------------------- members */

static bool join(int networks_fd, const struct network *network, const char *id, struct err *err)
{
	static const char *const names[] = { "one" };
	struct member m = { .id = id, .names = names, .n_names = 1 };
	auto_close int fd = -1;

	return CHECK(network_open_dir(networks_fd, network->name, &fd, err) == 0) &&
	       CHECK(members_join(fd, network, &m, NULL, NULL, err) == 0);
}

static bool who_has_no_entry_or_no_monitor_is_gone(void)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_close int lock_fd = -1;
	struct config config = {};
	ENGINE;

	return CHECK(engine_member_is_gone(NOBODY, &engine)) &&
	       CHECK(entry_create(&engine, &config, &arena, &entry, &err) == 0) &&
	       CHECK(engine_member_is_gone(entry.id, &engine)) &&
	       CHECK(entry_begin(&entry, &lock_fd, &err) == 0) &&
	       CHECK(!engine_member_is_gone(entry.id, &engine)) &&
	       CHECK(engine_member_is_gone(NOBODY, &engine));
}

static bool what_is_not_known_is_not_gone(void)
{
	ENGINE;

	engine.root = "/dev/null";
	return CHECK(!engine_member_is_gone(NOBODY, &engine));
}

static void count_port(const struct firewall_port *port, const char *id, void *arg)
{
	(void)port;
	(void)id;
	++*(size_t *)arg;
}

static bool who_is_cleared_has_no_ports(void)
{
	struct firewall_port port = { .proto = IPPROTO_TCP, .host_port = 80, .to_port = 80 };
	auto_nft struct nft nft = { .fd = -1 };
	size_t before = 0, after = 0;
	ENGINE;

	return CHECK(ip_parse("10.87.0.2", &port.to, &err) == 0) &&
	       CHECK(nft_open(&nft, &err) == 0) && CHECK(firewall_ensure(&nft, &err) == 1) &&
	       CHECK(firewall_publish(&nft, NOBODY, &port, 1, &err) == 0) &&
	       CHECK(firewall_each_port(&nft, count_port, &before, &err) == 0) &&
	       CHECK(before == 1) && CHECK(engine_member_is_cleared(NOBODY, &engine)) &&
	       CHECK(firewall_each_port(&nft, count_port, &after, &err) == 0) &&
	       CHECK(after == 0);
}

static bool members_are_those_that_are_not_gone(void)
{
	auto_member_table struct member_table table = {};
	auto_entry struct entry entry = ENTRY_NONE;
	auto_close int lock_fd = -1;
	struct config config = {};
	struct network *network;
	ENGINE;

	return CHECK(engine_network_open(fd, "bridge", &arena, &network, &err) == 0) &&
	       CHECK(entry_create(&engine, &config, &arena, &entry, &err) == 0) &&
	       CHECK(entry_begin(&entry, &lock_fd, &err) == 0) &&
	       join(fd, network, NOBODY, &err) && join(fd, network, entry.id, &err) &&
	       CHECK(engine_network_members(&engine, fd, "bridge", &table, &err) == 0) &&
	       CHECK(table.n == 1) && CHECK_STR(table.v[0].id, entry.id) &&
	       CHECK(engine_network_members(&engine, fd, "web", &table, &err) == -ENOENT);
}

int main(void)
{
	if (!is_possible()) {
		SKIP(the_default_network_is_made_at_its_first_use, "needs root and ip(8)");
		return tap_done();
	}
	TEST_IN_CHILD(the_default_network_is_made_at_its_first_use);
	TEST_IN_CHILD(no_other_is_made_by_being_named);
	TEST_IN_CHILD(what_the_machine_has_is_not_taken);
	TEST_IN_CHILD(who_has_no_entry_or_no_monitor_is_gone);
	TEST_IN_CHILD(what_is_not_known_is_not_gone);
	TEST_IN_CHILD(who_is_cleared_has_no_ports);
	TEST_IN_CHILD(members_are_those_that_are_not_gone);
	return tap_done();
}
