/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The drivers of src/snapshot; for snapshot.c. */

#include "snapshot/snapshot.h"

/* Where changes are kept, made if they are not there: "upper" and "work", as overlayfs wants. */
int snapshot_make_places(int changes_fd, struct err *err);

/* Instead of both, what the last driver keeps there. */
#define SNAPSHOT_COPY "copy"

/* overlayfs: Documentation/filesystems/overlayfs.rst */
int snapshot_overlay(const struct snapshot_request *request, int target_fd, struct err *err);

/* fuse-overlayfs(1), if it is installed. Its process is a child of the caller's. */
int snapshot_fuse(const struct snapshot_request *request, int target_fd, struct err *err);

/* All layers copied into one directory, below the changes. */
int snapshot_copy(const struct snapshot_request *request, int target_fd, struct err *err);
