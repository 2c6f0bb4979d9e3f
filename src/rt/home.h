/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* HOME, for a process that was given none: the home directory of its user in the container. */

#include "base/arena.h"
#include "oci/spec.h"
#include "sys/userdb.h"

/* Where the users are: the container's root, and the host's procfs. */
struct home {
	int root_fd, proc_fd;
	const char *passwd; /* the host's file that will be mounted over /etc/passwd; or NULL */
};

/*
 * "HOME=/root", in `arena`; NULL when process.env has one. "HOME=/" where the container's
 * /etc/passwd says nothing, or can't be read.
 */
char *home_env(const struct home *home, const struct oci_process *process, struct arena *arena);

/* Its /etc/passwd and /etc/group, for home_env and for exec --user. */
int home_load_users(const struct home *home, struct arena *arena, struct userdb *ret,
		    struct err *err);
