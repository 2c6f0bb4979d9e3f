/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bytes that grow: for what is formatted or read. `data` is always NUL-terminated once anything
 * was added. Out of memory exits, as in base/arena.h.
 */

#include "base/cleanup.h"
#include "base/err.h"

#include <stddef.h>

struct buf {
	char *data;
	size_t len, cap;
};

void buf_done(struct buf *buf);
#define auto_buf auto_cleanup(buf_done)

void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_puts(struct buf *buf, const char *str);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *buf, const char *fmt, ...);

/* The text so far; "" when there is none. */
const char *buf_str(const struct buf *buf);

/* Read `fd` to its end, at most `max_bytes`. -EFBIG: there was more. `what` names it in errors. */
int buf_read_fd(struct buf *buf, int fd, size_t max_bytes, const char *what, struct err *err);

/* Write everything, through short writes and EINTR. `what` names the file in errors. */
int buf_write_fd(const struct buf *buf, int fd, const char *what, struct err *err);
