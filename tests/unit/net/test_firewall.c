/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each claim builds a small world of network namespaces, which goes with its process:
 *
 *	outside 192.0.2.2 --- 192.0.2.1 host 10.1.0.1 === bra: a1 10.1.0.2, a2 10.1.0.3
 *	                                     10.2.0.1 === brb: b1 10.2.0.2
 *
 * and sends real packets through it. IPv6 likewise: 2001:db8::/64, fd00:a::/64, fd00:b::/64.
 */
#include "net/firewall.h"

#include "net/talk.h"
#include "net/wall.h"

#include <fcntl.h>

static int outside, a1, a2, b1; /* network namespaces */

static int new_namespace(void)
{
	return unshare(CLONE_NEWNET) < 0 ? -1 : open("/proc/self/ns/net", O_RDONLY);
}

/* A namespace whose eth0 has its other end, `name`, here. Its addresses end in `n`. */
static bool add_node(int ns, const char *name, const char *nets[2], int n, int router)
{
	char command[1024];

	snprintf(command, sizeof(command),
		 "ip link add %s type veth peer name eth0 netns /proc/%d/fd/%d && ip link set %s "
		 "up &&"
		 " nsenter --net=/proc/%d/fd/%d sh -c '"
		 "ip link set lo up; ip link set eth0 up;"
		 "ip addr add %s.%d/24 dev eth0; ip -6 addr add %s::%d/64 dev eth0 nodad;"
		 "ip route add default via %s.%d; ip -6 route add default via %s::%d'",
		 name, getpid(), ns, name, getpid(), ns, nets[0], n, nets[1], n, nets[0], router,
		 nets[1], router);
	return sh(command);
}

static bool build_links(void)
{
	const char *net_o[] = { "192.0.2", "2001:db8" }, *net_a[] = { "10.1.0", "fd00:a" },
		   *net_b[] = { "10.2.0", "fd00:b" };

	outside = new_namespace();
	a1 = new_namespace();
	a2 = new_namespace();
	b1 = new_namespace();
	host = new_namespace();
	return CHECK(host >= 0) &&
	       sh("ip link set lo up; sysctl -qw net.ipv4.ip_forward=1 "
		  "net.ipv6.conf.all.forwarding=1; for b in a b; do "
		  "ip link add br$b type bridge && ip link set br$b up &&"
		  "sysctl -qw net.ipv4.conf.br$b.route_localnet=1; done;"
		  "ip addr add 10.1.0.1/24 dev bra && ip addr add 10.2.0.1/24 dev brb &&"
		  "ip addr add fd00:a::1/64 dev bra nodad && ip addr add fd00:b::1/64 dev brb "
		  "nodad") &&
	       add_node(outside, "eth0", net_o, 2, 1) && add_node(a1, "va1", net_a, 2, 1) &&
	       add_node(a2, "va2", net_a, 3, 1) && add_node(b1, "vb1", net_b, 2, 1) &&
	       sh("ip addr add 192.0.2.1/24 dev eth0 && ip addr add 2001:db8::1/64 dev eth0 nodad;"
		  "ip link set va1 master bra && ip link set va2 master bra && "
		  "ip link set vb1 master brb") &&
	       CHECK(nft_open(&nft, &err) == 0);
}

static bool add_networks(bool is_internal, bool is_open)
{
	struct firewall_network a = network("bra", "10.1.0.0/24", "fd00:a::/64");
	struct firewall_network b = network("brb", "10.2.0.0/24", "fd00:b::/64");

	a.internal = is_internal;
	a.open = b.open = is_open;
	return CHECK(is_done(firewall_ensure(&nft, &err))) &&
	       CHECK(is_done(firewall_add_network(&nft, &a, &err))) &&
	       CHECK(is_done(firewall_add_network(&nft, &b, &err)));
}

static bool publish(const char *id, struct firewall_port port)
{
	return CHECK(is_done(firewall_publish(&nft, id, &port, 1, &err)));
}

static bool build(void)
{
	return build_links() &&
	       CHECK(wait_for((struct way){ host, a1, UDP, "fd00:a::2", "fd00:a::2", 9000 })) &&
	       CHECK(wait_for((struct way){ host, a2, UDP, "fd00:a::3", "fd00:a::3", 9000 })) &&
	       CHECK(wait_for((struct way){ host, b1, UDP, "fd00:b::2", "fd00:b::2", 9000 })) &&
	       CHECK(wait_for(
		       (struct way){ host, outside, UDP, "2001:db8::2", "2001:db8::2", 9000 }));
}

