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

/* Released when the caller closes it. A descriptor of its own: a monitor shares `names_fd` with who
 * forked it, and with it would share the lock. */
static int open_locked(int names_fd)
{
	auto_close int fd = openat(names_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return -errno;
	return take_fd(&fd);
}

static bool release(int names_fd, const char *name, const char *id)
{
	char owner[IDENT_ID_LEN + 1];

	return names_find(names_fd, name, owner) == 0 && strcmp(owner, id) == 0 &&
	       unlinkat(names_fd, name, 0) == 0;
}

bool names_release(int names_fd, const char *name, const char *id)
{
	int lock_fd = open_locked(names_fd);
	bool was_its = release(names_fd, name, id);

	closep(&lock_fd);
	return was_its;
}

void names_release_all(int names_fd, const char *id)
{
	int fd = open_locked(names_fd);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *item;

	if (!stream) {
		closep(&fd);
		return;
	}
	while ((item = readdir(stream)))
		release(names_fd, item->d_name, id);
	(void)closedir(stream);
}
