/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/procstatus.h"

#include "base/buf.h"
#include "mounts.h"
#include "sys/proc.h"

#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static const char whole[] =
	"Name:\ta\\\\b\\nc\td\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t10\nPid:\t11\nPPid:\t9\n"
	"TracerPid:\t0\nUid:\t0\t1\t2\t4294967295\nGid:\t5\t6\t7\t8\nGroups:\t1 2 \n"
	"NStgid:\t10\t1\nNSpid:\t11\t2\t3\nVmPeak:\t    2512 kB\nCapInh:\t0000000000000001\n"
	"CapPrm:\t000001ffffffffff\nCapEff:\tfedcba9876543210\nCapBnd:\t0000000000000002\n"
	"CapAmb:\t0000000000000004\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\nodd line\n";

static bool every_member_is_told(void)
{
	struct procstatus s;
	struct err err = {};

	if (!CHECK(procstatus_parse(whole, &s, &err) == 0))
		return printf("# %s\n", err.msg), false;
	return CHECK_STR(s.name, "a\\b\nc\td") && CHECK(s.state == 'S') &&
	       CHECK(s.tgid == 10 && s.pid == 11 && s.parent_pid == 9) &&
	       CHECK(s.uid.real == 0 && s.uid.effective == 1 && s.uid.saved == 2) &&
	       CHECK(s.uid.fs == UINT32_MAX && s.gid.real == 5 && s.gid.fs == 8) &&
	       CHECK(s.ns_tgid.n == 2 && s.ns_tgid.v[1] == 1) &&
	       CHECK(s.ns_pid.n == 3 && s.ns_pid.v[0] == 11 && s.ns_pid.v[2] == 3) &&
	       CHECK(s.caps.inheritable == 1 && s.caps.permitted == 0x1ffffffffffu) &&
	       CHECK(s.caps.effective == 0xfedcba9876543210u && s.caps.bounding == 2) &&
	       CHECK(s.caps.ambient == 4 && s.no_new_privs && s.seccomp == SECCOMP_MODE_FILTER);
}

/* The text with the line that begins with `member` replaced by `line`, which may be two or none. */
static int parse_with(const char *member, const char *line, struct err *err)
{
	auto_buf struct buf text = {};
	const char *at = strstr(whole, member);
	struct procstatus s;

	if (!CHECK(at))
		return -ENOTSUP;
	buf_add(&text, whole, (size_t)(at - whole));
	buf_puts(&text, line);
	buf_puts(&text, strchr(at, '\n') + 1);
	return procstatus_parse(text.data, &s, err);
}

static const struct {
	const char *member, *line;
} bad[] = {
	{ "Name:", "Name:\ta\\tb\n" }, { "Name:", "Name:\ta\\\n" }, { "Name:", "Name:a\n" },
	{ "Name:", "Name:\t0123456789012345678901234567890123456789012345678901234567890123\n" },
	{ "Name:", "Name:\ta\nName:\tb\n" }, { "Name:", "Nam" }, { "State:", "State:\t\n" },
	{ "State:", "State:\tS\n" }, { "State:", "State:\t3 (x)\n" }, { "State:", "State:\n" },
	{ "Tgid:", "Tgid:\t\n" }, { "Tgid:", "Tgid:\t-1\n" }, { "Pid:", "Pid:\t2147483648\n" },
	{ "Pid:", "Pid:\t 1\n" }, { "PPid:", "PPid:\t1\t1\n" }, { "Uid:", "Uid:\t0\t0\t0\n" },
	{ "Uid:", "Uid:\t0\t0\t0\t0\t0\n" }, { "Uid:", "Uid:\t0\t0\t0\t4294967296\n" },
	{ "Gid:", "Gid:\t0 0 0 0\n" }, { "Gid:", "Gid:\t0\t0\t0\t\n" }, { "Gid:", "" },
	{ "NSpid:", "NSpid:\t\n" }, { "NSpid:", "NSpid:\t1\t\t2\n" },
	{ "NSpid:", "NSpid:\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1"
		    "\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\t1\n" },
	{ "CapInh:", "CapInh:\t0\n" }, { "CapPrm:", "CapPrm:\t00000000000000001\n" },
	{ "CapEff:", "CapEff:\t0x00000000000000\n" }, { "CapBnd:", "CapBnd:\t000000000000000G\n" },
	{ "CapAmb:", "" }, { "NoNewPrivs:", "NoNewPrivs:\t2\n" }, { "NoNewPrivs:", "" },
	{ "Seccomp:", "Seccomp:\tx\n" }, { "Seccomp:", "Seccomp:\t0\nSeccomp:\t0\n" },
};

static bool a_member_that_is_wrong_is_named(void)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = {};
		char name[16];

		(void)snprintf(name, sizeof(name), "'%.*s'", (int)strlen(bad[i].member) - 1,
			       bad[i].member);
		if (!CHECK(parse_with(bad[i].member, bad[i].line, &err) == -EINVAL) ||
		    !CHECK(strstr(err.msg, name)))
			return printf("# %s said: %s\n", bad[i].line, err.msg), false;
	}
	return true;
}

