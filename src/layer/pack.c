/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over a tree: each directory in the order of its names, itself before what is in it. What
 * overlayfs says by devices and attributes becomes the names that image-spec has for it. The first
 * name of a file with several bears its contents, the others link to that one.
 */
#include "layer/pack.h"

#include "image/hash.h"
#include "layer/tree_xattrs.h"
#include "layer/unpack.h"
#include "layer/whiteout.h"
#include "sys/first_names.h"
#include "sys/overlayfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#define SIGN_BYTES 16 /* "/.wh..wh..opq" */

struct pack {
	const struct layer_pack *request;
	struct tar_writer writer;
	struct hash *hash;
	struct layer_packed facts;
	struct buf path;     /* of where we are, "" for the root */
	bool is_named;       /* whiteouts are said by names, as in an archive */
	struct first_names names;
};

/* What is to become an entry. */
struct item {
	int dir_fd;
	const char *name;
	unsigned depth;
	struct stat st;
	struct tree_xattrs xattrs;
};

static int write_out(void *context, const void *bytes, size_t n, struct err *err)
{
	struct pack *pack = context;
	const struct tar_output *output = &pack->request->output;

	hash_add(pack->hash, bytes, n);
	pack->facts.tar_bytes += n;
	return output->write(output->context, bytes, n, err);
}

/* ------------------------------------------------------------------------------- entries */

static struct timespec time_of(const struct pack *pack, const struct stat *st)
{
	int64_t max = pack->request->max_mtime;

	if (max >= 0 && st->st_mtim.tv_sec >= max)
		return (struct timespec){ .tv_sec = max };
	return st->st_mtim;
}

static struct tar_entry entry_of(const struct pack *pack, const struct item *item,
				 enum tar_kind kind)
{
	return (struct tar_entry){
		.kind = kind,
		.path = pack->path.data,
		.mode = item->st.st_mode & 07777,
		.uid = item->st.st_uid,
		.gid = item->st.st_gid,
		.mtime = time_of(pack, &item->st),
		.xattrs = item->xattrs.list,
		.n_xattrs = item->xattrs.n,
	};
}

static int put_entry(struct pack *pack, const struct tar_entry *entry, struct err *err)
{
	pack->facts.entries++;
	return tar_put(&pack->writer, entry, err);
}

/* An empty file, of nobody and no time: what it was made from is overlayfs's business. */
static int put_sign(struct pack *pack, const char *path, struct err *err)
{
	const struct tar_entry entry = { .kind = TAR_FILE, .path = path };

	return put_entry(pack, &entry, err);
}

static int put_whiteout(struct pack *pack, const struct item *item, struct err *err)
{
	auto_buf struct buf path = {};

	buf_add(&path, pack->path.data, pack->path.len - strlen(item->name));
	buf_printf(&path, ".wh.%s", item->name);
	return put_sign(pack, path.data, err);
}

static int put_opaque(struct pack *pack, struct err *err)
{
	auto_buf struct buf path = {};

	buf_printf(&path, "%s/.wh..wh..opq", pack->path.data);
	return put_sign(pack, path.data, err);
}

static int put_hardlink(struct pack *pack, const struct item *item, const char *target,
			struct err *err)
{
	struct tar_entry entry = entry_of(pack, item, TAR_HARDLINK);

	entry.target = target;
	entry.n_xattrs = 0;
	return put_entry(pack, &entry, err);
}

/* ------------------------------------------------------------------------------- contents */

/* A file, and the one that was looked at? It may be exchanged for a fifo meanwhile. */
static int open_file(const struct item *item, struct err *err)
{
	auto_close int fd = openat(item->dir_fd, item->name,
				   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "open");
	if (!S_ISREG(st.st_mode) || st.st_ino != item->st.st_ino || st.st_dev != item->st.st_dev)
		return err_set(err, ERR_CONFLICT, EAGAIN, "it was exchanged while it was read");
	return take_fd(&fd);
}