static bool world(void)
{
	return build() && add_networks(false, false);
}

/* ------------------------------------------------------------------------------------- claims */

static bool a_port_is_reached_from_outside(void)
{
	return world() && publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000)) &&
	       publish(ID_A, port(IPPROTO_UDP, NULL, 80, "10.1.0.2", 9000)) &&
	       publish(ID_A, port(IPPROTO_TCP, NULL, 80, "fd00:a::2", 9000)) &&
	       publish(ID_A, port(IPPROTO_UDP, NULL, 80, "fd00:a::2", 9000)) &&
	       CHECK(TALK(outside, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK_STR(seen, "192.0.2.2") &&
	       CHECK(TALK(outside, a1, UDP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK(TALK(outside, a1, TCP, "fd00:a::2", "2001:db8::1", 80)) &&
	       CHECK_STR(seen, "2001:db8::2") &&
	       CHECK(TALK(outside, a1, UDP, "fd00:a::2", "2001:db8::1", 80)) &&
	       CHECK(!TALK(outside, a1, TCP, "10.1.0.2", "192.0.2.1", 81)) &&
	       CHECK(is_done(firewall_withdraw(&nft, ID_A, &err))) &&
	       CHECK(!TALK(outside, a1, TCP, "10.1.0.2", "192.0.2.1", 80));
}

static bool a_port_of_one_address_is_reached_there_only(void)
{
	return world() && publish(ID_A, port(IPPROTO_TCP, "192.0.2.1", 80, "10.1.0.2", 9000)) &&
	       publish(ID_A, port(IPPROTO_TCP, "2001:db8::1", 80, "fd00:a::2", 9000)) &&
	       publish(ID_B, port(IPPROTO_TCP, "127.0.0.1", 80, "10.2.0.2", 9000)) &&
	       CHECK(TALK(outside, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK(TALK(outside, a1, TCP, "fd00:a::2", "2001:db8::1", 80)) &&
	       CHECK(TALK(host, b1, TCP, "10.2.0.2", "127.0.0.1", 80)) &&
	       CHECK(!TALK(host, a1, TCP, "10.1.0.2", "10.1.0.1", 80)) &&
	       /* nobody outside reaches what is of 127.0.0.1, even if he has a route there */
	       sh("sysctl -qw net.ipv4.conf.eth0.route_localnet=1") &&
	       CHECK(setns(outside, CLONE_NEWNET) == 0) &&
	       sh("ip addr del 127.0.0.1/8 dev lo; sysctl -qw net.ipv4.conf.all.route_localnet=1; "
		  "ip route del local 127.0.0.0/8 table local 2>/dev/null; "
		  "ip route add 127.0.0.1/32 via 192.0.2.1 dev eth0") &&
	       CHECK(setns(host, CLONE_NEWNET) == 0) &&
	       CHECK(!TALK(outside, b1, TCP, "10.2.0.2", "127.0.0.1", 80)) &&
	       /* and that this can be told: without our rule he would */
	       sh("nft -a list chain inet tare prerouting | sed -n "
		  "'s/.*127.0.0.0.*# handle //p' | xargs -I@ nft delete rule inet tare prerouting "
		  "handle @") &&
	       CHECK(TALK(outside, b1, TCP, "10.2.0.2", "127.0.0.1", 80));
}

static bool the_host_reaches_a_port_by_its_addresses(void)
{
	return world() && publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000)) &&
	       publish(ID_A, port(IPPROTO_UDP, NULL, 80, "10.1.0.2", 9000)) &&
	       publish(ID_A, port(IPPROTO_TCP, NULL, 80, "fd00:a::2", 9000)) &&
	       CHECK(TALK(host, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK(TALK(host, a1, TCP, "10.1.0.2", "127.0.0.1", 80)) &&
	       CHECK_STR(seen, "10.1.0.1") &&
	       CHECK(TALK(host, a1, UDP, "10.1.0.2", "127.0.0.1", 80)) &&
	       CHECK(TALK(host, a1, TCP, "fd00:a::2", "2001:db8::1", 80)) &&
	       /* ::1 stays the host's own */
	       CHECK(TALK(host, host, TCP, "::1", "::1", 9000)) &&
	       CHECK(!TALK(host, a1, TCP, "fd00:a::2", "::1", 80));
}

static bool a_container_reaches_ports_of_its_own_network(void)
{
	return world() && publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000)) &&
	       publish(ID_A, port(IPPROTO_TCP, NULL, 80, "fd00:a::2", 9000)) &&
	       CHECK(TALK(a2, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK_STR(seen, "10.1.0.1") &&
	       CHECK(TALK(a2, a1, TCP, "fd00:a::2", "2001:db8::1", 80)) &&
	       /* itself, and one of another network */
	       CHECK(TALK(b1, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       /* itself too: with br_netfilter the packet does not leave the bridge */
	       sh("ip link set va1 type bridge_slave hairpin on") &&
	       CHECK(TALK(a1, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK(TALK(a2, a1, TCP, "10.1.0.2", "10.1.0.2", 9000)) &&
	       CHECK_STR(seen, "10.1.0.3");
}

static bool containers_reach_the_outside_masqueraded(void)
{
	return world() && CHECK(TALK(a1, outside, TCP, "192.0.2.2", "192.0.2.2", 9000)) &&
	       CHECK_STR(seen, "192.0.2.1") &&
	       CHECK(TALK(a1, outside, UDP, "2001:db8::2", "2001:db8::2", 9000)) &&
	       CHECK_STR(seen, "2001:db8::1") &&
	       CHECK(TALK(a1, host, TCP, "10.1.0.1", "10.1.0.1", 9000)) &&
	       CHECK_STR(seen, "10.1.0.2");
}

static bool what_is_not_published_is_not_reached(void)
{
	struct way way = { 0, 0, TCP, "10.1.0.2", "10.1.0.2", 9000 };

	if (!build())
		return false;
	way.from = outside;
	way.to = a1;
	return CHECK(talk(way)) && add_networks(false, false) && CHECK(!talk(way));
}

static bool networks_are_isolated_unless_both_are_open(void)
{
	struct way way = { 0, 0, TCP, "10.2.0.2", "10.2.0.2", 9000 };
	struct way way6 = { 0, 0, UDP, "fd00:b::2", "fd00:b::2", 9000 };
	struct firewall_network a = network("bra", "10.1.0.0/24", "fd00:a::/64");

	if (!build())
		return false;
	way.from = way6.from = a1;
	way.to = way6.to = b1;
	a.open = true;
	return CHECK(talk(way)) && CHECK(talk(way6)) && add_networks(false, false) &&
	       CHECK(!talk(way)) && CHECK(!talk(way6)) &&
	       CHECK(is_done(firewall_add_network(&nft, &a, &err))) && CHECK(!talk(way)) &&
	       add_networks(false, true) && CHECK(talk(way)) && CHECK(talk(way6));
}

/* The way by the gateway, which a container can take by itself. */
static bool containers_that_are_apart_do_not_reach_each_other(void)
{
	struct firewall_network a = network("bra", "10.1.0.0/24", "fd00:a::/64");

	a.apart = a.open = true;
	return build() && sh("sysctl -qw net.ipv4.conf.all.send_redirects=0 "
			     "net.ipv4.conf.bra.send_redirects=0") &&
	       CHECK(setns(a2, CLONE_NEWNET) == 0) &&
	       sh("ip route add 10.1.0.2 via 10.1.0.1") && CHECK(setns(host, CLONE_NEWNET) == 0) &&
	       CHECK(TALK(a2, a1, TCP, "10.1.0.2", "10.1.0.2", 9000)) &&
	       CHECK(is_done(firewall_ensure(&nft, &err))) &&
	       CHECK(is_done(firewall_add_network(&nft, &a, &err))) &&
	       CHECK(!TALK(a2, a1, TCP, "10.1.0.2", "10.1.0.2", 9000)) &&
	       publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000)) &&
	       CHECK(!TALK(a2, a1, TCP, "10.1.0.2", "10.1.0.1", 80)) &&
	       CHECK(TALK(outside, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK(TALK(a2, outside, TCP, "192.0.2.2", "192.0.2.2", 9000)) &&
	       CHECK(is_done(firewall_remove_network(&nft, &a, &err))) &&
	       sh("! nft list table inet tare | grep -q bra");
}

static bool of_a_routed_network_the_own_addresses_are_seen(void)
{
	struct firewall_network a = network("bra", "10.1.0.0/24", "fd00:a::/64");

	a.routed = true;
	return build() && add_networks(false, false) &&
	       CHECK(is_done(firewall_add_network(&nft, &a, &err))) &&
	       CHECK(TALK(a1, outside, TCP, "192.0.2.2", "192.0.2.2", 9000)) &&
	       CHECK_STR(seen, "10.1.0.2") &&
	       CHECK(TALK(a1, outside, UDP, "2001:db8::2", "2001:db8::2", 9000)) &&
	       CHECK_STR(seen, "fd00:a::2") &&
	       CHECK(TALK(b1, outside, TCP, "192.0.2.2", "192.0.2.2", 9000)) &&
	       CHECK_STR(seen, "192.0.2.1") &&
	       CHECK(!TALK(outside, a1, TCP, "10.1.0.2", "10.1.0.2", 9000)) &&
	       publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000)) &&
	       CHECK(TALK(a2, a1, TCP, "10.1.0.2", "10.1.0.1", 80)) &&
	       CHECK_STR(seen, "10.1.0.1") &&
	       CHECK(is_done(firewall_remove_network(&nft, &a, &err))) &&
	       sh("! nft list set inet tare routed4 | grep -q elements && "
		  "! nft list set inet tare routed6 | grep -q elements");
}

static bool of_an_internal_network_nothing_goes_out(void)
{
	return build() && add_networks(true, true) &&
	       publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000)) &&
	       publish(ID_B, port(IPPROTO_TCP, NULL, 81, "10.2.0.2", 9000)) &&
	       CHECK(TALK(a1, a2, TCP, "10.1.0.3", "10.1.0.3", 9000)) &&
	       CHECK(TALK(a2, a1, TCP, "10.1.0.2", "10.1.0.1", 80)) &&
	       CHECK(!TALK(a1, outside, TCP, "192.0.2.2", "192.0.2.2", 9000)) &&
	       CHECK(!TALK(outside, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK(!TALK(a1, b1, TCP, "10.2.0.2", "10.2.0.2", 9000)) &&
	       CHECK(!TALK(a1, b1, TCP, "10.2.0.2", "10.1.0.1", 81)) &&
	       CHECK(TALK(host, a1, TCP, "10.1.0.2", "10.1.0.2", 9000));
}

/* a1 asks the outside in the name of b1, and whoever answers there asks b1: is he let in? */
static bool gets_in(const char *b, const char *there, const char *host_ip)
{
	const struct addr own = addr(b, 9000), to = addr(there, 9000), back = addr(host_ip, 9000);
	auto_close int forger = open_socket(a1, own.any.sa_family, SOCK_DGRAM);
	auto_close int accomplice = open_socket(outside, to.any.sa_family, SOCK_DGRAM);
	auto_close int victim = open_socket(b1, own.any.sa_family, SOCK_DGRAM);

	return CHECK(bind(forger, &own.any, own.len) == 0) &&
	       CHECK(bind(victim, &own.any, own.len) == 0) &&
	       CHECK(bind(accomplice, &to.any, to.len) == 0) &&
	       CHECK(sendto(forger, "open", 4, 0, &to.any, to.len) == 4) &&
	       CHECK(sendto(accomplice, "let me in", 9, 0, &back.any, back.len) == 9) &&
	       is_ready(victim, POLLIN);
}

static bool nobody_speaks_in_the_name_of_another_network(void)
{
	if (!build() || !sh("sysctl -qw net.ipv4.conf.all.rp_filter=0 "
			    "net.ipv4.conf.bra.rp_filter=0") ||
	    !CHECK(setns(a1, CLONE_NEWNET) == 0) ||
	    !sh("ip addr add 10.2.0.2/32 dev lo; ip addr add fd00:b::2/128 dev lo nodad") ||
	    !CHECK(setns(host, CLONE_NEWNET) == 0) || !add_networks(false, false))
		return false;
	return CHECK(!gets_in("10.2.0.2", "192.0.2.2", "192.0.2.1")) &&
	       CHECK(!gets_in("fd00:b::2", "2001:db8::2", "2001:db8::1"));
}

static bool what_is_of_the_host_alone_is_not_reached_from_a_bridge(void)
{
	struct way way = { 0, 0, TCP, "127.0.0.1", "127.0.0.1", 9000 };

	if (!build() || !CHECK(setns(a1, CLONE_NEWNET) == 0) ||
	    !sh("ip addr del 127.0.0.1/8 dev lo; sysctl -qw net.ipv4.conf.all.route_localnet=1; "
		"ip route add 127.0.0.1/32 via 10.1.0.1 dev eth0") ||
	    !CHECK(setns(host, CLONE_NEWNET) == 0))
		return false;
	way.from = a1;
	way.to = host;
	return CHECK(talk(way)) && add_networks(false, false) && CHECK(!talk(way));
}

static bool the_administrators_rules_come_first_and_stay(void)
{
	struct way way = { 0, 0, TCP, "10.1.0.2", "192.0.2.1", 80 };
	bool is_sound = world() && publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000));

	way.from = outside;
	way.to = a1;
	return is_sound && CHECK(talk(way)) &&
	       sh("nft add chain inet tare mine && nft add rule inet tare mine "
		  "ip saddr 192.0.2.2 drop && "
		  "nft add rule inet tare user oifname @bridges jump mine") &&
	       CHECK(!talk(way)) && CHECK(firewall_ensure(&nft, &err) == 0) &&
	       CHECK(is_done(firewall_reset(&nft, &err))) && add_networks(false, false) &&
	       publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000)) && CHECK(!talk(way)) &&
	       sh("nft list chain inet tare user | grep -q 'oifname @bridges jump mine'") &&
	       sh("nft flush chain inet tare user") && CHECK(talk(way));
}

static bool guard(bool is_on)
{
	return CHECK(is_done(firewall_guard(&nft, is_on, &err))) &&
	       CHECK(firewall_ensure(&nft, &err) == (is_on ? 2 : 0));
}

static bool guarded_ports_are_for_whom_the_administrator_lets_in(void)
{
	struct way tcp = { 0, 0, TCP, "10.1.0.2", "192.0.2.1", 80 };
	struct way udp = { 0, 0, UDP, "fd00:a::2", "2001:db8::1", 80 };
	bool is_sound = world() && publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000)) &&
			publish(ID_A, port(IPPROTO_UDP, NULL, 80, "fd00:a::2", 9000));

	tcp.from = udp.from = outside;
	tcp.to = udp.to = a1;
	return is_sound && CHECK(talk(tcp)) && CHECK(talk(udp)) && guard(true) && guard(true) &&
	       CHECK(!talk(tcp)) && CHECK(!talk(udp)) &&
	       /* the host, siblings, others, and what the container itself begins */
	       CHECK(TALK(host, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK(TALK(host, a1, TCP, "10.1.0.2", "127.0.0.1", 80)) &&
	       CHECK(TALK(a2, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK(TALK(b1, a1, UDP, "fd00:a::2", "2001:db8::1", 80)) &&
	       CHECK(TALK(a1, outside, TCP, "192.0.2.2", "192.0.2.2", 9000)) &&
	       sh("nft add rule inet tare user ip saddr 192.0.2.2 tcp dport 9000 ct state new "
		  "ct original proto-dst 80 accept") &&
	       CHECK(talk(tcp)) && CHECK(!talk(udp)) &&
	       sh("nft flush chain inet tare user") && CHECK(!talk(tcp)) && guard(false) &&
	       CHECK(talk(tcp)) && CHECK(talk(udp));
}

/* What others lead to machines of their own is theirs. */
static bool the_guard_is_for_our_bridges_alone(void)
{
	struct firewall_network a = network("bra", "10.1.0.0/24", "fd00:a::/64");
	struct way way = { 0, 0, TCP, "10.2.0.2", "192.0.2.1", 80 };

	if (!build())
		return false;
	way.from = outside;
	way.to = b1;
	return CHECK(firewall_ensure(&nft, &err) == 1) &&
	       CHECK(is_done(firewall_add_network(&nft, &a, &err))) && guard(true) &&
	       sh("nft 'table ip theirs { chain lead { type nat hook prerouting priority -90; "
		  "tcp dport 80 dnat to 10.2.0.2:9000; }; }'") &&
	       CHECK(talk(way));
}

static bool what_is_not_whole_is_made_anew(void)
{
	static const char *const harm[] = {
		"nft flush ruleset",
		"nft flush chain inet tare networks",
		"nft flush chain inet tare forward",
		"nft flush table inet tare",
		"nft delete chain inet tare postrouting",
		"nft delete table inet tare && nft 'table inet tare { set bridges { type "
		"ipv4_addr; }; "
		"chain user { ip saddr @bridges drop; }; chain foreign { type filter hook input "
		"priority 0; policy drop; }; }' && nft flush chain inet tare user",
		"nft delete table inet tare && nft 'table inet tare { chain user { }; }'",
	};

	if (!world())
		return false;
	for (size_t i = 0; i < sizeof(harm) / sizeof(*harm); i++)
		if (!CHECK(firewall_ensure(&nft, &err) == 0) || !sh(harm[i]) ||
		    !CHECK(is_done(firewall_ensure(&nft, &err))) ||
		    !CHECK(firewall_ensure(&nft, &err) == 0) ||
		    !sh("! nft list table inet tare | grep -q -e elements -e foreign") ||
		    !add_networks(false, false) ||
		    !publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000)) ||
		    !CHECK(TALK(outside, a1, TCP, "10.1.0.2", "192.0.2.1", 80)))
			return false;
	/* that it was made is said */
	return sh(harm[0]) && CHECK(firewall_ensure(&nft, &err) == 1);
}

/* With what it had: that was true when it fell asleep. */
static bool a_table_that_sleeps_is_woken(void)
{
	return world() && publish(ID_A, port(IPPROTO_TCP, NULL, 80, "10.1.0.2", 9000)) &&
	       sh("nft add table inet tare '{ flags dormant; }'") &&
	       CHECK(!TALK(outside, a1, TCP, "10.1.0.2", "192.0.2.1", 80)) &&
	       CHECK(is_done(firewall_ensure(&nft, &err))) &&
	       sh("! nft list table inet tare | grep -q dormant") &&
	       CHECK(TALK(outside, a1, TCP, "10.1.0.2", "192.0.2.1", 80));
}

static bool an_older_layout_is_made_anew(void)
{
	return world() &&
	       sh("nft add rule inet tare user ip saddr 1.2.3.4 drop && "
		  "nft delete chain inet tare forward && nft 'table inet tare { "
		  "chain forward { comment \"an older one\"; type filter hook forward "
		  "priority 0; jump user; iifname @bridges goto networks; "
		  "oifname @bridges goto networks; }; }'") &&
	       CHECK(firewall_ensure(&nft, &err) == 1) && CHECK(firewall_ensure(&nft, &err) == 0) &&
	       sh("nft list chain inet tare user | grep -q 1.2.3.4");
}

int main(void)
{
	if (geteuid() != 0 || system("nft --version >/dev/null && ip link >/dev/null") != 0) {
		SKIP(a_port_is_reached_from_outside, "needs root, nft and ip");
		return tap_done();
	}
	TEST_IN_CHILD(a_port_is_reached_from_outside);
	TEST_IN_CHILD(a_port_of_one_address_is_reached_there_only);
	TEST_IN_CHILD(the_host_reaches_a_port_by_its_addresses);
	TEST_IN_CHILD(a_container_reaches_ports_of_its_own_network);
	TEST_IN_CHILD(containers_reach_the_outside_masqueraded);
	TEST_IN_CHILD(what_is_not_published_is_not_reached);
	TEST_IN_CHILD(networks_are_isolated_unless_both_are_open);
	TEST_IN_CHILD(containers_that_are_apart_do_not_reach_each_other);
	TEST_IN_CHILD(of_a_routed_network_the_own_addresses_are_seen);
	TEST_IN_CHILD(nobody_speaks_in_the_name_of_another_network);
	TEST_IN_CHILD(of_an_internal_network_nothing_goes_out);
	TEST_IN_CHILD(what_is_of_the_host_alone_is_not_reached_from_a_bridge);
	TEST_IN_CHILD(the_administrators_rules_come_first_and_stay);
	TEST_IN_CHILD(guarded_ports_are_for_whom_the_administrator_lets_in);
	TEST_IN_CHILD(the_guard_is_for_our_bridges_alone);
	TEST_IN_CHILD(what_is_not_whole_is_made_anew);
	TEST_IN_CHILD(a_table_that_sleeps_is_woken);
	TEST_IN_CHILD(an_older_layout_is_made_anew);
	return tap_done();
}
