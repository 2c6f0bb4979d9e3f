/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A process that reads what strangers wrote, shut in with one directory: should it be turned
 * against us, there is nothing that it could reach. In order: namespaces of its own (clone), no
 * descriptors but those that it is given, that directory as its root, few capabilities, no new
 * ones, and only the system calls that unpacking takes.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* What the child is to be cloned with: it sees no mounts, processes, networks but its own. */
extern const uint64_t jail_clone_flags;

/* The descriptors that are shut in with it; -1: none. All others are closed. */
enum { JAIL_ROOT, JAIL_FILE, JAIL_PROGRESS, JAIL_RESULT, JAIL_FDS };

struct jail {
	int fds[JAIL_FDS]; /* JAIL_ROOT is from jail_open_root, unless */
	bool is_in_place;  /* it is a directory where it is, be that in another mount namespace */
};

/* The directory as a mount of its own, on which nothing can be executed and no device opened. The
 * caller's, in the parent, who needs CAP_SYS_ADMIN in the user namespace of its mounts. */
int jail_open_root(int dir_fd, int *ret_mount_fd, struct err *err);

/* In the child, which has a single thread, once: from here on "/" is that directory. A descriptor
 * may get another number. */
int jail_enter(struct jail *jail, struct err *err);

/* The last of it, which jail_enter does: see jail_calls.c. 0 or -errno. */
int jail_restrict_calls(void);
