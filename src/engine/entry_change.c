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

/* Whoever removes it takes container.json first: then it is too late. */
static int tell(const struct entry *entry, int no, const char *what, struct err *err)
{
	if (no == ENOENT)
		return err_set(err, ERR_NOT_FOUND, no, "the container is being removed");
	return err_sys(err, no, "%s of container %.12s", what, entry->id);
}

static int write_new(const struct entry *entry, const struct config *config, struct err *err)
{
	auto_buf struct buf text = {};
	auto_close int fd = openat(entry->dir_fd, NEW_FILE,
				   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return tell(entry, errno, "make '" NEW_FILE "'", err);
	config_format(config, &text);
	return buf_write_fd(&text, fd, NEW_FILE, err);
}

int entry_replace_config(const struct entry *entry, const struct config *config, struct err *err)
{
	int r = write_new(entry, config, err);

	if (r == 0 && renameat2(entry->dir_fd, NEW_FILE, entry->dir_fd, ENTRY_CONFIG_FILE,
				RENAME_EXCHANGE) < 0)
		r = tell(entry, errno, "replace '" ENTRY_CONFIG_FILE "'", err);
	(void)unlinkat(entry->dir_fd, NEW_FILE, 0);
	return r;
}
