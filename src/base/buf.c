/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing byte buffer. Who formats text for a file or for people does it here.
 */
#include "base/buf.h"
#include "base/io.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){};
}

/* Room for `more` bytes and the NUL. */
static void reserve(struct buf *buf, size_t more)
{
	size_t cap = buf->cap ? buf->cap : 256;

	if (more >= SIZE_MAX / 4 - buf->len)
		abort();
	while (cap < buf->len + more + 1)
		cap *= 2;
	if (cap == buf->cap)
		return;
	buf->data = realloc(buf->data, cap);
	if (!buf->data) {
		(void)!write(STDERR_FILENO, "tare: out of memory\n", 20);
		_exit(1);
	}
	buf->cap = cap;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *str)
{
	buf_add(buf, str, strlen(str));
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list ap, again;
	int len;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len > 0) {
		reserve(buf, (size_t)len);
		(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

const char *buf_str(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

int buf_read_fd(struct buf *buf, int fd, size_t max_bytes, const char *what, struct err *err)
{
	size_t chunk = 16 * 1024;

	for (;;) {
		ssize_t n;

		reserve(buf, chunk);
		n = read(fd, buf->data + buf->len, chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "read '%s'", what);
		buf->len += (size_t)n;
		buf->data[buf->len] = '\0';
		if (buf->len > max_bytes)
			return err_set(err, ERR_USAGE, EFBIG, "'%s' is larger than %zu bytes", what,
				       max_bytes);
		if (n == 0)
			return 0;
	}
}

int buf_write_fd(const struct buf *buf, int fd, const char *what, struct err *err)
{
	int r = io_write(fd, buf->data, buf->len);

	return r < 0 ? err_sys(err, -r, "write '%s'", what) : 0;
}
