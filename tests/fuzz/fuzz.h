/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A fuzz target feeds bytes from nowhere to one parser, and claims what holds of its answer,
 * whatever the bytes were. `make fuzz` looks for bytes that disprove it; tests/fuzz/replay.c tries
 * those that once did, or that take a path of their own, at each `make check`.
 *
 * An input that is made of several has a line "%" between its parts.
 */

#include "base/cleanup.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CLAIM(cond)                                                                          \
	do {                                                                                 \
		if (!(cond)) {                                                               \
			(void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond); \
			abort();                                                             \
		}                                                                            \
	} while (0)

/* The parser said no: in words, in the way that its header promises. */
static inline void claim_refused(int r, int no, enum err_kind kind, const struct err *err)
{
	CLAIM(r == -no);
	CLAIM(err->no == no);
	CLAIM(err->kind == kind);
	CLAIM(err->msg[0] && memchr(err->msg, '\0', sizeof(err->msg)));
}

struct input {
	const char *rest;
	size_t len;
};

/* Take the next part: memory of exactly its size, for a sanitizer to watch; the caller's. */
static inline char *input_bytes(struct input *in, size_t *ret_len)
{
	const char *end = in->rest + in->len, *p = in->rest;
	size_t len;
	char *part;

	while (p < end && (end - p < 2 || memcmp(p, "%\n", 2) != 0)) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		p = newline ? newline + 1 : end;
	}
	len = (size_t)(p - in->rest);
	part = malloc(len ? len : 1);
	CLAIM(part);
	memcpy(part, in->rest, len);
	in->rest = p < end ? p + 2 : end;
	in->len = (size_t)(end - in->rest);
	*ret_len = len;
	return part;
}

/* The same as a string, which ends at the first NUL. */
static inline char *input_text(struct input *in)
{
	size_t len;
	auto_free char *part = input_bytes(in, &len);
	char *text = strndup(part, len);

	CLAIM(text);
	return text;
}
