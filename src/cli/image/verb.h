/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the verbs of tare-image share: the store of a call and the engine that it belongs to, how
 * registries are spoken to, and how images are made. */

#include "cli/program.h"
#include "cli/words/commit.h"
#include "cli/words/platform.h"
#include "cli/words/registry.h"
#include "engine/engine.h"
#include "image/image_config.h"
#include "image/platform.h"
#include "registry/registry.h"
#include "store/store.h"

struct image_state {
	struct store store;
	struct engine engine;
};

static inline const struct store *call_store(const struct call *call)
{
	return &((const struct image_state *)call->state)->store;
}

static inline const struct engine *call_engine(const struct call *call)
{
	return &((const struct image_state *)call->state)->engine;
}

/* The caller closes *ret. */
int registry_from_args(const struct call *call, const struct registry_args *args,
		       struct registry **ret, struct err *err);

int platform_from_args(const struct call *call, const struct platform_args *args,
		       struct platform *ret, struct err *err);

/* What a person wants otherwise in `config`. */
int make_from_args(const struct call *call, const struct make_args *args,
		   struct image_config *config, struct err *err);

/* When what is made was made: SOURCE_DATE_EPOCH, or now. *ret_epoch: its seconds, or -1. */
int made_when(const struct call *call, char **ret_created, int64_t *ret_epoch, struct err *err);

/* The whole name that an operand gives to a new image; NULL: none. ERR_USAGE: it has a digest. */
int new_name(const struct call *call, const char *operand, char **ret, struct err *err);

/* Write what an option wants to have in a file. */
int write_file(const char *option, const char *path, const char *text, struct err *err);

#define VERB(name) extern const struct verb verb_##name;
#include "cli/image/verbs.def"
#undef VERB
