/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session keyring of the container's own, so that keys of whoever started it are not visible
 * inside.
 */
#include "sys/keyring.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * keyctl_setperm(3). A new keyring gives its possessor everything and its user view, read and link.
 * Without search as well, a second process of the same user can't join it by name.
 */
#define PERM_POSSESSOR_ALL 0x3f000000u
#define PERM_USER	   0x001b0000u /* view, read, search, link */

int keyring_join_session(const char *name)
{
	long serial = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name, 0, 0, 0);

	if (serial < 0)
		return -errno;
	/* 0: it is the one that we have already. */
	if (serial > 0 &&
	    syscall(SYS_keyctl, KEYCTL_SETPERM, serial, PERM_POSSESSOR_ALL | PERM_USER, 0, 0) < 0)
		return -errno;
	return 0;
}
