/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The process that becomes the container, from clone3 to execve. It walks a list of operations that
 * the parent planned (rt/plan.h); here is what an operation may ask for.
 *
 * The rule of these rooms (rt/child*.c; the lint holds them to it): between fork and exec nothing
 * is allocated, formatted or logged. On failure the operation's description and the errno are sent
 * to the parent, which makes the sentence.
 */

#include "base/err.h"
#include "sys/bitlist.h"
#include "sys/caps.h"
#include "sys/lsm.h"
#include "sys/mempolicy.h"
#include "sys/mount.h"
#include "sys/ns.h"
#include "sys/rlimit.h"
#include "sys/sched.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHILD_CGROUP_FDS 48

struct child;
struct op;

/* 0, or -errno. */
typedef int op_fn(struct child *child, const struct op *op);

struct op {
	op_fn *run;
	const char *what; /* "mount tmpfs on '/dev/shm'" */
	const void *arg;  /* as the function says */
};

/* What the walk carries from operation to operation. */
struct child {
	int sync_fd;     /* to the parent; after GO, to whoever started us */
	int proc_fd;     /* the host's procfs */
	int own_proc_fd; /* the container's, once it is mounted; -1 */
	int root_fd;     /* the container's root; "/" for exec */
	int listen_fd;   /* where `start` connects; -1: GO comes on sync_fd */
	int console_fd;  /* the terminal's master; -1 */
	int null_fd;     /* a mount of /dev/null, once the first file was masked; -1 */
	int empty_fd;    /* an empty read-only tmpfs, once the first directory was masked; -1 */
	bool is_in_cwd;
	const char *why; /* set by an operation: goes between its description and the errno */
	enum err_kind kind; /* what a failure is; ERR_SYSTEM unless an operation says otherwise */
	const char *program; /* what args[0] turned out to be; points into program_path or args */
	char program_path[4096];
	uint32_t cgroups;    /* in which v1 hierarchies there is a cgroup: bit i, the i-th */
	int cgroup_fds[CHILD_CGROUP_FDS]; /* `tasks` files of those, then mounts of them */
};

/* No descriptor is open. */
void child_init(struct child *child);

struct child_plan {
	const struct op *ops;
	size_t n;
};

/* Walk the plan; does not return. `child` is the caller's, in the child's copy of memory. */
_Noreturn void child_run(struct child *child, const struct child_plan *plan);

/* ---------------------------------------------------------------- rt/child.c: the exchange */

struct op_wait {
	bool needed;
};
op_fn op_sync_enter; /* struct op_wait */
op_fn op_sync_mounted, op_sync_ready, op_sync_start;

/* ---------------------------------------------------------------- rt/child_ns.c */

struct op_join {
	int fds[NS_KIND_MAX_]; /* by kind; -1: none. NS_PID is for the children of who joins */
};
op_fn op_join_namespaces;

struct op_pidfd {
	int pidfd;
	unsigned flags; /* CLONE_NEW*, all at once */
};
op_fn op_join_pidfd;

struct op_tasks {
	const int *fds; /* `tasks` files of v1 */
	size_t n;
};
op_fn op_join_cgroups;
op_fn op_enter_cgroups; /* those that came with ENTER */

struct op_flags {
	uint64_t flags;
};
op_fn op_unshare;      /* struct op_flags */

struct op_ids {
	uint32_t uid, gid; /* as the user namespace calls them */
};
op_fn op_settle;       /* struct op_ids: whose files the furniture is */
op_fn op_new_session;

struct op_time {
	const char *offsets; /* the text for timens_offsets; NULL: none */
};
op_fn op_enter_time_namespace;

struct op_text {
	const char *text;
};
op_fn op_set_hostname, op_set_domainname; /* struct op_text */
op_fn op_loopback_up;

struct op_executable {
	int exe_fd;       /* of selfexe_open; -1: open it in the child, from */
	const char *path;
};
op_fn op_seal_executable;

struct op_sysctl {
	const char *path, *value; /* path: below /proc */
};
op_fn op_set_sysctl;

/* ---------------------------------------------------------------- rt/child_mount.c */

struct op_root {
	int tree_fd;             /* detached; -1: clone `path` */
	const char *path;
	uint64_t propagation;    /* MS_*; of the root and all below it */
	bool recursive;
};
op_fn op_attach_root; /* also makes all other mounts slaves of the host's */
op_fn op_pivot_root, op_chroot;
op_fn op_move_root; /* --no-pivot: where the host's root is an initramfs, which can't be pivoted */
op_fn op_open_root; /* for exec: "/", once the mount namespace was joined */
op_fn op_enter_root; /* for exec: tree_fd, where there is none to join but a changed root */

