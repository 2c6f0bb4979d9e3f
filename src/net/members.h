/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who is on a network: DIR/NAME/members. It says which addresses are taken, and it is what names
 * are looked up in. `network_dir_fd` is DIR/NAME (net/network.h, network_open_dir).
 *
 * A journal of lines, with blanks between their fields:
 *
 *	tare-members 1
 *	+ ID IP IP6 MAC INTERFACE NAME...	joins, or is another from now on; "-": none
 *	= ID IP IP6 MAC INTERFACE NAME...	the same, with an address of its own choice
 *	- ID					leaves
 *	@ IP IP6				the last that were given, when it was written anew
 *
 * An incomplete last line is as if it was not there, and so is any that is not of the form.
 * Writers hold the lock DIR/NAME/lock; readers hold none.
 */

#include "base/cleanup.h"
#include "base/err.h"
#include "base/ip.h"
#include "net/mac.h"
#include "net/network.h"

#include <stdint.h>

#define MEMBER_ID_LEN    64
#define MEMBER_SHORT_LEN 12

struct member {
	const char *id; /* 64 hexadecimal digits */
	struct ip ip, ip6;
	struct mac mac;
	const char *interface;    /* the host's end; NULL: none */
	const char *const *names; /* the container's, then its aliases */
	size_t n_names;
};

/* Is the container with this id gone, so that what it had is free? */
typedef bool members_gone_fn(const char *id, void *arg);

/*
 * Put a container on the network. ip and ip6: those that are wanted; those that are not set are
 * chosen, if the network has such subnets, and `mac` follows from them unless it is set. Who is on
 * it already is so from now on, with the same addresses if others aren't wanted.
 *
 * ERR_CONFLICT: a wanted address is taken, or none is left. ERR_USAGE: it cannot be given.
 * ERR_NOT_FOUND: the network was removed.
 */
int members_join(int network_dir_fd, const struct network *network, struct member *m,
		 members_gone_fn *is_gone, void *arg, struct err *err);

/* Who is not on it has left it already. */
int members_leave(int network_dir_fd, const char *id, struct err *err);

/* Others names. ERR_NOT_FOUND. */
int members_rename(int network_dir_fd, const char *id, const char *const *names, size_t n,
		   struct err *err);

typedef void members_fn(const struct member *m, void *arg);
int members_each(int network_dir_fd, members_fn *fn, void *arg, struct err *err);

/* Forget those that are gone. Returns how many, or -errno. */
int members_sweep(int network_dir_fd, members_gone_fn *is_gone, void *arg, struct err *err);

/*
 * For who removes the network: hold the lock, so that nobody joins until *ret_fd is closed; and
 * then remove the files of members, the lock's as the last one. Who waited for it finds no network.
 */
int members_hold(int network_dir_fd, int *ret_fd, struct err *err);
void members_remove(int network_dir_fd);

/* ------------------------------------------------------------------------------- reading */

/* What the file looks like from outside: another stamp, another content. */
struct members_stamp {
	uint64_t inode, size; /* 0: there is no file */
	int64_t mtime_ns;
};

int members_stamp(int network_dir_fd, struct members_stamp *ret);

struct member_link;

/* All members, in the order in which they joined; opaque but for `v` and `n`. */
struct member_table {
	struct member *v;
	size_t n;
	struct ip last, last6; /* the last addresses that were given */
	size_t n_lines;
	bool is_cut;           /* the last line was incomplete */
	struct members_stamp stamp;
	char *text;
	const char **names;
	char (*shorts)[MEMBER_SHORT_LEN + 1];
	struct member_link *links, *ip_links;
	uint32_t *heads, *ip_heads;
	uint32_t mask;
};

void member_table_done(struct member_table *table);
#define auto_member_table auto_cleanup(member_table_done)

/* A snapshot that can be searched. No file: nobody is there. ERR_USAGE: it is no such file. */
int members_load(int network_dir_fd, struct member_table *ret, struct err *err);

/* The same of bytes; `text` is len + 1 bytes from malloc and becomes the table's. */
int member_table_parse(struct member_table *ret, char *text, size_t len, struct err *err);
int member_table_index(struct member_table *table, struct err *err);

/* Those that have this name, or whose id begins with these 12 digits, without regard to case.
 * Returns how many there are in `ret`, at most `max`. */
size_t member_table_find_name(const struct member_table *table, const char *name,
			      const struct member **ret, size_t max);
const struct member *member_table_find_ip(const struct member_table *table, const struct ip *ip);
const struct member *member_table_find_id(const struct member_table *table, const char *id);

/* Could it stand in the file? 1 to 253 of [A-Za-z0-9_.-], the first a letter or a digit. */
bool member_name_is_sound(const char *name);
