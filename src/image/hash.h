/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Computes digests, with libcrypto: who includes this links it, so only programs below libexec do.
 */

#include "base/cleanup.h"
#include "image/digest.h"

#include <stdint.h>

struct hash;

/* Aborts when the library has no such algorithm: it was built without. */
struct hash *hash_new(enum digest_algorithm algorithm);
void hash_add(struct hash *hash, const void *bytes, size_t n);

/* What it comes to so far; the hash can be added to afterwards. */
void hash_digest(const struct hash *hash, struct digest *ret);

void hash_free(struct hash *hash);
static inline void hash_freep(struct hash **hash)
{
	hash_free(*hash);
}
#define auto_hash auto_cleanup(hash_freep)

/* Of bytes that are all there. */
void hash_bytes(enum digest_algorithm algorithm, const void *bytes, size_t n, struct digest *ret);

/* Of a whole file from its start, by pread(2). *ret_bytes: its size. */
int hash_file(enum digest_algorithm algorithm, int fd, struct digest *ret, uint64_t *ret_bytes,
	      struct err *err);
