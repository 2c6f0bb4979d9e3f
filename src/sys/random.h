/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Random names. getrandom(2). */

#include "base/err.h"

#include <stddef.h>

#define RANDOM_DIGITS_MAX 64

/* `n` random hexadecimal digits, an even number of at most RANDOM_DIGITS_MAX, and a NUL. */
int random_hex(char *ret, size_t n, struct err *err);
