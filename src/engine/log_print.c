/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines are gathered as long as they go to one descriptor. The next piece of a line that was too
 * long for one record follows right behind it.
 */
#include "engine/log_print.h"

#include "base/io.h"
#include "engine/log_attrs.h"

#include <string.h>

#define GATHER_BYTES 32768

void log_print_init(struct log_print *print, const struct engine_logs *request)
{
	*print = (struct log_print){ .request = request };
}

void log_print_done(struct log_print *print)
{
	buf_done(&print->out);
	buf_done(&print->attrs);
	buf_done(&print->details);
}

int log_print_flush(struct log_print *print, struct err *err)
{
	int r = io_write(print->request->out_fds[print->stream], print->out.data, print->out.len);

	print->out.len = 0;
	return r < 0 ? err_sys(err, -r, "write the log") : 0;
}

/* They are mostly those of the line before. */
static void add_details(struct log_print *print, const struct log_line *line)
{
	struct buf *attrs = &print->attrs, *details = &print->details;

	if (line->attrs_len != attrs->len ||
	    (attrs->len && memcmp(line->attrs, attrs->data, attrs->len) != 0)) {
		attrs->len = details->len = 0;
		buf_add(attrs, line->attrs, line->attrs_len);
		if (attrs->len)
			(void)log_attrs_show(attrs->data, attrs->len, details);
	}
	buf_add(&print->out, details->data, details->len);
	buf_puts(&print->out, " ");
}

static void add_front(struct log_print *print, const struct log_print_whose *whose,
		      const struct log_line *line)
{
	char when[TIMESTAMP_BYTES];

	if (whose->name) {
		buf_puts(&print->out, whose->name);
		buf_puts(&print->out, " ");
	}
	if (print->request->timestamps) {
		timestamp_format(&line->when, when);
		buf_puts(&print->out, when);
		buf_puts(&print->out, " ");
	}
	if (print->request->details)
		add_details(print, line);
}

int log_print_line(struct log_print *print, struct log_print_whose *whose,
		   const struct log_line *line, struct err *err)
{
	int r = 0;

	if (print->stream != line->stream || print->out.len >= GATHER_BYTES)
		r = log_print_flush(print, err);
	print->stream = line->stream;
	if (!whose->is_amid[line->stream])
		add_front(print, whose, line);
	whose->is_amid[line->stream] = !log_line_ends(line);
	buf_add(&print->out, line->bytes, line->len);
	return r;
}
