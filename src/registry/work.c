/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs pieces of work side by side. One that waits for its next attempt keeps its place, so that a
 * busy registry is not asked more often by asking for something else.
 */
#include "registry/work.h"

#include "base/clock.h"

struct crew {
	struct registry *registry;
	struct work **work;
	size_t n;
	struct err *err;
};

static int start(struct work *work, struct err *err)
{
	int r = call_start(&work->call, err);

	if (r < 0)
		return r;
	work->call.transfer.data = work;
	work->state = WORK_RUNNING;
	return 0;
}

/* After begin or step: go on, or be done. */
static int proceed(struct work *work, int r, struct err *err)
{
	if (r == 1)
		return start(work, err);
	if (r == 0)
		work->state = WORK_DONE;
	return r;
}

/* How many are under way. */
static size_t count_busy(const struct crew *crew)
{
	size_t busy = 0;

	for (size_t i = 0; i < crew->n; i++)
		busy += crew->work[i]->state == WORK_RUNNING || crew->work[i]->state == WORK_PAUSED;
	return busy;
}

/* Start what may start; *ret_wait_ms is when the next may, -1: that depends on others. */
static int start_due(struct crew *crew, int64_t *ret_wait_ms)
{
	size_t busy = count_busy(crew);
	int64_t now_ms = clock_ms();
	int r = 0;

	*ret_wait_ms = -1;
	for (size_t i = 0; i < crew->n && r >= 0; i++) {
		struct work *work = crew->work[i];

		if (work->state == WORK_PAUSED && work->due_ms <= now_ms) {
			r = start(work, crew->err);
		} else if (work->state == WORK_PAUSED) {
			if (*ret_wait_ms < 0 || work->due_ms - now_ms < *ret_wait_ms)
				*ret_wait_ms = work->due_ms - now_ms;
		} else if (work->state == WORK_WAITING &&
			   busy < crew->registry->options.max_parallel) {
			r = proceed(work, work->begin(work, crew->err), crew->err);
			busy += work->state == WORK_RUNNING;
		}
	}
	return r;
}

static int settle(struct work *work, struct err *err)
{
	int r = call_settle(&work->call, err);

	if (r == CALL_AGAIN) {
		work->state = WORK_PAUSED;
		work->due_ms = clock_ms() + work->call.delay_ms;
		return 0;
	}
	return proceed(work, work->step(work, r, err), err);
}

int work_all(struct registry *registry, struct work **work, size_t n, struct err *err)
{
	struct crew crew = { registry, work, n, err };
	struct transfer *ended;
	int64_t wait_ms;
	int r = start_due(&crew, &wait_ms);

	while (r >= 0 && count_busy(&crew)) {
		ended = http_next(registry->http, wait_ms);
		if (ended)
			r = settle(ended->data, err);
		if (r >= 0)
			r = start_due(&crew, &wait_ms);
	}
	for (size_t i = 0; i < n; i++)
		transfer_done(registry->http, &work[i]->call.transfer);
	return r < 0 ? r : 0;
}
