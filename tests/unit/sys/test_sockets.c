/* SPDX-License-Identifier: Apache-2.0 */
/* The lines are a kernel's, of a little-endian machine; finding is shown by net/test_reserve.c. */
#include "sys/sockets.h"

#include "base/cleanup.h"
#include "child.h"
#include "sys/netdev.h"
#include "sys/proc.h"
#include "sys/sock_address.h"

#include <sched.h>
#include <sys/prctl.h>

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

static bool who_talks_to_one_only_is_told_apart(void)
{
	struct sockets_row row = {};

	return CHECK(sockets_parse_row("   0: 0100007F:1F90 0100007F:0050 01" REST, false, &row)) &&
	       CHECK(row.is_connected) &&
	       CHECK(sockets_parse_row("   0: 0100007F:1F90 00000000:0000 07" REST, false, &row)) &&
	       CHECK(!row.is_connected);
}

/* ------------------------------------------------------------------------------- listing */

static int open_at(int type, const char *text, uint16_t port)
{
	struct ip ip = {};
	struct err err = {};
	union sock_address address;
	int fd;

	(void)ip_parse(text, &ip, &err);
	fd = socket(ip.family, type | SOCK_CLOEXEC, 0);
	if (bind(fd, &address.any, sock_address_fill(&ip, port, &address)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 1) < 0))
		return -1;
	return fd;
}

static bool is_at(const struct sockets_listener *found, uint8_t proto, const char *ip,
		  uint16_t port)
{
	char text[IP_BYTES];

	return CHECK(found->proto == proto) && CHECK_STR(ip_format(&found->row.ip, text), ip) &&
	       CHECK(found->row.port == port) && CHECK(found->host_pid == getpid()) &&
	       CHECK_STR(found->name ? found->name : "", "who \033 listens");
}

static bool list(int proc_fd, pid_t pid, struct arena *arena, struct sockets_list *ret)
{
	auto_close int pid_dir_fd = -1;
	struct err err = {};

	return CHECK(proc_open_pid(proc_fd, pid, &pid_dir_fd) == 0) &&
	       CHECK(sockets_list(proc_fd, pid_dir_fd, arena, ret, &err) == 0);
}

static bool who_listens_is_listed_with_his_name(void)
{
	auto_arena struct arena arena = {};
	auto_close int proc_fd = -1;
	struct sockets_list found = {};
	union sock_address address;
	struct err err = {};
	struct ip ip = {};
	int connected;

	if (!CHECK(unshare(CLONE_NEWNET) == 0) || !CHECK(netdev_loopback_up() == 0) ||
	    !CHECK(prctl(PR_SET_NAME, "who \033 listens") == 0) ||
	    !CHECK(proc_open(&proc_fd, &err) == 0) ||
	    !CHECK(list(proc_fd, getpid(), &arena, &found)) || !CHECK(found.n == 0))
		return false;
	connected = open_at(SOCK_DGRAM, "127.0.0.1", 9);
	(void)ip_parse("127.0.0.1", &ip, &err);
	if (!CHECK(open_at(SOCK_DGRAM, "127.0.0.1", 53) >= 0) ||
	    !CHECK(open_at(SOCK_STREAM, "::", 80) >= 0) ||
	    !CHECK(open_at(SOCK_STREAM, "0.0.0.0", 22) >= 0) ||
	    !CHECK(connect(connected, &address.any, sock_address_fill(&ip, 53, &address)) == 0) ||
	    !list(proc_fd, getpid(), &arena, &found))
		return false;
	return CHECK(found.n == 3) && CHECK(!found.is_cut) &&
	       is_at(&found.v[0], IPPROTO_TCP, "0.0.0.0", 22) &&
	       is_at(&found.v[1], IPPROTO_TCP, "::", 80) &&
	       is_at(&found.v[2], IPPROTO_UDP, "127.0.0.1", 53);
}

static bool is_namespace_possible(void)
{
	return unshare(CLONE_NEWNET) == 0;
}

int main(void)
{
	TEST(addresses_ports_and_inodes_are_read);
	TEST(what_is_in_nobodys_way_is_passed_over);
	TEST(who_talks_to_one_only_is_told_apart);
	if (in_child(is_namespace_possible))
		TEST_IN_CHILD(who_listens_is_listed_with_his_name);
	else
		SKIP(who_listens_is_listed_with_his_name, "needs root");
	return tap_done();
}
