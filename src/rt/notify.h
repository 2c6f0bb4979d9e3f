/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Readiness: sd_notify(3) from inside a container to whoever started us as a service.
 *
 * When our environment names a NOTIFY_SOCKET, `create` makes a directory for a socket of our own
 * and mounts it into the container; `start` binds the socket, starts the container, and passes on
 * that it is ready. Nothing else that the container says gets out.
 *
 * And LISTEN_FDS: sockets that were opened for the service, sd_listen_fds(3).
 */

#include "base/arena.h"
#include "base/err.h"
#include "oci/spec.h"

#include <sys/types.h>

/* What the container's environment gets. */
#define NOTIFY_ENV "NOTIFY_SOCKET=/run/notify/notify.sock"

/* NOTIFY_SOCKET of our environment, or NULL when it is unset or no local socket. */
const char *notify_host_socket(void);

/* For create: the directory in the container's state directory, and the mount that shows it. */
int notify_make_dir(int state_dir_fd, struct err *err);
struct oci_mount notify_mount(const char *state_dir, struct arena *arena);

struct notify {
	int host_fd;	  /* connected to the host's socket */
	int container_fd; /* bound to ours */
};

#define NOTIFY_NONE    \
	{              \
		-1, -1 \
	}
void notify_done(struct notify *notify);
#define auto_notify auto_cleanup(notify_done)

/*
 * For start, before the container runs. -ENOENT: create made no directory, so the container has
 * nothing to notify through.
 */
int notify_open(int state_dir_fd, const char *host_socket, struct notify *ret_notify,
		struct err *err);

/*
 * Wait until the container says READY=1, pass it on with MAINPID=`host_pid`, and until the host has
 * taken note, a few seconds at most. Returns 1 then, or 0 when the process behind `pidfd` ended
 * first.
 */
int notify_relay(const struct notify *notify, int pidfd, pid_t host_pid, struct err *err);

/*
 * The number of descriptors from 3 up that were passed to us by LISTEN_FDS; 0 when they are meant
 * for another process (LISTEN_PID). -EINVAL: it is not a number, or absurd, or not all are open.
 */
int notify_listen_fds(struct err *err);

/* What the container's environment gets for `n` of them: NULL-terminated, in the arena. */
char **notify_listen_env(int n, struct arena *arena);
