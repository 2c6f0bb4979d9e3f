/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is in a blob, uncompressed. How it was compressed its first bytes tell, not its media type,
 * which is a claim: gzip (RFC 1952; any number of members, and zeros after the last), zstd (RFC
 * 8878; any number of frames, windows of at most 128 MiB), or not at all. Whatever else follows the
 * end is an error.
 */

#include "base/arena.h"
#include "layer/source.h"

#include <stdbool.h>
#include <stdint.h>

struct codec;

struct inflate {
	struct source source;
	const struct codec *codec; /* NULL: nothing was read yet */
	void *state;               /* the codec's */
	unsigned char *in;         /* what was read and is not used yet: */
	size_t in_at, in_n;
	bool has_ended;            /* there is no more to read */
	bool is_between;           /* a member or frame ended, and no other began */
	struct arena arena;
};

/* `from` and `stop_fd` as in layer/source.h. */
void inflate_init(struct inflate *inflate, const struct layer_source *from, int stop_fd);
void inflate_done(struct inflate *inflate);
#define auto_inflate auto_cleanup(inflate_done)

/* The next bytes: `cap` of them, fewer only at the end, 0 after it. -EBADMSG: it is damaged, or
 * breaks off; besides, what source_read says. */
ssize_t inflate_read(struct inflate *inflate, void *bytes, size_t cap, struct err *err);

/* What inflate_name will say of bytes that begin so; INFLATE_MAGIC_BYTES of them are enough, if
 * there are as many. -EOPNOTSUPP: they are compressed in a way that is not supported. */
#define INFLATE_MAGIC_BYTES 6
int inflate_recognize(const void *bytes, size_t n, const char **ret_name, struct err *err);

/* How many compressed bytes that took so far. */
uint64_t inflate_in_bytes(const struct inflate *inflate);

/* "gzip", "zstd", "none"; once something was read. */
const char *inflate_name(const struct inflate *inflate);
