/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decompression as a stream: a codec is a row of a table, found by the first bytes. The codec does
 * one member or frame; what lies between them, and what the end of the file means, is the same loop
 * for all.
 */
#include "layer/inflate.h"

#include "layer/gunzip.h"

#include <string.h>
#include <zstd.h>

#define IN_BYTES ((size_t)256 << 10)
#define ZSTD_MAX_WINDOW_LOG 27

/* step: as gunzip_step. between: what was read begins with `first`; may another one follow? 1 yes,
 * 0: only zeros may. -EBADMSG: no. */
struct codec {
	const char *name;
	unsigned char magic[INFLATE_MAGIC_BYTES], mask[INFLATE_MAGIC_BYTES];
	void *(*new)(void);
	void (*free)(void *state);
	int (*step)(void *state, struct flow *flow, const char **ret_reason);
	int (*between)(void *state, unsigned char first);
};

/* ------------------------------------------------------------------------------- gzip */

static void *gzip_new(void)
{
	return gunzip_new();
}

static void gzip_free(void *state)
{
	gunzip_free(state);
}

static int gzip_step(void *state, struct flow *flow, const char **ret_reason)
{
	return gunzip_step(state, flow, ret_reason);
}

static int gzip_between(void *state, unsigned char first)
{
	if (first == 0)
		return 0; /* what pads to a block of a tape */
	gunzip_next_member(state);
	return first == 0x1f ? 1 : -EBADMSG;
}

/* ------------------------------------------------------------------------------- zstd */

static void *zstd_new(void)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();

	if (context)
		(void)ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, ZSTD_MAX_WINDOW_LOG);
	return context;
}

static void zstd_free(void *state)
{
	(void)ZSTD_freeDCtx(state);
}

static int zstd_step(void *state, struct flow *flow, const char **ret_reason)
{
	ZSTD_inBuffer in = { flow->in, flow->in_left, 0 };
	ZSTD_outBuffer out = { flow->out, flow->out_left, 0 };
	size_t left = ZSTD_decompressStream(state, &out, &in);

	if (ZSTD_isError(left)) {
		*ret_reason = ZSTD_getErrorName(left);
		return -EBADMSG;
	}
	flow->in += in.pos;
	flow->in_left -= in.pos;
	flow->out += out.pos;
	flow->out_left -= out.pos;
	return left == 0;
}

/* The library looks for a frame's magic number itself. */
static int zstd_between(void *state, unsigned char first)
{
	(void)state;
	(void)first;
	return 1;
}

/* ------------------------------------------------------------------------------- none */

static int copy_step(void *state, struct flow *flow, const char **ret_reason)
{
	size_t n = flow->in_left < flow->out_left ? flow->in_left : flow->out_left;

	(void)state;
	(void)ret_reason;
	memcpy(flow->out, flow->in, n);
	flow->in += n;
	flow->in_left -= n;
	flow->out += n;
	flow->out_left -= n;
	return 1; /* each byte may be the last */
}

static int copy_between(void *state, unsigned char first)
{
	(void)state;
	(void)first;
	return 1;
}

/* ------------------------------------------------------------------------------- all */

/* Without `step`: known by sight, not supported. The last fits all. */
static const struct codec codecs[] = {
	{ "gzip", { 0x1f, 0x8b }, { 0xff, 0xff },
	  gzip_new, gzip_free, gzip_step, gzip_between },
	{ "zstd", { 0x28, 0xb5, 0x2f, 0xfd }, { 0xff, 0xff, 0xff, 0xff },
	  zstd_new, zstd_free, zstd_step, zstd_between },
	/* A frame that is to be skipped. */
	{ "zstd", { 0x50, 0x2a, 0x4d, 0x18 }, { 0xf0, 0xff, 0xff, 0xff },
	  zstd_new, zstd_free, zstd_step, zstd_between },
	{ "xz", { 0xfd, '7', 'z', 'X', 'Z' }, { 0xff, 0xff, 0xff, 0xff, 0xff } },
	{ "bzip2", { 'B', 'Z', 'h' }, { 0xff, 0xff, 0xff } },
	{ .name = "none", .step = copy_step, .between = copy_between },
};

static bool is_magic(const struct codec *codec, const unsigned char *in, size_t n)
{
	for (size_t i = 0; i < INFLATE_MAGIC_BYTES; i++)
		if (codec->mask[i] && (i >= n || (in[i] & codec->mask[i]) != codec->magic[i]))
			return false;
	return true;
}

/* The last row fits all. */
static int find_codec(const unsigned char *in, size_t n, const struct codec **ret, struct err *err)
{
	const struct codec *codec = codecs;

	while (!is_magic(codec, in, n))
		codec++;
	*ret = codec;
	return codec->step ? 0
			   : err_set(err, ERR_USAGE, EOPNOTSUPP,
				     "compressed with %s, which is not supported", codec->name);
}

int inflate_recognize(const void *bytes, size_t n, const char **ret_name, struct err *err)
{
	const struct codec *codec;
	int r = find_codec(bytes, n, &codec, err);

	if (r == 0)
		*ret_name = codec->name;
	return r;
}

