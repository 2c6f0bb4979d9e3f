/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What servers say besides what was asked for: the small grammars of headers (RFC 9110, RFC 8288)
 * and the errors of the distribution specification. All of it is foreign. */

#include "base/arena.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* "bytes 0-9/10" of Content-Range; also "0-9" of an upload's Range, whose `total` is then -1. */
struct answer_range {
	uint64_t first, last;
	int64_t total; /* -1: not said */
};

/* Says whether it is one, with first <= last < total. */
bool answer_range(const char *header, struct answer_range *ret);

/* Seconds of a Retry-After: a number, or a date, of which `now` is subtracted. -1: neither. */
int64_t answer_retry_after(const char *header, time_t now);

/* The target of the link with rel="next", or NULL. */
char *answer_next_link(const char *header, struct arena *arena);

/* "CODE: message" of an errors document, or the first line of whatever else it is; printable, and
 * not long. Nothing is added when there is nothing. */
void answer_add_words(const char *body, size_t len, struct buf *out);
