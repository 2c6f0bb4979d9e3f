/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked of a container that exists, changed: by one at a time, and whole. Those who read
 * it meanwhile see what it was or what it is. The new file is exchanged with the old one, which
 * renameat2(2) refuses where that is gone: one that was hidden meanwhile must not come back.
 */
#include "engine/entry.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

#define NEW_FILE ENTRY_CONFIG_FILE ".new"

int entry_hold(const struct entry *entry, int *ret_fd, struct err *err)
{
	auto_close int fd = openat(entry->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "hold container %.12s", entry->id);
	if (fd < 0)
		return err_sys(err, errno, "open container %.12s", entry->id);
	*ret_fd = take_fd(&fd);
	return 0;
}

static int write_new(const struct entry *entry, const struct config *config, struct err *err)
{
	auto_buf struct buf text = {};
	auto_close int fd = openat(entry->dir_fd, NEW_FILE,
				   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, errno, "make '%s' of container %.12s", NEW_FILE, entry->id);
	config_format(config, &text);
	return buf_write_fd(&text, fd, NEW_FILE, err);
}

static int exchange(const struct entry *entry, const struct timespec *made, struct err *err)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, *made };

	if (utimensat(entry->dir_fd, NEW_FILE, times, AT_SYMLINK_NOFOLLOW) == 0 &&
	    renameat2(entry->dir_fd, NEW_FILE, entry->dir_fd, ENTRY_CONFIG_FILE,
		      RENAME_EXCHANGE) == 0)
		return 0;
	return err_sys(err, errno, "replace '%s' of container %.12s", ENTRY_CONFIG_FILE,
		       entry->id);
}

int entry_replace_config(const struct entry *entry, const struct config *config, struct err *err)
{
	struct stat st;
	int r;

	if (fstatat(entry->dir_fd, ENTRY_CONFIG_FILE, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, errno, "find '%s' of container %.12s", ENTRY_CONFIG_FILE,
			       entry->id);
	r = write_new(entry, config, err);
	if (r == 0)
		r = exchange(entry, &st.st_mtim, err);
	(void)unlinkat(entry->dir_fd, NEW_FILE, 0);
	return r;
}
