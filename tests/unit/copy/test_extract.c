/* SPDX-License-Identifier: Apache-2.0 */
#include "../layer/archive.h"
#include "copies.h"
#include "copy/extract.h"

#include <sys/mman.h>

#define auto_archive auto_buf

/* Into root/to, by a process that is shut in there. */
static int extract(struct copies *c, const struct buf *archive)
{
	auto_close int file_fd = memfd_create("archive", MFD_CLOEXEC);
	auto_close int to_fd = openat(c->root_fd, "to", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct copy_extract request = {
		.file_fd = file_fd, .dir_fd = to_fd,
		.owner = copy_owner_here(&c->root.ids, false),
	};

	c->err = (struct err){};
	if (write(file_fd, archive->data, archive->len) != (ssize_t)archive->len ||
	    lseek(file_fd, 0, SEEK_SET) != 0)
		return -EIO;
	return copy_extract(&request, &c->seen, &c->err);
}

static bool prepare(struct copies *c)
{
	return CHECK(copies_make(c)) && CHECK(mkdirat(c->root_fd, "to", 01777) == 0);
}

static bool entries_become_files(void)
{
	auto_copies struct copies c;
	auto_archive struct buf archive = {};
	struct stat st;

	archive_add(&archive, .path = "./", .type = '5', .mode = 0700);
	archive_add(&archive, .path = "d/", .type = '5', .mode = 0750, .mtime = 1000);
	archive_add(&archive, .path = "d/file", .data = "text", .mode = 04711, .uid = 7);
	archive_add(&archive, .path = "d/link", .type = '2', .target = "/file");
	archive_add(&archive, .path = "d/again", .type = '1', .target = "d/file");
	archive_add(&archive, .path = "deep/er/file", .data = "deep");
	archive_add(&archive, .path = "null", .type = '3', .major = 1, .minor = 3);
	archive_end(&archive);
	return prepare(&c) && CHECK(extract(&c, &archive) == 0) &&
	       CHECK(copies_has(c.root_fd, "to/d/again", "text")) &&
	       CHECK(copies_has(c.root_fd, "to/deep/er/file", "deep")) &&
	       CHECK(copies_lacks(c.root_fd, "to/null")) && CHECK(c.seen.left_out == 1) &&
	       CHECK(fstatat(c.root_fd, "to/d", &st, 0) == 0) &&
	       CHECK((st.st_mode & 07777) == 0750) && CHECK(st.st_mtim.tv_sec == 1000) &&
	       CHECK(fstatat(c.root_fd, "to", &st, 0) == 0) &&
	       CHECK((st.st_mode & 07777) == 01777) &&
	       CHECK(fstatat(c.root_fd, "to/d/file", &st, 0) == 0) &&
	       CHECK((st.st_mode & 07777) == 0711) && CHECK(st.st_uid == geteuid());
}

/* Whatever an archive says, and whatever links lie there already. */
static bool nothing_outside_is_touched(void)
{
	auto_copies struct copies c;
	char path[PATH_MAX];

	if (!prepare(&c) || !CHECK(tmpdir_put(c.out_fd, "victim", "old")))
		return false;
	(void)snprintf(path, sizeof(path), "%s/outside", c.dir.path);
	if (!CHECK(symlinkat(path, c.root_fd, "to/there") == 0))
		return false;
	for (int i = 0; i < 6; i++) {
		auto_archive struct buf archive = {};

		archive_add(&archive, .path = "mine", .type = '2', .target = path);
		archive_add(&archive, .path = i == 0 ? "../outside/victim" : i == 1
					     ? "there/victim" : i == 2 ? "mine/victim" : i == 3
					     ? "/../outside/victim" : "victim",
			    .type = i < 4 ? '0' : '1', .data = i < 4 ? "new" : NULL,
			    .target = i < 4 ? NULL : i == 4 ? "there/victim" : "../outside/victim");
		archive_end(&archive);
		(void)extract(&c, &archive);
		if (!CHECK(copies_has(c.out_fd, "victim", "old")) ||
		    !CHECK(copies_lacks(c.out_fd, "new")))
			return false;
	}
	return true;
}

static bool a_link_to_a_directory_is_no_directory(void)
{
	auto_copies struct copies c;
	auto_archive struct buf archive = {};

	archive_add(&archive, .path = "d/", .type = '5');
	archive_end(&archive);
	return prepare(&c) && CHECK(symlinkat(".", c.root_fd, "to/d") == 0) &&
	       CHECK(extract(&c, &archive) == -ENOTDIR) && CHECK(*c.err.hint);
}

static bool what_breaks_off_is_an_error(void)
{
	auto_copies struct copies c;
	auto_archive struct buf archive = {};

	archive_add(&archive, .path = "file", .data = "text");
	archive.len -= 512;
	return prepare(&c) && CHECK(extract(&c, &archive) == -EBADMSG);
}

int main(void)
{
	TEST(entries_become_files);
	TEST(nothing_outside_is_touched);
	TEST(a_link_to_a_directory_is_no_directory);
	TEST(what_breaks_off_is_an_error);
	return tap_done();
}
