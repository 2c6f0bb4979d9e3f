/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Local sockets: by directory descriptor instead of a path, and descriptors as cargo. unix(7). */

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

/* A socket of `type` (SOCK_SEQPACKET ...), bound to `name` in a directory of ours, listening. */
int sock_listen_at(int dir_fd, const char *name, int type, int *ret_fd, struct err *err);

/* Connect to `name` in a directory. -ECONNREFUSED: nobody listens any more; -ENOENT. */
int sock_connect_at(int dir_fd, const char *name, int type, int *ret_fd, struct err *err);

/* Connect to the socket at `path`, however long the path is. -EAGAIN: nobody accepts, for 10 s. */
int sock_connect(const char *path, int type, int *ret_fd, struct err *err);

/* Send `len` bytes, with descriptor `fd` if that is >= 0. Callable after fork. 0 or -errno. */
int sock_send(int sock_fd, const void *bytes, size_t len, int fd);

/* Receive one message; *ret_fd is -1 or a descriptor (close-on-exec, the caller's). The number of
 * bytes, 0 at end of file, or -errno. -EMSGSIZE: it was longer, or had more descriptors; all of it
 * is lost. Callable after fork. */
ssize_t sock_receive(int sock_fd, void *bytes, size_t len, int *ret_fd);

/* The same with up to SOCK_FDS_MAX descriptors; those that came are at ret_fds[0..], the rest of it
 * is -1. */
#define SOCK_FDS_MAX 64
int sock_send_fds(int sock_fd, const void *bytes, size_t len, const int *fds, size_t n);
ssize_t sock_receive_fds(int sock_fd, void *bytes, size_t len, int *ret_fds, size_t cap);
