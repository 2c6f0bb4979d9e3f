/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent's side of a birth. Four things in this order: the intent is written down, the plan is
 * made, the child is cloned, and then the two talk (rt/sync.h) while the child walks its plan. On
 * any failure the record says what to undo, here as well as for a later `delete --force` after we
 * were killed.
 */
#include "rt/birth.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/timestamp.h"
#include "rt/birth_plan.h"
#include "rt/delete.h"
#include "rt/furnish.h"
#include "rt/hooks.h"
#include "rt/join.h"
#include "rt/sync.h"
#include "sys/clone.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

void birth_init(struct birth *b, const struct rt *rt, const struct rt_create *create)
{
	*b = (struct birth){ .create = create,
			     .spec = create->spec,
			     .parent_pidns_fd = -1,
			     .sync_fd = -1,
			     .terminal_fd = -1 };
	container_init(&b->c, rt);
	plan_init(&b->plan);
	child_init(&b->child);
}

void birth_done(struct birth *b)
{
	plan_done(&b->plan);
	if (b->wants_cgroup && !b->c.has_cgroup)
		cgroup_done(&b->c.cg);
	closep(&b->parent_pidns_fd);
	closep(&b->sync_fd);
	closep(&b->terminal_fd);
	closep(&b->child.sync_fd);
	closep(&b->child.listen_fd);
	container_done(&b->c);
}

/* ------------------------------------------------------------------------------ intent */

static int fill_paths(struct birth *b, struct err *err)
{
	const char *root = b->spec->root->path;
	char bundle[PATH_MAX];

	if (!realpath(b->create->bundle, bundle))
		return err_sys(err, errno, "bundle '%s'", b->create->bundle);
	b->record.bundle = arena_strdup(&b->c.arena, bundle);
	b->record.rootfs = root[0] == '/' ? arena_strdup(&b->c.arena, root)
					  : arena_printf(&b->c.arena, "%s/%s", bundle, root);
	return 0;
}

static const char *manager_name(enum rt_cgroup_manager manager)
{
	static const char *const names[] = { [RT_CGROUPFS] = "cgroupfs", [RT_SYSTEMD] = "systemd",
					     [RT_CGROUP_DISABLED] = "disabled" };

	return names[manager];
}

static int fill_cgroup(struct birth *b, struct err *err)
{
	const char *path = b->spec->linux_->cgroups_path;
	auto_buf struct buf resolved = {};
	struct cg_systemd_scope scope;
	int r;

	b->record.cgroup_manager = arena_strdup(&b->c.arena, manager_name(b->c.rt->cgroup_manager));
	switch (b->c.rt->cgroup_manager) {
	case RT_CGROUP_DISABLED:
		return 0;
	case RT_SYSTEMD:
		r = cg_systemd_parse(path, b->create->id, b->c.rt->rootless, &scope, err);
		if (r < 0)
			return r;
		b->record.systemd_slice = arena_strdup(&b->c.arena, scope.slice);
		b->record.systemd_unit = arena_strdup(&b->c.arena, scope.unit);
		b->record.is_user_scope = scope.user;
		return 0;
	default:
		if (path && strlen(path) > NAME_MAX * 8)
			return err_set(err, ERR_USAGE, ENAMETOOLONG,
				       "linux.cgroupsPath: is longer than %d bytes", NAME_MAX * 8);
		r = cgroup_path_resolve(path, b->create->id, &resolved, err);
		if (r == 0)
			b->record.cgroup_path = arena_strdup(&b->c.arena, buf_str(&resolved));
		return r;
	}
}

static void init_cgroup(struct birth *b)
{
	cgroup_init(&b->c.cg, &b->c.cgroupfs,
		    (b->c.rt->rootless ? CGROUP_ROOTLESS : 0) |
			    (b->create->ignore_missing_limits ? CGROUP_IGNORE_MISSING : 0));
}

/* A record that names a cgroup gives `delete --force` the right to kill all in it: so it must be
 * nobody's before it is named. */
static int check_cgroup(struct birth *b, struct err *err)
{
	struct err absent = {};
	int r = cgroup_open(&b->c.cg, b->record.cgroup_path, &absent);

	if (r == 0)
		r = cgroup_is_populated(&b->c.cg, err);
	else if (absent.kind == ERR_NOT_FOUND)
		r = 0;
	cgroup_done(&b->c.cg);
	init_cgroup(b);
	if (r > 0)
		return err_set(err, ERR_CONFLICT, EBUSY,
			       "linux.cgroupsPath: the cgroup '%s' is not empty: others live there",
			       b->record.cgroup_path);
	return r;
}

