/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * --volumes-from NAME[:ro|rw]: what another container was shown of the host, and the volumes of its
 * image, at the same places. Resolved when a container is made, into mounts of its own: it does not
 * matter whether the other runs.
 */

#include "engine/engine.h"

/* Add to config->mounts what config->volumes_from names, but for places that it has something else
 * at. ERR_NOT_FOUND; ERR_USAGE. */
int volumes_from_choose(const struct engine *engine, struct config *config, struct arena *arena,
			struct err *err);
