/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message sink. A line is made whole and written with one call, so that lines of several
 * processes that append to one file don't mix. What can't be written is lost: there is nobody left
 * to tell.
 *
 * Three shapes: `tare-oci: message` for people, and for a file or a caller that asked for it
 * {"level":"error","msg":"...","time":"..."} or time="..." level=error msg="...", which is what
 * readers of runc's and crun's logs parse.
 */
#include "base/log.h"
#include "base/buf.h"
#include "base/timestamp.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#define MESSAGE_MAX 2048

static struct {
	const char *program;
	enum log_level level;
	enum log_format format;
	int fd; /* of the file; 0 when there is none, as it can't be standard input */
} sink = { .program = "tare", .level = LOG_LEVEL_WARNING };

static const char level_names[][8] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

void log_init(const char *program)
{
	sink.program = program;
}

enum log_level log_get_level(void)
{
	return sink.level;
}

void log_set_level(enum log_level level)
{
	sink.level = level;
}

void log_set_format(enum log_format format)
{
	sink.format = format;
}

int log_open(const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

	if (fd < 0)
		return err_sys(err, errno, "open log file '%s'", path);
	if (fd <= STDERR_FILENO) {
		/* We were started without standard descriptors; keep out of their way. */
		int high = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

		closep(&fd);
		if (high < 0)
			return err_sys(err, errno, "open log file '%s'", path);
		fd = high;
	}
	if (sink.fd > 0)
		closep(&sink.fd);
	sink.fd = fd;
	return 0;
}

static void put_line(int fd, const struct buf *line)
{
	struct err ignored = {};

	(void)buf_write_fd(line, fd, "log", &ignored);
}

/* Both file shapes quote alike; bytes that are not ASCII pass as they are. */
static void add_quoted(struct buf *line, const char *msg)
{
	buf_puts(line, "\"");
	for (const char *p = msg; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_printf(line, "\\%c", *p);
		else if (*p == '\n')
			buf_puts(line, "\\n");
		else if ((unsigned char)*p < 0x20 || *p == 0x7f)
			buf_printf(line, "\\u%04x", (unsigned char)*p);
		else
			buf_add(line, p, 1);
	}
	buf_puts(line, "\"");
}

static void add_record(struct buf *line, enum log_level level, const char *msg)
{
	char now[TIMESTAMP_BYTES];

	timestamp_now(now);
	if (sink.format == LOG_FORMAT_JSON) {
		buf_printf(line, "{\"level\":\"%s\",\"msg\":", level_names[level]);
		add_quoted(line, msg);
		buf_printf(line, ",\"time\":\"%s\"}\n", now);
	} else {
		buf_printf(line, "time=\"%s\" level=%s msg=", now, level_names[level]);
		add_quoted(line, msg);
		buf_puts(line, "\n");
	}
}

/* What a config.json or an image says must not drive the terminal. */
static void tame(char *line)
{
	for (unsigned char *p = (unsigned char *)line; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
}

static void put_for_people(enum log_level level, char *msg)
{
	auto_buf struct buf line = {};

	tame(msg);

	buf_printf(&line, "%s: %s%s%s\n", sink.program,
		   level == LOG_LEVEL_ERROR ? "" : level_names[level],
		   level == LOG_LEVEL_ERROR ? "" : ": ", msg);
	put_line(STDERR_FILENO, &line);
}

static void put_record(int fd, enum log_level level, const char *msg)
{
	auto_buf struct buf line = {};

	add_record(&line, level, msg);
	put_line(fd, &line);
}

__attribute__((format(printf, 2, 0))) static void put(enum log_level level, const char *fmt,
						      va_list ap)
{
	char msg[MESSAGE_MAX];
	int saved = errno;

	if (level > sink.level)
		return;
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	if (sink.fd > 0)
		put_record(sink.fd, level, msg);
	else if (sink.format == LOG_FORMAT_JSON)
		put_record(STDERR_FILENO, level, msg);
	if (level == LOG_LEVEL_ERROR ? sink.fd > 0 || sink.format == LOG_FORMAT_TEXT
				     : sink.fd <= 0 && sink.format == LOG_FORMAT_TEXT)
		put_for_people(level, msg);
	errno = saved;
}

#define DEFINE_LOG(name, level)               \
	void log_##name(const char *fmt, ...) \
	{                                     \
		va_list ap;                   \
\
		va_start(ap, fmt);            \
		put(level, fmt, ap);          \
		va_end(ap);                   \
	}

DEFINE_LOG(error, LOG_LEVEL_ERROR)
DEFINE_LOG(warn, LOG_LEVEL_WARNING)
DEFINE_LOG(info, LOG_LEVEL_INFO)
DEFINE_LOG(debug, LOG_LEVEL_DEBUG)

void log_hint(const char *fmt, ...)
{
	auto_buf struct buf line = {};
	char msg[MESSAGE_MAX];
	va_list ap;

	if (sink.fd > 0 || sink.format == LOG_FORMAT_JSON)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	buf_printf(&line, "hint: %s\n", msg);
	put_line(STDERR_FILENO, &line);
}
