/* SPDX-License-Identifier: Apache-2.0 */
#include "net/reserve.h"

#include "base/clock.h"
#include "net/sockets.h"
#include "net/wall.h"
#include "net/world.h"

#include <sys/prctl.h>
#include <sys/resource.h>

static const struct ip all;
static struct reserve reserve;

static bool world(void)
{
	int fd;

	return new_namespace(&fd) && sh("ip link set lo up && ip addr add 192.0.2.1/24 dev lo && "
					"ip -6 addr add 2001:db8::1/64 dev lo nodad");
}

static int ask_with(const char *const *words, size_t n, const struct ip *host_ip)
{
	struct port ports[8];
	int r;

	for (size_t i = 0; i < n; i++)
		if (!CHECK(port_parse(words[i], &ports[i], &err) == 0))
			return -EINVAL;
	r = reserve_open(&reserve, ports, n, host_ip, &err);
	if (r < 0)
		printf("# %s\n", err.msg);
	return r;
}

#define ASK(...)                                                                                 \
	ask_with((const char *[]){ __VA_ARGS__ },                                                \
		 sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), &all)

/* A server of the host, or its number < 0. */
static int serve(const char *ip, uint16_t port, int type)
{
	const struct addr at = addr(ip, port);
	const int on = 1;
	auto_close int fd = socket(at.any.sa_family, type | SOCK_NONBLOCK, 0);

	if (type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &at.any, at.len) < 0 || (type == SOCK_STREAM && listen(fd, 8) < 0))
		return -errno;
	return take_fd(&fd);
}

static bool is_refused(const char *ip, uint16_t port, int type)
{
	auto_close int fd = serve(ip, port, type);

	return fd == -EADDRINUSE;
}

static bool is_served(const char *ip, uint16_t port)
{
	const struct addr to = addr(ip, port);
	auto_close int fd = socket(to.any.sa_family, SOCK_STREAM, 0);

	return connect(fd, &to.any, to.len) == 0;
}

static bool is_port(size_t i, uint16_t host_port, uint16_t port, uint16_t n)
{
	const struct port *p = &reserve.ports[i];

	return CHECK(i < reserve.n_ports) && CHECK(p->host_port == host_port) &&
	       CHECK(p->port == port) && CHECK(p->n == n) && CHECK(p->host_end == 0);
}

/* ------------------------------------------------------------------------------------- claims */

static bool servers_of_the_host_are_found(void)
{
	static const struct {
		const char *ip, *word;
		int type;
	} cases[] = {
		{ "0.0.0.0", "8080:80", SOCK_STREAM },
		{ "::", "8080:80", SOCK_STREAM },
		{ "127.0.0.1", "8080:80", SOCK_STREAM },
		{ "::1", "8080:80", SOCK_STREAM },
		{ "2001:db8::1", "8080:80", SOCK_STREAM },
		{ "0.0.0.0", "127.0.0.1:8080:80", SOCK_STREAM },
		{ "127.0.0.1", "0.0.0.0:8080:80", SOCK_STREAM },
		{ "::1", "[::]:8080:80", SOCK_STREAM },
		{ "::", "[::1]:8080:80", SOCK_STREAM },
		{ "127.0.0.1", "8080:80/udp", SOCK_DGRAM },
		{ "::", "8080:80/udp", SOCK_DGRAM },
		{ "::1", "[::1]:8080:80/udp", SOCK_DGRAM },
	};

	if (!world())
		return false;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_close int server = serve(cases[i].ip, 8080, cases[i].type);

		if (!CHECK(server >= 0) || !CHECK(ASK(cases[i].word) == -EADDRINUSE) ||
		    !CHECK(err.kind == ERR_CONFLICT) ||
		    !CHECK(strstr(err.msg, "8080")) ||
		    !CHECK(strstr(err.msg, "is already used on the host")) ||
		    !CHECK(reserve.taken.host_port == 8080))
			return false;
	}
	return CHECK(ASK("8080:80") == 0) && (reserve_close(&reserve), true);
}

static bool the_server_is_named(const char *ip, const char *word, int type)
{
	auto_close int server = serve(ip, 8080, type);
	char wanted[128], name[16] = "";

	(void)prctl(PR_GET_NAME, name);
	(void)snprintf(wanted, sizeof(wanted), "on the host, by '%s' (process %d)", name, getpid());
	return CHECK(server >= 0) && CHECK(ASK(word) == -EADDRINUSE) &&
	       CHECK(strstr(err.msg, wanted));
}

