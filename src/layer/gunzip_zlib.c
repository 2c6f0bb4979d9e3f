/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gunzip by zlib, which is everywhere.
 */
#include "layer/gunzip.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP_WINDOW_BITS (16 + MAX_WBITS) /* a gzip header, and no other */

struct gunzip {
	z_stream stream;
};

struct gunzip *gunzip_new(void)
{
	struct gunzip *gunzip = calloc(1, sizeof(*gunzip));

	if (gunzip && inflateInit2(&gunzip->stream, GZIP_WINDOW_BITS) == Z_OK)
		return gunzip;
	free(gunzip);
	return NULL;
}

void gunzip_free(struct gunzip *gunzip)
{
	if (!gunzip)
		return;
	(void)inflateEnd(&gunzip->stream);
	free(gunzip);
}

void gunzip_next_member(struct gunzip *gunzip)
{
	(void)inflateReset(&gunzip->stream);
}

static const char *reason_of(const z_stream *stream)
{
	const char *said = stream->msg ? stream->msg : "";

	if (strstr(said, "header") || strstr(said, "compression method"))
		return "not a gzip header";
	if (strstr(said, "check"))
		return "the checksum does not match";
	return "damaged";
}

int gunzip_step(struct gunzip *gunzip, struct flow *flow, const char **ret_reason)
{
	z_stream *stream = &gunzip->stream;
	uInt in = flow_at_most(flow->in_left), out = flow_at_most(flow->out_left);
	int code;

	stream->next_in = (Bytef *)(uintptr_t)flow->in;
	stream->avail_in = in;
	stream->next_out = flow->out;
	stream->avail_out = out;
	code = inflate(stream, Z_NO_FLUSH);
	if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
		*ret_reason = reason_of(stream);
		return -EBADMSG;
	}
	flow_move(flow, in - stream->avail_in, out - stream->avail_out);
	return code == Z_STREAM_END;
}
