/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blobs, by their digest. One comes here from partial/, where it was fetched and its digest was
 * compared, or whole from memory; what has its final name is never written to again.
 */
#include "base/cleanup.h"
#include "store/layout.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

int store_open_blob(const struct store *store, const struct digest *digest, int *ret_fd,
		    uint64_t *ret_bytes, struct err *err)
{
	char path[LAYOUT_PATH_BYTES];
	auto_close int fd = -1;
	struct stat st;

	layout_blob_path(digest, path);
	if (store->root_fd >= 0)
		fd = openat(store->root_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (store->root_fd < 0 || errno == ENOENT))
		return err_set(err, ERR_NOT_FOUND, ENOENT, "the blob '%s' is not in the store",
			       digest->text);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "open the blob '%s'", digest->text);
	if (ret_bytes)
		*ret_bytes = (uint64_t)st.st_size;
	*ret_fd = take_fd(&fd);
	return 0;
}

bool store_has_blob(const struct store *store, const struct digest *digest)
{
	char path[LAYOUT_PATH_BYTES];

	layout_blob_path(digest, path);
	return store->root_fd >= 0 && faccessat(store->root_fd, path, F_OK, 0) == 0;
}

int store_read_blob(const struct store *store, const struct digest *digest, size_t max_bytes,
		    struct buf *ret, struct err *err)
{
	auto_close int fd = -1;
	int r = store_open_blob(store, digest, &fd, NULL, err);

	return r < 0 ? r : buf_read_fd(ret, fd, max_bytes, digest->text, err);
}

int store_open_partial(const struct store *store, const struct digest *digest, int *ret_fd,
		       struct err *err)
{
	char path[LAYOUT_PATH_BYTES];
	auto_close int dir_fd = -1;
	int fd, r = layout_open_dir(store, LAYOUT_PARTIAL, &dir_fd, err);

	if (r < 0)
		return r;
	layout_partial_path(digest, path);
	fd = openat(store->root_fd, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_sys(err, errno, "make '%s/%s'", store->root, path);
	*ret_fd = fd;
	return 0;
}

int store_place_partial(const struct store *store, const struct digest *digest, struct err *err)
{
	char from[LAYOUT_PATH_BYTES], dir[LAYOUT_PATH_BYTES];

	layout_partial_path(digest, from);
	layout_blob_dir(digest_algorithm(digest), dir);
	return layout_move(store, store->root_fd, from, dir, digest_hex(digest), err);
}

int store_keep_partial(const struct store *store, const struct digest *digest, int fd,
		       struct err *err)
{
	if (fdatasync(fd) < 0)
		return err_sys(err, errno, "sync the blob '%s'", digest->text);
	return store_place_partial(store, digest, err);
}

void store_drop_partial(const struct store *store, const struct digest *digest)
{
	char path[LAYOUT_PATH_BYTES];

	layout_partial_path(digest, path);
	(void)unlinkat(store->root_fd, path, 0);
}

int store_drop_blob(const struct store *store, const struct digest *digest, struct err *err)
{
	char path[LAYOUT_PATH_BYTES];

	layout_blob_path(digest, path);
	if (unlinkat(store->root_fd, path, 0) < 0 && errno != ENOENT)
		return err_sys(err, errno, "remove '%s/%s'", store->root, path);
	return 0;
}

int store_add_blob(const struct store *store, const struct digest *digest, const void *bytes,
		   size_t n, struct err *err)
{
	char dir[LAYOUT_PATH_BYTES];

	if (store_has_blob(store, digest))
		return 0;
	layout_blob_dir(digest_algorithm(digest), dir);
	return layout_put_file(store, dir, digest_hex(digest), bytes, n, err);
}

/* ------------------------------------------------------------------------------- in a stage */

#define STAGED "blob"

int store_stage_blob(const struct store_stage *stage, int *ret_fd, struct err *err)
{
	int fd = openat(stage->dir_fd, STAGED,
			O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_sys(err, errno, "make '%s/%s/%s'", LAYOUT_STAGING, stage->name, STAGED);
	*ret_fd = fd;
	return 0;
}

int store_keep_blob(const struct store *store, const struct store_stage *stage, int fd,
		    const struct digest *digest, struct err *err)
{
	char dir[LAYOUT_PATH_BYTES];

	layout_blob_dir(digest_algorithm(digest), dir);
	if (fdatasync(fd) < 0)
		return err_sys(err, errno, "sync '%s/%s/%s'", LAYOUT_STAGING, stage->name, STAGED);
	return layout_move(store, stage->dir_fd, STAGED, dir, digest_hex(digest), err);
}
