/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/mountinfo.h"

#include "mounts.h"
#include "sys/proc.h"
#include "tmpdir.h"

#include <signal.h>
#include <sys/sysmacros.h>

/* One line, which must be all there is. */
static int parse(const char *text, struct buf *line, struct mountinfo *m)
{
	int r = mountinfo_next(&text, line, m);

	return CHECK(*text == '\0') ? r : -ENOTSUP;
}

static bool every_field_is_told(void)
{
	auto_buf struct buf line = {};
	struct mountinfo m;

	return CHECK(parse("36 35 98:1048575 /a /mnt rw,noatime shared:1 master:2 "
			   "propagate_from:3 unbindable - ext3 /dev/root rw,errors=continue\n",
			   &line, &m) == 1) &&
	       CHECK(m.id == 36 && m.parent_id == 35 && m.major == 98 && m.minor == 1048575) &&
	       CHECK_STR(m.root, "/a") && CHECK_STR(m.point, "/mnt") &&
	       CHECK_STR(m.options, "rw,noatime") && CHECK(m.shared == 1 && m.master == 2) &&
	       CHECK(m.propagate_from == 3 && m.is_unbindable) && CHECK_STR(m.fs_type, "ext3") &&
	       CHECK_STR(m.source, "/dev/root") && CHECK_STR(m.super_options, "rw,errors=continue");
}

static bool optional_fields_may_lack_or_be_new(void)
{
	auto_buf struct buf line = {};
	struct mountinfo m;

	return CHECK(parse("1 1 0:4 net:[4026531840] /run/ns rw - nsfs nsfs rw\n", &line, &m) ==
		     1) &&
	       CHECK(!m.shared && !m.master && !m.propagate_from && !m.is_unbindable) &&
	       CHECK_STR(m.root, "net:[4026531840]") &&
	       CHECK(parse("1 1 0:4 / / rw new unbindable2 shared:7 newer:x - a b rw\n", &line,
			   &m) == 1) &&
	       CHECK(m.shared == 7 && !m.is_unbindable);
}

static bool names_are_unescaped_and_options_are_not(void)
{
	auto_buf struct buf line = {};
	struct mountinfo m;

	return CHECK(parse("1 2 0:4 /a\\040b /\\134\\011\\012\\043\352 rw,a\\040b - fuse.\\040 "
			   "\\377 rw,x=a\\054b C:\\ d\n", &line, &m) == 1) &&
	       CHECK_STR(m.root, "/a b") && CHECK_STR(m.point, "/\\\t\n#\352") &&
	       CHECK_STR(m.options, "rw,a\\040b") && CHECK_STR(m.fs_type, "fuse. ") &&
	       CHECK_STR(m.source, "\377") && CHECK_STR(m.super_options, "rw,x=a\\054b C:\\ d");
}

static bool an_escape_is_three_octal_digits(void)
{
	static const char *const bad[] = { "\\", "\\0", "\\04", "\\08 0", "\\400", "\\000",
					   "a\\x41" };
	char text[16];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s", bad[i]);
		if (!CHECK(mountinfo_unescape(text) == -EINVAL))
			return printf("# %s\n", bad[i]), false;
	}
	(void)snprintf(text, sizeof(text), "%s", "\\0401\\377");
	return CHECK(mountinfo_unescape(text) == 0) && CHECK_STR(text, " 1\377");
}

static bool lines_of_another_form_are_refused(void)
{
	static const char *const bad[] = {
		"\n", " \n", "1\n", "1 2 0:4 / /\n", "1 2 0:4 / / rw\n", "1 2 0:4 / / rw -\n",
		"1 2 0:4 / / rw - a\n", "1 2 0:4 / / rw - a b\n", "1 2 0:4 / / rw - a b \n",
		"1 2 0:4 / / rw -  b rw\n", "1 2 0:4 / / rw shared:1 a b rw\n",
		"x 2 0:4 / / rw - a b rw\n", "1 -2 0:4 / / rw - a b rw\n",
		"1 2 04 / / rw - a b rw\n", "1 2 0:4: / / rw - a b rw\n",
		"1 2 0:4294967296 / / rw - a b rw\n", "1 2 0:4  / rw - a b rw\n",
		"1 2 0:4 / mnt rw - a b rw\n", "1 2 0:4 / /  - a b rw\n",
		" 1 2 0:4 / / rw - a b rw\n", "1  2 0:4 / / rw - a b rw\n",
		"1 2 0:4 /\\9 / rw - a b rw\n", "1 2 0:4 / /\\ rw - a b rw\n",
		"1 2 0:4 / / rw - a\\0 b rw\n", "1 2 0:4 / / rw - a b\\000 rw\n",
		"1 2 0:4 / / rw  - a b rw\n", "1 2 0:4 / / rw shared: - a b rw\n",
		"1 2 0:4 / / rw shared:0 - a b rw\n", "1 2 0:4 / / rw master:-1 - a b rw\n",
		"1 2 0:4 / / rw shared:1 shared:2 - a b rw\n", "1 2 0:4 / / rw - a b rw",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		auto_buf struct buf line = {};
		struct mountinfo m = { .id = 77 };

		if (!CHECK(parse(bad[i], &line, &m) == -EINVAL) || !CHECK(m.id == 77))
			return printf("# %s\n", bad[i]), false;
	}
	return true;
}

