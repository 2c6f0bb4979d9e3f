/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors as values: filling them and adding context. Nothing here prints or allocates. (A forked
 * child sends errno and the words of its plan; the sentence is made in the parent.)
 */
#include "base/err.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message that was cut says so. */
static void ellipsis(char *buf, size_t cap, int wrote)
{
	if (wrote >= 0 && (size_t)wrote >= cap)
		memcpy(buf + cap - 4, "...", 4);
}

__attribute__((format(printf, 4, 0))) static int vset(struct err *e, enum err_kind kind, int no,
						      const char *fmt, va_list ap)
{
	int n;

	if (no <= 0)
		no = EIO;
	e->no = no;
	e->kind = kind;
	e->hint[0] = '\0';
	n = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	ellipsis(e->msg, sizeof(e->msg), n);
	return -no;
}

int err_set(struct err *e, enum err_kind kind, int no, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vset(e, kind, no, fmt, ap);
	va_end(ap);
	return r;
}

/* In lower case, as the rest of the sentence is. It is more than looks: docker knows a program that
 * is missing (127) or may not be executed (126) by these words, written as in Go. */
static int first_letter(const char *reason)
{
	return islower((unsigned char)reason[1]) ? tolower((unsigned char)*reason) : *reason;
}

int err_sys(struct err *e, int no, const char *fmt, ...)
{
	const char *reason = strerror(no);
	char msg[sizeof(e->msg)];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	return err_set(e, ERR_SYSTEM, no, "%s: %c%s", msg, first_letter(reason), reason + 1);
}

int err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(e->hint, sizeof(e->hint), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(e->hint))
		e->hint[0] = '\0';
	return -e->no;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char inner[sizeof(e->msg)];
	va_list ap;
	int n;

	memcpy(inner, e->msg, sizeof(inner));
	va_start(ap, fmt);
	n = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(e->msg) - 2) {
		ellipsis(e->msg, sizeof(e->msg), sizeof(e->msg));
		return -e->no;
	}
	n += snprintf(e->msg + n, sizeof(e->msg) - (size_t)n, ": %s", inner);
	ellipsis(e->msg, sizeof(e->msg), n);
	return -e->no;
}

bool err_is_sound(const struct err *err, int r)
{
	return err->no == -r && err->kind > ERR_NONE && err->kind < ERR_KIND_MAX_ &&
	       memchr(err->msg, '\0', sizeof(err->msg)) &&
	       memchr(err->hint, '\0', sizeof(err->hint));
}
