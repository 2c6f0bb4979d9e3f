#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# A container's own network stack: what its monitor makes of networks, ports and names, and what is
# left of it afterwards.

load ../lib/networks

# ------------------------------------------------------------------------------- addresses

@test "the default network: an address, a way out, and the gateway is reached" {
	ok run --rm --network bridge --cap-add NET_RAW sh -c 'ip -4 -o addr show eth0
		ip route; ping -c 1 -q 10.87.0.1'
	like 'inet 10\.87\.0\.2/16 brd 10\.87\.255\.255'
	like 'default via 10\.87\.0\.1 dev eth0'
	like ' 1 packets received'
	no_stack
}

@test "what was wished for: address, MAC and interfaces; and it is in nobody's way" {
	begin box --network bridge:ip=10.87.7.7,mac=02:00:00:00:00:07,interface_name=net0
	ok tare exec box ip addr show net0
	like 'inet 10\.87\.7\.7/16'
	like 'link/ether 02:00:00:00:00:07'
	exits 125 run --rm --network bridge:ip=10.87.7.7 true
	like 'network .bridge.: 10\.87\.7\.7 is taken by container box'
	unlike 'network .bridge.: network'
	exits 125 run --rm --network bridge:ip=10.99.0.1 true
	like '10\.99\.0\.1 is in none of its subnets'
	is box "$(leases)"
	ok tare rm -f box
	ok run --rm --network bridge:ip=10.87.7.7 true
	no_stack
}

@test "settings of an interface are written when it is there" {
	box_says $'1\n7' --network bridge --sysctl net.ipv4.conf.eth0.arp_filter=1 \
		--sysctl net/ipv4/neigh/eth0/ucast_solicit=7 \
		-- 'cat /proc/sys/net/ipv4/conf/eth0/arp_filter \
			/proc/sys/net/ipv4/neigh/eth0/ucast_solicit'
}

@test "a network that is not there: nothing is left of the other one" {
	exits 125 run --name box --network bridge --network nonesuch -p 8080:80 true
	like nonesuch
	no_stack
	ok tare create --network bridge --network nonesuch --rootfs "$ROOTFS" --name box true
	exits 1 tare start box
	like "no such network: nonesuch.*'tare network ls'"
	no_stack
}

@test "a program that is not there: nothing is left" {
	exits 127 run --name box --network bridge -p 8080:80 nonesuch
	no_stack
	nothing_left
}

@test "eight at once have eight addresses" {
	local -a pids
	for i in {1..8}; do
		run -d --network bridge --name "box$i" sh -c "$(forever)" >"$T/out$i" &
		pids[i]=$!
	done
	wait "${pids[@]}"
	is 8 "$(for i in {1..8}; do address_of "box$i"; done | sort -u | wc -l)"
	is 'box1 box2 box3 box4 box5 box6 box7 box8' "$(leases)"
	ok tare rm -f box{1..8}
	no_stack
}

# ------------------------------------------------------------------------------- several networks

@test "two networks: an interface on each, and the way out by the first" {
	ok tare network create --subnet 10.1.0.0/24 front
	ok tare network create --subnet 10.2.0.0/24 back
	serve db --network back
	serve web --network front:interface_name=eth1 --network back
	ok tare exec web ip -4 -o addr show
	like 'eth1 .*10\.1\.0\.2/24'
	like 'eth0 .*10\.2\.0\.3/24'
	is $'default via 10.1.0.1 dev eth1 metric 100\ndefault via 10.2.0.1 dev eth0 metric 101' \
		"$(tare exec web ip route | grep default | tr -s ' ' | sed 's/ $//')"
	is db "$(fetch_from web db)"
	begin client --network front
	is web "$(fetch_from client web)"
	fails fetch_from client db
	is 'client web' "$(leases front)"
	is 'db web' "$(leases back)"
	ok tare rm -f web db client
	no_stack
}

@test "IPv6: addresses, names, and a published port by ::1" {
	ok tare network create --ipv6 --subnet 10.1.0.0/24 --subnet fd00:1::/64 six
	serve web --network six -p 8080:80
	begin client --network six
	ok tare exec client ip -6 route
	like 'default via fd00:1::1 dev eth0'
	is web "$(fetch_from client '[fd00:1::2]')"
	ok tare exec client nslookup -type=AAAA web
	like 'Address: fd00:1::2'
	wait_until serves '[::1]:8080'
	wait_until serves 127.0.0.1:8080
}

@test "an internal network: names of its own, and no way out" {
	ok tare network create --internal --subnet 10.1.0.0/24 inner
	serve web --network inner
	begin client --network inner
	is web "$(fetch_from client web)"
	is '' "$(tare exec client ip route | grep default || true)"
	fails tare exec client nslookup example.com
	like SERVFAIL
}

