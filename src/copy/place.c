/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path is resolved by the kernel, below the container's root, but for its last name: a link there
 * is read here and gone on with, since what it leads to need not exist yet. What comes out is a
 * directory and a name in it; whoever changes what that name means meanwhile changes nothing else.
 */
#include "copy/place.h"

#include "base/cleanup.h"
#include "sys/resolve.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_LINKS 40 /* as the kernel's MAXSYMLINKS */

void copy_place_done(struct copy_place *place)
{
	closep(&place->dir_fd);
	place->dir_fd = -1;
}

static int open_side(const struct copy_side *side, const char *path, int flags)
{
	int fd;

	if (side->root_fd != AT_FDCWD)
		return resolve_open(side->root_fd, path, flags);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* ------------------------------------------------------------------------------- the text */

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static const char *last_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Without slashes at its end; that of the root stays. */
static bool strip_slashes(char *path)
{
	size_t len = strlen(path), was = len;

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	return len < was;
}

/* Take off what it says of itself at its end. ".." and the root are named by no name, so what is in
 * them is meant. */
static void take_ends(char *path, struct copy_place *place)
{
	place->asks_dir = strip_slashes(path);
	if (strcmp(path, "/") == 0 || is_dots(last_of(path)))
		place->asks_dir = place->asks_contents = true;
	while (strcmp(last_of(path), ".") == 0 && strchr(path, '/')) {
		path[strlen(path) - 1] = '\0';
		(void)strip_slashes(path);
	}
}

/* ------------------------------------------------------------------------------- the walk */

/* The path ends in the link `name`: make it say what that says. */
static int follow(int dir_fd, char path[PATH_MAX], const char *name)
{
	char target[PATH_MAX];
	ssize_t len = readlinkat(dir_fd, name, target, sizeof(target) - 1);
	size_t keep;

	if (len < 0)
		return -errno;
	target[len] = '\0';
	keep = target[0] == '/' ? 0 : (size_t)(name - path);
	if (keep + (size_t)len >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(path + keep, target);
	(void)strip_slashes(path);
	return 0;
}

static int open_parent(const struct copy_side *side, const char *path, const char *name)
{
	char parent[PATH_MAX];
	size_t len = (size_t)(name - path);

	memcpy(parent, path, len);
	parent[len] = '\0';
	return open_side(side, len ? parent : ".", O_PATH | O_DIRECTORY);
}

/* The directory itself: "/", "." or one that ends in "..". */
static int find_dir(const struct copy_side *side, const char *path, struct copy_place *place)
{
	place->dir_fd = open_side(side, path, O_PATH | O_DIRECTORY);
	if (place->dir_fd < 0)
		return place->dir_fd;
	strcpy(place->name, ".");
	place->is_there = true;
	return fstat(place->dir_fd, &place->st) < 0 ? -errno : 0;
}

/* 1: it is a link, and `path` now says what that does. */
static int find_once(const struct copy_side *side, char path[PATH_MAX], bool follows,
		     struct copy_place *place)
{
	const char *name = last_of(path);

	if (!*name || is_dots(name))
		return find_dir(side, path, place);
	if (strlen(name) > NAME_MAX)
		return -ENAMETOOLONG;
	place->dir_fd = open_parent(side, path, name);
	if (place->dir_fd < 0)
		return place->dir_fd;
	strcpy(place->name, name);
	if (fstatat(place->dir_fd, name, &place->st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	place->is_there = true;
	if (follows && S_ISLNK(place->st.st_mode)) {
		int r = follow(place->dir_fd, path, name);

		return r < 0 ? r : 1;
	}
	return 0;
}

static int find(const struct copy_side *side, const char *text, bool follows,
		struct copy_place *ret)
{
	char path[PATH_MAX];
	int r = 1;

	*ret = (struct copy_place)COPY_PLACE_NONE;
	if (!*text || strlen(text) >= sizeof(path))
		return *text ? -ENAMETOOLONG : -ENOENT;
	strcpy(path, text);
	take_ends(path, ret);
	for (int links = 0; r == 1; links++) {
		copy_place_done(ret);
		ret->is_there = false;
		r = links > MAX_LINKS ? -ELOOP
				      : find_once(side, path, follows || ret->asks_dir, ret);
	}
	if (r == 0 && ret->is_there && ret->asks_dir && !S_ISDIR(ret->st.st_mode))
		r = -ENOTDIR;
	return r;
}

/* ------------------------------------------------------------------------------- both ends */

static void name_of(const char *text, const struct copy_place *place, char name[NAME_MAX + 1])
{
	char path[PATH_MAX];

	name[0] = '\0';
	if (place->asks_contents)
		return;
	strcpy(path, text);
	(void)strip_slashes(path);
	(void)snprintf(name, NAME_MAX + 1, "%s", last_of(path));
}

int copy_find_source(const struct copy_side *side, const char *path, bool follows,
		     struct copy_place *ret, char name[NAME_MAX + 1], struct err *err)
{
	int r = find(side, path, follows, ret);

	if (r == -ENOENT || (r == 0 && !ret->is_there))
		return err_set(err, ERR_NOT_FOUND, ENOENT, "no such file or directory: '%s'", path);
	if (r < 0)
		return err_sys(err, -r, "open '%s'", path);
	name_of(path, ret, name);
	return 0;
}

int copy_find_target(const struct copy_side *side, const char *path, struct copy_place *ret,
		     struct err *err)
{
	int r = find(side, path, true, ret);

	if (r == -ENOENT)
		return err_set(err, ERR_NOT_FOUND, ENOENT,
			       "the directory that '%s' is to be in does not exist", path);
	if (r < 0)
		return err_sys(err, -r, "open '%s'", path);
	if (!ret->is_there || S_ISDIR(ret->st.st_mode) || S_ISREG(ret->st.st_mode))
		return 0;
	return err_set(err, ERR_CONFLICT, EINVAL, "'%s' is neither a directory nor a file", path);
}

/* ------------------------------------------------------------------------------- the rules */

enum source { FROM_FILE, FROM_DIR, FROM_CONTENTS, N_SOURCES };
enum target { TO_NOTHING, TO_FILE, TO_DIR, N_TARGETS };
enum rule { AS_NAMED, INTO, MERGE, NO_DIR, NO_DIR_TO_FILE };

static const enum rule rules[N_SOURCES][N_TARGETS] = {
	[FROM_FILE] = { AS_NAMED, AS_NAMED, INTO },
	[FROM_DIR] = { AS_NAMED, NO_DIR_TO_FILE, INTO },
	[FROM_CONTENTS] = { AS_NAMED, NO_DIR_TO_FILE, MERGE },
};

static enum source source_of(const struct copy_place *from)
{
	if (!S_ISDIR(from->st.st_mode))
		return FROM_FILE;
	return from->asks_contents ? FROM_CONTENTS : FROM_DIR;
}

static enum target target_of(const struct copy_place *to)
{
	if (!to->is_there)
		return TO_NOTHING;
	return S_ISDIR(to->st.st_mode) ? TO_DIR : TO_FILE;
}

static enum rule rule_of(const struct copy_place *from, const struct copy_place *to,
			 bool overwrite)
{
	enum rule rule = rules[source_of(from)][target_of(to)];

	if (rule == NO_DIR_TO_FILE && overwrite)
		rule = AS_NAMED;
	/* A directory is made, a file in one that is not there is not. */
	if (rule == AS_NAMED && to->asks_dir && !S_ISDIR(from->st.st_mode))
		rule = NO_DIR;
	return rule;
}

static int open_place(const struct copy_place *place, const char *name, int *ret_fd,
		      struct err *err)
{
	*ret_fd = openat(place->dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open '%s'", name) : 0;
}

int copy_decide(const struct copy_place *from, const char *name, const struct copy_place *to,
		bool overwrite, const char **ret_as, int *ret_dir_fd, struct err *err)
{
	switch (rule_of(from, to, overwrite)) {
	case NO_DIR:
		return err_set(err, ERR_NOT_FOUND, ENOENT, "the directory '%s' does not exist",
			       to->name);
	case NO_DIR_TO_FILE:
		(void)err_set(err, ERR_CONFLICT, ENOTDIR,
			      "a directory can't be copied to a file, '%s'", to->name);
		return err_hint(err, "with --overwrite it is replaced");
	case AS_NAMED:
		*ret_as = to->name;
		return open_place(to, ".", ret_dir_fd, err);
	case INTO:
		*ret_as = name;
		return open_place(to, to->name, ret_dir_fd, err);
	default:
		*ret_as = "";
		return open_place(to, to->name, ret_dir_fd, err);
	}
}
