/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a port is published, by all the rooms that have to do with it: net/bridge.h and net/veth.h
 * make the way, net/reserve.h holds the port, net/firewall.h leads there, net/conntrack.h forgets
 * what was before, and net/splices.h does what is left, in a process of its own as the monitor is.
 *
 *	outside 192.0.2.2 --- 192.0.2.1 host 10.88.0.1 === tare0: a 10.88.0.2, b 10.88.0.3
 *
 * IPv6 likewise: 2001:db8::/64, fd00:88::/64. A container's server is at port 9000.
 */
#include "base/clock.h"
#include "net/bridge.h"
#include "net/conntrack.h"
#include "net/splices.h"
#include "net/talk.h"
#include "net/veth.h"
#include "net/wall.h"
#include "net/world.h"

#include <signal.h>

static int outside, a, b;
static struct netlink links = { .fd = -1 };
static struct reserve reserve;

/* ------------------------------------------------------------------------------------ the world */

static bool attach(int netns_fd, const char *ip, const char *ip6)
{
	const struct veth veth = {
		.host_name = "",
		.bridge = "tare0",
		.inside = { .name = "eth0",
			    .addresses = { net_of(ip), net_of(ip6) },
			    .gateways = { ip_of("10.88.0.1"), ip_of(*ip6 ? "fd00:88::1" : "") } },
	};
	auto_netlink struct netlink inside = { .fd = -1 };
	char host_name[IF_NAMESIZE];

	return CHECK(netlink_open_in(&inside, netns_fd, &err) == 0) &&
	       CHECK(is_done(veth_attach(&links, netns_fd, &inside, &veth, host_name, &err)));
}

static bool build_links(void)
{
	const struct bridge bridge = {
		.name = "tare0",
		.addresses = { net_of("10.88.0.1/16"), net_of("fd00:88::1/64") },
		.n_addresses = 2,
		.has_ip6 = true,
	};
	char command[512];

	if (!new_namespace(&outside) || !new_namespace(&a) || !new_namespace(&b) ||
	    !new_namespace(&host))
		return false;
	snprintf(command, sizeof(command),
		 "ip link set lo up && "
		 "ip link add up0 type veth peer name eth0 netns /proc/%d/fd/%d && "
		 "ip link set up0 up && ip addr add 192.0.2.1/24 dev up0 && "
		 "ip addr add 2001:db8::1/64 dev up0 nodad",
		 getpid(), outside);
	return sh(command) &&
	       sh_in(outside, "ip link set lo up && ip link set eth0 up && "
			      "ip addr add 192.0.2.2/24 dev eth0 && "
			      "ip addr add 2001:db8::2/64 dev eth0 nodad") &&
	       CHECK(netlink_open(&links, &err) == 0) &&
	       CHECK(is_done(bridge_ensure(&links, &bridge, &err)));
}

static bool build_wall(void)
{
	const struct firewall_network own = network("tare0", "10.88.0.0/16", "fd00:88::/64");

	return CHECK(nft_open(&nft, &err) == 0) && CHECK(is_done(firewall_ensure(&nft, &err))) &&
	       CHECK(is_done(firewall_add_network(&nft, &own, &err)));
}

static bool world(void)
{
	return build_links() && attach(a, "10.88.0.2/16", "fd00:88::2/64") &&
	       attach(b, "10.88.0.3/16", "fd00:88::3/64") && build_wall() &&
	       CHECK(wait_for((struct way){ host, a, UDP, "fd00:88::2", "fd00:88::2", 9000 })) &&
	       CHECK(wait_for((struct way){ host, b, UDP, "fd00:88::3", "fd00:88::3", 9000 })) &&
	       CHECK(wait_for(
		       (struct way){ outside, host, UDP, "2001:db8::1", "2001:db8::1", 9000 }));
}

/* ---------------------------------------------------------------------------------- publishing */

/* What goes to the packet filter of one port. Returns how many. */
static size_t lead(const struct port *p, const struct ip ips[2], struct firewall_port *ret)
{
	size_t n = 0;

	for (uint16_t i = 0; i < p->n; i++)
		for (int k = 0; k < 2; k++)
			if (ip_is_set(&ips[k]) &&
			    (!ip_is_set(&p->host_ip) || p->host_ip.family == ips[k].family))
				ret[n++] = (struct firewall_port){
					p->proto, p->host_ip, (uint16_t)(p->host_port + i), ips[k],
					(uint16_t)(p->port + i)
				};
	return n;
}

