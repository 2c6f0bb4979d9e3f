/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The session keyring. session-keyring(7), keyctl(2). */

/*
 * Leave the caller's session keyring for the one called `name`, which is made if it is missing, and
 * let our user search it. Callable after fork. 0 or -errno: -ENOSYS, the kernel has no keys;
 * -EDQUOT, the user has too many.
 */
int keyring_join_session(const char *name);
