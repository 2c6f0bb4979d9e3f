/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of the build that turns the table into what is compiled and installed: `make MACHINE
 * FILTER.c PROFILE.json`. It runs on the machine that builds, for the one that tare will run on.
 */
#include "profile/make.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

static int write_text(const struct buf *text, const char *path, struct err *err)
{
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	return fd < 0 ? err_sys(err, errno, "open '%s'", path)
		      : buf_write_fd(text, fd, path, err);
}

static int make(char *const *words, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf filter = {}, document = {};
	struct make_program program;
	int r = make_program(words[0], &arena, &program, err);

	if (r < 0)
		return r;
	make_code(&program, &filter);
	make_document(&arena, &document);
	r = write_text(&filter, words[1], err);
	return r < 0 ? r : write_text(&document, words[2], err);
}

int main(int argc, char **argv)
{
	struct err err = {};

	if (argc == 4 && make(argv + 1, &err) == 0)
		return 0;
	(void)fprintf(stderr, "%s\n", argc == 4 ? err.msg : "MACHINE FILTER.c PROFILE.json");
	return 1;
}
