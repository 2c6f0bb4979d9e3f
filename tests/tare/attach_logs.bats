#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# attach --logs: what was written so far, and then what comes, without a gap and nothing twice.

load ../lib/tare

# listen NAME FILE: attach --logs in the background, as ${LISTENERS[-1]}.
LISTENERS=()
listen() {
	exec_tare attach --logs --no-stdin "$1" >"$T/$2" 2>"$T/$2.err" </dev/null &
	LISTENERS+=($!)
	hold $!
}

all_end() {
	local pid

	for pid in "${LISTENERS[@]}"; do
		wait "$pid"
	done
}

# is_sequence FILE FIRST LAST: its lines are these numbers, each once.
is_sequence() { cmp <(seq "$2" "$3") "$T/$1"; }
first_of() { head -n 1 "$T/$1"; }
has() { wait_until grep -qx -- "$2" "$T/$1"; }
grows() { wait_until test -s "$T/$1"; }

# Numbers without a pause, until there is a file /stop.
counter='i=0; while [ ! -e /stop ]; do i=$((i+1)); echo $i; done; echo $i >/last'

counting() {
	own_rootfs
	begin box "$@" -- sh -c "$counter"
	wait_until test -s "$STATE/containers/$CID/log"
}

stop_counting() {
	: >"$ROOTFS/stop"
	all_end
	LAST=$(<"$ROOTFS/last")
}

@test "what the log holds comes first, then what is written" {
	own_rootfs
	gate_new
	begin box -- sh -c 'echo early; echo wrong >&2; echo ready; read x </gate; echo late; read x </gate'
	wait_until says_ready box
	listen box out
	has out ready
	echo >&"$GATE"
	has out late
	is $'early\nready\nlate' "$(<"$T/out")"
	is wrong "$(<"$T/out.err")"
	echo >&"$GATE"
	all_end
}

@test "half a line that is not in the log yet is there, and its end follows" {
	own_rootfs
	gate_new
	begin box -- sh -c 'echo one; printf "half"; printf "of" >&2; : >/said; read x </gate
		echo " and half"; echo " it" >&2'
	wait_until test -e "$ROOTFS/said"
	for i in 1 2 3; do
		listen box "out$i"
		wait_until grep -q half "$T/out$i"
		wait_until grep -q of "$T/out$i.err"
	done
	echo >&"$GATE"
	all_end
	for i in 1 2 3; do
		is $'one\nhalf and half' "$(<"$T/out$i")"
		is 'of it' "$(<"$T/out$i.err")"
	done
}

@test "a line longer than a record of the log is whole" {
	own_rootfs
	gate_new
	begin box -- sh -c 'head -c 40000 /dev/zero | tr "\0" x; : >/said; read x </gate; echo end'
	wait_until test -e "$ROOTFS/said"
	listen box out
	grows out
	echo >&"$GATE"
	all_end
	is "$(head -c 40000 /dev/zero | tr '\0' x)end" "$(<"$T/out")"
}

# They have what the log holds, and get what comes.
eight_listen() {
	local i

	for i in {1..8}; do
		listen box "out$i"
	done
	for i in {1..8}; do
		grows "out$i"
	done
}

@test "several who come while it writes without a pause each have all of it" {
	counting --log-opt max-size=-1
	eight_listen
	stop_counting
	for i in {1..8}; do
		is_sequence "out$i" 1 "$LAST"
		is '' "$(<"$T/out$i.err")"
	done
}

@test "of a log that is rotated meanwhile all that it still holds, without a gap" {
	counting --log-opt max-size=2k --log-opt max-file=3
	wait_until test -e "$STATE/containers/$CID/log.2"
	eight_listen
	stop_counting
	for i in {1..8}; do
		is_sequence "out$i" "$(first_of "out$i")" "$LAST"
		is '' "$(<"$T/out$i.err")"
	done
}

@test "what it writes when it ends goes to the log that is read, and is not there twice" {
	own_rootfs
	begin box -- sh -c 'trap "printf half; echo; seq 3; exit 7" TERM; seq 100000; : >/said
		while :; do sleep 1000 & wait $!; done'
	wait_until test -e "$ROOTFS/said"
	mkfifo "$T/pipe"
	exec {BOTH}<>"$T/pipe" {READ}<"$T/pipe"
	exec_tare attach --logs --no-stdin box >"$T/pipe" 2>"$T/err" </dev/null {BOTH}>&- {READ}<&- &
	LISTENERS=($!)
	hold $!
	read -r line <&"$READ"
	is 1 "$line" # the log has begun, and does not fit into the pipe
	ok tare stop box
	is 7 "$(member box .State.ExitCode)"
	exec {BOTH}>&-
	cat <&"$READ" >"$T/out" 3>&- &
	reader=$!
	hold $!
	status=0
	wait "${LISTENERS[0]}" || status=$?
	((status == 7))
	wait "$reader"
	cmp <(seq 2 100000 && echo half && seq 3) "$T/out"
	cmp <(echo 1 && cat "$T/out") <(tare logs box)
}

@test "where no log is kept it is refused" {
	begin box --log-driver none -- sleep 1000
	fails tare attach --logs --no-stdin box
	like 'configured logging driver does not support reading'
	like "'--log-driver none'"
}

@test "at a terminal: what was on the screen, then the keys" {
	begin box -it -- sh -c 'echo early; while read x; do echo "got $x"; done'
	at_terminal 'tare attach --logs box'
	shows early
	type_keys 'word\n'
	shows 'got word'
	type_keys '\020\021'
	wait_end
}
