# SPDX-License-Identifier: Apache-2.0
#
# What tests of networks share, on top of tare.bash: each test has a machine of its own, a network
# namespace where its engine's bridges, rules and ports are, and nobody else's. A file begins with
# `load ../lib/networks`; one that has other surroundings besides calls machine_begins, after them.
# Its words:
#
#	on_machine COMMAND ...   run it there; $MACHINE is a process that is in it
#	neighbour                another machine, at 192.0.2.2, whose way to all others is ours, at
#	                         192.0.2.1: $NEIGHBOUR
#	on_neighbour COMMAND ...
#	exec_within PID COMMAND ...            in the network of PID, in the background: to hold $!
#	serve NAME [OPTION ...]  a container in the background that says its name at port 80, by HTTP
#	fetch ADDRESS[:PORT]     what is said there, for on_machine and on_neighbour
#	fetch_from NAME ADDRESS[:PORT]         the same from a container
#	serves ADDRESS[:PORT]    it is `web` that serves there, for the machine
#	listens PID PORT         somebody listens there by TCP, in the network of PID
#	answering NAME [OPTION ...] [-- PORT ...]
#	                         a container in the background that tells who asks, by TCP and UDP, its
#	                         name and which address he has for it: answer.c, which answer_tool
#	                         makes when the file begins; at port 80 if none is given
#	ask PID tcp|udp|sctp ADDRESS PORT      what is told there who asks from the network of PID
#	tell PID ADDRESS PORT                  the same by UDP, without waiting for it
#	heard NAME               whom it has answered, in order
#	answering_at PID NAME PORT ...         one that is no container, in the network of PID; what it
#	                         prints is in $T/NAME
#	pid_of NAME
#	mac_of INTERFACE         of the machine
#	address_of NAME [NETWORK]              its IPv4 address
#	leases [NETWORK]         the names of those who have a place there
#	links                    the machine's interfaces of containers
#	ports                    the ports that are published
#	no_stack                 none of these is there

# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/tare.bash"

tare_test_begins() { machine_begins; }
machine_begins() {
	namespace
	MACHINE=$HOLDER
	printf '#!/bin/sh\nexec nsenter --net=/proc/%s/ns/net "%s" "$@"\n' "$MACHINE" "$TARE" \
		>"$T/tare"
	chmod 755 "$T/tare"
	export TARE_LIBEXEC=${TARE_LIBEXEC-${TARE%/*}}
	TARE=$T/tare
}

# A new network namespace, which $HOLDER keeps.
namespace() {
	rm -f "$T/ready"
	unshare --net sh -c 'ip link set lo up; : >"$1"; exec sleep 1000' sh "$T/ready" \
		>/dev/null 2>&1 3>&- {PAUSE}>&- {GATE}>&- &
	HOLDER=$!
	hold "$HOLDER"
	wait_until test -e "$T/ready"
}

within() { nsenter --net="/proc/$1/ns/net" "${@:2}"; }
on_machine() { within "$MACHINE" "$@"; }
# In place of the shell: for the background, where $! shall be the command itself.
exec_within() { exec nsenter --net="/proc/$1/ns/net" "${@:2}" 3>&- {PAUSE}>&- {GATE}>&-; }
on_neighbour() { within "$NEIGHBOUR" "$@"; }

neighbour() {
	namespace
	NEIGHBOUR=$HOLDER
	on_neighbour sysctl -qw net.ipv6.conf.default.accept_dad=0 # who routes does so at once
	on_machine ip link add out type veth peer name in netns "$NEIGHBOUR"
	on_machine ip addr add 192.0.2.1/24 dev out
	on_machine ip link set out up
	on_neighbour ip addr add 192.0.2.2/24 dev in
	on_neighbour ip link set in up
	on_neighbour ip route add default via 192.0.2.1
}

# ------------------------------------------------------------------------------- containers

serve() {
	local name=$1

	begin "$@" --tmpfs /tmp -- sh -c "echo $name >/tmp/index.html; echo ready; exec httpd -f -p 80 -h /tmp"
	wait_until says_ready "$name"
}

fetch() { echo busybox wget -q -O - "http://$1/"; }
# shellcheck disable=SC2046 # it is words
fetch_from() { tare exec "$1" $(fetch "$2"); }
# shellcheck disable=SC2046 # it is words
serves() { [[ $(on_machine $(fetch "$1") 2>/dev/null) == web ]]; }
listens() { [[ $(within "$1" ss -Hltn "sport = :$2") ]]; }

answer_tool() {
	# shellcheck disable=SC2034 # tests call it
	ANSWER=$FILE_TMP/rootfs/bin/answer
	export ANSWER
	cp "$(tool answer)" "$ANSWER"
}

answering() {
	local name=$1
	local -a options=() ports
	shift

	while (($#)) && [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	ports=("${@:2}")
	begin "$name" "${options[@]}" -- answer serve "$name" "${ports[@]:-80}"
	wait_until says_ready "$name"
}

answering_at() {
	exec_within "$1" "$ANSWER" serve "${@:2}" >"$T/$2" &
	hold $!
	wait_until grep -q ready "$T/$2"
}

ask() { within "$1" timeout 20 "$ANSWER" ask "${@:2}"; }
tell() { within "$1" "$ANSWER" tell "${@:2}"; }
heard() { tare logs "$1" | grep -v ready | xargs; }
mac_of() { on_machine ip -j link show "$1" | jq -r '.[0].address'; }
pid_of() { member "$1" .State.Pid; }

address_of() {
	jq -r --arg network "${2-}" '.endpoints[] | select($network == "" or .network == $network) |
		.ip | sub("/.*"; "")' "$STATE/containers/$(id_of "$1")/network.json"
}

id_of() { tare inspect --format '{{.Id}}' "$1"; }

# ------------------------------------------------------------------------------- what is there

# The last line of an id counts; one that begins with "-" says that it left.
leases() {
	awk '/^[-+=] / { line[$2] = $1 == "-" ? "" : $7 } END { for (id in line) print line[id] }' \
		"$STATE/networks/${1-bridge}/members" 2>/dev/null | sort | xargs
}

# The other end of a container's is in another namespace, and has another name there.
links() { on_machine ip -o link show type veth | sed -n 's/^[0-9]*: \(veth[0-9a-f]*\)@.*/\1/p' | xargs; }
ports() {
	on_machine nft -j list ruleset | jq -r '.nftables[] | .map // empty |
		select(.name | test("ports")) | .elem // [] | .[]' -c
}

# Soon: a monitor gives back when nobody waits any more.
no_stack() {
	wait_until has_no_stack || { all_leases && ports && links && return 1; }
}
has_no_stack() { [[ -z $(all_leases)$(ports)$(links) ]]; }

all_leases() {
	local network

	for network in "$STATE"/networks/*/; do
		[[ ! -d $network ]] || leases "$(basename "$network")"
	done
}
