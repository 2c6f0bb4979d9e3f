#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# tare ns --net: what a container or any process has of networks, of which ip(8) and ss(8) are the
# witnesses.

load ../lib/networks

inside() { within "$PID" "$@"; }
net_of() { stat -L -c %i "/proc/$1/ns/net"; }

# row WORDS...: a line of the last output says just that
row() {
	grep -qxF -- "$*" < <(tr -s ' ' <<<"$output") ||
		{ echo "no line '$*' in:" && echo "$output" && return 1; }
}

# ------------------------------------------------------------------------------- a container

@test "a container on a bridge: interfaces, routes, who listens, ports, name servers" {
	local host_end
	serve web --network bridge -p 8080:80 -p 127.0.0.1:9000-9001:90-91/udp --dns 192.0.2.99
	host_end=$(links)
	ok tare ns --net web
	is "process $PID: httpd" "${lines[0]}"
	is "network namespace $(net_of "$PID"), not the host's" "${lines[1]}"
	row container web
	row INTERFACE STATE MTU MAC OUTSIDE
	row lo up 65536 - -
	row eth0 up 1500 02:42:0a:57:00:02 "$host_end"
	row ADDRESS INTERFACE NETWORK
	row 127.0.0.1/8 lo -
	row 10.87.0.2/16 eth0 bridge
	row ROUTE TO VIA INTERFACE METRIC
	row default 10.87.0.1 eth0 100
	row 10.87.0.0/16 - eth0 -
	row LISTENS ON HOST PID PROCESS
	row "tcp [::]:80 $PID httpd"
	row PUBLISHED AT LEADS TO
	row '*:8080 80/tcp'
	row 127.0.0.1:9000-9001 90-91/udp
	like $'\nNAME SERVERS\n127.0.0.11, which knows the containers of its networks\nand asks 192.0.2.99$'
	is_narrow
}

@test "in JSON the same, as the kernel has it" {
	serve web --network bridge:alias=db -p 8080:80
	ok tare ns --net --json web
	is "$PID" "$(json .hostPid)"
	is "$(net_of "$PID")" "$(json .inode)"
	is '["web"]' "$(json '.containers | tojson')"
	is "$(inside ip -j addr | jq -c 'map({name: .ifname, mtu, addresses: [.addr_info[] | "\(.local)/\(.prefixlen)"]})')" \
		"$(json '.interfaces | map({name, mtu, addresses}) | tojson')"
	is "$(inside ip -j link show eth0 | jq -r '.[0].address')" "$(json '.interfaces[1].mac')"
	is "$(links)" "$(json '.interfaces[1].outside')"
	is bridge "$(json '.interfaces[1].network')"
	is "$(inside ip -j route | jq -c 'map({to: .dst, via: .gateway, interface: .dev})')" \
		"$(json '.routes | map({to: (.to | sub("^0.0.0.0/0$"; "default")), via, interface}) | tojson')"
	is "$(inside ss -Hltun | awk '{ print $1, $5 }' | sed 's/\*:/[::]:/' | sort | xargs)" \
		"$(json '.listens[] | "\(.protocol) \(.address | sub("(?<x>.*:.*)"; "[\(.x)]")):\(.port)"' | sort | xargs)"
	is "$PID httpd" "$(json '.listens[] | select(.port == 80) | "\(.hostPid) \(.name)"')"
	is '[{"protocol":"tcp","hostPort":8080,"port":80,"count":1}]' "$(json '.published | tojson')"
	is 'true 127.0.0.11' "$(json '"\(.resolver) \(.nameServers | join(" "))"')"
}

@test "who answers for names is the monitor, and it is seen" {
	begin box --network bridge
	ok tare ns --net box
	is 2 "$(tr -s ' ' <<<"$output" | grep -cE '^(tcp|udp) 127\.0\.0\.11:[0-9]+ [0-9]+ tare-monitor$')"
}

@test "a container without a network has a loopback, and who listens there" {
	begin box --network none --tmpfs /tmp -- httpd -f -p 127.0.0.1:81 -h /tmp
	wait_until listens "$PID" 81
	ok tare ns --net box
	row lo up 65536 - -
	row 127.0.0.1/8 lo -
	row no routes
	row "tcp 127.0.0.1:81 $PID httpd"
	unlike '(PUBLISHED|eth0|which knows)'
	is_narrow
	ok tare ns --net --json box
	is '[] []' "$(json '"\(.routes | tojson) \(.published | tojson)"')"
	is null "$(json .resolver)"
	is 1 "$(json '.listens | length')"
}
listen_inside() {
	exec_within "$PID" "$1" nc -l -p 7 &
	hold $!
	wait_until listens "$PID" 7
}

@test "nobody listens" {
	begin box --network none
	ok tare ns --net box
	row nobody listens
}

@test "who shares another's network sees the other's, and that both are in it" {
	serve web --network bridge -p 8080:80
	begin side --network container:web
	ok tare ns --net side
	is "process $PID: sh" "${lines[0]}"
	row container web
	row container side
	row 10.87.0.2/16 eth0 bridge
	row '*:8080 80/tcp'
	like '127\.0\.0\.11, which knows'
}

