/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a step of a codec may read and where it may write; it moves both on. */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct flow {
	const unsigned char *in;
	size_t in_left;
	unsigned char *out;
	size_t out_left;
};

/* What a library's counter of 32 bits can take at once. */
static inline uint32_t flow_at_most(size_t n)
{
	return n < INT_MAX ? (uint32_t)n : INT_MAX;
}

/* So much of it was read and written. */
static inline void flow_move(struct flow *flow, size_t n_in, size_t n_out)
{
	flow->in += n_in;
	flow->in_left -= n_in;
	flow->out += n_out;
	flow->out_left -= n_out;
}
