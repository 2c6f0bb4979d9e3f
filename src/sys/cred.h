/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who a process is: its user, group and supplementary groups. credentials(7).
 *
 * All are callable after fork and after a raw clone3, where the C library's own versions may hang
 * while they wait for threads that don't exist. 0 or -errno. The order is cred_keep_caps,
 * cred_set_groups, cred_set_ids, then the capabilities.
 */

#include <stddef.h>
#include <stdint.h>

/* Keep the permitted capabilities when the user id stops being 0, until the next exec. */
int cred_keep_caps(void);

/* Replace the supplementary groups; none is a set as well and must be asked for. -EPERM: no right,
 * or the user namespace says "deny" in /proc/PID/setgroups. */
int cred_set_groups(const uint32_t *gids, size_t n);

/* Real, effective, saved and filesystem ids: all of them, or an error. -EINVAL: the id is not
 * mapped in this user namespace. -EUCLEAN: the kernel said yes and did something else. */
int cred_set_ids(uint32_t uid, uint32_t gid);

/* In a user namespace that we have just entered: no groups, and these ids. What it does not map, or
 * forbids, stays as it is. */
int cred_settle(uint32_t uid, uint32_t gid);

/*
 * Make files and mounts as that id, user and group alike, with all capabilities that we have: where
 * only some ids are mapped (idmapped mounts) root makes nothing. 0 is to be root again. -EPERM: no
 * CAP_SETPCAP. setfsuid(2), SECBIT_NO_SETUID_FIXUP.
 */
int cred_make_as(uint32_t id);
