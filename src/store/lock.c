/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks of open files (fcntl(2), F_OFD_SETLK), which the kernel releases when their holder ends,
 * however that ends. Unlike those of flock(2), one that was held alone can be shared without a
 * moment in which it is nobody's. A lock's file may be removed by whoever holds it alone, together
 * with what it stood for; so who got one looks whether it still has its name.
 */
#include "base/cleanup.h"
#include "store/layout.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const kinds[] = {
	[STORE_BLOB] = "blob",
	[STORE_LAYER] = "layer",
	[STORE_REFERENCE] = "reference",
	[STORE_INDEX] = "index",
};

static int wait_for(int fd, enum store_lock how)
{
	bool is_shared = how == STORE_SHARED || how == STORE_TRY_SHARED;
	bool waits = how == STORE_SHARED || how == STORE_EXCLUSIVE;
	struct flock lock = { .l_type = is_shared ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

	while (fcntl(fd, waits ? F_OFD_SETLKW : F_OFD_SETLK, &lock) < 0)
		if (errno != EINTR)
			return errno == EACCES ? -EAGAIN : -errno;
	return 0;
}

static bool has_name(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

static int format_name(enum store_kind kind, const char *name, char out[NAME_MAX + 1],
		       struct err *err)
{
	char plain[NAME_MAX + 1];
	int r = layout_reference_name(name, plain, err);

	if (r == 0 && snprintf(out, NAME_MAX + 1, "%s-%s", kinds[kind], plain) > NAME_MAX)
		r = err_sys(err, ENAMETOOLONG, "lock '%s'", name);
	return r;
}

/* The directory is mostly there: a start of a container takes one lock for each layer. */
static int open_file(const struct store *store, const char *file)
{
	static const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	char path[sizeof(LAYOUT_LOCKS) + NAME_MAX + 1];
	auto_close int dir_fd = -1;
	struct err ignored = {};
	int fd;

	(void)snprintf(path, sizeof(path), LAYOUT_LOCKS "/%s", file);
	fd = openat(store->root_fd, path, flags, 0600);
	if (fd >= 0 || (errno != ENOENT && store->root_fd >= 0))
		return fd < 0 ? -errno : fd;
	if (layout_open_dir(store, LAYOUT_LOCKS, &dir_fd, &ignored) < 0)
		return -ignored.no;
	fd = openat(dir_fd, file, flags, 0600);
	return fd < 0 ? -errno : fd;
}

int store_lock(const struct store *store, enum store_kind kind, const char *name,
	       enum store_lock how, int *ret_fd, struct err *err)
{
	char file[NAME_MAX + 1];
	int r = format_name(kind, name, file, err);

	if (r < 0)
		return r;
	for (;;) {
		auto_close int fd = open_file(store, file);

		r = fd < 0 ? fd : wait_for(fd, how);
		if (r == -EWOULDBLOCK)
			return r;
		if (r < 0)
			return err_sys(err, -r, "lock '%s' in '%s'", name, store->root);
		if (!has_name(fd))
			continue;
		*ret_fd = take_fd(&fd);
		return 0;
	}
}

void store_share_lock(int lock_fd)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	(void)fcntl(lock_fd, F_OFD_SETLK, &lock);
}

void store_drop_lock(const struct store *store, enum store_kind kind, const char *name)
{
	char file[NAME_MAX + 1];
	auto_close int dir_fd = -1;
	struct err ignored;

	if (format_name(kind, name, file, &ignored) == 0 &&
	    layout_find_dir(store, LAYOUT_LOCKS, &dir_fd, &ignored) == 0)
		(void)unlinkat(dir_fd, file, 0);
}

int layout_parse_lock(const char *file, enum store_kind *ret_kind, const char **ret_name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i]);

		if (strncmp(file, kinds[i], len) != 0 || file[len] != '-')
			continue;
		*ret_kind = (enum store_kind)i;
		*ret_name = file + len + 1;
		return 0;
	}
	return -EINVAL;
}