static int open_cgroups(struct birth *b, struct err *err)
{
	int r;

	if (b->c.rt->cgroup_manager == RT_CGROUP_DISABLED)
		return 0;
	r = cgroupfs_open(&b->c.cgroupfs, err);
	if (r < 0)
		return r;
	init_cgroup(b);
	b->wants_cgroup = true;
	return b->record.cgroup_path ? check_cgroup(b, err) : 0;
}

static int write_intent(struct birth *b, struct err *err)
{
	auto_buf struct buf formatted = {};
	const struct buf *config = &b->create->config;
	int r = record_write(&b->c.dir, &b->record, err);

	if (r < 0)
		return r;
	if (!config->len) {
		oci_spec_format(b->spec, &formatted);
		config = &formatted;
	}
	r = record_write_config(&b->c.dir, config, err);
	if (r < 0 || !b->create->filter)
		return r;
	return record_write_filter(&b->c.dir, b->create->filter, err);
}

static int reserve(struct birth *b, struct err *err)
{
	char created[TIMESTAMP_BYTES];
	int r;

	timestamp_now(created);
	b->record.id = arena_strdup(&b->c.arena, b->create->id);
	b->record.oci_version = arena_strdup(&b->c.arena, b->spec->oci_version);
	b->record.created = arena_strdup(&b->c.arena, created);
	b->record.is_creating = true;
	b->record.uid = geteuid();
	b->record.annotations =
		(struct oci_pairs){ b->spec->annotations.v, b->spec->annotations.n };
	b->c.record = &b->record;
	b->c.status = RT_CREATING;
	b->record.has_poststop = b->spec->hooks && b->spec->hooks->poststop.n;
	r = fill_paths(b, err);
	if (r == 0)
		r = fill_cgroup(b, err);
	if (r == 0)
		r = open_cgroups(b, err);
	if (r == 0)
		r = record_create(b->c.rt, b->create->id, &b->c.dir, err);
	if (r < 0)
		return r;
	b->is_reserved = true;
	return write_intent(b, err);
}

/* ------------------------------------------------------------------------------ cgroup */

/* Under systemd's driver it makes the scope, and says where that is. */
static int start_scope(struct birth *b, struct err *err)
{
	auto_buf struct buf path = {};
	struct cg_systemd_scope scope;
	struct cg_systemd_start start = {
		.host_pid = b->host_pid,
		.id = b->create->id,
		.unified = b->c.cgroupfs.mode == CGROUP_V2,
		.resources = b->spec->linux_->resources,
		.annotations = &b->record.annotations,
	};
	int r;

	if (!container_scope(&b->c, &scope))
		return 0;
	r = cg_systemd_start(&scope, &start, &path, err);
	if (r < 0)
		return r;
	b->record.cgroup_path = arena_strdup(&b->c.arena, buf_str(&path));
	return record_write(&b->c.dir, &b->record, err);
}

int birth_make_cgroup(struct birth *b, struct err *err)
{
	const struct oci_resources *resources = b->spec->linux_->resources;
	unsigned flags = b->record.systemd_unit ? CGROUP_MAY_EXIST : 0;
	int r = start_scope(b, err);

	if (r == 0)
		r = cgroup_create(&b->c.cg, b->record.cgroup_path, resources, flags, err);
	if (r < 0)
		return r;
	b->c.has_cgroup = true;
	r = cgroup_apply(&b->c.cg, resources, err);
	return r < 0 ? r : cgroup_delegate(&b->c.cg, b->spec, err);
}

/* On v2 the child is cloned into its cgroup, so that has to exist now; on v1 we make the cgroups
 * while the child is busy with its mounts; systemd needs the child's pid to make them. */
static int make_cgroup_early(struct birth *b, struct err *err)
{
	if (!b->wants_cgroup || b->c.cgroupfs.mode != CGROUP_V2 || b->record.systemd_unit)
		return 0;
	return birth_make_cgroup(b, err);
}

/* ------------------------------------------------------------------------------ clone */

static int make_sync(struct birth *b, struct err *err)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_sys(err, errno, "make a pair of sockets");
	b->sync_fd = fds[0];
	b->child.sync_fd = fds[1];
	return 0;
}

