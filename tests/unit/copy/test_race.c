/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container that exchanges a directory for a link to what is not its own, all the time. Whoever
 * looks at a path and then uses it is caught soon, which the first claim proves of the attack; what
 * copies never is.
 */
#include "copies.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#define ROUNDS 3000
#define LIMIT_S 20

/* root/d, a directory with a file, and root/l, a link to the place outside that has one too, change
 * places until we are killed. */
static pid_t attack(const struct copies *c)
{
	pid_t pid = fork();

	while (pid == 0)
		(void)renameat2(c->root_fd, "d", c->root_fd, "l", RENAME_EXCHANGE);
	return pid;
}

static void end_attack(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static bool prepare(struct copies *c)
{
	char path[PATH_MAX];

	if (!copies_make(c))
		return false;
	(void)snprintf(path, sizeof(path), "%s/outside", c->dir.path);
	return mkdirat(c->root_fd, "d", 0755) == 0 && symlinkat(path, c->root_fd, "l") == 0 &&
	       tmpdir_put(c->root_fd, "d/file", "inside") &&
	       tmpdir_put(c->out_fd, "file", "outside") &&
	       mkdirat(c->root_fd, "new", 0755) == 0 && tmpdir_put(c->root_fd, "new/x", "new");
}

/* Seen to be a directory, and then gone on with by its path. */
static bool naive_reads_outside(const struct copies *c)
{
	auto_close int fd = -1;
	struct stat st;

	if (fstatat(c->root_fd, "d", &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return false;
	fd = openat(c->root_fd, "d/file", O_RDONLY | O_CLOEXEC);
	return tmpdir_is(fd, c->out_fd, "file");
}

static bool naive_writes_outside(const struct copies *c)
{
	auto_close int fd = -1;
	struct stat st;

	if (fstatat(c->root_fd, "d", &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return false;
	fd = openat(c->root_fd, "d/x", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	return !copies_lacks(c->out_fd, "x");
}

static bool the_attack_catches_who_uses_paths(void)
{
	auto_copies struct copies c;
	bool has_read = false, has_written = false;
	time_t until = time(NULL) + LIMIT_S;
	pid_t pid;

	if (!CHECK(prepare(&c)))
		return false;
	pid = attack(&c);
	while ((!has_read || !has_written) && time(NULL) < until) {
		has_read |= naive_reads_outside(&c);
		has_written |= naive_writes_outside(&c);
	}
	end_attack(pid);
	return CHECK(has_read) && CHECK(has_written);
}

/* Of what was copied nothing is from outside; some was copied, or nothing is proven. */
static bool nothing_outside_is_read(void)
{
	auto_copies struct copies c;
	int n_copied = 0;
	bool ok = true;
	pid_t pid;

	if (!CHECK(prepare(&c)))
		return false;
	pid = attack(&c);
	for (int i = 0; i < ROUNDS && ok; i++) {
		int r = copies_copy(&c, i % 2 ? "/d" : "/d/.", "/out", false);

		n_copied += r == 0 && copies_has(c.root_fd, "out/file", "inside");
		ok = !copies_has(c.root_fd, "out/file", "outside");
		(void)unlinkat(c.root_fd, "out/file", 0);
		(void)unlinkat(c.root_fd, "out", AT_REMOVEDIR);
		(void)unlinkat(c.root_fd, "out", 0);
	}
	end_attack(pid);
	return CHECK(ok) && CHECK(n_copied > 0);
}

static bool nothing_outside_is_written(void)
{
	static const char *const targets[] = { "/d", "/d/", "/d/file", "/d/x" };
	auto_copies struct copies c;
	int n_copied = 0;
	bool ok = true;
	pid_t pid;

	if (!CHECK(prepare(&c)))
		return false;
	pid = attack(&c);
	for (int i = 0; i < ROUNDS && ok; i++) {
		const char *from = i % 3 ? "/new/x" : "/new/.";

		n_copied += copies_copy(&c, from, targets[i % 4], i % 5 == 0) == 0;
		ok = copies_lacks(c.out_fd, "x") && copies_has(c.out_fd, "file", "outside");
	}
	end_attack(pid);
	return CHECK(ok) && CHECK(n_copied > 0);
}

/* Exchanged just between two looks, which a race may never meet. */
static bool what_was_looked_at_is_what_is_used(void)
{
	auto_copies struct copies c;
	auto_copy_place struct copy_place source = COPY_PLACE_NONE, target = COPY_PLACE_NONE;
	char name[NAME_MAX + 1];
	const char *as = NULL;
	int dir_fd = -1;

	return CHECK(prepare(&c)) &&
	       CHECK(copy_find_source(&c.root, "/new/x", false, &source, name, &c.err) == 0) &&
	       CHECK(copy_find_target(&c.root, "/d", &target, &c.err) == 0) &&
	       CHECK(renameat2(c.root_fd, "d", c.root_fd, "l", RENAME_EXCHANGE) == 0) &&
	       CHECK(copy_decide(&source, name, &target, true, &as, &dir_fd, &c.err) < 0) &&
	       CHECK(dir_fd < 0);
}

int main(void)
{
	TEST(the_attack_catches_who_uses_paths);
	TEST(nothing_outside_is_read);
	TEST(nothing_outside_is_written);
	TEST(what_was_looked_at_is_what_is_used);
	return tap_done();
}