@test "a network without names: none is found, and the host's servers are asked" {
	ok tare network create --disable-dns --subnet 10.1.0.0/24 mute
	serve web --network mute
	begin client --network mute
	fails fetch_from client web
	is web "$(fetch_from client "$(address_of web)")"
	fails tare exec client grep 127.0.0.11 /etc/resolv.conf
}

@test "macvlan: an interface on the machine's own" {
	neighbour
	on_machine ip link add link out name try type macvlan 2>/dev/null ||
		skip 'this kernel has no macvlan'
	on_machine ip link del try
	ok tare network create -d macvlan -o parent=out --subnet 192.0.2.0/24 --gateway 192.0.2.2 lan
	serve web --network lan:ip=192.0.2.7 -p 8080:80
	# shellcheck disable=SC2046 # these are words
	is web "$(on_neighbour $(fetch 192.0.2.7))"
	is '' "$(ports)"
	ok tare rm -f web
	no_stack
}

@test "who shares it has all of it" {
	serve web --network bridge
	ok run --rm --network container:web sh -c 'wget -q -O - http://web/; ip -4 addr show eth0'
	like web
	like "$(address_of web)/16"
}

@test "who shares it outlives it: nothing of it stays in the way" {
	serve web --network bridge:ip=10.87.0.9
	begin guest --network container:web
	ok tare stop -t 0 web
	no_stack
	serve other --network bridge:ip=10.87.0.9
	is '' "$(tare exec guest ip -4 -o addr show eth0 2>/dev/null || true)"
}

# ------------------------------------------------------------------------------- names

@test "two find each other by name, alias and short id, and not when they are gone" {
	serve web --network bridge:alias=db --hostname front
	local id=$CID
	begin client --network bridge
	for name in web WEB db front "${id:0:12}" web.; do
		is web "$(fetch_from client "$name")"
	done
	ok tare exec client nslookup "$(address_of web)"
	like 'name = web'
	ok tare rm -f web
	fails fetch_from client web
	serve web --network bridge
	is web "$(fetch_from client web)"
}

@test "its own port 53 stays free" {
	begin box --network bridge
	ok tare exec box sh -c 'nc -l -p 53 -e true & sleep 0; nslookup box && kill $!'
	like "Address: $(address_of box)"
}

# ------------------------------------------------------------------------------- ports

@test "a published port: from a neighbour, from here by both addresses, from another container" {
	neighbour
	serve web --network bridge -p 8080:80
	begin client --network bridge
	# shellcheck disable=SC2046 # these are words
	{
		is web "$(on_neighbour $(fetch 192.0.2.1:8080))"
		is web "$(on_machine $(fetch 192.0.2.1:8080))"
		is web "$(on_machine $(fetch 127.0.0.1:8080))"
		is web "$(on_machine $(fetch '[::1]:8080'))"
		is web "$(on_machine $(fetch "$(address_of web):80"))"
		is web "$(fetch_from client 192.0.2.1:8080)"
		is web "$(fetch_from web 192.0.2.1:8080)"
		fails on_neighbour $(fetch 192.0.2.1:80)
	}
}

@test "a port of one address" {
	neighbour
	serve web --network bridge -p 127.0.0.1:8080:80
	# shellcheck disable=SC2046 # these are words
	{
		is web "$(on_machine $(fetch 127.0.0.1:8080))"
		fails on_neighbour $(fetch 192.0.2.1:8080)
	}
}

@test "a port without an address is where tare.conf says" {
	echo 'publish_address = "127.0.0.1"' >"$T/tare.conf"
	TARE_CONF=$T/tare.conf serve web --network bridge -p 8080:80 -p 0.0.0.0:8081:80
	is $'80/tcp -> 0.0.0.0:8081\n80/tcp -> 127.0.0.1:8080' "$(tare port web | sort)"
}

@test "a port of one address, of a family that the container has none of: that is said" {
	ok tare network create --subnet fd00:1::/64 six
	ok run --rm --network six -p 127.0.0.1:8080:80 -p 8081:80 true
	like 'port 8080 of 127\.0\.0\.1 leads nowhere: the container has no IPv4 address'
	unlike 8081
	ok run --rm --network bridge -p '[::1]:8080:80' -p 127.0.0.1:8081:80 true
	unlike nowhere
	ok run --rm --network bridge -p '[::1]:8080:80/udp' true
	like 'port 8080 of ::1 leads nowhere: the container has no IPv6 address'
}

@test "a port that a container has, or the machine: said before the other one starts" {
	serve web --network bridge -p 8080:80
	exits 125 run --name two --network bridge -p 9090:90 -p 8080:81 true
	like 'port 8080 is already used by container web'
	is web "$(leases)"
	exec_within "$MACHINE" busybox nc -l -p 8081 &
	hold $!
	wait_until listens "$MACHINE" 8081
	exits 125 run --rm --network bridge -p 8081:80 true
	like 'port 8081 is already used on the host'
}

