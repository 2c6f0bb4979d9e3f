/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mounts of the monitor, which has those of the host, are gone through for each bind, as far as
 * paths lead to them: one that is hidden by another is not seen through a bind either. What the
 * kernel shows (proc, sysfs, cgroups, /dev) is nobody's, and is bound as it is. One that is not
 * mapped comes with all that is mounted below it, where a container's root may not even look; but
 * in /dev all may look, and write to /dev/shm.
 */
#include "engine/submounts.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/mappable.h"
#include "oci/list.h"
#include "sys/mount.h"
#include "sys/mountinfo.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* A mount of the host. */
struct point {
	const char *path;
	uint32_t id;
	bool is_dev;
	size_t depth, number;
};

struct search {
	const struct engine *engine;
	const struct config *config;
	const char *own_path; /* the container's entry */
	struct arena *arena;
	struct submounts *found;
	int root_fd;
	struct mappable_answers answers;
	OCI_LIST(struct point) points; /* what lies deeper comes later */
};

static void search_done(struct search *search)
{
	mappable_close(&search->answers);
	closep(&search->root_fd);
}

/* What follows `dir` in `path`: "/sub"; NULL when it does not lie below. */
static const char *find_rest(const char *path, const char *dir)
{
	size_t len = strcmp(dir, "/") == 0 ? 0 : strlen(dir);

	return strncmp(path, dir, len) == 0 && path[len] == '/' && path[len + 1] ? path + len
										   : NULL;
}

/* ------------------------------------------------------------------------------- the host's */

static int compare(const void *one, const void *other)
{
	const struct point *a = one, *b = other;

	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

static void add_point(struct search *search, const struct mountinfo *mount)
{
	struct point point = { .id = mount->id, .number = search->points.n,
			       .path = arena_strdup(search->arena, mount->point),
			       .is_dev = strcmp(mount->fs_type, "devtmpfs") == 0 };

	for (const char *p = point.path; *p; p++)
		point.depth += *p == '/';
	*list_add(&search->points, search->arena) = point;
}

/* The container's own root and what lies beside it are mounted for nobody but the monitor. */
static int read_points(struct search *search, struct err *err)
{
	auto_buf struct buf text = {}, line = {};
	int r = mountinfo_read(search->answers.proc_fd, 0, &text, err), n;
	const char *rest = buf_str(&text);
	struct mountinfo mount;

	while (r == 0 && (n = mountinfo_next(&rest, &line, &mount)) != 0)
		if (n > 0 && !find_rest(mount.point, search->own_path))
			add_point(search, &mount);
	if (search->points.n)
		qsort(search->points.v, search->points.n, sizeof(struct point), compare);
	return r;
}

/* ------------------------------------------------------------------------------- a bind's */

/* What is bound, and where. */
struct tree {
	size_t bind;
	const char *source, *target; /* the source without links */
	const char *first_shut;
	size_t n_shut;
};

/* A file system that can't even be looked at can't be mapped either. */
static void add(struct search *search, struct tree *tree, const struct point *point, int fd)
{
	const char *target = strcmp(tree->target, "/") == 0 ? "" : tree->target;
	struct err ignored;
	int answer = point->is_dev ? MAPPABLE_NEEDLESS
				   : mappable_ask(&search->answers, fd, MAPPABLE_ALONE, &ignored);
	struct submount found = {
		.bind = tree->bind,
		.source = arena_strdup(search->arena, point->path),
		.target = arena_printf(search->arena, "%s%s", target,
				       find_rest(point->path, tree->source)),
		.is_mapped = answer == MAPPABLE,
		.is_whole = answer != MAPPABLE && !point->is_dev,
		.is_shut = answer != MAPPABLE && answer != MAPPABLE_NEEDLESS,
	};

	*list_add(search->found, search->arena) = found;
	if (found.is_shut && tree->n_shut++ == 0)
		tree->first_shut = found.source;
}

/* Does it come along with another? */
static bool is_along(const struct search *search, const struct tree *tree, const char *path)
{
	for (size_t i = 0; i < search->found->n; i++) {
		const struct submount *sub = &search->found->v[i];

		if (sub->bind == tree->bind && sub->is_whole && find_rest(path, sub->source))
			return true;
	}
	return false;
}

static void tell(const struct tree *tree)
{
	if (tree->n_shut == 1)
		log_warn("the ids of '%s' below '%s' can't be mapped: in the container it is "
			 "read-only, and its files are nobody's", tree->first_shut, tree->source);
	if (tree->n_shut > 1)
		log_warn("the ids of '%s' and of %zu more mounts below '%s' can't be mapped: in "
			 "the container they are read-only, and their files are nobody's",
			 tree->first_shut, tree->n_shut - 1, tree->source);
	if (tree->n_shut)
		log_hint("'--userns host' runs it with the host's ids, and nothing is mapped");
}

/* A source that is not there is made later, or refused in better words. */
static void search_below(struct search *search, size_t bind, const char *path, const char *target)
{
	auto_free char *source = realpath(path, NULL);
	struct tree tree = { .bind = bind, .source = source, .target = target };

	for (size_t i = 0; source && i < search->points.n; i++) {
		const struct point *point = &search->points.v[i];
		auto_close int fd = -1;

		if (!find_rest(point->path, source) || is_along(search, &tree, point->path))
			continue;
		fd = open(point->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && mount_is(fd, point->id))
			add(search, &tree, point, fd);
	}
	tell(&tree);
}

/* Where the mount that the source is on is not mapped, the whole tree is bound as it is; and "bind"
 * shows that mount alone. */
bool submounts_are_apart(const struct config_mount *mount)
{
	bool is_mapped = false;

	for (size_t i = 0; i < mount->options.n; i++) {
		if (strcmp(mount->options.v[i], "bind") == 0)
			return false;
		is_mapped |= strcmp(mount->options.v[i], "idmap") == 0;
	}
	return is_mapped && strcmp(mount->type, "bind") == 0;
}

static int search_open(struct search *search, struct err *err)
{
	int r;

	search->root_fd = open(search->engine->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (search->root_fd < 0)
		return err_sys(err, errno, "open '%s'", search->engine->root);
	r = mappable_open(search->root_fd, &search->answers, err);
	return r < 0 ? r : read_points(search, err);
}

int submounts_find(const struct engine *engine, const struct config *config, const char *own_path,
		   struct arena *arena, struct submounts *ret, struct err *err)
{
	auto_cleanup(search_done) struct search search = {
		engine, config, own_path, arena, ret, -1, MAPPABLE_ANSWERS_NONE, {},
	};
	size_t n = 0;
	int r;

	*ret = (struct submounts){};
	for (size_t i = 0; i < config->mounts.n; i++)
		n += submounts_are_apart(&config->mounts.v[i]);
	if (!config->ids_size || (!n && !config->rootfs))
		return 0;
	r = search_open(&search, err);
	if (r < 0)
		return r;
	if (config->rootfs)
		search_below(&search, SUBMOUNT_OF_ROOT, config->rootfs, "/");
	for (size_t i = 0; i < config->mounts.n; i++)
		if (submounts_are_apart(&config->mounts.v[i]))
			search_below(&search, i, config->mounts.v[i].source,
				     config->mounts.v[i].target);
	return 0;
}
