/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Values as D-Bus has them: made by us, or read from the text form in which annotations give them
 * ("uint64 5", "'inactive'", "['a', 'b']", "[('CPU', uint64 1)]"). GVariant Text Format; D-Bus
 * Specification, "Type System".
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GVARIANT_SIGNATURE_MAX 64

struct gvariant {
	char type; /* of b y n q i u x t d s o g, or 'a' and '(' for those with items */
	union {
		bool boolean;
		int64_t number;	    /* n i x */
		uint64_t natural;   /* y q u t */
		double real;	    /* d */
		const char *string; /* s o g */
	};
	char element[GVARIANT_SIGNATURE_MAX]; /* of an array: what its items are */
	struct gvariant *first, *last, *next; /* items, and the next one beside this */
};

struct gvariant *gvariant_bool(struct arena *arena, bool value);
struct gvariant *gvariant_u64(struct arena *arena, uint64_t value);
struct gvariant *gvariant_u32(struct arena *arena, uint32_t value);
struct gvariant *gvariant_byte(struct arena *arena, uint8_t value);
struct gvariant *gvariant_string(struct arena *arena, const char *value);
struct gvariant *gvariant_array(struct arena *arena, const char *element);
struct gvariant *gvariant_tuple(struct arena *arena);
void gvariant_add(struct gvariant *container, struct gvariant *item);

/* ERR_USAGE: not of that form, or a number that does not fit its type. */
int gvariant_parse(const char *text, struct arena *arena, struct gvariant **ret, struct err *err);

/* "as", "(st)": of the whole value. -E2BIG: longer than GVARIANT_SIGNATURE_MAX. */
int gvariant_signature(const struct gvariant *value, char ret[GVARIANT_SIGNATURE_MAX]);

/* As text that gvariant_parse reads. */
void gvariant_format(const struct gvariant *value, struct buf *out);