/* The monitor's part, until the claim is over. */
static bool begin_splices(const struct ip ips[2])
{
	struct splices *splices;
	pid_t pid; /* who has all of the sockets too */

	if (!CHECK(is_done(splices_open(&splices, reserve.listeners, reserve.n_listeners, ips,
					&err))))
		return false;
	pid = fork_servant();
	if (pid != 0)
		return CHECK(pid > 0);
	(void)signal(SIGPIPE, SIG_IGN);
	for (;;) {
		struct pollfd fds[SPLICES_POLLS];
		size_t n = splices_poll(splices, fds);

		(void)poll(fds, n, splices_timeout_ms(splices, clock_ms()));
		splices_step(splices, fds, n, clock_ms());
	}
}

static bool publish(const char *id, const char *word, const char *ip, const char *ip6)
{
	const struct ip ips[2] = { ip_of(ip6), ip_of(ip) }, all = {};
	struct firewall_port ports[16];
	struct port asked;

	return CHECK(port_parse(word, &asked, &err) == 0) &&
	       CHECK(is_done(reserve_open(&reserve, &asked, 1, &all, &err))) &&
	       CHECK(is_done(firewall_publish(&nft, id, ports, lead(reserve.ports, ips, ports),
					      &err))) &&
	       CHECK(is_done(conntrack_flush(reserve.ports, reserve.n_ports, &err))) &&
	       (reserve.n_listeners == 0 || begin_splices(ips));
}

static bool withdraw(const char *id)
{
	bool is_sound = CHECK(is_done(firewall_withdraw(&nft, id, &err))) &&
			CHECK(is_done(conntrack_flush(reserve.ports, reserve.n_ports,
						      &err)));

	reserve_close(&reserve);
	return is_sound;
}

/* ------------------------------------------------------------------------------------- claims */

static bool are_answered(int type)
{
	const struct {
		int from;
		const char *server, *target;
	} ways[] = {
		{ outside, "10.88.0.2", "192.0.2.1" },	{ host, "10.88.0.2", "127.0.0.1" },
		{ host, "10.88.0.2", "192.0.2.1" },	{ host, "10.88.0.2", "10.88.0.1" },
		{ a, "10.88.0.2", "192.0.2.1" },	{ a, "10.88.0.2", "10.88.0.1" },
		{ b, "10.88.0.2", "192.0.2.1" },	{ b, "10.88.0.2", "10.88.0.1" },
		{ outside, "fd00:88::2", "2001:db8::1" }, { host, "fd00:88::2", "2001:db8::1" },
		{ host, "fd00:88::2", "fd00:88::1" },	{ a, "fd00:88::2", "2001:db8::1" },
		{ a, "fd00:88::2", "fd00:88::1" },	{ b, "fd00:88::2", "2001:db8::1" },
	};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!talk((struct way){ ways[i].from, a, type, ways[i].server, ways[i].target,
					8080 })) {
			printf("# way %zu, to %s\n", i, ways[i].target);
			return false;
		}
	return true;
}

static bool set_br_netfilter(bool is_on)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "sysctl -qw net.bridge.bridge-nf-call-iptables=%d "
		 "net.bridge.bridge-nf-call-ip6tables=%d",
		 is_on, is_on);
	return access("/proc/sys/net/bridge", F_OK) < 0 ? !is_on : sh(command);
}

/* Whether the packet filter sees what a bridge carries is for the administrator to say. */
static bool a_tcp_port_is_reached_by_every_way(void)
{
	return world() && publish(ID_A, "8080:9000", "10.88.0.2", "fd00:88::2") &&
	       (!set_br_netfilter(true) || CHECK(are_answered(TCP))) && set_br_netfilter(false) &&
	       CHECK(are_answered(TCP)) && CHECK(TALK(host, a, TCP, "fd00:88::2", "::1", 8080)) &&
	       CHECK_STR(seen, "fd00:88::1") &&
	       CHECK(TALK(outside, a, TCP, "10.88.0.2", "192.0.2.1", 8080)) &&
	       CHECK_STR(seen, "192.0.2.2");
}

static bool a_udp_port_is_reached_by_every_way_but_loopback6(void)
{
	return world() && publish(ID_A, "8080:9000/udp", "10.88.0.2", "fd00:88::2") &&
	       (!set_br_netfilter(true) || CHECK(are_answered(UDP))) && set_br_netfilter(false) &&
	       CHECK(are_answered(UDP)) && CHECK(!TALK(host, a, UDP, "fd00:88::2", "::1", 8080));
}

