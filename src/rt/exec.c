/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another process in a running container: a child of ours that joins the namespaces of the first
 * process by one setns on its pidfd, and then becomes what `process` says, by the same operations
 * as a first process. The pid namespace is joined by us, for the child, so that one fork is enough.
 */
#include "rt/rt.h"

#include "base/cleanup.h"
#include "rt/container.h"
#include "rt/exec_group.h"
#include "rt/home.h"
#include "rt/join.h"
#include "rt/notify.h"
#include "rt/plan_process.h"
#include "rt/run.h"
#include "rt/start.h"
#include "rt/sync.h"
#include "rt/terminal.h"
#include "sys/clone.h"
#include "sys/ns.h"
#include "sys/proc.h"
#include "sys/userdb.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct exec {
	const struct rt_exec *request;
	struct container c;
	const struct oci_spec *spec;
	struct plan plan;
	struct child child;
	struct op_pidfd *join; /* the plan's */
	struct exec_group group;
	int tasks_fds[CGROUPFS_TREES_MAX];
	int sync_fd, terminal_fd, pidfd;
	pid_t host_pid;
};

static void exec_init(struct exec *e, const struct rt *rt, const struct rt_exec *request)
{
	*e = (struct exec){ .request = request, .sync_fd = -1, .terminal_fd = -1, .pidfd = -1 };
	container_init(&e->c, rt);
	exec_group_init(&e->group, &e->c);
	plan_init(&e->plan);
	child_init(&e->child);
}

static void exec_done(struct exec *e)
{
	closep(&e->sync_fd);
	closep(&e->child.sync_fd);
	closep(&e->terminal_fd);
	closep(&e->pidfd);
	plan_done(&e->plan);
	exec_group_done(&e->group);
	container_done(&e->c);
}

/* ------------------------------------------------------------------------------ the container */

/* A process that is no container's: it has no record, and no cgroup that we would join. */
static int open_target(struct exec *e, struct err *err)
{
	pid_t pid = e->request->target_pid;
	int r = proc_open(&e->c.proc_fd, err);

	if (r < 0)
		return r;
	e->c.record = arena_new(&e->c.arena, struct record);
	e->c.record->id = arena_printf(&e->c.arena, "%d", (int)pid);
	e->c.record->host_pid = pid;
	e->c.status = RT_RUNNING;
	e->c.pidfd = proc_open_pidfd(pid);
	if (e->c.pidfd == -ESRCH)
		return err_set(err, ERR_NOT_FOUND, ESRCH, "there is no process %d", (int)pid);
	e->spec = e->request->spec;
	return e->c.pidfd < 0 ? err_sys(err, -e->c.pidfd, "open process %d", (int)pid) : 0;
}

static int open_container(struct exec *e, struct err *err)
{
	struct oci_spec *read = NULL;
	int r;

	if (e->request->target_pid)
		return open_target(e, err);
	r = container_open(&e->c, e->request->id, err);

	if (r == 0)
		r = container_require_alive(&e->c, true, err);
	if (r == 0 && e->c.status == RT_PAUSED && !e->request->ignore_paused)
		r = err_set(err, ERR_CONFLICT, EBUSY,
			    "the container is paused: resume it first");
	if (r == 0)
		r = container_open_cgroup(&e->c, err);
	e->spec = e->request->spec;
	if (r == 0 && !e->spec)
		r = record_read_spec(&e->c.dir, &e->c.arena, &read, err);
	if (r == 0 && !e->spec)
		e->spec = read;
	return r;
}

/* What the caller names in the container may be missing there: the container is not. */
static int refuse(struct err *err)
{
	if (err->kind == ERR_NOT_FOUND)
		err->kind = ERR_USAGE;
	return -err->no;
}

/* ------------------------------------------------------------------------------ plan */

static int add_cgroups(struct exec *e, struct err *err)
{
	struct op_tasks *tasks = plan_new(&e->plan, struct op_tasks);
	const char *sub = e->request->cgroup;
	int n;

	if (!e->c.has_cgroup)
		return 0;
	if (sub && exec_group_choose(&e->group, sub, err) < 0)
		return refuse(err);
	n = cgroup_open_tasks(exec_group_cgroup(&e->group), e->tasks_fds, CGROUPFS_TREES_MAX, err);
	if (n < 0)
		return n;
	for (int i = 0; i < n; i++)
		plan_own_fd(&e->plan, e->tasks_fds[i]);
	*tasks = (struct op_tasks){ .fds = e->tasks_fds, .n = (size_t)n };
	if (n)
		plan_add(&e->plan, op_join_cgroups, tasks, "join the container's cgroup");
	return 0;
}

/* The container's root, as its first process has it. Its pid may be another's by the time that the
 * path is walked, so it has to live still when that is done. */
