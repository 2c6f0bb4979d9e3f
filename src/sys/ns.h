/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The kernel's namespaces: the one table of their kinds, and handles on a process's own.
 * namespaces(7), setns(2), ioctl_ns(2).
 */

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum ns_kind {
	NS_USER, NS_MOUNT, NS_PID, NS_NET, NS_IPC, NS_UTS, NS_CGROUP, NS_TIME, NS_KIND_MAX_
};

struct ns_type {
	const char *proc_name; /* below /proc/PID/ns */
	const char *oci_name;  /* in config.json, linux.namespaces[].type */
	uint64_t clone_flag;   /* CLONE_NEW* */
	const char *separates; /* what processes in two of them don't share, for people */
	ino_t initial_ino;     /* of the one that the machine booted with; see ns_initial_ino */
};

extern const struct ns_type ns_types[NS_KIND_MAX_];

/* Identity of a namespace: two handles mean the same namespace when both fields are equal. */
struct ns_id {
	dev_t dev;
	ino_t ino;
};

/* The kind that config.json calls `oci_name`, or -ENOENT. */
int ns_kind_parse(const char *oci_name);

/*
 * Open the namespace of `kind` that process `host_pid` lives in. The caller owns *ret_fd, which
 * keeps the namespace alive.
 *
 * -ESRCH: no such process. -EACCES: not ours to look at.
 */
int ns_open(pid_t host_pid, enum ns_kind kind, int *ret_fd, struct err *err);

/*
 * /proc/PID/ns of a process, O_PATH: a handle on it and no other, as proc_open_pid's is. By its
 * number in the procfs `proc_fd`, or by its directory there. The caller owns *ret_fd. 0 or -errno.
 */
int ns_open_dir(int proc_fd, pid_t host_pid, int *ret_fd);
int ns_open_dir_at(int pid_dir_fd, int *ret_fd);

/* ns_open, by that handle. 0 or -errno. */
int ns_open_at(int ns_dir_fd, enum ns_kind kind, int *ret_fd);

/*
 * Go to another network namespace for a moment, and back: a socket, or a file of /proc/sys/net, is
 * of the one that it was opened in. The calling process must be single-threaded. *ret_home_fd is
 * for ns_net_leave, which closes it.
 */
int ns_net_visit(int netns_fd, int *ret_home_fd, struct err *err);
int ns_net_leave(int *home_fd, struct err *err);

int ns_id(int ns_fd, struct ns_id *ret_id, struct err *err);

/* Is `ns_fd` a namespace of that kind? NS_GET_NSTYPE of ioctl_ns(2). */
bool ns_is_kind(int ns_fd, enum ns_kind kind);

/* ------------------------------------------------------------------- without opening one */

/* "net:[4026531840]", as links in /proc/PID/ns and roots in mountinfo name a namespace. -EINVAL. */
int ns_parse(const char *text, enum ns_kind *ret_kind, ino_t *ret_ino);

/*
 * The namespace of a process, by ns_open_dir. There is one nsfs, so the inode alone is its
 * identity. 0 or -errno: -ESRCH or -ENOENT, the process has ended; -EACCES, not ours to look at.
 */
int ns_read_ino(int ns_dir_fd, enum ns_kind kind, ino_t *ret_ino);

/* The one that its next children are born into (pid and time only). */
int ns_read_children_ino(int ns_dir_fd, enum ns_kind kind, ino_t *ret_ino);

/* The namespace of that kind that the machine booted with; 0 where this kernel gives it no fixed
 * number (mount and network before Linux 6.18). */
ino_t ns_initial_ino(enum ns_kind kind);

/* ------------------------------------------------------------------- relatives */

/*
 * The next namespace out (user and pid only), and the user namespace whose rights count in this
 * one. The caller owns *ret_fd. 0 or -errno: -EPERM, it lies outside of what we see, or there is
 * none; -EINVAL, the kind has no parents.
 */
int ns_parent(int ns_fd, int *ret_fd);
int ns_owner(int ns_fd, int *ret_fd);

/* Who made a user namespace, as our own user namespace counts. 0 or -errno. */
int ns_owner_uid(int user_ns_fd, uid_t *ret_uid);
