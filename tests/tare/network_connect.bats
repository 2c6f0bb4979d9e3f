#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# network connect, disconnect, reload: containers that exist already come to networks and leave
# them, and what they have on others goes on meanwhile.

load ../lib/networks

# two_networks: one and two, with known subnets.
two_networks() {
	ok tare network create --subnet 10.1.0.0/24 one
	ok tare network create --subnet 10.2.0.0/24 two
}
# inside NAME COMMAND ...: in the container's network, with the machine's tools.
inside() { within "$(pid_of "$1")" "${@:2}"; }
interfaces() { inside "$1" ip -o link show | sed -n 's/^[0-9]*: \([^:@]*\).*/\1/p' | sort | xargs; }
asked() { jq -c '[.networks[]?.name]' "$STATE/containers/$(id_of "$1")/container.json"; }
hosts_of() { tare exec "$1" cat /etc/hosts; }
record() { jq -c "$2" "$STATE/containers/$(id_of "$1")/network.json"; }

# ------------------------------------------------------------------------------- one that runs

@test "a running container comes to a network, and leaves it" {
	two_networks
	serve web --network one
	begin client --network two
	fails fetch_from client web
	ok tare network connect two web
	is ''
	is 'eth0 eth1 lo' "$(interfaces web)"
	is '["one","two"]' "$(asked web)"
	is 'client web' "$(leases two)"
	is web "$(fetch_from client web)"
	hosts_of web | grep "^$(address_of web two)[[:space:]].*web"
	is client "$(tare exec web nslookup client | sed -n 's/^Name:[[:space:]]*//p' | head -n 1)"

	ok tare network disconnect two web
	is ''
	is 'eth0 lo' "$(interfaces web)"
	is '["one"]' "$(asked web)"
	is client "$(leases two)"
	fails fetch_from client web
	fails grep '^10\.2\.' <<<"$(hosts_of web)"
	is 2 "$(links | wc -w)"
}

@test "what was wished for: addresses, names, MAC and interface" {
	ok tare network create --subnet 10.1.0.0/24 one
	ok tare network create --subnet 10.2.0.0/24 --subnet fd02::/64 two
	begin box --network one
	begin other --network two
	ok tare network connect --ip 10.2.0.77 --ip6 fd02::77 --alias db --alias store \
		--mac-address 02:00:00:00:00:77 \
		--driver-opt com.docker.network.endpoint.ifname=net7 two box
	ok inside box ip addr show net7
	like 'inet 10\.2\.0\.77/24'
	like 'inet6 fd02::77/64'
	like 'link/ether 02:00:00:00:00:77'
	for name in box db store; do
		ok tare exec other nslookup "$name"
		like 'Address: 10\.2\.0\.77'
		like 'fd02::77'
	done
	ok tare network disconnect two box
	ok run --rm --network two:ip=10.2.0.77 true
}

@test "it is connected when it is started again, and not when it was disconnected" {
	two_networks
	begin box --network one
	ok tare network connect --ip 10.2.0.9 two box
	ok tare restart -t 0 box
	is 'eth0 eth1 lo' "$(interfaces box)"
	is 10.2.0.9 "$(address_of box two)"
	ok tare network disconnect one box
	ok tare restart -t 0 box
	is 'eth0 lo' "$(interfaces box)"
	is '10.2.0.9' "$(address_of box)"
}

@test "without its last network it has loopback only, and may come back" {
	two_networks
	begin box --network one
	begin other --network two
	ok tare network disconnect one box
	is lo "$(interfaces box)"
	is '[]' "$(asked box)"
	ok tare network connect two box
	is 'eth0 lo' "$(interfaces box)"
	ok tare exec box nslookup other
	like "Address: $(address_of other)"
	ok tare network disconnect two box
	ok tare restart -t 0 box
	is lo "$(interfaces box)"
	ok tare network connect one box
	is 'eth0 lo' "$(interfaces box)"
}

@test "the way out stays where it is until it is left, and is then the next one's" {
	two_networks
	begin box --network one
	ok tare network connect two box
	like '^default via 10\.1\.0\.1 dev eth0' "$(inside box ip route | head -n 1)"
	ok tare network disconnect one box
	like '^default via 10\.2\.0\.1 dev eth1' "$(inside box ip route | head -n 1)"
	ok tare network connect one box
	like '^default via 10\.2\.0\.1 dev eth1' "$(inside box ip route | head -n 1)"
	is 'eth0 eth1 lo' "$(interfaces box)"
}

