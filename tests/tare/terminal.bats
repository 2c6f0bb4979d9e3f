#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A person at a terminal: run -it, exec -it, its size, the keys that leave it, and its state after.

load ../lib/tare

# ------------------------------------------------------------------------------- both ways

@test "run -it: what is typed goes in, what is shown comes out" {
	at_terminal 'run --rm -it sh'
	shows '# '
	type_keys 'tty; echo $((6 * 7))\r'
	shows '/dev/(pts/0|console)'
	shows '^42'
	type_keys 'exit 5\r'
	wait_end 5
}

@test "exec -it" {
	begin box
	at_terminal "tare exec -it box sh"
	shows '# '
	type_keys 'test -t 0 && test -t 1 && test -t 2 && echo all th""ree\r'
	shows '^all three'
	type_keys 'exit 6\r'
	wait_end 6
	is ready "$(tare logs box)"
}

@test "the container's terminal is one of its own" {
	at_terminal 'run --rm -it sh -c "ls /dev/pts; ps | wc -l; setsid true; echo x >/dev/tty && echo tty"'
	shows '^0$|^0 +ptmx'
	shows '^tty'
	wait_end
}

@test "the log has what the terminal showed" {
	at_terminal 'run --name box -it sh -c "echo one; echo two >&2"'
	wait_end
	is $'one\r\ntwo\r' "$(tare logs box)"
}

@test "what comes last is shown, much as it may be" {
	at_terminal 'run --rm -it sh -c "seq 20000; echo the end"'
	wait_end
	is "$(seq 20000; echo the end)" "$(screen | grep -E '^([0-9]+|the end)$')"
}

@test "Ctrl-C is a byte for the container, and so is Ctrl-backslash" {
	at_terminal 'run --rm -it sh -c "trap \"echo got INT\" INT; trap \"echo got QUIT\" QUIT
		echo ready; while :; do read x && exit 3; done"'
	shows ready
	type_keys '\003'
	shows 'got INT'
	type_keys '\034'
	shows 'got QUIT'
	type_keys 'x\r'
	wait_end 3
}

@test "Ctrl-D ends the input" {
	at_terminal 'run --rm -it cat'
	wait_until is_raw
	type_keys 'word\r'
	shows 'word'
	type_keys '\004'
	wait_end 0
}

is_raw() { [[ $(stty -F "$TTY" -a) == *-icanon* ]]; }

@test "-t without -i: a terminal that nothing is typed into" {
	run --rm -t sh -c 'test -t 1 && echo yes; exit 4' >"$T/out" || status=$?
	((status == 4))
	is $'yes\r' "$(<"$T/out")"
}

@test "-it where standard input is no terminal is refused, and nothing is left" {
	exits 125 run --rm -it true
	like 'standard input is not a terminal'
	begin box
	exits 125 tare exec -it box true
	like 'standard input is not a terminal'
}

@test "-dt: a terminal that nobody is at" {
	begin box -t -- sh -c 'test -t 1 && echo ready; sleep 1000'
	wait_until says_ready box
	ok tare kill box
	is 137 "$(tare wait box)"
}

# ------------------------------------------------------------------------------- size

@test "the size is ours, and follows it" {
	at_terminal 'run --rm -it sh -c "trap \"stty size\" WINCH; stty size; echo ready
		while :; do read -t 1 x && exit; done"'
	shows ready
	shows '^30 100'
	stty -F "$TTY" rows 41 cols 123
	shows '^41 123'
	type_keys '\r'
	wait_until test -e "$T/ended"
}

@test "exec -it: the size is ours, and follows it" {
	begin box
	at_terminal 'tare exec -it box sh -c "trap \"stty size\" WINCH; stty size; echo ready
		while :; do read -t 1 x && exit; done"'
	shows ready
	shows '^30 100'
	stty -F "$TTY" rows 41 cols 123
	shows '^41 123'
	type_keys '\r'
	wait_until test -e "$T/ended"
}

# ------------------------------------------------------------------------------- leaving

@test "ctrl-p ctrl-q leaves the container running, and frees the terminal" {
	at_terminal 'run --name box -it sh -c "echo ready; while read x; do echo got \$x; done"'
	shows ready
	type_keys 'one\r'
	shows 'got one'
	type_keys '\020\021'
	wait_end 0
	is_running box
	unlike 'got .*\^P' "$(screen)"
	ok tare exec box true
	ok tare rm -f box
}

@test "one key of two is passed on when the other does not follow" {
	at_terminal 'run --rm -it sh -c "stty raw -echo; echo ready; head -c 3 | od -An -tx1"'
	shows ready
	type_keys '\020xy'
	shows '10 78 79'
	wait_end
}

@test "--detach-keys: others, and none" {
	at_terminal 'run --name box --detach-keys a,ctrl-b -it sh -c "echo ready; cat"'
	shows ready
	type_keys '\020\021'
	type_keys 'a\002'
	wait_end 0
	is_running box
	ok tare rm -f box
	at_terminal "run --rm --detach-keys '' -it sh -c 'stty raw -echo; echo ready; head -c 2 |
		od -An -tx1'"
	shows ready
	type_keys '\020\021'
	shows '10 11'
	wait_end
	exits 125 run --detach-keys 'ctrl-p,,x' true
	exits 125 run --detach-keys 'f1' true
}

@test "leaving an exec ends exec, and not the container" {
	begin box
	at_terminal 'tare exec -it box sh -c "echo began; cat"'
	shows began
	type_keys '\020\021'
	wait_end 0
	is_running box
}

# ------------------------------------------------------------------------------- its state

@test "the terminal is as it was when the container is killed" {
	at_terminal 'run --name box -it sh -c "stty raw -echo; echo ready; sleep 1000"'
	shows ready
	is_raw
	ok tare kill box
	wait_end 137
}

@test "the terminal is as it was when run is ended by TERM" {
	at_terminal 'run --name box --sig-proxy=false -it sh -c "echo ready; sleep 1000"'
	shows ready
	wait_until is_raw
	# The monitor, younger, has the same words.
	kill -TERM "$(pgrep -of -- "^$TARE.*$STATE.*--name box")"
	wait_end 143
	is_running box
}

@test "the terminal is as it was when the monitor is killed" {
	at_terminal 'run --name box -it sh -c "echo ready; sleep 1000"'
	shows ready
	kill -KILL "$(monitor_of "$(member box .State.Pid)")"
	wait_end 125
	shows 'monitor was killed'
	ok tare rm -f box
}

@test "the terminal is as it was after a command that is not there" {
	at_terminal 'run --rm -it nonesuch'
	wait_end 127
	shows 'nonesuch'
}

@test "a terminal that is closed: the container goes on" {
	at_terminal 'run --name box -it sh -c "trap : HUP; echo ready; while :; do sleep 1000 & wait \$!
		done"'
	shows ready
	kill -KILL "${HELD[-1]}"
	wait "${HELD[-1]}" 2>/dev/null || true
	ok tare exec box true
	is_running box
	ok tare rm -f box
}
