/* SPDX-License-Identifier: Apache-2.0 */
/*
 * network.json, as the tables of oci/schema.h read and write it. A network is there while it has
 * that file, the last that is made and the first that goes. Those who make and remove networks hold
 * the lock of DIR, so that no two choose the same subnet, interface or name; who reads needs none.
 */
#include "net/network.h"

#include "base/buf.h"
#include "base/timestamp.h"
#include "net/members.h"
#include "net/network_choose.h"
#include "oci/list.h"
#include "oci/schema.h"
#include "sys/each_name.h"
#include "sys/random.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define FILE_NAME "network.json"
#define MAX_BYTES ((size_t)1 << 20)
#define ID_LEN    64

/* Any number does; it is the same on all machines. */
#define DEFAULT_ID "b41d9e0000000000000000000000000000000000000000000000000000000001"

#define SUBNET(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct network_subnet, member), __VA_ARGS__ }

static const struct schema_field subnet_fields[] = {
	SUBNET(subnet, "subnet", STRING, .flags = SCHEMA_REQUIRED),
	SUBNET(gateway, "gateway", STRING),
	SUBNET(range_start, "rangeStart", STRING),
	SUBNET(range_end, "rangeEnd", STRING),
	SUBNET(reserved, "reserved", PAIRS),
};
static const struct schema subnet_schema = SCHEMA(struct network_subnet, subnet_fields);

#define ROUTE(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct network_route, member), __VA_ARGS__ }

static const struct schema_field route_fields[] = {
	ROUTE(destination, "destination", STRING, .flags = SCHEMA_REQUIRED),
	ROUTE(gateway, "gateway", STRING, .flags = SCHEMA_REQUIRED),
	ROUTE(metric, "metric", U32),
};
static const struct schema route_schema = SCHEMA(struct network_route, route_fields);

#define FIELD(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct network, member), __VA_ARGS__ }

static const struct schema_field network_fields[] = {
	FIELD(name, "name", STRING, .flags = SCHEMA_REQUIRED),
	FIELD(id, "id", STRING, .flags = SCHEMA_REQUIRED),
	FIELD(created, "created", STRING, .flags = SCHEMA_REQUIRED),
	FIELD(driver, "driver", STRING, .flags = SCHEMA_REQUIRED),
	FIELD(interface, "interface", STRING),
	FIELD(subnets, "subnets", LIST, .sub = &subnet_schema),
	FIELD(routes, "routes", LIST, .sub = &route_schema),
	FIELD(ip6, "ip6", BOOL),
	FIELD(internal, "internal", BOOL),
	FIELD(dns_disabled, "dnsDisabled", BOOL),
	FIELD(dns_servers, "dnsServers", STRINGS),
	FIELD(labels, "labels", PAIRS),
	FIELD(options, "options", PAIRS),
	FIELD(ipam_driver, "ipamDriver", STRING),
};
static const struct schema network_schema = SCHEMA(struct network, network_fields);

/* ------------------------------------------------------------------------------- files */

static int not_found(const char *who, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, ENOENT, "no such network: %.128s", who);
}

/* A descriptor of its own: a lock is its open file's. */
static int lock_all(int dir_fd, int *ret_fd, struct err *err)
{
	auto_close int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "lock the networks");
	if (fd < 0)
		return err_sys(err, errno, "open the networks");
	*ret_fd = take_fd(&fd);
	return 0;
}

int network_open_dir(int dir_fd, const char *name, int *ret_fd, struct err *err)
{
	int fd;

	if (strchr(name, '/') || name[0] == '.' || !*name)
		return not_found(name, err);
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? not_found(name, err)
			       : err_sys(err, errno, "open network '%s'", name);
	*ret_fd = fd;
	return 0;
}

static int parse(const char *name, const struct buf *text, struct arena *arena,
		 struct network **ret, struct err *err)
{
	void *network = NULL;
	int r = schema_parse(&network_schema, buf_str(text), text->len, arena, &network, err);

