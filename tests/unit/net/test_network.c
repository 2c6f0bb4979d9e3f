/* SPDX-License-Identifier: Apache-2.0 */
#include "net/members.h"
#include "net/network.h"
#include "tap.h"
#include "tmpdir.h"

#include <string.h>

#define NETWORKS                                                      \
	auto_arena struct arena arena = {};                           \
	auto_tmpdir struct tmpdir dir;                                \
	auto_close int fd = -1;                                       \
	struct err err = {};                                          \
	tmpdir_make(&dir);                                            \
	fd = open(dir.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);      \
	if (!CHECK(fd >= 0))                                          \
	return false

static struct network *new_network(struct arena *arena, const char *name)
{
	struct network *network = arena_new(arena, struct network);

	network->name = arena_strdup(arena, name);
	network->driver = arena_strdup(arena, "bridge");
	return network;
}

static struct network *with_subnet(struct arena *arena, const char *name, const char *subnet)
{
	struct network *network = new_network(arena, name);

	network->subnets.v = arena_new(arena, struct network_subnet);
	network->subnets.n = 1;
	network->subnets.v[0].subnet = arena_strdup(arena, subnet);
	return network;
}

static struct network *with_option(struct arena *arena, const char *key, const char *value)
{
	struct network *network = new_network(arena, "web");

	network->options.v = arena_new(arena, struct oci_pair);
	network->options.n = 1;
	network->options.v[0].key = arena_strdup(arena, key);
	network->options.v[0].value = arena_strdup(arena, value);
	return network;
}

static bool tare1_is_taken(const char *interface, void *arg)
{
	(void)arg;
	return strcmp(interface, "tare1") == 0;
}

static bool what_is_not_said_is_chosen(void)
{
	const struct network_host host = { .is_taken = tare1_is_taken };
	struct network *a, *b, *again;
	NETWORKS;

	a = new_network(&arena, "web");
	b = new_network(&arena, "db");
	b->ip6 = true;
	return CHECK(network_create(fd, a, &host, &arena, &err) == 0) &&
	       CHECK(network_create(fd, b, &host, &arena, &err) == 0) &&
	       CHECK(strcmp(a->interface, "tare2") == 0) &&
	       CHECK(strcmp(b->interface, "tare3") == 0) && CHECK(strlen(a->id) == 64) &&
	       CHECK(strcmp(a->subnets.v[0].subnet, "10.80.0.0/24") == 0) &&
	       CHECK(strcmp(b->subnets.v[0].subnet, "10.80.1.0/24") == 0) &&
	       CHECK(b->subnets.n == 2) &&
	       CHECK(strcmp(b->subnets.v[0].gateway, "10.80.1.1") == 0) &&
	       CHECK(network_open(fd, "web", &arena, &again, &err) == 0) &&
	       CHECK(strcmp(again->id, a->id) == 0) && CHECK(again->subnets.v[0].net.bits == 24) &&
	       CHECK(network_create(fd, new_network(&arena, "web"), &host, &arena, &err) < 0) &&
	       CHECK(err.kind == ERR_CONFLICT);
}

static bool it_is_found_by_the_beginning_of_its_id(void)
{
	struct network *a, *found;
	char prefix[13];
	NETWORKS;

	a = new_network(&arena, "web");
	if (!CHECK(network_create(fd, a, NULL, &arena, &err) == 0))
		return false;
	(void)snprintf(prefix, sizeof(prefix), "%s", a->id);
	return CHECK(network_open(fd, prefix, &arena, &found, &err) == 0) &&
	       CHECK(strcmp(found->name, "web") == 0) &&
	       CHECK(network_open(fd, "nix", &arena, &found, &err) == -ENOENT) &&
	       CHECK(strcmp(err.msg, "no such network: nix") == 0) &&
	       CHECK(err.kind == ERR_NOT_FOUND);
}

