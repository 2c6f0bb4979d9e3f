/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/proc.h"

#include "mounts.h"
#include "tmpdir.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

static int proc_fd = -1;

static bool start_time_is_stable_while_the_process_changes(void)
{
	const size_t size = (size_t)1 << 28;
	uint64_t before = 0, after = 1;
	void *more;

	if (!CHECK(proc_start_time(proc_fd, getpid(), &before) == 0) || !CHECK(before > 0))
		return false;
	more = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return CHECK(more != MAP_FAILED) &&
	       CHECK(proc_start_time(proc_fd, getpid(), &after) == 0) && CHECK(after == before) &&
	       CHECK(munmap(more, size) == 0);
}

static bool a_name_cannot_forge_the_start_time(void)
{
	static const char *const names[] = { ") Z 1 1 1 1", "a) R 1 (b", ")", "((", "x y z", "\n" };
	uint64_t want = 0, got;

	if (!CHECK(proc_start_time(proc_fd, getpid(), &want) == 0))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		got = 0;
		if (!CHECK(prctl(PR_SET_NAME, names[i], 0, 0, 0) == 0) ||
		    !CHECK(proc_start_time(proc_fd, getpid(), &got) == 0) || !CHECK(got == want))
			return false;
	}
	return true;
}

static bool a_zombie_has_no_start_time(void)
{
	uint64_t ticks = 7;
	siginfo_t info;
	pid_t pid = fork();
	bool ok;

	if (pid == 0)
		_exit(0);
	ok = CHECK(pid > 0) && CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0) &&
	     CHECK(proc_start_time(proc_fd, pid, &ticks) == -ESRCH);
	return CHECK(waitpid(pid, NULL, 0) == pid) && ok &&
	       CHECK(proc_start_time(proc_fd, pid, &ticks) == -ESRCH) && CHECK(ticks == 7);
}

/* A leader that ended leaves its number to the group. */
static bool a_process_group_is_no_process(void)
{
	int fds[2];
	pid_t pid, in_group;
	bool ok;

	if (!CHECK(pipe(fds) == 0))
		return false;
	pid = fork();
	if (pid == 0) {
		(void)setpgid(0, 0);
		in_group = fork();
		if (in_group == 0) {
			(void)close(fds[1]);
			_exit((int)read(fds[0], &in_group, 1));
		}
		_exit(0);
	}
	ok = CHECK(pid > 0) && CHECK(waitpid(pid, NULL, 0) == pid) && CHECK(kill(-pid, 0) == 0) &&
	     CHECK(proc_open_pidfd(pid) == -ESRCH);
	return CHECK(close(fds[1]) == 0) && CHECK(close(fds[0]) == 0) && ok;
}

/* -ESRCH, or the identity of the process that `pid` is now. */
static int identity_of(pid_t pid, uint64_t *ret)
{
	auto_close int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	return proc_identity(proc_fd, pidfd, pid, ret);
}

static bool an_identity_is_of_one_process_while_it_lives(void)
{
	uint64_t ours = 0, again = 1, childs = 0, gone = 7;
	siginfo_t info;
	pid_t pid = fork();
	bool ok;

	if (pid == 0)
		_exit(pause());
	ok = CHECK(pid > 0) && CHECK(identity_of(getpid(), &ours) == 0) &&
	     CHECK(identity_of(getpid(), &again) == 0) && CHECK(ours == again) &&
	     CHECK(identity_of(pid, &childs) == 0) && CHECK(kill(pid, SIGKILL) == 0) &&
	     CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0) &&
	     CHECK(identity_of(pid, &gone) == -ESRCH) && CHECK(gone == 7);
	/* where it is a time, two processes may share it */
	return CHECK(waitpid(pid, NULL, 0) == pid) && ok && CHECK(childs >= ours);
}

static bool absent_processes_have_none(void)
{
	uint64_t ticks;

	return CHECK(proc_start_time(proc_fd, 1 << 23, &ticks) == -ESRCH) &&
	       CHECK(proc_start_time(proc_fd, 0, &ticks) == -ESRCH) &&
	       CHECK(proc_start_time(proc_fd, -1, &ticks) == -ESRCH);
}

static bool writing_reaches_whoever_asks(void)
{
	char text[64] = "";

	return CHECK(proc_write(proc_fd, "self/comm", "renamed") == 0) &&
	       CHECK(prctl(PR_GET_NAME, text, 0, 0, 0) == 0) && CHECK_STR(text, "renamed") &&
	       CHECK(proc_write(proc_fd, "self/absent", "x") == -ENOENT);
}

static bool writing_follows_no_magic_link_and_stays_below(void)
{
	return CHECK(proc_write(proc_fd, "self/cwd/x", "x") == -ELOOP) &&
	       CHECK(proc_write(proc_fd, "self/fd/0", "x") == -ELOOP) &&
	       CHECK(proc_write(proc_fd, "../dev/null", "x") == -EXDEV) &&
	       CHECK(proc_write(proc_fd, "/dev/null", "x") == -EXDEV);
}

