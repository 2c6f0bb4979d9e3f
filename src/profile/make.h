/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The two forms of the table: a filter, and a document. Both are made when tare is built.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "oci/types.h"

#include <linux/filter.h>

/* The names of a group, apart. */
void make_names(const char *names, struct arena *arena, struct oci_strings *ret);

/* Who may what the others are refused: the return at `at` is the refusal. */
struct make_key {
	size_t at;
	uint64_t who;
};

struct make_program {
	struct sock_fprog prog; /* for who has no capability */
	struct make_key *keys;
	size_t n_keys;
};

/* For machines that meson calls `machine`. ERR_USAGE: there is no profile for such. */
int make_program(const char *machine, struct arena *arena, struct make_program *ret,
		 struct err *err);

/* As C that is compiled along with profile/filter.c. */
void make_code(const struct make_program *program, struct buf *out);

/* The table as a document of docker's form, for all machines. */
void make_document(struct arena *arena, struct buf *out);