static bool two_that_begin_so_are_named(void)
{
	struct network *a, *found;
	NETWORKS;

	for (int i = 0; i < 2; i++) {
		a = new_network(&arena, i ? "web" : "db");
		a->id = arena_printf(&arena, "abc%061d", i);
		if (!CHECK(network_create(fd, a, NULL, &arena, &err) == 0))
			return false;
	}
	return CHECK(network_open(fd, "abc", &arena, &found, &err) < 0) &&
	       CHECK(err.kind == ERR_USAGE) && CHECK(strstr(err.msg, "'web'") != NULL) &&
	       CHECK(strstr(err.msg, "'db'") != NULL);
}

static bool a_subnet_of_others_is_refused(void)
{
	struct host_subnet lan = { .ifname = "eth0" };
	const struct host_subnets subnets = { &lan, 1 };
	const struct network_host host = { .subnets = &subnets };
	NETWORKS;

	return CHECK(ip_net_parse("192.168.1.0/24", &lan.net, &err) == 0) &&
	       CHECK(network_create(fd, with_subnet(&arena, "a", "10.5.0.0/16"), &host, &arena,
				    &err) == 0) &&
	       CHECK(network_create(fd, with_subnet(&arena, "b", "10.5.3.0/24"), &host, &arena,
				    &err) < 0) &&
	       CHECK(strstr(err.msg, "clashes with network 'a' (10.5.0.0/16)") != NULL) &&
	       CHECK(network_create(fd, with_subnet(&arena, "b", "192.168.0.0/16"), &host, &arena,
				    &err) < 0) &&
	       CHECK(strstr(err.msg, "clashes with interface 'eth0'") != NULL);
}

static bool refused(struct network *network, const char *part)
{
	struct err err = {};

	if (network_check(network, &err) == 0 || err.kind != ERR_USAGE || !strstr(err.msg, part))
		return printf("# '%s', not '%s'\n", err.msg, part), false;
	return true;
}

static bool what_makes_no_sense_is_refused(void)
{
	auto_arena struct arena arena = {};
	struct network *network = with_subnet(&arena, "web", "10.5.0.0/24");

	network->subnets.v[0].gateway = arena_strdup(&arena, "10.6.0.1");
	if (!CHECK(refused(network, "gateway '10.6.0.1' is not in subnet '10.5.0.0/24'")))
		return false;
	network->subnets.v[0].gateway = NULL;
	network->subnets.v[0].range_start = arena_strdup(&arena, "fd00::1");
	return CHECK(refused(network, "range's start")) &&
	       CHECK(refused(with_subnet(&arena, "web", "10.5.0.1/24"), "bits")) &&
	       CHECK(refused(new_network(&arena, "host"), "no name for a network")) &&
	       CHECK(refused(new_network(&arena, "../x"), "no name for a network")) &&
	       CHECK(refused(new_network(&arena, ""), "no name for a network")) &&
	       CHECK(refused(with_option(&arena, "nix", "1"), "no option 'nix'")) &&
	       CHECK(refused(with_option(&arena, "vrf", "red"), "'vrf' is not supported")) &&
	       CHECK(refused(with_option(&arena, "mtu", "12"), "'mtu': '12'")) &&
	       CHECK(refused(with_option(&arena, "icc", "maybe"), "'icc': 'maybe'")) &&
	       CHECK(network_check(with_option(&arena, "icc", "true"), &(struct err){}) == 0) &&
	       CHECK(refused(with_option(&arena, "vlan", "0"), "'vlan': '0'")) &&
	       CHECK(refused(with_option(&arena, "vlan", "4095"), "'vlan': '4095'")) &&
	       CHECK(refused(with_option(&arena, "mode", "l2"), "has no option 'mode'"));
}

static bool there_are_at_most_four_subnets(void)
{
	auto_arena struct arena arena = {};
	struct network *network = new_network(&arena, "web");

	network->subnets.v = arena_array(&arena, struct network_subnet, 5);
	network->subnets.n = 5;
	for (size_t i = 0; i < 5; i++)
		network->subnets.v[i].subnet = arena_printf(&arena, "10.5.%zu.0/24", i);
	if (!CHECK(refused(network, "at most 4 subnets")))
		return false;
	network->subnets.n = 4;
	return CHECK(network_check(network, &(struct err){}) == 0);
}

