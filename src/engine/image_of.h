/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The other way from engine/image_use.h: what an image made of a container says of its program. */

#include "base/arena.h"
#include "engine/config.h"
#include "image/image_config.h"

/* As docker has it: all that the container was run with, also what a person said. In `process` is
 * what its image says; the rest of it is borrowed from `config`, or in `arena`. */
void image_of(const struct config *config, struct image_process *process, struct arena *arena);