/* Read more, behind what is there. */
static int fill(struct inflate *inflate, struct err *err)
{
	ssize_t n;

	memmove(inflate->in, inflate->in + inflate->in_at, inflate->in_n - inflate->in_at);
	inflate->in_n -= inflate->in_at;
	inflate->in_at = 0;
	n = source_read(&inflate->source, inflate->in + inflate->in_n, IN_BYTES - inflate->in_n,
			err);
	if (n < 0)
		return (int)n;
	inflate->has_ended = n == 0;
	inflate->in_n += (size_t)n;
	return 0;
}

static int choose_codec(struct inflate *inflate, struct err *err)
{
	const struct codec *codec;
	int r;

	while (inflate->in_n < INFLATE_MAGIC_BYTES && !inflate->has_ended) {
		r = fill(inflate, err);
		if (r < 0)
			return r;
	}
	r = find_codec(inflate->in, inflate->in_n, &codec, err);
	if (r < 0)
		return r;
	if (codec->new) {
		inflate->state = codec->new();
		if (!inflate->state)
			return err_sys(err, ENOMEM, "decompress %s", codec->name);
	}
	inflate->is_between = codec->step == copy_step;
	inflate->codec = codec;
	return 0;
}

void inflate_init(struct inflate *inflate, const struct layer_source *from, int stop_fd)
{
	*inflate = (struct inflate){};
	source_init(&inflate->source, from, stop_fd);
	inflate->in = arena_alloc(&inflate->arena, IN_BYTES);
}

void inflate_done(struct inflate *inflate)
{
	if (inflate->codec && inflate->codec->free)
		inflate->codec->free(inflate->state);
	arena_done(&inflate->arena);
}

static int garbage(const struct inflate *inflate, struct err *err)
{
	return err_set(err, ERR_USAGE, EBADMSG, "something follows the end of the %s data",
		       inflate->codec->name);
}

/* Of what was read all are zeros; take them away. */
static bool skip_zeros(struct inflate *inflate)
{
	while (inflate->in_at < inflate->in_n && inflate->in[inflate->in_at] == 0)
		inflate->in_at++;
	return inflate->in_at == inflate->in_n;
}

/* Between two members: 1: there is another, 0: the end. There is something that was read. */
static int go_on(struct inflate *inflate, struct err *err)
{
	int r = inflate->codec->between(inflate->state, inflate->in[inflate->in_at]);

	if (r < 0)
		return garbage(inflate, err);
	if (r > 0)
		return 1;
	while (skip_zeros(inflate)) {
		if (inflate->has_ended)
			return 0;
		r = fill(inflate, err);
		if (r < 0)
			return r;
	}
	return garbage(inflate, err);
}

static int step(struct inflate *inflate, struct flow *flow, struct err *err)
{
	const char *reason = NULL;
	int r;

	flow->in = inflate->in + inflate->in_at;
	flow->in_left = inflate->in_n - inflate->in_at;
	r = inflate->codec->step(inflate->state, flow, &reason);
	if (r < 0)
		return err_set(err, ERR_USAGE, EBADMSG, "decompress %s: %s", inflate->codec->name,
			       reason);
	inflate->in_at = inflate->in_n - flow->in_left;
	inflate->is_between = r > 0;
	return 0;
}

/* Do what there is to do next: 0, or 1 at the end. */
static int advance(struct inflate *inflate, struct flow *flow, struct err *err)
{
	bool is_empty = inflate->in_at == inflate->in_n;
	size_t room = flow->out_left;
	int r;

	if (inflate->is_between && is_empty && inflate->has_ended)
		return 1;
	if (inflate->is_between && !is_empty) {
		r = go_on(inflate, err);
		if (r <= 0)
			return r < 0 ? r : 1;
	}
	if (inflate->is_between && is_empty)
		return fill(inflate, err);
	/* A codec may hold back bytes for which there was no room, so it is asked first. */
	r = step(inflate, flow, err);
	if (r < 0 || flow->out_left < room || inflate->in_at < inflate->in_n || inflate->is_between)
		return r;
	if (inflate->has_ended)
		return err_set(err, ERR_USAGE, EBADMSG, "the %s data breaks off",
			       inflate->codec->name);
	return fill(inflate, err);
}

ssize_t inflate_read(struct inflate *inflate, void *bytes, size_t cap, struct err *err)
{
	struct flow flow = { .out = bytes, .out_left = cap };
	int r = inflate->codec ? 0 : choose_codec(inflate, err);

	while (r == 0 && flow.out_left > 0)
		r = advance(inflate, &flow, err);
	return r < 0 ? r : (ssize_t)(cap - flow.out_left);
}

uint64_t inflate_in_bytes(const struct inflate *inflate)
{
	return inflate->source.at - (inflate->in_n - inflate->in_at);
}

const char *inflate_name(const struct inflate *inflate)
{
	return inflate->codec->name;
}