static int open_root(const struct container *c, int *ret_fd, struct err *err)
{
	auto_close int fd = -1;
	char path[32];

	(void)snprintf(path, sizeof(path), "%d/root", (int)c->record->host_pid);
	fd = openat(c->proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_pidfd_send_signal, c->pidfd, 0, NULL, 0) < 0)
		return err_sys(err, errno, "open the container's root");
	*ret_fd = take_fd(&fd);
	return 0;
}

/* Without a mount namespace the container is where it is by its root alone. */
static int add_root(struct exec *e, struct err *err)
{
	struct op_root *root = plan_new(&e->plan, struct op_root);
	int r = open_root(&e->c, &root->tree_fd, err);

	if (r < 0)
		return r;
	plan_own_fd(&e->plan, root->tree_fd);
	plan_add(&e->plan, op_enter_root, root, "enter the container's root");
	return 0;
}

static int add_join(struct exec *e, unsigned flags, struct err *err)
{
	struct op_pidfd *join = plan_new(&e->plan, struct op_pidfd);
	struct op_ids *ids = plan_new(&e->plan, struct op_ids);

	e->join = join;
	*join = (struct op_pidfd){ .pidfd = e->c.pidfd, .flags = flags & ~CLONE_NEWPID };
	if (join->flags)
		plan_add(&e->plan, op_join_pidfd, join, "join the container's namespaces");
	if (flags & CLONE_NEWUSER) {
		*ids = join_ids(e->spec);
		plan_add(&e->plan, op_settle, ids, "become uid %u of the user namespace", ids->uid);
	}
	if (flags & CLONE_NEWNS) {
		plan_add(&e->plan, op_open_root, NULL, "open the container's root");
		return 0;
	}
	return add_root(e, err);
}

static void add_terminal(struct exec *e)
{
	const struct oci_process *process = e->request->process;
	struct op_console *console = plan_new(&e->plan, struct op_console);

	plan_add(&e->plan, op_new_session, NULL, "start a session");
	plan_process_stdio(&e->plan, e->request->stdio_fds);
	if (!process->terminal)
		return;
	*console = (struct op_console){ .uid = process->user.uid };
	if (process->console_size) {
		console->rows = (unsigned short)process->console_size->height;
		console->columns = (unsigned short)process->console_size->width;
	}
	plan_add(&e->plan, op_open_console, console, "process.terminal: open the terminal");
}

/* Of a namespace that others made we know no more than what the kernel says. */
static bool denies_groups(const struct exec *e)
{
	auto_buf struct buf text = {};
	struct err ignored;

	return e->request->target_pid &&
	       proc_read(e->c.proc_fd, e->request->target_pid, "setgroups", 16, &text,
			 &ignored) == 0 &&
	       strncmp(buf_str(&text), "deny", 4) == 0;
}

static int add_environment(struct exec *e, struct plan_process *p, struct err *err)
{
	struct home home = { .proc_fd = e->c.proc_fd };
	auto_close int root_fd = -1;
	int listen = e->request->listen_fds ? notify_listen_fds(err) : 0;
	int r = listen < 0 ? listen : open_root(&e->c, &root_fd, err);

	if (r < 0)
		return r;
	if (listen)
		p->more_env = notify_listen_env(listen, &e->plan.arena);
	p->preserve_fds = e->request->preserve_fds + (unsigned)listen;
	home.root_fd = root_fd;
	p->home = home_env(&home, p->process, &e->plan.arena);
	p->has_user_ns = oci_spec_find_ns(e->spec, NS_USER) != NULL;
	p->may_keep_groups = join_keeps_groups(e->spec) || denies_groups(e);
	return 0;
}

/* The container's own: as it was given, or of its profile. */
static int find_filter(struct exec *e, struct plan_process *p, struct seccomp_program *program,
		       struct err *err)
{
	const struct oci_seccomp *profile = e->spec->linux_->seccomp;
	auto_close int cache_fd = -1;
	struct sock_fprog given;
	int r;

	if (e->request->target_pid)
		return 0;
	r = record_read_filter(&e->c.dir, &e->plan.arena, &given, err);
	if (r < 0 || (r == 0 && !profile))
		return r;
	p->seccomp = program;
	if (r > 0) {
		*program = seccomp_given(&given);
		return 0;
	}
	cache_fd = record_open_seccomp_cache(&e->c.dir);
	return seccomp_compile_cached(profile, cache_fd, &e->plan.arena, program, err);
}

static int add_process(struct exec *e, struct err *err)
{
	struct seccomp_program program;
	struct plan_process p = {
		.process = e->request->process,
		.linux_ = e->spec->linux_,
		.proc_fd = e->c.proc_fd,
		.is_exec = true,
	};
	int r = add_environment(e, &p, err);

	if (r == 0)
		r = find_filter(e, &p, &program, err);
	if (r == 0)
		r = plan_process_begin(&e->plan, &p, err);
	if (r < 0)
		return r;
	plan_add(&e->plan, op_sync_ready, NULL, "report that all is ready");
	plan_add(&e->plan, op_sync_start, NULL, "wait for the start");
	plan_process_end(&e->plan, &p);
	return 0;
}

