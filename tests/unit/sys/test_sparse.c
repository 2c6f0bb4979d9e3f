/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/sparse.h"

#include "tap.h"
#include "tmpdir.h"

#define SIZE ((off_t)64 << 20)

struct files {
	struct tmpdir dir;
	int from_fd, to_fd;
};

#define auto_files auto_cleanup(files_done)

static bool files_make(struct files *f)
{
	tmpdir_make(&f->dir);
	f->from_fd = openat(f->dir.fd, "from", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	f->to_fd = openat(f->dir.fd, "to", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return f->from_fd >= 0 && f->to_fd >= 0;
}

static void files_done(struct files *f)
{
	closep(&f->from_fd);
	closep(&f->to_fd);
	tmpdir_done(&f->dir);
}

static bool has(int fd, off_t at, const char *text)
{
	char got[8] = "";

	return pread(fd, got, strlen(text), at) == (ssize_t)strlen(text) && strcmp(got, text) == 0;
}

static bool holes_stay_holes(void)
{
	auto_files struct files f;
	struct stat st;

	return CHECK(files_make(&f)) && CHECK(pwrite(f.from_fd, "one", 3, 1000) == 3) &&
	       CHECK(pwrite(f.from_fd, "two", 3, SIZE / 2) == 3) &&
	       CHECK(ftruncate(f.from_fd, SIZE) == 0) &&
	       CHECK(sparse_copy(f.from_fd, f.to_fd, (uint64_t)SIZE) == 0) &&
	       CHECK(fstat(f.to_fd, &st) == 0) && CHECK(st.st_size == SIZE) &&
	       CHECK(st.st_blocks < 1000) && CHECK(has(f.to_fd, 1000, "one")) &&
	       CHECK(has(f.to_fd, SIZE / 2, "two"));
}

static bool no_more_is_copied_than_was_said(void)
{
	auto_files struct files f;
	struct stat st;

	return CHECK(files_make(&f)) && CHECK(pwrite(f.from_fd, "12345", 5, 0) == 5) &&
	       CHECK(sparse_copy(f.from_fd, f.to_fd, 3) == 0) && CHECK(fstat(f.to_fd, &st) == 0) &&
	       CHECK(st.st_size == 3);
}

static bool one_that_shrank_is_as_long_as_it_is(void)
{
	auto_files struct files f;
	struct stat st;

	return CHECK(files_make(&f)) && CHECK(pwrite(f.from_fd, "12345", 5, 0) == 5) &&
	       CHECK(sparse_copy(f.from_fd, f.to_fd, 9) == 0) && CHECK(fstat(f.to_fd, &st) == 0) &&
	       CHECK(st.st_size == 5) && CHECK(has(f.to_fd, 0, "12345"));
}

int main(void)
{
	TEST(holes_stay_holes);
	TEST(no_more_is_copied_than_was_said);
	TEST(one_that_shrank_is_as_long_as_it_is);
	return tap_done();
}
