/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two counters under one lock. A slot is given back when the next is asked for, so the emptying
 * side never copies. Who filled all of them waits until half are empty again: woken for each, the
 * two would take turns on one processor.
 */
#include "layer/ring.h"

#define REFILL_SLOTS (RING_SLOTS / 2)

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

static unsigned used(const struct ring *ring)
{
	return ring->filled - ring->emptied;
}

static unsigned char *slot(struct ring *ring, unsigned i)
{
	return ring->bytes + (i % RING_SLOTS) * RING_SLOT_BYTES;
}

unsigned char *ring_fill_begin(struct ring *ring)
{
	unsigned char *ret;

	(void)pthread_mutex_lock(&ring->lock);
	if (used(ring) == RING_SLOTS)
		while (used(ring) > REFILL_SLOTS && !ring->is_cancelled)
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
	if (ring->is_taken && used(ring) == REFILL_SLOTS)
		(void)pthread_cond_signal(&ring->changed);
	ring->is_taken = false;
	while (used(ring) == 0 && !ring->has_ended)
		(void)pthread_cond_wait(&ring->changed, &ring->lock);
	if (used(ring) > 0) {
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
