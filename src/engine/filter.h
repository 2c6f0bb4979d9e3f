/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which containers are wanted: the words of --filter, docker's and podman's keys together. Of one
 * key one of the values is enough, but for labels, which must all be there; of different keys all
 * must hold.
 */

#include "base/opt.h"
#include "engine/engine.h"

struct filter_value;

struct filter {
	struct filter_value *values; /* in the order of the table of keys */
	size_t n;
};

#define FILTER_NONE { NULL, 0 }
void filter_done(struct filter *filter);
#define auto_filter auto_cleanup(filter_done)

/* ERR_USAGE: no such key, or not its value. ERR_NOT_FOUND: since= or before= a container that is
 * not there. All but what filter_done frees is in `arena`; `words` is borrowed. */
int filter_parse(const struct engine *engine, const struct opt_strings *words, struct arena *arena,
		 struct filter *ret, struct err *err);

/* The statuses that it asks for, a bit for each enum status_kind; `otherwise` where it says nothing
 * of a status. What has none of them need not be read. */
unsigned filter_kinds(const struct filter *filter, unsigned otherwise);

bool filter_matches(const struct filter *filter, const struct engine_container *container);

/* Keep those of `list` that are wanted, in their order. */
void filter_apply(const struct filter *filter, struct engine_container *list, size_t *n);
