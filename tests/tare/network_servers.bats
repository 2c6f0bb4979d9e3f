#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Servers and clients as Debian has them, in containers that are views of the machine's root: nginx,
# curl, iperf3 and dig find each other and are found from outside.

load ../lib/networks

tare_test_begins() {
	local program

	grep -qw overlay /proc/filesystems || skip 'needs overlayfs'
	for program in nginx curl iperf3 dig; do
		command -v $program >/dev/null || skip "needs $program"
	done
	machine_begins
	# shellcheck disable=SC2034 # run looks at it
	ROOTFS=/
}

# In a container $T is /srv, and tests/lib is /mnt.
view() { begin "$1" -v "$T:/srv" -v "$TESTS/lib:/mnt" "${@:2}"; }
inside() { tare exec "$@"; }
logged() { tare logs "$1" 2>&1 | grep -q -- "$2"; }

# ------------------------------------------------------------------------------- nginx, curl

# web NAME [OPTION ...]: nginx that says its name, and has a large file.
web() {
	mkdir -p "$T/$1"
	echo "$1" >"$T/$1/index.html"
	[[ -e $T/large ]] || head -c 20000000 /dev/urandom >"$T/large"
	ln -f "$T/large" "$T/$1/large"
	cat >"$T/$1.conf" <<-END
		daemon off;
		user root;
		error_log stderr;
		events { }
		http {
			access_log /dev/stdout;
			server { listen 80; listen [::]:80; root /srv/$1; }
		}
	END
	view "$@" -- nginx -c "/srv/$1.conf"
	wait_until listens "$PID" 80
}

@test "nginx and curl: by name, by published port, and the client is known" {
	neighbour
	web one --network bridge:alias=web1 -p 8080:80
	web two --network bridge -p 8081:80
	view client --network bridge
	is one "$(inside client curl -s http://one/)"
	is one "$(inside client curl -s http://web1.)"
	is two "$(inside client curl -s http://two/)"
	is two "$(on_neighbour curl -s http://192.0.2.1:8081/)"
	is one "$(on_machine curl -s http://127.0.0.1:8080/)"
	is one "$(on_machine curl -s 'http://[::1]:8080/')"
	is one "$(on_neighbour curl -s http://192.0.2.1:8080/)"
	wait_until logged one '^192\.0\.2\.2 - '
	wait_until logged one "^$(address_of client) - "
}

@test "a large file: as it was, by each way, and eight times at once" {
	local -a pids=()

	neighbour
	web web --network bridge -p 8080:80
	view client --network bridge
	sum=$(sha256sum <"$T/large")
	is "$sum" "$(on_neighbour curl -s http://192.0.2.1:8080/large | sha256sum)"
	is "$sum" "$(on_machine curl -s http://127.0.0.1:8080/large | sha256sum)"
	is "$sum" "$(on_machine curl -s 'http://[::1]:8080/large' | sha256sum)"
	is "$sum" "$(inside client curl -s http://web/large | sha256sum)"
	is "$sum" "$(inside client curl -s http://192.0.2.1:8080/large | sha256sum)"
	for i in {1..8}; do
		on_machine curl -s 'http://[::1]:8080/large' | sha256sum >"$T/sum$i" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	is "$sum" "$(cat "$T"/sum? | sort -u)"
}

# ------------------------------------------------------------------------------- iperf3

# moves BYTES COMMAND ...: iperf3 moved as many at least. What the other side got is not asked: who
# sends does not wait for that.
moves() {
	"${@:2}" >"$T/iperf" || { jq .error "$T/iperf" && return 1; }
	is true "$(jq --argjson n "$1" '[.end | .sum, .sum_sent, .sum_received | values.bytes] | max >= $n' "$T/iperf")"
}

@test "iperf3: both ways by TCP, and UDP, through published ports" {
	neighbour
	view server --network bridge -p 5201:5201 -p 5201:5201/udp -- iperf3 -s
	wait_until listens "$PID" 5201
	view client --network bridge
	moves 20000000 on_neighbour iperf3 -J -c 192.0.2.1 -n 20M
	moves 20000000 on_neighbour iperf3 -J -c 192.0.2.1 -n 20M -R -P 4
	moves 20000000 on_machine iperf3 -J -c 127.0.0.1 -n 20M
	moves 20000000 inside client iperf3 -J -c server -n 20M
	moves 900000 on_neighbour iperf3 -J -c 192.0.2.1 -u -n 1M -b 20M
	moves 900000 inside client iperf3 -J -c server -u -n 1M -b 20M
}

# ------------------------------------------------------------------------------- dig

# The machine's servers for names, from here on: they are in a file that only this test sees.
servers_are() {
	mountpoint -q /etc/resolv.conf || {
		: >"$T/resolv.conf"
		mount --bind "$T/resolv.conf" /etc/resolv.conf
	}
	printf 'nameserver %s\n' "$@" >"$T/resolv.conf"
}
test_ends() { ! mountpoint -q /etc/resolv.conf || umount /etc/resolv.conf; }

