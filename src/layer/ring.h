/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Bytes on their way from one thread to another, in slots that both use where they lie: one fills,
 * one empties, and who is ahead waits. Either side may end it. Small as it is, it stays in the
 * caches; on a busy machine four times the bytes made a pull take half as long again.
 */

#include "base/arena.h"
#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#define RING_SLOTS 8
#define RING_SLOT_BYTES ((size_t)64 << 10)

struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned char *bytes;       /* of all slots */
	size_t lengths[RING_SLOTS];
	unsigned filled, emptied;   /* slots so far; the difference is what is on its way */
	bool is_taken;              /* the next one is with the emptying side */
	bool has_ended, is_cancelled;
	int result;                 /* of the filling side: 0, or what `err` describes */
	struct err err;
	struct arena arena;
};

void ring_init(struct ring *ring);
void ring_done(struct ring *ring);

/* The filling side: an empty slot, waited for; NULL: nobody wants it any more. Then how many bytes
 * were put there, and so on; at last, how it ended: with r < 0, `err` is kept for the other. */
unsigned char *ring_fill_begin(struct ring *ring);
void ring_fill_end(struct ring *ring, size_t n);
void ring_end(struct ring *ring, int r, const struct err *err);

/* The emptying side: the bytes of the next slot, until the next call; how many, 0 at the end, or
 * what the filling side failed with. */
ssize_t ring_take(struct ring *ring, const void **ret_bytes, struct err *err);
void ring_cancel(struct ring *ring);
