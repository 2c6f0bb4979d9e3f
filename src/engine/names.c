/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names as symbolic links. symlinkat(2) makes one or says that it exists, and readlinkat(2) reads
 * it whole, so taking and finding need no lock. Releasing looks whose it is and then removes it:
 * two who release one at once would remove what a third took in between. So it is done by one at a
 * time, and what one has seen is still true when it removes it.
 */
#include "engine/names.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int names_find(int names_fd, const char *name, char ret_id[IDENT_ID_LEN + 1])
{
	char id[IDENT_ID_LEN + 1];
	ssize_t n = readlinkat(names_fd, name, id, sizeof(id));

	if (n < 0)
		return errno == EINVAL ? -ENOENT : -errno;
	if (n != IDENT_ID_LEN)
		return -ENOENT;
	id[n] = '\0';
	if (!ident_is_id(id))
		return -ENOENT;
	memcpy(ret_id, id, sizeof(id));
	return 0;
}

int names_take(int names_fd, const char *name, const char *id, struct err *err)
{
	char owner[IDENT_ID_LEN + 1];

	if (symlinkat(id, names_fd, name) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(err, errno, "take the name '%s'", name);
	if (names_find(names_fd, name, owner) < 0)
		return err_set(err, ERR_CONFLICT, EEXIST, "the name '%s' is taken", name);
	return err_set(err, ERR_CONFLICT, EEXIST, "the name '%s' is taken by container %.*s", name,
		       IDENT_SHORT_LEN, owner);
}

/* A descriptor of its own: a monitor shares `names_fd` with who forked it, and with it would share
 * the lock. */
int names_lock(int names_fd, int *ret_fd, struct err *err)
{
	auto_close int fd = openat(names_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "lock the names");
	if (fd < 0)
		return err_sys(err, errno, "open the names");
	*ret_fd = take_fd(&fd);
	return 0;
}

bool names_release_locked(int names_fd, const char *name, const char *id)
{
	char owner[IDENT_ID_LEN + 1];

	return names_find(names_fd, name, owner) == 0 && strcmp(owner, id) == 0 &&
	       unlinkat(names_fd, name, 0) == 0;
}

bool names_release(int names_fd, const char *name, const char *id)
{
	auto_close int lock_fd = -1;
	struct err ignored;

	return names_lock(names_fd, &lock_fd, &ignored) == 0 &&
	       names_release_locked(names_fd, name, id);
}

void names_release_others(int names_fd, const char *name, const char *id)
{
	auto_closedir DIR *stream = NULL;
	int fd = openat(names_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *item;

	stream = fd < 0 ? NULL : fdopendir(fd);
	if (!stream) {
		closep(&fd);
		return;
	}
	while ((item = readdir(stream)))
		if (!name || strcmp(item->d_name, name) != 0)
			(void)names_release_locked(names_fd, item->d_name, id);
}

void names_release_all(int names_fd, const char *id)
{
	auto_close int lock_fd = -1;
	struct err ignored;

	if (names_lock(names_fd, &lock_fd, &ignored) == 0)
		names_release_others(names_fd, NULL, id);
}
