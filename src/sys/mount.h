/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Mounts as descriptors: made or cloned detached, restricted while nobody sees them, then attached
 * to a descriptor. fsopen(2), fsconfig(2), fsmount(2), open_tree(2), move_mount(2),
 * mount_setattr(2). All are callable after fork: they allocate nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>

/* A mount option of a filesystem: key=value, or a flag when `value` is NULL. */
struct mount_param {
	const char *key, *value;
};

struct mount_fs {
	const char *type;
	const char *source; /* NULL: none */
	const struct mount_param *params;
	size_t n_params;
	uint64_t attr; /* MOUNT_ATTR_* */
};

/* A new, detached mount. Returns its descriptor or -errno. */
int mount_make(const struct mount_fs *fs);

/* The same; *ret_refused is the key of the parameter that the filesystem refused, or NULL. */
int mount_make_or_tell(const struct mount_fs *fs, const char **ret_refused);

/* A detached copy of what is at `path` below `dir_fd` ("": dir_fd itself), with the mounts below it
 * when `recursive`. Returns its descriptor or -errno. */
int mount_clone(int dir_fd, const char *path, bool recursive);

/* Change attributes, and the propagation (MS_SHARED ..., 0: leave) of a mount, or with `recursive`
 * of all below it. 0 or -errno. */
struct mount_change {
	uint64_t set, clear, propagation;
	int userns_fd; /* for MOUNT_ATTR_IDMAP in `set` */
};
int mount_change(int mount_fd, const struct mount_change *change, bool recursive);

/* Do both lie on the same mount? */
bool mount_is_same(int a_fd, int b_fd);

/* Does it lie on the mount that mountinfo has by that number (sys/mountinfo.h)? */
bool mount_is(int fd, uint32_t id);

/* Attach a detached mount over what `target_fd` is. 0 or -errno. */
int mount_attach(int mount_fd, int target_fd);

/* The same over `name` in a directory in which nobody else makes names. */
int mount_attach_at(int mount_fd, int dir_fd, const char *name);

/* Make the working directory, a mount, the root of this mount namespace, and let go of the old
 * root. pivot_root(2). 0 or -errno. */
int mount_pivot(void);

/* The same without pivot_root: move that mount over "/" and change the root to it. 0 or -errno. */
int mount_move_root(void);

/* mount(2) on the directory `target_fd`, which becomes the working directory: for options longer
 * than the 255 bytes that fsconfig takes. 0 or -errno. */
int mount_legacy(const struct mount_fs *fs, int target_fd, const char *data);

/* Take off the mount whose root `target_fd` is; `fds_fd` is "self/fd" of a procfs that can be
 * trusted. Changes the working directory. 0 or -errno; -EINVAL: nothing is mounted there. */
int mount_detach(int fds_fd, int target_fd);
