/* SPDX-License-Identifier: Apache-2.0 */
#include "net/members.h"
#include "base/buf.h"
#include "tap.h"
#include "tmpdir.h"

#include <string.h>
#include <sys/wait.h>

static struct network network_of(struct network_subnet *subnet, char *text, char *gateway)
{
	struct network network = {};

	*subnet = (struct network_subnet){ .subnet = text, .gateway = gateway };
	network.subnets.v = subnet;
	network.subnets.n = 1;
	return network;
}

/* A network in the directory; `name` and `driver` must live as long as it is used. */
#define NETWORK(subnet_text, gateway_text)                                             \
	char name_[] = "web", driver_[] = "bridge", subnet_[] = subnet_text,           \
	     gateway_[] = gateway_text;                                                \
	struct network_subnet subnets_;                                                \
	struct network network = network_of(&subnets_, subnet_, gateway_);             \
	struct err err = {};                                                           \
	auto_tmpdir struct tmpdir dir;                                                 \
	auto_close int fd = -1;                                                        \
	network.name = name_;                                                          \
	network.driver = driver_;                                                      \
	tmpdir_make(&dir);                                                             \
	fd = open(dir.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);                       \
	if (!CHECK(fd >= 0) || !CHECK(tmpdir_put(fd, "network.json", "{}")) ||         \
	    !CHECK(network_check(&network, &err) == 0))                                \
	return false

struct who {
	char id[MEMBER_ID_LEN + 1], name[32];
	const char *names[2];
	struct member m;
};

static struct member *who(struct who *w, unsigned n)
{
	*w = (struct who){};
	(void)snprintf(w->id, sizeof(w->id), "%064x", n * 2654435761u);
	memmove(w->id, w->id + 56, 8);
	(void)snprintf(w->name, sizeof(w->name), "c%u", n);
	w->names[0] = w->name;
	w->names[1] = "all";
	w->m = (struct member){ .id = w->id, .interface = "veth0", .names = w->names,
				.n_names = 2 };
	return &w->m;
}

static bool has(const struct ip *ip, const char *expected)
{
	char text[IP_BYTES];

	if (strcmp(ip_format(ip, text), expected) == 0)
		return true;
	printf("# %s, not %s\n", text, expected);
	return false;
}

static bool nobody_is_gone(const char *id, void *arg)
{
	(void)id;
	(void)arg;
	return false;
}

static bool everybody_is_gone(const char *id, void *arg)
{
	(void)id;
	(void)arg;
	return true;
}

static bool joins(int fd, const struct network *network, unsigned n, const char *expected)
{
	struct err err = {};
	struct who w;
	struct member *m = who(&w, n);

	if (members_join(fd, network, m, nobody_is_gone, NULL, &err) == 0)
		return has(&m->ip, expected) && CHECK(m->mac.bytes[0] == 2);
	printf("# %s\n", err.msg);
	return false;
}

static bool an_address_is_not_given_again_at_once(void)
{
	NETWORK("10.89.0.0/29", "10.89.0.1");
	struct who w;

	return CHECK(joins(fd, &network, 1, "10.89.0.2")) &&
	       CHECK(joins(fd, &network, 2, "10.89.0.3")) &&
	       CHECK(members_leave(fd, who(&w, 2)->id, &err) == 0) &&
	       CHECK(members_leave(fd, who(&w, 2)->id, &err) == 0) &&
	       CHECK(joins(fd, &network, 3, "10.89.0.4")) &&
	       CHECK(joins(fd, &network, 4, "10.89.0.5")) &&
	       CHECK(joins(fd, &network, 5, "10.89.0.6")) &&
	       CHECK(joins(fd, &network, 6, "10.89.0.3")) &&
	       CHECK(joins(fd, &network, 3, "10.89.0.4"));
}

static bool a_full_network_says_so_unless_some_are_gone(void)
{
	NETWORK("10.89.0.0/29", "10.89.0.1");
	struct who w;

	for (unsigned i = 1; i <= 5; i++)
		if (!CHECK(members_join(fd, &network, who(&w, i), NULL, NULL, &err) == 0))
			return false;
	return CHECK(members_join(fd, &network, who(&w, 6), nobody_is_gone, NULL, &err) < 0) &&
	       CHECK(err.kind == ERR_CONFLICT) &&
	       CHECK(strcmp(err.msg, "network 'web': no address is left in 10.89.0.0/29 "
				     "(5 of 5 in use)") == 0) &&
	       CHECK(members_join(fd, &network, who(&w, 6), everybody_is_gone, NULL, &err) == 0) &&
	       CHECK(has(&w.m.ip, "10.89.0.2")) &&
	       CHECK(members_sweep(fd, everybody_is_gone, NULL, &err) == 1) &&
	       CHECK(members_sweep(fd, everybody_is_gone, NULL, &err) == 0);
}

