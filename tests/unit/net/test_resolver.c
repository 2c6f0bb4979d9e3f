/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A resolver, and two servers that it can ask, each in a process of its own, all in a network
 * namespace that the claim makes. The words are dig's: what is behind a "|" is a shell's.
 */
#include "net/resolver.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "child.h"
#include "net/dns.h"
#include "sh.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

static unsigned port; /* the resolver's; both sockets have one of their own */
static unsigned tcp_port;
static char conf_path[64];

static struct ip ip_of(const char *text)
{
	struct ip ip = {};
	struct err err;

	(void)CHECK(ip_parse(text, &ip, &err) == 0);
	return ip;
}

/* ------------------------------------------------------------------------------- another server */

static size_t answer_as(int number, const uint8_t *asked, size_t len, bool is_tcp, uint8_t *ret)
{
	struct dns_query query;
	struct dns_answer answer;
	char text[32];
	struct ip ip;

	if (dns_query_parse(asked, len, &query) != 0 ||
	    (number == 1 && strncmp(query.name, "silent.", 7) == 0))
		return 0;
	dns_answer_begin(&answer, &query, asked, ret, is_tcp ? 4096 : query.udp_bytes);
	if (strncmp(query.name, "nx.", 3) == 0)
		return dns_answer_end(&answer, DNS_NXDOMAIN);
	if (number == 1 && strncmp(query.name, "fail.", 5) == 0)
		return dns_answer_end(&answer, DNS_SERVFAIL);
	(void)snprintf(text, sizeof(text), "203.0.113.%d", number);
	ip = ip_of(text);
	for (int i = strncmp(query.name, "big.", 4) == 0 ? 200 : 1; i > 0; i--)
		dns_answer_ip(&answer, &ip);
	return dns_answer_end(&answer, DNS_NOERROR);
}

/* Before the true answer come two that are none. */
static void send_wrong(int fd, const uint8_t *right, size_t len, const struct sockaddr_in *to)
{
	uint8_t bytes[4096];

	memcpy(bytes, right, len);
	bytes[0] ^= 0x55;
	bytes[len - 1] = 66;
	(void)sendto(fd, bytes, len, 0, (const struct sockaddr *)to, sizeof(*to));
	bytes[0] ^= 0x55;
	bytes[DNS_HEADER_BYTES + 1] = 'x';
	(void)sendto(fd, bytes, len, 0, (const struct sockaddr *)to, sizeof(*to));
}

static void serve_udp(int fd, int number)
{
	uint8_t asked[4096], answer[65536];
	struct sockaddr_in peer;
	socklen_t peer_len = sizeof(peer);
	ssize_t n = recvfrom(fd, asked, sizeof(asked), 0, (struct sockaddr *)&peer, &peer_len);
	size_t len = n > 0 ? answer_as(number, asked, (size_t)n, false, answer) : 0;

	if (len > 0 && memcmp(asked + DNS_HEADER_BYTES, "\5wrong", 6) == 0)
		send_wrong(fd, answer, len, &peer);
	if (len > 0)
		(void)sendto(fd, answer, len, 0, (struct sockaddr *)&peer, sizeof(peer));
}

static void serve_tcp(int listen_fd, int number)
{
	auto_close int fd = accept(listen_fd, NULL, NULL);
	uint8_t asked[4096], answer[65536];
	ssize_t n = recv(fd, asked, sizeof(asked), 0);
	size_t len = n > 2 ? answer_as(number, asked + 2, (size_t)n - 2, true, answer + 2) : 0;

	answer[0] = (uint8_t)(len >> 8);
	answer[1] = (uint8_t)len;
	if (len > 0)
		(void)send(fd, answer, len + 2, MSG_NOSIGNAL);
}

static int bound(int type, int number)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53),
				  .sin_addr.s_addr = htonl(0x7f000000U + (unsigned)number) };
	int fd = socket(AF_INET, type, 0), on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 8) < 0))
		perror("# bind");
	return fd;
}

