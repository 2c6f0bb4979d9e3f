/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Owner, mode, extended attributes and times of what was just made, in the order in which one does
 * not undo another: chown takes away set-uid bits and capabilities, all of them change times.
 */

#include "base/err.h"
#include "layer/tar_pax.h"

#include <stdbool.h>
#include <sys/types.h>

struct attributes {
	uint32_t uid, gid;
	mode_t mode; /* 07777 */
	struct timespec mtime;
	const struct tar_xattr *xattrs;
	size_t n_xattrs;
};

/* By descriptor where there is one that is more than O_PATH, else by name. */
struct made {
	int fd;          /* or -1 */
	int dir_fd;
	const char *name;
};

/* What is asked for and may not be had: attributes that the file system does not know, and, where
 * is_rootless, those that are denied us. They are counted. */
struct attributes_left_out {
	bool is_rootless;
	uint64_t n;
};

/* Those that tell overlayfs something are left out silently. May change the working directory. */
int attributes_apply(const struct attributes *attributes, const struct made *made,
		     struct attributes_left_out *left_out, struct err *err);
