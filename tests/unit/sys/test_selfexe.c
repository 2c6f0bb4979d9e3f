/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attack: hold /proc/PID/exe of a process that runs our program, wait until nobody runs it any
 * more, open what is held for writing. Each claim is about a copy of this program. Without adoption
 * the attack must succeed.
 */
#include "sys/selfexe.h"

#include "tap.h"
#include "tmpdir.h"

#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

static int written = 41; /* of a segment that adoption copies */

/* ------------------------------------------------------- what the copy of this program does */

static int adopt(void)
{
	int exe_fd = selfexe_open(NULL), r;
	char *before = malloc(100000), *after;

	written++;
	r = exe_fd < 0 ? exe_fd : selfexe_adopt(exe_fd);
	closep(&exe_fd);
	after = malloc(3000000);
	if (!before || !after || written != 42)
		r = -EFAULT;
	free(after);
	free(before);
	return r;
}

/* Say how it went, wait until standard input ends, and be another program. */
static int run_copy(bool adopts)
{
	static char program[] = "/proc/self/fd/3", name[] = "other";
	char *argv[] = { name, NULL };
	int r = adopts ? adopt() : 0;
	char byte;

	(void)!write(1, &r, sizeof(r));
	(void)!read(0, &byte, 1);
	(void)execv(program, argv);
	return 1;
}

/* ------------------------------------------------------------------------- the attacker */

struct copy {
	struct tmpdir dir;
	char path[300];
	pid_t pid;
	int go_fd;   /* closed: the copy becomes another program */
	int held_fd; /* its /proc/PID/exe */
};

#define auto_copy auto_cleanup(copy_done)

static void copy_end(struct copy *copy)
{
	closep(&copy->go_fd);
	copy->go_fd = -1;
	if (copy->pid > 0)
		(void)waitpid(copy->pid, NULL, 0);
	copy->pid = 0;
}

static void copy_done(struct copy *copy)
{
	copy_end(copy);
	closep(&copy->held_fd);
	tmpdir_done(&copy->dir);
}

