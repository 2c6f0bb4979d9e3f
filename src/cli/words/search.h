/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of `search`. */

#include "cli/words/registry.h"

struct search_args {
	struct registry_args registry;
	const char *format;
	uint32_t limit;
	bool no_trunc;
};

static const struct opt search_options[] = {
	OPT_STRING(struct search_args, format, "format", 0, "table|json|TEMPLATE",
		   "shape of the output"),
	OPT_U32(struct search_args, limit, "limit", "N", "at most so many; 25 by default"),
	OPT_FLAG(struct search_args, no_trunc, "no-trunc", 0, "cut no description short"),
	REGISTRY_OPTIONS(struct search_args),
};

#define SEARCH_WORDS                                              \
	{                                                         \
		.name = "search", .operands = "[REGISTRY/]TERM",  \
		.summary = "Look for images in a registry",       \
		.min_operands = 1, .max_operands = 1,             \
		OPT_ROWS(search_options),                         \
	}
