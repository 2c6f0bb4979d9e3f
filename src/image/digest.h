/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The digest of content, as the OCI image specification writes it (descriptor.md, "Digests"):
 * "sha256:" or "sha512:" and as many lower-case hexadecimal digits as the algorithm has. A struct
 * digest is checked or empty, so its hexadecimal part is fit to be a file's name.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum digest_algorithm { DIGEST_SHA256, DIGEST_SHA512 };

#define DIGEST_BYTES 64 /* of the longest */
#define DIGEST_TEXT_BYTES (sizeof("sha512:") + 2 * DIGEST_BYTES)

struct digest {
	char text[DIGEST_TEXT_BYTES]; /* "": none */
};

/* -EINVAL: that is none, or of an algorithm that is not known. */
int digest_parse(const char *text, struct digest *ret, struct err *err);

/* From the `n` bytes that the algorithm yields. */
void digest_format(enum digest_algorithm algorithm, const unsigned char *bytes, struct digest *ret);

enum digest_algorithm digest_algorithm(const struct digest *digest);

/* "sha256", the directory of blobs of that algorithm. */
const char *digest_algorithm_name(enum digest_algorithm algorithm);

/* Bytes that the algorithm yields. */
size_t digest_size(enum digest_algorithm algorithm);

/* What follows the colon. */
const char *digest_hex(const struct digest *digest);

bool digest_is_equal(const struct digest *a, const struct digest *b);