@test "two networks, one of which leads nowhere: each address is of its own" {
	ok tare network create --internal --subnet 10.77.0.0/24 back
	ok tare network create --internal --subnet 10.78.0.0/24 --ipv6 --subnet fd78::/64 far
	begin box --network back --network far
	ok tare ns --net box
	row 10.77.0.2/24 eth0 back
	row 10.78.0.2/24 eth1 far
	row fd78::2/64 eth1 far
	like $'127\.0\.0\.11, which knows the containers of its networks\nand nobody else$'
	is "$(links | tr ' ' '\n' | sort | xargs)" "$(awk '$1 ~ /^eth/ && NF == 5 { print $5 }' <<<"$output" | sort | xargs)"
}

@test "an interface that was renamed and moved inside is still on its network" {
	begin box --network bridge
	inside ip link set eth0 down
	inside ip link set eth0 name lan0
	inside ip link set lan0 mtu 1300
	ok tare ns --net box
	row lan0 down 1300 02:42:0a:57:00:02 "$(links)"
	row 10.87.0.2/16 lan0 bridge
}

@test "one that has ended has none" {
	begin box --network bridge
	ok tare stop --time 5 box
	exits 1 tare ns --net box
	like 'the container is not running'
	exits 1 tare ns --net nosuch
	exits 125 tare ns --net
	like '^tare: ns: --net needs a container or a process'
}

# ------------------------------------------------------------------------------- any process

@test "a process that no engine made: routes, and the other end of its cable" {
	isolate --net
	on_machine ip link add cable type veth peer name in0 netns "$PID"
	on_machine ip link set cable up
	inside ip link set lo up
	inside ip addr add 10.99.0.2/24 dev in0
	inside ip -6 addr add fd99::2/64 dev in0 nodad
	inside ip link set in0 up
	inside ip route add default via 10.99.0.1
	inside ip route add blackhole 10.66.0.0/16 metric 9
	listen_inside busybox
	ok tare ns --net "$PID"
	is "process $PID: sleep" "${lines[0]}"
	like $'\nin0 +up +1500 +[0-9a-f:]{17} +cable\n'
	row 10.99.0.2/24 in0 -
	row fd99::2/64 in0 -
	row default 10.99.0.1 in0 -
	row 10.66.0.0/16 blackhole - 9
	row fd99::/64 - in0 256
	like "tcp \[::\]:7 +$! +busybox"
	unlike '(container|PUBLISHED|NAME SERVERS)'
	is_narrow
}

@test "a process of the caller's own network" {
	ok tare ns --net "$MACHINE"
	row lo up 65536 - -
	is "$(net_of "$MACHINE")" "$(awk 'NR == 2 { sub(",", ""); print $3 }' <<<"$output")"
}

# user_tare goes to no other namespace, where an ordinary user may not go.
here() { install -D -m 755 "$TARE_LIBEXEC/tare" "$T/bin/tare"; }

@test "an ordinary user sees what is in a network of his own" {
	here
	user_isolate --user --map-root-user --net
	ok user_tare ns --net "$PID"
	row lo down 65536 - -
	row no routes
	unlike unreadable
}

@test "of another's network an ordinary user sees who listens, not whose it is" {
	here
	isolate --net
	inside ip link set lo up
	listen_inside busybox
	ok user_tare ns --net "$PID"
	row network namespace unreadable
	row 'tcp [::]:7 - -'
	like 'open its network namespace: permission denied'
	ok user_tare ns --net --json "$PID"
	is 'null []' "$(json '"\(.inode) \(.interfaces | tojson)"')"
	is 7 "$(json '.listens[].port')"
}

@test "one that has ended and waits for its parent is said to have ended" {
	local dead
	sh -c 'true & exec sleep 1000' 3>&- {PAUSE}>&- {GATE}>&- &
	hold $!
	wait_until is_named $! sleep
	dead=$(pgrep -P $!)
	wait_until grep -q '^State:.Z' "/proc/$dead/status"
	exits 1 tare ns --net "$dead"
	is "tare: ns: process $dead has ended"
}

@test "names of strangers don't reach the terminal as they are" {
	isolate --net
	cp "$(command -v busybox)" "$T/"$'busybox\e[2J'
	inside ip link add $'e\e[2J\x9b' type veth peer name $'f\a'
	listen_inside "$T/"$'busybox\e[2J'
	ok tare ns --net "$PID"
	unlike $'[\e\a\x9b]'
	like $'\ne\\\\x1b\\[2J'
	like 'busybox\\x1b'
	ok tare ns --net --json "$PID"
	unlike $'[\e\a\x9b]'
	is $'busybox\e[2J' "$(json '.listens[0].name')"
	is $'e\e[2J\ufffd' "$(json '.interfaces[] | select(.name | startswith("e")).name')"
}
