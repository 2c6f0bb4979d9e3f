#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What containers write is kept, rotated, and read again.

load ../lib/tare

# The file that keeps it, and what jq says of its records.
log_of() { printf '%s/containers/%s/log' "$STATE" "$(member "$1" .Id)"; }
records() { jq -r "$2" "$(log_of "$1")"; }
files_of() { (cd "$(dirname "$(log_of "$1")")" && printf '%s\n' log*) | xargs; }

# says NAME SCRIPT [OPTION ...]: a container that says something and ends.
says() {
	local name=$1 script=$2
	shift 2
	run --name "$name" "$@" sh -c "$script" >"$T/said" 2>&1
}

# ------------------------------------------------------------------------------- the file

@test "a line is a record of docker's json-file" {
	says box 'echo hello; printf "to \"stderr\"\\\\\n\001" >&2'
	is $'{"log":"hello\\n","stream":"stdout"}\n{"log":"to \\"stderr\\"\\\\\\n","stream":"stderr"}
{"log":"\\u0001","stream":"stderr"}' "$(jq -c 'del(.time)' "$(log_of box)")"
	like '^2[0-9]{3}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}\.[0-9]{9}Z$' \
		"$(records box .time | head -n 1)"
	like '^\{"log":"hello\\n","stream":"stdout","time":"2[^"]*Z"\}$' \
		"$(head -n 1 "$(log_of box)")"
}

@test "nothing written, nothing kept" {
	says box true
	[[ ! -e $(log_of box) ]]
	is '' "$(tare logs box)"
}

@test "bytes that are no UTF-8, and NUL" {
	says box 'printf "a\377b\000\303\251\n"'
	is $'a\xef\xbf\xbdb\\0\xc3\xa9' "$(tare logs box | sed 's/\x00/\\0/')"
}

@test "a line longer than 16 KiB is kept in pieces, and read as one line" {
	says box 'head -c 40000 /dev/zero | tr "\0" x; echo; echo end'
	is $'16384\n16384\n7233\n4' "$(records box '.log | length')"
	is 1 "$(records box .time | head -n 3 | sort -u | wc -l)"
	is $'40000\n3' "$(tare logs box | awk '{ print length }')"
	is $'40031\n34' "$(tare logs -t box | awk '{ print length }')"
}

@test "with a terminal the log is what the terminal got" {
	at_terminal 'run --name box -t sh -c "echo one; echo two >&2"'
	wait_end
	is $'one\r\n stdout\ntwo\r\n stdout' "$(jq -r '"\(.log | rtrimstr("\n")) \(.stream)"' \
		"$(log_of box)" | sed 's/\r /\r\n /')"
	is $'one\r\ntwo\r' "$(tare logs box)"
}

@test "a prompt is written when its line is" {
	begin box -- sh -c "printf 'name? '; $(forever)"
	is 'name? ready' "$(tare logs box)"
	says last 'printf "no newline"'
	is 'no newline' "$(tare logs last)"
	is '"no newline"' "$(records last '.log | tojson')"
}

# ------------------------------------------------------------------------------- rotation

@test "--log-opt max-size and max-file" {
	says box 'seq 2000' --log-opt max-size=10k --log-opt max-file=4
	is 'log log.1 log.2 log.3' "$(files_of box)"
	is '' "$(find "$(dirname "$(log_of box)")" -name 'log*' -size +10240c)"
	is "$(tare logs box | sort -n)" "$(tare logs box)"
	is 2000 "$(tare logs box | tail -n 1)"
	is "$(seq "$(tare logs box | head -n 1)" 2000)" "$(tare logs box)"
	is "$(seq 1701 2000)" "$(tare logs --tail 300 box)"
	is "$(tare logs box)" "$(tare logs --tail 2000 box)"
	ok tare rm box
}

@test "10 MiB and three files by default; tare.conf says otherwise" {
	says box 'echo x'
	is '10485760 3' "$(jq -r '"\(.logMaxSizeBytes) \(.logMaxFiles)"' \
		"$(dirname "$(log_of box)")/container.json")"
	printf 'log_max_size = "1k"\nlog_max_files = 2\n' >"$T/tare.conf"
	TARE_CONF=$T/tare.conf says small 'seq 100'
	is 'log log.1' "$(files_of small)"
	is "$(seq "$(tare logs small | head -n 1)" 100)" "$(tare logs small)"
	printf 'log_max_size = "much"\n' >"$T/tare.conf"
	TARE_CONF=$T/tare.conf exits 125 tare ps
	like "log_max_size: 'much' is not a size"
}

