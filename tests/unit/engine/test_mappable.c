/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/mappable.h"

#include "mounts.h"
#include "tmpdir.h"

static int ask(const struct tmpdir *dir, int fd)
{
	auto_cleanup(mappable_close) struct mappable_answers answers = MAPPABLE_ANSWERS_NONE;
	struct err err = {};
	int r = mappable_open(dir->fd, &answers, &err);

	if (r == 0)
		r = mappable_ask(&answers, fd, MAPPABLE_ALONE, &err);
	if (r < 0)
		printf("# %s\n", err.msg);
	return r;
}

static bool what_can_not_be_mapped_is_news_once(void)
{
	auto_tmpdir struct tmpdir dir, ram;
	auto_close int fd = -1;

	tmpdir_make(&dir);
	tmpdir_make(&ram);
	if (!CHECK(mount("ram", ram.path, "ramfs", 0, NULL) == 0))
		return false;
	fd = open(ram.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return CHECK(ask(&dir, fd) == MAPPABLE_NEWLY_NOT) && CHECK(ask(&dir, fd) == MAPPABLE_NOT);
}

static bool what_the_kernel_shows_needs_none(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	tmpdir_make(&dir);
	return CHECK(ask(&dir, fd) == MAPPABLE_NEEDLESS);
}

static bool answers_of_before_the_boot_do_not_count(void)
{
	auto_tmpdir struct tmpdir dir, ram;
	auto_close int fd = -1;

	tmpdir_make(&dir);
	tmpdir_make(&ram);
	if (!CHECK(mount("ram", ram.path, "ramfs", 0, NULL) == 0))
		return false;
	fd = open(ram.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return CHECK(ask(&dir, fd) == MAPPABLE_NEWLY_NOT) &&
	       CHECK(unlinkat(dir.fd, "mappable", 0) == 0) &&
	       CHECK(tmpdir_put(dir.fd, "mappable", "00000000-0000-0000-0000-000000000000\n")) &&
	       CHECK(ask(&dir, fd) == MAPPABLE_NEWLY_NOT);
}

/* Who binds many file systems must not find, in the end, that the answers are too many to read. */
static bool answers_never_become_too_many(void)
{
	auto_tmpdir struct tmpdir dir, at;

	tmpdir_make(&dir);
	tmpdir_make(&at);
	for (int i = 0; i < 1000; i++) {
		auto_close int fd = -1;
		int r;

		if (mount("ram", at.path, "ramfs", 0, NULL) < 0)
			return CHECK(false);
		fd = open(at.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = ask(&dir, fd);
		if (!CHECK(r == MAPPABLE_NEWLY_NOT))
			return false;
	}
	return true;
}

int main(void)
{
	TEST_MOUNTS(what_can_not_be_mapped_is_news_once);
	TEST(what_the_kernel_shows_needs_none);
	TEST_MOUNTS(answers_of_before_the_boot_do_not_count);
	TEST_MOUNTS(answers_never_become_too_many);
	return tap_done();
}
