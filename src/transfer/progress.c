/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bars. What is drawn is made whole in memory and written at once, ten times a second at the most;
 * the next drawing begins by going up over the last. Rows that do not fit on the screen are counted
 * in the last line instead.
 */
#include "transfer/progress.h"

#include "base/buf.h"
#include "base/clock.h"

#include <stdlib.h>
#include <sys/ioctl.h>

#define REDRAW_MS  100
#define BAR_WIDTH  30
#define NAME_WIDTH 12

struct row {
	const char *name;
	uint64_t bytes, total;
	enum progress_state state;
};

struct progress {
	int fd;
	bool is_terminal;
	const char *moving, *done;
	struct row *rows;
	size_t n, n_drawn;
	int64_t began_ms, drawn_ms;
};

struct progress *progress_new(int out_fd, size_t n, const char *moving, const char *done)
{
	struct progress *progress;

	if (out_fd < 0)
		return NULL;
	progress = calloc(1, sizeof(*progress));
	if (!progress)
		return NULL;
	progress->rows = calloc(n + 1, sizeof(*progress->rows));
	progress->fd = out_fd;
	progress->n = progress->rows ? n : 0;
	progress->moving = moving;
	progress->done = done;
	progress->is_terminal = isatty(out_fd) == 1;
	progress->began_ms = clock_ms();
	return progress;
}

void progress_name(struct progress *progress, size_t i, const char *name, uint64_t total)
{
	if (!progress || i >= progress->n)
		return;
	progress->rows[i].name = name;
	progress->rows[i].total = total;
}

/* ------------------------------------------------------------------------------- drawing */

/* "12.3MB" */
static void add_size(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double size = (double)bytes;
	size_t i = 0;

	for (; size >= 1000 && i < 4; i++)
		size /= 1000;
	buf_printf(out, i ? "%.1f%s" : "%.0f%s", size, units[i]);
}

static void add_bar(struct buf *out, const struct row *row)
{
	size_t filled = row->total ? (size_t)(row->bytes * BAR_WIDTH / row->total) : 0;

	buf_puts(out, "[");
	for (size_t i = 0; i < BAR_WIDTH; i++)
		buf_puts(out, i < filled ? "=" : i == filled ? ">" : " ");
	buf_puts(out, "] ");
	add_size(out, row->bytes);
	buf_puts(out, "/");
	add_size(out, row->total);
}

static void add_row(const struct progress *progress, const struct row *row, struct buf *out)
{
	buf_printf(out, "\r%-*.*s  ", NAME_WIDTH, NAME_WIDTH, row->name);
	switch (row->state) {
	case PROGRESS_WAITING:
		buf_puts(out, "waiting");
		break;
	case PROGRESS_MOVING:
		buf_printf(out, "%-11s ", progress->moving);
		add_bar(out, row);
		break;
	case PROGRESS_WORKING:
		buf_puts(out, "unpacking");
		break;
	case PROGRESS_DONE:
		buf_puts(out, progress->done);
		break;
	case PROGRESS_NEEDLESS:
		buf_puts(out, "already there");
		break;
	}
	buf_puts(out, "\033[K\n");
}

/* How fast all of it is together. */
static void add_total(const struct progress *progress, size_t n_left, struct buf *out)
{
	int64_t ms = clock_ms() - progress->began_ms;
	uint64_t bytes = 0;

	for (size_t i = 0; i < progress->n; i++)
		if (progress->rows[i].state != PROGRESS_NEEDLESS)
			bytes += progress->rows[i].bytes;
	buf_puts(out, "\r");
	if (n_left)
		buf_printf(out, "and %zu more; ", n_left);
	add_size(out, bytes);
	buf_puts(out, " in all, ");
	add_size(out, ms > 0 ? bytes * 1000 / (uint64_t)ms : 0);
	buf_puts(out, "/s\033[K\n");
}

static size_t screen_rows(const struct progress *progress)
{
	struct winsize size;

	if (ioctl(progress->fd, TIOCGWINSZ, &size) < 0 || size.ws_row < 4)
		return 20;
	return size.ws_row - 2u;
}

static void draw(struct progress *progress)
{
	size_t room = screen_rows(progress), shown = progress->n < room ? progress->n : room;
	auto_buf struct buf out = {};
	struct err ignored;

	if (progress->n_drawn)
		buf_printf(&out, "\033[%zuA", progress->n_drawn);
	for (size_t i = 0; i < shown; i++)
		add_row(progress, &progress->rows[i], &out);
	add_total(progress, progress->n - shown, &out);
	progress->n_drawn = shown + 1;
	progress->drawn_ms = clock_ms();
	(void)buf_write_fd(&out, progress->fd, "progress", &ignored);
}

/* Elsewhere than on a terminal. */
static void tell_end(const struct progress *progress, const struct row *row)
{
	auto_buf struct buf out = {};
	struct err ignored;

	if (row->state != PROGRESS_DONE && row->state != PROGRESS_NEEDLESS)
		return;
	buf_printf(&out, "%.*s: %s\n", NAME_WIDTH, row->name,
		   row->state == PROGRESS_DONE ? progress->done : "already there");
	(void)buf_write_fd(&out, progress->fd, "progress", &ignored);
}

void progress_set(struct progress *progress, size_t i, enum progress_state state, uint64_t bytes)
{
	struct row *row;
	bool has_changed;

	if (!progress || i >= progress->n)
		return;
	row = &progress->rows[i];
	has_changed = row->state != state;
	row->state = state;
	row->bytes = bytes;
	if (!progress->is_terminal && has_changed)
		tell_end(progress, row);
	else if (progress->is_terminal && clock_ms() - progress->drawn_ms >= REDRAW_MS)
		draw(progress);
}

void progress_free(struct progress *progress)
{
	if (!progress)
		return;
	if (progress->is_terminal && progress->n)
		draw(progress);
	free(progress->rows);
	free(progress);
}