static int put_file(struct pack *pack, const struct item *item, struct err *err)
{
	struct tar_entry entry = entry_of(pack, item, TAR_FILE);
	auto_close int fd = open_file(item, err);
	int r;

	if (fd < 0)
		return fd;
	entry.bytes = (uint64_t)item->st.st_size;
	pack->facts.file_bytes += entry.bytes;
	r = put_entry(pack, &entry, err);
	return r < 0 ? r : tar_put_from(&pack->writer, fd, entry.bytes, err);
}

static int put_symlink(struct pack *pack, const struct item *item, struct err *err)
{
	struct tar_entry entry = entry_of(pack, item, TAR_SYMLINK);
	char target[PATH_MAX];
	ssize_t len = readlinkat(item->dir_fd, item->name, target, sizeof(target) - 1);

	if (len < 0)
		return err_sys(err, errno, "read the link");
	target[len] = '\0';
	entry.target = target;
	return put_entry(pack, &entry, err);
}

static int put_node(struct pack *pack, const struct item *item, enum tar_kind kind,
		    struct err *err)
{
	struct tar_entry entry = entry_of(pack, item, kind);

	entry.rdev = kind == TAR_FIFO ? 0 : item->st.st_rdev;
	return put_entry(pack, &entry, err);
}

/* ------------------------------------------------------------------------------- the walk */

static int pack_dir(struct pack *pack, int dir_fd, unsigned depth, struct err *err);