static bool who_is_in_the_way_is_named(void)
{
	return world() && the_server_is_named("0.0.0.0", "8080:80", SOCK_STREAM) &&
	       the_server_is_named("127.0.0.1", "8080:80", SOCK_STREAM) &&
	       the_server_is_named("::1", "[::1]:8080:80", SOCK_STREAM) &&
	       the_server_is_named("127.0.0.1", "127.0.0.1:8080:80/udp", SOCK_DGRAM) &&
	       the_server_is_named("::", "8080:80/udp", SOCK_DGRAM);
}

static bool servers_elsewhere_are_not_in_the_way(void)
{
	static const struct {
		const char *ip, *word;
		int type;
	} cases[] = {
		{ "0.0.0.0", "8080:80/udp", SOCK_STREAM },
		{ "127.0.0.1", "192.0.2.1:8080:80", SOCK_STREAM },
		{ "0.0.0.0", "[::]:8080:80", SOCK_STREAM },
		{ "::", "0.0.0.0:8080:80", SOCK_STREAM },
		{ "::1", "[2001:db8::1]:8080:80", SOCK_STREAM },
		{ "127.0.0.1", "8080:80", SOCK_DGRAM },
	};

	if (!world())
		return false;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_close int server = serve(cases[i].ip, 8080, cases[i].type);

		if (!CHECK(server >= 0) || !CHECK(ASK(cases[i].word) == 0))
			return false;
		reserve_close(&reserve);
	}
	return true;
}

static bool nobody_takes_what_is_reserved(void)
{
	static const char *const ips[] = { "0.0.0.0", "127.0.0.1", "192.0.2.1",
					   "::",      "::1",	   "2001:db8::1" };

	if (!world() || !CHECK(ASK("8080:80", "8080:80/udp") == 0))
		return false;
	for (size_t i = 0; i < sizeof(ips) / sizeof(ips[0]); i++)
		if (!CHECK(is_refused(ips[i], 8080, SOCK_STREAM)) ||
		    !CHECK(is_refused(ips[i], 8080, SOCK_DGRAM)))
			return false;
	reserve_close(&reserve);
	for (size_t i = 0; i < sizeof(ips) / sizeof(ips[0]); i++)
		if (!CHECK(!is_refused(ips[i], 8080, SOCK_STREAM)))
			return false;
	return true;
}

static bool only_loopback6_listens(void)
{
	return world() && CHECK(ASK("8080:80", "192.0.2.1:8081:81", "[::]:8082:82", "[::1]:8083:83",
				    "8084:84/udp") == 0) &&
	       CHECK(reserve.n_listeners == 3) && CHECK(reserve.listeners[0].port == 80) &&
	       CHECK(reserve.listeners[1].port == 82) && CHECK(reserve.listeners[2].port == 83) &&
	       CHECK(is_served("::1", 8080)) && CHECK(!is_served("127.0.0.1", 8080)) &&
	       CHECK(!is_served("2001:db8::1", 8080)) && CHECK(!is_served("192.0.2.1", 8081)) &&
	       CHECK(is_served("::1", 8082)) && CHECK(is_served("::1", 8083)) &&
	       (reserve_close(&reserve), CHECK(!is_served("::1", 8080)));
}

/* The end that closes first remembers for a minute: here, the server's. */
static bool connections_that_ended_are_not_in_the_way(void)
{
	static const char *const ips[] = { "127.0.0.1", "::1" };
	char c;

	if (!world())
		return false;
	for (size_t i = 0; i < 2; i++) {
		const struct addr to = addr(ips[i], 8080);
		auto_close int server = serve(ips[i], 8080, SOCK_STREAM);
		auto_close int client = socket(to.any.sa_family, SOCK_STREAM, 0);
		int fd;

		if (!CHECK(connect(client, &to.any, to.len) == 0) ||
		    !CHECK((fd = accept(server, NULL, NULL)) >= 0) || !CHECK(close(fd) == 0) ||
		    !CHECK(recv(client, &c, 1, 0) == 0))
			return false;
		/* the server listens still */
		if (!CHECK(ASK("8080:80") == -EADDRINUSE))
			return false;
	}
	return sh("ss -Hatn state time-wait | wc -l | grep -qx 2") && CHECK(ASK("8080:80") == 0) &&
	       CHECK(is_refused("0.0.0.0", 8080, SOCK_STREAM)) &&
	       CHECK(is_refused("127.0.0.1", 8080, SOCK_STREAM)) &&
	       CHECK(is_refused("::1", 8080, SOCK_STREAM)) &&
	       CHECK(!is_served("127.0.0.1", 8080)) && CHECK(is_served("::1", 8080));
}

