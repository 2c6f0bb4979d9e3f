/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containers/ID/volumes/N belongs to the Nth of config->volumes. Paths and contents are the
 * image's: the one is resolved below the root, the other copied without following anything.
 */
#include "engine/volumes.h"

#include "base/cleanup.h"
#include "engine/spec_parts.h"
#include "oci/list.h"
#include "sys/copytree.h"
#include "sys/cred.h"
#include "sys/resolve.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool has_volume(const struct config *config, const char *path)
{
	for (size_t i = 0; i < config->volumes.n; i++)
		if (strcmp(config->volumes.v[i], path) == 0)
			return true;
	return false;
}

/* What the kernel and we put there is not to be covered. */
static bool is_ours(const char *path)
{
	static const char *const ours[] = { "/proc", "/sys", "/dev" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		size_t len = strlen(ours[i]);

		if (strncmp(path, ours[i], len) == 0 && (!path[len] || path[len] == '/'))
			return true;
	}
	return false;
}

/* Each place has one spelling, so that two are comparable. NULL: it is no place below the root. */
static char *normalize(const char *path, struct arena *arena)
{
	char *copy = arena_strdup(arena, path), *whole = arena_alloc(arena, strlen(path) + 2);
	char *end = whole, *rest = NULL;

	if (path[0] != '/')
		return NULL;
	*end = '\0';
	for (char *part = strtok_r(copy, "/", &rest); part; part = strtok_r(NULL, "/", &rest)) {
		if (strcmp(part, "..") == 0)
			return NULL;
		if (strcmp(part, ".") != 0)
			end += sprintf(end, "/%s", part);
	}
	return *whole && !is_ours(whole) ? whole : NULL;
}

int volumes_choose(struct config *config, const struct oci_strings *asked, struct arena *arena,
		   struct err *err)
{
	for (size_t i = 0; i < asked->n; i++) {
		char *path = normalize(asked->v[i], arena);

		if (!path)
			return err_set(err, ERR_USAGE, EINVAL,
				       "the image's volume '%.200s' is no place for one",
				       asked->v[i]);
		if (!has_volume(config, path) && !spec_is_target(config, path))
			strings_add(&config->volumes, arena, path);
	}
	return 0;
}

/* What the image has there; -1: nothing. */
static int open_contents(int root_fd, const char *path, int *ret_fd, struct err *err)
{
	*ret_fd = resolve_open(root_fd, path, O_RDONLY | O_DIRECTORY);
	if (*ret_fd >= 0 || *ret_fd == -ENOENT)
		return 0;
	return err_sys(err, -*ret_fd, "open '%s' in the image", path);
}

static int fill(int volumes_fd, size_t i, int root_fd, const char *path, struct err *err)
{
	auto_close int from_fd = -1, to_fd = -1;
	char name[24];
	int r = open_contents(root_fd, path, &from_fd, err);

	if (r < 0)
		return r;
	(void)snprintf(name, sizeof(name), "%zu", i);
	if (mkdirat(volumes_fd, name, 0755) < 0)
		return errno == EEXIST ? 0 : err_sys(err, errno, "make a directory for it");
	to_fd = openat(volumes_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to_fd < 0)
		return err_sys(err, errno, "open its directory");
	r = from_fd < 0 ? 0 : copytree_copy(from_fd, to_fd);
	return r < 0 ? err_sys(err, -r, "copy what the image has there") : 0;
}

static int fill_all(const struct config *config, int volumes_fd, int root_fd, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < config->volumes.n; i++) {
		r = fill(volumes_fd, i, root_fd, config->volumes.v[i], err);
		if (r < 0)
			(void)err_wrap(err, "volume '%s'", config->volumes.v[i]);
	}
	return r;
}

int volumes_fill(const struct entry *entry, const struct config *config, int base_fd,
		 const char *root_path, struct err *err)
{
	auto_close int volumes_fd = -1, root_fd = -1;
	char path[128];
	int r, back;

	if (!config->volumes.n)
		return 0;
	if (mkdirat(entry->dir_fd, ENTRY_VOLUMES_DIR, 0700) < 0 && errno != EEXIST)
		return err_sys(err, errno, "make '%s'", ENTRY_VOLUMES_DIR);
	(void)snprintf(path, sizeof(path), "containers/%s/%s", entry->id, ENTRY_VOLUMES_DIR);
	volumes_fd = openat(base_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	root_fd = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (volumes_fd < 0 || root_fd < 0)
		return err_sys(err, errno, "open '%s'", volumes_fd < 0 ? path : root_path);
	r = config->ids_size ? cred_make_as(config->ids_start) : 0;
	if (r < 0)
		return err_sys(err, -r, "make files as id %u", config->ids_start);
	r = fill_all(config, volumes_fd, root_fd, err);
	back = config->ids_size ? cred_make_as(0) : 0;
	return r == 0 && back < 0 ? err_sys(err, -back, "make files as root again") : r;
}