/* The server at 127.0.0.`number`. */
static void start_server(int number)
{
	int udp_fd = bound(SOCK_DGRAM, number), tcp_fd = bound(SOCK_STREAM, number);

	if (fork_servant() > 0) {
		(void)close(udp_fd);
		(void)close(tcp_fd);
		return;
	}
	for (;;) {
		struct pollfd fds[] = { { udp_fd, POLLIN, 0 }, { tcp_fd, POLLIN, 0 } };

		(void)poll(fds, 2, -1);
		if (fds[0].revents)
			serve_udp(udp_fd, number);
		if (fds[1].revents)
			serve_tcp(tcp_fd, number);
	}
}

/* ------------------------------------------------------------------------------- ours */

static int find_name(const char *name, int family, struct ip *ret, size_t max, bool *ret_exists,
		     void *arg)
{
	static const char *const webs[] = { "10.88.0.2", "10.88.0.3", "10.88.0.4" };

	(void)arg;
	if (strcmp(name, "broken") == 0)
		return -EIO;
	if (strcmp(name, "many") == 0 && family == AF_INET) {
		for (size_t i = 0; i < max; i++)
			ret[i] = ip_of("10.88.1.1");
		return (int)max;
	}
	*ret_exists = strcasecmp(name, "Web") == 0 || strcmp(name, "db") == 0;
	if (!*ret_exists || max == 0)
		return 0;
	if (strcmp(name, "db") == 0 && family == AF_INET6) {
		ret[0] = ip_of("fd00::5");
		return 1;
	}
	if (strcmp(name, "web") != 0 || family != AF_INET)
		return 0;
	for (int i = 0; i < 3; i++)
		ret[i] = ip_of(webs[i]);
	return 3;
}

static int find_ip(const struct ip *ip, char ret_name[static RESOLVER_NAME_BYTES], void *arg)
{
	const struct ip web = ip_of("10.88.0.2"), db = ip_of("fd00::5");

	(void)arg;
	if (ip_compare(ip, &web) != 0 && ip_compare(ip, &db) != 0)
		return 0;
	(void)snprintf(ret_name, RESOLVER_NAME_BYTES, "%s",
		       ip->family == AF_INET ? "web.dns.podman" : "db.dns.podman");
	return 1;
}

static void serve(struct resolver *resolver)
{
	struct pollfd fds[RESOLVER_POLLS];

	for (;;) {
		size_t n = resolver_poll(resolver, fds);

		(void)poll(fds, n, resolver_timeout_ms(resolver, clock_ms()));
		resolver_step(resolver, fds, n, clock_ms());
	}
}

static unsigned port_of(int fd)
{
	struct sockaddr_in at = {};
	socklen_t len = sizeof(at);

	(void)getsockname(fd, (struct sockaddr *)&at, &len);
	return ntohs(at.sin_port);
}

/* A namespace, and the resolver in it, as a child that dies with us. */
static bool start_with(struct resolver_setup setup)
{
	struct resolver *resolver = NULL;
	struct err err = {};

	if (!CHECK(unshare(CLONE_NEWNET) == 0) ||
	    !CHECK(resolver_bind(&setup.udp_fd, &setup.tcp_fd, &err) == 0))
		return false;
	port = port_of(setup.udp_fd);
	tcp_port = port_of(setup.tcp_fd);
	setup.names = (struct resolver_names){ find_name, find_ip, NULL };
	setup.domain = "dns.podman";
	if (!CHECK(resolver_open(&resolver, &setup, &err) == 0))
		return false;
	if (fork_servant() == 0)
		serve(resolver);
	resolver_close(&resolver);
	return true;
}

static bool write_conf(const char *text)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "printf '%s' >%s.new && mv %s.new %s", text,
		       conf_path, conf_path, conf_path);
	return sh(command);
}

/* Both servers, and a file that names them. */
static bool start(void)
{
	(void)snprintf(conf_path, sizeof(conf_path), "/tmp/test_resolver.%d", (int)getpid());
	if (!write_conf("nameserver 127.0.0.1\\nnameserver 127.0.0.2\\noptions timeout:1\\n") ||
	    !start_with((struct resolver_setup){ .host_conf = conf_path }))
		return false;
	start_server(1);
	start_server(2);
	return true;
}

static bool end(bool ok)
{
	(void)unlink(conf_path);
	return ok;
}

