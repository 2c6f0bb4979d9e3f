/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which namespaces to enter, and what a process of ours does in there before it executes something
 * that may be the container's.
 */
#include "rt/join.h"

#include "base/cleanup.h"
#include "sys/cred.h"
#include "sys/ns.h"
#include "sys/selfexe.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

unsigned join_flags(const struct oci_spec *spec)
{
	unsigned flags = 0;

	for (size_t i = 0; i < spec->linux_->namespaces.n; i++)
		flags |= (unsigned)ns_types[spec->linux_->namespaces.v[i].kind].clone_flag;
	return flags;
}

static uint32_t first_id(const struct oci_id_mappings *maps)
{
	for (size_t i = 0; i < maps->n; i++)
		if (maps->v[i].container_id == 0)
			return 0;
	return maps->n ? maps->v[0].container_id : 0;
}

struct op_ids join_ids(const struct oci_spec *spec)
{
	return (struct op_ids){ .uid = first_id(&spec->linux_->uid_mappings),
				.gid = first_id(&spec->linux_->gid_mappings) };
}

bool join_keeps_groups(const struct oci_spec *spec)
{
	const struct oci_id_mappings *gids = &spec->linux_->gid_mappings;

	return geteuid() != 0 && gids->n == 1 && gids->v[0].size == 1;
}

int join_hide_executable(struct err *err)
{
	auto_close int exe_fd = -1;
	int r;

	if (!selfexe_is_supported())
		return 0;
	exe_fd = selfexe_open(NULL);
	r = exe_fd < 0 ? exe_fd : selfexe_adopt(exe_fd);
	/* Nobody in the container has more rights than we. */
	if (r == -EPERM && !selfexe_is_writable())
		return 0;
	return r < 0 ? err_sys(err, -r, "take our own executable out of reach") : 0;
}

/* Who is not root has the right to it only in the container's user namespace, and then is in there
 * already. */
int join_for_children(int pidfd, unsigned flags, struct op_pidfd *join, struct err *err)
{
	if (!(flags & CLONE_NEWPID) || setns(pidfd, CLONE_NEWPID) == 0)
		return 0;
	if (errno != EPERM || !(flags & CLONE_NEWUSER) || setns(pidfd, CLONE_NEWUSER) < 0 ||
	    setns(pidfd, CLONE_NEWPID) < 0)
		return err_sys(err, errno, "join the container's pid namespace");
	join->flags &= ~(unsigned)CLONE_NEWUSER;
	return 0;
}

/* In the hook's process. Not dumpable: what is in the container may not look at us. */
static int guard_process(void *arg)
{
	const struct join_guard *guard = arg;
	int r = guard->in_userns ? cred_settle(guard->ids.uid, guard->ids.gid) : 0;

	if (r < 0)
		return r;
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return -errno;
	if (guard->root_fd >= 0 && (fchdir(guard->root_fd) < 0 || chroot(".") < 0))
		return -errno;
	return 0;
}

void join_context(struct hook_context *ctx, int pidfd, const struct oci_spec *spec,
		  struct join_guard *guard)
{
	guard->ids = join_ids(spec);
	guard->in_userns = oci_spec_find_ns(spec, NS_USER) != NULL;
	ctx->pidfd = pidfd;
	ctx->ns_flags = join_flags(spec);
	ctx->before_exec = guard_process;
	ctx->before_exec_arg = guard;
}
