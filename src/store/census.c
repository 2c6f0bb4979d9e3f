/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was left by who lives no longer is told from what somebody works on by its lock: whoever can
 * take that is alone with it, and may take the thing away.
 */
#include "store/census.h"

#include "base/cleanup.h"
#include "store/layout.h"
#include "sys/rmtree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

/* ------------------------------------------------------------------------------- names */

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add(struct oci_strings *list, const char *text, struct arena *arena)
{
	if ((list->n & (list->n + 1)) == 0) {
		char **wide = arena_array(arena, char *, 2 * (list->n + 1));

		if (list->n)
			memcpy(wide, list->v, list->n * sizeof(*wide));
		list->v = wide;
	}
	list->v[list->n++] = arena_strdup(arena, text);
}

/* What is in a directory, in order; nothing if that is not there. */
static int read_names(const struct store *store, const char *path, struct arena *arena,
		      struct oci_strings *ret, struct err *err)
{
	int fd = -1, r = layout_find_dir(store, path, &fd, err);
	struct dirent *entry;
	DIR *stream;

	*ret = (struct oci_strings){};
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	stream = fdopendir(fd);
	if (!stream) {
		r = err_sys(err, errno, "read '%s/%s'", store->root, path);
		closep(&fd);
		return r;
	}
	while ((entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			add(ret, entry->d_name, arena);
	(void)closedir(stream);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare);
	return 0;
}

/* ------------------------------------------------------------------------------- shelves */

static void sort_out(const char *path, const char *prefix, const struct oci_strings *names,
		     struct arena *arena, struct oci_strings *ret, struct oci_strings *ret_foreign)
{
	for (size_t i = 0; i < names->n; i++) {
		char *text = arena_printf(arena, "%s%s", prefix, names->v[i]);
		char *dash = strchr(text, '-');
		struct digest digest;
		struct err ignored;

		if (!*prefix && dash)
			*dash = ':';
		if (digest_parse(text, &digest, &ignored) == 0)
			add(ret, text, arena);
		else
			add(ret_foreign, arena_printf(arena, "%s/%s", path, names->v[i]), arena);
	}
}

int census_list(const struct store *store, enum census_shelf shelf, struct arena *arena,
		struct oci_strings *ret, struct oci_strings *ret_foreign, struct err *err)
{
	static const enum digest_algorithm algorithms[] = { DIGEST_SHA256, DIGEST_SHA512 };
	struct oci_strings names;
	int r = 0;

	*ret = *ret_foreign = (struct oci_strings){};
	if (shelf == CENSUS_DOWNLOADS) {
		r = read_names(store, LAYOUT_PARTIAL, arena, &names, err);
		if (r == 0)
			sort_out(LAYOUT_PARTIAL, "", &names, arena, ret, ret_foreign);
		return r;
	}
	for (size_t i = 0; r == 0 && i < 2; i++) {
		char path[LAYOUT_PATH_BYTES];

		if (shelf == CENSUS_BLOBS)
			layout_blob_dir(algorithms[i], path);
		else
			layout_layer_dir(algorithms[i], path);
		r = read_names(store, path, arena, &names, err);
		if (r == 0)
			sort_out(path,
				 arena_printf(arena, "%s:", digest_algorithm_name(algorithms[i])),
				 &names, arena, ret, ret_foreign);
	}
	return r;
}

/* ------------------------------------------------------------------------------- left behind */

static bool has_partial(const struct store *store, const struct digest *digest)
{
	char path[LAYOUT_PATH_BYTES];

	layout_partial_path(digest, path);
	return faccessat(store->root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_there(const struct store *store, enum store_kind kind, const char *name)
{
	struct digest digest;
	struct err ignored;
	char path[sizeof(LAYOUT_REFERENCES) + NAME_MAX + 1];

	if (kind == STORE_INDEX)
		return true;
	if (kind == STORE_REFERENCE) {
		(void)snprintf(path, sizeof(path), "%s/%s", LAYOUT_REFERENCES, name);
		return faccessat(store->root_fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	}
	if (digest_parse(name, &digest, &ignored) < 0)
		return false;
	if (kind == STORE_LAYER)
		return store_has_layer(store, &digest);
	return store_has_blob(store, &digest) || has_partial(store, &digest);
}

int census_idle_downloads(const struct store *store, const struct oci_strings *digests,
			  bool take_away, struct arena *arena, struct oci_strings *ret,
			  struct err *err)
{
	*ret = (struct oci_strings){};
	for (size_t i = 0; i < digests->n; i++) {
		auto_close int lock_fd = -1;
		struct digest digest;
		int r = digest_parse(digests->v[i], &digest, err);

		if (r == 0)
			r = store_lock(store, STORE_BLOB, digest.text, STORE_TRY, &lock_fd, err);
		if (r == -EWOULDBLOCK)
			continue;
		if (r < 0)
			return r;
		add(ret, digest.text, arena);
		if (take_away)
			store_drop_partial(store, &digest);
		if (!is_there(store, STORE_BLOB, digest.text))
			store_drop_lock(store, STORE_BLOB, digest.text);
	}
	return 0;
}

int census_idle_stages(const struct store *store, bool take_away, struct arena *arena,
		       struct oci_strings *ret, struct err *err)
{
	struct oci_strings names = {};
	auto_close int staging_fd = -1;
	int r = read_names(store, LAYOUT_STAGING, arena, &names, err);

	*ret = (struct oci_strings){};
	if (r < 0 || !names.n)
		return r;
	r = layout_open_dir(store, LAYOUT_STAGING, &staging_fd, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < names.n; i++) {
		auto_close int fd = openat(staging_fd, names.v[i],
					   O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
			continue;
		add(ret, names.v[i], arena);
		if (take_away)
			(void)rmtree(staging_fd, names.v[i]);
	}
	return 0;
}

int census_idle_locks(const struct store *store, bool take_away, size_t *ret_n, struct err *err)
{
	auto_arena struct arena arena = {};
	struct oci_strings names = {};
	int r = read_names(store, LAYOUT_LOCKS, &arena, &names, err);

	*ret_n = 0;
	for (size_t i = 0; r == 0 && i < names.n; i++) {
		auto_close int lock_fd = -1;
		enum store_kind kind;
		const char *name;

		if (layout_parse_lock(names.v[i], &kind, &name) < 0 ||
		    is_there(store, kind, name))
			continue;
		r = store_lock(store, kind, name, STORE_TRY, &lock_fd, err);
		if (r == -EWOULDBLOCK) {
			r = 0;
			continue;
		}
		if (r < 0 || is_there(store, kind, name))
			continue;
		++*ret_n;
		if (take_away)
			store_drop_lock(store, kind, name);
	}
	return r;
}