static bool a_file_mounted_over_is_not_written(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int our_proc_fd = -1;
	struct err err = {};
	char comm[64];

	tmpdir_make(&dir);
	if (!CHECK(proc_open(&our_proc_fd, &err) == 0))
		return false;
	(void)snprintf(comm, sizeof(comm), "/proc/%d/comm", (int)getpid());
	return CHECK(tmpdir_put(dir.fd, "bait", "")) &&
	       CHECK(fchdir(dir.fd) == 0) && CHECK(mount("bait", comm, NULL, MS_BIND, NULL) == 0) &&
	       CHECK(proc_write(our_proc_fd, "self/comm", "x") == -EXDEV);
}

static bool a_fake_proc_is_refused(const char *source, const char *type, unsigned long flags)
{
	struct err err = {};
	int fd = -1;

	return CHECK(mount(source, "/proc", type, flags, NULL) == 0) &&
	       CHECK(proc_open(&fd, &err) == -ENODEV) && CHECK(fd == -1) &&
	       CHECK_STR(err.msg, "'/proc' is not a proc filesystem");
}

static bool a_tmpfs_over_proc_is_refused(void)
{
	return a_fake_proc_is_refused("tmpfs", "tmpfs", 0);
}

static bool a_directory_of_proc_over_proc_is_refused(void)
{
	return a_fake_proc_is_refused("/proc/self", NULL, MS_BIND);
}

static bool another_root_of_proc_over_proc_is_refused(void)
{
	return a_fake_proc_is_refused("/proc/sys", NULL, MS_BIND);
}

static bool what_was_opened_before_outlives_a_mount_over_it(void)
{
	auto_close int our_proc_fd = -1;
	uint64_t before = 0, after = 1;
	struct err err = {};

	return CHECK(proc_open(&our_proc_fd, &err) == 0) &&
	       CHECK(proc_start_time(our_proc_fd, getpid(), &before) == 0) &&
	       CHECK(mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0) &&
	       CHECK(proc_start_time(our_proc_fd, getpid(), &after) == 0) && CHECK(before == after);
}

static bool has_pid(const pid_t *pids, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

static bool all_processes_are_listed_in_order(void)
{
	auto_arena struct arena arena = {};
	struct err err = {};
	pid_t *pids = NULL;
	size_t n = 0;
	pid_t child = fork();
	bool ok;

	if (child == 0) {
		(void)pause();
		_exit(0);
	}
	ok = CHECK(proc_pids(proc_fd, &arena, &pids, &n, &err) == 0) &&
	     CHECK(has_pid(pids, n, child)) && CHECK(has_pid(pids, n, getpid()));
	for (size_t i = 1; i < n && ok; i++)
		ok = CHECK(pids[i - 1] < pids[i]);
	(void)kill(child, SIGKILL);
	return CHECK(waitpid(child, NULL, 0) == child) && ok;
}

static bool a_held_directory_stays_that_of_its_process(void)
{
	auto_close int dir_fd = -1;
	auto_buf struct buf text = {};
	uint64_t ticks = 0, same = 1;
	pid_t child = fork();

	if (child == 0) {
		(void)pause();
		_exit(0);
	}
	if (!CHECK(proc_open_pid(proc_fd, child, &dir_fd) == 0) ||
	    !CHECK(proc_start_time(proc_fd, child, &ticks) == 0) ||
	    !CHECK(proc_start_time_at(dir_fd, &same) == 0) || !CHECK(ticks == same) ||
	    !CHECK(proc_read_at(dir_fd, "comm", 64, &text) == 0) || !CHECK(text.len > 1))
		return false;
	(void)kill(child, SIGKILL);
	if (!CHECK(waitpid(child, NULL, 0) == child))
		return false;
	return CHECK(proc_start_time_at(dir_fd, &ticks) < 0) &&
	       CHECK(proc_read_at(dir_fd, "comm", 64, &text) < 0) &&
	       CHECK(proc_open_pid(proc_fd, child, &dir_fd) == -ESRCH);
}

static bool there_is_no_directory_of_nobody(void)
{
	int fd = -1;

	return CHECK(proc_open_pid(proc_fd, -1, &fd) == -ESRCH) &&
	       CHECK(proc_open_pid(proc_fd, 1 << 23, &fd) == -ESRCH) && CHECK(fd == -1);
}

int main(void)
{
	struct err err = {};

	if (proc_open(&proc_fd, &err) < 0) {
		printf("1..0 # SKIP %s\n", err.msg);
		return 0;
	}
	TEST(start_time_is_stable_while_the_process_changes);
	TEST_IN_CHILD(a_name_cannot_forge_the_start_time);
	TEST(a_zombie_has_no_start_time);
	TEST(a_process_group_is_no_process);
	TEST(an_identity_is_of_one_process_while_it_lives);
	TEST(absent_processes_have_none);
	TEST(all_processes_are_listed_in_order);
	TEST(a_held_directory_stays_that_of_its_process);
	TEST(there_is_no_directory_of_nobody);
	TEST_IN_CHILD(writing_reaches_whoever_asks);
	TEST(writing_follows_no_magic_link_and_stays_below);
	TEST_MOUNTS(a_file_mounted_over_is_not_written);
	TEST_MOUNTS(a_tmpfs_over_proc_is_refused);
	TEST_MOUNTS(a_directory_of_proc_over_proc_is_refused);
	TEST_MOUNTS(another_root_of_proc_over_proc_is_refused);
	TEST_MOUNTS(what_was_opened_before_outlives_a_mount_over_it);
	return tap_done();
}
