/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether the ids of a file system can be mapped for a mount of it (mount_setattr(2),
 * MOUNT_ATTR_IDMAP): that depends on the kernel and on the kind of file system, and costs a user
 * namespace to find out. So each is tried once until the machine boots again; ROOT/mappable keeps
 * the answers, and can be removed at any time.
 */

#include "base/buf.h"
#include "base/err.h"

enum mappable {
	MAPPABLE,
	MAPPABLE_NEWLY_NOT, /* it can't, and that was not known before */
	MAPPABLE_NOT,
	MAPPABLE_NEEDLESS,  /* what the kernel shows there is nobody's: /proc, /sys, /dev */
};

/* What is known by now; `root_fd`, borrowed, is the engine's directory. */
struct mappable_answers {
	int root_fd, proc_fd;
	struct buf boot_id, text;
};

#define MAPPABLE_ANSWERS_NONE { .root_fd = -1, .proc_fd = -1 }

int mappable_open(int root_fd, struct mappable_answers *ret, struct err *err);
void mappable_close(struct mappable_answers *answers);

/* Of what lies at `fd` (O_PATH will do); for an overlay of it as well, which takes Linux 5.19. In a
 * process that has a single thread. An enum mappable, or a negative errno. */
enum mappable_use { MAPPABLE_ALONE, MAPPABLE_BELOW_OVERLAY };
int mappable_ask(struct mappable_answers *answers, int fd, enum mappable_use use,
		 struct err *err);