static int make_plan(struct exec *e, struct err *err)
{
	int r = plan_process_first_affinity(&e->plan, e->request->process, err);

	if (r == 0)
		r = add_cgroups(e, err);
	if (r == 0)
		r = join_hide_executable(err);
	if (r == 0)
		r = add_join(e, join_flags(e->spec), err);
	if (r < 0)
		return r;
	add_terminal(e);
	return add_process(e, err);
}

/* ------------------------------------------------------------------------------ birth */

static _Noreturn void be_child(struct exec *e)
{
	struct child_plan plan = { .ops = e->plan.ops, .n = e->plan.n };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		_exit(1);
	exec_group_wait(&e->group);
	(void)close(e->sync_fd);
	child_run(&e->child, &plan);
}

static int clone_child(struct exec *e, struct err *err)
{
	auto_close int own_fd = -1;
	int fds[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_sys(err, errno, "make a pair of sockets");
	e->sync_fd = fds[0];
	e->child.sync_fd = fds[1];
	e->child.proc_fd = e->c.proc_fd;
	own_fd = openat(e->c.proc_fd, "self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (own_fd < 0)
		return err_sys(err, errno, "open our own pid namespace");
	r = join_for_children(e->c.pidfd, join_flags(e->spec), e->join, err);
	if (r < 0)
		return r;
	e->host_pid = exec_group_clone(&e->group, &e->pidfd);
	if (e->host_pid == 0)
		be_child(e);
	/* Who is in the container's user namespace by now has no right to go back, and no need. */
	(void)setns(own_fd, CLONE_NEWPID);
	if (e->host_pid < 0)
		return err_sys(err, -e->host_pid, "clone a process");
	closep(&e->child.sync_fd);
	e->child.sync_fd = -1;
	return exec_group_move(&e->group, e->host_pid, err);
}

/* Where nothing happens between READY and GO, the child finds GO there when it gets that far, and
 * does not wait for us to wake up. If it is dead already, READY's place has the reason. */
static bool say_go_early(const struct exec *e)
{
	return !e->request->process->terminal && !e->request->console_socket &&
	       sync_send(e->sync_fd, SYNC_GO, -1) == 0;
}

static int start_child(struct exec *e, struct err *err)
{
	struct rt_state *state = container_state(&e->c);
	struct start start = { .spec = e->spec, .state = state, .pidfd = e->pidfd };
	int r = plan_process_set_oom_score(e->request->process, e->c.proc_fd, e->host_pid, err);
	bool may_go = r == 0 && say_go_early(e);

	if (r == 0)
		r = sync_wait(e->sync_fd, SYNC_READY, &e->terminal_fd, err);
	if (r == 0 && e->request->console_socket) {
		r = terminal_send(e->request->console_socket, e->terminal_fd, err);
		closep(&e->terminal_fd);
		e->terminal_fd = -1;
	}
	if (r < 0)
		return r;
	if (e->terminal_fd >= 0)
		terminal_take_size(e->terminal_fd);
	start.sock_fd = e->sync_fd;
	state->host_pid = e->host_pid;
	if (!may_go)
		r = start_say_go(&start, err);
	if (r == 0)
		r = start_see_running(&start, err);
	if (r == 0 && e->request->pid_file)
		r = run_write_pid_file(e->request->pid_file, e->host_pid, err);
	return r;
}

static void kill_child(int pidfd, pid_t host_pid)
{
	if (pidfd < 0)
		return;
	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	(void)clone_wait(host_pid);
}

static int exec_in(struct exec *e, struct err *err)
{
	int r = run_check_preserved(e->request->preserve_fds, err);

	if (r == 0 && e->request->console_socket && !e->request->process->terminal)
		r = err_set(err, ERR_USAGE, EINVAL,
			    "--console-socket: process.terminal is not set");
	if (r == 0)
		r = open_container(e, err);
	if (r == 0)
		r = make_plan(e, err);
	if (r == 0)
		r = clone_child(e, err);
	if (r == 0)
		r = start_child(e, err);
	if (r < 0)
		kill_child(e->pidfd, e->host_pid);
	return r;
}

int rt_exec_start(const struct rt *rt, const struct rt_exec *request, struct rt_process *ret,
		  struct err *err)
{
	auto_cleanup(exec_done) struct exec e;
	int r;

	exec_init(&e, rt, request);
	r = exec_in(&e, err);
	if (r < 0)
		return r;
	*ret = (struct rt_process){ .host_pid = e.host_pid, .pidfd = take_fd(&e.pidfd),
				    .terminal_fd = take_fd(&e.terminal_fd) };
	return 0;
}

int rt_process_wait(const struct rt_process *process)
{
	int status = clone_wait(process->host_pid);

	return status < 0 ? status : run_exit_status(status);
}

/* Who can't be attended is not left to itself. */
static int attend(const struct rt_process *process, int *ret_status, struct err *err)
{
	int status, r = terminal_attend(process->pidfd, process->terminal_fd, err);

	if (r < 0) {
		kill_child(process->pidfd, process->host_pid);
		return r;
	}
	status = rt_process_wait(process);
	if (status < 0)
		return err_sys(err, -status, "wait for the process");
	*ret_status = status;
	return 0;
}

int rt_exec(const struct rt *rt, const struct rt_exec *request, int *ret_status, struct err *err)
{
	struct rt_process process;
	int r;

	/* A terminal whose outside end nobody holds hangs up at once. */
	if (request->process->terminal && request->detach && !request->console_socket)
		return err_set(err, ERR_USAGE, EINVAL,
			       "process.terminal: needs a --console-socket when detached");
	r = rt_exec_start(rt, request, &process, err);
	*ret_status = 0;
	if (r < 0)
		return r;
	if (!request->detach)
		r = attend(&process, ret_status, err);
	closep(&process.pidfd);
	closep(&process.terminal_fd);
	return r;
}

/* ------------------------------------------------------------------ who, and as what */

int rt_exec_process(const struct rt *rt, struct rt_exec *exec, struct arena *arena,
		    struct oci_process **ret_process, struct err *err)
{
	auto_cleanup(record_dir_done) struct record_dir dir;
	struct oci_spec *spec = NULL;
	int r = record_open(rt, exec->id, &dir, err);

	if (r == 0)
		r = record_read_spec(&dir, arena, &spec, err);
	if (r < 0)
		return r;
	exec->spec = spec;
	*ret_process = spec->process;
	return 0;
}

int rt_exec_user(const struct rt *rt, const char *id, const char *user, struct arena *arena,
		 struct oci_user *ret_user, struct err *err)
{
	auto_container struct container c;
	auto_close int root_fd = -1;
	struct userdb_user found;
	struct userdb db;
	int r;

	container_init(&c, rt);
	r = container_open(&c, id, err);
	if (r == 0)
		r = container_require_alive(&c, true, err);
	if (r == 0)
		r = open_root(&c, &root_fd, err);
	if (r < 0)
		return r;
	r = home_load_users(&(struct home){ root_fd, c.proc_fd }, arena, &db, err);
	if (r == 0)
		r = userdb_resolve(&db, user, arena, &found, err);
	if (r < 0)
		return refuse(err);
	ret_user->uid = found.uid;
	ret_user->gid = found.gid;
	ret_user->additional_gids.v = found.gids;
	ret_user->additional_gids.n = found.n_gids;
	return 0;
}

static int differs(int proc_fd, pid_t pid, enum ns_kind kind, struct err *err)
{
	char its[64], ours[64];
	struct stat a, b;

	(void)snprintf(its, sizeof(its), "%d/ns/%s", (int)pid, ns_types[kind].proc_name);
	(void)snprintf(ours, sizeof(ours), "self/ns/%s", ns_types[kind].proc_name);
	if (fstatat(proc_fd, its, &a, 0) < 0) {
		if (errno == ENOENT && faccessat(proc_fd, ours, F_OK, 0) == 0)
			return err_set(err, ERR_NOT_FOUND, ESRCH, "there is no process %d",
				       (int)pid);
		return errno == ENOENT ? 0 : err_sys(err, errno, "look at the %s namespace of "
						     "process %d", ns_types[kind].oci_name,
						     (int)pid);
	}
	if (fstatat(proc_fd, ours, &b, 0) < 0)
		return err_sys(err, errno, "look at our own %s namespace",
			       ns_types[kind].oci_name);
	return a.st_dev != b.st_dev || a.st_ino != b.st_ino;
}

int rt_exec_spec(pid_t target_pid, struct arena *arena, struct oci_spec **ret_spec,
		 struct err *err)
{
	struct oci_spec *spec = arena_new(arena, struct oci_spec);
	struct oci_linux *linux_ = arena_new(arena, struct oci_linux);
	auto_close int proc_fd = -1;
	int r = proc_open(&proc_fd, err);

	linux_->namespaces.v = arena_array(arena, struct oci_namespace, NS_KIND_MAX_);
	for (int kind = 0; r >= 0 && kind < NS_KIND_MAX_; kind++) {
		r = differs(proc_fd, target_pid, (enum ns_kind)kind, err);
		if (r > 0)
			linux_->namespaces.v[linux_->namespaces.n++].kind = kind;
	}
	spec->linux_ = linux_;
	*ret_spec = spec;
	return r < 0 ? r : 0;
}
