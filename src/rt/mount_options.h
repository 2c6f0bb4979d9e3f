/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The options of a mount as config.json and mount(8) write them, as the kernel takes them.
 * OCI runtime specification, config-linux.md, "Linux mount options".
 */

#include "base/arena.h"
#include "base/err.h"
#include "oci/types.h"
#include "sys/mount.h"

#include <stdbool.h>
#include <stdint.h>

enum mount_idmap { MOUNT_IDMAP_NONE, MOUNT_IDMAP, MOUNT_RIDMAP };

struct mount_options {
	uint64_t set, clear;         /* MOUNT_ATTR_*, of the mount itself */
	uint64_t set_rec, clear_rec; /* ... and of those below it */
	uint64_t propagation;        /* MS_*; 0: not given */
	bool propagation_rec;
	bool is_bind, is_recursive;  /* bind, rbind */
	bool copy_up;
	enum mount_idmap idmap;
	struct mount_param *params;  /* the filesystem's own, in the arena */
	size_t n_params;
};

int mount_options_parse(const struct oci_strings *options, struct arena *arena,
			struct mount_options *ret, struct err *err);

/* The name of the i-th option that mount_options_parse knows by itself, or NULL; for `features`. */
const char *mount_options_name(size_t i);
