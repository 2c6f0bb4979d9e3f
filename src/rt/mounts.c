/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts that come to a running container, and go. Sources are opened here, as for a new container;
 * a child joins the container's namespaces, since a new filesystem shows those of who makes it, and
 * attaches them below the container's root.
 */
#include "rt/rt.h"

#include "base/cleanup.h"
#include "rt/container.h"
#include "rt/join.h"
#include "rt/plan_idmap.h"
#include "rt/sync.h"
#include "sys/clone.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

static _Noreturn void be_child(const struct plan *plan, int sync_fd, int proc_fd)
{
	struct child_plan child_plan = { .ops = plan->ops, .n = plan->n };
	struct child child;

	child_init(&child);
	child.sync_fd = sync_fd;
	child.proc_fd = proc_fd;
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		_exit(1);
	child_run(&child, &child_plan);
}

/* What `mounts` changes, and by whose child. */
struct change {
	struct container c;
	struct plan plan;
	struct oci_spec *spec;
	struct op_pidfd *join; /* the plan's */
};

static void change_init(struct change *change, const struct rt *rt)
{
	*change = (struct change){};
	container_init(&change->c, rt);
	plan_init(&change->plan);
}

static void change_done(struct change *change)
{
	plan_done(&change->plan);
	container_done(&change->c);
}
#define auto_change auto_cleanup(change_done)

/* In the pid namespace of the container, and back to our own. */
static pid_t clone_child(struct change *change, int sync_fd, int *ret_pidfd, struct err *err)
{
	struct clone_request request = { .cgroup_fd = -1 };
	auto_close int own_fd = openat(change->c.proc_fd, "self/ns/pid", O_RDONLY | O_CLOEXEC);
	pid_t pid;
	int r;

	if (own_fd < 0)
		return err_sys(err, errno, "open our own pid namespace");
	r = join_for_children(change->c.pidfd, join_flags(change->spec), change->join, err);
	if (r < 0)
		return r;
	pid = clone_process(&request, ret_pidfd);
	if (pid == 0)
		be_child(&change->plan, sync_fd, change->c.proc_fd);
	(void)setns(own_fd, CLONE_NEWPID);
	return pid < 0 ? err_sys(err, -pid, "clone a process") : pid;
}

/* Have a child walk the plan up to READY. */
static int walk(struct change *change, const char *what, struct err *err)
{
	auto_close int sync_fd = -1, child_fd = -1, pidfd = -1;
	pid_t pid;
	int fds[2], r;

	plan_add(&change->plan, op_sync_ready, NULL, "report that all is %s", what);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_sys(err, errno, "make a pair of sockets");
	sync_fd = fds[0];
	child_fd = fds[1];
	pid = clone_child(change, child_fd, &pidfd, err);
	if (pid < 0)
		return pid;
	closep(&child_fd);
	child_fd = -1;
	r = sync_wait(sync_fd, SYNC_READY, NULL, err);
	(void)clone_wait(pid);
	return r;
}

static void plan_join(struct change *change, unsigned flags)
{
	struct plan *plan = &change->plan;
	struct op_ids *ids = plan_new(plan, struct op_ids);

	plan->is_privileged = true;
	plan->has_mount_ns = true;
	plan->in_userns = flags & CLONE_NEWUSER;
	change->join = plan_new(plan, struct op_pidfd);
	*change->join = (struct op_pidfd){ .pidfd = change->c.pidfd,
					   .flags = flags & ~(unsigned)CLONE_NEWPID };
	plan_add(plan, op_join_pidfd, change->join, "join the container's namespaces");
	if (plan->in_userns) {
		*ids = join_ids(change->spec);
		plan_add(plan, op_settle, ids, "become uid %u of the user namespace", ids->uid);
	}
	plan_add(plan, op_open_root, NULL, "open the container's root");
}

static int open_container(struct change *change, const char *id, struct err *err)
{
	int r = container_open(&change->c, id, err);

	if (r == 0)
		r = container_require_alive(&change->c, true, err);
	if (r == 0)
		r = record_read_spec(&change->c.dir, &change->c.arena, &change->spec, err);
	if (r == 0)
		r = join_hide_executable(err);
	if (r < 0)
		return r;
	if (!(join_flags(change->spec) & CLONE_NEWNS))
		return err_set(err, ERR_CONFLICT, ENOTSUP,
			       "the container has no mount namespace: its mounts are the host's");
	plan_join(change, join_flags(change->spec));
	return 0;
}

/* Cgroups are mounted before the container is in its cgroup namespace: that time is over. */
static int plan_one(struct change *change, const struct oci_mount *mount, size_t i,
		    struct err *err)
{
	char member[32];

	(void)snprintf(member, sizeof(member), "mounts[%zu]", i);
	if (mount->type && strcmp(mount->type, "cgroup") == 0)
		return err_set(err, ERR_USAGE, ENOTSUP,
			       "%s.type: 'cgroup' can't be mounted into a running container",
			       member);
	return plan_mount(&change->plan, mount, member, err);
}

static int map_mounts(struct change *change, struct err *err)
{
	auto_close int userns_fd = -1;
	char path[48];

	if (!change->plan.idmapped)
		return 0;
	(void)snprintf(path, sizeof(path), "%d/ns/user", (int)change->c.record->host_pid);
	userns_fd = openat(change->c.proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (userns_fd < 0 || syscall(SYS_pidfd_send_signal, change->c.pidfd, 0, NULL, 0) < 0)
		return err_sys(err, errno, "open the container's user namespace");
	return plan_idmap_apply(&change->plan, change->c.proc_fd, userns_fd, err);
}

int rt_mounts_add(const struct rt *rt, const char *id, const struct oci_mount *mounts, size_t n,
		  struct err *err)
{
	auto_change struct change change;
	int r;

	change_init(&change, rt);
	r = open_container(&change, id, err);
	for (size_t i = 0; i < n && r == 0; i++)
		r = plan_one(&change, &mounts[i], i, err);
	if (r == 0)
		r = map_mounts(&change, err);
	plan_seal_mounts(&change.plan);
	return r < 0 ? r : walk(&change, "mounted", err);
}

int rt_mounts_remove(const struct rt *rt, const char *id, const struct oci_mount *mounts, size_t n,
		     struct err *err)
{
	auto_change struct change change;
	int r;

	change_init(&change, rt);
	r = open_container(&change, id, err);
	for (size_t i = 0; i < n && r == 0; i++) {
		struct op_text *arg = plan_new(&change.plan, struct op_text);

		arg->text = mounts[i].destination;
		plan_add(&change.plan, op_unmount, arg, "unmount '%s'", arg->text);
	}
	return r < 0 ? r : walk(&change, "unmounted", err);
}
