/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a server asks of who wants to be let in: the challenges of WWW-Authenticate headers (RFC
 * 9110, section 11; RFC 6750 and the distribution specification for Bearer's parameters).
 */

#include "base/arena.h"

#include <stddef.h>

/* What is beyond is not looked at: no server has reason for as much. */
#define CHALLENGE_MAX 8
#define CHALLENGE_MAX_BYTES ((size_t)16 << 10)

enum challenge_scheme { CHALLENGE_OTHER, CHALLENGE_BASIC, CHALLENGE_BEARER };

struct challenge {
	enum challenge_scheme scheme;
	char *realm, *service, *scope, *error; /* NULL: not there */
};

/*
 * The challenges of one header's value, of which there may be several in a response; their strings
 * are in `arena`. Returns how many were put into `challenges`, at most `n`. A challenge that is
 * malformed, and what follows it, is left out: there is nobody to complain to.
 */
size_t challenge_parse(const char *header, struct arena *arena, struct challenge *challenges,
		       size_t n);

/* The one to answer: Bearer if there is one with a realm, else Basic, else NULL. */
const struct challenge *challenge_choose(const struct challenge *challenges, size_t n);
