/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two counters under one lock. A slot is given back when the next is asked for, so the emptying
 * side never copies. Slots are large, and the lock is taken some thousand times for a large layer.
 */
#include "layer/ring.h"

void ring_init(struct ring *ring)
{
	*ring = (struct ring){};
	(void)pthread_mutex_init(&ring->lock, NULL);
	(void)pthread_cond_init(&ring->changed, NULL);
	ring->bytes = arena_alloc(&ring->arena, RING_SLOTS * RING_SLOT_BYTES);
}

void ring_done(struct ring *ring)
{
	(void)pthread_cond_destroy(&ring->changed);
	(void)pthread_mutex_destroy(&ring->lock);
	arena_done(&ring->arena);
}

static void unlock_and_tell(struct ring *ring)
{
	(void)pthread_cond_signal(&ring->changed);
	(void)pthread_mutex_unlock(&ring->lock);
}

static unsigned char *slot(struct ring *ring, unsigned i)
{
	return ring->bytes + (i % RING_SLOTS) * RING_SLOT_BYTES;
}

unsigned char *ring_fill_begin(struct ring *ring)
{
	unsigned char *ret;

	(void)pthread_mutex_lock(&ring->lock);
	while (ring->filled - ring->emptied == RING_SLOTS && !ring->is_cancelled)
		(void)pthread_cond_wait(&ring->changed, &ring->lock);
	ret = ring->is_cancelled ? NULL : slot(ring, ring->filled);
	(void)pthread_mutex_unlock(&ring->lock);
	return ret;
}

void ring_fill_end(struct ring *ring, size_t n)
{
	(void)pthread_mutex_lock(&ring->lock);
	ring->lengths[ring->filled++ % RING_SLOTS] = n;
	unlock_and_tell(ring);
}

void ring_end(struct ring *ring, int r, const struct err *err)
{
	(void)pthread_mutex_lock(&ring->lock);
	ring->has_ended = true;
	ring->result = r;
	ring->err = *err;
	unlock_and_tell(ring);
}

ssize_t ring_take(struct ring *ring, const void **ret_bytes, struct err *err)
{
	ssize_t n;

	(void)pthread_mutex_lock(&ring->lock);
	ring->emptied += ring->is_taken;
	ring->is_taken = false;
	(void)pthread_cond_signal(&ring->changed);
	while (ring->filled == ring->emptied && !ring->has_ended)
		(void)pthread_cond_wait(&ring->changed, &ring->lock);
	if (ring->filled != ring->emptied) {
		ring->is_taken = true;
		*ret_bytes = slot(ring, ring->emptied);
		n = (ssize_t)ring->lengths[ring->emptied % RING_SLOTS];
	} else {
		n = ring->result;
		if (n < 0)
			*err = ring->err;
	}
	(void)pthread_mutex_unlock(&ring->lock);
	return n;
}

void ring_cancel(struct ring *ring)
{
	(void)pthread_mutex_lock(&ring->lock);
	ring->is_cancelled = true;
	unlock_and_tell(ring);
}
