/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's random bytes, as digits: ids and names that nobody has and nobody guesses. */
#include "sys/random.h"

#include <stdint.h>
#include <sys/random.h>

int random_hex(char *ret, size_t n, struct err *err)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[RANDOM_DIGITS_MAX / 2];

	if (getrandom(bytes, n / 2, 0) != (ssize_t)(n / 2))
		return err_sys(err, errno, "get random bytes");
	for (size_t i = 0; i < n / 2; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[n] = '\0';
	return 0;
}
