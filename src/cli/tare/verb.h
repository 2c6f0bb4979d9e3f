/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the verbs of tare share: the list of them, and the engine of a call. */

#include "cli/program.h"
#include "engine/engine.h"

#define PROGRAM "tare"

static inline const struct engine *call_engine(const struct call *call)
{
	return call->state;
}

#define VERB(name) extern const struct verb verb_##name;
#include "cli/tare/verbs.def"
#undef VERB

/* Those that are in a group only. */
extern const struct verb verb_container_exists, verb_container_prune;
extern const struct verb verb_image_exists, verb_image_inspect, verb_image_prune;
extern const struct verb verb_image_mount, verb_image_unmount;
extern const struct verb verb_network_connect, verb_network_create, verb_network_disconnect;
extern const struct verb verb_network_exists, verb_network_inspect, verb_network_ls;
extern const struct verb verb_network_prune, verb_network_reload, verb_network_rm;
extern const struct verb verb_network_update;
extern const struct verb verb_system_df, verb_system_check, verb_system_prune;