/* In the child, first of all: it must not outlive a parent that dies now, nor be looked into. (A
 * parent that is not root has to, until it wrote the id maps; op_become_root ends that.) */
static _Noreturn void be_child(struct birth *b)
{
	struct child_plan plan = { .ops = b->plan.ops, .n = b->plan.n };
	/* Only root may write the maps of who is not dumpable. op_settle comes right after them.
	 * (Who is asked here may be mapped already, and be root in there.) */
	bool is_mapped_by_user = b->record.uid != 0 && (b->clone_flags & CLONE_NEWUSER);

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 ||
	    (!is_mapped_by_user && prctl(PR_SET_DUMPABLE, 0) < 0))
		_exit(1);
	(void)close(b->sync_fd);
	child_run(&b->child, &plan);
}

/* A pid namespace is joined by the parent, for its children; afterwards it goes back, so that hooks
 * are no children of the container. */
static int leave_pid_namespace(struct birth *b, struct err *err)
{
	auto_close int own_fd = take_fd(&b->parent_pidns_fd);

	if (own_fd >= 0 && setns(own_fd, CLONE_NEWPID) < 0)
		return err_sys(err, errno, "return to our own pid namespace");
	return 0;
}

/* The process in between: joins, clones the child as ours, tells us its pid, and is gone. */
static _Noreturn void be_between(struct birth *b, const struct clone_request *request, int pid_fd)
{
	const struct op join = { .arg = b->join_first };
	struct clone_request sibling = *request;
	int pidfd, pid = op_join_namespaces(&b->child, &join);

	sibling.flags |= CLONE_PARENT;
	if (pid == 0)
		pid = clone_process(&sibling, &pidfd);
	if (pid == 0)
		be_child(b);
	_exit(write(pid_fd, &pid, sizeof(pid)) != sizeof(pid));
}

/* The child's pid, or -errno. */
static pid_t clone_between(struct birth *b, const struct clone_request *request)
{
	struct clone_request plain = { .cgroup_fd = -1 };
	auto_close int read_fd = -1, write_fd = -1, between_fd = -1;
	int fds[2], pid = -EPIPE;
	pid_t between;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	read_fd = fds[0];
	write_fd = fds[1];
	between = clone_process(&plain, &between_fd);
	if (between == 0)
		be_between(b, request, write_fd);
	if (between < 0)
		return between;
	if (read(read_fd, &pid, sizeof(pid)) != sizeof(pid))
		pid = -EPIPE;
	(void)clone_wait(between);
	if (pid <= 0)
		return pid;
	b->c.pidfd = proc_open_pidfd(pid);
	return b->c.pidfd < 0 ? b->c.pidfd : pid;
}

static int clone_child(struct birth *b, struct err *err)
{
	struct clone_request request = {
		.flags = b->clone_flags,
		.cgroup_fd = b->c.has_cgroup ? cgroup_v2_fd(&b->c.cg) : -1,
	};
	uint64_t identity;
	int r;

	b->child.proc_fd = b->c.proc_fd;
	if (b->join_first)
		b->host_pid = clone_between(b, &request);
	else
		b->host_pid = clone_process(&request, &b->c.pidfd);
	if (b->host_pid == 0)
		be_child(b);
	if (b->host_pid < 0)
		return err_sys(err, -b->host_pid, "clone the container's first process");
	closep(&b->child.sync_fd);
	b->child.sync_fd = -1;
	r = leave_pid_namespace(b, err);
	if (r < 0)
		return r;
	r = proc_identity(b->c.proc_fd, b->c.pidfd, b->host_pid, &identity);
	if (r == -ESRCH)
		return 0; /* it died already, and has sent us why */
	if (r < 0)
		return err_sys(err, -r, "look at the container's first process");
	b->record.host_pid = b->host_pid;
	b->record.pid_identity = identity;
	r = record_find_boot(b->c.rt, b->c.proc_fd, &b->record, err);
	return r < 0 ? r : record_write_pid(&b->c.dir, &b->record, err);
}

/* ------------------------------------------------------------------------------ the exchange */

void birth_format_state(const struct birth *b, enum rt_status status, struct buf *out)
{
	struct rt_state state = {
		.id = b->record.id,
		.oci_version = b->record.oci_version,
		.bundle = b->record.bundle,
		.rootfs = b->record.rootfs,
		.status = status,
		.host_pid = b->host_pid,
		.annotations = b->record.annotations,
	};

	rt_state_format(&state, out);
}