static bool dig_at(unsigned to, const char *words, const char *expected)
{
	char command[512], got[16384];
	FILE *pipe;
	size_t n;

	(void)snprintf(command, sizeof(command), "dig @127.0.0.11 -p %u +tries=1 +timeout=5 %s", to,
		       words);
	fflush(stdout);
	pipe = popen(command, "r");
	n = pipe ? fread(got, 1, sizeof(got) - 1, pipe) : 0;
	got[n] = '\0';
	if (pipe)
		(void)pclose(pipe);
	return CHECK_STR(got, expected);
}

static bool dig(const char *words, const char *expected)
{
	return dig_at(port, words, expected);
}

static bool dig_tcp(const char *words, const char *expected)
{
	return dig_at(tcp_port, words, expected);
}

/* ------------------------------------------------------------------------------- claims */

static bool containers_are_found(void)
{
	return end(start() && dig("+short web A | sort", "10.88.0.2\n10.88.0.3\n10.88.0.4\n") &&
		   dig("+short WEB.dns.podman A | wc -l", "3\n") &&
		   dig("+short db AAAA", "fd00::5\n") &&
		   dig("+short -x 10.88.0.2", "web.dns.podman.\n") &&
		   dig("+short -x fd00::5", "db.dns.podman.\n") &&
		   dig("+noall +answer +question WeB A | grep -c WeB", "4\n") &&
		   dig_tcp("+tcp +short db AAAA", "fd00::5\n") &&
		   dig_tcp("+tcp +keepopen +short db AAAA db AAAA", "fd00::5\nfd00::5\n"));
}

static bool what_a_name_lacks_is_no_error(void)
{
	return end(start() && dig("web AAAA | grep -c -e NOERROR -e 'ANSWER: 0'", "2\n") &&
		   dig("db A | grep -c -e NOERROR -e 'ANSWER: 0'", "2\n") &&
		   dig("web MX | grep -c -e NOERROR -e 'ANSWER: 0'", "2\n") &&
		   dig("nobody.dns.podman | grep -c NXDOMAIN", "1\n") &&
		   dig("broken | grep -c SERVFAIL", "1\n"));
}

static bool addresses_take_turns(void)
{
	return end(start() && dig("+short web | head -1", "10.88.0.2\n") &&
		   dig("+short web | head -1", "10.88.0.3\n") &&
		   dig("+short web | head -1", "10.88.0.4\n") &&
		   dig("+short web | head -1", "10.88.0.2\n"));
}

static bool localhost_is_here(void)
{
	return end(start() && dig("+short localhost", "127.0.0.1\n") &&
		   dig("+short a.localhost AAAA", "::1\n") &&
		   dig("+short -x 127.0.0.1", "localhost.\n"));
}

static bool what_does_not_fit_is_cut_off(void)
{
	return end(start() && dig("+ignore +noedns many | grep -c 'flags: qr tc rd ra'", "1\n") &&
		   dig("+ignore +noedns +short many | wc -l", "30\n") &&
		   dig("+ignore +bufsize=4096 many | grep -c 'udp: 1232'", "1\n") &&
		   dig("+ignore +bufsize=4096 +short many | wc -l", "74\n") &&
		   dig_tcp("+tcp +short many | wc -l", "128\n"));
}

static bool others_are_asked(void)
{
	return end(start() && dig("+short up.example", "203.0.113.1\n") &&
		   dig("+short single", "203.0.113.1\n") &&
		   dig("nx.example | grep -c NXDOMAIN", "1\n") &&
		   dig("+short wrong.example", "203.0.113.1\n") &&
		   dig_tcp("+tcp +short up.example", "203.0.113.1\n") &&
		   dig("+ignore big.example | grep -c 'flags: qr tc'", "1\n") &&
		   dig_tcp("+tcp +short big.example | wc -l", "200\n") &&
		   dig("+bufsize=4000 +short big.example | wc -l", "200\n"));
}

static bool the_next_server_is_asked_when_one_fails(void)
{
	return end(start() && dig("+short fail.example", "203.0.113.2\n") &&
		   dig("+short silent.example", "203.0.113.2\n") &&
		   dig_tcp("+tcp +short silent.example", "203.0.113.2\n"));
}

