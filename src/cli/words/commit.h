/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words of `commit`, `export` and `import`: what comes out of containers, and goes back in. */

#include "cli/words/platform.h"

/* How an image that is made differs from what it is made of. */
struct make_args {
	struct opt_strings changes;
	const char *message;
};

/* `make` is a member of the verb's struct. */
#define MAKE_OPTIONS(type)                                                                    \
	OPT_STRINGS(type, make.changes, "change", 'c', "INSTRUCTION",                         \
		    "as in a Containerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, ..."), \
	OPT_STRING(type, make.message, "message", 'm', "TEXT", "what the image's history says")

/* ------------------------------------------------------------------------------- commit */

enum { PAUSE_TRUE = 1, PAUSE_FALSE };
enum { COMMIT_OCI = 1, COMMIT_DOCKER };

struct commit_args {
	struct make_args make;
	const char *author, *id_file;
	int pause, format; /* enums */
	bool no_pause, quiet;
};

static const struct opt commit_options[] = {
	OPT_STRING(struct commit_args, author, "author", 'a', "NAME", "who made the image"),
	MAKE_OPTIONS(struct commit_args),
	{ .kind = OPT_KIND(MAYBE, "pause", "true|false",
			   "let it keep still meanwhile; true by default"),
	  .offset = OPT_FIELD(struct commit_args, pause, int), .name = "pause", .letter = 'p',
	  .value = "true|false", .help = "let it keep still meanwhile; true by default" },
	OPT_FLAG(struct commit_args, no_pause, "no-pause", 0, "the same as --pause=false"),
	OPT_FLAG(struct commit_args, quiet, "quiet", 'q', "the same: the ID alone is printed"),
	OPT_STRING(struct commit_args, id_file, "iidfile", 0, "FILE", "write the ID there too"),
	OPT_CHOICE(struct commit_args, format, "format", 'f', "oci|docker",
		   "whose types its manifest has; oci by default"),
	OPT_REFUSED("squash", "layers stay apart: 'export' and 'import' make one of them"),
	OPT_REFUSED("include-volumes", "say --change 'VOLUME ...'"),
};

#define COMMIT_WORDS                                                                           \
	{                                                                                      \
		.name = "commit", .operands = "CONTAINER [NAME]",                              \
		.summary = "Make an image of a container", .min_operands = 1,                  \
		.max_operands = 2, OPT_ROWS(commit_options),                                   \
	}

/* ------------------------------------------------------------------------------- export */

struct export_args {
	const char *output;
};

static const struct opt export_options[] = {
	OPT_STRING(struct export_args, output, "output", 'o', "FILE",
		   "the archive; standard output by default"),
};

#define EXPORT_WORDS                                                                           \
	{                                                                                      \
		.name = "export", .operands = "CONTAINER",                                     \
		.summary = "Put a container's files into an archive", .min_operands = 1,       \
		.max_operands = 1, OPT_ROWS(export_options),                                   \
	}

/* ------------------------------------------------------------------------------- import */

struct import_args {
	struct make_args make;
	struct platform_args platform;
	bool quiet;
};

static const struct opt import_options[] = {
	MAKE_OPTIONS(struct import_args),
	OPT_FLAG(struct import_args, quiet, "quiet", 'q', "the same: the ID alone is printed"),
	PLATFORM_OPTIONS(struct import_args),
};

#define IMPORT_WORDS                                                                           \
	{                                                                                      \
		.name = "import", .operands = "FILE [NAME]",                                   \
		.summary = "Make an image of an archive of files", .min_operands = 1,          \
		.max_operands = 2, OPT_ROWS(import_options),                                   \
	}
