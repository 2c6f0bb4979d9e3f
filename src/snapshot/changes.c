/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk over the upper directory. For each of its directories it is known which layers had one of
 * that path that could be seen: so whether something existed before takes one look for each of
 * these, and mostly the first has it. Where a directory was removed and made again, the layers are
 * listed too, for what of them is gone.
 */
#include "snapshot/changes.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "snapshot/drivers.h"
#include "sys/overlayfs.h"
#include "sys/resolve.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define UPPER     "upper"
#define MAX_DEPTH 256 /* of directories in each other, as of a layer */

struct walk {
	const struct changes_request *request;
	struct arena *arena; /* of paths */
	struct buf list;     /* of struct change */
	struct buf path;     /* of where we are, without a slash before it; "" for the root */
	bool is_named;       /* whiteouts are said by names: sys/overlayfs.h */
};

/* A directory of the walk. */
struct level {
	int dir_fd;
	unsigned depth;
	const bool *shows; /* which layers have it too, and showed through */
	bool hides;        /* they do no more: it was removed and made again, or one above it */
};

static void add(struct walk *walk, enum change_kind kind)
{
	const struct change change = {
		kind, arena_printf(walk->arena, "/%s", buf_str(&walk->path))
	};

	buf_add(&walk->list, &change, sizeof(change));
}

/* ------------------------------------------------------------------------------- lower layers */

/* What lower layers have where we are. */
struct below {
	bool exists;
	struct stat st; /* of the uppermost of them */
	bool *shows;    /* of a directory: the layers in which it goes on */
};

static bool is_hidden_by_name(int layer_fd, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	auto_buf struct buf named = {};
	auto_close int fd = -1;

	buf_printf(&named, "%.*s" OVERLAYFS_NAMED_WHITEOUT "%s", (int)(name - path), path, name);
	fd = resolve_open_plain(layer_fd, named.data, O_PATH | O_NOFOLLOW);
	return fd >= 0;
}

/* One layer's word: true when it was the last one. */
static bool ask_layer(const struct walk *walk, int layer_fd, struct below *below, bool *ret_shows)
{
	const char *path = buf_str(&walk->path);
	auto_close int fd = resolve_open_plain(layer_fd, path, O_PATH | O_NOFOLLOW);
	auto_close int dir_fd = -1;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return walk->is_named && is_hidden_by_name(layer_fd, path);
	if (overlayfs_is_whiteout(&st) || (below->exists && !S_ISDIR(st.st_mode)))
		return true;
	if (!below->exists)
		below->st = st;
	below->exists = true;
	*ret_shows = S_ISDIR(st.st_mode);
	if (!S_ISDIR(st.st_mode))
		return true;
	dir_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir_fd < 0 || overlayfs_is_opaque(dir_fd);
}

static struct below look_below(const struct walk *walk, const bool *shows, struct arena *arena)
{
	size_t n = walk->request->n_layers;
	struct below below = { .shows = arena_array(arena, bool, n + 1) };

	for (size_t i = n; i-- > 0;)
		if (shows[i] && ask_layer(walk, walk->request->layer_fds[i], &below,
					  &below.shows[i]))
			break;
	return below;
}

/* ------------------------------------------------------------------------------- names */

struct names {
	char **v;
	size_t n;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order, each once. */
static void sort_names(struct names *names)
{
	size_t n = 0;

	qsort(names->v, names->n, sizeof(*names->v), compare_names);
	for (size_t i = 0; i < names->n; i++)
		if (n == 0 || strcmp(names->v[n - 1], names->v[i]) != 0)
			names->v[n++] = names->v[i];
	names->n = n;
}

static bool has_name(const struct names *names, const char *name)
{
	return bsearch(&name, names->v, names->n, sizeof(*names->v), compare_names) != NULL;
}

/* Takes the descriptor; the names are added to `list`. */
static int list_names(int fd, struct arena *arena, struct buf *list, struct err *err)
{
	DIR *dir = fdopendir(fd);
	struct dirent *entry;
	int no;

	if (!dir) {
		(void)close(fd);
		return err_sys(err, errno, "list");
	}
	while ((errno = 0, entry = readdir(dir))) {
		char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		name = arena_strdup(arena, name);
		buf_add(list, &name, sizeof(name));
	}
	no = errno;
	(void)closedir(dir);
	return no ? err_sys(err, no, "list") : 0;
}

static struct names take_names(struct buf *list, struct arena *arena)
{
	struct names names = { .n = list->len / sizeof(char *) };