static bool options_have_one_name_each(void)
{
	struct network *found;
	NETWORKS;

	return CHECK(network_create(fd, with_option(&arena, "com.docker.network.driver.mtu",
						    "1400"), NULL, &arena, &err) == 0) &&
	       CHECK(network_open(fd, "web", &arena, &found, &err) == 0) &&
	       CHECK(strcmp(found->options.v[0].key, "mtu") == 0) &&
	       CHECK(network_mtu(found) == 1400) && CHECK(network_is_isolated(found)) &&
	       CHECK(network_wants_default_route(found));
}

static bool the_default_network_is_made_once_and_stays(void)
{
	struct network *a, *b;
	NETWORKS;

	return CHECK(network_ensure_default(fd, NULL, &arena, &a, &err) == 0) &&
	       CHECK(network_ensure_default(fd, NULL, &arena, &b, &err) == 0) &&
	       CHECK(strcmp(b->interface, "tare0") == 0) &&
	       CHECK(strcmp(b->subnets.v[0].subnet, "10.87.0.0/16") == 0) &&
	       CHECK(strcmp(b->subnets.v[0].gateway, "10.87.0.1") == 0) &&
	       CHECK(strcmp(a->created, b->created) == 0) &&
	       CHECK(network_remove(fd, "bridge", NULL, NULL, &err) < 0) &&
	       CHECK(err.kind == ERR_CONFLICT);
}

static bool one_with_members_is_not_removed(void)
{
	const char *const names[] = { "web1" };
	char id[65];
	struct member m = { .id = id, .names = names, .n_names = 1 };
	auto_close int network_fd = -1;
	struct network *network;
	NETWORKS;

	(void)snprintf(id, sizeof(id), "%064d", 7);
	network = new_network(&arena, "web");
	return CHECK(network_create(fd, network, NULL, &arena, &err) == 0) &&
	       CHECK(network_open_dir(fd, "web", &network_fd, &err) == 0) &&
	       CHECK(members_join(network_fd, network, &m, NULL, NULL, &err) == 0) &&
	       CHECK(network_remove(fd, "web", NULL, NULL, &err) < 0) &&
	       CHECK(strcmp(err.msg, "network 'web' is used by container 'web1'") == 0) &&
	       CHECK(members_leave(network_fd, id, &err) == 0) &&
	       CHECK(network_remove(fd, "web", NULL, NULL, &err) == 0) &&
	       CHECK(faccessat(fd, "web", F_OK, 0) < 0) &&
	       CHECK(members_join(network_fd, network, &m, NULL, NULL, &err) < 0) &&
	       CHECK(err.kind == ERR_NOT_FOUND) &&
	       CHECK(network_remove(fd, "web", NULL, NULL, &err) < 0);
}

static bool who_is_on_it_is_named(void)
{
	const char *const names[] = { "one", "two" };
	auto_close int network_fd = -1;
	struct network *network;
	NETWORKS;

	network = new_network(&arena, "web");
	if (!CHECK(network_create(fd, network, NULL, &arena, &err) == 0) ||
	    !CHECK(network_open_dir(fd, "web", &network_fd, &err) == 0))
		return false;
	for (size_t i = 0; i < 2; i++) {
		char id[65];
		struct member m = { .id = id, .names = &names[i], .n_names = 1 };

		(void)snprintf(id, sizeof(id), "%064zu", i);
		if (!CHECK(members_join(network_fd, network, &m, NULL, NULL, &err) == 0))
			return false;
	}
	return CHECK(network_remove(fd, "web", NULL, NULL, &err) == -EBUSY) &&
	       CHECK_STR(err.msg, "network 'web' is used by containers 'one', 'two'");
}

static int take_down(struct network *network, void *arg, struct err *err)
{
	int *r = arg;

	if (*r < 0)
		return err_set(err, ERR_SYSTEM, -*r, "%s stays up", network->interface);
	*r = 1;
	return 0;
}

