/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/stack_names.h"

#include "net/members.h"
#include "net/network.h"
#include "oci/list.h"
#include "tap.h"
#include "tmpdir.h"

static const char web_id[] = "0000000000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char db_id[] = "0000000000bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

/* Networks, and the entry of a container, both in one directory. */
struct world {
	struct tmpdir dir;
	struct arena arena;
	int networks_fd;
	struct entry entry;
	struct stack_names *names;
	struct resolver_names ask;
};

static void world_done(struct world *w)
{
	stack_names_close(&w->names);
	closep(&w->networks_fd);
	closep(&w->entry.dir_fd);
	arena_done(&w->arena);
	tmpdir_done(&w->dir);
}

static int open_dir(const struct world *w, const char *name)
{
	(void)mkdirat(w->dir.fd, name, 0700);
	return openat(w->dir.fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool world_init(struct world *w)
{
	struct err err = {};

	*w = (struct world){ .entry = ENTRY_NONE };
	tmpdir_make(&w->dir);
	w->networks_fd = open_dir(w, "networks");
	w->entry.dir_fd = open_dir(w, "entry");
	if (!CHECK(w->networks_fd >= 0 && w->entry.dir_fd >= 0) ||
	    !CHECK(stack_names_open(&w->names, &w->entry, w->networks_fd, &err) == 0))
		return false;
	w->ask = stack_names_of(w->names);
	return true;
}

static bool make_network(struct world *w, const char *name, bool dns_disabled)
{
	struct network *network = arena_new(&w->arena, struct network);
	struct err err = {};

	network->name = arena_strdup(&w->arena, name);
	network->dns_disabled = dns_disabled;
	return CHECK(network_create(w->networks_fd, network, &(struct network_host){},
				    &w->arena, &err) == 0);
}

static bool never(const char *id, void *arg)
{
	(void)id;
	(void)arg;
	return false;
}

/* Returns its address there. */
static struct ip join(struct world *w, const char *network, const char *id, const char *name)
{
	struct member m = { .id = id, .names = &name, .n_names = 1 };
	auto_close int dir_fd = -1;
	struct network *found = NULL;
	struct err err = {};

	if (network_open(w->networks_fd, network, &w->arena, &found, &err) < 0 ||
	    network_open_dir(w->networks_fd, network, &dir_fd, &err) < 0 ||
	    members_join(dir_fd, found, &m, never, NULL, &err) < 0)
		printf("# %s\n", err.msg);
	return m.ip;
}

static bool leave(struct world *w, const char *network, const char *id)
{
	auto_close int dir_fd = -1;
	struct err err = {};

	return CHECK(network_open_dir(w->networks_fd, network, &dir_fd, &err) == 0) &&
	       CHECK(members_leave(dir_fd, id, &err) == 0);
}

/* The container is on these, up to NULL. */
static bool connect_to(struct world *w, const char *const *networks)
{
	struct net_record record = {};
	struct err err = {};

	for (; *networks; networks++)
		list_add(&record.endpoints, &w->arena)->network =
			arena_strdup(&w->arena, *networks);
	return CHECK(entry_write_network(&w->entry, &record, &err) == 0);
}

static bool finds(struct world *w, const char *name, const struct ip *expected, size_t n)
{
	struct ip ips[4];
	bool exists = false;
	int r = w->ask.find_name(name, AF_INET, ips, 4, &exists, w->ask.arg);

	if (!CHECK(r == (int)n) || !CHECK(exists == (n > 0)))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!CHECK(ip_compare(&ips[i], &expected[i]) == 0))
			return false;
	return true;
}

static bool members_are_found_by_name_and_short_id_as_they_come_and_go(void)
{
	auto_cleanup(world_done) struct world w;
	char name[RESOLVER_NAME_BYTES] = "";
	struct ip web;

	if (!world_init(&w) || !make_network(&w, "front", false) ||
	    !connect_to(&w, (const char *const[]){ "front", NULL }) || !finds(&w, "web", NULL, 0))
		return false;
	web = join(&w, "front", web_id, "web");
	if (!finds(&w, "web", &web, 1) || !finds(&w, "WEB", &web, 1) ||
	    !finds(&w, "0000000000aa", &web, 1) || !finds(&w, "0000000000bb", NULL, 0) ||
	    !CHECK(w.ask.find_ip(&web, name, w.ask.arg) > 0) || !CHECK_STR(name, "web"))
		return false;
	return leave(&w, "front", web_id) && finds(&w, "web", NULL, 0) &&
	       CHECK(w.ask.find_ip(&web, name, w.ask.arg) == 0);
}

static bool networks_are_those_of_the_record_as_it_is_now(void)
{
	auto_cleanup(world_done) struct world w;
	struct ip web, db;

	if (!world_init(&w) || !make_network(&w, "front", false) ||
	    !make_network(&w, "back", false))
		return false;
	web = join(&w, "front", web_id, "web");
	db = join(&w, "back", db_id, "db");
	return finds(&w, "web", NULL, 0) &&
	       connect_to(&w, (const char *const[]){ "front", NULL }) &&
	       finds(&w, "web", &web, 1) && finds(&w, "db", NULL, 0) &&
	       connect_to(&w, (const char *const[]){ "front", "back", NULL }) &&
	       finds(&w, "web", &web, 1) && finds(&w, "db", &db, 1) &&
	       connect_to(&w, (const char *const[]){ "back", NULL }) &&
	       finds(&w, "web", NULL, 0) && finds(&w, "db", &db, 1);
}

static bool a_name_on_several_networks_has_all_its_addresses(void)
{
	auto_cleanup(world_done) struct world w;
	bool exists = false;
	struct ip web[2], one;

	if (!world_init(&w) || !make_network(&w, "front", false) ||
	    !make_network(&w, "back", false))
		return false;
	web[0] = join(&w, "front", web_id, "web");
	web[1] = join(&w, "back", web_id, "web");
	if (!connect_to(&w, (const char *const[]){ "front", "back", NULL }) ||
	    !finds(&w, "web", web, 2))
		return false;
	return CHECK(w.ask.find_name("web", AF_INET, &one, 1, &exists, w.ask.arg) == 1) &&
	       CHECK(w.ask.find_name("web", AF_INET6, &one, 1, &exists, w.ask.arg) == 0) &&
	       CHECK(exists) &&
	       CHECK(w.ask.find_name("web", AF_UNSPEC, NULL, 0, &exists, w.ask.arg) == 0) &&
	       CHECK(exists);
}

static bool a_network_without_names_has_none(void)
{
	auto_cleanup(world_done) struct world w;

	if (!world_init(&w) || !make_network(&w, "mute", true))
		return false;
	(void)join(&w, "mute", web_id, "web");
	return connect_to(&w, (const char *const[]){ "mute", NULL }) && finds(&w, "web", NULL, 0);
}

static bool what_cannot_be_read_is_no_answer_until_it_can(void)
{
	auto_cleanup(world_done) struct world w;
	bool exists = false;
	struct ip web, ip;

	if (!world_init(&w) || !connect_to(&w, (const char *const[]){ "front", NULL }) ||
	    !CHECK(w.ask.find_name("web", AF_INET, &ip, 1, &exists, w.ask.arg) < 0) ||
	    !make_network(&w, "front", false))
		return false;
	web = join(&w, "front", web_id, "web");
	return finds(&w, "web", &web, 1);
}

int main(void)
{
	TEST(members_are_found_by_name_and_short_id_as_they_come_and_go);
	TEST(networks_are_those_of_the_record_as_it_is_now);
	TEST(a_name_on_several_networks_has_all_its_addresses);
	TEST(a_network_without_names_has_none);
	TEST(what_cannot_be_read_is_no_answer_until_it_can);
	return tap_done();
}
