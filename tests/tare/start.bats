#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# create, start and restart: a container that is made once and runs many times.

load ../lib/images

create() { ok tare create --network none --rootfs "$ROOTFS" "$@" && CID=${lines[-1]}; }

# ------------------------------------------------------------------------------- create, start

@test "create makes it, start runs it, and it can be started again" {
	create --name box sh -c 'echo hello; exit 3'
	is created "$(member box .State.Status)"
	is '' "$(tare ps -q)"
	is box "$(names_all)"
	ok tare start box
	is box
	is 3 "$(tare wait box)"
	is hello "$(tare logs box)"
	ok tare start box
	is 3 "$(tare wait box)"
	is $'hello\nhello' "$(tare logs box)"
	ok tare rm box
	nothing_left
}

@test "start of one that runs is no failure, and of several each is told" {
	create --name one sh -c "$(forever)"
	create --name two sh -c "$(forever)"
	exits 1 tare start one nonesuch two
	like "start nonesuch: there is no container 'nonesuch'"
	is 'one two' "$(names_running)"
	PID=$(member one .State.Pid)
	ok tare start one
	is one
	is "$PID" "$(member one .State.Pid)"
}

@test "start by a part of the id" {
	create --name box true
	ok tare start "${CID:0:12}"
	is 0 "$(tare wait box)"
}

@test "start --attach shows what it writes, and has its exit status" {
	create --name box sh -c 'echo out; echo err >&2; exit 7'
	exits 7 tare start --attach box
	like $'out\nerr'
	exits 125 tare start --attach box box
	like 'one container only'
}

@test "start --attach --interactive: its input is ours, and ends with ours" {
	create --name box -i sh -c 'cat; exit 5'
	exits 5 tare start -ai box < <(printf 'some\nwords\n')
	is $'some\nwords'
	exits 5 tare start -ai box </dev/null
	is ''
}

@test "start --attach without --interactive: it has no input" {
	create --name box -i sh -c 'echo ready; read x; exit 4'
	tare start -a box >"$T/out" < <(echo words) &
	wait_until grep -q ready "$T/out"
	is_running box
	ok tare rm -f box
}

@test "--rm counts at the first end, whenever that is" {
	create --rm --name box true
	ok tare start -a box
	has_none
	nothing_left
}

# ------------------------------------------------------------------------------- what fails

@test "a program that is not there: the container says so, and stays" {
	create --name box nonesuch
	exits 127 tare start box
	like "start box: .*'nonesuch'.*not found"
	is created "$(member box .State.Status)"
	is 127 "$(member box .State.ExitCode)"
	like "nonesuch" "$(member box .State.Error)"
	is 127 "$(tare wait box)"
	own_rootfs
	ok tare rm box
	nothing_left
}

@test "what was missing is there later" {
	own_rootfs
	create --name box later
	exits 127 tare start box
	printf '#!/bin/sh\necho here\n' >"$ROOTFS/bin/later"
	exits 126 tare start box
	chmod +x "$ROOTFS/bin/later"
	ok tare start -a box
	is here
	is '' "$(member box .State.Error)"
}

@test "create of what makes no sense: an error, and nothing is left" {
	exits 125 tare create --network none --rootfs "$ROOTFS" --memory 1x true
	exits 125 tare create --network none --rootfs "$T/nonesuch" true
	exits 125 tare create --network none --pull never nosuchimage:1
	exits 125 tare create --network none
	create --name box true
	exits 125 tare create --network none --rootfs "$ROOTFS" --name box true
	like "'box'"
	ok tare rm box
	nothing_left
}

@test "of two who start it at once one does" {
	local i

	create --name box sh -c "echo began; $(forever)"
	for i in 1 2 3 4 5 6; do
		(tare start box >"$T/start$i" 2>&1; echo "rc $?" >>"$T/start$i") &
	done
	wait
	for i in 1 2 3 4 5 6; do
		is $'box\nrc 0' "$(<"$T/start$i")"
	done
	wait_until says_ready box
	is 1 "$(tare logs box | grep -c began)"
}

@test "a monitor that was killed: what it left is cleaned up by start" {
	create --name box sh -c "$(forever)"
	ok tare start box
	PID=$(member box .State.Pid)
	kill -KILL "$(monitor_of "$PID")"
	wait_until has_lost_monitor
	exits 1 tare start box
	like 'it runs without its monitor, which was killed'
	like 'hint: stop it first'
	ok tare stop box
	ok tare start box
	wait_until says_ready box
	ok tare rm -f box
	nothing_left
}

has_lost_monitor() { [[ $(member box .State.Error) == *'monitor was killed'* ]]; }

@test "one that is removed while it starts is gone" {
	local i

	for i in 1 2 3 4 5; do
		create --name box sh -c "$(forever)"
		tare start box >"$T/start" 2>&1 &
		tare rm -f box >"$T/rm" 2>&1
		wait
		tare rm -f box
	done
	nothing_left
}

# ------------------------------------------------------------------------------- its files

# bats test_tags=guest_systemd
@test "what a container of an image changed is there when it is started again" {
	box_image box:1
	take box:1
	ok tare create --network none --name box box:1 sh -c 'echo x >>/count; wc -l </count'
	ok tare start -a box
	is 1
	ok tare start -a box
	is 2
	ok tare restart box
	is 0 "$(tare wait box)"
	is 3 "$(tare logs --tail 1 box)"
	ok tare rm box
	nothing_left
}

@test "--rm of an image that can't be started at first" {
	box_image box:1
	take box:1
	ok tare create --network none --rm --name box box:1 nonesuch
	exits 127 tare start box
	exits 127 tare start box
	like 'nonesuch'
	ok tare rm box
	nothing_left
}

# ------------------------------------------------------------------------------- restart

@test "restart stops it and starts it; one that has ended is started" {
	create --name box sh -c "$(forever)"
	ok tare restart box
	is box
	wait_until says_ready box
	PID=$(member box .State.Pid)
	ok tare restart box
	is box
	((PID != $(member box .State.Pid)))
	is_running box
	ended "$PID"
}

@test "restart --signal and --time, as stop has them" {
	create --name box sh -c 'trap "echo bye" USR1; trap : TERM
		echo ready; while :; do sleep 1000 & wait $!; done'
	ok tare start box
	wait_until says_ready box
	ok tare restart --signal USR1 --time 0 box
	is_running box
	exits 125 tare restart --signal NOSUCH box
	exits 125 tare restart --time -2 box
	exits 1 tare restart nonesuch
}

@test "who waits for the end is told of it, though it is started again" {
	create --name box sh -c 'trap "exit 6" TERM; echo ready; while :; do sleep 1000 & wait $!; done'
	ok tare start box
	wait_until says_ready box
	exec_tare wait box >"$T/code" &
	hold $!
	local pid=$!
	wait_until is_waiting $pid
	ok tare restart box
	wait $pid
	is 6 "$(<"$T/code")"
}

# It waits for a lock: proc_locks(5) has it behind an arrow.
is_waiting() { grep -qE -- "-> FLOCK +ADVISORY +READ +$1 " /proc/locks; }
