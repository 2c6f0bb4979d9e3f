/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry says how long its contents are before they are read, so a file that shrinks meanwhile is
 * an error: the archive would break off.
 */
#include "copy/archive.h"

#include "base/cleanup.h"

void copy_archive_init(struct copy_archive *archive, const struct tar_output *output)
{
	tar_writer_init(&archive->writer, output);
}

void copy_archive_done(struct copy_archive *archive)
{
	tar_writer_done(&archive->writer);
}

static enum tar_kind kind_of(const struct copy_item *item)
{
	if (item->first)
		return TAR_HARDLINK;
	if (S_ISDIR(item->st.st_mode))
		return TAR_DIR;
	if (S_ISLNK(item->st.st_mode))
		return TAR_SYMLINK;
	return S_ISFIFO(item->st.st_mode) ? TAR_FIFO : TAR_FILE;
}

static int put(void *context, const struct copy_item *item, struct err *err)
{
	struct copy_archive *archive = context;
	struct tar_entry entry = {
		.kind = kind_of(item),
		.path = *item->path ? item->path : ".",
		.target = item->first ? item->first : item->target,
		.mode = item->st.st_mode & 07777,
		.uid = item->st.st_uid,
		.gid = item->st.st_gid,
		.mtime = item->st.st_mtim,
		.xattrs = item->xattrs,
		.n_xattrs = item->first ? 0 : item->n_xattrs,
	};
	int r;

	if (entry.kind == TAR_FILE)
		entry.bytes = (uint64_t)item->st.st_size;
	r = tar_put(&archive->writer, &entry, err);
	return r < 0 ? r : tar_put_from(&archive->writer, item->fd, entry.bytes, err);
}

static int leave(void *context, const struct copy_item *item, struct err *err)
{
	(void)context;
	(void)item;
	(void)err;
	return 0;
}

struct copy_sink copy_archive_sink(struct copy_archive *archive)
{
	return (struct copy_sink){ put, leave, archive };
}

int copy_archive_finish(struct copy_archive *archive, struct err *err)
{
	return tar_put_end(&archive->writer, err);
}
