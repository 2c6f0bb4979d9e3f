/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A terminal that nobody is at: it lasts as long as somebody has its master open and reads it. */

#include "engine/engine.h"

/* Leave `master_fd`, which stays the caller's, to a process that reads it, and ends when nobody has
 * the terminal open any more. It lives among the monitors, and outlives us. pty(7). */
int holder_start(const struct engine *engine, int master_fd, struct arena *arena, struct err *err);
