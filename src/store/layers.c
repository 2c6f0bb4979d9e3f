/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unpacked layers, by their diffID. One is made in staging/, in a directory that its maker holds a
 * lock on. As it becomes a layer it is walked through once, so that it can be told later whether it
 * still is what it was.
 */
#include "base/cleanup.h"
#include "oci/schema.h"
#include "store/layout.h"
#include "sys/rmtree.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define MAX_FACTS_BYTES ((size_t)64 << 10)
#define SUM_TEXT_BYTES  17

#define ROW(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct store_layer, member), __VA_ARGS__ }

static const struct schema_field layer_fields[] = {
	ROW(diff_id_text, "diffID", STRING, .flags = SCHEMA_REQUIRED),
	ROW(tar_bytes, "tarBytes", U64),
	ROW(file_bytes, "fileBytes", U64),
	ROW(entries, "entries", U64),
	ROW(max_id, "maxID", U32),
	ROW(max_id_path, "maxIDPath", STRING),
	ROW(names, "names", U64),
	ROW(named_bytes, "namedBytes", U64),
	ROW(sum_text, "sum", STRING),
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

static int refuse_missing(const struct digest *diff_id, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, ENOENT, "the layer '%s' is not in the store",
		       diff_id->text);
}

/* What a start of a container does for each layer: one call. */
static int open_files_alone(const struct store *store, const struct digest *diff_id,
			    const char *path, int *ret_fs_fd, struct err *err)
{
	char files[LAYOUT_PATH_BYTES + sizeof(LAYOUT_LAYER_FILES)];

	(void)snprintf(files, sizeof(files), "%s/" LAYOUT_LAYER_FILES, path);
	*ret_fs_fd = openat(store->root_fd, files, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*ret_fs_fd >= 0)
		return 0;
	return errno == ENOENT || store->root_fd < 0
		       ? refuse_missing(diff_id, err)
		       : err_sys(err, errno, "open '%s/%s'", store->root, files);
}

char *store_layer_path(const char *root, const struct digest *diff_id, struct arena *arena)
{
	char path[LAYOUT_PATH_BYTES];

	layout_layer_path(diff_id, path);
	return arena_printf(arena, "%s/%s/" LAYOUT_LAYER_FILES, root, path);
}

int store_open_layer(const struct store *store, const struct digest *diff_id, struct arena *arena,
		     int *ret_fs_fd, struct store_layer **ret_layer, struct err *err)
{
	char path[LAYOUT_PATH_BYTES];
	auto_close int dir_fd = -1;
	int r;

	layout_layer_path(diff_id, path);
	if (ret_fs_fd && !ret_layer)
		return open_files_alone(store, diff_id, path, ret_fs_fd, err);
	r = layout_find_dir(store, path, &dir_fd, err);
	if (r == -ENOENT)
		return refuse_missing(diff_id, err);
	if (r == 0 && ret_layer)
		r = read_facts(dir_fd, arena, ret_layer, err);
	if (r == 0 && ret_fs_fd)
		r = open_files(dir_fd, ret_fs_fd, err);
	return r < 0 ? err_wrap(err, "layer '%s'", diff_id->text) : 0;
}

/* ------------------------------------------------------------------------------- proving */

static void format_sum(const struct measure *seen, char out[SUM_TEXT_BYTES])
{
	(void)snprintf(out, SUM_TEXT_BYTES, "%016" PRIx64, seen->sum);
}

static int refuse(struct err *err, const char *what, uint64_t is, uint64_t was)
{
	return err_set(err, ERR_USAGE, EBADMSG, "it has %" PRIu64 " %s, and had %" PRIu64, is, what,
		       was);
}

