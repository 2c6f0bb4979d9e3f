/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One process's namespaces, in words: a head, and a paragraph each for the namespaces, the
 * processes, the ids and the control groups. Nothing is wider than 80 columns: a command is cut, a
 * cgroup's path is folded. What could not be read is said where it would stand.
 */
#include "base/cleanup.h"
#include "base/utf8.h"
#include "cli/tare/ns.h"
#include "cli/tare/quantity.h"
#include "sys/userdb.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define SHARED_COLUMNS 34
#define USER_COLUMNS   20
#define INSIDE_COLUMNS 15
#define RANGES_SHOWN   8

/* ------------------------------------------------------------------------------- head */

static void add_head(const struct nsview *view, struct buf *out)
{
	auto_buf struct buf head = {};

	if (view->thread_of)
		buf_printf(&head, "thread %u of process %u: ", view->host_pid, view->thread_of);
	else
		buf_printf(&head, "process %u: ", view->host_pid);
	buf_add(out, buf_str(&head), head.len);
	(void)utf8_add_printable(out, view->command, NS_COLUMNS - head.len);
	buf_puts(out, "\n");
	if (!view->started)
		return;
	buf_puts(out, "running for ");
	quantity_age(out, view->age_s);
	buf_printf(out, ", since %.10s %.8s UTC\n", view->started, view->started + 11);
}

/* ------------------------------------------------------------------------------- namespaces */

static void add_shared(const struct nsview_namespace *ns, const struct ns_names *names,
		       struct buf *out)
{
	if (ns->whose == NS_UNREADABLE)
		buf_puts(out, "-");
	else if (ns->n_others == 0)
		buf_puts(out, "nobody");
	else if (ns->whose == NS_OWN)
		ns_list_format(names, ns->others.v, ns->others.n, SHARED_COLUMNS, out);
	else
		quantity_count(out, ns->n_others, "other process", "other processes");
}

static void add_namespace(const struct nsview_namespace *ns, const struct ns_names *names,
			  struct buf *out)
{
	static const char *const whose[NS_WHOSE_MAX_] = {
		[NS_OF_HOST]    = "the host's",
		[NS_OWN]        = "its own",
		[NS_UNKNOWN]    = "unknown",
		[NS_UNREADABLE] = "unreadable",
	};
	char ino[24] = "-";

	if (ns->ino)
		(void)snprintf(ino, sizeof(ino), "%llu", (unsigned long long)ns->ino);
	buf_printf(out, "%-6s  %-11s  %-10s  %-10s  ", ns_kind_name(ns->kind),
		   ns_types[ns->kind].separates, ino, whose[ns->whose]);
	add_shared(ns, names, out);
	buf_puts(out, "\n");
}

static void add_namespaces(const struct nsview *view, const struct ns_names *names,
			   struct buf *out)
{
	buf_puts(out, "\nKIND    SEPARATES    NAMESPACE   WHOSE       SHARED WITH\n");
	for (size_t i = 0; i < view->namespaces.n; i++)
		add_namespace(&view->namespaces.v[i], names, out);
	for (size_t i = 0; i < view->namespaces.n; i++)
		if (view->namespaces.v[i].children_ino)
			buf_printf(out, "Its next children will be in %s namespace %llu.\n",
				   ns_kind_name(view->namespaces.v[i].kind),
				   (unsigned long long)view->namespaces.v[i].children_ino);
}

/* ------------------------------------------------------------------------------- processes */

/* The host's users, and the one that was looked up last: neighbours mostly have the same. */
struct users {
	struct userdb db;
	struct arena *arena;
	uint32_t last_uid;
	const char *last_name;
};

static void users_load(struct users *users)
{
	auto_close int fd = open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct err ignored = {};

	if (userdb_load(fd, -1, users->arena, &users->db, &ignored) < 0)
		users->db = (struct userdb){ "", "" };
}

/* The name on the host, or the number. */
static const char *user_name(struct users *users, uint32_t uid)
{
	struct userdb_user user = {};
	struct err ignored = {};
	char number[16];

	if (users->last_name && users->last_uid == uid)
		return users->last_name;
	(void)snprintf(number, sizeof(number), "%u", uid);
	(void)userdb_resolve(&users->db, number, users->arena, &user, &ignored);
	users->last_uid = uid;
	users->last_name = user.name ? user.name : arena_strdup(users->arena, number);
	return users->last_name;
}

struct process_row {
	struct buf inside, user;
};

/* Its numbers from the pid namespace of the process looked at to its own: "7", "7/1". */
static void add_inside(const struct nsview_process *process, size_t depth, struct buf *out)
{
	if (!process->ns_pid.is_set)
		buf_puts(out, "-");
	for (size_t i = depth; process->ns_pid.is_set && i < process->pids.n; i++)
		buf_printf(out, "%s%u", i > depth ? "/" : "", process->pids.v[i]);
}

/* "root", "1000"; and what it is inside, where that is another: "100000 (0)". */
static void add_user(const struct nsview_process *process, struct users *users, bool is_mapped,
		     struct buf *out)
{
	auto_buf struct buf inside = {};

	if (is_mapped && !process->ns_uid.is_set)
		buf_puts(&inside, " (-)");
	else if (is_mapped && process->ns_uid.value != process->uid)
		buf_printf(&inside, " (%llu)", (unsigned long long)process->ns_uid.value);
	(void)utf8_add_printable(out, user_name(users, process->uid), USER_COLUMNS - inside.len);
	buf_add(out, buf_str(&inside), inside.len);
}

