/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc/PID/net/dev says. */
#include "sys/netstat.h"
#include "tap.h"

#define HEADINGS                                                                         \
	"Inter-|   Receive                                                |  Transmit\n" \
	" face |bytes    packets errs drop fifo frame compressed multicast|bytes    "     \
	"packets errs drop fifo colls carrier compressed\n"

static bool says(const char *text, uint64_t received, uint64_t sent)
{
	struct netstat sum = { 1, 1 };

	netstat_parse(text, &sum);
	return CHECK(sum.received_bytes == received) && CHECK(sum.sent_bytes == sent);
}

static bool interfaces_are_summed_up_without_the_loopback(void)
{
	return says(HEADINGS "    lo: 648 8 0 0 0 0 0 0 648 8 0 0 0 0 0 0\n"
			     "  eth0: 100 2 0 0 0 0 0 0 30 1 0 0 0 0 0 0\n"
			     " lo0:5 2 0 0 0 0 0 0       7 1 0 0 0 0 0 0\n", 105, 37) &&
	       says(HEADINGS "a:18446744073709551615 2 0 0 0 0 0 0 9 1 0 0 0 0 0 0", UINT64_MAX, 9);
}

static bool what_is_no_interface_does_not_count(void)
{
	return says("", 0, 0) && says(HEADINGS, 0, 0) && says("eth0", 0, 0) &&
	       says("eth0: 1 2 3 4 5 6 7 8", 0, 0) && says("eth0: 1 2 3 4 5 6 7 8 x", 0, 0) &&
	       says("eth0: 1 2 3 4 5 6 7\n8 9\n", 0, 0) && says("eth0:\n:\n", 0, 0);
}

int main(void)
{
	TEST(interfaces_are_summed_up_without_the_loopback);
	TEST(what_is_no_interface_does_not_count);
	return tap_done();
}
