#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# tare stats: what containers use, as a table and as numbers.

load ../lib/tare

# number NAME FILTER: of one container's object.
number() { tare stats --no-stream --json "$1" | jq -r ".[0] | $2"; }

@test "without a container there are only the headings, or an empty array" {
	ok tare stats --no-stream
	is 'CONTAINER ID   NAME   CPU %   MEM USAGE / LIMIT   MEM %   NET I/O   BLOCK I/O   PIDS'
	ok tare stats --no-stream --json
	is '[]'
}

@test "a row for each container that runs" {
	needs_controller memory
	needs_controller pids
	begin box -m 64m --pids-limit 100
	ok tare stats --no-stream
	is 2 "${#lines[@]}"
	like "^${CID:0:12}   box    +[0-9.]+%  +[0-9.]+ [KM]iB / 64 MiB  +[0-9.]+%  +0 B / 0 B  +" \
		"${lines[1]}"
	like '  2 / 100( |$)' "${lines[1]}"
	begin other
	ok tare stats --no-stream box
	is 2 "${#lines[@]}"
	ok tare stats --no-stream --no-trunc
	is 3 "${#lines[@]}"
	like "$CID   other" "${lines[1]}"
}

# bats test_tags=guest
@test "--json: numbers with their units, and nothing that is not known" {
	needs_controller memory
	needs_controller pids
	begin box -m 64m --pids-limit 100
	ok tare stats --no-stream --json box
	is 1 "${#lines[@]}"
	jq -e --arg id "$CID" '.[0] | .id == $id and .name == "box" and .running
		and .cpuPct >= 0 and .cpuUsedNs > 0
		and .memoryBytes.limit == 67108864
		and .memoryBytes.used > 0 and .memoryBytes.used < .memoryBytes.limit
		and (.memoryPct - 100 * .memoryBytes.used / .memoryBytes.limit | fabs) < 0.01
		and .networkBytes == {received: 0, sent: 0}
		and .diskBytes.read >= 0 and .diskBytes.written >= 0
		and .processes == {used: 2, limit: 100}' <<<"$output"
	begin free --pids-limit -1 --network host
	is 'null null' "$(number free '"\(.processes.limit) \(.networkBytes)"')"
}

@test "the limit is the least of its own, its parents', and the machine's memory" {
	needs_controller memory
	local machine=$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) * 1024))
	begin box
	is "$machine" "$(number box .memoryBytes.limit)"
	if is_v2; then
		echo 40m >"$CGROUPS$PARENT/memory.max"
	else
		echo 40m >"$CGROUPS/memory$PARENT/memory.limit_in_bytes"
	fi
	is 41943040 "$(number box .memoryBytes.limit)"
	begin less -m 16m
	is 16777216 "$(number less .memoryBytes.limit)"
	begin more -m 64m
	is 41943040 "$(number more .memoryBytes.limit)"
}

@test "cpu: a busy loop is seen, and so is its limit" {
	needs_controller cpu
	begin idle
	begin busy --cpus 0.1 -- sh -c 'while :; do :; done'
	ok tare stats --no-stream --json idle busy
	jq -e '(.[0].cpuPct < 5) and (.[1].cpuPct | . > 1 and . < 25)' <<<"$output"
}

@test "memory: what is kept in /dev/shm counts" {
	needs_controller memory
	begin box -- sh -c "head -c 8m /dev/zero >/dev/shm/file; $(forever)"
	wait_until says_ready box
	(($(number box .memoryBytes.used) > 8388608))
}

@test "network: bytes of its own interfaces, without the loopback" {
	begin box
	nsenter --target "$PID" --net bash -ec 'ip link add tare0 type veth peer name tare1
		ip address add 192.0.2.1/24 dev tare0
		ip link set tare0 up
		ip link set tare1 up
		ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:01 dev tare0
		printf %1000s >/dev/udp/192.0.2.2/9
		for n in {1..20}; do printf %1000s >/dev/udp/127.0.0.1/9 || :; done'
	# What IPv6 says of itself is there as well.
	ok number box '.networkBytes | .sent, .received'
	((lines[0] > 1000 && lines[0] < 15000 && lines[1] > 1000 && lines[1] < 15000))
}

# bats test_tags=guest
@test "pressure is shown where the kernel tells it" {
	begin box
	if is_v2 && box_cg memory memory.pressure >"$T/pressure" 2>/dev/null; then
		is 'true' "$(number box '.pressurePct | .cpu >= 0 and .memory >= 0 and .io >= 0')"
		like 'PRESSURE CPU / MEM / IO' "$(tare stats --no-stream)"
	else
		is null "$(number box .pressurePct)"
		unlike PRESSURE "$(tare stats --no-stream)"
	fi
}

@test "those that have ended are shown when they are asked for" {
	ok run --name over true
	begin box
	ok tare stats --no-stream
	unlike over
	ok tare stats --no-stream --all
	like "over +-- +-- +-- +-- +-- +--"
	is '{"name":"over","running":false}' "$(tare stats --no-stream --json over |
		jq -c '.[0] | del(.id)')"
	fails tare stats --no-stream nonesuch
	is "tare: stats: there is no container 'nonesuch'" "${lines[0]}"
}

# ------------------------------------------------------------------------------- a stream

has_rows() { (($(grep -c "$2" "$1") >= 2)); }

@test "a stream is rows below each other, until the container is gone" {
	begin box
	exec_tare stats box >"$T/out" 2>&1 &
	local stream=$!
	hold $stream
	wait_until has_rows "$T/out" ' box '
	is 1 "$(grep -c '^CONTAINER ID' "$T/out")"
	ok tare kill box
	wait_until grep -q ' box .*-- ' "$T/out"
	ok tare rm box
	wait_until ended $stream
}

@test "a stream of JSON is an array a round" {
	begin box
	exec_tare stats --json >"$T/out" 2>&1 &
	hold $!
	wait_until has_rows "$T/out" '"box"'
	jq -es '.[0][0].name == "box" and .[1][0].name == "box"' <"$T/out"
	ok tare rm --force box
	wait_until grep -qx '\[\]' "$T/out"
}

@test "at a terminal each table takes the place of the one before" {
	begin box
	at_terminal 'tare stats box'
	wait_until has_rows "$T/screen" ' box '
	has_rows "$T/screen" $'\e\\[H\e\\[JCONTAINER ID'
	ok tare rm --force box
	wait_end
}
