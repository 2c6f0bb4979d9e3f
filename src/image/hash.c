/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests by libcrypto, which uses the processor's own instructions where it has them.
 */
#include "image/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)128 << 10)

struct hash {
	enum digest_algorithm algorithm;
	EVP_MD_CTX *context;
};

static void require(int ok)
{
	if (ok)
		return;
	(void)fputs("tare: libcrypto can't compute a digest\n", stderr);
	abort();
}

struct hash *hash_new(enum digest_algorithm algorithm)
{
	struct hash *hash = calloc(1, sizeof(*hash));

	require(hash != NULL);
	hash->algorithm = algorithm;
	hash->context = EVP_MD_CTX_new();
	require(hash->context != NULL);
	require(EVP_DigestInit_ex(hash->context,
				  algorithm == DIGEST_SHA512 ? EVP_sha512() : EVP_sha256(), NULL));
	return hash;
}

void hash_add(struct hash *hash, const void *bytes, size_t n)
{
	require(EVP_DigestUpdate(hash->context, bytes, n));
}

void hash_digest(const struct hash *hash, struct digest *ret)
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	unsigned char bytes[EVP_MAX_MD_SIZE];

	require(copy && EVP_MD_CTX_copy_ex(copy, hash->context) &&
		EVP_DigestFinal_ex(copy, bytes, NULL));
	EVP_MD_CTX_free(copy);
	digest_format(hash->algorithm, bytes, ret);
}

void hash_free(struct hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->context);
	free(hash);
}

void hash_bytes(enum digest_algorithm algorithm, const void *bytes, size_t n, struct digest *ret)
{
	auto_hash struct hash *hash = hash_new(algorithm);

	hash_add(hash, bytes, n);
	hash_digest(hash, ret);
}

int hash_file(enum digest_algorithm algorithm, int fd, struct digest *ret, uint64_t *ret_bytes,
	      struct err *err)
{
	auto_hash struct hash *hash = hash_new(algorithm);
	auto_free char *chunk = malloc(CHUNK_BYTES);
	off_t at = 0;
	ssize_t n;

	require(chunk != NULL);
	while ((n = pread(fd, chunk, CHUNK_BYTES, at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "read");
		hash_add(hash, chunk, (size_t)n);
		at += n;
	}
	hash_digest(hash, ret);
	*ret_bytes = (uint64_t)at;
	return 0;
}
