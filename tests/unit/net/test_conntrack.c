/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each claim has a router, whose flows it looks at, and a host behind it that is reached through
 * it; conntrack(8) is the witness.
 */
#include "net/conntrack.h"

#include "net/sockets.h"
#include "net/wall.h"
#include "net/world.h"

#include "base/clock.h"


static bool world(void)
{
	const struct firewall_network own = network("br0", "10.1.0.0/24", "fd00:a::/64");
	int away, home;

	return new_namespace(&away) && new_namespace(&home) &&
	       sh("ip link set lo up && ip addr add 192.0.2.1/24 dev lo && "
		  "ip -6 addr add 2001:db8::1/64 dev lo nodad && ip link add br0 type bridge && "
		  "ip addr add 10.1.0.1/24 dev br0 && ip link set br0 up && "
		  "ip neigh add 10.1.0.9 lladdr 02:00:00:00:00:09 dev br0 nud permanent") &&
	       /* the rules have the kernel keep track */
	       CHECK(nft_open(&nft, &err) == 0) && CHECK(is_done(firewall_ensure(&nft, &err))) &&
	       CHECK(is_done(firewall_add_network(&nft, &own, &err)));
}

/* A flow, from a port of its own. */
static bool begin(const char *ip, uint16_t port)
{
	static uint16_t last = 20000;
	const struct addr to = addr(ip, port);
	const struct addr from = addr(to.any.sa_family == AF_INET ? "0.0.0.0" : "::", ++last);
	auto_close int fd = socket(to.any.sa_family, SOCK_DGRAM, 0);

	return CHECK(bind(fd, &from.any, from.len) == 0) &&
	       CHECK(sendto(fd, "hello", 5, 0, &to.any, to.len) == 5);
}

static bool flush(const char *word)
{
	struct port port;

	return CHECK(port_parse(word, &port, &err) == 0) &&
	       CHECK(is_done(conntrack_flush(&port, 1, &err)));
}

#define FLOWS(proto, dst, port, n)                                                               \
	sh("conntrack -L -p " proto " --orig-dst " dst " --dport " #port " 2>/dev/null | wc -l | " \
	   "grep -qx " #n)

/* ------------------------------------------------------------------------------------- claims */

static bool flows_to_a_port_of_the_host_are_forgotten(void)
{
	return world() && begin("127.0.0.1", 8080) && begin("192.0.2.1", 8080) &&
	       begin("192.0.2.1", 8080) && begin("2001:db8::1", 8080) && begin("192.0.2.1", 8081) &&
	       begin("192.0.2.1", 8082) && begin("2001:db8::1", 8082) &&
	       FLOWS("udp", "192.0.2.1", 8080, 2) && FLOWS("udp", "2001:db8::1", 8080, 1) &&
	       flush("8080:80/udp") && FLOWS("udp", "127.0.0.1", 8080, 0) &&
	       FLOWS("udp", "192.0.2.1", 8080, 0) && FLOWS("udp", "2001:db8::1", 8080, 0) &&
	       FLOWS("udp", "192.0.2.1", 8081, 1) && flush("8079-8081:79-81/udp") &&
	       FLOWS("udp", "192.0.2.1", 8081, 0) && FLOWS("udp", "192.0.2.1", 8082, 1) &&
	       flush("0.0.0.0:8082:80/udp") && FLOWS("udp", "192.0.2.1", 8082, 0) &&
	       FLOWS("udp", "2001:db8::1", 8082, 1);
}

static bool flows_to_another_address_stay(void)
{
	return world() && begin("127.0.0.1", 8080) && begin("192.0.2.1", 8080) &&
	       begin("2001:db8::1", 8080) && flush("192.0.2.1:8080:80/udp") &&
	       FLOWS("udp", "192.0.2.1", 8080, 0) && FLOWS("udp", "127.0.0.1", 8080, 1) &&
	       FLOWS("udp", "2001:db8::1", 8080, 1) && flush("[2001:db8::1]:8080:80/udp") &&
	       FLOWS("udp", "2001:db8::1", 8080, 0) && FLOWS("udp", "127.0.0.1", 8080, 1);
}

static bool flows_to_others_behind_the_host_stay(void)
{
	return world() && begin("10.1.0.9", 8080) && begin("10.1.0.1", 8080) &&
	       FLOWS("udp", "10.1.0.9", 8080, 1) && flush("8080:80/udp") &&
	       FLOWS("udp", "10.1.0.9", 8080, 1) && FLOWS("udp", "10.1.0.1", 8080, 0);
}

static bool flows_by_tcp_stay(void)
{
	const struct addr at = addr("127.0.0.1", 8080);
	auto_close int server = -1, client = -1;

	return world() && CHECK((server = socket(AF_INET, SOCK_STREAM, 0)) >= 0) &&
	       CHECK(bind(server, &at.any, at.len) == 0) && CHECK(listen(server, 1) == 0) &&
	       CHECK((client = socket(AF_INET, SOCK_STREAM, 0)) >= 0) &&
	       CHECK(connect(client, &at.any, at.len) == 0) && begin("127.0.0.1", 8080) &&
	       flush("8080:80") && FLOWS("udp", "127.0.0.1", 8080, 1) && flush("8080:80/udp") &&
	       FLOWS("udp", "127.0.0.1", 8080, 0) && FLOWS("tcp", "127.0.0.1", 8080, 1);
}

static bool where_there_are_none_nothing_is_forgotten(void)
{
	return world() && flush("8080:80/udp") && begin("127.0.0.1", 53) && flush("8080:80/udp") &&
	       FLOWS("udp", "127.0.0.1", 53, 1);
}

static bool thousands_are_forgotten_among_others(void)
{
	int64_t start;

	if (!world())
		return false;
	start = clock_ns();
	if (!flush("8080:80/udp"))
		return false;
	printf("# of no flows: %ld us\n", (long)(clock_ns() - start) / 1000);
	for (int i = 0; i < 3000; i++)
		if (!begin("127.0.0.1", 8080) || !begin("127.0.0.1", 8081))
			return false;
	if (!FLOWS("udp", "127.0.0.1", 8081, 3000))
		return false;
	start = clock_ns();
	if (!flush("8080:80/udp"))
		return false;
	printf("# 3000 of 6000 flows: %ld us\n", (long)(clock_ns() - start) / 1000);
	start = clock_ns();
	return flush("8080:80/udp") &&
	       (printf("# none of 3000: %ld us\n", (long)(clock_ns() - start) / 1000), true) &&
	       FLOWS("udp", "127.0.0.1", 8080, 0) && FLOWS("udp", "127.0.0.1", 8081, 3000);
}

int main(void)
{
	if (!is_possible() || system("conntrack --version >/dev/null 2>&1") != 0) {
		SKIP(flows_to_a_port_of_the_host_are_forgotten,
		     "needs root, ip of iproute2, and conntrack");
		return tap_done();
	}
	TEST_IN_CHILD(flows_to_a_port_of_the_host_are_forgotten);
	TEST_IN_CHILD(flows_to_another_address_stay);
	TEST_IN_CHILD(flows_to_others_behind_the_host_stay);
	TEST_IN_CHILD(flows_by_tcp_stay);
	TEST_IN_CHILD(where_there_are_none_nothing_is_forgotten);
	TEST_IN_CHILD(thousands_are_forgotten_among_others);
	return tap_done();
}