static bool wants(int fd, const struct network *network, const char *ip, unsigned n,
		  struct err *err)
{
	struct who w;
	struct member *m = who(&w, n);

	return ip_parse(ip, &m->ip, err) == 0 &&
	       members_join(fd, network, m, nobody_is_gone, NULL, err) == 0;
}

static bool a_wanted_address_is_given_if_it_can_be(void)
{
	static const char *const bad[] = { "10.89.0.0", "10.89.0.255", "10.89.0.1", "10.90.0.5" };
	NETWORK("10.89.0.0/24", "10.89.0.1");

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(!wants(fd, &network, bad[i], 9, &err)) ||
		    !CHECK(err.kind == ERR_USAGE))
			return false;
	return CHECK(wants(fd, &network, "10.89.0.200", 1, &err)) &&
	       CHECK(!wants(fd, &network, "10.89.0.200", 2, &err)) &&
	       CHECK(err.kind == ERR_CONFLICT) &&
	       CHECK(strstr(err.msg, "10.89.0.200 is taken by container c1") != NULL) &&
	       CHECK(joins(fd, &network, 2, "10.89.0.2"));
}

static bool names_and_addresses_are_found(void)
{
	auto_member_table struct member_table table = {};
	NETWORK("10.89.0.0/24", "10.89.0.1");
	const char *const others[] = { "renamed" };
	const struct member *found[4];
	struct ip ip;
	struct who w;

	return CHECK(joins(fd, &network, 1, "10.89.0.2")) &&
	       CHECK(joins(fd, &network, 2, "10.89.0.3")) &&
	       CHECK(members_load(fd, &table, &err) == 0) && CHECK(table.n == 2) &&
	       CHECK(member_table_find_name(&table, "ALL", found, 4) == 2) &&
	       CHECK(has(&found[0]->ip, "10.89.0.2")) && CHECK(has(&found[1]->ip, "10.89.0.3")) &&
	       CHECK(member_table_find_name(&table, "C2", found, 4) == 1) &&
	       CHECK(member_table_find_name(&table, "c3", found, 4) == 0) &&
	       CHECK(ip_parse("10.89.0.3", &ip, &err) == 0) &&
	       CHECK(member_table_find_ip(&table, &ip) == found[0] ||
		     member_table_find_ip(&table, &ip) == &table.v[1]) &&
	       CHECK(members_rename(fd, who(&w, 2)->id, others, 1, &err) == 0) &&
	       CHECK((member_table_done(&table), members_load(fd, &table, &err)) == 0) &&
	       CHECK(member_table_find_name(&table, "renamed", found, 4) == 1) &&
	       CHECK(has(&found[0]->ip, "10.89.0.3")) &&
	       CHECK(member_table_find_name(&table, "c2", found, 4) == 0) &&
	       CHECK((w.id[12] = '\0', member_table_find_name(&table, w.id, found, 4)) == 1);
}

static bool a_change_shows_in_the_stamp(void)
{
	NETWORK("10.89.0.0/24", "10.89.0.1");
	struct members_stamp none, one, two;

	return CHECK(members_stamp(fd, &none) == 0) && CHECK(none.inode == 0) &&
	       CHECK(joins(fd, &network, 1, "10.89.0.2")) &&
	       CHECK(members_stamp(fd, &one) == 0) && CHECK(one.inode != 0) &&
	       CHECK(joins(fd, &network, 2, "10.89.0.3")) &&
	       CHECK(members_stamp(fd, &two) == 0) && CHECK(memcmp(&one, &two, sizeof(one)) != 0);
}

