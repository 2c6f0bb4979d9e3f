/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One member of a gzip stream, RFC 1952: header, deflated bytes, and the trailer, whose checksum
 * and length are verified. Twins: gunzip_isal.c, twice as fast, and gunzip_zlib.c for processors
 * that it does not know. What stands between members is layer/inflate's business.
 */

#include "layer/flow.h"

struct gunzip;

/* Ready for the first member. NULL: no memory. */
struct gunzip *gunzip_new(void);
void gunzip_free(struct gunzip *gunzip);

/* Get ready for another member. */
void gunzip_next_member(struct gunzip *gunzip);

/* Go on until one side is used up: 0; or to the end of the member: 1. -EBADMSG: that is no gzip, or
 * not what was compressed; *ret_reason says so. */
int gunzip_step(struct gunzip *gunzip, struct flow *flow, const char **ret_reason);
