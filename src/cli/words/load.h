/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of `load` and `save`. */

#include "cli/words/platform.h"

struct load_args {
	struct platform_args platform;
	const char *input;
	bool quiet;
};

static const struct opt load_options[] = {
	OPT_STRING(struct load_args, input, "input", 'i', "FILE",
		   "the archive, or a directory; standard input by default"),
	OPT_FLAG(struct load_args, quiet, "quiet", 'q', "print names alone"),
	PLATFORM_OPTIONS(struct load_args),
};

#define LOAD_WORDS                                                       \
	{                                                                \
		.name = "load", .summary = "Take images from an archive", \
		OPT_ROWS(load_options),                                  \
	}

enum { SAVE_DOCKER = 1, SAVE_OCI, SAVE_OCI_DIR, SAVE_DIR };

struct save_args {
	const char *output;
	int format;
	bool quiet, multi;
};

static const struct opt save_options[] = {
	OPT_STRING(struct save_args, output, "output", 'o', "FILE",
		   "the archive, or a directory; standard output by default"),
	OPT_CHOICE(struct save_args, format, "format", 0,
		   "docker-archive|oci-archive|oci-dir|docker-dir",
		   "what it becomes; docker-archive by default"),
	OPT_FLAG(struct save_args, multi, "multi-image-archive", 'm',
		 "the same: an archive may hold several"),
	OPT_FLAG(struct save_args, quiet, "quiet", 'q', "the same: nothing is printed"),
};

#define SAVE_WORDS                                                   \
	{                                                            \
		.name = "save", .operands = "IMAGE...",              \
		.summary = "Put images into an archive",             \
		.min_operands = 1, .max_operands = OPT_OPERANDS_ANY, \
		OPT_ROWS(save_options),                              \
	}