# nameserver PID ADDRESS ANSWER
nameserver() {
	exec_within "$1" "$TESTS/lib/nameserver" "$2" 53 "$3" >"$T/names-$3" 2>&1 &
	hold $!
	wait_until grep -q ready "$T/names-$3"
}

dig_in() { inside "$1" dig +short +tries=1 "${@:2}"; }

@test "dig: A, AAAA, PTR, by UDP and TCP, with EDNS and without" {
	ok tare network create --subnet 10.7.0.0/24 --subnet fd00:7::/64 net
	view web --network net:ip=10.7.0.9,ip6=fd00:7::9
	view client --network net
	for how in +notcp +tcp +noedns +bufsize=512 +dnssec; do
		is 10.7.0.9 "$(dig_in client $how web)"
		is fd00:7::9 "$(dig_in client $how AAAA WEB)"
		is web. "$(dig_in client $how -x 10.7.0.9)"
		is web. "$(dig_in client $how -x fd00:7::9)"
		is '' "$(dig_in client $how MX web)"
	done
	ok inside client dig web
	like 'status: NOERROR.*flags: qr (aa )?rd ra'
	like 'EDNS: version: 0'
	ok inside client dig +noedns web
	unlike EDNS
	ok inside client dig MX web
	like 'status: NOERROR.*ANSWER: 0'
	ok inside client dig nobody.dns.podman
	like 'status: NXDOMAIN'
	is 10.7.0.9 "$(dig_in client web.dns.podman)"
	printf 'web\n%.0s' {1..200} >"$T/questions"
	is "$(printf '10.7.0.9\n%.0s' {1..200})" "$(dig_in client -f /srv/questions)"
}

@test "what nobody on the network is called is asked of the machine's servers, as they are now" {
	neighbour
	nameserver "$NEIGHBOUR" 192.0.2.2 203.0.113.1
	nameserver "$MACHINE" 127.0.0.53 203.0.113.2
	servers_are 192.0.2.2
	view web --network bridge
	view client --network bridge
	is 203.0.113.1 "$(dig_in client www.example.org)"
	is 203.0.113.1 "$(dig_in client +tcp www.example.org)"
	is '"by udp, edns 1232"' "$(dig_in client +bufsize=1232 TXT www.example.org)"
	is '"by udp, edns 0"' "$(dig_in client +noedns TXT www.example.org)"
	is '"by tcp, edns 0"' "$(dig_in client +noedns +tcp TXT www.example.org)"
	ok inside client dig www.example.com
	like 'status: NXDOMAIN'
	ok inside client dig +notcp +ignore TXT big.example.org
	like 'flags: qr tc'
	is 40 "$(dig_in client TXT big.example.org | wc -l)"
	is "$(address_of web)" "$(dig_in client web)"
	fails grep -qx web "$T/names-203.0.113.1"
	# Only the machine reaches its 127.0.0.53, and so do its containers' resolvers.
	servers_are 127.0.0.53
	is 203.0.113.2 "$(dig_in client www.example.org)"
	servers_are 192.0.2.2
	is 203.0.113.1 "$(dig_in client www.example.org)"
}

@test "the servers of a container, and those of its network, go before the machine's" {
	neighbour
	on_neighbour ip addr add 192.0.2.3/24 dev in
	nameserver "$NEIGHBOUR" 192.0.2.2 203.0.113.1
	nameserver "$NEIGHBOUR" 192.0.2.3 203.0.113.3
	servers_are 192.0.2.9
	view one --network bridge --dns 192.0.2.2
	is 203.0.113.1 "$(dig_in one www.example.org)"
	ok tare network create --dns 192.0.2.3 net
	view two --network net
	is 203.0.113.3 "$(dig_in two www.example.org)"
	view three --network net --dns 192.0.2.2
	is 203.0.113.1 "$(dig_in three www.example.org)"
}

@test "an internal network: its names, and no others are asked anybody" {
	neighbour
	nameserver "$NEIGHBOUR" 192.0.2.2 203.0.113.1
	servers_are 192.0.2.2
	ok tare network create --internal net
	view web --network net
	is "$(address_of web)" "$(dig_in web web)"
	is '' "$(dig_in web www.example.org)"
	is ready "$(<"$T/names-203.0.113.1")"
}

@test "a server for names in a container: port 53 is its own" {
	neighbour
	view names --network bridge -p 53:53/tcp -p 53:53/udp -- /mnt/nameserver 0.0.0.0 53 203.0.113.5
	wait_until says_ready names
	view client --network bridge
	for how in +notcp +tcp; do
		is 203.0.113.5 "$(dig_in client $how @names www.example.org)"
		is 203.0.113.5 "$(on_neighbour dig +short $how @192.0.2.1 www.example.org)"
		is 203.0.113.5 "$(dig_in names $how @127.0.0.1 www.example.org)"
		is "$(address_of client)" "$(dig_in names $how client)"
	done
}
