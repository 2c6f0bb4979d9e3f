/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A root filesystem from the layers of an image, with a place for what is changed. How that is done
 * is a driver's business: a row in snapshot.c and a file of its own. None copies a byte that
 * another could have shown.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snapshot_request {
	const int *layer_fds; /* directories (O_PATH), the lowest first; at least one */
	size_t n_layers;
	int changes_fd;   /* an empty or earlier directory for upper and work; -1: read-only */
	uint32_t maker;   /* who makes things there, if root is not mapped; 0: root */
	bool is_volatile; /* nobody needs the changes after a crash of the machine */
	bool is_lasting;  /* it is to stay when the calling process has ended */
};

/*
 * Mount it over the directory `target_fd`, in the caller's mount namespace, which has a /proc. The
 * working directory may have changed afterwards. The words are those of the first driver.
 */
int snapshot_mount(const struct snapshot_request *request, int target_fd, struct err *err);
