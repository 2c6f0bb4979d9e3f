/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a tare that was killed left half-made or half-removed: an entry that nobody lists. Whoever
 * makes or takes away an entry has its directory locked meanwhile, so one that is hidden, and
 * neither locked nor attended by a monitor, is nobody's.
 */

#include "engine/engine.h"

/* Take away the entry of `id`, and all that it holds, if it is nobody's. */
void abandoned_remove(const struct engine *engine, const char *id);

/* The same for whoever has the name. True: it is free now. */
bool abandoned_free_name(const struct engine *engine, const char *name);