static bool needs_hooks(const struct oci_hooks *h)
{
	return h && (h->prestart.n || h->create_runtime.n || h->create_container.n);
}

static int run_hooks(struct birth *b, int host_root_fd, struct err *err)
{
	const struct oci_hooks *h = b->spec->hooks;
	auto_buf struct buf state = {};
	struct join_guard guard = { .root_fd = host_root_fd };
	struct hook_context here = { .pidfd = -1 }, there;
	int r;

	birth_format_state(b, RT_CREATING, &state);
	here.state_json = buf_str(&state);
	there = here;
	join_context(&there, b->c.pidfd, b->spec, &guard);
	r = hooks_run(&h->prestart, "prestart", &here, err);
	if (r == 0)
		r = hooks_run(&h->create_runtime, "createRuntime", &here, err);
	if (r == 0)
		r = hooks_run(&h->create_container, "createContainer", &there, err);
	return r;
}

static int converse_about_hooks(struct birth *b, struct err *err)
{
	auto_close int host_root_fd = -1;
	int r = sync_wait(b->sync_fd, SYNC_MOUNTED, &host_root_fd, err);

	if (r == 0)
		r = run_hooks(b, host_root_fd, err);
	if (r == 0 && sync_send(b->sync_fd, SYNC_PIVOT, -1) < 0)
		r = err_set(err, ERR_SYSTEM, EPIPE,
			    "the container's first process died while its hooks ran");
	return r;
}

/* Who dies without a word was killed: mostly by the kernel, for lack of memory. */
static int explain_death(const struct birth *b, struct err *err)
{
	const struct oci_resources *res = b->spec->linux_->resources;
	siginfo_t info = {};

	if (waitid(P_PID, (id_t)b->host_pid, &info, WEXITED | WNOWAIT) < 0 ||
	    info.si_code == CLD_EXITED)
		return -err->no;
	if (info.si_status == SIGKILL && res && res->memory && res->memory->limit.is_set)
		return err_set(err, ERR_SYSTEM, ENOMEM,
			       "linux.resources.memory.limit: the container's first process was "
			       "killed: %jd bytes are too few for it to start",
			       (intmax_t)res->memory->limit.value);
	return err_wrap(err, "killed by signal %d", info.si_status);
}

static int converse(struct birth *b, struct err *err)
{
	int r = furnish(b, err);

	if (r == 0 && needs_hooks(b->spec->hooks))
		r = converse_about_hooks(b, err);
	if (r == 0)
		r = sync_wait(b->sync_fd, SYNC_READY, &b->terminal_fd, err);
	return r == -ECONNRESET ? explain_death(b, err) : r;
}

static int complete(struct birth *b, struct err *err)
{
	b->record.is_creating = false;
	return record_complete(&b->c.dir, err);
}

/* ------------------------------------------------------------------------------ all of it */

/* As `delete --force` would, but for what we hold open already. */
void birth_undo(struct birth *b)
{
	struct err ignored = {};

	(void)leave_pid_namespace(b, &ignored);
	if (b->c.pidfd >= 0) {
		(void)syscall(SYS_pidfd_send_signal, b->c.pidfd, SIGKILL, NULL, 0);
		(void)clone_wait(b->host_pid);
	}
	if (!b->is_reserved)
		return;
	b->is_reserved = false;
	if (!b->c.has_cgroup && !b->record.systemd_unit)
		b->record.cgroup_path = NULL; /* what stands there is not ours */
	if (delete_container(&b->c, &ignored) < 0)
		log_warn("clean up after %s: %s", b->create->id, ignored.msg);
}

int birth_give(struct birth *b, bool waits_on_socket, struct err *err)
{
	int r = proc_open(&b->c.proc_fd, err);

	if (r == 0)
		r = reserve(b, err);
	if (r == 0)
		r = make_cgroup_early(b, err);
	if (r == 0)
		r = make_sync(b, err);
	if (r == 0)
		r = birth_plan(b, waits_on_socket, err);
	if (r == 0)
		r = clone_child(b, err);
	if (r == 0)
		r = converse(b, err);
	if (r == 0)
		r = complete(b, err);
	if (r < 0)
		birth_undo(b);
	return r;
}
