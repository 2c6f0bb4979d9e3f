/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/measure.h"

#include "tap.h"
#include "tmpdir.h"

static bool measure(const struct tmpdir *dir, struct measure *ret)
{
	return CHECK(measure_dir(dir->fd, ret) == 0);
}

static bool is_same(const struct measure *a, const struct measure *b)
{
	return a->names == b->names && a->file_bytes == b->file_bytes && a->sum == b->sum;
}

static bool fill(struct tmpdir *dir)
{
	tmpdir_make(dir);
	return CHECK(mkdirat(dir->fd, "a", 0755) == 0) &&
	       CHECK(mkdirat(dir->fd, "a/b", 0755) == 0) &&
	       CHECK(tmpdir_put(dir->fd, "a/b/one", "four")) &&
	       CHECK(tmpdir_put(dir->fd, "two", "")) &&
	       CHECK(symlinkat("/etc/passwd", dir->fd, "a/link") == 0);
}

static bool all_names_are_counted_and_no_link_is_followed(void)
{
	auto_tmpdir struct tmpdir dir;
	struct measure seen;

	return fill(&dir) && measure(&dir, &seen) && CHECK(seen.names == 5) &&
	       CHECK(seen.file_bytes == 4);
}

static bool what_is_changed_changes_the_sum(void)
{
	auto_tmpdir struct tmpdir dir;
	struct measure before, same, chmod_, named, emptied;

	return fill(&dir) && measure(&dir, &before) && measure(&dir, &same) &&
	       CHECK(is_same(&before, &same)) &&
	       CHECK(fchmodat(dir.fd, "two", 0600, 0) == 0) && measure(&dir, &chmod_) &&
	       CHECK(chmod_.names == before.names) && CHECK(chmod_.sum != before.sum) &&
	       CHECK(renameat(dir.fd, "two", dir.fd, "three") == 0) && measure(&dir, &named) &&
	       CHECK(named.sum != chmod_.sum) &&
	       CHECK(unlinkat(dir.fd, "a/b/one", 0) == 0) && measure(&dir, &emptied) &&
	       CHECK(emptied.names == 4) && CHECK(emptied.file_bytes == 0);
}

static bool the_highest_id_is_found(void)
{
	auto_tmpdir struct tmpdir dir;
	struct measure seen;

	return fill(&dir) &&
	       CHECK(fchownat(dir.fd, "a/link", 7, 70000, AT_SYMLINK_NOFOLLOW) == 0) &&
	       measure(&dir, &seen) && CHECK(seen.max_id == 70000);
}

static bool what_is_too_deep_is_said(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_close int fd = -1;
	struct measure seen;

	tmpdir_make(&dir);
	fd = openat(dir.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (unsigned i = 0; i < 600; i++) {
		int below_fd;

		if (!CHECK(mkdirat(fd, "d", 0755) == 0))
			return false;
		below_fd = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		closep(&fd);
		fd = below_fd;
	}
	return CHECK(measure_dir(dir.fd, &seen) == -ELOOP);
}

int main(void)
{
	TEST(all_names_are_counted_and_no_link_is_followed);
	TEST(what_is_changed_changes_the_sum);
	if (geteuid() == 0)
		TEST(the_highest_id_is_found);
	else
		SKIP(the_highest_id_is_found, "needs root");
	TEST(what_is_too_deep_is_said);
	return tap_done();
}
