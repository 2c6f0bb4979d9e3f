/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gunzip by ISA-L, which takes half the time of zlib. It looks ahead by some bytes, and gives back
 * those that are not of this member. The header is read here: the library (2.30) loses its way in
 * one with a name or an extra field that comes in pieces.
 */
#include "layer/gunzip.h"

#include <errno.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* The parts of a header, in order. Each but the first is there if its flag is. */
enum part { PART_FIXED, PART_EXTRA_LENGTH, PART_EXTRA, PART_NAME, PART_COMMENT, PART_CRC,
	    PART_DATA };

static const unsigned char flag_of[] = {
	[PART_EXTRA_LENGTH] = 4, [PART_EXTRA] = 4, [PART_NAME] = 8, [PART_COMMENT] = 16,
	[PART_CRC] = 2,
};

#define KNOWN_FLAGS 0x1f

struct gunzip {
	enum part part;
	unsigned at;           /* in that part */
	unsigned char flags;
	unsigned extra_bytes;
	uint32_t crc, want_crc; /* of the header */
	struct inflate_state state;
};

struct gunzip *gunzip_new(void)
{
	struct gunzip *gunzip = malloc(sizeof(*gunzip));

	if (gunzip)
		gunzip_next_member(gunzip);
	return gunzip;
}

void gunzip_free(struct gunzip *gunzip)
{
	free(gunzip);
}

void gunzip_next_member(struct gunzip *gunzip)
{
	isal_inflate_init(&gunzip->state);
	gunzip->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
	gunzip->part = PART_FIXED;
	gunzip->at = 0;
	gunzip->extra_bytes = 0;
	gunzip->crc = 0;
	gunzip->want_crc = 0;
}

/* ------------------------------------------------------------------------------- header */

/* Is `c` what the fixed part has at this place? */
static bool is_fixed_byte(struct gunzip *gunzip, unsigned char c)
{
	static const unsigned char start[] = { 0x1f, 0x8b, 8 };

	if (gunzip->at == sizeof(start)) {
		gunzip->flags = c;
		return !(c & ~KNOWN_FLAGS);
	}
	return gunzip->at > sizeof(start) || c == start[gunzip->at];
}

/* Is `c`, of which gunzip->at is the place, the last byte of this part? */
static bool is_last_byte(struct gunzip *gunzip, unsigned char c)
{
	switch (gunzip->part) {
	case PART_FIXED:
		return gunzip->at == 9;
	case PART_EXTRA_LENGTH:
		gunzip->extra_bytes |= (unsigned)c << 8 * gunzip->at;
		return gunzip->at == 1;
	case PART_EXTRA:
		return gunzip->at + 1 == gunzip->extra_bytes;
	case PART_CRC:
		gunzip->want_crc |= (uint32_t)c << 8 * gunzip->at;
		return gunzip->at == 1;
	default:
		return c == 0; /* of a text */
	}
}

static void next_part(struct gunzip *gunzip)
{
	gunzip->at = 0;
	do
		gunzip->part++;
	while (gunzip->part < PART_DATA &&
	       (!(gunzip->flags & flag_of[gunzip->part]) ||
		(gunzip->part == PART_EXTRA && gunzip->extra_bytes == 0)));
}

static bool take_header_byte(struct gunzip *gunzip, unsigned char c)
{
	if (gunzip->part == PART_FIXED && !is_fixed_byte(gunzip, c))
		return false;
	if (gunzip->part != PART_CRC)
		gunzip->crc = crc32_gzip_refl(gunzip->crc, &c, 1);
	if (!is_last_byte(gunzip, c)) {
		gunzip->at++;
		return true;
	}
	if (gunzip->part == PART_CRC && gunzip->want_crc != (gunzip->crc & 0xffff))
		return false;
	next_part(gunzip);
	return true;
}

/* ------------------------------------------------------------------------------- data */

int gunzip_step(struct gunzip *gunzip, struct flow *flow, const char **ret_reason)
{
	struct inflate_state *state = &gunzip->state;
	uint32_t in, out;
	int code;

	for (; gunzip->part < PART_DATA && flow->in_left > 0; flow->in_left--)
		if (!take_header_byte(gunzip, *flow->in++)) {
			*ret_reason = "not a gzip header";
			return -EBADMSG;
		}
	if (gunzip->part < PART_DATA)
		return 0;
	state->next_in = (uint8_t *)(uintptr_t)flow->in;
	state->avail_in = in = flow_at_most(flow->in_left);
	state->next_out = flow->out;
	state->avail_out = out = flow_at_most(flow->out_left);
	code = isal_inflate(state);
	if (code < 0) {
		*ret_reason = code == ISAL_INCORRECT_CHECKSUM ? "the checksum does not match"
							      : "damaged";
		return -EBADMSG;
	}
	flow_move(flow, in - state->avail_in, out - state->avail_out);
	return state->block_state == ISAL_BLOCK_FINISH;
}
