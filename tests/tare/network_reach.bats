#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Who reaches whom, and who does not: from a far host behind a router, from the neighbour that is the
# router, from the machine by each of its addresses, from a sibling and from the container itself; by
# TCP and UDP, IPv4 and IPv6.
#
# What must not be reached is told something by UDP, which waits for nobody, and then something that
# may arrive: when that was heard, the other one would have been.

load ../lib/networks

file_begins() { answer_tool; }

# What all of them are reached at.
LAN4=192.0.2.1 LAN6=2001:db8::1

# The machine, the neighbour and a far host behind that: $FAR.
hosts() {
	neighbour
	namespace
	FAR=$HOLDER
	within "$FAR" sysctl -qw net.ipv6.conf.default.accept_dad=0
	on_machine ip addr add $LAN6/64 dev out nodad
	on_neighbour ip addr add 2001:db8::2/64 dev in nodad
	on_neighbour ip link add far type veth peer name in netns "$FAR"
	on_neighbour ip addr add 198.51.100.1/24 dev far
	on_neighbour ip addr add 2001:db8:1::1/64 dev far nodad
	on_neighbour ip link set far up
	on_neighbour ip -6 route add default via $LAN6
	within "$FAR" ip addr add 198.51.100.2/24 dev in
	within "$FAR" ip addr add 2001:db8:1::2/64 dev in nodad
	within "$FAR" ip link set in up
	within "$FAR" ip route add default via 198.51.100.1
	within "$FAR" ip -6 route add default via 2001:db8:1::1
	on_machine ip route add default via 192.0.2.2
	on_machine ip -6 route add default via 2001:db8::2
	on_neighbour sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# A network of both families: 10.7.0.0/24, fd00:7::/64.
network() { ok tare network create --subnet "10.$2.0.0/24" --subnet "fd00:$2::/64" "$1" "${@:3}"; }

# tells NAME WHO ADDRESS ...: at each address, by TCP and UDP, it is NAME that answers, port 8080.
tells() {
	local name=$1 who=$2 address proto
	shift 2

	for address; do
		for proto in tcp udp; do
			is "$name" "$(ask "$who" $proto "$address" "${PORT:-8080}" | cut -d ' ' -f 1)" ||
				{ echo "$proto $address" && return 1; }
		done
	done
}

# hears NAME ADDRESS ...: these and no others, when the last one has been heard.
hears() {
	wait_until has_heard "$1" "${!#}"
	is "${*:2}" "$(heard "$1")"
}
has_heard() { [[ " $(heard "$1") " == *" $2 "* ]]; }

# ------------------------------------------------------------------------------- published ports

@test "two containers with the same port: each at its own address, and at a port of its own outside" {
	hosts
	network web 7
	answering one --network web:ip=10.7.0.11 -p 8080:80 -p 8080:80/udp
	answering two --network web:ip=10.7.0.12 -p 8081:80 -p 8081:80/udp
	PORT=80 tells one "$MACHINE" 10.7.0.11
	PORT=80 tells two "$MACHINE" 10.7.0.12
	PORT=80 tells two "$(pid_of one)" 10.7.0.12
	PORT=8080 tells one "$FAR" $LAN4 $LAN6
	PORT=8081 tells two "$FAR" $LAN4 $LAN6
}

@test "a published port is reached from everywhere, by each address of the machine" {
	hosts
	network web 7
	answering box --network web -p 8080:80 -p 8080:80/udp
	box=$PID
	begin sibling --network web
	sibling=$PID
	begin other --network bridge
	tells box "$FAR" $LAN4 $LAN6
	tells box "$NEIGHBOUR" $LAN4 $LAN6
	tells box "$MACHINE" $LAN4 $LAN6 10.7.0.1 fd00:7::1 127.0.0.1 127.1.2.3
	is box "$(ask "$MACHINE" tcp ::1 8080 | cut -d ' ' -f 1)"
	tells box "$sibling" $LAN4 $LAN6 10.7.0.1 fd00:7::1
	tells box "$box" $LAN4 $LAN6 10.7.0.1 fd00:7::1
	tells box "$PID" $LAN4 10.7.0.1
}

@test "the client's address is kept, and a container's own is hidden behind the machine's" {
	hosts
	network web 7
	answering box --network web -p 8080:80 -p 8080:80/udp
	for proto in tcp udp; do
		is 'box 198.51.100.2' "$(ask "$FAR" $proto $LAN4 8080)"
		is 'box 2001:db8:1::2' "$(ask "$FAR" $proto $LAN6 8080)"
		is 'box 192.0.2.2' "$(ask "$NEIGHBOUR" $proto $LAN4 8080)"
		is 'box 192.0.2.1' "$(ask "$MACHINE" $proto $LAN4 8080)"
	done
	answering_at "$FAR" far 53
	for proto in tcp udp; do
		is "far $LAN4" "$(ask "$PID" $proto 198.51.100.2 53)"
		is "far $LAN6" "$(ask "$PID" $proto 2001:db8:1::2 53)"
	done
}

@test "a range of ports: each leads to its own" {
	neighbour
	answering box --network bridge -p 7000-7002:80-82 -p 7000-7002:80-82/udp -p 9000:82 -- 80 81 82 83
	for i in 0 1 2; do
		PORT=700$i tells box "$NEIGHBOUR" $LAN4
	done
	is 'box 192.0.2.2' "$(ask "$NEIGHBOUR" tcp $LAN4 9000)"
	fails ask "$NEIGHBOUR" tcp $LAN4 7003
	fails ask "$NEIGHBOUR" udp $LAN4 9000
	is 7 "$(ports | wc -l)"
}

@test "a thousand ports: the first, one in the middle and the last; and all are gone with it" {
	neighbour
	answering box --network bridge -p 20000-20999:20000-20999 -- 20000 20500 20999
	for port in 20000 20500 20999; do
		is 'box 192.0.2.2' "$(ask "$NEIGHBOUR" tcp $LAN4 $port)"
	done
	is 1000 "$(ports | wc -l)"
	ok tare rm -f box
	no_stack
}

@test "random ports are what port says, and they are free ones" {
	neighbour
	answering box --network bridge -p 80 -p 127.0.0.1::80/udp
	random=$(tare port box 80/tcp | sed -n 's/^0\.0\.0\.0://p')
	is 'box 192.0.2.2' "$(ask "$NEIGHBOUR" tcp $LAN4 "$random")"
	own=$(tare port box 80/udp)
	like '^127\.0\.0\.1:[0-9]+$' "$own"
	is box "$(ask "$MACHINE" udp 127.0.0.1 "${own#*:}" | cut -d ' ' -f 1)"
	tell "$NEIGHBOUR" $LAN4 "${own#*:}"
	answering two --network bridge -p 80
	fails test "$random" = "$(tare port two 80/tcp | sed -n 's/^0\.0\.0\.0://p')"
	is '192.0.2.2 10.87.0.1' "$(heard box)"
}

@test "one port in a range: the first that is free, until there is none" {
	neighbour
	for i in 0 1 2; do
		answering "box$i" --network bridge -p 9000-9002:80
		is "box$i 192.0.2.2" "$(ask "$NEIGHBOUR" tcp $LAN4 900$i)"
	done
	exits 125 run --rm --network bridge -p 9000-9002:80 true
	like '9000-9002|9000'
	ok tare rm -f box1
	answering four --network bridge -p 9000-9002:80
	is 'four 192.0.2.2' "$(ask "$NEIGHBOUR" tcp $LAN4 9001)"
	is 'box0 box2 four' "$(leases)"
}

@test "one port of the machine by two of its addresses leads to two containers" {
	hosts
	network web 7
	answering near --network web -p 127.0.0.1:8080:80 -p 127.0.0.1:8080:80/udp
	answering lan --network web -p $LAN4:8080:80 -p $LAN4:8080:80/udp
	answering six --network web -p "[$LAN6]:8080:80" -p "[$LAN6]:8080:80/udp"
	tells near "$MACHINE" 127.0.0.1
	tells lan "$MACHINE" $LAN4
	tells lan "$FAR" $LAN4
	tells six "$FAR" $LAN6
	fails ask "$MACHINE" tcp 127.0.0.2 8080
	fails ask "$MACHINE" tcp ::1 8080
	fails ask "$MACHINE" tcp 10.7.0.1 8080
}

@test "by [::1] alone" {
	hosts
	network web 7
	answering box --network web -p '[::1]:8080:80'
	is box "$(ask "$MACHINE" tcp ::1 8080 | cut -d ' ' -f 1)"
	fails ask "$MACHINE" tcp 127.0.0.1 8080
	fails ask "$FAR" tcp $LAN6 8080
}

@test "a network without IPv4: its ports by IPv6" {
	hosts
	ok tare network create --subnet fd00:9::/64 six
	answering box --network six -p 8080:80 -p 8080:80/udp
	tells box "$FAR" $LAN6
	tells box "$MACHINE" $LAN6 fd00:9::1
	is box "$(ask "$MACHINE" tcp ::1 8080 | cut -d ' ' -f 1)"
	fails ask "$FAR" tcp $LAN4 8080
}

@test "a client that asks by UDP all the time reaches whoever has the port now" {
	neighbour
	asks() { ask "$NEIGHBOUR" udp $LAN4 8080 7777 | cut -d ' ' -f 1; }
	is_told() { [[ $(asks) == "$1" ]]; }
	# Nobody's yet, and the kernel remembers that.
	fails ask "$NEIGHBOUR" udp $LAN4 8080 7777
	answering one --network bridge:ip=10.87.1.1 -p 8080:80/udp
	wait_until is_told one
	ok tare rm -f one
	answering two --network bridge:ip=10.87.1.2 -p 8080:80/udp
	wait_until is_told two
	ok tare restart -t 0 two
	wait_until is_told two
}

@test "a container that is started again with another address: its ports lead there" {
	neighbour
	answering box --network bridge -p 8080:80 -p 8080:80/udp
	before=$(address_of box)
	ok tare stop -t 0 box
	begin other --network "bridge:ip=$before"
	ok tare start box
	wait_until says_ready_again box
	fails test "$before" = "$(address_of box)"
	tells box "$NEIGHBOUR" $LAN4
	tells box "$MACHINE" $LAN4 127.0.0.1
}
says_ready_again() { [[ $(tare logs "$1" | grep -c ready) == 2 ]]; }

# The kernel would look for nobody on behalf of others as long as an address is tentative.
@test "addresses of IPv6 are there at once, on the bridge and inside" {
	network web 7 --interface-name mybridge
	begin box --network web
	for of in "on_machine ip -6 -o addr show mybridge" "within $PID ip -6 -o addr show eth0"; do
		ok $of
		like 'inet6 fe80::'
		like 'inet6 fd00:7::'
		unlike tentative
	done
}

# ------------------------------------------------------------------------------- isolation

@test "what is not published is not reached from outside, though it is known where it is" {
	hosts
	network web 7
	answering box --network web:ip=10.7.0.9,ip6=fd00:7::9 -p 8080:80 -p 8080:81/udp -- 80 81 82
	tell "$NEIGHBOUR" 10.7.0.9 82
	tell "$FAR" 10.7.0.9 81
	tell "$FAR" fd00:7::9 81
	tell "$NEIGHBOUR" fd00:7::9 82
	is 'box 198.51.100.2' "$(ask "$FAR" udp $LAN4 8080)"
	hears box 198.51.100.2
}

@test "two networks don't reach each other, but by what is published" {
	network one 7
	network two 8
	answering box --network one:ip=10.7.0.9,ip6=fd00:7::9 -p 8080:80/udp
	begin apart --network two
	begin sibling --network one:ip=10.7.0.8
	apart=$(pid_of apart)
	tell "$apart" 10.7.0.9 80
	tell "$apart" fd00:7::9 80
	tell "$PID" 10.7.0.9 80
	hears box 10.7.0.8
	is 'box 10.7.0.1' "$(ask "$apart" udp 10.8.0.1 8080)"
	fails fetch_from apart box
}

@test "isolate=false: those that say so reach each other, and no others" {
	network one 7 -o isolate=false
	network two 8 -o isolate=false
	network three 9
	answering box --network one:ip=10.7.0.9,ip6=fd00:7::9
	begin apart --network three
	begin near --network two:ip=10.8.0.8,ip6=fd00:8::8
	tell "$(pid_of apart)" 10.7.0.9 80
	tell "$(pid_of apart)" fd00:7::9 80
	for proto in tcp udp; do
		is 'box 10.7.0.1' "$(ask "$PID" $proto 10.7.0.9 80)"
		is 'box fd00:7::1' "$(ask "$PID" $proto fd00:7::9 80)"
	done
	is '10.7.0.1 fd00:7::1 10.7.0.1 fd00:7::1' "$(heard box)"
}

@test "icc=false: containers don't reach each other, and all else is as it was" {
	hosts
	network web 7 -o com.docker.network.bridge.enable_icc=false
	answering box --network web:ip=10.7.0.9,ip6=fd00:7::9 -p 8080:80 -p 8080:80/udp
	answering_at "$FAR" far 53
	begin sibling --network web
	is "far $LAN4" "$(ask "$PID" tcp 198.51.100.2 53)"
	reach_for_box
	within "$PID" ip neigh replace 10.7.0.9 lladdr "$(mac_of tare1)" dev eth0 # by way of the machine
	reach_for_box
	on_machine ip link set "$(links | cut -d ' ' -f 1)" nomaster
	on_machine ip link set "$(links | cut -d ' ' -f 2)" nomaster
	ok tare network reload --all
	reach_for_box
	PORT=80 tells box "$MACHINE" 10.7.0.9
	tells box "$FAR" $LAN4 $LAN6
	is '10.7.0.1 198.51.100.2 2001:db8:1::2' "$(heard box | tr ' ' '\n' | uniq | xargs)"
}
# Where the packet filter sees what the bridge carries, and where it does not.
reach_for_box() {
	local is_seen

	for is_seen in 1 0; do
		on_machine sysctl -eqw net.bridge.bridge-nf-call-iptables=$is_seen \
			net.bridge.bridge-nf-call-ip6tables=$is_seen
		tell "$PID" 10.7.0.9 80
		tell "$PID" fd00:7::9 80
		tell "$PID" 10.7.0.1 8080
		tell "$PID" $LAN6 8080
	done
}

@test "masquerade=false: who is asked outside sees the container's own address" {
	hosts
	network web 7 -o com.docker.network.bridge.enable_ip_masquerade=false
	on_neighbour ip route add 10.7.0.0/24 via 192.0.2.1
	answering_at "$FAR" far 53
	begin box --network web:ip=10.7.0.9,ip6=fd00:7::9
	is 'far 10.7.0.9' "$(ask "$PID" tcp 198.51.100.2 53)"
	is 'far fd00:7::9' "$(ask "$PID" udp 2001:db8:1::2 53)"
	network other 8
	begin hidden --network other
	is "far $LAN4" "$(ask "$PID" udp 198.51.100.2 53)"
}

@test "an internal network: its own containers, and nothing else" {
	hosts
	network in 7 --internal
	answering_at "$FAR" far 53
	answering box --network in:ip=10.7.0.9,ip6=fd00:7::9 -p 8080:80
	like 'no port is published: none of the container.s networks is a bridge to the outside'
	box=$PID
	begin sibling --network in:ip=10.7.0.8
	fails ask "$MACHINE" tcp $LAN4 8080
	tell "$FAR" 10.7.0.9 80
	tell "$NEIGHBOUR" fd00:7::9 80
	is 'box 10.7.0.8' "$(ask "$PID" tcp 10.7.0.9 80)"
	hears box 10.7.0.8
	is '' "$(within "$box" ip route show default)$(within "$box" ip -6 route show default)"
	within "$box" ip route add default via 10.7.0.1
	tell "$box" 198.51.100.2 53
	begin out --network bridge
	tell "$PID" 198.51.100.2 53
	wait_until grep -q $LAN4 "$T/far"
	is "ready $LAN4" "$(xargs <"$T/far")"
	ok tare exec sibling nslookup box
	like '10\.7\.0\.9'
}

@test "on two networks, one of them internal: out by the other one, and published there" {
	hosts
	network in 7 --internal
	network web 8
	answering box --network in:ip=10.7.0.9 --network web:ip=10.8.0.9 -p 8080:80
	begin sibling --network in:ip=10.7.0.8
	is 'box 198.51.100.2' "$(ask "$FAR" tcp $LAN4 8080)"
	is 'box 10.7.0.8' "$(ask "$PID" tcp 10.7.0.9 80)"
	like 'via 10\.8\.0\.1 ' "$(within "$(pid_of box)" ip route show default)"
}

# ------------------------------------------------------------------------------- the machine's own

@test "what is the machine's alone, at 127.0.0.1, is not reached from a bridge" {
	answering_at "$MACHINE" machine 9000
	begin box --network bridge:ip=10.87.0.9
	within "$PID" ip addr flush dev lo
	within "$PID" ip route add 127.0.0.1 via 10.87.0.1 dev eth0
	tell "$PID" 127.0.0.1 9000
	tell "$PID" 10.87.0.1 9000
	wait_until grep -q 10.87.0.9 "$T/machine"
	is 'ready 10.87.0.9' "$(xargs <"$T/machine")"
	# It is our rule that keeps it.
	on_machine nft flush chain inet tare raw_prerouting
	tell "$PID" 127.0.0.1 9000
	wait_until heard_again
}

heard_again() { [[ $(grep -c 10.87.0.9 "$T/machine") == 2 ]]; }

@test "a port of 127.0.0.1 is not reached by a wire, wherever a packet claims to go" {
	neighbour
	answering box --network bridge -p 127.0.0.1:8080:80/udp
	on_neighbour ip addr flush dev lo
	on_neighbour ip route add 127.0.0.1 via $LAN4
	tell "$NEIGHBOUR" 127.0.0.1 8080
	tell "$NEIGHBOUR" $LAN4 8080
	begin sibling --network bridge
	within "$PID" ip addr flush dev lo
	within "$PID" ip route add 127.0.0.1 via 10.87.0.1 dev eth0
	tell "$PID" 127.0.0.1 8080
	tell "$PID" 10.87.0.1 8080
	tell "$MACHINE" 127.0.0.1 8080
	hears box 10.87.0.1
}

@test "the administrator's rules come first, and stay" {
	hosts
	network web 7
	answering box --network web -p 8080:80/udp
	on_machine nft add set inet tare banned '{ type ipv4_addr; }'
	on_machine nft add element inet tare banned '{ 192.0.2.2 }'
	on_machine nft add rule inet tare user ip saddr @banned counter drop
	rules=$(on_machine nft list chain inet tare user | grep -o 'ip saddr.*@banned')
	tell "$NEIGHBOUR" $LAN4 8080
	is 'box 198.51.100.2' "$(ask "$FAR" udp $LAN4 8080)"
	hears box 198.51.100.2
	ok tare network create --subnet 10.8.0.0/24 gone
	ok run --rm --network gone true
	ok tare network rm gone
	# Made anew where others have damaged it.
	on_machine nft flush chain inet tare forward
	ok run --rm --network bridge true
	is "$rules" "$(on_machine nft list chain inet tare user | grep -o 'ip saddr.*@banned')"
	tell "$NEIGHBOUR" $LAN4 8080
	is 'box 2001:db8:1::2' "$(ask "$FAR" udp $LAN6 8080)"
	hears box 198.51.100.2 2001:db8:1::2
	ok tare rm -f box
	no_stack
	is "$rules" "$(on_machine nft list chain inet tare user | grep -o 'ip saddr.*@banned')"
}

@test "respect_input_policy: on a machine that drops input the administrator says who comes in" {
	hosts
	network web 7
	answering box --network web -p 8080:80 -p 8080:80/udp
	begin sibling --network web
	on_machine nft 'table inet mine { chain input { type filter hook input priority 0; policy drop;
		iif != "out" accept; meta l4proto ipv6-icmp accept; }; }'
	# Nobody has asked for it.
	ok tare network reload box
	is 'box 2001:db8:1::2' "$(ask "$FAR" udp $LAN6 8080)"

	echo 'respect_input_policy = true' >"$T/tare.conf"
	export TARE_CONF=$T/tare.conf
	ok tare network reload box
	tell "$FAR" $LAN4 8080
	tell "$NEIGHBOUR" $LAN4 8080
	tell "$NEIGHBOUR" $LAN6 8080
	is box "$(ask "$MACHINE" tcp 127.0.0.1 8080 | cut -d ' ' -f 1)"
	is 'box 192.0.2.1' "$(ask "$MACHINE" udp $LAN4 8080)"
	is 'box fd00:7::1' "$(ask "$PID" tcp $LAN6 8080)"
	hears box 2001:db8:1::2 10.7.0.1 192.0.2.1 fd00:7::1
	for proto in tcp udp; do
		on_machine nft add rule inet tare user ip saddr 198.51.100.2 meta l4proto $proto \
			ct original proto-dst 8080 accept
	done
	tell "$NEIGHBOUR" $LAN4 8080
	is 'box 198.51.100.2' "$(ask "$FAR" tcp $LAN4 8080)"
	is 'box 198.51.100.2' "$(ask "$FAR" udp $LAN4 8080)"
	hears box 2001:db8:1::2 10.7.0.1 192.0.2.1 fd00:7::1 198.51.100.2 198.51.100.2

	# A start sees to it too, and that it ends.
	on_machine nft flush chain inet tare guard
	ok run --rm --network bridge true
	like drop "$(on_machine nft list chain inet tare guard)"
	on_machine nft delete table inet mine
	ok run --rm --network bridge true
	is 'box 2001:db8::2' "$(ask "$NEIGHBOUR" udp $LAN6 8080)"
}

@test "the rules are flushed, and the bridge removed: who ends or starts has nothing to complain of" {
	neighbour
	for i in 1 2 3; do
		answering "box$i" --network bridge -p "808$i:80"
	done
	on_machine nft flush ruleset
	ok tare stop -t 0 box1
	is box1
	ok tare rm -f box2
	is box2
	ok run --rm --network bridge -p 8081:80 true
	is ''
	is 'box3 192.0.2.2' "$(ask "$NEIGHBOUR" tcp $LAN4 8083)"
	on_machine nft delete chain inet tare raw_prerouting
	ok run --rm --network bridge true
	is ''
	ok on_machine nft list chain inet tare raw_prerouting
	is 'box3 192.0.2.2' "$(ask "$NEIGHBOUR" tcp $LAN4 8083)"
	on_machine nft delete table inet tare
	on_machine ip link del tare0
	ok tare restart -t 0 box3
	is box3
	wait_until says_ready_again box3
	is 'box3 192.0.2.2' "$(ask "$NEIGHBOUR" tcp $LAN4 8083)"
	ok tare rm -f box1 box3
	no_stack
}
