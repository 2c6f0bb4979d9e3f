/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The mounts of a process, as its /proc/PID/mountinfo lists them, taken apart line by line:
 *
 *	36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 - ext3 /dev/root rw,errors=continue
 *
 * proc(5). Reading and parsing are apart: the parser does no I/O.
 */

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct mountinfo {
	uint32_t id, parent_id;
	uint32_t major, minor; /* st_dev of what is in it */
	const char *root;      /* what of the file system: "/", "/a/b", "net:[4026531840]" */
	const char *point;     /* where, below the process's root */
	const char *options;   /* of the mount: "rw,nosuid" */
	uint32_t shared, master, propagate_from; /* peer groups; 0: none */
	bool is_unbindable;
	const char *fs_type, *source; /* the source may be "" */
	const char *super_options;    /* of the file system: "rw,size=4k" */
};

/*
 * Take the next line off *text: 1, a mount; 0, there is no more. -EINVAL: the line is not of that
 * form; it was passed over, and the next call goes on behind it.
 *
 * The strings are in `line`, which one loop uses for all its calls, and end with the next one. They
 * are unescaped but for both options, whose parts are told apart by commas first.
 */
int mountinfo_next(const char **text, struct buf *line, struct mountinfo *ret);

/* Undo the escapes of a text ("\040" is a blank) in place. -EINVAL: a backslash that is none. */
int mountinfo_unescape(char *text);

/* Append the text of process `host_pid`; 0 is ourselves. -ESRCH, ERR_NOT_FOUND: there is none, or
 * it is a zombie. */
int mountinfo_read(int proc_fd, pid_t host_pid, struct buf *ret, struct err *err);
