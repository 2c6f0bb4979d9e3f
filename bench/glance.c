/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor that `tare ps` is held against: a static program that opens and reads what must be read
 * to know which containers run, and of those what was asked for, and makes nothing of it.
 *
 *	glance ROOT
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static char text[1 << 16];

static ssize_t take(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

static int is_locked(int dir_fd)
{
	int fd = openat(dir_fd, "monitor", O_RDONLY | O_CLOEXEC);
	int r = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;

	if (fd >= 0)
		(void)close(fd);
	return r;
}

int main(int argc, char **argv)
{
	DIR *dir = argc == 2 && chdir(argv[1]) == 0 ? opendir("containers") : NULL;
	unsigned running = 0;
	struct dirent *item;

	while (dir && (item = readdir(dir))) {
		int fd = *item->d_name == '.' ? -1 : openat(dirfd(dir), item->d_name,
							    O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			continue;
		if (take(fd, "status.json") > 0 && strstr(text, "\"running\"") && is_locked(fd))
			running += take(fd, "container.json") > 0;
		(void)close(fd);
	}
	printf("%u\n", running);
	return !dir;
}
