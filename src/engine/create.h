/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A container that is not started yet: its entry, by what a person and its image say. */

#include "engine/entry.h"

/* As entry_create; the image is found, and what it says counts where a person said nothing. */
int create_entry(const struct engine *engine, struct config *config, struct arena *arena,
		 struct entry *entry, struct err *err);

/* Write the id there, if `id_fd` is > 0. */
int create_write_id(const struct config *config, int id_fd, struct err *err);
