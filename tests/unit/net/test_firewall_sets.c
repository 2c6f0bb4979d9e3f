/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the table, without any packets. */
#include "net/firewall.h"

#include "net/wall.h"

#include <sched.h>
#include <time.h>

static int n_found;

static void count(const struct firewall_port *port, const char *container_id, void *arg)
{
	(void)port;
	(void)arg;
	n_found += strcmp(container_id, ID_A) == 0;
}

static bool a_port_that_is_taken_is_refused(void)
{
	struct firewall_port ports[] = {
		port(IPPROTO_TCP, NULL, 8080, "10.1.0.2", 9000),
		port(IPPROTO_UDP, "192.0.2.1", 53, "10.1.0.2", 9000),
		port(IPPROTO_TCP, "2001:db8::1", 53, "fd00:a::2", 9000),
	};
	struct firewall_port fresh = port(IPPROTO_TCP, NULL, 1, "10.1.0.2", 9000);
	struct firewall_port twice[] = { fresh, fresh };
	struct firewall_port mixed = port(IPPROTO_TCP, "192.0.2.1", 8080, "fd00:a::2", 9000);

	return CHECK(unshare(CLONE_NEWNET) == 0) && CHECK(nft_open(&nft, &err) == 0) &&
	       CHECK(firewall_ensure(&nft, &err) == 1) &&
	       CHECK(is_done(firewall_publish(&nft, ID_A, ports, 3, &err))) &&
	       CHECK(firewall_publish(&nft, ID_B, (struct firewall_port[]){ fresh, ports[0] }, 2,
				      &err) == -EEXIST) &&
	       CHECK(err.kind == ERR_CONFLICT) &&
	       CHECK_STR(err.msg,
			 "port '8080/tcp' is published by container 'aaaaaaaaaaaa' already") &&
	       CHECK(firewall_publish(&nft, ID_B, &ports[1], 1, &err) == -EEXIST) &&
	       CHECK_STR(err.msg, "port '192.0.2.1:53/udp' is published by container "
				  "'aaaaaaaaaaaa' already") &&
	       CHECK(firewall_publish(&nft, ID_B, &ports[2], 1, &err) == -EEXIST) &&
	       CHECK_STR(err.msg, "port '[2001:db8::1]:53/tcp' is published by container "
				  "'aaaaaaaaaaaa' already") &&
	       CHECK(firewall_publish(&nft, ID_B, twice, 2, &err) == -EEXIST) &&
	       CHECK(err.kind == ERR_USAGE) &&
	       CHECK(firewall_publish(&nft, ID_B, &mixed, 1, &err) == -EINVAL) &&
	       CHECK(firewall_each_port(&nft, count, NULL, &err) == 0) && CHECK(n_found == 3) &&
	       CHECK(firewall_withdraw(&nft, ID_B, &err) == 0) &&
	       CHECK(firewall_withdraw(&nft, ID_A, &err) == 0) &&
	       sh("! nft list table inet tare | grep -q elements");
}

static bool is_dropped(bool wanted)
{
	bool found = !wanted;

	return CHECK(is_done(firewall_input_is_dropped(&nft, &found, &err))) &&
	       CHECK(found == wanted);
}

static bool it_is_seen_that_a_host_drops_input(void)
{
	static const struct {
		const char *family, *name, *chain;
		bool is_dropped;
	} cases[] = {
		{ "inet", "mine", "input priority 0; policy drop", true },
		{ "ip", "filter", "input priority -10; policy drop", true },
		{ "ip6", "tare", "input priority 0; policy drop", true },
		{ "inet", "mine", "input priority 0; policy accept", false },
		{ "inet", "mine", "forward priority 0; policy drop", false },
		{ "inet", "mine", "output priority 0; policy drop", false },
		{ "bridge", "mine", "input priority 0; policy drop", false },
		{ "arp", "mine", "input priority 0; policy drop", false },
		{ "inet", "tare", "input priority 0; policy drop", false },
		{ "inet", "mine", "input priority 0; ct state established accept; "
				  "counter log prefix \"no: \" reject with icmpx admin-prohibited",
		  true },
		{ "ip", "mine", "input priority 0; tcp dport 22 accept; drop", true },
		{ "ip", "mine", "input priority 0; tcp dport 22 accept; tcp dport 23 drop", false },
		{ "ip", "mine", "input priority 0; tcp dport 22 drop; accept", false },
		{ "ip", "mine", "input priority 0; jump other", false },
	};
	char command[256];

	if (!CHECK(unshare(CLONE_NEWNET) == 0) || !CHECK(nft_open(&nft, &err) == 0) ||
	    !is_dropped(false))
		return false;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		(void)snprintf(command, sizeof(command),
			       "nft 'table %s %s { chain other { drop; }; "
			       "chain in { type filter hook %s; }; }'",
			       cases[i].family, cases[i].name, cases[i].chain);
		if (!sh(command) || !is_dropped(cases[i].is_dropped) || !sh("nft flush ruleset"))
			return CHECK_STR(command, "");
	}
	return system("iptables-nft --version >/dev/null 2>&1") != 0 ||
	       (sh("iptables-nft -A INPUT -p tcp --dport 22 -j REJECT") && is_dropped(false) &&
		sh("iptables-nft -A INPUT -j REJECT") && is_dropped(true) &&
		sh("iptables-nft -F INPUT && iptables-nft -P INPUT DROP") && is_dropped(true));
}

