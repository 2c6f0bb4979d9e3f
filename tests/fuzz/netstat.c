/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text of /proc/PID/net/dev. A line counts by itself: what is cut between two lines has the same
 * sum, and a line without a colon has none.
 */
#include "sys/netstat.h"

#include "fuzz.h"

static struct netstat sum_of(const char *text)
{
	struct netstat sum = { 1, 1 };

	netstat_parse(text, &sum);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *text = input_text(&in);
	struct netstat whole = sum_of(text), first, rest;
	char *newline = strchr(text, '\n');

	if (!strchr(text, ':'))
		CLAIM(whole.received_bytes == 0 && whole.sent_bytes == 0);
	if (!newline)
		return 0;
	rest = sum_of(newline + 1);
	newline[1] = '\0';
	first = sum_of(text);
	CLAIM(first.received_bytes + rest.received_bytes == whole.received_bytes);
	CLAIM(first.sent_bytes + rest.sent_bytes == whole.sent_bytes);
	return 0;
}
