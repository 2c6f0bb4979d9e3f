/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gzip by ISA-L. Its levels above the first take half as long again for three percent.
 */
#include "layer/gzip.h"

#include <isa-l/igzip_lib.h>
#include <stdint.h>
#include <stdlib.h>

#define LEVEL        1
#define LEVEL_BYTES  ISAL_DEF_LVL1_DEFAULT

struct gzip {
	struct isal_zstream stream;
	uint8_t level[LEVEL_BYTES];
};

struct gzip *gzip_new(void)
{
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (!gzip)
		return NULL;
	isal_deflate_init(&gzip->stream);
	gzip->stream.gzip_flag = IGZIP_GZIP;
	gzip->stream.level = LEVEL;
	gzip->stream.level_buf = gzip->level;
	gzip->stream.level_buf_size = sizeof(gzip->level);
	return gzip;
}

void gzip_free(struct gzip *gzip)
{
	free(gzip);
}

int gzip_step(struct gzip *gzip, struct flow *flow, bool is_last)
{
	struct isal_zstream *stream = &gzip->stream;
	uint32_t in = flow_at_most(flow->in_left), out = flow_at_most(flow->out_left);

	stream->next_in = (uint8_t *)(uintptr_t)flow->in;
	stream->avail_in = in;
	stream->next_out = flow->out;
	stream->avail_out = out;
	stream->end_of_stream = is_last && in == flow->in_left;
	(void)isal_deflate(stream);
	flow_move(flow, in - stream->avail_in, out - stream->avail_out);
	return stream->internal_state.state == ZSTATE_END;
}
