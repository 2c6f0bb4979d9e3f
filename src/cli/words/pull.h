/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of `pull`. */

#include "cli/words/platform.h"
#include "cli/words/registry.h"

struct pull_args {
	struct registry_args registry;
	struct platform_args platform;
	bool all_tags, quiet, untrusted;
};

static const struct opt pull_options[] = {
	OPT_FLAG(struct pull_args, all_tags, "all-tags", 'a', "all tags of the repository"),
	OPT_FLAG(struct pull_args, quiet, "quiet", 'q', "print the name alone"),
	OPT_FLAG(struct pull_args, untrusted, "disable-content-trust", 0,
		 "the same: there are no signatures yet"),
	PLATFORM_OPTIONS(struct pull_args),
	REGISTRY_OPTIONS(struct pull_args),
};

#define PULL_WORDS                                                   \
	{                                                            \
		.name = "pull", .operands = "IMAGE...",              \
		.summary = "Fetch images from registries",           \
		.min_operands = 1, .max_operands = OPT_OPERANDS_ANY, \
		OPT_ROWS(pull_options),                              \
	}
