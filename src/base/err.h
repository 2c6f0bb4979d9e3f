/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What went wrong, as a value.
 *
 * Functions return a negative errno and describe it through `struct err *err`, their last
 * argument, which is never NULL (where nobody will read the words, pass a local one). The struct
 * holds no pointers: it is copied, kept, and sent from a forked child to its parent in one write.
 */

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* What a caller outside the process may act on. */
enum err_kind {
	ERR_NONE,
	ERR_SYSTEM,    /* a system call failed */
	ERR_USAGE,     /* the request makes no sense */
	ERR_NOT_FOUND, /* what it names does not exist */
	ERR_CONFLICT,  /* what it names is in a state, or taken, that forbids it */
	ERR_COMMAND,   /* a container's own program: not there (ENOENT), or not executable */
	ERR_KIND_MAX_
};

struct err {
	int no;             /* errno, > 0 once set */
	enum err_kind kind;
	char msg[504];      /* "container web: mount '/data': open '/srv/x': permission denied" */
	char hint[512];     /* what to do about it, where that is known; lines, or "" */
};
_Static_assert(sizeof(struct err) == 1024, "fits one atomic write on a pipe");

/* Describe a failed system call: appends strerror(no), in lower case. Returns -no. */
__attribute__((nonnull(1), format(printf, 3, 4))) int err_sys(struct err *err, int no,
							       const char *fmt, ...);

/* Describe a failure of our own. Returns -no. */
__attribute__((nonnull(1), format(printf, 4, 5))) int
err_set(struct err *err, enum err_kind kind, int no, const char *fmt, ...);

/* Say what can be done about it, to an error that was described. What does not fit whole is no help
 * and left out. Returns the same negative errno. */
__attribute__((nonnull(1), format(printf, 2, 3))) int err_hint(struct err *err, const char *fmt,
								...);

/* Put what we were doing in front of what went wrong. Returns the same negative errno. */
__attribute__((nonnull(1), format(printf, 2, 3))) int err_wrap(struct err *err, const char *fmt,
								...);

/* Is this what a function described that returned `r` < 0? Of what came from a process that may
 * have been turned against us. */
bool err_is_sound(const struct err *err, int r);
