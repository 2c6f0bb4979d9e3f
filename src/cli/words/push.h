/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of `push`. */

#include "cli/words/registry.h"

struct push_args {
	struct registry_args registry;
	const char *digest_file;
	bool all_tags, quiet, untrusted;
};

static const struct opt push_options[] = {
	OPT_FLAG(struct push_args, all_tags, "all-tags", 'a', "all tags of the repository"),
	OPT_FLAG(struct push_args, quiet, "quiet", 'q', "print the name alone"),
	OPT_FLAG(struct push_args, untrusted, "disable-content-trust", 0,
		 "the same: there are no signatures yet"),
	OPT_STRING(struct push_args, digest_file, "digestfile", 0, "FILE",
		   "write the digest of the manifest to FILE"),
	REGISTRY_OPTIONS(struct push_args),
};

#define PUSH_WORDS                                          \
	{                                                   \
		.name = "push", .operands = "IMAGE [NAME]", \
		.summary = "Put an image into a registry",  \
		.min_operands = 1, .max_operands = 2,       \
		OPT_ROWS(push_options),                     \
	}
