/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Network devices. rtnetlink(7), netdevice(7); linux.netDevices of the runtime specification. */

#include "base/err.h"

/* Can a network device have this name? ERR_USAGE: no. */
int netdev_check_name(const char *name, struct err *err);

/*
 * Move the device `host_name` out of our network namespace into that of `netns_fd`, name it `name`
 * there (NULL or "": the same; "eth%d": the first free), and bring it up. Its permanent addresses
 * of global scope go along; MAC and MTU stay with it anyway; routes do not. When something fails
 * after the move, it is brought back as it was, as far as possible.
 *
 * The calling process must be single-threaded: it enters the other namespace for a moment.
 *
 * ERR_NOT_FOUND: no such device. ERR_CONFLICT: the container has one of that name. ERR_USAGE: a
 * name that is none.
 */
int netdev_move(const char *host_name, int netns_fd, const char *name, struct err *err);

/* Bring up "lo" of our network namespace. Callable after fork. 0 or -errno. */
int netdev_loopback_up(void);
