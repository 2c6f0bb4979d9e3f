/* SPDX-License-Identifier: Apache-2.0 */
#include "layer/source.h"

#include "base/cleanup.h"
#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

/* A file that another process fills, and the pipe on which it tells. */
struct growing {
	int file_fd, read_fd, write_fd;
};

#define auto_growing auto_cleanup(growing_done)

static bool growing_make(struct growing *g)
{
	int fds[2] = { -1, -1 };
	bool ok = pipe2(fds, O_CLOEXEC) == 0;

	g->file_fd = memfd_create("blob", MFD_CLOEXEC);
	g->read_fd = fds[0];
	g->write_fd = fds[1];
	return ok && g->file_fd >= 0;
}

static void growing_done(struct growing *g)
{
	closep(&g->file_fd);
	closep(&g->read_fd);
	closep(&g->write_fd);
}

static struct source source_of(const struct growing *g, int stop_fd)
{
	const struct layer_source from = { g->file_fd, g->read_fd };
	struct source source;

	source_init(&source, &from, stop_fd);
	return source;
}

static bool no_more_is_read_than_was_said_to_be_there(void)
{
	auto_growing struct growing g;
	char bytes[16];
	struct source s;
	struct err err = {};

	if (!CHECK(growing_make(&g)) || !CHECK(write(g.file_fd, "abcdefgh", 8) == 8))
		return false;
	s = source_of(&g, -1);
	return CHECK(layer_source_tell(g.write_fd, 3, false) == 0) &&
	       CHECK(source_read(&s, bytes, sizeof(bytes), &err) == 3) &&
	       CHECK(memcmp(bytes, "abc", 3) == 0) &&
	       CHECK(layer_source_tell(g.write_fd, 5, false) == 0) &&
	       CHECK(layer_source_tell(g.write_fd, 8, true) == 0) &&
	       CHECK(source_read(&s, bytes, 4, &err) == 4) &&
	       CHECK(source_read(&s, bytes, sizeof(bytes), &err) == 1) && CHECK(bytes[0] == 'h') &&
	       CHECK(source_read(&s, bytes, sizeof(bytes), &err) == 0);
}

static bool bytes_that_come_later_are_waited_for(void)
{
	auto_growing struct growing g;
	char bytes[4096];
	uint64_t total = 0;
	struct source s;
	struct err err = {};
	ssize_t n;
	pid_t pid;

	if (!CHECK(growing_make(&g)))
		return false;
	pid = fork();
	if (pid == 0) {
		memset(bytes, 'x', sizeof(bytes));
		for (uint64_t i = 1; i <= 2000; i++)
			if (write(g.file_fd, bytes, 1000) != 1000 ||
			    layer_source_tell(g.write_fd, i * 1000, i == 2000) < 0)
				_exit(1);
		_exit(0);
	}
	closep(&g.write_fd);
	s = source_of(&g, -1);
	while ((n = source_read(&s, bytes, sizeof(bytes), &err)) > 0)
		total += (uint64_t)n;
	(void)waitpid(pid, NULL, 0);
	return CHECK(n == 0) && CHECK(total == 2000000);
}

static bool a_download_that_breaks_off_is_an_error(void)
{
	auto_growing struct growing g;
	char bytes[16];
	struct source s;
	struct err err = {};

	if (!CHECK(growing_make(&g)) || !CHECK(write(g.file_fd, "abc", 3) == 3))
		return false;
	s = source_of(&g, -1);
	(void)layer_source_tell(g.write_fd, 3, false);
	closep(&g.write_fd);
	return CHECK(source_read(&s, bytes, sizeof(bytes), &err) == 3) &&
	       CHECK(source_read(&s, bytes, sizeof(bytes), &err) == -ECONNRESET) &&
	       CHECK_STR(err.msg, "the download broke off after 3 bytes");
}

static bool a_file_shorter_than_was_said_is_an_error(void)
{
	auto_growing struct growing g;
	char bytes[16];
	struct source s;
	struct err err = {};

	if (!CHECK(growing_make(&g)))
		return false;
	s = source_of(&g, -1);
	(void)layer_source_tell(g.write_fd, 3, true);
	return CHECK(source_read(&s, bytes, sizeof(bytes), &err) == -EIO);
}

static bool a_reader_that_lags_behind_holds_up_nobody(void)
{
	auto_growing struct growing g;
	char bytes[16];
	struct source s;
	struct err err = {};

	if (!CHECK(growing_make(&g)) || !CHECK(write(g.file_fd, "abc", 3) == 3))
		return false;
	for (int i = 0; i < 100000; i++)
		if (!CHECK(layer_source_tell(g.write_fd, 2, false) == 0))
			return false;
	s = source_of(&g, -1);
	return CHECK(source_read(&s, bytes, sizeof(bytes), &err) == 2) &&
	       CHECK(layer_source_tell(g.write_fd, 3, true) == 0) &&
	       CHECK(source_read(&s, bytes, sizeof(bytes), &err) == 1);
}

static bool a_writer_learns_that_nobody_reads(void)
{
	auto_growing struct growing g;

	(void)signal(SIGPIPE, SIG_IGN);
	if (!CHECK(growing_make(&g)))
		return false;
	closep(&g.read_fd);
	return CHECK(layer_source_tell(g.write_fd, 1, false) == -EPIPE);
}

static bool whoever_waits_can_be_stopped(void)
{
	auto_close int stop_fd = eventfd(1, EFD_CLOEXEC);
	auto_growing struct growing g;
	char bytes[16];
	struct source s;
	struct err err = {};

	if (!CHECK(growing_make(&g)))
		return false;
	s = source_of(&g, stop_fd);
	return CHECK(source_read(&s, bytes, sizeof(bytes), &err) == -ECANCELED);
}

static bool a_file_or_pipe_that_is_complete_is_read_to_its_end(void)
{
	struct growing g;
	char bytes[16];
	struct source file, flow;
	struct err err = {};
	bool ok;

	if (!CHECK(growing_make(&g)))
		return false;
	(void)!write(g.file_fd, "abc", 3);
	(void)!write(g.write_fd, "de", 2);
	closep(&g.write_fd);
	source_init(&file, &(struct layer_source){ g.file_fd, -1 }, -1);
	source_init(&flow, &(struct layer_source){ g.read_fd, -1 }, -1);
	ok = CHECK(source_read(&file, bytes, sizeof(bytes), &err) == 3) &&
	     CHECK(source_read(&file, bytes, sizeof(bytes), &err) == 0) &&
	     CHECK(source_read(&flow, bytes, sizeof(bytes), &err) == 2) &&
	     CHECK(source_read(&flow, bytes, sizeof(bytes), &err) == 0);
	growing_done(&g);
	return ok;
}

int main(void)
{
	TEST(no_more_is_read_than_was_said_to_be_there);
	TEST(bytes_that_come_later_are_waited_for);
	TEST(a_download_that_breaks_off_is_an_error);
	TEST(a_file_shorter_than_was_said_is_an_error);
	TEST(a_reader_that_lags_behind_holds_up_nobody);
	TEST_IN_CHILD(a_writer_learns_that_nobody_reads);
	TEST(whoever_waits_can_be_stopped);
	TEST(a_file_or_pipe_that_is_complete_is_read_to_its_end);
	return tap_done();
}
