/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A question costs a look at network.json and one at the list of each network. What could not be
 * read now is tried again by the next question; until then there is no answer, for "nobody has that
 * name" would be one.
 */
#include "engine/stack_names.h"

#include "base/cleanup.h"
#include "net/network.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOUND_MAX 128

struct circle {
	int dir_fd; /* of the network */
	struct member_table members;
};

struct stack_names {
	const struct entry *entry;
	int networks_dir_fd;
	struct members_stamp stamp; /* of network.json, when it was read last */
	struct circle *circles;
	size_t n;
};

/* ------------------------------------------------------------------------------- its networks */

static void close_circles(struct circle *circles, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		member_table_done(&circles[i].members);
		closep(&circles[i].dir_fd);
	}
	free(circles);
}

/* 1: it has no names. */
static int open_circle(int networks_dir_fd, const char *name, struct arena *arena,
		       struct circle *ret, struct err *err)
{
	struct network *network = NULL;
	int r = network_open(networks_dir_fd, name, arena, &network, err);

	if (r < 0 || network->dns_disabled)
		return r < 0 ? r : 1;
	*ret = (struct circle){ .dir_fd = -1 };
	return network_open_dir(networks_dir_fd, network->name, &ret->dir_fd, err);
}

static int open_circles(struct stack_names *names, struct err *err)
{
	auto_arena struct arena arena = {};
	struct net_record *record = NULL;
	struct circle *circles;
	size_t n = 0;
	int r = entry_read_network(names->entry, &arena, &record, err);

	if (r < 0)
		return r;
	circles = calloc(record ? record->endpoints.n + 1 : 1, sizeof(*circles));
	if (!circles)
		return err_sys(err, ENOMEM, "remember the container's networks");
	for (size_t i = 0; record && i < record->endpoints.n && r >= 0; i++) {
		r = open_circle(names->networks_dir_fd, record->endpoints.v[i].network, &arena,
				&circles[n], err);
		n += r == 0;
	}
	if (r < 0) {
		close_circles(circles, n);
		return r;
	}
	close_circles(names->circles, names->n);
	names->circles = circles;
	names->n = n;
	return 0;
}

void stack_record_stamp(const struct entry *entry, struct members_stamp *ret)
{
	struct stat st;

	*ret = (struct members_stamp){};
	if (fstatat(entry->dir_fd, ENTRY_NETWORK_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0)
		*ret = (struct members_stamp){ st.st_ino, (uint64_t)st.st_size,
					       st.st_mtim.tv_sec * INT64_C(1000000000) +
						       st.st_mtim.tv_nsec };
}

bool stack_stamp_is_same(const struct members_stamp *a, const struct members_stamp *b)
{
	return a->inode == b->inode && a->size == b->size && a->mtime_ns == b->mtime_ns;
}

/* ------------------------------------------------------------------------------- their members */

static int read_members(struct circle *circle, struct err *err)
{
	struct members_stamp stamp;
	struct member_table members;
	int r = members_stamp(circle->dir_fd, &stamp);

	if (r < 0 || stack_stamp_is_same(&stamp, &circle->members.stamp))
		return r;
	r = members_load(circle->dir_fd, &members, err);
	if (r < 0)
		return r;
	member_table_done(&circle->members);
	circle->members = members;
	return 0;
}

/* Whatever has changed is read again. */
static int catch_up(struct stack_names *names)
{
	struct members_stamp stamp;
	struct err err = {};
	int r = 0;

	stack_record_stamp(names->entry, &stamp);
	if (!stack_stamp_is_same(&stamp, &names->stamp)) {
		r = open_circles(names, &err);
		if (r == 0)
			names->stamp = stamp;
	}
	for (size_t i = 0; i < names->n && r == 0; i++)
		r = read_members(&names->circles[i], &err);
	return r;
}

/* ------------------------------------------------------------------------------- questions */

static size_t add_addresses(const struct member *const *members, size_t n, int family,
			    struct ip *ret, size_t max)
{
	size_t added = 0;

	for (size_t i = 0; i < n && added < max; i++) {
		const struct ip *ip = family == AF_INET ? &members[i]->ip : &members[i]->ip6;

		if (ip_is_set(ip))
			ret[added++] = *ip;
	}
	return added;
}

static int find_name(const char *name, int family, struct ip *ret, size_t max, bool *ret_exists,
		     void *arg)
{
	const struct member *found[FOUND_MAX];
	struct stack_names *names = arg;
	size_t added = 0;
	int r = catch_up(names);

	*ret_exists = false;
	for (size_t i = 0; i < names->n && r == 0; i++) {
		size_t n = member_table_find_name(&names->circles[i].members, name, found,
						  FOUND_MAX);

		*ret_exists |= n > 0;
		if (added < max)
			added += add_addresses(found, n, family, ret + added, max - added);
	}
	return r < 0 ? r : (int)added;
}

static int find_ip(const struct ip *ip, char ret_name[static RESOLVER_NAME_BYTES], void *arg)
{
	struct stack_names *names = arg;
	int r = catch_up(names);

	for (size_t i = 0; i < names->n && r == 0; i++) {
		const struct member *m = member_table_find_ip(&names->circles[i].members, ip);

		if (m && m->n_names) {
			(void)snprintf(ret_name, RESOLVER_NAME_BYTES, "%s", m->names[0]);
			return 1;
		}
	}
	return r;
}

struct resolver_names stack_names_of(struct stack_names *names)
{
	return (struct resolver_names){ find_name, find_ip, names };
}

/* ------------------------------------------------------------------------------- life */

int stack_names_open(struct stack_names **ret, const struct entry *entry, int networks_dir_fd,
		     struct err *err)
{
	struct stack_names *names = calloc(1, sizeof(*names));

	if (!names)
		return err_sys(err, ENOMEM, "remember the container's networks");
	names->entry = entry;
	names->networks_dir_fd = networks_dir_fd;
	*ret = names;
	return 0;
}

void stack_names_close(struct stack_names **names)
{
	struct stack_names *old = take_ptr(*names);

	if (!old)
		return;
	close_circles(old->circles, old->n);
	free(old);
}