	names.v = arena_array(arena, char *, names.n + 1);
	memcpy(names.v, buf_str(list), list->len);
	sort_names(&names);
	return names;
}

/* ------------------------------------------------------------------------------- the walk */

static size_t push(struct walk *walk, const char *name)
{
	size_t len = walk->path.len;

	buf_printf(&walk->path, "%s%s", len ? "/" : "", name);
	return len;
}

static void pop(struct walk *walk, size_t len)
{
	walk->path.len = len;
	walk->path.data[len] = '\0';
}

/* What the layers have in the directory where we are. */
static int list_lower(const struct walk *walk, const bool *hidden, struct arena *arena,
		      struct names *ret, struct err *err)
{
	const char *path = walk->path.len ? walk->path.data : ".";
	auto_buf struct buf list = {};
	int r = 0;

	for (size_t i = 0; r == 0 && i < walk->request->n_layers; i++) {
		int fd = hidden[i] ? resolve_open_plain(walk->request->layer_fds[i], path,
							O_RDONLY | O_DIRECTORY)
				   : -1;

		if (fd >= 0)
			r = list_names(fd, arena, &list, err);
	}
	if (r == 0)
		*ret = take_names(&list, arena);
	return r;
}

/* A directory that was made again: what was there, and is not among its `names`, was removed. */
static int add_hidden(struct walk *walk, const struct names *names, const bool *hidden,
		      struct err *err)
{
	auto_arena struct arena arena = {};
	struct names lower = {};
	int r = list_lower(walk, hidden, &arena, &lower, err);