/* Numbers that people understand first. */
static int compare(const struct store_layer *layer, const struct measure *seen, struct err *err)
{
	char sum_text[SUM_TEXT_BYTES];

	if (!layer->sum_text)
		return 0;
	if (seen->names != layer->names)
		return refuse(err, "files and directories", seen->names, layer->names);
	if (seen->file_bytes != layer->named_bytes)
		return refuse(err, "bytes in its files", seen->file_bytes, layer->named_bytes);
	format_sum(seen, sum_text);
	if (strcmp(sum_text, layer->sum_text) != 0)
		return err_set(err, ERR_USAGE, EBADMSG,
			       "names, owners, modes or times in it are not what they were");
	return 0;
}

int store_prove_layer(const struct store *store, const struct digest *diff_id, struct err *err)
{
	auto_arena struct arena arena = {};
	struct store_layer *layer = NULL;
	auto_close int fs_fd = -1;
	struct measure seen;
	int r = store_open_layer(store, diff_id, &arena, &fs_fd, &layer, err);

	if (r < 0)
		return r;
	if (strcmp(layer->diff_id_text, diff_id->text) != 0)
		return err_set(err, ERR_USAGE, EBADMSG, "its '%s' is that of '%.80s'",
			       LAYOUT_LAYER_FACTS, layer->diff_id_text);
	r = measure_dir(fs_fd, &seen);
	return r < 0 ? err_sys(err, -r, "look through it") : compare(layer, &seen, err);
}

/* ------------------------------------------------------------------------------- removing */

int layout_hide_layer(const struct store *store, const struct digest *diff_id,
		      char ret[LAYOUT_STAGE_BYTES], struct err *err)
{
	char path[LAYOUT_PATH_BYTES];
	auto_close int staging_fd = -1;
	int r = layout_open_dir(store, LAYOUT_STAGING, &staging_fd, err);

	if (r < 0)
		return r;
	layout_layer_path(diff_id, path);
	layout_stage_name(ret);
	if (renameat(store->root_fd, path, staging_fd, ret) == 0)
		return 0;
	return errno == ENOENT ? 1 : err_sys(err, errno, "remove '%s/%s'", store->root, path);
}

int store_drop_layer(const struct store *store, const struct digest *diff_id, struct err *err)
{
	char hidden[LAYOUT_STAGE_BYTES];
	auto_close int staging_fd = -1;
	int r = layout_hide_layer(store, diff_id, hidden, err);

	if (r == 0)
		r = layout_open_dir(store, LAYOUT_STAGING, &staging_fd, err);
	if (r == 0)
		(void)rmtree(staging_fd, hidden);
	return r < 0 ? r : 0;
}

/* ------------------------------------------------------------------------------- making */

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
	layout_sweep(staging_fd);
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

/* What was seen can be compared later without an archive. */
int store_describe_layer(const struct store_stage *stage, const struct store_layer *layer,
			 const struct measure *seen, struct err *err)
{
	struct store_layer whole = *layer;
	char sum_text[SUM_TEXT_BYTES];

	whole.names = seen->names;
	whole.named_bytes = seen->file_bytes;
	format_sum(seen, sum_text);
	whole.sum_text = sum_text;
	return write_facts(stage, &whole, err);
}

int store_place_layer(const struct store *store, struct store_stage *stage,
		      const struct digest *diff_id, struct err *err)
{
	char dir[LAYOUT_PATH_BYTES];
	auto_close int staging_fd = -1;
	int r = layout_open_dir(store, LAYOUT_STAGING, &staging_fd, err);

	if (r < 0)
		return r;
	layout_layer_dir(digest_algorithm(diff_id), dir);
	r = layout_move(store, staging_fd, stage->name, dir, digest_hex(diff_id), err);
	if (r == 0)
		stage->name[0] = '\0';
	return r == -EEXIST ? 0 : r;
}

int store_keep_layer(const struct store *store, struct store_stage *stage,
		     const struct digest *diff_id, const struct store_layer *layer,
		     const struct measure *seen, struct err *err)
{
	int r = store_describe_layer(stage, layer, seen, err);

	if (r == 0)
		r = store_sync(stage->dir_fd, err);
	return r < 0 ? r : store_place_layer(store, stage, diff_id, err);
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
