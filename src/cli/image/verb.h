/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the verbs of tare-image share: the store of a call, and how registries are spoken to. */

#include "cli/program.h"
#include "cli/words/platform.h"
#include "cli/words/registry.h"
#include "image/platform.h"
#include "registry/registry.h"
#include "store/store.h"

static inline const struct store *call_store(const struct call *call)
{
	return call->state;
}

/* The caller closes *ret. */
int registry_from_args(const struct call *call, const struct registry_args *args,
		       struct registry **ret, struct err *err);

int platform_from_args(const struct call *call, const struct platform_args *args,
		       struct platform *ret, struct err *err);

#define VERB(name) extern const struct verb verb_##name;
#include "cli/image/verbs.def"
#undef VERB