static bool a_bad_line_hides_no_other(void)
{
	const char *text = "1 2 0:4 / /a rw - a b rw\nnonsense\n3 2 0:4 / /b rw - a  rw\n";
	auto_buf struct buf line = {};
	struct mountinfo m;

	return CHECK(mountinfo_next(&text, &line, &m) == 1) && CHECK_STR(m.point, "/a") &&
	       CHECK(mountinfo_next(&text, &line, &m) == -EINVAL) &&
	       CHECK(mountinfo_next(&text, &line, &m) == 1) && CHECK_STR(m.point, "/b") &&
	       CHECK_STR(m.source, "") && CHECK(mountinfo_next(&text, &line, &m) == 0) &&
	       CHECK(mountinfo_next(&text, &line, &m) == 0);
}

/* ------------------------------------------------------------------------------- the kernel's */

static int open_proc(void)
{
	struct err err = {};
	int fd = -1;

	(void)CHECK(proc_open(&fd, &err) == 0);
	return fd;
}

static bool every_line_of_this_kernel_is_understood(void)
{
	auto_close int proc_fd = open_proc();
	auto_buf struct buf text = {}, line = {};
	struct mountinfo m;
	struct err err = {};
	const char *rest;
	int r;

	if (!CHECK(mountinfo_read(proc_fd, 0, &text, &err) == 0))
		return printf("# %s\n", err.msg), false;
	for (rest = text.data; (r = mountinfo_next(&rest, &line, &m)) != 0;)
		if (!CHECK(r == 1))
			return printf("# before: %.200s\n", rest), false;
	return true;
}

/* The last line, which is of the newest mount. */
static bool newest(struct buf *line, struct mountinfo *m)
{
	auto_close int proc_fd = open_proc();
	auto_buf struct buf text = {};
	struct err err = {};
	const char *rest;

	if (!CHECK(mountinfo_read(proc_fd, getpid(), &text, &err) == 0))
		return false;
	for (rest = text.data; *rest;)
		if (!CHECK(mountinfo_next(&rest, line, m) == 1))
			return false;
	return true;
}

static bool a_mount_with_hostile_names_is_read_back(void)
{
	static const char name[] = "a b\\c#\n- x y z\t\351\352";
	auto_buf struct buf line = {};
	auto_tmpdir struct tmpdir dir;
	struct mountinfo m = {};
	char path[300];
	struct stat st;

	tmpdir_make(&dir);
	(void)snprintf(path, sizeof(path), "%s/%s", dir.path, name);
	return CHECK(mkdir(path, 0700) == 0) &&
	       CHECK(mount("so ur\\ce", path, "tmpfs", MS_NOSUID, "size=4k") == 0) &&
	       CHECK(mount(NULL, path, NULL, MS_SHARED, NULL) == 0) &&
	       CHECK(stat(path, &st) == 0) && newest(&line, &m) &&
	       CHECK_STR(m.point, path) && CHECK_STR(m.source, "so ur\\ce") &&
	       CHECK_STR(m.root, "/") && CHECK_STR(m.fs_type, "tmpfs") && CHECK(m.shared > 0) &&
	       CHECK(strstr(m.options, "nosuid")) && CHECK(strstr(m.super_options, "size=4k")) &&
	       CHECK(gnu_dev_makedev(m.major, m.minor) == st.st_dev) &&
	       CHECK(mount(NULL, path, NULL, MS_UNBINDABLE, NULL) == 0) && newest(&line, &m) &&
	       CHECK(m.is_unbindable && !m.shared) && CHECK(umount2(path, MNT_DETACH) == 0);
}

static bool a_mount_without_a_source_is_read_back(void)
{
	auto_buf struct buf line = {};
	auto_tmpdir struct tmpdir dir;
	struct mountinfo m = {};

	tmpdir_make(&dir);
	return CHECK(mount("", dir.path, "tmpfs", 0, NULL) == 0) && newest(&line, &m) &&
	       CHECK_STR(m.point, dir.path) && CHECK_STR(m.source, "");
}

static bool who_is_gone_has_no_mounts(void)
{
	auto_close int proc_fd = open_proc();
	auto_buf struct buf text = {};
	struct err err = {};
	siginfo_t info;
	pid_t pid = fork();
	bool ok;

	if (pid == 0)
		_exit(0);
	ok = CHECK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0) &&
	     CHECK(mountinfo_read(proc_fd, pid, &text, &err) == -ESRCH) &&
	     CHECK(err.kind == ERR_NOT_FOUND);
	return CHECK(waitpid(pid, NULL, 0) == pid) && ok &&
	       CHECK(mountinfo_read(proc_fd, pid, &text, &err) == -ESRCH) &&
	       CHECK(strstr(err.msg, "no process")) && CHECK(text.len == 0);
}

int main(void)
{
	TEST(every_field_is_told);
	TEST(optional_fields_may_lack_or_be_new);
	TEST(names_are_unescaped_and_options_are_not);
	TEST(an_escape_is_three_octal_digits);
	TEST(lines_of_another_form_are_refused);
	TEST(a_bad_line_hides_no_other);
	TEST(every_line_of_this_kernel_is_understood);
	TEST_MOUNTS(a_mount_with_hostile_names_is_read_back);
	TEST_MOUNTS(a_mount_without_a_source_is_read_back);
	TEST(who_is_gone_has_no_mounts);
	return tap_done();
}