static bool a_network_comes_and_goes(void)
{
	struct firewall_network a = network("bra", "10.1.0.0/24", "fd00:a::/64");
	struct firewall_network b = network("brb", "10.1.1.0/24", "fd00:a:0:1::/64");

	a.internal = true;
	return CHECK(unshare(CLONE_NEWNET) == 0) && CHECK(nft_open(&nft, &err) == 0) &&
	       CHECK(is_done(firewall_remove_network(&nft, &a, &err))) &&
	       CHECK(firewall_add_network(&nft, &a, &err) == -ENOENT) &&
	       CHECK(firewall_ensure(&nft, &err) == 1) &&
	       CHECK(is_done(firewall_add_network(&nft, &a, &err))) &&
	       CHECK(is_done(firewall_add_network(&nft, &a, &err))) &&
	       CHECK(is_done(firewall_add_network(&nft, &b, &err))) &&
	       CHECK(is_done(firewall_remove_network(&nft, &a, &err))) &&
	       CHECK(is_done(firewall_remove_network(&nft, &a, &err))) &&
	       sh("nft -j list ruleset >/dev/null") &&
	       sh("nft list set inet tare subnets4 | grep -q 'elements = { 10.1.1.0/24 }'") &&
	       sh("! nft list table inet tare | grep -q bra") &&
	       CHECK(is_done(firewall_remove_network(&nft, &b, &err))) &&
	       sh("! nft list table inet tare | grep -q elements");
}

static bool of_many_at_once_one_makes_it(void)
{
	int n_made = 0, status;

	if (!CHECK(unshare(CLONE_NEWNET) == 0))
		return false;
	for (int i = 0; i < 8; i++)
		if (fork() == 0) {
			int r = nft_open(&nft, &err) < 0 ? -1 : firewall_ensure(&nft, &err);

			_exit(is_done(r) ? r : 2);
		}
	while (wait(&status) > 0)
		n_made += status == 0 ? 0 : status == W_EXITCODE(1, 0) ? 1 : 100;
	return CHECK(n_made == 1);
}

static double now_us(void)
{
	struct timespec at;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e6 + (double)at.tv_nsec / 1e3;
}

static bool publishes_in(int n)
{
	struct firewall_port *ports = calloc((size_t)n, sizeof(*ports));
	double least = 1e9;
	bool is_sound = true;

	for (int i = 0; i < n; i++)
		ports[i] = port(IPPROTO_TCP, NULL, (uint16_t)(1000 + i), "10.1.0.2", 9000);
	for (int i = 0; i < 10 && is_sound; i++) {
		double from = now_us(), took;

		is_sound = CHECK(is_done(firewall_publish(&nft, ID_A, ports, (size_t)n, &err)));
		took = now_us() - from;
		least = took < least ? took : least;
		n_found = 0;
		is_sound = is_sound && CHECK(firewall_each_port(&nft, count, NULL, &err) == 0) &&
			   CHECK(n_found == n) && CHECK(firewall_withdraw(&nft, ID_A, &err) == 0);
	}
	printf("# publish %d: %.1f us\n", n, least);
	free(ports);
	return is_sound;
}

static bool it_is_fast(void)
{
	double from, least = 1e9;

	if (!CHECK(unshare(CLONE_NEWNET) == 0) || !CHECK(nft_open(&nft, &err) == 0))
		return false;
	from = now_us();
	if (!CHECK(firewall_ensure(&nft, &err) == 1))
		return false;
	printf("# ensure, made: %.1f us\n", now_us() - from);
	for (int i = 0; i < 200; i++) {
		from = now_us();
		if (!CHECK(firewall_ensure(&nft, &err) == 0))
			return false;
		least = now_us() - from < least ? now_us() - from : least;
	}
	printf("# ensure, stands: %.1f us\n", least);
	return publishes_in(1) && publishes_in(20) && publishes_in(1000) && publishes_in(5000);
}

int main(void)
{
	if (geteuid() != 0 || system("nft --version >/dev/null") != 0) {
		SKIP(a_port_that_is_taken_is_refused, "needs root and nft");
		return tap_done();
	}
	TEST_IN_CHILD(a_port_that_is_taken_is_refused);
	TEST_IN_CHILD(it_is_seen_that_a_host_drops_input);
	TEST_IN_CHILD(a_network_comes_and_goes);
	TEST_IN_CHILD(of_many_at_once_one_makes_it);
	TEST_IN_CHILD(it_is_fast);
	return tap_done();
}