	for (size_t i = 0; i < lower.n; i++) {
		size_t len;

		if (walk->is_named && overlayfs_hidden(lower.v[i]))
			continue;
		len = push(walk, lower.v[i]);
		if (!has_name(names, lower.v[i]) && look_below(walk, hidden, &arena).exists)
			add(walk, CHANGE_DELETED);
		pop(walk, len);
	}
	return r;
}

/* What came here only since something in it was looked at for writing is no change, nor is the time
 * of a directory. */
static bool is_same(const struct stat *a, const struct stat *b)
{
	if (a->st_mode != b->st_mode || a->st_uid != b->st_uid || a->st_gid != b->st_gid)
		return false;
	return S_ISDIR(a->st_mode) ||
	       (a->st_size == b->st_size && a->st_rdev == b->st_rdev &&
		a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		a->st_mtim.tv_nsec == b->st_mtim.tv_nsec);
}

static int walk_dir(struct walk *walk, const struct level *level, struct err *err);

static int walk_below(struct walk *walk, const struct level *level, const char *name,
		      const struct below *below, struct err *err)
{
	auto_close int fd = openat(level->dir_fd, name,
				   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const struct level next = { fd, level->depth + 1, below->shows,
				    level->hides || (fd >= 0 && overlayfs_is_opaque(fd)) };

	if (fd < 0)
		return err_sys(err, errno, "open");
	if (next.depth > MAX_DEPTH)
		return err_set(err, ERR_USAGE, ELOOP, "nested more than %d deep", MAX_DEPTH);
	return walk_dir(walk, &next, err);
}

static int visit_hidden(struct walk *walk, const struct below *below)
{
	if (below->exists)
		add(walk, CHANGE_DELETED);
	return 0;
}

/* What the name of the entry hides. */
static int visit_named(struct walk *walk, const struct level *level)
{
	auto_arena struct arena arena = {};
	struct below below = look_below(walk, level->shows, &arena);

	return visit_hidden(walk, &below);
}

/* What is in the upper directory is there now, unless it is a whiteout. */
static int visit(struct walk *walk, const struct level *level, const char *name, struct err *err)
{
	auto_arena struct arena arena = {};
	size_t told = walk->list.len;
	struct below below;
	struct stat st;
	int r;

	if (fstatat(level->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "look at it");
	below = look_below(walk, level->shows, &arena);
	if (overlayfs_is_whiteout(&st))
		return visit_hidden(walk, &below);
	r = S_ISDIR(st.st_mode) ? walk_below(walk, level, name, &below, err) : 0;
	if (r < 0)
		return r;
	if (!below.exists)
		add(walk, CHANGE_ADDED);
	else if (!is_same(&st, &below.st) || walk->list.len > told)
		add(walk, CHANGE_MODIFIED);
	return 0;
}

/* After an error the path stays where that was. */
static int walk_names(struct walk *walk, const struct level *level, const struct names *names,
		      struct err *err)
{
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->v[i];
		const char *hidden = walk->is_named ? overlayfs_hidden(name) : NULL;
		size_t len = push(walk, hidden ? hidden : name);
		int r = 0;

		if (!hidden)
			r = visit(walk, level, name, err);
		else if (*hidden)
			r = visit_named(walk, level);
		if (r < 0)
			return r;
		pop(walk, len);
	}
	return 0;
}

static int walk_dir(struct walk *walk, const struct level *level, struct err *err)
{
	int fd = openat(level->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_arena struct arena arena = {};
	auto_buf struct buf list = {};
	struct names names;
	int r = fd < 0 ? err_sys(err, errno, "open") : list_names(fd, &arena, &list, err);

	if (r < 0)
		return r;
	names = take_names(&list, &arena);
	if (level->hides)
		r = add_hidden(walk, &names, level->shows, err);
	return r < 0 ? r : walk_names(walk, level, &names, err);
}

/* ------------------------------------------------------------------------------- all of it */

int changes_open(int changes_fd, int *ret_fd, struct err *err)
{
	static const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

	*ret_fd = changes_fd < 0 ? -1 : openat(changes_fd, SNAPSHOT_COPY, flags);
	if (*ret_fd >= 0)
		return 1;
	if (changes_fd >= 0 && errno == ENOENT)
		*ret_fd = openat(changes_fd, UPPER, flags);
	return changes_fd >= 0 && *ret_fd < 0 && errno != ENOENT ? err_sys(err, errno, "open it")
								 : 0;
}

static int compare_changes(const void *a, const void *b)
{
	return strcmp(((const struct change *)a)->path, ((const struct change *)b)->path);
}

/* Through a copy nothing shows: it has what is not changed, too. */
static int walk_root(struct walk *walk, int upper_fd, bool is_copy, struct err *err)
{
	auto_arena struct arena arena = {};
	bool *shows = arena_array(&arena, bool, walk->request->n_layers + 1);
	const struct level root = { upper_fd, 0, shows, is_copy };
	int r;

	walk->is_named = overlayfs_is_named(upper_fd);
	memset(shows, true, walk->request->n_layers);
	r = walk_dir(walk, &root, err);
	return r < 0 ? err_wrap(err, "compare '/%.200s'", buf_str(&walk->path)) : 0;
}

int changes_read(const struct changes_request *request, struct arena *arena, struct changes *ret,
		 struct err *err)
{
	struct walk walk = { .request = request, .arena = arena };
	auto_close int upper_fd = -1;
	int r = changes_open(request->changes_fd, &upper_fd, err);

	if (r >= 0 && upper_fd >= 0)
		r = walk_root(&walk, upper_fd, r == 1, err);
	if (r == 0) {
		ret->n = walk.list.len / sizeof(*ret->v);
		ret->v = arena_array(arena, struct change, ret->n + 1);
		memcpy(ret->v, buf_str(&walk.list), walk.list.len);
		qsort(ret->v, ret->n, sizeof(*ret->v), compare_changes);
	}
	buf_done(&walk.list);
	buf_done(&walk.path);
	return r;
}