static bool what_is_open_is_decided_after_what_is_fixed(void)
{
	return world() && sh("sysctl -qw net.ipv4.ip_local_port_range='9000 9003'") &&
	       CHECK(ASK("90", "9000-9002:91", "9000-9001:92-93") == 0) &&
	       CHECK(reserve.n_ports == 3) && is_port(0, 9000, 92, 2) && is_port(1, 9002, 91, 1) &&
	       is_port(2, 9003, 90, 1) && (reserve_close(&reserve), true) &&
	       CHECK(ASK("90", "9000-9002:91", "9000-9003:92-95") == -EADDRINUSE) &&
	       CHECK_STR(err.msg, "all ports of 9000-9002 are used on the host") &&
	       CHECK(ASK("90", "9000-9003:92-95") < 0) &&
	       CHECK_STR(err.msg, "no port of tcp is free on the host") &&
	       /* nothing is left of what failed */
	       CHECK(ASK("9000-9003:92-95") == 0) && is_port(0, 9000, 92, 4);
}

static bool free_ports_are_the_kernels_choice(void)
{
	struct port *p;

	if (!world() || !CHECK(ASK("80-89", "127.0.0.1::90/udp") == 0))
		return false;
	p = reserve.ports;
	for (size_t i = 0; i < reserve.n_ports; i++)
		if (!CHECK(p[i].host_port >= 1024) ||
		    !CHECK(is_refused("127.0.0.1", p[i].host_port,
				      p[i].proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM)))
			return false;
	return CHECK(reserve.n_listeners == 10) &&
	       CHECK(p[reserve.n_ports - 1].proto == IPPROTO_UDP) &&
	       CHECK(is_served("::1", p[0].host_port)) &&
	       CHECK(p[reserve.n_ports - 1].host_ip.family == AF_INET);
}

static bool ports_without_an_address_are_of_the_default_one(void)
{
	const struct ip here = ip_of("127.0.0.1");
	const char *words[] = { "8080:80", "192.0.2.1:8081:81" };

	return world() && CHECK(ask_with(words, 2, &here) == 0) &&
	       CHECK(ip_compare(&reserve.ports[0].host_ip, &here) == 0) &&
	       CHECK(reserve.n_listeners == 0) &&
	       CHECK(is_refused("127.0.0.1", 8080, SOCK_STREAM)) &&
	       CHECK(!is_refused("192.0.2.1", 8080, SOCK_STREAM)) &&
	       CHECK(is_refused("192.0.2.1", 8081, SOCK_STREAM));
}

static bool an_address_that_is_not_the_hosts_is_refused(void)
{
	return world() && CHECK(ASK("8079:79", "203.0.113.9:8080:80") == -EADDRNOTAVAIL) &&
	       CHECK(err.kind == ERR_NOT_FOUND) &&
	       CHECK_STR(err.msg, "port 203.0.113.9:8080: the host has no address '203.0.113.9'") &&
	       CHECK(!is_refused("0.0.0.0", 8079, SOCK_STREAM));
}

static bool without_loopback6_nothing_listens(void)
{
	return world() && sh("sysctl -qw net.ipv6.conf.lo.disable_ipv6=1") &&
	       CHECK(ASK("8080:80") == 0) && CHECK(reserve.n_listeners == 0) &&
	       CHECK(is_refused("127.0.0.1", 8080, SOCK_STREAM));
}

static bool sctp_is_reserved_where_there_is_any(void)
{
	int r;

	if (!world() || !CHECK(ASK("8080:80/sctp") == 0) || !is_port(0, 8080, 80, 1))
		return false;
	r = ASK("80/sctp");
	return CHECK(r == 0 || (r == -EPROTONOSUPPORT && err.kind == ERR_USAGE));
}

static long kernel_bytes(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	long kib, sum = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Slab: %ld", &kib) == 1)
			sum = kib * 1024;
	(void)fclose(f);
	return sum;
}

