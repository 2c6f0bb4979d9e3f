/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logins as text. The base64 is libcrypto's.
 */
#include "registry/login.h"

#include <openssl/evp.h>
#include <string.h>

#define MAX_BYTES ((size_t)64 << 10)

char *login_encode(const struct registry_login *login, struct arena *arena)
{
	const char *plain = arena_printf(arena, "%s:%s", login->user, login->password);
	size_t len = strlen(plain);
	char *text = arena_alloc(arena, (len + 2) / 3 * 4 + 1);

	(void)EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)plain, (int)len);
	return text;
}

int login_decode(const char *text, struct arena *arena, struct registry_login *ret,
		 struct err *err)
{
	size_t len = strlen(text);
	char *plain = arena_alloc(arena, len + 1), *colon;
	int n = len && len <= MAX_BYTES
			? EVP_DecodeBlock((unsigned char *)plain, (const unsigned char *)text,
					  (int)len)
			: -1;

	/* It counts the bytes that '=' stands for as zeros. What begins with one is no login. */
	if (n >= 0)
		plain[n] = '\0';
	colon = n < 0 ? NULL : strchr(plain, ':');
	if (!colon)
		return err_set(err, ERR_USAGE, EINVAL, "that is no base64 of 'user:password'");
	*colon = '\0';
	ret->user = plain;
	ret->password = colon + 1;
	return 0;
}