/* Cut at every byte, the file reads, and the next one that joins makes it whole. */
static bool who_is_killed_while_writing_leaves_what_reads(void)
{
	NETWORK("10.89.0.0/24", "10.89.0.1");
	struct members_stamp one, two;
	auto_close int file = -1;

	if (!CHECK(joins(fd, &network, 1, "10.89.0.2")) ||
	    !CHECK(members_stamp(fd, &one) == 0) ||
	    !CHECK(joins(fd, &network, 2, "10.89.0.3")) || !CHECK(members_stamp(fd, &two) == 0))
		return false;
	file = openat(fd, "members", O_RDWR | O_CLOEXEC);
	for (uint64_t size = two.size - 1; size > 0; size--) {
		auto_member_table struct member_table table = {};

		if (!CHECK(ftruncate(file, (off_t)size) == 0) ||
		    !CHECK(members_load(fd, &table, &err) == 0) ||
		    !CHECK(table.n == (size >= one.size)))
			return printf("# at %d\n", (int)size), false;
	}
	return CHECK(joins(fd, &network, 3, "10.89.0.2")) &&
	       CHECK(joins(fd, &network, 4, "10.89.0.3"));
}

static bool who_joins_behind_an_incomplete_line_is_there(void)
{
	auto_member_table struct member_table table = {};
	NETWORK("10.89.0.0/24", "10.89.0.1");
	struct members_stamp stamp;
	auto_close int file = -1;

	if (!CHECK(joins(fd, &network, 1, "10.89.0.2")) ||
	    !CHECK(joins(fd, &network, 2, "10.89.0.3")) || !CHECK(members_stamp(fd, &stamp) == 0))
		return false;
	file = openat(fd, "members", O_RDWR | O_CLOEXEC);
	return CHECK(ftruncate(file, (off_t)stamp.size - 20) == 0) &&
	       CHECK(joins(fd, &network, 3, "10.89.0.3")) &&
	       CHECK(members_load(fd, &table, &err) == 0) && CHECK(table.n == 2) &&
	       CHECK(!table.is_cut) && CHECK(has(&table.v[1].ip, "10.89.0.3"));
}

static bool a_thousand_have_their_places(void)
{
	NETWORK("10.88.0.0/16", "10.88.0.1");
	auto_member_table struct member_table table = {};
	const struct member *found[4];
	struct who w;

	for (unsigned i = 0; i < 1100; i++)
		if (!CHECK(members_join(fd, &network, who(&w, i + 1), NULL, NULL, &err) == 0))
			return printf("# %s\n", err.msg), false;
	return CHECK(members_load(fd, &table, &err) == 0) && CHECK(table.n == 1100) &&
	       CHECK(member_table_find_name(&table, "c777", found, 4) == 1);
}

/* The journal doesn't grow with all who ever came. */
static bool who_comes_and_goes_leaves_no_trace(void)
{
	NETWORK("10.89.0.0/24", "10.89.0.1");
	struct members_stamp stamp;
	struct who w;

	for (unsigned i = 0; i < 1000; i++)
		if (!CHECK(members_join(fd, &network, who(&w, i), NULL, NULL, &err) == 0) ||
		    !CHECK(members_leave(fd, w.id, &err) == 0))
			return false;
	return CHECK(members_stamp(fd, &stamp) == 0) && CHECK(stamp.size < 20000);
}

/* Four processes put 25 each on the network: no address is given twice. */
static bool those_who_join_at_once_get_different_addresses(void)
{
	auto_member_table struct member_table table = {};
	NETWORK("10.89.0.0/24", "10.89.0.1");
	struct who w;
	int status;

	fflush(stdout);
	for (unsigned k = 0; k < 4; k++)
		if (fork() == 0) {
			int r = 0;

			for (unsigned i = 1; i <= 25 && r == 0; i++)
				r = members_join(fd, &network, who(&w, 100 * k + i), NULL, NULL,
						 &err);
			_exit(r < 0);
		}
	for (unsigned k = 0; k < 4; k++)
		if (!CHECK(wait(&status) > 0) || !CHECK(status == 0))
			return false;
	if (!CHECK(members_load(fd, &table, &err) == 0) || !CHECK(table.n == 100))
		return false;
	for (size_t i = 0; i < table.n; i++)
		if (!CHECK(member_table_find_ip(&table, &table.v[i].ip) == &table.v[i]))
			return false;
	return true;
}

int main(void)
{
	TEST(an_address_is_not_given_again_at_once);
	TEST(a_full_network_says_so_unless_some_are_gone);
	TEST(a_wanted_address_is_given_if_it_can_be);
	TEST(names_and_addresses_are_found);
	TEST(a_change_shows_in_the_stamp);
	TEST(who_is_killed_while_writing_leaves_what_reads);
	TEST(who_joins_behind_an_incomplete_line_is_there);
	TEST(who_comes_and_goes_leaves_no_trace);
	TEST(those_who_join_at_once_get_different_addresses);
	TEST(a_thousand_have_their_places);
	return tap_done();
}
