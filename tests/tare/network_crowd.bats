#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
# alone: fifty containers come and go
#
# Many containers on one network: their names, their addresses, and what is left when networks are
# made and removed by who is killed.

load ../lib/networks

# ------------------------------------------------------------------------------- names

# Each of fifty has a name and an address that nobody else ever has.
comes_and_goes() {
	local i

	for ((i = $1; i < 50; i += 4)); do
		run -d --rm --network "bridge:ip=10.87.1.$i" --name "box$i" sleep 1000
		run --rm --network "bridge:ip=10.87.2.$i,alias=alias$i" --name "short$i" true
		tare rm -f "box$i"
	done >"$T/crowd$1" 2>&1 || : >"$T/failed$1"
}

@test "names while fifty containers come and go: never a wrong answer" {
	local -a names=() pids=()

	begin steady --network bridge:ip=10.87.7.7,alias=always
	begin client --network bridge
	for i in {0..49}; do
		names+=("box$i=10.87.1.$i" "short$i=10.87.2.$i" "alias$i=10.87.2.$i")
	done
	exec_within "$PID" "$TESTS/lib/asknames" "$T/stop" always=10.87.7.7 "${names[@]}" >"$T/asked" &
	hold $!
	asking=$!
	for lane in 0 1 2 3; do
		comes_and_goes $lane &
		pids+=($!)
	done
	wait "${pids[@]}"
	is '' "$(cat "$T"/failed* 2>/dev/null; compgen -G "$T/failed*" && cat "$T"/crowd*)"
	: >"$T/stop"
	wait "$asking"
	is 1 "$(wc -l <"$T/asked")" || { head "$T/asked" && return 1; }
	like '^asked [0-9]{3,} found [1-9]' "$(<"$T/asked")"
	is 'client steady' "$(leases)"
	is '' "$(fetch_names short7 box49)"
}
fetch_names() {
	local name

	for name; do
		! tare exec client nslookup "$name" >/dev/null 2>&1 || echo "$name"
	done
}

@test "one name after the other for the same address: the reverse is never the old one" {
	begin client --network bridge
	for name in one two three; do
		begin $name --network bridge:ip=10.87.3.3
		ok tare exec client nslookup 10.87.3.3
		like "name = $name"
		ok tare rm -f $name
		fails tare exec client nslookup 10.87.3.3
	done
}

@test "an alias of several: all of their addresses, and those of who is left" {
	begin client --network bridge
	for i in 1 2 3; do
		begin web$i --network bridge:ip=10.87.3.$i,alias=web
	done
	all() { tare exec client nslookup -type=a web | sed -n 's/^Address: \(10\.87\)/\1/p' | sort | xargs; }
	is '10.87.3.1 10.87.3.2 10.87.3.3' "$(all)"
	ok tare stop -t 0 web2
	is '10.87.3.1 10.87.3.3' "$(all)"
	ok tare start web2
	is '10.87.3.1 10.87.3.2 10.87.3.3' "$(all)"
}

# ------------------------------------------------------------------------------- addresses

@test "a network of five addresses: the sixth is told so, and has the one that becomes free" {
	ok tare network create --subnet 10.9.9.0/29 small
	for i in 1 2 3 4 5; do
		begin box$i --network small
	done
	is '10.9.9.2 10.9.9.3 10.9.9.4 10.9.9.5 10.9.9.6' \
		"$(for i in 1 2 3 4 5; do address_of box$i; done | sort | xargs)"
	exits 125 run --name six --network small -p 8080:80 true
	like "network 'small'.*(address|10\.9\.9\.0/29)"
	is '' "$(ports)"
	freed=$(address_of box3)
	ok tare stop -t 0 box3
	begin six --network small
	is "$freed" "$(address_of six)"
	exits 1 tare start box3
	ok tare rm -f six
	ok tare start box3
	ok tare rm -f box{1..5}
	no_stack
}

@test "a wish for an address of a full network's, and for those that nobody gets" {
	ok tare network create --subnet 10.9.9.0/29 --ip-range 10.9.9.4/31 --aux-address router=10.9.9.5 small
	begin box --network small
	is 10.9.9.4 "$(address_of box)"
	exits 125 run --rm --network small true
	ok run --rm --network small:ip=10.9.9.6 true
	for ip in 10.9.9.0 10.9.9.1 10.9.9.4 10.9.9.5 10.9.9.7; do
		exits 125 run --rm --network small:ip=$ip true
		like "${ip//./\\.}"
	done
	is box "$(leases small)"
}

# With monitors that watch themselves, which are large, it is a smaller one.
@test "a full /24: two hundred and fifty-three containers have an address each; the next has none" {
	local -a pids=()
	local bits=24 n=253

	[[ ! -v TARE_TEST_SANITIZED ]] || { bits=27 && n=29; }
	ok tare network create --subnet 10.9.9.0/$bits full
	for ((i = 0; i < n; i++)); do
		run -d --network full --name "box$i" sleep 1000 >"$T/out$i" 2>&1 &
		pids+=($!)
		((i % 8 != 7)) || { wait "${pids[@]}" && pids=(); }
	done
	wait "${pids[@]}"
	is $n "$(leases full | wc -w)"
	is $n "$(awk '$1 == "+" { print $3 }' "$STATE/networks/full/members" | sort -u | wc -l)"
	exits 125 run --rm --network full true
	for i in 0 20 $((n - 1)); do
		ok tare exec box7 nslookup "box$i"
		like "Address: $(address_of "box$i")"
	done
	ok tare rm -f --all
	no_stack
	begin box --network full
	like '^10\.9\.9\.' "$(address_of box)"
}

# ------------------------------------------------------------------------------- kill -9

# shellcheck disable=SC2034 # traced reads it
FOLLOW=(-f)

# What there is then can be listed, and the network can be made and used, and removed.
settles() {
	ok tare network ls
	unlike warning
	ok tare network create --ignore --subnet 10.9.9.0/24 web
	ok run --rm --network web -p 8080:80 true
	no_stack
	ok tare network rm web
	is bridge "$(tare network ls --format '{{.Name}}')"
	is '' "$(on_machine ip -o link show type bridge)"
}
starts_over() { try tare network rm -f web; }

used_network() {
	ok tare network create --subnet 10.9.9.0/24 web
	ok run --rm --network web true
}

@test "network create is killed at each call that changes something" {
	needs_strace
	killed_at_each : 'mkdirat renameat flock write' -- network create --subnet 10.9.9.0/24 web
}

@test "network rm is killed at each call that changes something" {
	needs_strace
	killed_at_each used_network 'unlinkat sendto sendmsg flock' -- network rm web
}
