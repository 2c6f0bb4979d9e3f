/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stopping a container's processes as one, and killing them as one.
 *
 * v2 says when all have stopped. v1 has to be asked again and again, and a process that forks just
 * then may keep the group from ever getting there: now and then it is let go for a moment. Killing
 * freezes first where the kernel can't kill a group in one write, so that nobody forks away between
 * the list and the signal; and it always thaws, since a frozen process can't die on v1.
 */
#include "rt/cg.h"

#include "base/clock.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#define TIMEOUT_MS   10000
#define NAP_NS       1000000
#define THAW_EVERY   50 /* tries on v1 */
#define KILL_ROUNDS  20 /* without a freezer, until nobody is left */

static void nap(void)
{
	(void)nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, NULL);
}

/* The v1 freezer's group, or -1. */
static int freezer_fd(const struct cgroup *cg)
{
	const struct cgroupfs_tree *tree = cgroupfs_find_v1(cg->fs, CGROUP_FREEZER);

	return tree ? cg->dir_fds[tree - cg->fs->trees] : -1;
}

/* ------------------------------------------------------------------------------- freezing */

/* 1 once freezer.state is `want`. */
static int state_is(int dir_fd, const char *want)
{
	char state[32];
	int r = cgroupfs_read(dir_fd, "freezer.state", state, sizeof(state));

	return r < 0 ? r : strcmp(state, want) == 0;
}

static int freeze_v1(int dir_fd, bool frozen)
{
	const char *want = frozen ? "FROZEN" : "THAWED";
	int64_t deadline = clock_ms() + TIMEOUT_MS;
	int r;

	for (int tries = 1;; tries++) {
		r = cgroupfs_write(dir_fd, "freezer.state", want);
		if (r == 0)
			r = state_is(dir_fd, want);
		if (r != 0)
			return r < 0 ? r : 0;
		if (clock_ms() >= deadline)
			break;
		if (tries % THAW_EVERY == 0)
			(void)cgroupfs_write(dir_fd, "freezer.state", "THAWED");
		nap();
	}
	if (frozen)
		(void)cgroupfs_write(dir_fd, "freezer.state", "THAWED");
	return -ETIMEDOUT;
}