@test "--log-opt max-size=-1 is as large as it gets" {
	says box 'seq 200000' --log-opt max-size=-1
	is log "$(files_of box)"
	is 200000 "$(tare logs box | wc -l)"
}

@test "what --log-driver and --log-opt refuse" {
	local word

	exits 125 run --log-driver journald true
	like "--log-driver 'journald': there is no such log driver yet: it is json-file or none"
	for word in max-size=0 max-size=x max-file=0 max-file=101 compress=true tag=x size=1 \
		max-size mode=non-blocking labels-regex=.; do
		exits 125 run --log-opt $word true
		like "--log-opt '$word'"
	done
	ok run --rm --log-driver json-file --log-opt compress=false --log-opt mode=blocking true
}

@test "--log-driver none" {
	says box 'echo hello' --log-driver none
	is hello "$(<"$T/said")"
	[[ ! -e $STATE/containers/$(member box .Id)/log ]]
	exits 1 tare logs box
	like 'configured logging driver does not support reading'
}

@test "one that is started again goes on with its log" {
	says box 'seq 100' --log-opt max-size=1k --log-opt max-file=100
	ok tare start --attach box
	is "$(seq 100 && seq 100)" "$(tare logs box)"
	is "$(seq 100)" "$(tare logs --tail 100 box)"
}

# ------------------------------------------------------------------------------- reading

@test "standard output and error are apart" {
	says box 'echo one; echo two >&2; echo three'
	is $'one\nthree' "$(tare logs box 2>/dev/null)"
	is two "$(tare logs box 2>&1 >/dev/null)"
}

@test "logs --timestamps" {
	says box 'echo hello'
	is "$(records box .time) hello" "$(tare logs -t box)"
	is "$(tare logs -t box)" "$(tare logs --timestamps box)"
}

@test "logs --since and --until" {
	local first second

	says box 'echo one; sleep 0.1; echo two'
	first=$(records box .time | head -n 1) second=$(records box .time | tail -n 1)
	is two "$(tare logs --since "$second" box)"
	is one "$(tare logs --until "$first" box)"
	is $'one\ntwo' "$(tare logs --since "$first" --until "$second" box)"
	is $'one\ntwo' "$(tare logs --since 10m box)"
	is '' "$(tare logs --until 10m box)"
	is $'one\ntwo' "$(tare logs --until=-10m box)"
	is two "$(tare logs --since "$(date -d "$second" +%s.%N)" box)"
	is $'one\ntwo' "$(tare logs --since "$(date -d yesterday +%F)" box)"
	is two "$(tare logs --tail 1 --since "$first" box)"
	exits 125 tare logs --since noon box
	like "--since: 'noon' is no moment"
}

@test "logs --details: labels and variables" {
	says box 'echo hello' --label tier=web --label other=x -e COLOUR='light red' \
		--log-opt labels=tier --log-opt env=COLOUR,NONE
	is '{"COLOUR":"light red","tier":"web"}' "$(records box '.attrs | tojson')"
	is 'COLOUR=light+red,tier=web hello' "$(tare logs --details box)"
	is hello "$(tare logs box)"
	says plain 'echo hello'
	is ' hello' "$(tare logs --details plain)"
}

@test "logs of several: in the order of time, and whose they are" {
	says one 'echo first'
	says two 'echo second'
	is $'one first\ntwo second' "$(tare logs --names one two)"
	is $'one first\ntwo second' "$(tare logs --names two one)"
	is "$(member two .Id | cut -c1-12) second" "$(tare logs one two | tail -n 1)"
	is 'two second' "$(tare logs --names two)"
	exits 1 tare logs one nobody
	like "there is no container 'nobody'"
}

@test "logs --latest" {
	exits 1 tare logs --latest
	says one 'echo first'
	says two 'echo second'
	is second "$(tare logs -l)"
	exits 125 tare logs --latest one
	exits 125 tare logs
}

@test "logs --tail: less than none is all" {
	says box 'seq 3'
	is $'1\n2\n3' "$(tare logs --tail=-1 box)"
	is $'2\n3' "$(tare logs --tail 2 box)"
}

# ------------------------------------------------------------------------------- following