	if (r == 0)
		r = network_check(network, err);
	if (r == 0 && strcmp(((struct network *)network)->name, name) != 0)
		r = err_set(err, ERR_USAGE, EINVAL, "name: is '%.64s'",
			    ((struct network *)network)->name);
	if (r < 0)
		return err_wrap(err, "network '%s': '" FILE_NAME "'", name);
	*ret = network;
	return 0;
}

static int load(int dir_fd, const char *name, struct arena *arena, struct network **ret,
		struct err *err)
{
	auto_buf struct buf text = {};
	auto_close int network_fd = -1, fd = -1;
	int r = network_open_dir(dir_fd, name, &network_fd, err);

	if (r < 0)
		return r;
	fd = openat(network_fd, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return not_found(name, err);
	if (fd < 0)
		return err_sys(err, errno, "open '" FILE_NAME "' of network '%s'", name);
	r = buf_read_fd(&text, fd, MAX_BYTES, FILE_NAME, err);
	return r < 0 ? r : parse(name, &text, arena, ret, err);
}

static int write_to(int network_fd, const struct network *network, struct err *err)
{
	auto_buf struct buf text = {};
	auto_close int fd = openat(network_fd, FILE_NAME ".new",
				   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return err_sys(err, errno, "make '" FILE_NAME "' of network '%s'", network->name);
	schema_format_pretty(&network_schema, network, &text);
	r = buf_write_fd(&text, fd, FILE_NAME, err);
	if (r == 0 && renameat(network_fd, FILE_NAME ".new", network_fd, FILE_NAME) < 0)
		r = err_sys(err, errno, "replace '" FILE_NAME "' of network '%s'", network->name);
	return r;
}

/* ------------------------------------------------------------------------------- finding */

struct walk {
	int dir_fd;
	network_fn *fn;
	void *arg;
	struct err *err;
};

/* One without its file is half made or half removed. */
static int walk_one(void *data, int stream_fd, const char *name)
{
	const struct walk *walk = data;
	auto_arena struct arena arena = {};
	struct network *network;
	int r;

	(void)stream_fd;
	if (name[0] == '.')
		return 0;
	r = load(walk->dir_fd, name, &arena, &network, walk->err);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : walk->fn(network, walk->arg, walk->err);
}

static int each_network(int dir_fd, each_name_fn *fn, void *data, struct err *err)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_sys(err, errno, "read the networks") : each_name(fd, fn, data);
}

int network_each(int dir_fd, network_fn *fn, void *arg, struct err *err)
{
	struct walk walk = { dir_fd, fn, arg, err };

	return each_network(dir_fd, walk_one, &walk, err);
}

struct listing {
	int dir_fd;
	struct arena *arena;
	OCI_LIST(struct network *) found;
	struct err *err;
};

static int list_one(void *data, int stream_fd, const char *name)
{
	struct listing *listing = data;
	struct network *network;
	int r;

	(void)stream_fd;
	if (name[0] == '.')
		return 0;
	r = load(listing->dir_fd, name, listing->arena, &network, listing->err);
	if (r == 0)
		*list_add(&listing->found, listing->arena) = network;
	return r == -ENOENT ? 0 : r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(struct network *const *)a)->name, (*(struct network *const *)b)->name);
}

int network_list(int dir_fd, struct arena *arena, struct network_list *ret, struct err *err)
{
	struct listing listing = { .dir_fd = dir_fd, .arena = arena, .err = err };
	int r = each_network(dir_fd, list_one, &listing, err);

	if (r < 0)
		return r;
	if (listing.found.n)
		qsort(listing.found.v, listing.found.n, sizeof(*listing.found.v), compare_names);
	*ret = (struct network_list){ listing.found.v, listing.found.n };
	return 0;
}

struct prefix {
	const char *who;
	char name[256];
};

