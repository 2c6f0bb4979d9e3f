/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One process, seen from all sides. The scan of the host says who may be with it; of each of those
 * more is read through its own directory in /proc, after asking it once more which namespaces it is
 * in: so a number that was given away between the two looks can't bring a stranger in.
 */
#include "engine/nsview.h"

#include "base/cleanup.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "engine/cmdline.h"
#include "sys/proc.h"
#include "sys/procstatus.h"

#include <string.h>
#include <time.h>

#define STATUS_MAX_BYTES (1u << 20)
#define MAP_MAX_BYTES    (64u << 10)

/* What the steps share. */
struct look {
	const struct nsscan *scan;
	struct arena *arena;
	struct cmdline cmdline;
	int dir_fd, ns_dir_fd; /* of the process, and its ns */
	struct procstatus status;
	ino_t ns[NS_KIND_MAX_];
	struct nsview *view;
};

/* ------------------------------------------------------------------------------- its words */

static char *valid_text(struct arena *arena, const char *text)
{
	auto_buf struct buf out = {};

	utf8_add_valid(&out, text);
	return arena_strdup(arena, buf_str(&out));
}

/* The command line with blanks between the words; "[name]" of who has none, as ps shows it. */
static char *read_command(struct look *look, int pid_dir_fd, const char *name)
{
	auto_buf struct buf text = {};

	if (cmdline_read(&look->cmdline, pid_dir_fd, &text) < 0 || text.len == 0)
		return arena_printf(look->arena, "[%s]", name);
	return valid_text(look->arena, buf_str(&text));
}

