/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters of interfaces: two lines of headings, and then one for each interface,
 * "  eth0: 648 8 0 0 0 0 0 0 1042 13 0 0 0 0 0 0", whose name the container may have chosen.
 */
#include "sys/netstat.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SENT 8 /* the place of the bytes sent; the bytes received are in the first */

/* The number at *at, which moves behind it. */
static bool take_number(const char **at, uint64_t *ret)
{
	char *end;

	*at += strspn(*at, " ");
	if (**at < '0' || **at > '9')
		return false;
	*ret = strtoull(*at, &end, 10);
	*at = end;
	return true;
}

static bool is_loopback(const char *name, const char *colon)
{
	return colon - name == 2 && memcmp(name, "lo", 2) == 0;
}

static void add_line(const char *line, struct netstat *sum)
{
	const char *name = line + strspn(line, " "), *colon = name + strcspn(name, ":\n");
	uint64_t received = 0, sent = 0;
	const char *at = colon + 1;

	if (*colon != ':' || is_loopback(name, colon) || !take_number(&at, &received))
		return;
	for (int place = 1; place <= SENT; place++)
		if (!take_number(&at, &sent))
			return;
	sum->received_bytes += received;
	sum->sent_bytes += sent;
}

void netstat_parse(const char *text, struct netstat *ret)
{
	*ret = (struct netstat){};
	while (*text) {
		add_line(text, ret);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}