static int compare_prefix(struct network *network, void *arg, struct err *err)
{
	struct prefix *prefix = arg;

	if (strncmp(network->id, prefix->who, strlen(prefix->who)) != 0)
		return 0;
	if (prefix->name[0])
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%s' begins the ids of networks '%s' and '%s': write more of it",
			       prefix->who, prefix->name, network->name);
	(void)snprintf(prefix->name, sizeof(prefix->name), "%s", network->name);
	return 0;
}

int network_open(int dir_fd, const char *who, struct arena *arena, struct network **ret,
		 struct err *err)
{
	struct prefix prefix = { .who = who };
	int r = load(dir_fd, who, arena, ret, err);

	if (r != -ENOENT || !*who || strlen(who) > ID_LEN ||
	    who[strspn(who, "0123456789abcdef")])
		return r;
	r = network_each(dir_fd, compare_prefix, &prefix, err);
	if (r < 0)
		return r;
	return prefix.name[0] ? load(dir_fd, prefix.name, arena, ret, err) : not_found(who, err);
}

/* ------------------------------------------------------------------------------- making */

static int choose_name(int dir_fd, struct network *network, struct arena *arena,
		       struct err *err)
{
	char name[16];

	for (unsigned i = 1; !network->name && i < 100000; i++) {
		(void)snprintf(name, sizeof(name), "tare%u", i);
		if (faccessat(dir_fd, name, F_OK, 0) < 0 && errno == ENOENT)
			network->name = arena_strdup(arena, name);
	}
	return network->name ? 0
			     : err_set(err, ERR_CONFLICT, EEXIST, "no name is left for a network");
}

static int new_id(struct arena *arena, char **ret, struct err *err)
{
	*ret = arena_alloc(arena, ID_LEN + 1);
	return random_hex(*ret, ID_LEN, err);
}

static int place(int dir_fd, const struct network *network, struct err *err)
{
	auto_close int network_fd = -1;
	int r;

	if (mkdirat(dir_fd, network->name, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "make network '%s'", network->name);
	r = network_open_dir(dir_fd, network->name, &network_fd, err);
	return r < 0 ? r : write_to(network_fd, network, err);
}

static int check_free(int dir_fd, const struct network *network, struct err *err)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%.128s/" FILE_NAME, network->name);
	if (faccessat(dir_fd, path, F_OK, 0) == 0)
		return err_set(err, ERR_CONFLICT, EEXIST, "the network '%s' exists already",
			       network->name);
	return 0;
}

static int make(int dir_fd, struct network *network, const struct subnet_pools *pools,
		const struct network_host *host, struct arena *arena, struct err *err)
{
	char created[TIMESTAMP_BYTES];
	int r = choose_name(dir_fd, network, arena, err);

	if (r == 0)
		r = check_free(dir_fd, network, err);
	if (r == 0)
		r = network_choose(dir_fd, network, pools, host, arena, err);
	if (r == 0 && !network->id)
		r = new_id(arena, &network->id, err);
	if (r < 0)
		return r;
	timestamp_now(created);
	network->created = arena_strdup(arena, created);
	return place(dir_fd, network, err);
}

int network_create(int dir_fd, struct network *network, const struct network_host *host,
		   struct arena *arena, struct err *err)
{
	auto_close int lock_fd = -1;
	int r;

	if (network->name && strcmp(network->name, NETWORK_DEFAULT) == 0)
		return err_set(err, ERR_CONFLICT, EEXIST,
			       "'" NETWORK_DEFAULT "' is the default network");
	r = lock_all(dir_fd, &lock_fd, err);
	return r < 0 ? r : make(dir_fd, network, &subnet_pools_default, host, arena, err);
}

int network_ensure_default(int dir_fd, const struct network_host *host, struct arena *arena,
			   struct network **ret, struct err *err)
{
	auto_close int lock_fd = -1;
	struct network *network;
	int r = load(dir_fd, NETWORK_DEFAULT, arena, ret, err);

