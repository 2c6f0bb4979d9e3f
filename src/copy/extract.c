/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry's parents are resolved below the directory, as a process inside would see them, for each
 * entry but those that go where the last one went. What a directory is to have it gets at the end,
 * by the descriptor of what was made, found again below the directory and compared.
 */
#include "copy/extract.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "layer/entry_path.h"
#include "layer/inflate.h"
#include "layer/tar_read.h"
#include "layer/unpack.h"
#include "sys/resolve.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define PIECE_BYTES ((size_t)128 << 10)

/* A directory that was made, and what it is to have. */
struct made_dir {
	const char *path;
	struct copy_item item;
	dev_t dev;
	ino_t ino;
	struct made_dir *next; /* the one made before */
};

struct extract {
	const struct copy_extract *request;
	struct copy_seen *seen;
	struct inflate inflate;
	struct tar_reader reader;
	int parent_fd; /* of the last entry: */
	struct buf parent;
	struct made_dir *made;
	struct arena arena;
	char piece[PIECE_BYTES];
};

/* An entry on its way. */
struct job {
	struct extract *x;
	const struct tar_entry *entry;
	struct entry_path path;
	struct copy_item item;
	struct plant plant;
};

static ssize_t next_piece(void *context, const void **ret_bytes, struct err *err)
{
	struct extract *x = context;

	*ret_bytes = x->piece;
	return inflate_read(&x->inflate, x->piece, sizeof(x->piece), err);
}

/* ------------------------------------------------------------------------------- parents */

static int open_parent(const struct extract *x, const char *path)
{
	int root_fd = x->request->dir_fd;
	int fd = resolve_open(root_fd, *path ? path : "/", O_PATH | O_DIRECTORY);

	return fd == -ENOENT ? resolve_ensure_dir(root_fd, path) : fd;
}

static int enter_parent(struct extract *x, const char *path, struct err *err)
{
	if (x->parent_fd >= 0 && strcmp(buf_str(&x->parent), path) == 0)
		return 0;
	closep(&x->parent_fd);
	x->parent_fd = open_parent(x, path);
	if (x->parent_fd < 0)
		return err_sys(err, -x->parent_fd, "open its directory '%s'", path);
	x->parent.len = 0;
	buf_puts(&x->parent, path);
	return 0;
}

/* ------------------------------------------------------------------------------- by kind */

static int write_contents(struct job *job, int fd, struct err *err)
{
	struct tar_piece piece;
	int r;

	while ((r = tar_data(&job->x->reader, &piece, err)) > 0) {
		r = io_write_at(fd, piece.bytes, piece.n, (off_t)piece.at);
		if (r < 0)
			return err_sys(err, -r, "write");
	}
	if (r == 0 && ftruncate(fd, (off_t)job->entry->bytes) < 0)
		r = err_sys(err, errno, "make it %llu bytes long",
			    (unsigned long long)job->entry->bytes);
	return r;
}

static int make_file(struct job *job, struct err *err)
{
	auto_close int fd = -1;
	int r = plant_file(&job->plant, &fd, err);

	if (r == 0)
		r = write_contents(job, fd, err);
	return r < 0 ? r : copy_owner_apply(&job->x->request->owner, &job->item, fd, err);
}

static int make_symlink(struct job *job, struct err *err)
{
	int r = plant_link(&job->plant, job->entry->target, err);

	return r < 0 ? r : copy_owner_apply_name(&job->x->request->owner, &job->item, &job->plant,
						 err);
}

static int make_fifo(struct job *job, struct err *err)
{
	int r = plant_fifo(&job->plant, job->entry->mode & 0777, err);

	return r < 0 ? r : copy_owner_apply_name(&job->x->request->owner, &job->item, &job->plant,
						 err);
}

static int make_hardlink(struct job *job, struct err *err)
{
	struct entry_path target;
	auto_close int dir_fd = -1;
	int r = entry_path_parse(job->entry->target, layer_limits_default.max_depth, &target, err);

	if (r < 0)
		return r;
	dir_fd = resolve_open(job->x->request->dir_fd, *target.parent ? target.parent : "/",
			      O_PATH | O_DIRECTORY);
	if (dir_fd < 0)
		return err_sys(err, -dir_fd, "hard link to '%s'", job->entry->target);
	return plant_hardlink(&job->plant, dir_fd, target.name, err);
}

