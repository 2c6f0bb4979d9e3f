/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks as empty files. Who asks for one opens nothing: a look by access(2) is all that a
 * container without marks pays.
 */
#include "engine/marks.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <unistd.h>

static const char *const files[MARK_MAX_] = {
	[MARK_PAUSED] = "paused",
	[MARK_RENAMING] = "renaming",
	[MARK_SHARED] = "shared",
};

int mark_set(int dir_fd, enum mark mark, struct err *err)
{
	auto_close int fd = openat(dir_fd, files[mark],
				   O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? err_sys(err, errno, "make '%s' of the container", files[mark]) : 0;
}

void mark_clear(int dir_fd, enum mark mark)
{
	(void)unlinkat(dir_fd, files[mark], 0);
}

bool mark_is_set(int dir_fd, enum mark mark)
{
	return faccessat(dir_fd, files[mark], F_OK, 0) == 0;
}