static bool nobody_there_is_said_at_once(void)
{
	const struct ip nobody = ip_of("127.0.0.9");

	return start_with((struct resolver_setup){ .servers = &nobody, .n_servers = 1 }) &&
	       dig("up.example | grep -c SERVFAIL", "1\n") &&
	       dig_tcp("+tcp up.example | grep -c SERVFAIL", "1\n");
}

static bool a_changed_file_is_read_afresh(void)
{
	return end(start() && dig("+short up.example", "203.0.113.1\n") &&
		   write_conf("nameserver 127.0.0.2\\n") &&
		   dig("+short up.example", "203.0.113.2\n"));
}

static bool nothing_leaves_where_there_is_no_way_out(void)
{
	return start_with((struct resolver_setup){ .no_forward = true }) &&
	       dig("up.example | grep -c SERVFAIL", "1\n") &&
	       dig("+short db AAAA", "fd00::5\n");
}

static int connected(int type, unsigned to_port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)to_port),
				  .sin_addr.s_addr = htonl(0x7f00000b) };
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	(void)CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	return fd;
}

static bool who_sends_nothing_holds_up_nobody(void)
{
	bool ok = start();

	for (int i = 0; ok && i < 2 * RESOLVER_TCP_CLIENTS; i++)
		ok = CHECK(send(connected(SOCK_STREAM, tcp_port), "\0", 1, 0) == 1);
	return end(ok && dig_tcp("+tcp +short db AAAA", "fd00::5\n") &&
		   dig("+short db AAAA", "fd00::5\n"));
}

/* One turn, as if it were `now_ms`. */
static void turn(struct resolver *resolver, int64_t now_ms)
{
	struct pollfd fds[RESOLVER_POLLS];
	size_t n = resolver_poll(resolver, fds);

	(void)poll(fds, n, 0);
	resolver_step(resolver, fds, n, now_ms);
}

