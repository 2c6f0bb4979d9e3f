/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the room of statistics lets its tests see; its door is engine.h's. */

#include "engine/engine.h"
#include "engine/entry.h"
#include "oci/list.h"

/* 100 is all of one processor's time. 0 where nothing can be said. */
double stats_cpu_pct(uint64_t before_ns, uint64_t now_ns, int64_t span_ns);
