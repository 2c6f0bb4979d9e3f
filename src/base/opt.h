/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Command lines as typed tables. A verb fills a struct; its table says which option fills which
 * field. Parsing, --help, shell completion and the OPTIONS section of the man page all come from
 * that table (base/opt_text.h makes the texts).
 *
 *	struct kill_args { bool all; };
 *	static const struct opt kill_options[] = {
 *		OPT_FLAG(struct kill_args, all, "all", 'a', "signal all its processes"),
 *	};
 *
 * A field of another type than the row's does not compile. The tables hold no pointers, so the
 * loader has nothing to relocate in them and pages that are not read are not touched.
 *
 * --name VALUE, --name=VALUE, -x VALUE, -xVALUE, -abc for flags, --flag=false; "--" ends options.
 * --help is understood everywhere, and -h where no row has that letter.
 */

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The C type of each kind is in the comment. */
enum opt_kind {
	OPT_KIND_FLAG,    /* bool */
	OPT_KIND_STRING,  /* const char *, borrowed from argv */
	OPT_KIND_STRINGS, /* struct opt_strings: the option may be given again */
	OPT_KIND_U32,     /* uint32_t */
	OPT_KIND_I64,     /* struct opt_i64 */
	OPT_KIND_SIZE,    /* struct opt_i64: bytes, "512m", -1 */
	OPT_KIND_CHOICE,  /* int: which of the words of `value`, counted from 1; 0: not given */
	OPT_KIND_MAYBE,   /* the same; without a value, the first word is meant */
	OPT_KIND_REFUSED, /* none: known, not supported; `help` is the reason */
};

struct opt {
	char name[24];
	char value[48]; /* how --help calls the value; of a choice, its words: "text|json" */
	char help[112];
	char letter; /* or 0 */
	unsigned char kind;
	unsigned short offset;
};

struct opt_strings {
	const char **v;
	size_t n;
};

struct opt_i64 {
	bool is_set;
	int64_t value;
};

#define OPT_FIELD(type, field, want) \
	_Generic(((type *)NULL)->field, want: (unsigned short)offsetof(type, field))

/* A text that is too long for its array, or that fills it to the last byte, does not compile. */
#define OPT_FITS(member, text) \
	(0 * sizeof(char[1 - 2 * (sizeof(text) > sizeof(((struct opt *)NULL)->member))]))
#define OPT_KIND(which, long_name, what, text)                                       \
	(OPT_KIND_##which + OPT_FITS(name, long_name) + OPT_FITS(value, what) + \
	 OPT_FITS(help, text))

#define OPT_FLAG(type, field, long_name, short_name, text)      \
	{ .kind = OPT_KIND(FLAG, long_name, "", text),          \
	  .offset = OPT_FIELD(type, field, bool),               \
	  .name = long_name, .letter = short_name, .help = text }
#define OPT_STRING(type, field, long_name, short_name, what, text)      \
	{ .kind = OPT_KIND(STRING, long_name, what, text),              \
	  .offset = OPT_FIELD(type, field, const char *),               \
	  .name = long_name, .letter = short_name, .value = what, .help = text }
#define OPT_STRINGS(type, field, long_name, short_name, what, text)     \
	{ .kind = OPT_KIND(STRINGS, long_name, what, text),             \
	  .offset = OPT_FIELD(type, field, struct opt_strings),         \
	  .name = long_name, .letter = short_name, .value = what, .help = text }
#define OPT_U32(type, field, long_name, what, text)     \
	{ .kind = OPT_KIND(U32, long_name, what, text), \
	  .offset = OPT_FIELD(type, field, uint32_t),   \
	  .name = long_name, .value = what, .help = text }
#define OPT_I64(type, field, long_name, short_name, what, text) \
	{ .kind = OPT_KIND(I64, long_name, what, text),         \
	  .offset = OPT_FIELD(type, field, struct opt_i64),     \
	  .name = long_name, .letter = short_name, .value = what, .help = text }
#define OPT_SIZE(type, field, long_name, short_name, text)      \
	{ .kind = OPT_KIND(SIZE, long_name, "BYTES", text),     \
	  .offset = OPT_FIELD(type, field, struct opt_i64),     \
	  .name = long_name, .letter = short_name, .value = "BYTES", .help = text }
#define OPT_CHOICE(type, field, long_name, short_name, what, text)      \
	{ .kind = OPT_KIND(CHOICE, long_name, what, text),              \
	  .offset = OPT_FIELD(type, field, int),                        \
	  .name = long_name, .letter = short_name, .value = what, .help = text }
#define OPT_MAYBE(type, field, long_name, what, text)           \
	{ .kind = OPT_KIND(MAYBE, long_name, what, text),       \
	  .offset = OPT_FIELD(type, field, int),                \
	  .name = long_name, .value = what, .help = text }
#define OPT_REFUSED(long_name, reason) OPT_REFUSED_AS(long_name, 0, reason)
#define OPT_REFUSED_AS(long_name, short_name, reason)             \
	{ .kind = OPT_KIND(REFUSED, long_name, "", reason),       \
	  .name = long_name, .letter = short_name, .help = reason }

#define OPT_OPERANDS_ANY 255

/* A program or one of its verbs, as far as its words go. */
struct opt_command {
	char name[16];
	char operands[40]; /* "CONTAINER [SIGNAL]": a word each */
	char summary[64];
	unsigned char min_operands, max_operands;
	bool in_order; /* options end at the first operand: what follows is somebody else's */
	unsigned short n_rows;
	const struct opt *rows;
	const char *words; /* "add|remove": what the first operand may be; or NULL */
};

#define OPT_ROWS(table) .rows = (table), .n_rows = sizeof(table) / sizeof((table)[0])

enum { OPT_HELP = 1 };

/* The row whose letter that is, or NULL. */
const struct opt *opt_find_letter(const struct opt_command *command, char letter);

/*
 * Parse *argv, a NULL-terminated vector without the program's or verb's own name, into `fields`,
 * which the caller zeroed. Afterwards *argv holds the operands only, NULL-terminated. Returns 0, or
 * OPT_HELP when help was asked for, or -EINVAL. Lists are put into `arena`.
 */
int opt_parse(const struct opt_command *command, void *fields, char **argv, struct arena *arena,
	      struct err *err);
