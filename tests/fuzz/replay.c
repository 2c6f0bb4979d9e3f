/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target as a test: feeds it each file of a directory. A target that disagrees aborts; the
 * input it was at is the last on standard error.
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>

#include "base/buf.h"

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void replay(int dir_fd, const char *name)
{
	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
	auto_buf struct buf text = {};
	auto_free uint8_t *exact = NULL;
	struct err err = {};

	(void)fprintf(stderr, "%s\n", name);
	CLAIM(fd >= 0 && buf_read_fd(&text, fd, 1 << 20, name, &err) == 0);
	exact = malloc(text.len ? text.len : 1);
	CLAIM(exact);
	memcpy(exact, buf_str(&text), text.len);
	(void)LLVMFuzzerTestOneInput(exact, text.len);
}

int main(int argc, char **argv)
{
	auto_close int dir_fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct dirent **entries;
	int n;

	if (dir_fd < 0) {
		(void)fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	n = scandir(argv[1], &entries, is_input, alphasort);
	CLAIM(n > 0);
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		replay(dir_fd, entries[i]->d_name);
		printf("ok %d - %s\n", i + 1, entries[i]->d_name);
		fflush(stdout);
		free(entries[i]);
	}
	free(entries);
	return 0;
}
