/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a step of a codec may read and where it may write; it moves both on. */

#include <stddef.h>

struct flow {
	const unsigned char *in;
	size_t in_left;
	unsigned char *out;
	size_t out_left;
};
