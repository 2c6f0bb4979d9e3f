/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things lie below the store's root. Names are made from digests, whose grammar was checked,
 * and from references, in which '/' becomes '+', a character that no reference has.
 */
#include "store/layout.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "sys/makedirs.h"
#include "sys/resolve.h"
#include "sys/rmtree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* image-layout.md, "oci-layout file" */
#define MARKER      "oci-layout"
#define MARKER_TEXT "{\"imageLayoutVersion\":\"1.0.0\"}"

/* ------------------------------------------------------------------------------- names */

static void format_path(char out[LAYOUT_PATH_BYTES], const char *dir,
			enum digest_algorithm algorithm, const char *hex)
{
	(void)snprintf(out, LAYOUT_PATH_BYTES, "%s/%s%s%s", dir, digest_algorithm_name(algorithm),
		       hex ? "/" : "", hex ? hex : "");
}

void layout_blob_dir(enum digest_algorithm algorithm, char out[LAYOUT_PATH_BYTES])
{
	format_path(out, LAYOUT_IMAGES "/blobs", algorithm, NULL);
}

void layout_blob_path(const struct digest *digest, char out[LAYOUT_PATH_BYTES])
{
	format_path(out, LAYOUT_IMAGES "/blobs", digest_algorithm(digest), digest_hex(digest));
}

void layout_layer_dir(enum digest_algorithm algorithm, char out[LAYOUT_PATH_BYTES])
{
	format_path(out, LAYOUT_LAYERS, algorithm, NULL);
}

void layout_layer_path(const struct digest *digest, char out[LAYOUT_PATH_BYTES])
{
	format_path(out, LAYOUT_LAYERS, digest_algorithm(digest), digest_hex(digest));
}

void layout_partial_path(const struct digest *digest, char out[LAYOUT_PATH_BYTES])
{
	(void)snprintf(out, LAYOUT_PATH_BYTES, LAYOUT_PARTIAL "/%s-%s",
		       digest_algorithm_name(digest_algorithm(digest)), digest_hex(digest));
}

int layout_reference_name(const char *reference, char out[NAME_MAX + 1], struct err *err)
{
	if (strlen(reference) > LAYOUT_REFERENCE_MAX)
		return err_set(err, ERR_USAGE, ENAMETOOLONG,
			       "the image name '%.64s...' is too long: %d characters are the most",
			       reference, LAYOUT_REFERENCE_MAX);
	(void)snprintf(out, NAME_MAX + 1, "%s", reference);
	for (char *c = out; *c; c++)
		if (*c == '/')
			*c = '+';
	return 0;
}

/* ------------------------------------------------------------------------------- the store */

void store_done(struct store *store)
{
	closep(&store->root_fd);
	store->root_fd = -1;
}

/* Who has no marker may be no image layout; one that is there is left as it is. */
static int ensure_marker(const struct store *store, struct err *err)
{
	if (faccessat(store->root_fd, LAYOUT_IMAGES "/" MARKER, F_OK, 0) == 0)
		return 0;
	return layout_put_file(store, LAYOUT_IMAGES, MARKER, MARKER_TEXT,
			       sizeof(MARKER_TEXT) - 1, err);
}