static int read_status(int pid_dir_fd, struct procstatus *ret)
{
	auto_buf struct buf text = {};
	struct err ignored = {};
	int r = proc_read_at(pid_dir_fd, "status", STATUS_MAX_BYTES, &text);

	return r < 0 ? r : procstatus_parse(buf_str(&text), ret, &ignored);
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now = {};

	(void)clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void read_age(struct look *look)
{
	const int64_t tick_ns = 1000000000 / sysconf(_SC_CLK_TCK);
	int64_t age_ns, started_ns;
	char text[TIMESTAMP_BYTES];
	struct timespec started;
	uint64_t ticks;

	if (proc_start_time_at(look->dir_fd, &ticks) < 0)
		return;
	age_ns = clock_ns(CLOCK_BOOTTIME) - (int64_t)ticks * tick_ns;
	started_ns = clock_ns(CLOCK_REALTIME) - age_ns;
	started = (struct timespec){ .tv_sec = started_ns / 1000000000 };
	timestamp_format(&started, text);
	look->view->started = arena_strdup(look->arena, text);
	look->view->age_s = age_ns > 0 ? (uint64_t)age_ns / 1000000000 : 0;
}

/* ------------------------------------------------------------------------------- who shares it */

/* Of a thread, its own process is no other. */
static bool is_other(const struct look *look, pid_t host_pid)
{
	return host_pid != look->status.pid && host_pid != look->status.tgid;
}

static void find_others(const struct look *look, struct nsview_namespace *ns)
{
	const struct nsscan *scan = look->scan;

	ns->others.v = arena_array(look->arena, uint32_t, scan->n + 1);
	for (size_t i = 0; i < scan->n; i++)
		if (scan->v[i].ns[ns->kind] == ns->ino && is_other(look, scan->v[i].host_pid))
			ns->others.v[ns->others.n++] = (uint32_t)scan->v[i].host_pid;
	ns->n_others = ns->others.n;
}

static uint64_t read_children(const struct look *look, enum ns_kind kind)
{
	ino_t ino = 0;

	if (kind != NS_PID && kind != NS_TIME)
		return 0;
	/* unshare(2) makes the pid namespace with its first process: until then there is none */
	if (ns_read_children_ino(look->ns_dir_fd, kind, &ino) < 0 || ino == look->ns[kind])
		return 0;
	return ino;
}

static void list_namespaces(struct look *look)
{
	struct nsview *view = look->view;

	view->namespaces.n = NS_KIND_MAX_;
	view->namespaces.v = arena_array(look->arena, struct nsview_namespace, NS_KIND_MAX_);
	for (int i = 0; i < NS_KIND_MAX_; i++) {
		struct nsview_namespace *ns = &view->namespaces.v[i];
		enum ns_kind kind = (enum ns_kind)i;

		*ns = (struct nsview_namespace){
			.kind = i,
			.ino = look->ns[i],
			.whose = nsscan_whose(look->scan, kind, look->ns[i]),
		};
		if (ns->ino == 0)
			continue;
		ns->children_ino = read_children(look, kind);
		find_others(look, ns);
	}
}

/* ------------------------------------------------------------------------------- together */

/* Answers that were found for pid namespaces: does it lie in the process's own? */
struct answers {
	struct {
		ino_t ino;
		bool is_below;
	} *v;
	size_t n;
};

/* Does the pid namespace of the process lie in that with `ino`, which is not its own? */
static bool lies_in(int proc_fd, pid_t host_pid, ino_t ino)
{
	auto_close int dir_fd = -1, fd = -1;

	if (ns_open_dir(proc_fd, host_pid, &dir_fd) < 0 || ns_open_at(dir_fd, NS_PID, &fd) < 0)
		return false;
	for (;;) {
		struct err ignored = {};
		struct ns_id id = {};
		int parent_fd = -1;

		if (ns_parent(fd, &parent_fd) < 0)
			return false;
		closep(&fd);
		fd = parent_fd;
		if (ns_id(fd, &id, &ignored) < 0)
			return false;
		if (id.ino == ino)
			return true;
	}
}

static bool is_in_pid_ns(const struct look *look, const struct nsscan_process *process,
			 struct answers *answers)
{
	ino_t own = look->ns[NS_PID], ino = process->ns[NS_PID];

	if (ino == own)
		return true;
	if (ino == 0 || ino == look->scan->host[NS_PID])
		return false;
	for (size_t i = 0; i < answers->n; i++)
		if (answers->v[i].ino == ino)
			return answers->v[i].is_below;
	answers->v[answers->n].ino = ino;
	answers->v[answers->n].is_below = lies_in(look->scan->proc_fd, process->host_pid, own);
	return answers->v[answers->n++].is_below;
}

static bool shares_another(const struct look *look, const struct nsscan_process *process)
{
	for (int kind = 0; kind < NS_KIND_MAX_; kind++)
		if (look->view->namespaces.v[kind].whose == NS_OWN &&
		    process->ns[kind] == look->ns[kind])
			return true;
	return false;
}

static enum nsview_together how_together(const struct look *look)
{
	if (look->view->namespaces.v[NS_PID].whose == NS_OWN)
		return NSVIEW_BY_PID;
	for (int kind = 0; kind < NS_KIND_MAX_; kind++)
		if (look->view->namespaces.v[kind].whose == NS_OWN)
			return NSVIEW_BY_OTHER;
	return NSVIEW_ALONE;
}

static bool is_together(const struct look *look, const struct nsscan_process *process,
			struct answers *answers)
{
	switch ((enum nsview_together)look->view->together) {
	case NSVIEW_BY_PID:
		return is_in_pid_ns(look, process, answers);
	case NSVIEW_BY_OTHER:
		return shares_another(look, process);
	default:
		return process->host_pid == look->status.tgid;
	}
}

/* ------------------------------------------------------------------------------- the processes */

static void take_pids(const struct look *look, const struct procstatus *status,
		      struct nsview_process *ret)
{
	unsigned own = look->status.ns_pid.n;

	ret->pids.v = arena_array(look->arena, uint32_t, status->ns_pid.n + 1);
	for (; ret->pids.n < status->ns_pid.n; ret->pids.n++)
		ret->pids.v[ret->pids.n] = (uint32_t)status->ns_pid.v[ret->pids.n];
	if (own > 0 && own <= status->ns_pid.n)
		ret->ns_pid = (struct oci_u64){ true, ret->pids.v[own - 1] };
}

static int read_process(struct look *look, pid_t host_pid, int pid_dir_fd,
			struct nsview_process *ret)
{
	const struct nsview_ids *ids = look->view->ids;
	struct procstatus status;
	uint32_t inside;
	int r = read_status(pid_dir_fd, &status);

	if (r < 0)
		return r;
	*ret = (struct nsview_process){ .host_pid = (uint32_t)host_pid,
					.uid = status.uid.effective };
	take_pids(look, &status, ret);
	if (ids && idmap_find_inside(&ids->uids, ret->uid, &inside))
		ret->ns_uid = (struct oci_u64){ true, inside };
	ret->name = valid_text(look->arena, status.name);
	ret->command = read_command(look, pid_dir_fd, ret->name);
	return 0;
}

/* Look again at one that the scan found: 0 if it is still where it was. */
static int read_again(struct look *look, const struct nsscan_process *seen,
		      struct nsview_process *ret)
{
	auto_close int dir_fd = -1, ns_dir_fd = -1;
	ino_t now[NS_KIND_MAX_];
	int r = proc_open_pid(look->scan->proc_fd, seen->host_pid, &dir_fd);

	if (r == 0)
		r = ns_open_dir_at(dir_fd, &ns_dir_fd);
	if (r < 0)
		return r;
	nsscan_read(ns_dir_fd, now);
	if (memcmp(now, seen->ns, sizeof(now)) != 0)
		return -ESRCH;
	return read_process(look, seen->host_pid, dir_fd, ret);
}

static void list_processes(struct look *look)
{
	const struct nsscan *scan = look->scan;
	struct nsview *view = look->view;
	struct answers answers = {};
	bool has_itself = false;

	view->together = how_together(look);
	view->processes.v = arena_array(look->arena, struct nsview_process, scan->n + 1);
	answers.v = arena_alloc(look->arena, (scan->n + 1) * sizeof(*answers.v));
	for (size_t i = 0; i < scan->n; i++) {
		struct nsview_process *process = &view->processes.v[view->processes.n];

		if (!is_together(look, &scan->v[i], &answers) ||
		    read_again(look, &scan->v[i], process) < 0)
			continue;
		has_itself |= scan->v[i].host_pid == look->status.tgid;
		view->processes.n++;
	}
	if (!has_itself && read_process(look, look->status.pid, look->dir_fd,
					&view->processes.v[view->processes.n]) == 0)
		view->processes.n++;
}

/* ------------------------------------------------------------------------------- ids */

static int read_map(const struct look *look, const char *file, struct idmap *ret)
{
	auto_buf struct buf text = {};
	struct err ignored = {};
	int r = proc_read_at(look->dir_fd, file, MAP_MAX_BYTES, &text);

	return r < 0 ? r : idmap_parse(buf_str(&text), look->arena, ret, &ignored);
}

static void read_ids(struct look *look)
{
	struct nsview_ids *ids = arena_new(look->arena, struct nsview_ids);
	auto_buf struct buf setgroups = {};

	if (read_map(look, "uid_map", &ids->uids) < 0 || read_map(look, "gid_map", &ids->gids) < 0)
		return;
	if (proc_read_at(look->dir_fd, "setgroups", 64, &setgroups) == 0)
		ids->is_setgroups_denied = strncmp(buf_str(&setgroups), "deny", 4) == 0;
	look->view->ids = ids;
}

/* ------------------------------------------------------------------------------- all sides */

static int open_process(struct look *look, pid_t host_pid, struct err *err)
{
	int r = proc_open_pid(look->scan->proc_fd, host_pid, &look->dir_fd);

	if (r == 0)
		r = ns_open_dir_at(look->dir_fd, &look->ns_dir_fd);
	if (r == 0)
		r = read_status(look->dir_fd, &look->status);
	if (r == -ESRCH || r == -ENOENT)
		return err_set(err, ERR_NOT_FOUND, ESRCH, "no process %d", (int)host_pid);
	if (r < 0)
		return err_sys(err, -r, "read the status of process %d", (int)host_pid);
	if (look->status.state == 'Z' || look->status.state == 'X')
		return err_set(err, ERR_NOT_FOUND, ESRCH, "process %d has ended", (int)host_pid);
	return 0;
}

static void look_done(struct look *look)
{
	closep(&look->ns_dir_fd);
	closep(&look->dir_fd);
	cmdline_done(&look->cmdline);
}

int nsview_make(const struct nsscan *scan, pid_t host_pid, struct arena *arena, struct nsview *ret,
		struct err *err)
{
	auto_cleanup(look_done) struct look look = {
		.scan = scan, .arena = arena, .cmdline = CMDLINE_NONE, .dir_fd = -1,
		.ns_dir_fd = -1, .view = ret,
	};
	int r = open_process(&look, host_pid, err);

	if (r < 0)
		return r;
	*ret = (struct nsview){ .host_pid = (uint32_t)host_pid, .n_hidden = scan->n_hidden };
	if (look.status.tgid != look.status.pid)
		ret->thread_of = (uint32_t)look.status.tgid;
	ret->name = valid_text(arena, look.status.name);
	ret->command = read_command(&look, look.dir_fd, ret->name);
	nsscan_read(look.ns_dir_fd, look.ns);
	read_age(&look);
	read_ids(&look);
	list_namespaces(&look);
	list_processes(&look);
	nsview_cgroup_read(host_pid, arena, &ret->cgroup);
	return 0;
}
