/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories and archives by one face. What is found is a plain file with a size; a directory is
 * somebody else's, so what has a name there may be anything: it is opened without waiting for it,
 * and looked at before a byte is read.
 */
#include "transport/tree.h"

#include "sys/resolve.h"
#include "transport/archive.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>

void tree_done(struct tree *tree)
{
	closep(&tree->dir_fd);
	archive_free(tree->archive);
	*tree = (struct tree)TREE_NONE;
}

int tree_open(const char *path, const char *tmp_dir, struct tree *tree, struct err *err)
{
	*tree = (struct tree)TREE_NONE;
	tree->dir_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree->dir_fd >= 0)
		return 0;
	if (errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "open '%s': no such file or directory",
			       path);
	if (errno != ENOTDIR)
		return err_sys(err, errno, "open '%s'", path);
	return archive_open(path, tmp_dir, &tree->archive, err);
}

static int find_in_dir(int dir_fd, const char *name, struct extent *ret, struct err *err)
{
	auto_close int fd = resolve_open(dir_fd, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd == -ENOENT)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no file '%.200s' in it", name);
	if (fd < 0)
		return err_sys(err, -fd, "open '%.200s'", name);
	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "stat '%.200s'", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, EBADMSG, "'%.200s' is no plain file", name);
	*ret = (struct extent){ take_fd(&fd), 0, (uint64_t)st.st_size };
	return 0;
}

static int find(const struct tree *tree, const char *name, enum archive_twice twice,
		struct extent *ret, struct err *err)
{
	if (tree->archive)
		return archive_find(tree->archive, name, twice, ret, err);
	return find_in_dir(tree->dir_fd, name, ret, err);
}

int tree_find(const struct tree *tree, const char *name, struct extent *ret, struct err *err)
{
	return find(tree, name, ARCHIVE_LAST, ret, err);
}

int tree_read(const struct tree *tree, const char *name, size_t max_bytes, struct buf *ret,
	      struct err *err)
{
	auto_extent struct extent extent = EXTENT_NONE;
	int r = find(tree, name, ARCHIVE_REFUSE, &extent, err);

	if (r < 0)
		return r;
	r = extent_read(&extent, NULL, max_bytes, ret, err);
	return r < 0 ? err_wrap(err, "'%.200s'", name) : 0;
}

char tree_first_byte(const struct tree *tree, const char *name)
{
	auto_extent struct extent extent = EXTENT_NONE;
	struct err ignored = {};
	char bytes[16];
	ssize_t n;

	if (tree_find(tree, name, &extent, &ignored) < 0)
		return '\0';
	n = pread(extent.fd, bytes, extent.bytes < sizeof(bytes) ? extent.bytes : sizeof(bytes),
		  (off_t)extent.at);
	for (ssize_t i = 0; i < n; i++)
		if (!isspace((unsigned char)bytes[i]))
			return bytes[i];
	return '\0';
}
