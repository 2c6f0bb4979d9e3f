/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream is the one owner of its descriptor. What is added meanwhile may be shown or not, as
 * readdir(3) has it.
 */
#include "sys/each_name.h"

#include "base/cleanup.h"

#include <dirent.h>
#include <string.h>

int each_name(int fd, each_name_fn *fn, void *data)
{
	auto_closedir DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int r = 0;

	if (!stream) {
		r = fd < 0 ? -EBADF : -errno;
		closep(&fd);
		return r;
	}
	while (r == 0 && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = fn(data, dirfd(stream), entry->d_name);
	return r;
}