static bool one_without_ip6_is_reached_by_loopback6(void)
{
	return build_links() && attach(a, "10.88.0.2/16", "") && build_wall() &&
	       publish(ID_A, "8080:9000", "10.88.0.2", "") &&
	       CHECK(wait_for((struct way){ host, a, TCP, "10.88.0.2", "127.0.0.1", 8080 })) &&
	       CHECK(TALK(host, a, TCP, "10.88.0.2", "::1", 8080)) &&
	       CHECK_STR(seen, "10.88.0.1") &&
	       /* by other addresses of IPv6 nobody is there, and that is told at once */
	       sh("bash -c 'exec 3<>/dev/tcp/2001:db8::1/8080' 2>&1 | grep -q refused");
}

static bool a_port_of_loopback6_alone_is_reached_there_alone(void)
{
	return world() && publish(ID_A, "[::1]:8080:9000", "10.88.0.2", "fd00:88::2") &&
	       CHECK(TALK(host, a, TCP, "fd00:88::2", "::1", 8080)) &&
	       CHECK(!TALK(host, a, TCP, "10.88.0.2", "127.0.0.1", 8080)) &&
	       CHECK(!TALK(outside, a, TCP, "fd00:88::2", "2001:db8::1", 8080));
}

static bool a_port_of_the_kernels_choice_is_reached(void)
{
	uint16_t port;

	return world() && publish(ID_A, "9000", "10.88.0.2", "fd00:88::2") &&
	       ((port = reserve.ports[0].host_port),
		CHECK(TALK(outside, a, TCP, "10.88.0.2", "192.0.2.1", port))) &&
	       CHECK(TALK(host, a, TCP, "fd00:88::2", "::1", port));
}

/* Does what `client` sends arrive at a server in `ns`? */
static bool arrives(int client, int ns, const char *server_ip)
{
	const struct addr here = addr(server_ip, 9000);
	auto_close int server = open_socket(ns, here.any.sa_family, UDP);
	int refused;
	socklen_t len = sizeof(refused);

	/* that nobody was there the last time would be told now */
	(void)getsockopt(client, SOL_SOCKET, SO_ERROR, &refused, &len);
	return CHECK(bind(server, &here.any, here.len) == 0) && echo(client, server, UDP);
}

/* Its packets come from one port all the time, as those of DNS servers and games do. */
static bool a_flow_follows_its_port(const char *target, const char *server_a,
				    const char *server_b, int from)
{
	const struct addr to = addr(target, 8080);
	auto_close int client = open_socket(from, to.any.sa_family, UDP);

	return CHECK(connect(client, &to.any, to.len) == 0) &&
	       CHECK(!arrives(client, a, server_a)) &&
	       publish(ID_A, "8080:9000/udp", "10.88.0.2", "fd00:88::2") &&
	       CHECK(arrives(client, a, server_a)) && withdraw(ID_A) &&
	       CHECK(!arrives(client, a, server_a)) &&
	       publish(ID_B, "8080:9000/udp", "10.88.0.3", "fd00:88::3") &&
	       CHECK(arrives(client, b, server_b)) && withdraw(ID_B);
}

static bool a_flow_that_was_there_before_is_led_to_the_container(void)
{
	return world() && CHECK(a_flow_follows_its_port("192.0.2.1", "10.88.0.2", "10.88.0.3",
							outside)) &&
	       CHECK(a_flow_follows_its_port("2001:db8::1", "fd00:88::2", "fd00:88::3", outside)) &&
	       CHECK(a_flow_follows_its_port("127.0.0.1", "10.88.0.2", "10.88.0.3", host));
}

int main(void)
{
	if (!is_possible() || system("nft --version >/dev/null 2>&1") != 0) {
		SKIP(a_tcp_port_is_reached_by_every_way, "needs root, nft and ip");
		return tap_done();
	}
	TEST_IN_CHILD(a_tcp_port_is_reached_by_every_way);
	TEST_IN_CHILD(a_udp_port_is_reached_by_every_way_but_loopback6);
	TEST_IN_CHILD(one_without_ip6_is_reached_by_loopback6);
	TEST_IN_CHILD(a_port_of_loopback6_alone_is_reached_there_alone);
	TEST_IN_CHILD(a_port_of_the_kernels_choice_is_reached);
	TEST_IN_CHILD(a_flow_that_was_there_before_is_led_to_the_container);
	return tap_done();
}
