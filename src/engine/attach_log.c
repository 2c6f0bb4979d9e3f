/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log first, and then what comes. The monitor reads nothing of the container's while the log is
 * read here, so nothing is rotated away. Only if the container ends meanwhile does what is left of
 * it go to the log, behind the place that was told; the monitor then writes that to us as well, and
 * so the log is never read beyond that place.
 */
#include "engine/attach_log.h"

#include "base/cleanup.h"
#include "engine/log_print.h"
#include "engine/log_reader.h"
#include "engine/message.h"

#include <unistd.h>

static void reader_freep(struct log_reader **reader)
{
	log_reader_free(*reader);
}

static int print_all(struct log_reader *reader, struct log_print *print, struct err *err)
{
	struct log_print_whose whose = {};
	struct log_line line;
	int r;

	while ((r = log_reader_next(reader, &line, err)) > 0) {
		r = log_print_line(print, &whose, &line, err);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : log_print_flush(print, err);
}

int attach_log(const struct entry *entry, const struct config *config,
	       const struct log_place *end, int sock_fd, struct err *err)
{
	const struct engine_logs form = { .out_fds = { STDOUT_FILENO, STDERR_FILENO } };
	const struct log_reader_losses none = {};
	auto_cleanup(reader_freep) struct log_reader *reader = NULL;
	auto_cleanup(log_print_done) struct log_print print;
	struct log_reader_losses losses;
	int r;

	log_print_init(&print, &form);
	r = log_reader_new(entry->dir_fd, (unsigned)config->log_max_files, LOG_ONCE, &reader, err);
	if (r < 0)
		return r;
	log_reader_end_at(reader, end);
	r = print_all(reader, &print, err);
	if (r < 0)
		return r;
	losses = log_reader_losses(reader);
	log_reader_warn(config->name, &none, &losses);
	r = message_send(sock_fd, MESSAGE_CAUGHT_UP, 0, -1);
	return r < 0 ? err_sys(err, -r, "speak to the container's monitor") : 0;
}