int store_open(const char *root, bool make, struct store *store, struct err *err)
{
	int r;

	*store = (struct store)STORE_NONE;
	store->root = root;
	store->root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (store->root_fd < 0 && errno == ENOENT && !make)
		return 0;
	if (store->root_fd < 0 && errno == ENOENT) {
		r = makedirs(root);
		if (r < 0)
			return err_sys(err, -r, "make the store '%s'", root);
		store->root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	if (store->root_fd < 0)
		return err_sys(err, errno, "open the store '%s'", root);
	return make ? ensure_marker(store, err) : 0;
}

int store_sync(int fd, struct err *err)
{
	return syncfs(fd) < 0 ? err_sys(err, errno, "write the store to the disk") : 0;
}

/* ------------------------------------------------------------------------------- directories */

int layout_find_dir(const struct store *store, const char *path, int *ret_fd, struct err *err)
{
	int fd;

	if (store->root_fd < 0)
		return -ENOENT;
	fd = openat(store->root_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return err_sys(err, errno, "open '%s/%s'", store->root, path);
	*ret_fd = fd;
	return 0;
}

int layout_open_dir(const struct store *store, const char *path, int *ret_fd, struct err *err)
{
	auto_close int made_fd = -1;
	int r = layout_find_dir(store, path, ret_fd, err);

	if (r != -ENOENT)
		return r;
	made_fd = resolve_ensure_plain_dir(store->root_fd, path);
	if (made_fd < 0)
		return err_sys(err, -made_fd, "make '%s/%s'", store->root, path);
	r = layout_find_dir(store, path, ret_fd, err);
	return r == -ENOENT ? err_sys(err, ENOENT, "open '%s/%s'", store->root, path) : r;
}

/* ------------------------------------------------------------------------------- staging */

void layout_stage_name(char out[LAYOUT_STAGE_BYTES])
{
	uint64_t number = 0;

	(void)!getrandom(&number, sizeof(number), 0);
	(void)snprintf(out, LAYOUT_STAGE_BYTES, "%016llx", (unsigned long long)number);
}

void layout_sweep(int staging_fd)
{
	int fd = openat(staging_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!stream) {
		closep(&fd);
		return;
	}
	while ((entry = readdir(stream))) {
		auto_close int one_fd = -1;

		if (entry->d_name[0] == '.')
			continue;
		one_fd = openat(staging_fd, entry->d_name,
				O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
		if (one_fd >= 0 && flock(one_fd, LOCK_EX | LOCK_NB) == 0)
			(void)rmtree(staging_fd, entry->d_name);
	}
	(void)closedir(stream);
}

/* ------------------------------------------------------------------------------- files */

/* 0, or -EAGAIN: somebody swept it away between its making and its locking. */
static int make_file(int staging_fd, char name[LAYOUT_STAGE_BYTES], int *ret_fd)
{
	auto_close int fd = -1;
	struct stat st;

	layout_stage_name(name);
	fd = openat(staging_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_nlink == 0)
		return -EAGAIN;
	*ret_fd = take_fd(&fd);
	return 0;
}

static int write_synced(int fd, const void *bytes, size_t n)
{
	int r = io_write(fd, bytes, n);

	return r == 0 && fdatasync(fd) < 0 ? -errno : r;
}

int layout_move(const struct store *store, int from_dir_fd, const char *from, const char *path,
		const char *name, struct err *err)
{
	auto_close int fd = -1;
	int r = layout_open_dir(store, path, &fd, err);

	if (r < 0)
		return r;
	if (renameat(from_dir_fd, from, fd, name) < 0) {
		if (errno == EEXIST || errno == ENOTEMPTY)
			return -EEXIST;
		return err_sys(err, errno, "make '%s/%s/%s'", store->root, path, name);
	}
	return fsync(fd) < 0 ? err_sys(err, errno, "sync '%s/%s'", store->root, path) : 0;
}

int layout_put_file(const struct store *store, const char *path, const char *name,
		    const void *bytes, size_t n, struct err *err)
{
	char stage[LAYOUT_STAGE_BYTES];
	auto_close int staging_fd = -1, fd = -1;
	int r = layout_open_dir(store, LAYOUT_STAGING, &staging_fd, err);

	if (r < 0)
		return r;
	layout_sweep(staging_fd);
	while ((r = make_file(staging_fd, stage, &fd)) == -EAGAIN)
		;
	if (r == 0)
		r = write_synced(fd, bytes, n);
	if (r < 0)
		r = err_sys(err, -r, "write '%s/%s/%s'", store->root, path, name);
	else
		r = layout_move(store, staging_fd, stage, path, name, err);
	if (r < 0)
		(void)unlinkat(staging_fd, stage, 0);
	return r;
}
