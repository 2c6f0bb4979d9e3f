/* SPDX-License-Identifier: Apache-2.0 */
/* A resolver, a client and others who listen on port 53, all in a namespace of the claim's own. */
#include "net/firewall.h"

#include "base/cleanup.h"
#include "net/sockets.h"
#include "net/wall.h"

#include <sched.h>
#include <time.h>

static int bound(int type, const char *ip, uint16_t port)
{
	const struct addr here = addr(ip, port);
	const int on = 1;
	int fd = socket(here.any.sa_family, type, 0);

	if (here.any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	return fd >= 0 && bind(fd, &here.any, here.len) == 0 ? fd : -1;
}

static uint16_t port_of(int fd)
{
	struct addr at = { .len = sizeof(at.storage) };

	(void)getsockname(fd, &at.any, &at.len);
	return ntohs(at.v4.sin_port);
}

static bool answers_udp(int resolver, const char *ip, bool is_connected, size_t len)
{
	const struct addr there = addr(ip, 53);
	struct addr from = { .len = sizeof(from.storage) };
	auto_close int fd = socket(AF_INET, SOCK_DGRAM, 0);
	static char question[65000], got[65000];

	memset(question, 'q', sizeof(question));
	if (is_connected && !CHECK(connect(fd, &there.any, there.len) == 0))
		return false;
	return CHECK(sendto(fd, question, len, 0, is_connected ? NULL : &there.any,
			    is_connected ? 0 : there.len) == (ssize_t)len) &&
	       is_ready(resolver, POLLIN) &&
	       CHECK(recvfrom(resolver, got, sizeof(got), 0, &from.any, &from.len) ==
		     (ssize_t)len) &&
	       CHECK(memcmp(question, got, len) == 0) &&
	       CHECK(sendto(resolver, got, len, 0, &from.any, from.len) == (ssize_t)len) &&
	       CHECK(is_ready(fd, POLLIN)) &&
	       CHECK(recvfrom(fd, got, sizeof(got), 0, &from.any, &from.len) == (ssize_t)len) &&
	       CHECK(from.v4.sin_port == htons(53)) &&
	       CHECK(from.v4.sin_addr.s_addr == there.v4.sin_addr.s_addr);
}

static bool receives(int fd, size_t len)
{
	char bytes[4096];
	ssize_t n = 1;

	while (len > 0 && n > 0) {
		n = recv(fd, bytes, sizeof(bytes) < len ? sizeof(bytes) : len, 0);
		len -= n > 0 ? (size_t)n : 0;
	}
	return len == 0;
}

static bool answers_tcp(int listener)
{
	const struct addr there = addr("127.0.0.11", 53);
	auto_close int fd = socket(AF_INET, SOCK_STREAM, 0), server = -1;
	static char bytes[100000];
	int status = -1;
	pid_t pid;

	if (!CHECK(connect(fd, &there.any, there.len) == 0) ||
	    !CHECK((server = accept(listener, NULL, NULL)) >= 0))
		return false;
	pid = fork();
	if (pid == 0)
		_exit(!(receives(server, sizeof(bytes)) &&
			send(server, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes)));
	return CHECK(send(fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes)) &&
	       CHECK(receives(fd, sizeof(bytes))) && CHECK(waitpid(pid, &status, 0) == pid) &&
	       CHECK(status == 0);
}

static bool dns_is_led_to_the_resolver_and_nothing_else(void)
{
	auto_close int udp = -1, tcp = -1, other = -1, other6 = -1, other_tcp = -1;

	return CHECK(unshare(CLONE_NEWNET) == 0) &&
	       sh("ip link set lo up; ip addr add 10.9.9.9/32 dev lo") &&
	       CHECK(nft_open(&nft, &err) == 0) &&
	       CHECK((udp = bound(SOCK_DGRAM, "127.0.0.11", 0)) >= 0) &&
	       CHECK((tcp = bound(SOCK_STREAM, "127.0.0.11", 0)) >= 0) &&
	       CHECK(listen(tcp, 8) == 0) && CHECK(!answers_udp(udp, "127.0.0.11", false, 50)) &&
	       CHECK(is_done(firewall_redirect_dns(&nft, 1, 2, &err))) &&
	       CHECK(is_done(firewall_redirect_dns(&nft, port_of(udp), port_of(tcp), &err))) &&
	       CHECK((other = bound(SOCK_DGRAM, "0.0.0.0", 53)) >= 0) &&
	       CHECK((other6 = bound(SOCK_DGRAM, "::", 53)) >= 0) &&
	       CHECK((other_tcp = bound(SOCK_STREAM, "0.0.0.0", 53)) >= 0) &&
	       CHECK(listen(other_tcp, 8) == 0) &&
	       CHECK(answers_udp(udp, "127.0.0.11", true, 50)) &&
	       CHECK(answers_udp(udp, "127.0.0.11", false, 50)) &&
	       CHECK(answers_udp(udp, "127.0.0.11", true, 2000)) &&
	       CHECK(answers_udp(udp, "127.0.0.11", false, 65000)) && CHECK(answers_tcp(tcp)) &&
	       CHECK(answers_udp(other, "127.0.0.1", true, 50)) &&
	       CHECK(answers_udp(other, "10.9.9.9", false, 2000)) &&
	       CHECK(!is_ready(other, POLLIN)) && CHECK(!is_ready(other_tcp, POLLIN)) &&
	       sh("f=/proc/sys/net/netfilter/nf_conntrack_count; [ ! -e $f ] || "
		  "[ $(cat $f) = 0 ]");
}

static double now_us(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static bool it_is_fast(void)
{
	double from;

	if (!CHECK(unshare(CLONE_NEWNET) == 0) || !CHECK(nft_open(&nft, &err) == 0))
		return false;
	from = now_us();
	if (!CHECK(firewall_redirect_dns(&nft, 4444, 4445, &err) == 0))
		return false;
	printf("# redirect_dns: %.1f us\n", now_us() - from);
	return true;
}

int main(void)
{
	if (geteuid() != 0 || system("ip link >/dev/null") != 0) {
		SKIP(dns_is_led_to_the_resolver_and_nothing_else, "needs root and ip");
		return tap_done();
	}
	TEST_IN_CHILD(dns_is_led_to_the_resolver_and_nothing_else);
	TEST_IN_CHILD(it_is_fast);
	return tap_done();
}