/* Wait until cgroup.events has the line `want`; the kernel notifies of its changes. */
static int wait_event(int dir_fd, const char *want)
{
	auto_close int fd = openat(dir_fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int64_t deadline = clock_ms() + TIMEOUT_MS;

	if (fd < 0)
		return -errno;
	for (;;) {
		struct pollfd pfd = { .fd = fd, .events = POLLPRI };
		char text[256];
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
		int64_t left = deadline - clock_ms();

		if (n < 0)
			return -errno;
		text[n] = '\0';
		if (strstr(text, want))
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&pfd, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
	}
}

static int freeze_v2(int dir_fd, bool frozen)
{
	int r = cgroupfs_write(dir_fd, "cgroup.freeze", frozen ? "1" : "0");

	if (r == 0)
		r = wait_event(dir_fd, frozen ? "frozen 1" : "frozen 0");
	if (r == -ETIMEDOUT && frozen)
		(void)cgroupfs_write(dir_fd, "cgroup.freeze", "0");
	return r;
}

/* -EOPNOTSUPP: there is no freezer. No words. */
static int freeze(const struct cgroup *cg, bool frozen)
{
	if (freezer_fd(cg) >= 0)
		return freeze_v1(freezer_fd(cg), frozen);
	if (cgroup_v2_fd(cg) >= 0)
		return freeze_v2(cgroup_v2_fd(cg), frozen);
	return -EOPNOTSUPP;
}

int cgroup_freeze(const struct cgroup *cg, bool frozen, struct err *err)
{
	int r = cg_check_owned(cg, err);

	if (r < 0)
		return r;
	r = freeze(cg, frozen);
	/* It went on, and to its end, and whoever waited for that took the group away. */
	if (!frozen && (r == -ENOENT || r == -ENODEV))
		return 0;
	if (r == -EOPNOTSUPP)
		return err_set(err, ERR_USAGE, EOPNOTSUPP,
			       "cgroup '%s' can't be frozen: it is in no hierarchy that could",
			       cg->path);
	return r < 0 ? err_sys(err, -r, "%s cgroup '%s'", frozen ? "freeze" : "thaw", cg->path) : 0;
}

/* What was asked for counts, so that a group on its way there is frozen already. */
int cgroup_is_frozen(const struct cgroup *cg, struct err *err)
{
	char text[8];
	int r = 0;

	if (freezer_fd(cg) >= 0) {
		r = state_is(freezer_fd(cg), "THAWED");
		r = r < 0 ? r : !r;
	} else if (cgroup_v2_fd(cg) >= 0) {
		r = cgroupfs_read(cgroup_v2_fd(cg), "cgroup.freeze", text, sizeof(text));
		r = r < 0 ? r : text[0] == '1';
	}
	if (r == -ENOENT || r == -ENODEV)
		return 0;
	return r < 0 ? err_sys(err, -r, "read whether cgroup '%s' is frozen", cg->path) : r;
}

/* ------------------------------------------------------------------------------- killing */

/* Does the sorted list hold `pid`? */
static bool holds(const pid_t *pids, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n && pids[i] <= pid; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/*
 * Signal one process of the group. While nobody is frozen its pid may be another's by now, so it is
 * held by a descriptor and looked for in the group again before the signal.
 */
static int signal_one(const struct cgroup *cg, pid_t pid, int signal, bool frozen)
{
	auto_close int fd = proc_open_pidfd(pid);
	auto_arena struct arena arena = {};
	struct err ignored = {};
	pid_t *again;
	size_t n;

	if (fd < 0)
		return fd == -ESRCH ? 0 : fd;
	if (!frozen) {
		if (cgroup_pids(cg, &arena, &again, &n, &ignored) < 0)
			return -ignored.no;
		if (!holds(again, n, pid))
			return 0;
	}
	if (syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) < 0 && errno != ESRCH)
		return -errno;
	return 0;
}

/* Signal everyone in the group now. *n: how many there were. */
static int signal_all(const struct cgroup *cg, int signal, bool frozen, size_t *n, struct err *err)
{
	auto_arena struct arena arena = {};
	int failure = 0, r;
	pid_t *pids;

	r = cgroup_pids(cg, &arena, &pids, n, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < *n; i++) {
		r = signal_one(cg, pids[i], signal, frozen);
		if (r < 0 && failure == 0)
			failure = err_sys(err, -r, "send signal %d to process %d", signal,
					  (int)pids[i]);
	}
	return failure;
}

/* Without a freezer, those who forked meanwhile are met in the next round. */
static int kill_unfrozen(const struct cgroup *cg, int signal, struct err *err)
{
	size_t n = 0;
	int r = signal_all(cg, signal, false, &n, err);

	for (int i = 0; r == 0 && signal == SIGKILL && n > 0 && i < KILL_ROUNDS; i++) {
		nap();
		r = signal_all(cg, signal, false, &n, err);
	}
	return r;
}

static int kill_frozen(const struct cgroup *cg, int signal, struct err *err)
{
	struct err ignored = {};
	bool was_frozen = cgroup_is_frozen(cg, &ignored) > 0;
	size_t n = 0;
	int r;

	if (!was_frozen && freeze(cg, true) < 0) {
		(void)freeze(cg, false);
		return kill_unfrozen(cg, signal, err);
	}
	r = signal_all(cg, signal, true, &n, err);
	if (!was_frozen || signal == SIGKILL)
		(void)freeze(cg, false);
	return r;
}

int cgroup_kill(const struct cgroup *cg, int signal, struct err *err)
{
	int r = cg_check_owned(cg, err);

	if (r == 0)
		r = cgroup_is_populated(cg, err);
	if (r <= 0)
		return r;
	if (signal == SIGKILL && cg->fs->mode == CGROUP_V2) {
		r = cgroupfs_write(cgroup_v2_fd(cg), "cgroup.kill", "1");
		if (r == 0)
			return 0;
	}
	return kill_frozen(cg, signal, err);
}
