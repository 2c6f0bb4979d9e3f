/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child's namespaces and cgroups: those that clone3 could not give it are joined or unshared
 * here, and furnished with what belongs to them (names, offsets, sysctls, the loopback).
 */
#include "rt/child.h"

#include "base/cleanup.h"
#include "sys/cred.h"
#include "sys/netdev.h"
#include "sys/proc.h"
#include "sys/selfexe.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

/* Join all that we have the right to; what we have not stays in `fds`. */
static int join_allowed(int fds[NS_KIND_MAX_])
{
	int refused = 0;

	for (int kind = 0; kind < NS_KIND_MAX_; kind++) {
		if (fds[kind] < 0 || kind == NS_USER)
			continue;
		if (setns(fds[kind], (int)ns_types[kind].clone_flag) == 0)
			fds[kind] = -1;
		else if (errno == EPERM)
			refused = -EPERM;
		else
			return -errno;
	}
	return refused;
}

/* First what we may join already, then the user namespace, then what only it gives a right to. */
int op_join_namespaces(struct child *child, const struct op *op)
{
	struct op_join join = *(const struct op_join *)op->arg;
	int r = join_allowed(join.fds);

	(void)child;
	if (join.fds[NS_USER] < 0 || (r < 0 && r != -EPERM))
		return r;
	if (setns(join.fds[NS_USER], CLONE_NEWUSER) < 0)
		return -errno;
	return r < 0 ? join_allowed(join.fds) : 0;
}

int op_join_pidfd(struct child *child, const struct op *op)
{
	const struct op_pidfd *join = op->arg;

	(void)child;
	return setns(join->pidfd, (int)join->flags) < 0 ? -errno : 0;
}

/* A single thread that moves itself waits for nobody. */
int op_join_cgroups(struct child *child, const struct op *op)
{
	const struct op_tasks *tasks = op->arg;

	(void)child;
	for (size_t i = 0; i < tasks->n; i++)
		if (write(tasks->fds[i], "0", 1) != 1)
			return -errno;
	return 0;
}

int op_enter_cgroups(struct child *child, const struct op *op)
{
	const struct op_tasks tasks = { .fds = child->cgroup_fds,
					.n = (size_t)__builtin_popcount(child->cgroups) };
	const struct op join = { .arg = &tasks };

	(void)op;
	return op_join_cgroups(child, &join);
}

int op_unshare(struct child *child, const struct op *op)
{
	const struct op_flags *request = op->arg;

	(void)child;
	return unshare((int)request->flags) < 0 ? -errno : 0;
}

/* A change of credentials forgets the death signal and the dumpable flag. */
int op_settle(struct child *child, const struct op *op)
{
	const struct op_ids *ids = op->arg;
	int r = cred_settle(ids->uid, ids->gid);

	(void)child;
	if (r < 0)
		return r;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return -errno;
	return 0;
}

int op_new_session(struct child *child, const struct op *op)
{
	(void)child;
	(void)op;
	return setsid() < 0 && errno != EPERM ? -errno : 0;
}

/* In a user namespace only a dumpable process may write its own files in /proc. Nobody else is in
 * ours yet. */
static int write_offsets(struct child *child, const char *offsets)
{
	int r;

	if (prctl(PR_SET_DUMPABLE, 1) < 0)
		return -errno;
	r = proc_write(child->proc_fd, "self/timens_offsets", offsets);
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? -errno : r;
}

/* Offsets can't be written once a process is inside: unshare, write, enter. */
int op_enter_time_namespace(struct child *child, const struct op *op)
{
	const struct op_time *time = op->arg;
	auto_close int fd = -1;
	int r = 0;

	if (unshare(CLONE_NEWTIME) < 0)
		return -errno;
	if (time->offsets)
		r = write_offsets(child, time->offsets);
	if (r < 0)
		return r;
	fd = openat(child->proc_fd, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWTIME) < 0)
		return -errno;
	return 0;
}

int op_set_hostname(struct child *child, const struct op *op)
{
	const struct op_text *name = op->arg;

	(void)child;
	return sethostname(name->text, strlen(name->text)) < 0 ? -errno : 0;
}

int op_set_domainname(struct child *child, const struct op *op)
{
	const struct op_text *name = op->arg;

	(void)child;
	return setdomainname(name->text, strlen(name->text)) < 0 ? -errno : 0;
}

int op_loopback_up(struct child *child, const struct op *op)
{
	(void)child;
	(void)op;
	return netdev_loopback_up();
}

int op_seal_executable(struct child *child, const struct op *op)
{
	const struct op_executable *executable = op->arg;
	auto_close int own_fd = -1;

	(void)child;
	if (executable->exe_fd >= 0)
		return selfexe_adopt(executable->exe_fd);
	own_fd = selfexe_open(executable->path);
	return own_fd < 0 ? own_fd : selfexe_adopt(own_fd);
}

/* In the host's procfs a name of a sysctl is looked for among those that all network namespaces
 * have there. The container's may be read-only, or have no sysctls. */
int op_set_sysctl(struct child *child, const struct op *op)
{
	const struct op_sysctl *sysctl = op->arg;

	if (child->own_proc_fd >= 0 &&
	    proc_write(child->own_proc_fd, sysctl->path, sysctl->value) == 0)
		return 0;
	return proc_write(child->proc_fd, sysctl->path, sysctl->value);
}