static bool a_thousand_are_possible_and_take_no_low_number(void)
{
	struct rlimit limit = { 1024, 4096 }, now;
	auto_close int fd = -1;
	long before = kernel_bytes();
	int64_t start, end;

	if (!world() || !CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0))
		return false;
	start = clock_ns();
	if (!CHECK(ASK("7000-7019:7000-7019") == 0))
		return false;
	end = clock_ns();
	printf("# 20 ports: %ld us\n", (long)(end - start) / 1000);
	reserve_close(&reserve);
	start = clock_ns();
	if (!CHECK(ASK("8000-8999:8000-8999") == 0))
		return false;
	end = clock_ns();
	printf("# 1000 ports: %ld us, %ld KiB\n", (long)(end - start) / 1000,
	       (kernel_bytes() - before) / 1024);
	fd = dup(0);
	return is_port(0, 8000, 8000, 1000) && CHECK(reserve.n_listeners == 1000) &&
	       CHECK(reserve.n_fds == 1000) && CHECK(fd >= 0 && fd < 64) &&
	       CHECK(reserve.fds[0] >= 1024) && CHECK(getrlimit(RLIMIT_NOFILE, &now) == 0) &&
	       CHECK(now.rlim_cur == 1024) && CHECK(is_served("::1", 8999)) &&
	       (reserve_close(&reserve), CHECK(!is_refused("::", 8500, SOCK_STREAM))) &&
	       CHECK((limit.rlim_max = 1500, setrlimit(RLIMIT_NOFILE, &limit)) == 0) &&
	       CHECK(ASK("8000-8999:8000-8999") == -EMFILE) &&
	       CHECK(strstr(err.hint, "ulimit -Hn")) &&
	       CHECK((limit.rlim_max = 1024, setrlimit(RLIMIT_NOFILE, &limit)) == 0) &&
	       CHECK(ASK("8000-8999:8000-8999") == -EMFILE) &&
	       CHECK(getrlimit(RLIMIT_NOFILE, &now) == 0) && CHECK(now.rlim_cur == 1024) &&
	       CHECK(!is_refused("::", 8000, SOCK_STREAM));
}

static bool who_has_published_a_port_is_found(void)
{
	const struct firewall_port published = port(IPPROTO_TCP, NULL, 8080, "10.1.0.2", 80);
	struct port taken;
	char id[NFT_COMMENT_MAX + 1];

	if (!world() || !CHECK(nft_open(&nft, &err) == 0) ||
	    !CHECK(port_parse("127.0.0.1:8080:80", &taken, &err) == 0) ||
	    !CHECK(reserve_find_holder(&nft, &taken, id, &err) == 0) ||
	    !CHECK(is_done(firewall_ensure(&nft, &err))) ||
	    !CHECK(is_done(firewall_publish(&nft, ID_A, &published, 1, &err))) ||
	    !CHECK(reserve_find_holder(&nft, &taken, id, &err) == 1) || !CHECK_STR(id, ID_A))
		return false;
	taken.host_port = 8070;
	if (!CHECK(reserve_find_holder(&nft, &taken, id, &err) == 0))
		return false;
	taken.host_end = 8090;
	taken.proto = IPPROTO_UDP;
	if (!CHECK(reserve_find_holder(&nft, &taken, id, &err) == 0))
		return false;
	taken.proto = IPPROTO_TCP;
	return CHECK(reserve_find_holder(&nft, &taken, id, &err) == 1);
}

int main(void)
{
	if (!is_possible()) {
		SKIP(servers_of_the_host_are_found, "needs root, and ip of iproute2");
		return tap_done();
	}
	TEST_IN_CHILD(servers_of_the_host_are_found);
	TEST_IN_CHILD(who_is_in_the_way_is_named);
	TEST_IN_CHILD(servers_elsewhere_are_not_in_the_way);
	TEST_IN_CHILD(nobody_takes_what_is_reserved);
	TEST_IN_CHILD(only_loopback6_listens);
	TEST_IN_CHILD(connections_that_ended_are_not_in_the_way);
	TEST_IN_CHILD(what_is_open_is_decided_after_what_is_fixed);
	TEST_IN_CHILD(free_ports_are_the_kernels_choice);
	TEST_IN_CHILD(ports_without_an_address_are_of_the_default_one);
	TEST_IN_CHILD(an_address_that_is_not_the_hosts_is_refused);
	TEST_IN_CHILD(without_loopback6_nothing_listens);
	TEST_IN_CHILD(sctp_is_reserved_where_there_is_any);
	TEST_IN_CHILD(a_thousand_are_possible_and_take_no_low_number);
	TEST_IN_CHILD(who_has_published_a_port_is_found);
	return tap_done();
}
