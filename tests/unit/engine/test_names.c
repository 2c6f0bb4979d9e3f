/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/names.h"

#include "tap.h"
#include "tmpdir.h"

#include <signal.h>
#include <sys/wait.h>

#define A_ID "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B_ID "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ROUNDS 3000

static bool is_owner(int names_fd, const char *id)
{
	char owner[IDENT_ID_LEN + 1];

	return names_find(names_fd, "box", owner) == 0 && strcmp(owner, id) == 0;
}

static bool a_name_is_taken_once(void)
{
	auto_tmpdir struct tmpdir dir;
	struct err err = {};

	tmpdir_make(&dir);
	return CHECK(names_take(dir.fd, "box", A_ID, &err) == 0) &&
	       CHECK(names_take(dir.fd, "box", B_ID, &err) == -EEXIST) &&
	       CHECK_STR(err.msg, "the name 'box' is taken by container aaaaaaaaaaaa");
}

static bool only_its_owner_releases_it(void)
{
	auto_tmpdir struct tmpdir dir;
	struct err err = {};

	tmpdir_make(&dir);
	if (!CHECK(names_take(dir.fd, "box", A_ID, &err) == 0))
		return false;
	names_release_all(dir.fd, B_ID);
	if (!CHECK(!names_release(dir.fd, "box", B_ID)) || !CHECK(is_owner(dir.fd, A_ID)))
		return false;
	names_release_all(dir.fd, A_ID);
	return CHECK(!is_owner(dir.fd, A_ID));
}

static bool all_names_but_one_are_released(void)
{
	auto_tmpdir struct tmpdir dir;
	char owner[IDENT_ID_LEN + 1];
	auto_close int lock_fd = -1;
	struct err err = {};

	tmpdir_make(&dir);
	if (!CHECK(names_take(dir.fd, "box", A_ID, &err) == 0) ||
	    !CHECK(names_take(dir.fd, "crate", A_ID, &err) == 0) ||
	    !CHECK(names_take(dir.fd, "keg", B_ID, &err) == 0) ||
	    !CHECK(names_lock(dir.fd, &lock_fd, &err) == 0))
		return false;
	names_release_others(dir.fd, "box", A_ID);
	return CHECK(is_owner(dir.fd, A_ID)) &&
	       CHECK(names_find(dir.fd, "crate", owner) == -ENOENT) &&
	       CHECK(names_find(dir.fd, "keg", owner) == 0);
}

/* A child that releases what may be A's, over and over. */
static pid_t start_releaser(const struct tmpdir *dir)
{
	pid_t pid = fork();

	while (pid == 0)
		names_release(dir->fd, "box", A_ID);
	return pid;
}

/* Two release what was A's, and B takes it in between: neither of them takes it from B. */
static bool a_name_that_changed_hands_is_left_alone(void)
{
	auto_tmpdir struct tmpdir dir;
	unsigned lost = 0;
	struct err ignored;
	pid_t releaser;

	tmpdir_make(&dir);
	releaser = start_releaser(&dir);
	for (unsigned i = 0; i < ROUNDS; i++) {
		(void)names_take(dir.fd, "box", A_ID, &ignored);
		names_release(dir.fd, "box", A_ID);
		if (!CHECK(names_take(dir.fd, "box", B_ID, &ignored) == 0))
			break;
		for (unsigned look = 0; look < 4; look++)
			lost += !is_owner(dir.fd, B_ID);
		names_release(dir.fd, "box", B_ID);
	}
	(void)kill(releaser, SIGKILL);
	(void)waitpid(releaser, NULL, 0);
	return CHECK(releaser > 0) && CHECK(lost == 0);
}

int main(void)
{
	TEST(a_name_is_taken_once);
	TEST(only_its_owner_releases_it);
	TEST(all_names_but_one_are_released);
	TEST(a_name_that_changed_hands_is_left_alone);
	return tap_done();
}
