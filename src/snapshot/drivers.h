/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The drivers of src/snapshot; for snapshot.c. */

#include "snapshot/snapshot.h"

/* overlayfs: Documentation/filesystems/overlayfs.rst */
int snapshot_overlay(const struct snapshot_request *request, int target_fd, struct err *err);
