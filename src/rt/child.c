/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk itself and the exchange with the parent. The child is a single-threaded copy of the
 * parent's memory: the plan, with all its strings and descriptors, is simply there.
 */
#include "rt/child.h"

#include "base/cleanup.h"
#include "rt/sync.h"
#include "sys/sock.h"

#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

void child_init(struct child *child)
{
	*child = (struct child){ .sync_fd = -1, .proc_fd = -1, .own_proc_fd = -1, .root_fd = -1,
				 .listen_fd = -1, .console_fd = -1, .null_fd = -1, .empty_fd = -1,
				 .kind = ERR_SYSTEM };
}

static void copy(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

static void report(const struct child *child, const struct op *op, int no)
{
	struct err err = { .no = no, .kind = child->kind };
	size_t len;

	copy(err.msg, sizeof(err.msg), op->what);
	if (child->why) {
		len = strlen(err.msg);
		copy(err.msg + len, sizeof(err.msg) - len, ": ");
		len = strlen(err.msg);
		copy(err.msg + len, sizeof(err.msg) - len, child->why);
	}
	sync_send_failure(child->sync_fd, &err);
}

_Noreturn void child_run(struct child *child, const struct child_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		int r = plan->ops[i].run(child, &plan->ops[i]);

		if (r < 0) {
			report(child, &plan->ops[i], -r);
			break;
		}
	}
	_exit(1);
}

int op_sync_enter(struct child *child, const struct op *op)
{
	const struct op_wait *wait = op->arg;

	if (!wait->needed)
		return 0;
	return sync_expect_enter(child->sync_fd, &child->cgroups, child->cgroup_fds,
				 CHILD_CGROUP_FDS);
}

/* With the host's root as this mount namespace shows it, for the hooks that run here. */
int op_sync_mounted(struct child *child, const struct op *op)
{
	auto_close int host_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	(void)op;
	if (host_fd < 0)
		return -errno;
	r = sync_send(child->sync_fd, SYNC_MOUNTED, host_fd);
	return r < 0 ? r : sync_expect(child->sync_fd, SYNC_PIVOT);
}

/* From here on the parent may end without taking us along. */
int op_sync_ready(struct child *child, const struct op *op)
{
	int r;

	(void)op;
	if (prctl(PR_SET_PDEATHSIG, 0) < 0)
		return -errno;
	r = sync_send(child->sync_fd, SYNC_READY, child->console_fd);
	if (child->console_fd >= 0)
		(void)close(child->console_fd);
	child->console_fd = -1;
	return r;
}

/* A stranger who connects and says anything but GO, or nothing, does not start us. */
static int wait_for_starter(struct child *child)
{
	for (;;) {
		int fd = accept4(child->listen_fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0)
			return -errno;
		if (sync_expect(fd, SYNC_GO) == 0) {
			(void)close(child->listen_fd);
			(void)close(child->sync_fd);
			child->listen_fd = -1;
			child->sync_fd = fd;
			return 0;
		}
		(void)close(fd);
	}
}

int op_sync_start(struct child *child, const struct op *op)
{
	(void)op;
	if (child->listen_fd < 0)
		return sync_expect(child->sync_fd, SYNC_GO);
	return wait_for_starter(child);
}
