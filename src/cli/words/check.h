/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of `system check`. */

#include "base/opt.h"

enum { CHECK_TABLE = 1, CHECK_JSON };

struct check_args {
	int format;
	bool repair, quick;
};

static const struct opt check_options[] = {
	OPT_CHOICE(struct check_args, format, "format", 0, "table|json", "shape of the output"),
	OPT_FLAG(struct check_args, quick, "quick", 0,
		 "look at the sizes of blobs, and into no layer"),
	OPT_FLAG(struct check_args, repair, "repair", 0,
		 "mend what can be had from what is there, and remove rubbish"),
};

#define CHECK_WORDS                                                          \
	{                                                                    \
		.name = "check",                                             \
		.summary = "Prove that the store of images is whole",        \
		OPT_ROWS(check_options),                                     \
	}