@test "a stream on one network goes on while the other one comes and goes" {
	two_networks
	begin sink --network one --tmpfs /tmp -- \
		sh -c 'echo ready; sleep 1000 | nc -l -p 900 >/tmp/got'
	wait_until listens "$PID" 900
	begin box --network one --network two -- sh -c "echo ready
		while :; do echo line; sleep 0.05; done | nc $(address_of sink) 900; echo broken"
	wait_until has_got 1
	for _ in {1..5}; do
		ok tare network disconnect two box
		ok tare network connect two box
		ok tare network reload box
		wait_until has_got "$(($(got) + 2))"
	done
	fails grep broken <<<"$(tare logs box)"
}
got() { tare exec sink cat /tmp/got | wc -l; }
has_got() { (($(got) >= $1)); }

@test "a paused container, and one whose monitor was killed" {
	two_networks
	begin box --network one
	ok tare pause box
	ok tare network connect two box
	ok tare unpause box
	is 'eth0 eth1 lo' "$(interfaces box)"
	local monitor
	monitor=$(monitor_of "$PID")
	kill -KILL "$monitor"
	wait_until ended "$monitor"
	ok tare network disconnect two box
	is 'eth0 lo' "$(interfaces box)"
	ok tare network connect two box
	ok tare rm -f box
	no_stack
	nothing_left
}

@test "two connect at once: each network once" {
	two_networks
	begin box --network one
	tare network connect two box >"$T/a" 2>&1 &
	local a=$!
	tare network connect two box >"$T/b" 2>&1 &
	local b=$! done=0
	if wait "$a"; then ((done += 1)); fi
	if wait "$b"; then ((done += 1)); fi
	is 1 "$done"
	grep -h "is connected to network 'two' already" "$T/a" "$T/b"
	is 'eth0 eth1 lo' "$(interfaces box)"
	is box "$(leases two)"
}

@test "who was on an internal network alone asks others for names from now on" {
	ok tare network create --internal inner
	ok tare network create outer
	neighbour
	begin box --network inner --dns 192.0.2.2
	exits 1 tare exec box nslookup -type=a near.example
	like SERVFAIL
	ok tare network connect outer box
	is 0 "$(asked_neighbour)"
	fails tare exec box nslookup -type=a near.example
	fails test "$(asked_neighbour)" = 0
	local times
	times=$(asked_neighbour)
	ok tare network disconnect outer box
	exits 1 tare exec box nslookup -type=a near.example
	like SERVFAIL
	is "$times" "$(asked_neighbour)"
}
# How many datagrams it got, nobody of whose ports is open.
asked_neighbour() { on_neighbour awk '/^Udp: [0-9]/ { print $3 }' /proc/net/snmp; }

# ------------------------------------------------------------------------------- ports

@test "ports lead to the next network when theirs is left, and nowhere without one" {
	two_networks
	serve web --network one -p 8080:80
	wait_until serves 127.0.0.1:8080
	ok tare network connect two web
	like "$(address_of web one)" "$(ports)"
	ok tare network disconnect one web
	like "$(address_of web two)" "$(ports)"
	wait_until serves 127.0.0.1:8080
	wait_until serves '[::1]:8080'
	ok tare network disconnect two web
	is '' "$(ports)"
	fails serves 127.0.0.1:8080
	ok tare network connect one web
	wait_until serves 127.0.0.1:8080
	wait_until serves '[::1]:8080'
	ok tare rm -f web
	no_stack
}

@test "a port stays the container's while it is on no network" {
	ok tare network create one
	begin box --network one -p 8080:80
	ok tare network disconnect one box
	exits 125 run --rm --network one -p 8080:80 true
	like 'port 8080 is already used'
}

# ------------------------------------------------------------------------------- one that does not

@test "of a container that does not run only what is asked changes" {
	two_networks
	ok tare create --rootfs "$ROOTFS" --network one --name box sh -c "$(forever)"
	ok tare network connect --ip 10.2.0.5 --alias db two box
	is '["one","two"]' "$(asked box)"
	is '' "$(leases one)$(leases two)"
	ok tare start box
	is 10.2.0.5 "$(address_of box two)"
	ok tare stop -t 0 box
	wait_until has_no_stack
	ok tare network disconnect one box
	is '["two"]' "$(asked box)"
	ok tare start box
	is 'eth0 lo' "$(interfaces box)"
}

# ------------------------------------------------------------------------------- errors

