/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A container that is not started yet: its entry, by what a person and its image say. */

#include "engine/entry.h"

/* As entry_create; the image is found, and what it says counts where a person said nothing. The id
 * is written to `id_fd`, if that is > 0. */
int create_entry(const struct engine *engine, struct config *config, int id_fd,
		 struct arena *arena, struct entry *entry, struct err *err);