static bool what_the_kernel_may_lack_may_lack(void)
{
	struct err err = {};

	return CHECK(parse_with("NStgid:", "", &err) == 0) &&
	       CHECK(parse_with("NSpid:", "", &err) == 0) &&
	       CHECK(parse_with("Seccomp:", "", &err) == 0) &&
	       CHECK(parse_with("Umask:", "", &err) == 0) &&
	       CHECK(parse_with("Umask:", "no colon\n\n:\n", &err) == 0);
}

static bool a_text_that_is_cut_off_is_refused(void)
{
	size_t end = (size_t)(strstr(whole, "Seccomp:") - whole);
	struct procstatus s;
	struct err err = {};

	for (size_t len = 0; len < end; len++) {
		auto_buf struct buf text = {};

		buf_add(&text, whole, len);
		if (!CHECK(procstatus_parse(buf_str(&text), &s, &err) == -EINVAL))
			return printf("# %zu bytes\n", len), false;
	}
	return true;
}

/* ------------------------------------------------------------------------------- the kernel's */

static bool read_status(pid_t pid, struct procstatus *s)
{
	auto_close int proc_fd = -1;
	struct err err = {};

	return (CHECK(proc_open(&proc_fd, &err) == 0) &&
		CHECK(procstatus_read(proc_fd, pid, s, &err) == 0)) ||
	       (printf("# %s\n", err.msg), false);
}

static bool what_is_read_of_ourselves_is_true(void)
{
	struct procstatus s, same;
	uid_t ruid, euid, suid;

	return read_status(0, &s) && read_status(getpid(), &same) && CHECK(s.pid == same.pid) &&
	       CHECK(s.pid == getpid() && s.tgid == getpid() && s.parent_pid == getppid()) &&
	       CHECK(s.state == 'R') && CHECK(getresuid(&ruid, &euid, &suid) == 0) &&
	       CHECK(s.uid.real == ruid && s.uid.effective == euid && s.uid.saved == suid) &&
	       CHECK(s.gid.real == getgid()) && CHECK(s.ns_pid.n > 0) &&
	       CHECK(s.ns_pid.v[0] == s.pid && s.ns_tgid.n == s.ns_pid.n) &&
	       CHECK((s.caps.bounding & 1) == (uint64_t)prctl(PR_CAPBSET_READ, 0)) &&
	       CHECK(s.no_new_privs == prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static bool a_name_forges_no_line(void)
{
	static const char *const names[] = { "a\nUid:\t0\t0\t0", "\\", "\\n", "\n", "a:\tb", "" };
	struct procstatus s;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!CHECK(prctl(PR_SET_NAME, names[i]) == 0) || !read_status(0, &s) ||
		    !CHECK_STR(s.name, names[i]))
			return false;
	return CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) && read_status(0, &s) &&
	       CHECK(s.no_new_privs);
}

static bool a_pid_namespace_adds_a_number(void)
{
	struct procstatus s = {}, outer;
	bool ok;
	pid_t pid;

	if (!CHECK(unshare(CLONE_NEWPID) == 0) || !read_status(0, &outer))
		return false;
	pid = fork();
	if (pid == 0) {
		pause();
		_exit(0);
	}
	ok = read_status(pid, &s) && CHECK(s.ns_pid.n == outer.ns_pid.n + 1) &&
	     CHECK(s.ns_pid.v[0] == pid) && CHECK(s.ns_pid.v[s.ns_pid.n - 1] == 1) &&
	     CHECK(s.ns_tgid.v[s.ns_tgid.n - 1] == 1);
	return CHECK(kill(pid, SIGKILL) == 0) && CHECK(waitpid(pid, NULL, 0) == pid) && ok;
}

static bool a_zombie_is_read_and_who_is_gone_is_not(void)
{
	auto_close int proc_fd = -1;
	struct err err = {};
	struct procstatus s;
	siginfo_t info;
	pid_t pid = fork();
	bool ok;

	if (pid == 0)
		_exit(0);
	ok = CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0) &&
	     read_status(pid, &s) && CHECK(s.state == 'Z' && s.pid == pid) &&
	     CHECK(s.parent_pid == getpid());
	return CHECK(waitpid(pid, NULL, 0) == pid) && ok &&
	       CHECK(proc_open(&proc_fd, &err) == 0) &&
	       CHECK(procstatus_read(proc_fd, pid, &s, &err) == -ESRCH) &&
	       CHECK(err.kind == ERR_NOT_FOUND);
}

static bool may_make_a_pid_namespace(void)
{
	return unshare(CLONE_NEWPID) == 0;
}

int main(void)
{
	TEST(every_member_is_told);
	TEST(a_member_that_is_wrong_is_named);
	TEST(what_the_kernel_may_lack_may_lack);
	TEST(a_text_that_is_cut_off_is_refused);
	TEST(what_is_read_of_ourselves_is_true);
	TEST_IN_CHILD(a_name_forges_no_line);
	if (in_child(may_make_a_pid_namespace))
		TEST_IN_CHILD(a_pid_namespace_adds_a_number);
	else
		SKIP(a_pid_namespace_adds_a_number, "may not make a pid namespace");
	TEST(a_zombie_is_read_and_who_is_gone_is_not);
	return tap_done();
}
