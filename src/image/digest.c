/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Digests as text. What is foreign is compared with the grammar before it is used for anything; an
 * algorithm that can't be computed here is refused, since content could not be verified.
 */
#include "image/digest.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	size_t size;
} algorithms[] = {
	[DIGEST_SHA256] = { "sha256", 32 },
	[DIGEST_SHA512] = { "sha512", 64 },
};

#define N_ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

const char *digest_algorithm_name(enum digest_algorithm algorithm)
{
	return algorithms[algorithm].name;
}

size_t digest_size(enum digest_algorithm algorithm)
{
	return algorithms[algorithm].size;
}

/* N_ALGORITHMS: none that is known. */
static size_t find_algorithm(const char *text)
{
	size_t i;

	for (i = 0; i < N_ALGORITHMS; i++) {
		size_t len = strlen(algorithms[i].name);

		if (strncmp(text, algorithms[i].name, len) == 0 && text[len] == ':')
			break;
	}
	return i;
}

int digest_parse(const char *text, struct digest *ret, struct err *err)
{
	size_t i = find_algorithm(text), digits;

	if (i == N_ALGORITHMS)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.160s' is no digest: it begins with neither sha256: nor sha512:",
			       text);
	digits = 2 * algorithms[i].size;
	text += strlen(algorithms[i].name) + 1;
	if (strspn(text, "0123456789abcdef") != digits || text[digits] != '\0')
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%s:%.140s' is no digest: %zu digits of 0-9 and a-f must follow "
			       "the colon", algorithms[i].name, text, digits);
	(void)snprintf(ret->text, sizeof(ret->text), "%s:%s", algorithms[i].name, text);
	return 0;
}

void digest_format(enum digest_algorithm algorithm, const unsigned char *bytes, struct digest *ret)
{
	static const char digits[] = "0123456789abcdef";
	int n = snprintf(ret->text, sizeof(ret->text), "%s:", algorithms[algorithm].name);
	char *out = ret->text + n;

	for (size_t i = 0; i < algorithms[algorithm].size; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

enum digest_algorithm digest_algorithm(const struct digest *digest)
{
	return (enum digest_algorithm)find_algorithm(digest->text);
}

const char *digest_hex(const struct digest *digest)
{
	return strchr(digest->text, ':') + 1;
}

bool digest_is_equal(const struct digest *a, const struct digest *b)
{
	return strcmp(a->text, b->text) == 0;
}
