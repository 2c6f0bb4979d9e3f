/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacked layers, by their diffID. One is made in staging/, in a directory that its maker holds a
 * lock on: a directory there that nobody holds is what somebody left who was killed, and whoever
 * makes the next one takes it away.
 */
#include "base/cleanup.h"
#include "oci/schema.h"
#include "store/layout.h"
#include "sys/rmtree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define MAX_FACTS_BYTES ((size_t)64 << 10)

#define ROW(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct store_layer, member), __VA_ARGS__ }

static const struct schema_field layer_fields[] = {
	ROW(diff_id_text, "diffID", STRING, .flags = SCHEMA_REQUIRED),
	ROW(tar_bytes, "tarBytes", U64),
	ROW(file_bytes, "fileBytes", U64),
	ROW(entries, "entries", U64),
	ROW(max_id, "maxID", U32),
	ROW(max_id_path, "maxIDPath", STRING),
};
static const struct schema layer_schema = SCHEMA(struct store_layer, layer_fields);

/* ------------------------------------------------------------------------------- finding */

bool store_has_layer(const struct store *store, const struct digest *diff_id)
{
	char path[LAYOUT_PATH_BYTES];

	layout_layer_path(diff_id, path);
	return store->root_fd >= 0 && faccessat(store->root_fd, path, F_OK, 0) == 0;
}

static int read_facts(int dir_fd, struct arena *arena, struct store_layer **ret, struct err *err)
{
	auto_close int fd =
		openat(dir_fd, LAYOUT_LAYER_FACTS, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	auto_buf struct buf text = {};
	void *object = NULL;
	int r;

	if (fd < 0)
		return err_sys(err, errno, "open '%s'", LAYOUT_LAYER_FACTS);
	r = buf_read_fd(&text, fd, MAX_FACTS_BYTES, LAYOUT_LAYER_FACTS, err);
	if (r == 0)
		r = schema_parse(&layer_schema, buf_str(&text), text.len, arena, &object, err);
	if (r == 0)
		*ret = object;
	return r;
}

static int open_files(int dir_fd, int *ret_fd, struct err *err)
{
	int fd = openat(dir_fd, LAYOUT_LAYER_FILES, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "open '%s'", LAYOUT_LAYER_FILES);
	*ret_fd = fd;
	return 0;
}

int store_open_layer(const struct store *store, const struct digest *diff_id, struct arena *arena,
		     int *ret_fs_fd, struct store_layer **ret_layer, struct err *err)
{
	char path[LAYOUT_PATH_BYTES];
	auto_close int dir_fd = -1;
	int r;

	layout_layer_path(diff_id, path);
	r = layout_find_dir(store, path, &dir_fd, err);
	if (r == -ENOENT)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "the layer '%s' is not in the store",
			       diff_id->text);
	if (r == 0 && ret_layer)
		r = read_facts(dir_fd, arena, ret_layer, err);
	if (r == 0 && ret_fs_fd)
		r = open_files(dir_fd, ret_fs_fd, err);
	return r < 0 ? err_wrap(err, "layer '%s'", diff_id->text) : 0;
}

/* ------------------------------------------------------------------------------- making */

/* What is in staging/ and of nobody who lives. A file there is somebody's for a moment only, and a
 * rename is all that it waits for; one that stays is taken away with the store's next check. */
static void sweep(int staging_fd)
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
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (one_fd >= 0 && flock(one_fd, LOCK_EX | LOCK_NB) == 0)
			(void)rmtree(staging_fd, entry->d_name);
	}
	(void)closedir(stream);
}

/* 0, or -EAGAIN: somebody swept it away between its making and its locking. */
static int make_stage(int staging_fd, struct store_stage *stage)
{
	struct stat st;

	layout_stage_name(stage->name);
	if (mkdirat(staging_fd, stage->name, 0700) < 0)
		return -errno;
	stage->dir_fd = openat(staging_fd, stage->name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (stage->dir_fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	if (flock(stage->dir_fd, LOCK_EX) < 0 || fstat(stage->dir_fd, &st) < 0)
		return -errno;
	if (st.st_nlink == 0)
		return -EAGAIN;
	if (mkdirat(stage->dir_fd, LAYOUT_LAYER_FILES, 0755) < 0)
		return -errno;
	stage->fs_fd = openat(stage->dir_fd, LAYOUT_LAYER_FILES,
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return stage->fs_fd < 0 ? -errno : 0;
}

int store_stage_layer(const struct store *store, struct store_stage *stage, struct err *err)
{
	auto_close int staging_fd = -1;
	int r = layout_open_dir(store, LAYOUT_STAGING, &staging_fd, err);

	*stage = (struct store_stage)STORE_STAGE_NONE;
	if (r < 0)
		return r;
	sweep(staging_fd);
	while ((r = make_stage(staging_fd, stage)) == -EAGAIN)
		closep(&stage->dir_fd);
	if (r < 0) {
		r = err_sys(err, -r, "make a directory in '%s/%s'", store->root, LAYOUT_STAGING);
		store_drop_stage(store, stage);
	}
	return r;
}

static int write_facts(const struct store_stage *stage, const struct store_layer *layer,
		       struct err *err)
{
	auto_close int fd = openat(stage->dir_fd, LAYOUT_LAYER_FACTS,
				   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	auto_buf struct buf text = {};

	if (fd < 0)
		return err_sys(err, errno, "make '%s'", LAYOUT_LAYER_FACTS);
	schema_format(&layer_schema, layer, &text);
	return buf_write_fd(&text, fd, LAYOUT_LAYER_FACTS, err);
}

int store_keep_layer(const struct store *store, struct store_stage *stage,
		     const struct digest *diff_id, const struct store_layer *layer,
		     struct err *err)
{
	char dir[LAYOUT_PATH_BYTES];
	auto_close int staging_fd = -1;
	int r = write_facts(stage, layer, err);

	if (r == 0 && syncfs(stage->dir_fd) < 0)
		r = err_sys(err, errno, "sync the layer '%s'", diff_id->text);
	if (r == 0)
		r = layout_open_dir(store, LAYOUT_STAGING, &staging_fd, err);
	if (r < 0)
		return r;
	layout_layer_dir(digest_algorithm(diff_id), dir);
	r = layout_move(store, staging_fd, stage->name, dir, digest_hex(diff_id), err);
	if (r == 0)
		stage->name[0] = '\0';
	return r == -EEXIST ? 0 : r;
}

void store_drop_stage(const struct store *store, struct store_stage *stage)
{
	auto_close int staging_fd = -1;
	struct err ignored;

	if (stage->name[0] && layout_find_dir(store, LAYOUT_STAGING, &staging_fd, &ignored) == 0)
		(void)rmtree(staging_fd, stage->name);
	closep(&stage->fs_fd);
	closep(&stage->dir_fd);
	*stage = (struct store_stage)STORE_STAGE_NONE;
}
