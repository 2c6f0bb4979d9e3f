/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists of processes in what is left of a line: whole entries only, and at the end how many more
 * there are. Names are strangers' (base/utf8.h).
 */
#include "base/utf8.h"
#include "cli/tare/ns.h"
#include "cli/tare/quantity.h"

#include <stdio.h>

#define NAME_COLUMNS 15

/* "8124 sleep"; its columns. */
static size_t add_entry(const struct ns_names *names, uint32_t pid, struct buf *out)
{
	const struct nsscan_process *process = nsscan_find(names->scan, (pid_t)pid);
	const char *name = process ? nsscan_name(names->scan, process, names->arena) : "";
	char number[16];
	int len = snprintf(number, sizeof(number), "%u", pid);

	buf_puts(out, number);
	if (!*name)
		return (size_t)len;
	buf_puts(out, " ");
	return (size_t)len + 1 + utf8_add_printable(out, name, NAME_COLUMNS);
}

/* The columns that ", 123 more" takes. */
static size_t more_columns(size_t n)
{
	return n ? (size_t)snprintf(NULL, 0, ", %zu more", n) : 0;
}

/* Until a line is full; then back to where there was still room to say how many more there are. */
void ns_list_format(const struct ns_names *names, const uint32_t *pids, size_t n, size_t columns,
		    struct buf *out)
{
	auto_buf struct buf line = {};
	size_t used = 0, cut_len = 0, cut_n = 0, i;

	for (i = 0; i < n && used <= columns; i++) {
		buf_puts(&line, i ? ", " : "");
		used += (i ? 2 : 0) + add_entry(names, pids[i], &line);
		if (used + more_columns(n - i - 1) <= columns) {
			cut_len = line.len;
			cut_n = i + 1;
		}
	}
	if (cut_n == 0 && n) {
		quantity_count(out, n, "process", "processes");
		return;
	}
	if (n)
		buf_add(out, line.data, cut_len);
	if (cut_n < n)
		buf_printf(out, ", %zu more", n - cut_n);
}

void ns_hidden_format(uint64_t n, struct buf *out)
{
	if (n == 0)
		return;
	buf_puts(out, "\n");
	quantity_count(out, n, "process", "processes");
	buf_printf(out, " may not be read by this user and %s not counted above.\n",
		   n == 1 ? "is" : "are");
}
