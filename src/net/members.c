/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal of a network's members, and who may write it. A line is added by one write(2) under
 * the lock; when more lines are of the past than of the present, or the last one is incomplete
 * since its writer was killed, the file is written anew beside it and renamed over it. So what a
 * reader sees, without the lock, is always whole up to an incomplete last line.
 */
#include "net/members.h"

#include "base/buf.h"
#include "base/io.h"
#include "net/member_choice.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define FILE_NAME  "members"
#define LOCK_NAME  "lock"
#define FIRST_LINE "tare-members 1\n"
#define MAX_BYTES  ((size_t)64 << 20)
#define MAX_LINE   ((size_t)64 << 10)

/* ------------------------------------------------------------------------------- files */

static void set_stamp(const struct stat *st, struct members_stamp *ret)
{
	*ret = (struct members_stamp){ .inode = st->st_ino, .size = (uint64_t)st->st_size,
				       .mtime_ns = st->st_mtim.tv_sec * INT64_C(1000000000) +
						   st->st_mtim.tv_nsec };
}

int members_stamp(int network_dir_fd, struct members_stamp *ret)
{
	struct stat st;

	*ret = (struct members_stamp){};
	if (fstatat(network_dir_fd, FILE_NAME, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	set_stamp(&st, ret);
	return 0;
}

/* -ENOENT, undescribed: the network's directory has no lock, or is removed. */
static int lock(int network_dir_fd, bool make, int *ret_fd, struct err *err)
{
	auto_close int fd = openat(network_dir_fd, LOCK_NAME,
				   O_RDWR | (make ? O_CREAT : 0) | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? -ENOENT : err_sys(err, errno, "open '%s'", LOCK_NAME);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "lock '%s'", LOCK_NAME);
	if (fstat(fd, &st) == 0 && st.st_nlink == 0)
		return -ENOENT;
	*ret_fd = take_fd(&fd);
	return 0;
}

/* No file: the table of nobody. */
static int read_table(int network_dir_fd, struct member_table *ret, struct err *err)
{
	auto_close int fd = openat(network_dir_fd, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct members_stamp stamp;
	struct stat st;
	char *text;
	size_t n;
	int r;

	*ret = (struct member_table){};
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "open '%s'", FILE_NAME);
	if (!S_ISREG(st.st_mode) || (size_t)st.st_size > MAX_BYTES)
		return err_set(err, ERR_USAGE, EFBIG, "'%s' is no list of members", FILE_NAME);
	set_stamp(&st, &stamp);
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return err_sys(err, ENOMEM, "read '%s'", FILE_NAME);
	n = io_read(fd, text, (size_t)st.st_size);
	r = member_table_parse(ret, text, n, err);
	ret->stamp = stamp;
	if (r < 0)
		member_table_done(ret);
	return r;
}

int members_load(int network_dir_fd, struct member_table *ret, struct err *err)
{
	auto_member_table struct member_table table = {};
	int r = read_table(network_dir_fd, &table, err);

	if (r == 0)
		r = member_table_index(&table, err);
	if (r < 0)
		return r;
	*ret = table;
	table = (struct member_table){};
	return 0;
}

/* ------------------------------------------------------------------------------- lines */

static const char *or_dash(const char *text)
{
	return text && *text ? text : "-";
}

static void format_member(const struct member *m, bool was_chosen, struct buf *out)
{
	char ip[IP_BYTES], ip6[IP_BYTES], mac[MAC_BYTES];

	buf_printf(out, "%c %s %s %s %s %s", was_chosen ? '+' : '=', m->id,
		   or_dash(ip_format(&m->ip, ip)), or_dash(ip_format(&m->ip6, ip6)),
		   or_dash(mac_format(&m->mac, mac)), or_dash(m->interface));
	for (size_t i = 0; i < m->n_names; i++) {
		buf_puts(out, " ");
		buf_puts(out, m->names[i]);
	}
	buf_puts(out, "\n");
}

static int write_file(int network_dir_fd, const struct buf *text, struct err *err)
{
	auto_close int fd = openat(network_dir_fd, FILE_NAME ".new",
				   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return err_sys(err, errno, "make '%s'", FILE_NAME);
	r = buf_write_fd(text, fd, FILE_NAME, err);
	if (r < 0)
		return r;
	if (renameat(network_dir_fd, FILE_NAME ".new", network_dir_fd, FILE_NAME) < 0)
		return err_sys(err, errno, "replace '%s'", FILE_NAME);
	return 0;
}

/* Those of the table but that with the id `without`, and behind them `lines`. */
static int rewrite(int network_dir_fd, const struct member_table *table, const char *without,
		   const struct buf *lines, struct err *err)
{
	auto_buf struct buf text = {};
	char ip[IP_BYTES], ip6[IP_BYTES];

	buf_puts(&text, FIRST_LINE);
	for (size_t i = 0; i < table->n; i++)
		if (!without || strcmp(table->v[i].id, without) != 0)
			format_member(&table->v[i], false, &text);
	if (ip_is_set(&table->last) || ip_is_set(&table->last6))
		buf_printf(&text, "@ %s %s\n", or_dash(ip_format(&table->last, ip)),
			   or_dash(ip_format(&table->last6, ip6)));
	buf_add(&text, buf_str(lines), lines->len);
	return write_file(network_dir_fd, &text, err);
}

/* Put lines about `id` behind those that are there; they say all about it. */
static int add_lines(int network_dir_fd, const struct member_table *table, const char *id,
		     const struct buf *lines, struct err *err)
{
	auto_close int fd = -1;
	ssize_t n;

	if (table->n_lines == 0 || table->is_cut || table->n_lines > 2 * table->n + 64)
		return rewrite(network_dir_fd, table, id, lines, err);
	fd = openat(network_dir_fd, FILE_NAME, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "open '%s'", FILE_NAME);
	n = write(fd, lines->data, lines->len);
	if (n < 0)
		return err_sys(err, errno, "write '%s'", FILE_NAME);
	if ((size_t)n < lines->len) /* what stands there now, the next writer removes */
		return err_sys(err, ENOSPC, "write '%s'", FILE_NAME);
	return 0;
}

/* ------------------------------------------------------------------------------- joining */

/* What one that joins works with. */
struct joining {
	int dir_fd;
	const struct network *network;
	struct member_table *table;
	members_gone_fn *is_gone;
	void *arg;
};

/* Drop from the table, and add to `lines` that they left. Returns how many. */
static int sweep_table(struct member_table *table, members_gone_fn *is_gone, void *arg,
		       struct buf *lines)
{
	size_t n = 0;
	int gone = 0;

	for (size_t i = 0; i < table->n; i++) {
		if (is_gone && is_gone(table->v[i].id, arg)) {
			buf_printf(lines, "- %s\n", table->v[i].id);
			gone++;
		} else {
			table->v[n++] = table->v[i];
		}
	}
	table->n = n;
	return gone;
}

static const struct member *find_holder(const struct member_table *table, const struct ip *ip,
					const char *id)
{
	for (size_t i = 0; i < table->n; i++)
		if ((ip_compare(&table->v[i].ip, ip) == 0 ||
		     ip_compare(&table->v[i].ip6, ip) == 0) &&
		    strcmp(table->v[i].id, id) != 0)
			return &table->v[i];
	return NULL;
}

static int check_wanted(const struct joining *j, const struct ip *ip, const char *id,
			struct buf *lines, struct err *err)
{
	const struct member *holder;
	char text[IP_BYTES];
	int r;

	if (!ip_is_set(ip))
		return 0;
	r = member_check_ip(j->network, ip, err);
	if (r < 0)
		return r;
	holder = find_holder(j->table, ip, id);
	if (holder && j->is_gone && j->is_gone(holder->id, j->arg)) {
		(void)sweep_table(j->table, j->is_gone, j->arg, lines);
		holder = find_holder(j->table, ip, id);
	}
	if (!holder)
		return 0;
	return err_set(err, ERR_CONFLICT, EADDRINUSE, "%s is taken by container %s",
		       ip_format(ip, text), holder->n_names ? holder->names[0] : holder->id);
}

/* Who is on it already keeps its address, if it still is one of the network's. */
static int choose(const struct joining *j, uint8_t family, struct member *m, struct buf *lines,
		  struct err *err)
{
	struct ip *ip = family == AF_INET ? &m->ip : &m->ip6;
	const struct member *before = member_table_find_id(j->table, m->id);
	struct err ignored;
	int r;

	if (ip_is_set(ip) || !network_gives_addresses(j->network))
		return 0;
	if (before) {
		const struct ip *had = family == AF_INET ? &before->ip : &before->ip6;

		if (ip_is_set(had) && member_check_ip(j->network, had, &ignored) == 0 &&
		    !find_holder(j->table, had, m->id)) {
			*ip = *had;
			return 0;
		}
	}
	r = member_choose(j->network, j->table, family, m->id, ip, err);
	if (r == -EADDRNOTAVAIL && sweep_table(j->table, j->is_gone, j->arg, lines) > 0)
		r = member_choose(j->network, j->table, family, m->id, ip, err);
	return r;
}

static int check_member(const struct member *m, struct err *err)
{
	if (strlen(m->id) != MEMBER_ID_LEN ||
	    strspn(m->id, "0123456789abcdef") != MEMBER_ID_LEN)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no container's id", m->id);
	for (size_t i = 0; i < m->n_names; i++)
		if (!member_name_is_sound(m->names[i]))
			return err_set(err, ERR_USAGE, EINVAL,
				       "'%.64s' is no name for a container on a network",
				       m->names[i]);
	if (m->interface && (!*m->interface || strlen(m->interface) > 15 ||
			     strpbrk(m->interface, " \n/") || strcmp(m->interface, "-") == 0))
		return err_set(err, ERR_USAGE, EINVAL, "'%.32s' is no name of an interface",
			       m->interface);
	return 0;
}

static int join(const struct joining *j, struct member *m, struct err *err)
{
	const bool was_chosen = !ip_is_set(&m->ip) && !member_table_find_id(j->table, m->id);
	auto_buf struct buf lines = {};
	struct member joined = *m;
	int r;

	r = check_wanted(j, &joined.ip, m->id, &lines, err);
	if (r == 0)
		r = check_wanted(j, &joined.ip6, m->id, &lines, err);
	if (r == 0)
		r = choose(j, AF_INET, &joined, &lines, err);
	if (r == 0)
		r = choose(j, AF_INET6, &joined, &lines, err);
	if (r < 0)
		return r;
	if (!mac_is_set(&joined.mac) && ip_is_set(&joined.ip))
		joined.mac = mac_of(&joined.ip);
	else if (!mac_is_set(&joined.mac) && ip_is_set(&joined.ip6))
		joined.mac = mac_of(&joined.ip6);
	format_member(&joined, was_chosen, &lines);
	if (lines.len > MAX_LINE + j->table->n * (MEMBER_ID_LEN + 3))
		return err_set(err, ERR_USAGE, E2BIG, "container %.12s has too many names", m->id);
	r = add_lines(j->dir_fd, j->table, m->id, &lines, err);
	if (r == 0)
		*m = joined;
	return r;
}

int members_join(int network_dir_fd, const struct network *network, struct member *m,
		 members_gone_fn *is_gone, void *arg, struct err *err)
{
	auto_member_table struct member_table table = {};
	auto_close int lock_fd = -1;
	struct joining joining = { network_dir_fd, network, &table, is_gone, arg };
	int r = check_member(m, err);

	if (r < 0)
		return r;
	r = lock(network_dir_fd, true, &lock_fd, err);
	if (r == -ENOENT ||
	    (r == 0 && faccessat(network_dir_fd, "network.json", F_OK, 0) < 0))
		return err_set(err, ERR_NOT_FOUND, ENOENT, "network '%s' was removed",
			       network->name);
	if (r == 0)
		r = read_table(network_dir_fd, &table, err);
	if (r == 0)
		r = join(&joining, m, err);
	return r < 0 ? err_wrap(err, "network '%s'", network->name) : 0;
}

/* ------------------------------------------------------------------------------- others */

int members_leave(int network_dir_fd, const char *id, struct err *err)
{
	auto_member_table struct member_table table = {};
	auto_close int lock_fd = -1;
	auto_buf struct buf lines = {};
	int r = lock(network_dir_fd, false, &lock_fd, err);

	if (r == 0)
		r = read_table(network_dir_fd, &table, err);
	else if (r == -ENOENT)
		return 0;
	if (r < 0 || !member_table_find_id(&table, id))
		return r;
	buf_printf(&lines, "- %s\n", id);
	return add_lines(network_dir_fd, &table, id, &lines, err);
}

static int not_there(const char *id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, ENOENT, "container %.12s is not on the network", id);
}

int members_rename(int network_dir_fd, const char *id, const char *const *names, size_t n,
		   struct err *err)
{
	auto_member_table struct member_table table = {};
	auto_close int lock_fd = -1;
	auto_buf struct buf lines = {};
	const struct member *before;
	struct member m;
	int r = lock(network_dir_fd, false, &lock_fd, err);

	if (r == -ENOENT)
		return not_there(id, err);
	if (r == 0)
		r = read_table(network_dir_fd, &table, err);
	if (r < 0)
		return r;
	before = member_table_find_id(&table, id);
	if (!before)
		return not_there(id, err);
	m = *before;
	m.names = names;
	m.n_names = n;
	r = check_member(&m, err);
	if (r < 0)
		return r;
	format_member(&m, false, &lines);
	if (lines.len > MAX_LINE)
		return err_set(err, ERR_USAGE, E2BIG, "container %.12s has too many names", id);
	return add_lines(network_dir_fd, &table, id, &lines, err);
}

int members_each(int network_dir_fd, members_fn *fn, void *arg, struct err *err)
{
	auto_member_table struct member_table table = {};
	int r = read_table(network_dir_fd, &table, err);

	for (size_t i = 0; r == 0 && i < table.n; i++)
		fn(&table.v[i], arg);
	return r;
}

int members_sweep(int network_dir_fd, members_gone_fn *is_gone, void *arg, struct err *err)
{
	auto_member_table struct member_table table = {};
	auto_close int lock_fd = -1;
	auto_buf struct buf lines = {};
	int gone, r = lock(network_dir_fd, false, &lock_fd, err);

	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = read_table(network_dir_fd, &table, err);
	if (r < 0)
		return r;
	gone = sweep_table(&table, is_gone, arg, &lines);
	/* Those that are left, whatever stood there: nothing is to be added. */
	lines.len = 0;
	if (gone > 0)
		r = rewrite(network_dir_fd, &table, NULL, &lines, err);
	return r < 0 ? r : gone;
}

/* ------------------------------------------------------------------------------- the end */

int members_hold(int network_dir_fd, int *ret_fd, struct err *err)
{
	int r = lock(network_dir_fd, true, ret_fd, err);

	return r == -ENOENT ? err_set(err, ERR_NOT_FOUND, ENOENT, "the network was removed") : r;
}

void members_remove(int network_dir_fd)
{
	static const char *const names[] = { FILE_NAME ".new", FILE_NAME, LOCK_NAME };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(network_dir_fd, names[i], 0);
}