@test "a port is free as soon as its container has ended" {
	for i in {1..10}; do
		ok run --rm --network bridge -p 8080:80 true
	done
	for i in {1..5}; do
		serve web --network bridge -p 8080:80
		ok tare rm -f web
	done
	no_stack
}

@test "random ports, of a row and of what is exposed" {
	begin box --network bridge -p 80-82 -P --expose 90/udp
	local ports=$STATE/containers/$CID/network.json
	is '80 81 82 90' "$(jq -r '.ports[] | range(.port; .port + .count)' "$ports" | sort | xargs)"
	is '' "$(jq '.ports[] | select(.hostPort == 0)' "$ports")"
	is 4 "$(ports | wc -l)"
}

# ------------------------------------------------------------------------------- its life

@test "it is started again: with a stack again" {
	serve web --network bridge -p 8080:80
	for i in 1 2; do
		ok tare restart -t 0 web
		wait_until serves 127.0.0.1:8080
	done
	ok tare stop -t 0 web
	no_stack
	ok tare start web
	wait_until serves 127.0.0.1:8080
}

@test "rm -f leaves nothing" {
	serve web --network bridge -p 8080:80
	is web "$(leases)"
	is 1 "$(links | wc -w)"
	is 1 "$(ports | wc -l)"
	ok tare rm -f web
	no_stack
	nothing_left
}

@test "the rules are flushed under those that run: the next start puts all back" {
	neighbour
	serve web --network bridge -p 8080:80
	# shellcheck disable=SC2046 # these are words
	{
		on_machine nft flush ruleset
		fails on_neighbour $(fetch 192.0.2.1:8080)
		serve two --network bridge -p 8081:80
		is web "$(on_neighbour $(fetch 192.0.2.1:8080))"
		is two "$(on_neighbour $(fetch 192.0.2.1:8081))"
	}
	is web "$(fetch_from two web)"
	ok tare rm -f web two
	no_stack
}

# ------------------------------------------------------------------------------- kill -9

kill_monitor() {
	local monitor
	monitor=$(monitor_of "$PID")
	kill -KILL "$monitor"
	wait_until ended "$monitor"
}

@test "the monitor is killed: the container goes on with its ports, and is removed with all" {
	serve web --network bridge -p 8080:80
	kill_monitor
	wait_until serves 127.0.0.1:8080
	exits 125 run --rm --network bridge -p 8080:80 true
	like "port '8080/tcp' is published by container"
	is web "$(leases)"
	ok tare rm -f web
	no_stack
	nothing_left
}

@test "the monitor is killed, and then the container: what was its is another's" {
	serve web --network bridge:ip=10.87.0.9 -p 8080:80
	kill_monitor
	kill -KILL "$PID"
	wait_until ended "$PID"
	is 1 "$(ports | wc -l)"
	ok run --rm --network bridge:ip=10.87.0.9 true
	is '' "$(leases)$(ports)"
	ok run --rm --network bridge -p 8080:80 true
	ok tare start web
	wait_until serves 127.0.0.1:8080
	PID=$(member web .State.Pid)
	kill_monitor
	kill -KILL "$PID"
	wait_until ended "$PID"
	ok run --rm --network bridge -p 8080:80 true
	ok tare start web
	wait_until serves 127.0.0.1:8080
}

@test "a port that a container had which was killed: who has it now is said" {
	serve web --network bridge -p 8080:80
	kill_monitor
	kill -KILL "$PID"
	wait_until ended "$PID"
	exec_within "$MACHINE" busybox nc -l -p 8080 &
	hold $!
	wait_until listens "$MACHINE" 8080
	exits 125 run --rm --network bridge -p 8080:80 true
	like 'port 8080 is already used on the host'
}

settles() {
	ok tare ps -a
	ok tare rm -f box
	no_stack
	ok run --rm --name box --network bridge:ip=10.87.0.9 -p 8080:80 true
}

starts_over() {
	ok tare rm -f box
	no_stack
	nothing_left
}

@test "killed at each call that makes something of its stack" {
	needs_strace
	killed_at_each : 'setns sendto sendmsg renameat' -- run -d --name box --rootfs "$ROOTFS" \
		--network bridge:ip=10.87.0.9 -p 8080:80 sh -c "$(forever)"
}

@test "killed at each call that gives something back" {
	needs_strace
	killed_at_each : 'unlinkat flock' -- run --name box --rootfs "$ROOTFS" \
		--network bridge:ip=10.87.0.9 -p 8080:80 true
}