	if (r != -ENOENT)
		return r;
	r = lock_all(dir_fd, &lock_fd, err);
	if (r < 0)
		return r;
	r = load(dir_fd, NETWORK_DEFAULT, arena, ret, err);
	if (r != -ENOENT)
		return r;
	network = arena_new(arena, struct network);
	network->name = arena_strdup(arena, NETWORK_DEFAULT);
	network->interface = arena_strdup(arena, NETWORK_DEFAULT_INTERFACE);
	network->id = arena_strdup(arena, DEFAULT_ID);
	r = make(dir_fd, network, &subnet_pools_of_bridge, host, arena, err);
	if (r == 0)
		*ret = network;
	return r;
}

/* ------------------------------------------------------------------------------- changing */

int network_change(int dir_fd, const char *who, network_fn *change, void *arg, struct err *err)
{
	auto_close int lock_fd = -1, network_fd = -1;
	auto_arena struct arena arena = {};
	struct network *network = NULL;
	int r = lock_all(dir_fd, &lock_fd, err);

	if (r == 0)
		r = network_open(dir_fd, who, &arena, &network, err);
	if (r == 0)
		r = change(network, arg, err);
	if (r == 0)
		r = network_check(network, err);
	if (r == 0)
		r = network_open_dir(dir_fd, network->name, &network_fd, err);
	return r < 0 ? r : write_to(network_fd, network, err);
}

/* ------------------------------------------------------------------------------- removing */

/* Names the first few of those that are on it. */
static int refuse_used(const char *name, const struct member_table *table, struct err *err)
{
	auto_buf struct buf list = {};

	for (size_t i = 0; i < table->n && i < 8; i++)
		buf_printf(&list, "%s'%s'", i ? ", " : "",
			   table->v[i].n_names ? table->v[i].names[0] : table->v[i].id);
	if (table->n > 8)
		buf_printf(&list, " and %zu more", table->n - 8);
	return err_set(err, ERR_CONFLICT, EBUSY, "network '%s' is used by container%s %s", name,
		       table->n > 1 ? "s" : "", buf_str(&list));
}

static int check_unused(int network_fd, const char *name, int *ret_members_fd, struct err *err)
{
	auto_member_table struct member_table table = {};
	int r = members_hold(network_fd, ret_members_fd, err);

	if (r == 0)
		r = members_load(network_fd, &table, err);
	if (r < 0)
		return err_wrap(err, "network '%s'", name);
	return table.n ? refuse_used(name, &table, err) : 0;
}

static int take_it_down(int dir_fd, const char *name, network_fn *take_down, void *arg,
			struct err *err)
{
	auto_arena struct arena arena = {};
	struct network *network;
	struct err ignored;

	if (!take_down || load(dir_fd, name, &arena, &network, &ignored) < 0)
		return 0;
	return take_down(network, arg, err);
}

int network_remove(int dir_fd, const char *name, network_fn *take_down, void *arg,
		   struct err *err)
{
	auto_close int lock_fd = -1, network_fd = -1, members_fd = -1;
	int r;

	if (strcmp(name, NETWORK_DEFAULT) == 0)
		return err_set(err, ERR_CONFLICT, EBUSY,
			       "'" NETWORK_DEFAULT "' is the default network and stays");
	r = lock_all(dir_fd, &lock_fd, err);
	if (r == 0)
		r = network_open_dir(dir_fd, name, &network_fd, err);
	if (r == 0)
		r = check_unused(network_fd, name, &members_fd, err);
	if (r == 0)
		r = take_it_down(dir_fd, name, take_down, arg, err);
	if (r < 0)
		return r;
	if (unlinkat(network_fd, FILE_NAME, 0) < 0)
		r = errno == ENOENT ? not_found(name, err)
				    : err_sys(err, errno, "remove network '%s'", name);
	(void)unlinkat(network_fd, FILE_NAME ".new", 0);
	members_remove(network_fd);
	(void)unlinkat(dir_fd, name, AT_REMOVEDIR);
	return r;
}
