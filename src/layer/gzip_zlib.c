/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gzip by zlib, which is everywhere.
 */
#include "layer/gzip.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW_BITS (16 + MAX_WBITS) /* a gzip header, and no other */
#define MEMORY_LEVEL 8                    /* zlib's default */

struct gzip {
	z_stream stream;
};

struct gzip *gzip_new(void)
{
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (gzip && deflateInit2(&gzip->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
				 GZIP_WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK)
		return gzip;
	free(gzip);
	return NULL;
}

void gzip_free(struct gzip *gzip)
{
	if (!gzip)
		return;
	(void)deflateEnd(&gzip->stream);
	free(gzip);
}

int gzip_step(struct gzip *gzip, struct flow *flow, bool is_last)
{
	z_stream *stream = &gzip->stream;
	uInt in = flow_at_most(flow->in_left), out = flow_at_most(flow->out_left);
	int code;

	stream->next_in = (Bytef *)(uintptr_t)flow->in;
	stream->avail_in = in;
	stream->next_out = flow->out;
	stream->avail_out = out;
	code = deflate(stream, is_last && in == flow->in_left ? Z_FINISH : Z_NO_FLUSH);
	flow_move(flow, in - stream->avail_in, out - stream->avail_out);
	return code == Z_STREAM_END;
}
