/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A program of verbs: `PROGRAM [OPTION]... VERB [OPTION]... [OPERAND]...`. What is said here once
 * is how its words are parsed, how help is given, and how a failure is reported: a line that names
 * the verb, the object and the reason, and a hint where there is something to do.
 *
 * A verb is words (an opt_command) and a function. It prints nothing but its result and returns its
 * errors.
 */

#include "base/arena.h"
#include "base/err.h"
#include "base/opt_text.h"

struct program;
struct verb;

/* One call of one verb. */
struct call {
	const struct program *program;
	const struct verb *verb;
	const struct verb *group; /* that it was found in; or NULL */
	const void *globals; /* the program's own struct, filled from the options before the verb */
	const void *args;    /* the verb's own struct, filled from its options */
	char **operands;     /* NULL-terminated, as many as the verb asked for */
	char **words;        /* what followed the verb, as it was given */
	struct arena *arena;
	void *state; /* what program->prepare made of the globals */
};

enum verb_flags {
	VERB_STATELESS = 1 << 0, /* needs nothing that program->prepare would open */
	VERB_MAKES = 1 << 1,     /* its container does not exist yet */
};

/* A verb by the name that it has in a group. */
struct subverb {
	const char *name;
	const struct verb *verb;
};

struct verb {
	struct opt_command command;
	unsigned flags; /* enum verb_flags */
	size_t args_size;

	/* Of a group: what its first operand may be. It has no run of its own. */
	const struct subverb *subverbs;
	size_t n_subverbs;

	/* Returns the exit status, or a negative errno and what went wrong. */
	int (*run)(const struct call *call, struct err *err);
};

struct program {
	const struct opt_command *global; /* its name, and the options before the verb */
	size_t globals_size;
	const struct verb *const *verbs; /* in the order of --help */
	size_t n_verbs;
	const char *lister; /* the words that make it print containers, one a line */
	int usage_status; /* the exit status of words that make no sense */

	/* What holds for every verb, messages for one. Returns 1 when nothing is left to do. */
	int (*begin)(const struct call *call, struct err *err);

	/* Fill call->state, for a verb that is not VERB_STATELESS. */
	int (*prepare)(struct call *call, struct err *err);

	/* The exit status of a verb that failed. */
	int (*status)(const struct call *call, const struct err *err);

	/* One line of what to do about it, if there is something: log_hint. */
	void (*hint)(const struct call *call, const struct err *err);
};

/* The whole of main(). */
int program_main(const struct program *program, int argc, char **argv);

const struct verb *program_find_verb(const struct program *program, const char *name);

/* All of it as base/opt_text.h wants it, in `arena`. */
struct opt_program program_describe(const struct program *program, struct arena *arena);

/* What can be done about it: as the error itself says, or the program. */
void call_hint(const struct call *call, const struct err *err);

/* Does the verb's first operand name a container, and is it given? */
bool call_names_container(const struct call *call);

/* Write to standard output. Returns 0, the exit status of success. */
int print_buf(const struct buf *text, struct err *err);

/* Read the file of an option or operand; "-" is standard input. */
int read_input(const char *path, struct buf *ret_text, struct err *err);

/* Verbs that every program has. */
extern const struct verb verb_help, verb_completion;