/* Keep what it is to have until the end. */
static int keep_dir(struct job *job, int fd, struct err *err)
{
	struct arena *arena = &job->x->arena;
	struct made_dir *made = arena_new(arena, struct made_dir);
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(err, errno, "look at it");
	*made = (struct made_dir){
		.path = arena_printf(arena, "%s/%s", job->path.parent, job->path.name),
		.item = { .st = job->item.st, .fd = -1 },
		.dev = st.st_dev, .ino = st.st_ino, .next = job->x->made,
	};
	job->x->made = made;
	return 0;
}

static int make_dir(struct job *job, struct err *err)
{
	auto_close int fd = -1;
	bool is_new;
	int r = plant_dir(&job->plant, &is_new, &fd, err);

	return r < 0 || !is_new ? r : keep_dir(job, fd, err);
}

static int leave_out(struct job *job, struct err *err)
{
	struct copy_seen *seen = job->x->seen;

	(void)err;
	if (!seen->left_out++)
		(void)snprintf(seen->left_out_path, sizeof(seen->left_out_path), "%s",
			       job->entry->path);
	return 0;
}

static int (*const makers[])(struct job *job, struct err *err) = {
	[TAR_FILE] = make_file,
	[TAR_DIR] = make_dir,
	[TAR_SYMLINK] = make_symlink,
	[TAR_HARDLINK] = make_hardlink,
	[TAR_CHAR] = leave_out,
	[TAR_BLOCK_DEVICE] = leave_out,
	[TAR_FIFO] = make_fifo,
};

/* ------------------------------------------------------------------------------- all */

static void describe(struct job *job)
{
	const struct tar_entry *entry = job->entry;

	job->plant = (struct plant){ job->x->parent_fd, job->path.name,
				     job->x->request->overwrite };
	job->item = (struct copy_item){
		.fd = -1, .target = entry->target,
		.xattrs = entry->xattrs, .n_xattrs = entry->n_xattrs,
	};
	job->item.st.st_mode = entry->mode;
	job->item.st.st_uid = entry->uid;
	job->item.st.st_gid = entry->gid;
	job->item.st.st_mtim = entry->mtime;
}

/* The root is there already, and stays what it is. */
static int make_entry(struct extract *x, const struct tar_entry *entry, struct err *err)
{
	struct job job = { .x = x, .entry = entry };
	int r = entry_path_parse(entry->path, layer_limits_default.max_depth, &job.path, err);

	if (r != 0 || !*job.path.name)
		return r < 0 ? r : 0;
	r = enter_parent(x, job.path.parent, err);
	if (r == 0) {
		describe(&job);
		r = makers[entry->kind](&job, err);
	}
	return r < 0 ? err_wrap(err, "entry '%s'", entry->path) : 0;
}

/* One that is not where it was made is left to whoever moved it. */
static int finish_dir(const struct extract *x, const struct made_dir *made, struct err *err)
{
	auto_close int fd = resolve_open(x->request->dir_fd, made->path, O_RDONLY | O_DIRECTORY);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0 || st.st_dev != made->dev || st.st_ino != made->ino)
		return 0;
	r = copy_owner_apply(&x->request->owner, &made->item, fd, err);
	return r < 0 ? err_wrap(err, "entry '%s'", made->path) : 0;
}

static int extract_all(struct extract *x, struct err *err)
{
	const struct tar_input input = { next_piece, x };
	struct tar_entry entry;
	int r;

	tar_init(&x->reader, &input);
	while ((r = tar_next(&x->reader, &entry, err)) > 0) {
		r = make_entry(x, &entry, err);
		if (r < 0)
			break;
	}
	if (r == 0)
		r = tar_drain(&x->reader, err);
	for (struct made_dir *made = x->made; made && r == 0; made = made->next)
		r = finish_dir(x, made, err);
	tar_done(&x->reader);
	return r;
}

int copy_extract_here(const struct copy_extract *request, struct copy_seen *ret,
		      struct err *err)
{
	const struct layer_source source = { request->file_fd, -1 };
	auto_arena struct arena arena = {};
	struct extract *x = arena_new(&arena, struct extract);
	int r;

	*ret = (struct copy_seen){};
	x->request = request;
	x->seen = ret;
	x->parent_fd = -1;
	inflate_init(&x->inflate, &source, -1);
	r = extract_all(x, err);
	inflate_done(&x->inflate);
	closep(&x->parent_fd);
	buf_done(&x->parent);
	arena_done(&x->arena);
	return r;
}
