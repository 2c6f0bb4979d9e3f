/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "tap.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

static bool an_empty_buf_is_an_empty_string(void)
{
	auto_buf struct buf buf = {};

	if (!CHECK_STR(buf_str(&buf), ""))
		return false;
	buf_puts(&buf, "");
	buf_add(&buf, NULL, 0);
	return CHECK_STR(buf_str(&buf), "") && CHECK(buf.len == 0);
}

static bool it_grows_byte_by_byte_and_stays_a_string(void)
{
	auto_buf struct buf buf = {};

	for (size_t i = 0; i < 5000; i++) {
		buf_add(&buf, &"abc"[i % 3], 1);
		if (!CHECK(buf.len == i + 1) || !CHECK(strlen(buf.data) == i + 1))
			return false;
	}
	return CHECK(strncmp(buf.data, "abcabc", 6) == 0) && CHECK(buf.cap > buf.len);
}

static bool printf_appends_at_every_size(void)
{
	static char word[4100];

	memset(word, 'y', sizeof(word) - 1);
	for (int len = 0; len < 4099; len += len < 300 ? 1 : 97) {
		auto_buf struct buf buf = {};

		buf_puts(&buf, "<");
		buf_printf(&buf, "%.*s>", len, word);
		if (!CHECK(buf.len == (size_t)len + 2) || !CHECK(buf.data[buf.len - 1] == '>') ||
		    !CHECK(strlen(buf.data) == buf.len))
			return false;
	}
	return true;
}

static int pipe_with(size_t n)
{
	static char bytes[40000];
	int fds[2];

	memset(bytes, 'z', n);
	if (pipe2(fds, O_CLOEXEC) < 0 || write(fds[1], bytes, n) != (ssize_t)n)
		return -1;
	(void)close(fds[1]);
	return fds[0];
}

static bool reading_ends_at_the_limit(void)
{
	static const size_t sizes[] = { 0, 1, 16383, 16384, 16385, 40000 };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		auto_close int fits_fd = pipe_with(sizes[i]), over_fd = pipe_with(sizes[i]);
		auto_buf struct buf fits = {}, over = {};
		struct err err = {};

		if (!CHECK(buf_read_fd(&fits, fits_fd, sizes[i], "x", &err) == 0) ||
		    !CHECK(fits.len == sizes[i]) || !CHECK(fits.data && !fits.data[fits.len]))
			return false;
		if (sizes[i] &&
		    (!CHECK(buf_read_fd(&over, over_fd, sizes[i] - 1, "x", &err) == -EFBIG) ||
		     !CHECK(err.kind == ERR_USAGE)))
			return false;
	}
	return true;
}

static bool reading_an_error_names_the_file(void)
{
	auto_buf struct buf buf = {};
	struct err err = {};

	return CHECK(buf_read_fd(&buf, -1, 10, "state.json", &err) == -EBADF) &&
	       CHECK_STR(err.msg, "read 'state.json': bad file descriptor") &&
	       CHECK(buf_write_fd(&buf, -1, "state.json", &err) == 0) &&
	       (buf_puts(&buf, "x"), CHECK(buf_write_fd(&buf, -1, "log", &err) == -EBADF)) &&
	       CHECK_STR(err.msg, "write 'log': bad file descriptor");
}

static void interrupted(int signal_number)
{
	(void)signal_number;
}

/* The reader is slow and keeps interrupting the writer. */
static void read_slowly(int fd, pid_t writer)
{
	char bytes[777];
	size_t sum = 0;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0) {
		sum += (size_t)n;
		(void)kill(writer, SIGUSR1);
	}
	_exit(sum == 300000 ? 0 : 1);
}

static bool writing_goes_on_after_short_writes_and_signals(void)
{
	const struct sigaction action = { .sa_handler = interrupted }; /* no SA_RESTART */
	auto_buf struct buf buf = {};
	struct err err = {};
	int fds[2], status = -1, r;
	pid_t reader, ourselves = getpid();

	while (buf.len < 300000)
		buf_puts(&buf, "0123456789");
	if (!CHECK(pipe(fds) == 0) || !CHECK(sigaction(SIGUSR1, &action, NULL) == 0))
		return false;
	reader = fork();
	if (reader == 0) {
		(void)close(fds[1]);
		read_slowly(fds[0], ourselves);
	}
	(void)close(fds[0]);
	r = buf_write_fd(&buf, fds[1], "pipe", &err);
	(void)close(fds[1]);
	while (waitpid(reader, &status, 0) < 0 && errno == EINTR)
		;
	return CHECK(r == 0) && CHECK(status == 0);
}

int main(void)
{
	TEST(an_empty_buf_is_an_empty_string);
	TEST(it_grows_byte_by_byte_and_stays_a_string);
	TEST(printf_appends_at_every_size);
	TEST(reading_ends_at_the_limit);
	TEST(reading_an_error_names_the_file);
	TEST(writing_goes_on_after_short_writes_and_signals);
	return tap_done();
}
