/* SPDX-License-Identifier: Apache-2.0 */
#include "image/digest.h"
#include "image/hash.h"

#include "tap.h"

#include <sys/mman.h>

/* FIPS 180-2, of "abc". */
#define ABC_SHA256 "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC_SHA512                                                                \
	"sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" \
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static bool both_algorithms_are_read(void)
{
	struct digest d;
	struct err err = {};

	return CHECK(digest_parse(ABC_SHA256, &d, &err) == 0) && CHECK_STR(d.text, ABC_SHA256) &&
	       CHECK(digest_algorithm(&d) == DIGEST_SHA256) &&
	       CHECK_STR(digest_hex(&d), &ABC_SHA256[7]) &&
	       CHECK(digest_parse(ABC_SHA512, &d, &err) == 0) && CHECK_STR(d.text, ABC_SHA512) &&
	       CHECK(digest_algorithm(&d) == DIGEST_SHA512);
}

/* What is read becomes the name of a file. */
static bool what_is_no_digest_is_refused(void)
{
	static const char *const bad[] = {
		"", "sha256", "sha256:", "sha256:../../etc/passwd",
		"md5:900150983cd24fb0d6963f7d28e17f72",
		"sha256:BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
		"SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a/",
		"sha512:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		" " ABC_SHA256, ABC_SHA256 "\n", "sha256+b64:abc",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct digest d = { "untouched" };
		struct err err = {};

		if (!CHECK(digest_parse(bad[i], &d, &err) == -EINVAL) ||
		    !CHECK(err.kind == ERR_USAGE) || !CHECK_STR(d.text, "untouched"))
			return false;
	}
	return true;
}

static bool known_digests_are_computed(void)
{
	auto_hash struct hash *pieces = hash_new(DIGEST_SHA256);
	struct digest whole, so_far, end;

	hash_bytes(DIGEST_SHA512, "abc", 3, &whole);
	hash_add(pieces, "a", 1);
	hash_digest(pieces, &so_far);
	hash_add(pieces, "bc", 2);
	hash_digest(pieces, &end);
	return CHECK_STR(whole.text, ABC_SHA512) && CHECK(!digest_is_equal(&so_far, &end)) &&
	       CHECK_STR(end.text, ABC_SHA256);
}

static bool a_file_is_hashed_from_its_start(void)
{
	auto_close int fd = memfd_create("abc", MFD_CLOEXEC);
	struct digest d;
	struct err err = {};
	uint64_t bytes = 0;

	return CHECK(write(fd, "abc", 3) == 3) &&
	       CHECK(hash_file(DIGEST_SHA256, fd, &d, &bytes, &err) == 0) &&
	       CHECK_STR(d.text, ABC_SHA256) && CHECK(bytes == 3);
}

int main(void)
{
	TEST(both_algorithms_are_read);
	TEST(what_is_no_digest_is_refused);
	TEST(known_digests_are_computed);
	TEST(a_file_is_hashed_from_its_start);
	return tap_done();
}