struct op_propagation {
	uint64_t propagation;
	bool recursive;
};
op_fn op_root_propagation;
op_fn op_root_readonly;

enum op_mount_flags {
	OP_MOUNT_RECURSIVE = 1 << 0,  /* a bind with what is mounted below the source */
	OP_MOUNT_FILE = 1 << 1,       /* the target is a file */
	OP_MOUNT_COPY_UP = 1 << 2,    /* fill it with what it hides */
	OP_MOUNT_SRC_IN_ROOT = 1 << 3,
	OP_MOUNT_PLAIN = 1 << 4,      /* no component of the target may be a link */
};

struct op_mount {
	const char *target;     /* below the root */
	unsigned flags;
	struct mount_fs fs;     /* a new filesystem, when fs.type is set */
	const char *data;       /* options for mount(2): too long for fsconfig; or NULL */
	int tree_fd;            /* else a detached tree, or -1 and */
	const char *source;     /* the path to clone it from, in the host's view */
	struct mount_change change, change_rec;
	uint64_t propagation;   /* MS_*; 0: private */
	bool propagation_rec;
	int *keep_fd;           /* where the mount stays open, for op_seal_mount; or NULL */
};
op_fn op_mount;
op_fn op_seal_mount; /* int: a mount that was kept becomes read-only and is let go */
op_fn op_unmount; /* struct op_text: the path, below the root */

/* The v1 view: a tmpfs with a directory per hierarchy, holding the mounts that came with ENTER. The
 * v2 view: the one mount that came. */
struct op_mount_cgroups {
	const char *target;
	const char *const *names; /* of the v1 hierarchies; NULL: v2 */
	size_t n;
	const char *const *links; /* name, target, ..., NULL */
	struct mount_change change;
};
op_fn op_mount_cgroups;

struct op_links {
	const char *dir;
	const char *const *names; /* name, target, name, target, ..., NULL */
};
op_fn op_make_links; /* those that exist are left */

op_fn op_mask_path, op_readonly_path; /* struct op_text; what is absent is left */

/* ---------------------------------------------------------------- rt/child_dev.c */

struct op_device {
	const char *path;
	mode_t mode; /* with S_IFCHR and such */
	dev_t rdev;
	uid_t uid;
	gid_t gid;
	bool bind; /* we may not mknod: show the host's of that path */
};
op_fn op_make_device;

/* What every container has in /dev: nodes, all of them directly below it, links, ptmx. */
struct op_devices {
	const struct op_device *v;
	size_t n;
	const char *const *links; /* name, target, ..., NULL */
};
op_fn op_furnish_dev;

struct op_console {
	unsigned short rows, columns; /* 0: leave */
	uid_t uid;
	bool mount_console; /* bind it on /dev/console too */
};
op_fn op_open_console;

/* ---------------------------------------------------------------- rt/child_process.c */

struct op_rlimits {
	const struct rlimit_value *v;
	size_t n;
};
op_fn op_set_rlimits;

op_fn op_set_scheduler;   /* struct sched_params */
op_fn op_set_affinity;    /* struct bitlist */
op_fn op_set_memory_policy; /* struct mempolicy */
struct op_number {
	unsigned long value;
};
op_fn op_set_io_priority, op_set_personality, op_set_umask; /* struct op_number */
op_fn op_join_keyring;    /* struct op_text: its name */
op_fn op_reset_signals;

struct op_stdio {
	int fds[3];
};
op_fn op_set_stdio;

struct op_cwd {
	const char *path;
	bool make;
};
op_fn op_set_cwd; /* as root; what root may not see is tried again by */
op_fn op_check_cwd; /* as the user; and the directory must lie in the container */

struct op_identity {
	uint32_t uid, gid;
	const uint32_t *gids;
	size_t n_gids;
	uint64_t bounding, known; /* capabilities */
	bool may_keep_groups;     /* where the user namespace denies setgroups(2) */
	bool needs_admin;         /* keep capabilities effective until op_set_caps */
};
op_fn op_set_identity;

struct op_caps {
	struct caps caps;
	bool no_new_privs;
};
op_fn op_set_caps;

struct op_program {
	const char *name;  /* args[0] */
	const char *paths; /* the value of PATH */
};
op_fn op_find_program;

struct op_label {
	enum lsm lsm;
	const char *label;
};
op_fn op_set_label;

struct op_seccomp {
	const struct sock_filter *insns;
	unsigned short n;
	unsigned flags;
	bool has_listener;
};
op_fn op_load_seccomp;

struct op_exec {
	char *const *args, *const *env;
};
op_fn op_exec_program;
op_fn op_close_fds; /* struct op_number: how many from 3 on are kept */