/* How many pid namespaces lie between ours and that of the process looked at. */
static size_t depth_of(const struct nsview *view)
{
	for (size_t i = 0; i < view->processes.n; i++) {
		const struct nsview_process *process = &view->processes.v[i];

		if (process->host_pid == view->host_pid || process->host_pid == view->thread_of)
			return process->pids.n ? process->pids.n - 1 : 0;
	}
	return 0;
}

static size_t widest(size_t least, size_t most, size_t len)
{
	if (len > most)
		len = most;
	return len > least ? len : least;
}

static void add_why(const struct nsview *view, struct buf *out)
{
	static const struct {
		const char *one, *many, *what;
	} why[NSVIEW_TOGETHER_MAX_] = {
		[NSVIEW_BY_PID]   = { "is", "are", "in its pid namespace, or below" },
		[NSVIEW_BY_OTHER] = { "has", "have",
				      "a namespace that is not the host's in common with it" },
	};

	buf_puts(out, "\n");
	if (view->together == NSVIEW_ALONE)
		return;
	quantity_count(out, view->processes.n, "process", "processes");
	buf_printf(out, " %s %s:\n",
		   view->processes.n == 1 ? why[view->together].one : why[view->together].many,
		   why[view->together].what);
}

static void add_processes(const struct nsview *view, struct arena *arena, struct buf *out)
{
	struct users users = { .arena = arena };
	struct process_row *rows = arena_array(arena, struct process_row, view->processes.n + 1);
	bool is_mapped = view->namespaces.v[NS_USER].whose == NS_OWN && view->ids;
	size_t depth = depth_of(view), inside = strlen("INSIDE"), user = strlen("USER");

	users_load(&users);
	for (size_t i = 0; i < view->processes.n; i++) {
		add_inside(&view->processes.v[i], depth, &rows[i].inside);
		add_user(&view->processes.v[i], &users, is_mapped, &rows[i].user);
		inside = widest(inside, INSIDE_COLUMNS, rows[i].inside.len);
		user = widest(user, USER_COLUMNS, rows[i].user.len);
	}
	add_why(view, out);
	buf_printf(out, "HOST PID  %-*s  %-*s  COMMAND\n", (int)inside, "INSIDE", (int)user,
		   "USER");
	for (size_t i = 0; i < view->processes.n; i++) {
		buf_printf(out, "%8u  %-*.*s  %-*s  ", view->processes.v[i].host_pid, (int)inside,
			   (int)inside, buf_str(&rows[i].inside), (int)user,
			   buf_str(&rows[i].user));
		(void)utf8_add_printable(out, view->processes.v[i].command,
					 NS_COLUMNS - 14 - inside - user);
		buf_puts(out, "\n");
		buf_done(&rows[i].inside);
		buf_done(&rows[i].user);
	}
}

/* ------------------------------------------------------------------------------- ids */

static bool is_same_map(const struct idmap *a, const struct idmap *b)
{
	return a->n == b->n &&
	       (a->n == 0 || memcmp(a->ranges, b->ranges, a->n * sizeof(*a->ranges)) == 0);
}

static void add_map(const struct idmap *map, const char *what, struct buf *out)
{
	if (map->n == 0)
		buf_printf(out, "no %s is mapped: everyone inside is nobody\n", what);
	for (size_t i = 0; i < map->n && i < RANGES_SHOWN; i++) {
		quantity_range(out, what, &map->ranges[i]);
		buf_puts(out, "\n");
	}
	if (map->n > RANGES_SHOWN)
		buf_printf(out, "and %zu more ranges of %ss\n", map->n - RANGES_SHOWN, what);
}

/* Who root inside is, for that is what everyone asks first. */
static void add_root(const struct idmap *uids, struct buf *out)
{
	for (size_t i = 0; i < uids->n; i++) {
		if (uids->ranges[i].inside != 0)
			continue;
		if (uids->ranges[i].outside == 0)
			buf_puts(out, "root inside is root outside\n");
		else
			buf_printf(out, "root inside is uid %u outside\n", uids->ranges[i].outside);
		return;
	}
	if (uids->n)
		buf_puts(out, "nobody is root inside\n");
}

static void add_ids(const struct nsview *view, struct buf *out)
{
	const struct nsview_ids *ids = view->ids;

	buf_puts(out, "\nIDS\n");
	if (!ids) {
		buf_puts(out, "unreadable\n");
		return;
	}
	if (view->namespaces.v[NS_USER].whose == NS_OF_HOST) {
		buf_puts(out, "the same as on the host\n");
		return;
	}
	add_root(&ids->uids, out);
	add_map(&ids->uids, "uid", out);
	if (is_same_map(&ids->uids, &ids->gids) && ids->uids.n)
		buf_puts(out, "gids are mapped as uids are\n");
	else
		add_map(&ids->gids, "gid", out);
	if (ids->is_setgroups_denied)
		buf_puts(out, "setgroups is denied: nobody inside leaves a group\n");
}

/* ------------------------------------------------------------------------------- all */

void ns_view_format(const struct nsview *view, const struct nsscan *scan, struct arena *arena,
		    struct buf *out)
{
	const struct ns_names names = { scan, arena };

	add_head(view, out);
	add_namespaces(view, &names, out);
	add_processes(view, arena, out);
	add_ids(view, out);
	ns_cgroup_format(&view->cgroup, out);
	ns_hidden_format(view->n_hidden, out);
}
