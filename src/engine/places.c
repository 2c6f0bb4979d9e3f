/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whoever needs it first makes it, and so may several at once; the last file says that all are
 * there. Through a mount that maps ids root could make nothing, so it is made by its path.
 */
#include "engine/places.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACES_DIR "places"

static const char *const dirs[] = { PLACES_DIR, PLACES_DIR "/etc" };
static const char *const files[] = { PLACES_DIR "/etc/hosts", PLACES_DIR "/etc/hostname",
				     PLACES_DIR "/etc/resolv.conf" };

enum { N_FILES = sizeof(files) / sizeof(files[0]) };

/* Whatever our umask is. */
static int make_file(int root_fd, const char *path)
{
	auto_close int fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
				   0644);

	return fd < 0 || fchmod(fd, 0644) < 0 ? -errno : 0;
}

static int make_dir(int root_fd, const char *path)
{
	if (mkdirat(root_fd, path, 0755) < 0 && errno != EEXIST)
		return -errno;
	return fchmodat(root_fd, path, 0755, 0) < 0 ? -errno : 0;
}

static int make(const char *root)
{
	auto_close int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = root_fd < 0 ? -errno : 0;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && r == 0; i++)
		r = make_dir(root_fd, dirs[i]);
	for (size_t i = 0; i < N_FILES && r == 0; i++)
		r = make_file(root_fd, files[i]);
	return r;
}

int places_open(const char *root, int base_fd, int *ret_fd, struct err *err)
{
	int r = 0;

	if (faccessat(base_fd, files[N_FILES - 1], F_OK, 0) < 0)
		r = errno == ENOENT ? make(root) : -errno;
	if (r < 0)
		return err_sys(err, -r, "make '%s/" PLACES_DIR "'", root);
	*ret_fd = openat(base_fd, PLACES_DIR, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open '%s/" PLACES_DIR "'", root) : 0;
}
