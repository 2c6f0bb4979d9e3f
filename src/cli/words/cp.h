/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of `cp`. */

#include "base/opt.h"

struct cp_args {
	bool archive, follow, quiet, overwrite;
};

static const struct opt cp_options[] = {
	OPT_FLAG(struct cp_args, archive, "archive", 'a',
		 "keep who owns what, with set-id bits and capabilities"),
	OPT_FLAG(struct cp_args, follow, "follow-link", 'L', "follow a link that SOURCE is"),
	OPT_FLAG(struct cp_args, overwrite, "overwrite", 0,
		 "replace directories by what is none, and the other way round"),
	OPT_FLAG(struct cp_args, quiet, "quiet", 'q', "do not tell what was left out"),
};

#define CP_WORDS                                                                               \
	{                                                                                      \
		.name = "cp", .operands = "SOURCE TARGET",                                     \
		.summary = "Copy files into a container, or out of it", .min_operands = 2,     \
		.max_operands = 2, OPT_ROWS(cp_options),                                       \
	}