static bool a_byte_now_and_then_gives_no_more_time(void)
{
	struct resolver_setup setup = { .names = { find_name, find_ip, NULL } };
	struct resolver *resolver = NULL;
	struct err err;
	char byte;
	int fd;

	if (!CHECK(unshare(CLONE_NEWNET) == 0) ||
	    !CHECK(resolver_bind(&setup.udp_fd, &setup.tcp_fd, &err) == 0) ||
	    !CHECK(resolver_open(&resolver, &setup, &err) == 0) ||
	    !CHECK(resolver_timeout_ms(resolver, 0) == -1))
		return false;
	fd = connected(SOCK_STREAM, port_of(setup.tcp_fd));
	turn(resolver, 1000);
	for (int i = 0; i < 10; i++) {
		if (!CHECK(resolver_timeout_ms(resolver, 1000 + i * 1000) == 10000 - i * 1000))
			return false;
		(void)CHECK(send(fd, i ? "x" : "\0", 1, MSG_NOSIGNAL) == 1);
		turn(resolver, 1000 + i * 1000);
	}
	(void)CHECK(send(fd, "x", 1, MSG_NOSIGNAL) == 1);
	turn(resolver, 11000);
	if (!CHECK(recv(fd, &byte, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET) ||
	    !CHECK(resolver_timeout_ms(resolver, 11000) == -1))
		return false;
	resolver_close(&resolver);
	return CHECK(!resolver);
}

/* What `ss --kill` does to it, which root of the namespace may: it is in no state to listen. */
static bool a_listener_that_was_destroyed_wakes_nobody(void)
{
	struct resolver_setup setup = { .names = { find_name, find_ip, NULL } };
	struct resolver *resolver = NULL;
	struct pollfd fds[RESOLVER_POLLS];
	struct err err;
	bool ok;

	if (!CHECK(unshare(CLONE_NEWNET) == 0) ||
	    !CHECK(resolver_bind(&setup.udp_fd, &setup.tcp_fd, &err) == 0) ||
	    !CHECK(resolver_open(&resolver, &setup, &err) == 0) ||
	    !CHECK(shutdown(setup.tcp_fd, SHUT_RDWR) == 0))
		return false;
	turn(resolver, 1000);
	ok = CHECK(poll(fds, resolver_poll(resolver, fds), 0) == 0);
	resolver_close(&resolver);
	return ok;
}

static const char silent[] = "\1\2\1\0\0\1\0\0\0\0\0\0\6silent\7example\0\0\1\0";

static bool too_many_are_told_so(void)
{
	uint8_t query[sizeof(silent)], answer[512];
	bool ok = start();
	int fd = ok ? connected(SOCK_DGRAM, port) : -1;

	memcpy(query, silent, sizeof(silent));
	query[sizeof(silent) - 1] = 1;
	for (int i = 0; ok && i <= RESOLVER_FLIGHTS; i++)
		ok = CHECK(send(fd, query, sizeof(query), 0) == sizeof(query));
	return end(ok && CHECK(recv(fd, answer, sizeof(answer), 0) == sizeof(query)) &&
		   CHECK(dns_rcode_of(answer) == DNS_SERVFAIL) &&
		   dig("+short db AAAA", "fd00::5\n"));
}

static bool pipelined_queries_are_all_answered(void)
{
	static const uint8_t query[] = "\0\x14\1\2\1\0\0\1\0\0\0\0\0\0\2db\0\0\x1c\0\1";
	const size_t len = sizeof(query) - 1, answer = 2 + 20 + 28;
	uint8_t got[4096];
	bool ok = start();
	int fd = ok ? connected(SOCK_STREAM, tcp_port) : -1;

	for (int i = 0; ok && i < 10; i++)
		ok = CHECK(send(fd, query, len, 0) == (ssize_t)len);
	ok = ok && CHECK(recv(fd, got, 10 * answer, MSG_WAITALL) == (ssize_t)(10 * answer));
	return end(ok && CHECK(memcmp(got, got + 9 * answer, answer) == 0));
}

static int compare_ns(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static bool a_name_takes_microseconds(void)
{
	enum { TIMES = 2001 };
	static const uint8_t query[] = "\1\2\1\0\0\1\0\0\0\0\0\0\2db\0\0\x1c\0\1";
	static int64_t took[TIMES];
	uint8_t answer[512];
	bool ok = start();
	int fd = ok ? connected(SOCK_DGRAM, port) : -1;

	for (int i = 0; ok && i < TIMES; i++) {
		int64_t begin = clock_ns();

		ok = CHECK(send(fd, query, sizeof(query) - 1, 0) > 0) &&
		     CHECK(recv(fd, answer, sizeof(answer), 0) == sizeof(query) - 1 + 28);
		took[i] = clock_ns() - begin;
	}
	qsort(took, TIMES, sizeof(*took), compare_ns);
	printf("# median %.1f us, 99 of 100 in %.1f us\n", (double)took[TIMES / 2] / 1e3,
	       (double)took[TIMES * 99 / 100] / 1e3);
	return end(ok);
}

int main(void)
{
	if (geteuid() != 0 || system("dig -v >/dev/null 2>&1") != 0) {
		SKIP(containers_are_found, "it takes root, and dig");
		return tap_done();
	}
	TEST_IN_CHILD(containers_are_found);
	TEST_IN_CHILD(what_a_name_lacks_is_no_error);
	TEST_IN_CHILD(addresses_take_turns);
	TEST_IN_CHILD(localhost_is_here);
	TEST_IN_CHILD(what_does_not_fit_is_cut_off);
	TEST_IN_CHILD(others_are_asked);
	TEST_IN_CHILD(the_next_server_is_asked_when_one_fails);
	TEST_IN_CHILD(nobody_there_is_said_at_once);
	TEST_IN_CHILD(a_changed_file_is_read_afresh);
	TEST_IN_CHILD(nothing_leaves_where_there_is_no_way_out);
	TEST_IN_CHILD(who_sends_nothing_holds_up_nobody);
	TEST_IN_CHILD(a_byte_now_and_then_gives_no_more_time);
	TEST_IN_CHILD(a_listener_that_was_destroyed_wakes_nobody);
	TEST_IN_CHILD(too_many_are_told_so);
	TEST_IN_CHILD(pipelined_queries_are_all_answered);
	TEST_IN_CHILD(a_name_takes_microseconds);
	return tap_done();
}
