/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ROOT/places: empty files where a container has some of ours mounted (engine/stack_files.h), for
 * images that have none there. Lying below their layers it is seen where nothing else is, so that
 * no place need be made among what the container changes.
 */

#include "base/err.h"

/* The directory, O_PATH, made if it is not there. `base_fd` is the engine's, `root`, as who looks
 * at it sees its ids. The caller owns *ret_fd. */
int places_open(const char *root, int base_fd, int *ret_fd, struct err *err);
