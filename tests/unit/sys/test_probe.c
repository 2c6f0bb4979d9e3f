/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a kernel has differs from machine to machine, so the claims are about all answers: they fit
 * what can be seen otherwise, they change nothing, and who has no rights says that he can't tell.
 */
#include "sys/probe.h"

#include "base/buf.h"
#include "sys/proc.h"
#include "tap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool every_row_has_its_words(void)
{
	for (int i = 0; i < PROBE_FEATURE_MAX_; i++) {
		const struct probe_row *row = &probe_rows[i];

		if (!CHECK(row->name && row->purpose && row->since && row->without && row->check)) {
			printf("# row %d\n", i);
			return false;
		}
		for (int k = 0; k < i; k++)
			if (!CHECK(strcmp(row->name, probe_rows[k].name) != 0))
				return false;
	}
	return true;
}

/* We could not run without these; the tests would not have come here. */
static bool what_is_in_use_is_there(void)
{
	static const enum probe_feature used[] = { PROBE_CLONE3,     PROBE_OPENAT2,
						   PROBE_MOUNT_API,  PROBE_MOUNT_SETATTR,
						   PROBE_CLOSE_RANGE, PROBE_PIDFD_SETNS };

	for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++)
		if (!CHECK(probe(used[i]) == PROBE_YES)) {
			printf("# %s\n", probe_rows[used[i]].name);
			return false;
		}
	return true;
}

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static bool files_and_answers_agree(void)
{
	return CHECK(is_there("/proc/self/ns/time") ==
		     (probe(PROBE_TIME_NAMESPACES) == PROBE_YES)) &&
	       CHECK(is_there("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")
			     ? probe(PROBE_SWAP_LIMIT) == PROBE_YES
			     : true) &&
	       CHECK(probe_group_file(-1, NULL, "no.such.file") != PROBE_YES);
}

/* Mounts, children, descriptors: as many as before. */
static size_t count_traces(void)
{
	auto_buf struct buf mounts = {};
	auto_close int proc_fd = -1;
	struct err ignored;
	size_t n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	if (proc_open(&proc_fd, &ignored) < 0 ||
	    proc_read(proc_fd, 0, "mountinfo", 1 << 24, &mounts, &ignored) < 0)
		return 0;
	return n + mounts.len;
}

static bool asking_leaves_nothing_behind(void)
{
	size_t before = count_traces();

	for (int i = 0; i < PROBE_FEATURE_MAX_; i++)
		if (!CHECK(probe_rows[i].check() <= PROBE_UNKNOWN) ||
		    !CHECK(count_traces() == before) ||
		    !CHECK(waitpid(-1, NULL, WNOHANG) < 0)) {
			printf("# %s\n", probe_rows[i].name);
			return false;
		}
	return true;
}

/* Others make cgroups to look at, and remove them, at any time. */
static bool agree(enum probe_answer a, enum probe_answer b)
{
	return a == b || a == PROBE_UNKNOWN || b == PROBE_UNKNOWN;
}

/* May be asked for only once: an answer that could change would be another question. */
static bool an_answer_stays(void)
{
	for (int i = 0; i < PROBE_FEATURE_MAX_; i++)
		if (!CHECK(agree(probe((enum probe_feature)i), probe_rows[i].check())) ||
		    !CHECK(probe((enum probe_feature)i) == probe((enum probe_feature)i)))
			return false;
	return true;
}

/* Of the kernel, that is: whether he may make user namespaces is his own affair. */
static bool ask_as_nobody(const enum probe_answer *roots)
{
	for (int i = 0; i < PROBE_FEATURE_MAX_; i++) {
		enum probe_answer answer = probe_rows[i].check();

		if (i != PROBE_USER_NAMESPACES && !CHECK(agree(answer, roots[i]))) {
			printf("# %s: %d, root %d\n", probe_rows[i].name, answer, roots[i]);
			return false;
		}
	}
	return true;
}

static bool who_has_no_rights_tells_the_same_or_that_he_can_not(void)
{
	enum probe_answer roots[PROBE_FEATURE_MAX_];
	int status = -1;
	pid_t pid;

	for (int i = 0; i < PROBE_FEATURE_MAX_; i++)
		roots[i] = probe((enum probe_feature)i);
	pid = fork();
	if (pid == 0) {
		bool ok = setgid(65534) == 0 && setuid(65534) == 0 && ask_as_nobody(roots);

		fflush(stdout);
		_exit(ok ? 0 : 1);
	}
	return CHECK(waitpid(pid, &status, 0) == pid) && CHECK(status == 0);
}

int main(void)
{
	TEST(every_row_has_its_words);
	TEST(what_is_in_use_is_there);
	TEST(files_and_answers_agree);
	TEST(asking_leaves_nothing_behind);
	TEST(an_answer_stays);
	if (geteuid() == 0)
		TEST(who_has_no_rights_tells_the_same_or_that_he_can_not);
	else
		SKIP(who_has_no_rights_tells_the_same_or_that_he_can_not, "needs root");
	return tap_done();
}