static bool copy_program(struct copy *copy)
{
	auto_close int from_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to_fd = -1;
	char bytes[65536];
	ssize_t n;

	tmpdir_make(&copy->dir);
	(void)snprintf(copy->path, sizeof(copy->path), "%s/program", copy->dir.path);
	to_fd = open(copy->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	while ((n = read(from_fd, bytes, sizeof(bytes))) > 0)
		if (write(to_fd, bytes, (size_t)n) != n)
			return false;
	return n == 0;
}

/* In the child: descriptor 3 is what the copy will become, another program. */
static void exec_copy(const struct copy *copy, int in_fd, int out_fd, const char *mode)
{
	int other_fd = open("/bin/true", O_RDONLY);

	if (dup2(in_fd, 0) == 0 && dup2(out_fd, 1) == 1 && dup2(other_fd, 3) == 3)
		(void)execl(copy->path, "program", mode, NULL);
	_exit(1);
}

/* Run the copy, hold its executable. */
static bool copy_run(struct copy *copy, const char *mode)
{
	int in[2], out[2], r = -EIO;
	char exe[64];

	*copy = (struct copy){ .go_fd = -1, .held_fd = -1 };
	if (!copy_program(copy) || pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		return false;
	copy->pid = fork();
	if (copy->pid == 0)
		exec_copy(copy, in[0], out[1], mode);
	(void)close(in[0]);
	(void)close(out[1]);
	copy->go_fd = in[1];
	(void)!read(out[0], &r, sizeof(r));
	(void)close(out[0]);
	(void)snprintf(exe, sizeof(exe), "/proc/%d/exe", (int)copy->pid);
	copy->held_fd = open(exe, O_PATH | O_CLOEXEC);
	if (r < 0)
		printf("# the program says: %s\n", strerror(-r));
	return r == 0 && copy->held_fd >= 0;
}

/* Open for writing what is held. Returns a descriptor or -errno. */
static int open_held(const struct copy *copy, int flags)
{
	char path[40];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", copy->held_fd);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool is_unchanged(const struct copy *copy)
{
	auto_close int ours_fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	auto_close int theirs_fd = open(copy->path, O_RDONLY | O_CLOEXEC);
	char ours[65536], theirs[65536];
	ssize_t n, m;

	do {
		n = read(ours_fd, ours, sizeof(ours));
		m = read(theirs_fd, theirs, sizeof(theirs));
		if (n < 0 || n != m || memcmp(ours, theirs, (size_t)n) != 0)
			return false;
	} while (n > 0);
	return true;
}

/* --------------------------------------------------------------------------- the claims */

static bool without_adoption_the_executable_is_written(void)
{
	auto_copy struct copy copy;
	auto_close int fd = -1;

	if (!CHECK(copy_run(&copy, "plain")) || !CHECK(open_held(&copy, O_WRONLY) == -ETXTBSY))
		return false;
	copy_end(&copy);
	fd = open_held(&copy, O_WRONLY);
	return CHECK(fd >= 0) && CHECK(is_unchanged(&copy)) && CHECK(write(fd, "#!evil", 6) == 6) &&
	       CHECK(!is_unchanged(&copy));
}

static bool an_adopted_executable_is_not_written(void)
{
	auto_copy struct copy copy;

	if (!CHECK(copy_run(&copy, "adopt")) ||
	    !CHECK(open_held(&copy, O_WRONLY) < 0)) /* busy, or read-only */
		return false;
	copy_end(&copy);
	return CHECK(open_held(&copy, O_WRONLY) == -EROFS) &&
	       CHECK(open_held(&copy, O_RDWR) == -EROFS) &&
	       CHECK(open_held(&copy, O_WRONLY | O_TRUNC) == -EROFS) && CHECK(is_unchanged(&copy));
}

static bool its_mount_cannot_be_made_writable(void)
{
	struct mount_attr relax = { .attr_clr = MOUNT_ATTR_RDONLY };
	auto_copy struct copy copy;
	char path[40];

	if (!CHECK(copy_run(&copy, "adopt")))
		return false;
	copy_end(&copy);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", copy.held_fd);
	return CHECK(mount_setattr(copy.held_fd, "", AT_EMPTY_PATH, &relax, sizeof(relax)) < 0) &&
	       CHECK(mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL) < 0) &&
	       CHECK(mount(path, copy.path, NULL, MS_BIND, NULL) < 0) &&
	       CHECK(open_tree(copy.held_fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE) < 0) &&
	       CHECK(move_mount(copy.held_fd, "", AT_FDCWD, copy.path,
				MOVE_MOUNT_F_EMPTY_PATH) < 0) &&
	       CHECK(open_held(&copy, O_WRONLY) == -EROFS) && CHECK(is_unchanged(&copy));
}

static bool what_is_adopted_is_still_the_program(void)
{
	auto_copy struct copy copy;
	struct statvfs fs;

	return CHECK(copy_run(&copy, "adopt")) &&
	       CHECK(tmpdir_is(copy.held_fd, AT_FDCWD, copy.path)) &&
	       CHECK(fstatvfs(copy.held_fd, &fs) == 0) && CHECK(fs.f_flag & ST_RDONLY);
}

static bool no_mapping_names_the_old_file(void)
{
	auto_copy struct copy copy;
	auto_free char *line = NULL;
	char maps[64];
	bool found = false;
	size_t cap = 0;
	FILE *file;

	if (!CHECK(copy_run(&copy, "adopt")))
		return false;
	(void)snprintf(maps, sizeof(maps), "/proc/%d/maps", (int)copy.pid);
	file = fopen(maps, "re");
	while (file && getline(&line, &cap, file) > 0)
		found |= strstr(line, copy.path) != NULL;
	if (file)
		(void)fclose(file);
	return CHECK(file) && CHECK(!found);
}

static bool another_file_is_not_taken_for_ours(void)
{
	auto_copy struct copy copy = { .dir.fd = -1, .go_fd = -1, .held_fd = -1 };

	return CHECK(copy_program(&copy)) && CHECK(selfexe_open(copy.path) == -ESTALE) &&
	       CHECK(selfexe_open("/no/such/program") == -ENOENT);
}

static bool the_path_is_whole_or_an_error(void)
{
	char path[4096] = "", cut[8];

	return CHECK(selfexe_path(path, sizeof(path)) == 0) && CHECK(path[0] == '/') &&
	       CHECK(access(path, X_OK) == 0) && CHECK(selfexe_path(cut, 8) == -ENAMETOOLONG);
}

int main(int argc, char **argv)
{
	const char *why = geteuid() != 0 ? "needs root" : "the program is linked dynamically";
	bool can = geteuid() == 0 && selfexe_is_supported();

	if (argc > 1)
		return run_copy(strcmp(argv[1], "adopt") == 0);
#define TEST_ADOPTION(claim)             \
	do {                             \
		if (can)                 \
			TEST(claim);     \
		else                     \
			SKIP(claim, why); \
	} while (0)
	TEST_ADOPTION(without_adoption_the_executable_is_written);
	TEST_ADOPTION(an_adopted_executable_is_not_written);
	TEST_ADOPTION(its_mount_cannot_be_made_writable);
	TEST_ADOPTION(what_is_adopted_is_still_the_program);
	TEST_ADOPTION(no_mapping_names_the_old_file);
	TEST_ADOPTION(another_file_is_not_taken_for_ours);
	TEST(the_path_is_whole_or_an_error);
	return tap_done();
}
