/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a program says what happened. Libraries return their errors (base/err.h); here they only
 * warn, and tell what they do to who debugs. Errors are reported by the program itself, once.
 *
 * Without a log file everything goes to standard error. With one, as callers of OCI runtimes expect
 * it, everything goes to the file, one line each, and errors go to standard error as well.
 */

#include "base/err.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/* `program` goes in front of what people read. It must stay valid. */
void log_init(const char *program);
void log_set_level(enum log_level level); /* LOG_LEVEL_WARNING until then */
enum log_level log_get_level(void);
void log_set_format(enum log_format format);

/* Append to `path`, which is created for its owner alone. */
int log_open(const char *path, struct err *err);

__attribute__((format(printf, 1, 2))) void log_error(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_warn(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_info(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_debug(const char *fmt, ...);

/* What the user can do about the error before. For people: never in a log file. */
__attribute__((format(printf, 1, 2))) void log_hint(const char *fmt, ...);
