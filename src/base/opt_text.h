/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The texts that tables of options make: --help, the man page's OPTIONS, completion of shells.
 */

#include "base/buf.h"
#include "base/opt.h"

/* A program: its own options and its verbs. */
struct opt_program {
	const struct opt_command *global;
	const struct opt_command *const *verbs;
	size_t n_verbs;
	const char *lister; /* the words that make it print containers, one a line: "list -q" */
};

/* What `PROGRAM VERB --help` prints. */
void opt_format_help(const char *program, const struct opt_command *command, struct buf *out);

/* What `PROGRAM --help` prints. */
void opt_format_overview(const struct opt_program *program, struct buf *out);

/* The sections OPTIONS and COMMANDS of the man page, for scdoc. */
void opt_format_scdoc(const struct opt_program *program, struct buf *out);

/* A script for "bash", "zsh" or "fish" that completes verbs, options and their words, and as
 * operands what `PROGRAM LISTER` prints. */
int opt_format_completion(const struct opt_program *program, const char *shell, struct buf *out,
			  struct err *err);
