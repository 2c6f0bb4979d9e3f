#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What exec and run pass on besides 0, 1 and 2: descriptors of the caller's; and a terminal that
# nobody is at.

load ../lib/tare

# ------------------------------------------------------------------------------- --preserve-fds

# The shell's own 3 is not the caller's: with these it is what the test says.
with_3() { "$TARE" --root "$STATE" --cgroup-parent "$PARENT" "$@" {PAUSE}>&- {GATE}>&-; }

@test "exec --preserve-fds: those from 3 on, and no more" {
	begin box
	echo three >"$T/three"
	echo four >"$T/four"
	exits 0 with_3 exec --preserve-fds 1 box \
		sh -c 'cat <&3; test -e /proc/self/fd/4 || echo no four' 3<"$T/three" 4<"$T/four"
	is $'three\nno four'
	exits 0 with_3 exec --preserve-fds 2 box sh -c 'cat <&3; cat <&4' 3<"$T/three" 4<"$T/four"
	is $'three\nfour'
}

@test "exec --preserve-fds: one that is not open is named" {
	begin box
	exits 125 tare exec --preserve-fds 1 box true
	like 'preserve-fds 1: descriptor 3'
	fails tare exec --preserve-fds x box true
}

@test "run --preserve-fds: the container has them, and its monitor does not" {
	mkfifo "$T/pipe"
	exec {keep}<>"$T/pipe"
	with_3 run -d --name box --network none --rootfs "$ROOTFS" --preserve-fds 1 \
		sh -c 'echo hello >&3; exec 3>&-; sleep 1000' 3>"$T/pipe" {keep}>&-
	PID=$(member box .State.Pid)
	read -r -t 20 line <&"$keep"
	is hello "$line"
	fails has_pipe "$(monitor_of "$PID")"
	exec {keep}>&-
}

# has_pipe PID: does it have the pipe open?
has_pipe() { [[ $(readlink "/proc/$1/fd/"*) == *"$T/pipe"* ]]; }

@test "run --preserve-fds: one that is not open is named, and nothing is left" {
	exits 125 run --rm --preserve-fds 1 true
	like 'descriptor 3'
	has_none
}

# ------------------------------------------------------------------------------- -dt

# The process that has the terminal: it is in the group of the monitors.
holder() {
	local pid

	for pid in $(cat /sys/fs/cgroup/{pids/,}"$PARENT/monitors/cgroup.procs" 2>/dev/null); do
		[[ $(</proc/"$pid"/comm) != tare-holder ]] || echo "$pid"
	done
}

has_holder() { [[ -n $(holder) ]]; }
has_no_holder() { ! has_holder; }

@test "exec -dt: the command has a terminal, which goes with it" {
	begin box
	ok tare exec -dt box sh -c 'test -t 0 && test -t 1 && tty >/told; exec sleep 1000'
	is ''
	wait_until test -s "$ROOTFS/told"
	is /dev/pts/0 "$(<"$ROOTFS/told")"
	has_holder
	tare exec box sh -c 'kill $(pidof -s sleep)' || true
	tare rm -f box
	wait_until has_no_holder
}

@test "exec -dit: what it writes to its terminal does not stop it" {
	begin box
	ok tare exec -dit box sh -c 'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i + 1)); done
		echo done >/told'
	wait_until test -s "$ROOTFS/told"
	wait_until has_no_holder
}

@test "exec -dt: who waits for our output's end is not kept waiting" {
	begin box
	is '' "$(tare exec -dt box sleep 1000)"
}
