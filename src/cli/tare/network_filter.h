/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which networks are wanted: docker's and podman's --filter of `network ls` and `network prune`. Of
 * one key one of the values is enough, but for labels, which must all be there; of different keys
 * all must hold.
 */

#include "cli/tare/verb.h"
#include "engine/network.h"

#define NETWORK_FILTER_KEYS 9

struct network_filter {
	const char **words[NETWORK_FILTER_KEYS]; /* by key, each list ends with NULL */
};

/* ERR_USAGE: no such key. */
int network_filter_parse(const struct opt_strings *filters, const struct call *call,
			 struct network_filter *ret, struct err *err);

/* Keep those of `list` that are wanted, in their order; of `list`, used[i] says whether containers
 * use it (engine_networks_used). ERR_USAGE: a value is not its key's. */
int network_filter_apply(const struct network_filter *filter, const bool *used,
			 struct network_list *list, struct err *err);
