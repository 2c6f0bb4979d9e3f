/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How far things are: on a terminal a bar for each, drawn again as they go on; elsewhere a line
 * when something has come to its end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum progress_state {
	PROGRESS_WAITING,
	PROGRESS_MOVING,   /* bytes come, or go */
	PROGRESS_WORKING,  /* all bytes are there; something is made of them */
	PROGRESS_DONE,
	PROGRESS_NEEDLESS, /* it was there */
};

struct progress;

/* NULL for `out_fd` < 0: nobody wants to know. `moving` is the word for that: "downloading". */
struct progress *progress_new(int out_fd, size_t n, const char *moving, const char *done);

/* Of row `i`: its name (borrowed), and how much it is in all. */
void progress_name(struct progress *progress, size_t i, const char *name, uint64_t total);

void progress_set(struct progress *progress, size_t i, enum progress_state state, uint64_t bytes);

/* Draw what was not yet drawn, and let go of it. NULL is fine. */
void progress_free(struct progress *progress);
static inline void progress_freep(struct progress **progress)
{
	progress_free(*progress);
}