# A container that says all the numbers up to N when it is told to end, and then ends.
begin_counter() {
	begin "$1" "${@:3}" -- sh -c "echo ready; trap 'seq $2; exit' TERM
		while :; do sleep 1000 & wait \$!; done"
	wait_until says_ready "$1"
}

# Follows in the background: $FOLLOWER, and $T/follow.
follow() {
	exec_tare logs -f "$@" >"$T/follow" 2>"$T/follow.err" &
	FOLLOWER=$!
	hold $FOLLOWER
	wait_until holds_log $FOLLOWER
}

# shellcheck disable=SC2010 # where the links lead
holds_log() { ls -l "/proc/$1/fd" | grep -q '/log$'; }

@test "logs -f over many rotations: each line is there, once" {
	begin_counter box 100000 --log-opt max-size=100k --log-opt max-file=100
	follow box
	ok tare stop box
	wait "$FOLLOWER"
	is "$(echo ready && seq 100000)" "$(<"$T/follow")"
	is '' "$(<"$T/follow.err")"
	((200 > $(files_of box | wc -w) && $(files_of box | wc -w) > 50))
}

@test "logs -f of several over rotations" {
	begin_counter one 20000 --log-opt max-size=50k --log-opt max-file=100
	begin_counter two 20000 --log-opt max-size=20k --log-opt max-file=100
	follow --names one two
	ok tare stop one two
	wait "$FOLLOWER"
	is "$(echo ready && seq 20000)" "$(sed -n 's/^one //p' "$T/follow")"
	is "$(echo ready && seq 20000)" "$(sed -n 's/^two //p' "$T/follow")"
}

@test "logs -f of one that goes with all it has" {
	begin_counter box 20000 --rm
	follow box
	ok tare stop box
	wait "$FOLLOWER"
	is "$(echo ready && seq 20000)" "$(<"$T/follow")"
}

@test "logs -f that is too slow says so" {
	begin_counter box 20000 --log-opt max-size=10k --log-opt max-file=2
	follow box
	kill -STOP "$FOLLOWER"
	ok tare stop box
	kill -CONT "$FOLLOWER"
	wait "$FOLLOWER"
	like 'box: lines are missing: they were rotated away before they were read' \
		"$(<"$T/follow.err")"
	is 20000 "$(tail -n 1 "$T/follow")"
	is "$(sort -nu <(tail -n +2 "$T/follow"))" "$(tail -n +2 "$T/follow")"
}

@test "logs -f --until ends then" {
	begin box
	is ready "$(tare logs -f --until=-1s box)"
	is '' "$(tare logs -f --until 10m box)"
	is_running box
}

@test "logs -f --tail" {
	begin_counter box 3
	follow --tail 0 box
	ok tare stop box
	wait "$FOLLOWER"
	is $'1\n2\n3' "$(<"$T/follow")"
}

# ------------------------------------------------------------------------------- damage

@test "a record that is damaged is left out, and the rest is read" {
	local log

	says box 'seq 3'
	log=$(log_of box)
	sed -i '2s/"stream.*//' "$log"
	printf '{"log":"4' >>"$log"
	is $'1\n3' "$(tare logs box 2>"$T/err")"
	like 'box: damaged lines of the log were left out: 2' "$(<"$T/err")"
	is 3 "$(tare logs --tail 1 box 2>/dev/null)"
}

@test "a monitor that was killed loses no line that was whole" {
	begin box
	kill -KILL "$(monitor_of "$PID")"
	is ready "$(tare logs -f box)"
	ok tare rm --force box
}

@test "a full disk ends no container, and what is written later is kept" {
	mkdir "$T/small"
	mount -t tmpfs -o size=256k,mode=755 small "$T/small"
	STATE=$T/small
	run --name box --log-opt max-size=-1 sh -c \
		'echo first; seq 100000; until test -e /dev/shm/go; do sleep 0.05; done; echo last' \
		>"$T/seen" &
	hold $!
	wait_until is_full
	find "$T/small/containers" -name log -exec truncate -s 100 {} +
	ok tare exec box touch /dev/shm/go
	wait %1
	is last "$(tare logs --tail 1 box 2>/dev/null)"
	ok tare rm box
	umount "$T/small"
}

# And all of it was written, or would fill the disk again when there is room.
is_full() {
	[[ $(tail -n 1 "$T/seen") == 100000 ]] && tare logs box 2>/dev/null | grep -q 1000 &&
		(($(df --output=avail "$T/small" | tail -n 1) == 0))
}
