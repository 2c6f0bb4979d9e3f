/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A layer's directory "root" beside a directory "outside" with a canary in it, which nothing that
 * is unpacked may touch.
 */

#include "layer/unpack.h"

#include "archive.h"
#include "packed.h"
#include "tmpdir.h"

#include <dirent.h>
#include <sys/xattr.h>

#define CANARY "sings"

struct world {
	struct tmpdir dir;
	int root_fd, outside_fd;
	struct layer_facts facts;
	struct err err;
};

#define auto_world auto_cleanup(world_done)

static inline bool world_make(struct world *w)
{
	*w = (struct world){ .root_fd = -1, .outside_fd = -1 };
	tmpdir_make(&w->dir);
	if (w->dir.fd < 0 || mkdirat(w->dir.fd, "root", 0755) < 0 ||
	    mkdirat(w->dir.fd, "outside", 0755) < 0)
		return false;
	w->root_fd = openat(w->dir.fd, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w->outside_fd = openat(w->dir.fd, "outside", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return w->root_fd >= 0 && w->outside_fd >= 0 && tmpdir_put(w->outside_fd, "canary", CANARY);
}

static inline void world_done(struct world *w)
{
	closep(&w->root_fd);
	closep(&w->outside_fd);
	tmpdir_done(&w->dir);
}

static inline struct layer_unpack world_request(const struct world *w, int file_fd, unsigned flags)
{
	return (struct layer_unpack){
		.source = { file_fd, -1 },
		.root_fd = w->root_fd,
		.flags = flags,
		.limits = layer_limits_default,
	};
}

/* Unpack these bytes. */
static inline int world_unpack(struct world *w, const struct buf *bytes, unsigned flags)
{
	auto_close int fd = packed_file(bytes);
	auto_close int cwd_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct layer_unpack request = world_request(w, fd, flags);
	int r = layer_unpack_here(&request, &w->facts, &w->err);

	if (fchdir(cwd_fd) < 0)
		return -errno;
	return r;
}

static inline int world_count_outside(const struct world *w)
{
	DIR *list = fdopendir(openat(w->outside_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int n = -2; /* "." and ".." */

	while (list && readdir(list))
		n++;
	if (list)
		(void)closedir(list);
	return n;
}

/* The canary sings, and is alone. */
static inline bool world_is_outside_untouched(const struct world *w)
{
	auto_close int fd = openat(w->outside_fd, "canary", O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	struct stat st, dir;

	return CHECK(fstat(w->outside_fd, &dir) == 0) && CHECK(dir.st_nlink == 2) &&
	       CHECK((dir.st_mode & 07777) == 0755) && CHECK(fd >= 0) &&
	       CHECK(read(fd, text, sizeof(text)) == (ssize_t)strlen(CANARY)) &&
	       CHECK_STR(text, CANARY) && CHECK(fstat(fd, &st) == 0) && CHECK(st.st_nlink == 1) &&
	       CHECK((st.st_mode & 07777) == 0644) && CHECK(st.st_uid == geteuid()) &&
	       CHECK(st.st_mtim.tv_sec > 1000000000) && CHECK(world_count_outside(w) == 1);
}

static inline bool world_unpacks(struct world *w, const struct buf *archive)
{
	int r = world_unpack(w, archive, 0);

	if (r < 0)
		printf("# %s\n", w->err.msg);
	return CHECK(r == 0) && world_is_outside_untouched(w);
}

static inline bool world_refuses(struct world *w, const struct buf *archive, int no,
				 const char *message)
{
	return CHECK(world_unpack(w, archive, 0) == -no) && CHECK_STR(w->err.msg, message) &&
	       world_is_outside_untouched(w);
}

/* ------------------------------------------------------------------------------- what is there */

static inline bool world_stat(const struct world *w, const char *path, struct stat *st)
{
	return fstatat(w->root_fd, path, st, AT_SYMLINK_NOFOLLOW) == 0;
}

static inline bool world_has(const struct world *w, const char *path, mode_t mode)
{
	struct stat st;

	return CHECK(world_stat(w, path, &st)) && CHECK(st.st_mode == mode);
}

static inline bool world_has_not(const struct world *w, const char *path)
{
	struct stat st;

	return CHECK(!world_stat(w, path, &st) && errno == ENOENT);
}

static inline bool world_has_file(const struct world *w, const char *path, const char *contents)
{
	auto_close int fd = openat(w->root_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[256] = "";

	return CHECK(fd >= 0) && CHECK(read(fd, text, sizeof(text) - 1) >= 0) &&
	       CHECK_STR(text, contents);
}

static inline bool world_has_link(const struct world *w, const char *path, const char *target)
{
	char text[256] = "";

	return CHECK(readlinkat(w->root_fd, path, text, sizeof(text) - 1) > 0) &&
	       CHECK_STR(text, target);
}

/* The value of an attribute; "" where there is none. */
static inline const char *world_xattr(const struct world *w, const char *path, const char *name)
{
	static char value[256];
	char whole[512];
	ssize_t n;

	(void)snprintf(whole, sizeof(whole), "%s/root/%s", w->dir.path, path);
	n = lgetxattr(whole, name, value, sizeof(value) - 1);
	value[n < 0 ? 0 : n] = '\0';
	return value;
}

static inline bool world_set_xattr(const struct world *w, const char *path, const char *name,
				   const char *value)
{
	char whole[512];

	(void)snprintf(whole, sizeof(whole), "%s/root/%s", w->dir.path, path);
	return lsetxattr(whole, name, value, strlen(value), 0) == 0;
}

static inline bool world_has_whiteout(const struct world *w, const char *path)
{
	struct stat st;

	return CHECK(world_stat(w, path, &st)) && CHECK(S_ISCHR(st.st_mode)) &&
	       CHECK(st.st_rdev == 0);
}

static inline bool world_is_opaque(const struct world *w, const char *path)
{
	return strcmp(world_xattr(w, path, "trusted.overlay.opaque"), "y") == 0;
}
