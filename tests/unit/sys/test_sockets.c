/* SPDX-License-Identifier: Apache-2.0 */
/* The lines are a kernel's, of a little-endian machine; finding is shown by net/test_reserve.c. */
#include "sys/sockets.h"
#include "tap.h"

#define REST                                                                                     \
	" 00000000:00000000 00:00000000 00000000  1000        0 4294967299 1 ffff8 100 0 0 10 0"

static bool says(const char *line, bool is_tcp, const char *ip, uint16_t port)
{
	struct sockets_row row = {};
	char text[IP_BYTES];

	return CHECK(sockets_parse_row(line, is_tcp, &row)) &&
	       CHECK_STR(ip_format(&row.ip, text), ip) && CHECK(row.port == port) &&
	       CHECK(row.inode == 4294967299);
}

static bool addresses_ports_and_inodes_are_read(void)
{
	return says("   0: 0100007F:1F90 00000000:0000 0A" REST, true, "127.0.0.1", 8080) &&
	       says("  12: 00000000000000000000000001000000:0050 "
		    "00000000000000000000000000000000:0000 0A" REST,
		    true, "::1", 80) &&
	       says("  12: B80D0120000000000000000001000000:0050 "
		    "00000000000000000000000000000000:0000 0A" REST,
		    true, "2001:db8::1", 80) &&
	       says("16181: 00000000:0035 00000000:0000 07" REST, false, "0.0.0.0", 53);
}

static bool what_is_in_nobodys_way_is_passed_over(void)
{
	struct sockets_row row;

	return CHECK(!sockets_parse_row("   0: 0100007F:1F90 0100007F:0050 01" REST, true, &row)) &&
	       CHECK(!sockets_parse_row("  sl  local_address rem_address   st tx_queue", true,
					&row)) &&
	       CHECK(!sockets_parse_row("", true, &row)) &&
	       CHECK(!sockets_parse_row("   0: 0100007F:1F90 00000000:0000 0A", true, &row)) &&
	       CHECK(!sockets_parse_row("   0: 0100007F00:1F90 00000000:0000 0A" REST, true, &row));
}

int main(void)
{
	TEST(addresses_ports_and_inodes_are_read);
	TEST(what_is_in_nobodys_way_is_passed_over);
	return tap_done();
}
