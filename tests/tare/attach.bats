#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# attach: being at a container that runs already, alone or with others.

load ../lib/tare

# listen NAME FILE [OPTION ...]: attach in the background, as ${LISTENERS[-1]}.
LISTENERS=()
listen() {
	local name=$1 file=$2
	shift 2

	exec_tare attach "$@" "$name" >"$T/$file" 2>&1 </dev/null &
	LISTENERS+=($!)
	hold $!
	wait_until is_attached "$name" ${#LISTENERS[@]}
}

# The monitor has a socket for each of them, and the one where it listens.
is_attached() {
	local monitor
	monitor=$(monitor_of "$(member "$1" .State.Pid)")
	(($(find "/proc/$monitor/fd" -lname 'socket:*' | wc -l) >= $2 + 1))
}

# What says a word for each line it reads from /gate.
talker='echo ready; while read x </gate; do echo "$x" "$x"; done'
say() { echo "$1" >&"$GATE"; }

talking() {
	own_rootfs
	gate_new
	begin box -- sh -c "$talker"
	wait_until says_ready box
}

has() { wait_until grep -qx -- "$2" "$T/$1"; }

@test "attach shows what comes from now on, and has the exit status" {
	begin box -- sh -c 'echo early; trap "echo late; exit 7" TERM
		echo ready; while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	listen box out
	ok tare stop box
	status=0
	wait "${LISTENERS[0]}" || status=$?
	((status == 7))
	is late "$(<"$T/out")"
	nothing_but box
}

nothing_but() {
	ok tare rm "$1"
	nothing_left
}

@test "several are attached at once, each hears all" {
	talking
	listen box one
	listen box two
	say first
	has one 'first first'
	has two 'first first'
	listen box three
	say second
	has one 'second second'
	has three 'second second'
	is 'second second' "$(<"$T/three")"
	ok tare rm -f box
}

@test "one who goes leaves the others, and the container" {
	talking
	listen box one
	listen box two
	kill -KILL "${LISTENERS[0]}"
	say word
	has two 'word word'
	is_running box
	kill -KILL "${LISTENERS[1]}"
	say more
	wait_until has_logged box 'more more'
	ok tare rm -f box
}

has_logged() { tare logs "$1" | grep -q "$2"; }

@test "signals to attach go to the container; --sig-proxy=false: they end attach alone" {
	begin box -- sh -c 'trap "exit 9" INT; trap "echo usr" USR1
		echo ready; while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	listen box one
	listen box two --sig-proxy=false
	kill -USR1 "${LISTENERS[0]}"
	has one usr
	kill -INT "${LISTENERS[1]}"
	status=0
	wait "${LISTENERS[1]}" || status=$?
	((status == 130))
	is_running box
	kill -INT "${LISTENERS[0]}"
	status=0
	wait "${LISTENERS[0]}" || status=$?
	((status == 9))
}

@test "stdout and stderr stay apart" {
	talker='echo ready; while read x </gate; do echo "$x"; echo "$x" >&2; done'
	talking
	exec_tare attach box >"$T/out" 2>"$T/err" </dev/null &
	hold $!
	wait_until is_attached box 1
	say word
	has out word
	has err word
	is word "$(<"$T/out")"
	ok tare rm -f box
}

@test "what is typed goes in, by whoever types; its input stays open" {
	begin box -i -- sh -c 'echo ready; while read x; do echo "got $x"; done; echo end'
	wait_until says_ready box
	(echo one && wait_until has_logged box 'got one') | tare attach box --sig-proxy=false >"$T/out" &
	wait_until has_logged box 'got one'
	ok tare attach --no-stdin box --detach-keys '' </dev/null &
	(echo two && wait_until has_logged box 'got two') | tare attach box >"$T/out2" &
	wait_until has_logged box 'got two'
	is_running box
	ok tare rm -f box
	wait
}

@test "a terminal: attach, type, leave, attach again" {
	begin box -it -- sh -c 'stty size; echo ready; while read x; do echo "got $x"; stty size; done'
	wait_until says_ready box
	at_terminal 'tare attach box; echo "left $?"; tare attach box'
	wait_until is_attached box 1
	type_keys 'one\r'
	shows 'got one'
	shows '^30 100'
	stty -F "$TTY" rows 41 cols 123
	type_keys 'two\r'
	shows '^41 123'
	type_keys '\020\021'
	shows '^left 0'
	wait_until is_attached box 1
	type_keys 'three\r'
	shows 'got three'
	ok tare kill box
	wait_end 137
}

@test "two at one terminal see the same, and both may type" {
	begin box -it -- sh -c 'echo ready; while read x; do echo "got $x"; done'
	wait_until says_ready box
	at_terminal 'tare attach box'
	wait_until is_attached box 1
	printf 'else\r' >"$T/typed"
	script -qfec "$TARE --root $STATE --cgroup-parent $PARENT attach box" "$T/other" \
		< <(cat "$T/typed"; sleep 1000 & echo $! >"$T/sleep"; wait) >/dev/null 2>&1 3>&- &
	hold $!
	shows 'got else'
	type_keys 'mine\r'
	shows 'got mine'
	wait_until grep -q 'got mine' "$T/other"
	ok tare kill box
	wait_end 137
	kill "$(<"$T/sleep")"
}

@test "a reader who does not read holds nobody up at the end" {
	own_rootfs
	gate_new
	begin box -- sh -c 'echo ready; read x </gate; seq 30000; exit 3'
	wait_until says_ready box
	mkfifo "$T/slow"
	exec {SLOW}<>"$T/slow"
	exec_tare attach box >"$T/slow" </dev/null &
	hold $!
	local pid=$!
	wait_until is_attached box 1
	gate_open
	wait_until is_held
	# It still has what it was given, and all of it comes when it is read.
	timeout 20 sed '/^30000$/q' <&"$SLOW" >"$T/all"
	is "$(seq 30000)" "$(<"$T/all")"
	status=0
	wait $pid || status=$?
	((status == 3))
	is 3 "$(tare wait box)"
	ok tare start box
	ok tare rm -f box
}

# The pipe is full, and the container waits.
is_held() { (($(tare logs box | wc -l) > 1000)); }

@test "attach to what does not run: an error, 1" {
	exits 1 tare attach nonesuch
	like "there is no container 'nonesuch'"
	ok tare create --network none --rootfs "$ROOTFS" --name box true
	exits 1 tare attach box
	like 'not running: it is created'
	ok tare start -a box
	exits 1 tare attach box
	like 'not running: it is exited'
	exits 125 tare attach
	exits 125 tare attach --detach-keys f1 box
}

@test "a monitor that was killed: attach says so" {
	begin box
	kill -KILL "$(monitor_of "$PID")"
	wait_until has_lost_monitor
	exits 1 tare attach box
	like 'monitor'
	ok tare rm -f box
}

has_lost_monitor() { [[ $(member box .State.Error) == *'monitor was killed'* ]]; }

@test "more than 32 at once: the others are told" {
	local i

	begin box
	for i in $(seq 1 33); do
		exec_tare attach box >"$T/$i" 2>&1 </dev/null &
		hold $!
	done
	wait_until is_told
	ok tare rm -f box
}

is_told() { grep -lq 'attach box' "$T"/[0-9]*; }