static bool it_stays_when_it_cannot_be_taken_down(void)
{
	struct network *found;
	int done = 0, fails = -EIO;
	NETWORKS;

	return CHECK(network_create(fd, new_network(&arena, "web"), NULL, &arena, &err) == 0) &&
	       CHECK(network_remove(fd, "web", take_down, &fails, &err) == -EIO) &&
	       CHECK_STR(err.msg, "tare1 stays up") &&
	       CHECK(network_open(fd, "web", &arena, &found, &err) == 0) &&
	       CHECK(network_remove(fd, "web", take_down, &done, &err) == 0) && CHECK(done == 1) &&
	       CHECK(network_open(fd, "web", &arena, &found, &err) == -ENOENT);
}

static bool a_subnet_of_ip6_makes_no_other(void)
{
	struct network *a, *b;
	NETWORKS;

	a = with_subnet(&arena, "a", "fd00:1::/64");
	b = with_subnet(&arena, "b", "fd00:2::/64");
	b->ip6 = true;
	return CHECK(network_create(fd, a, NULL, &arena, &err) == 0) && CHECK(a->ip6) &&
	       CHECK(a->subnets.n == 1) && CHECK_STR(a->subnets.v[0].gateway, "fd00:1::1") &&
	       CHECK(network_create(fd, b, NULL, &arena, &err) == 0) && CHECK(b->subnets.n == 2);
}

static bool a_name_is_chosen_too(void)
{
	struct network *a, *b;
	NETWORKS;

	a = arena_new(&arena, struct network);
	b = arena_new(&arena, struct network);
	return CHECK(network_create(fd, a, NULL, &arena, &err) == 0) &&
	       CHECK(network_create(fd, b, NULL, &arena, &err) == 0) &&
	       CHECK_STR(a->name, "tare1") && CHECK_STR(b->name, "tare2");
}

static bool a_list_is_in_the_order_of_names(void)
{
	struct network_list list;
	NETWORKS;

	return CHECK(network_list(fd, &arena, &list, &err) == 0) && CHECK(list.n == 0) &&
	       CHECK(network_create(fd, new_network(&arena, "web"), NULL, &arena, &err) == 0) &&
	       CHECK(network_create(fd, new_network(&arena, "db"), NULL, &arena, &err) == 0) &&
	       CHECK(mkdirat(fd, "half", 0700) == 0) &&
	       CHECK(network_list(fd, &arena, &list, &err) == 0) && CHECK(list.n == 2) &&
	       CHECK_STR(list.v[0]->name, "db") && CHECK_STR(list.v[1]->name, "web");
}

static bool damage_names_file_and_member(void)
{
	auto_close int network_fd = -1;
	struct network *network;
	NETWORKS;

	return CHECK(mkdirat(fd, "web", 0700) == 0) &&
	       CHECK((network_fd = openat(fd, "web", O_RDONLY | O_CLOEXEC)) >= 0) &&
	       CHECK(tmpdir_put(network_fd, "network.json",
				"{\"name\":\"web\",\"id\":\"1\",\"created\":\"x\","
				"\"driver\":\"bridge\",\"subnets\":[{\"subnet\":7}]}")) &&
	       CHECK(network_open(fd, "web", &arena, &network, &err) == -EINVAL) &&
	       CHECK(strstr(err.msg, "network 'web': 'network.json': subnets[0].subnet") != NULL) &&
	       CHECK(network_remove(fd, "web", take_down, NULL, &err) == 0) &&
	       CHECK(faccessat(fd, "web", F_OK, 0) < 0);
}

int main(void)
{
	TEST(what_is_not_said_is_chosen);
	TEST(it_is_found_by_the_beginning_of_its_id);
	TEST(two_that_begin_so_are_named);
	TEST(a_subnet_of_others_is_refused);
	TEST(what_makes_no_sense_is_refused);
	TEST(there_are_at_most_four_subnets);
	TEST(options_have_one_name_each);
	TEST(the_default_network_is_made_once_and_stays);
	TEST(one_with_members_is_not_removed);
	TEST(who_is_on_it_is_named);
	TEST(it_stays_when_it_cannot_be_taken_down);
	TEST(a_subnet_of_ip6_makes_no_other);
	TEST(a_name_is_chosen_too);
	TEST(a_list_is_in_the_order_of_names);
	TEST(damage_names_file_and_member);
	return tap_done();
}
