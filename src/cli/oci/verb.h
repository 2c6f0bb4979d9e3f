/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the verbs of tare-oci share: the list of them, and the library's state of a call. */

#include "cli/program.h"
#include "rt/rt.h"

#define PROGRAM "tare-oci"

static inline const struct rt *call_rt(const struct call *call)
{
	return call->state;
}

#define VERB(name) extern const struct verb verb_##name;
#include "cli/oci/verbs.def"
#undef VERB