@test "what can't be: said, and nothing has changed" {
	two_networks
	begin box --network one
	begin other --network two:ip=10.2.0.9
	local before
	before=$(asked box)$(record box .)
	exits 1 tare network connect one box
	like "connect: .*the container is connected to network 'one' already"
	exits 1 tare network disconnect two box
	like "the container is not connected to network 'two'"
	exits 1 tare network disconnect nonesuch box
	like "the container is not connected to network 'nonesuch'"
	exits 1 tare network connect nonesuch box
	like "no such network: nonesuch"
	like "'tare network ls'"
	exits 1 tare network connect one nonesuch
	like "there is no container 'nonesuch'"
	exits 1 tare network disconnect one nonesuch
	like "there is no container 'nonesuch'"
	exits 1 tare network connect --ip 10.2.0.9 two box
	like '10\.2\.0\.9 is taken by container other'
	exits 125 tare network connect --ip 10.9.0.9 two box
	like '10\.9\.0\.9 is in none of its subnets'
	exits 125 tare network connect --ip 10.9.0 two box
	exits 125 tare network connect --driver-opt a=b two box
	like 'driver-opt is not there yet'
	exits 1 tare network connect --driver-opt com.docker.network.endpoint.ifname=eth0 two box
	like "the container has an interface 'eth0' already"
	exits 125 tare network connect host box
	like "'host' is no network"
	exits 125 tare network connect one
	is "$before" "$(asked box)$(record box .)"
	is other "$(leases two)"
	is 2 "$(links | wc -w)"
	is 'eth0 lo' "$(interfaces box)"
	fails grep '^10\.2\.' <<<"$(hosts_of box)"
}

@test "one that was made without networks of its own comes to none" {
	ok tare network create one
	begin bare
	begin guest --network host
	begin second --network container:bare
	for box in bare guest second; do
		exits 1 tare network connect one "$box"
		like 'the container was made with --network (none|host|container:)'
	done
	is '' "$(leases one)"
}

# ------------------------------------------------------------------------------- names

@test "who is renamed is found by the new name, and by the aliases as before" {
	ok tare network create one
	serve web --network one:alias=db
	begin client --network one
	ok tare rename web shop
	is web "$(fetch_from client shop)"
	is web "$(fetch_from client db)"
	fails fetch_from client web
	is 'client shop' "$(leases one)"
	ok tare restart -t 0 shop
	is 'client shop' "$(leases one)"
}

# ------------------------------------------------------------------------------- reload

@test "what others took away is put back" {
	neighbour
	ok tare network create --subnet 10.1.0.0/24 --interface-name br7 one
	serve web --network one -p 8080:80
	local id=$CID
	begin client --network one
	ok tare network reload web client
	is "$id"$'\n'"$CID"
	on_machine nft flush ruleset
	fails serves 192.0.2.1:8080
	ok tare network reload web
	is "$id"
	wait_until serves 192.0.2.1:8080
	on_machine ip link del br7
	fails fetch_from client web
	ok tare network reload --all
	is 2 "${#lines[@]}"
	is web "$(fetch_from client web)"
	wait_until serves 192.0.2.1:8080
	on_machine ip link del "$(record web '.endpoints[0].hostInterface' | jq -r .)"
	ok tare network reload -l
	is "$CID"
	ok tare network reload web
	is web "$(fetch_from client web)"
	wait_until serves 192.0.2.1:8080
	ok tare rm -f web client
	no_stack
}

@test "reload: of one that does not run, and of one without networks" {
	ok tare network create one
	ok tare create --rootfs "$ROOTFS" --network one --name box true
	exits 1 tare network reload box
	like 'the container is not running: it is created'
	begin bare
	ok tare network reload bare
	is "$CID"
	exits 125 tare network reload
}

# ------------------------------------------------------------------------------- kill -9

# shellcheck disable=SC2034 # traced reads it
FOLLOW=(-f)

# Whoever was killed when: disconnect completes it, and nothing is left.
settles() {
	ok tare network reload box
	tare network disconnect -f two box || :
	is 'eth0 lo' "$(interfaces box)"
	is '["one"]' "$(asked box)"
	is '' "$(leases two)"
	is 1 "$(links | wc -w)"
}

connected() { ok tare network connect two box; }

@test "connect is killed at each call that makes something" {
	needs_strace
	two_networks
	begin box --network one
	for call in sendto sendmsg renameat renameat2 setns; do
		killed_at_each : "$call" -- network connect two box
		ok tare network disconnect two box
	done
	ok tare rm -f box
	no_stack
}

@test "disconnect is killed at each call that takes something away" {
	needs_strace
	two_networks
	begin box --network one
	for call in sendto renameat renameat2; do
		killed_at_each connected "$call" -- network disconnect two box
	done
	ok tare rm -f box
	no_stack
}

@test "a place of one who was killed with his container is free by force" {
	ok tare network create one
	begin box --network one
	local monitor
	monitor=$(monitor_of "$PID")
	kill -KILL "$monitor"
	wait_until ended "$monitor"
	kill -KILL "$PID"
	wait_until ended "$PID"
	is box "$(leases one)"
	ok tare network disconnect -f one box
	is '' "$(leases one)"
	exits 1 tare network disconnect -f one box
	echo "+ $(printf 'a%.0s' {1..64}) 10.1.0.9 - 02:00:00:00:00:09 - gone" \
		>>"$STATE/networks/one/members"
	ok tare network disconnect -f one gone
	is '' "$(leases one)"
	exits 1 tare network disconnect -f one gone
	like "there is no container 'gone'"
}
