/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A file or a whole directory given to somebody, by one walk that follows no link and does not
 * leave the filesystem. What is his already is left alone. chown(2): bits that would make a program
 * run as another are lost by what changes hands.
 */

#include <sys/types.h>

/* `fd` may be O_PATH. 0 or -errno; -ELOOP: it is nested more than 512 levels. */
int chowntree(int fd, uid_t uid, gid_t gid);
