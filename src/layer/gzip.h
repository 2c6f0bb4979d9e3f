/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Compresses to a gzip stream of one member, RFC 1952, without a name or a time in it: the same
 * bytes make the same stream. Twins: gzip_isal.c, eight times as fast for a tenth more, and
 * gzip_zlib.c for processors that it does not know. Their streams differ.
 */

#include "layer/flow.h"

#include <stdbool.h>

struct gzip;

/* NULL: no memory. */
struct gzip *gzip_new(void);
void gzip_free(struct gzip *gzip);

/* Go on until one side is used up: 0. `is_last`: no more will come than the flow has now; then 1
 * once all of the stream was written. */
int gzip_step(struct gzip *gzip, struct flow *flow, bool is_last);