static int put_dir(struct pack *pack, const struct item *item, struct err *err)
{
	const struct tar_entry entry = entry_of(pack, item, TAR_DIR);
	int fd, r = put_entry(pack, &entry, err);

	if (r == 0 && item->xattrs.is_opaque)
		r = put_opaque(pack, err);
	if (r < 0)
		return r;
	fd = openat(item->dir_fd, item->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? err_sys(err, errno, "open") : pack_dir(pack, fd, item->depth, err);
}

static int put_by_type(struct pack *pack, const struct item *item, struct err *err)
{
	switch (item->st.st_mode & S_IFMT) {
	case S_IFREG:
		return put_file(pack, item, err);
	case S_IFDIR:
		return put_dir(pack, item, err);
	case S_IFLNK:
		return put_symlink(pack, item, err);
	case S_IFCHR:
		return put_node(pack, item, TAR_CHAR, err);
	case S_IFBLK:
		return put_node(pack, item, TAR_BLOCK_DEVICE, err);
	case S_IFIFO:
		return put_node(pack, item, TAR_FIFO, err);
	default:
		pack->facts.left_out++;
		return 0;
	}
}

static int pack_item(struct pack *pack, struct item *item, struct err *err)
{
	auto_arena struct arena arena = {};
	const char *hidden, *first = NULL;
	int r;

	if (fstatat(item->dir_fd, item->name, &item->st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "look at it");
	if (overlayfs_is_whiteout(&item->st))
		return put_whiteout(pack, item, err);
	if (pack->is_named && overlayfs_hidden(item->name))
		return put_sign(pack, pack->path.data, err);
	if (whiteout_parse(item->name, &hidden) != WHITEOUT_NONE)
		return err_set(err, ERR_USAGE, EINVAL,
			       "a name like this says in a layer that something is removed");
	r = tree_xattrs_read(item->dir_fd, item->name, &arena, &item->xattrs, err);
	if (r < 0)
		return r;
	if (item->st.st_nlink > 1 && !S_ISDIR(item->st.st_mode))
		first = first_names_find(&pack->names, &item->st, pack->path.data);
	return first ? put_hardlink(pack, item, first, err) : put_by_type(pack, item, err);
}

/* Of picks, not all that lies there, and some that does not. */
static int pack_one(struct pack *pack, struct item *item, struct err *err)
{
	const struct layer_picks *picks = pack->request->picks;
	const struct layer_pick *pick = picks ? layer_picks_find(picks, pack->path.data) : NULL;

	if (picks && !pick)
		return 0;
	return pick && pick->is_gone ? put_whiteout(pack, item, err) : pack_item(pack, item, err);
}

/* After an error the path stays where that was. */
static int pack_name(struct pack *pack, struct item *item, struct err *err)
{
	size_t len = pack->path.len;
	int r;

	buf_printf(&pack->path, "%s%s", len ? "/" : "", item->name);
	if (pack->path.len >= PATH_MAX - SIGN_BYTES)
		return err_set(err, ERR_USAGE, ENAMETOOLONG, "the path is too long for a layer");
	if (item->depth > layer_limits_default.max_depth)
		return err_set(err, ERR_USAGE, ELOOP, "nested more than %u deep",
			       layer_limits_default.max_depth);
	r = pack_one(pack, item, err);
	if (r < 0)
		return r;
	pack->path.len = len;
	pack->path.data[len] = '\0';
	return 0;
}

struct names {
	const char **list;
	size_t n;
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_gone(const struct pack *pack, struct buf *list)
{
	const struct layer_picks *picks = pack->request->picks;
	const char *name;
	size_t at = 0;

	while (picks && (name = layer_picks_next_gone(picks, buf_str(&pack->path), &at)))
		buf_add(list, &name, sizeof(name));
}

static int read_names(const struct pack *pack, DIR *dir, struct arena *arena, struct names *ret,
		      struct err *err)
{
	auto_buf struct buf list = {};
	struct dirent *entry;

	while ((errno = 0, entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		name = arena_strdup(arena, name);
		buf_add(&list, &name, sizeof(name));
	}
	if (errno)
		return err_sys(err, errno, "list");
	add_gone(pack, &list);
	ret->n = list.len / sizeof(*ret->list);
	ret->list = arena_array(arena, const char *, ret->n + 1);
	memcpy(ret->list, buf_str(&list), list.len);
	qsort(ret->list, ret->n, sizeof(*ret->list), compare);
	return 0;
}

/* Takes the descriptor. */
static int pack_dir(struct pack *pack, int dir_fd, unsigned depth, struct err *err)
{
	auto_arena struct arena arena = {};
	struct names names = {};
	DIR *dir = fdopendir(dir_fd);
	int r;

	if (!dir) {
		(void)close(dir_fd);
		return err_sys(err, errno, "list");
	}
	r = read_names(pack, dir, &arena, &names, err);
	for (size_t i = 0; i < names.n && r == 0; i++) {
		struct item item = { .dir_fd = dir_fd, .name = names.list[i], .depth = depth + 1 };

		r = pack_name(pack, &item, err);
	}
	(void)closedir(dir);
	return r;
}

/* Attributes are read from inside of directories; whoever calls us wants to stay where it is. */
static int pack_root(struct pack *pack, struct err *err)
{
	auto_close int cwd_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(pack->request->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd < 0)
		return err_sys(err, errno, "open");
	r = pack_dir(pack, fd, 0, err);
	if (r == 0)
		r = tar_put_end(&pack->writer, err);
	if (cwd_fd >= 0)
		(void)!fchdir(cwd_fd);
	return r < 0 ? err_wrap(err, "pack '/%.200s'", buf_str(&pack->path)) : 0;
}

int layer_pack(const struct layer_pack *request, struct layer_packed *ret, struct err *err)
{
	auto_hash struct hash *hash = hash_new(DIGEST_SHA256);
	auto_arena struct arena arena = {};
	struct pack *pack = arena_new(&arena, struct pack);
	const struct tar_output output = { write_out, pack };
	int r;

	pack->request = request;
	pack->hash = hash;
	pack->is_named = overlayfs_is_named(request->root_fd);
	tar_writer_init(&pack->writer, &output);
	r = pack_root(pack, err);
	if (r == 0) {
		hash_digest(hash, &pack->facts.diff_id);
		*ret = pack->facts;
	}
	tar_writer_done(&pack->writer);
	buf_done(&pack->path);
	first_names_done(&pack->names);
	return r;
}
