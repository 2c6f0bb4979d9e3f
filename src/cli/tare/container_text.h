/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What tables say of a container, as ps does. */

#include "engine/engine.h"

/* "Up 3 minutes", "Exited (137) 2 days ago, OOM-killed: ..." */
const char *container_status_text(const struct engine_container *container, struct arena *arena);

/* All its words with a blank between, in quotes; its beginning unless it is wanted whole. */
const char *container_command_text(const struct config *config, bool whole, struct arena *arena);
