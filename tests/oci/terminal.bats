#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# process.terminal: the console socket, the size, and terminals of run and exec.

load ../lib/oci

# Listens at $T/console.sock and writes what the terminal says to $T/tty.
listen() {
	local receiver
	receiver=$(tool recvtty)
	rm -f "$T/console.sock"
	"$receiver" "$T/console.sock" "$@" >"$T/tty" 2>"$T/tty.info" 3>&- &
	hold $!
	wait_until test -S "$T/console.sock"
}

# in_terminal COMMAND ...: run it on a terminal of its own; what it shows goes to $output.
in_terminal() {
	local words
	printf -v words '%q ' "$@"
	try timeout 20 script -qec "$words" /dev/null
	# script types the end of its own input, which may be shown.
	output=${output//$'\r'/}
	output=${output//^@/}
	output=${output//^D$'\b\b'/}
	output=${output%%$'\n'}
	mapfile -t lines <<<"$output"
}

@test "create hands the terminal over by the console socket" {
	config '.process.terminal = true'
	sh_in_box 'tty; test -t 0 && test -t 1 && test -t 2 && echo all three'
	listen
	ok create_box --console-socket "$T/console.sock"
	ok runtime start "$ID"
	wait_until grep -q three "$T/tty"
	is $'/dev/console\r\nall three\r' "$(sed 's|/dev/pts/0|/dev/console|' "$T/tty")"
}

@test "the terminal is the controlling one, and its size the configured one" {
	config '.process.terminal = true | .process.consoleSize = {height: 33, width: 111}'
	sh_in_box 'stty size; : </dev/tty && echo controlling; stty size </dev/console'
	listen
	ok create_box --console-socket "$T/console.sock"
	runtime start "$ID"
	wait_until grep -q controlling "$T/tty"
	is '33 111' "$(head -n 1 "$T/tty" | tr -d '\r')"
}

@test "what is typed reaches the process" {
	config '.process.terminal = true'
	sh_in_box 'read line; echo "got $line"'
	listen 'typed words'
	ok create_box --console-socket "$T/console.sock"
	runtime start "$ID"
	wait_until grep -q 'got typed words' "$T/tty"
}

@test "/dev/console is the terminal" {
	config '.process.terminal = true'
	sh_in_box 'echo to the console >/dev/console; stat -c %F /dev/console'
	listen
	ok create_box --console-socket "$T/console.sock"
	runtime start "$ID"
	wait_until grep -q 'character special' "$T/tty"
	like 'to the console' "$(<"$T/tty")"
}

@test "the terminal belongs to the process' user" {
	no_peer crun
	config '.process.terminal = true | .process.user = {uid: 1000, gid: 1000}
		| .process.capabilities = {}'
	sh_in_box 'stat -Lc %u /proc/self/fd/0; echo end'
	listen
	ok create_box --console-socket "$T/console.sock"
	runtime start "$ID"
	wait_until grep -q end "$T/tty"
	is 1000 "$(head -n 1 "$T/tty" | tr -d '\r')"
}

@test "create with a terminal and no console socket is refused" {
	config '.process.terminal = true'
	refused "$(says 'console.socket|terminal')" create_box
}

@test "a console socket without a terminal is refused" {
	no_peer crun
	listen
	refused "$(says 'console.socket|terminal')" create_box --console-socket "$T/console.sock"
}

@test "a console socket where nobody listens is refused" {
	config '.process.terminal = true'
	refused . create_box --console-socket "$T/nowhere.sock"
	: >"$T/file.sock"
	refused . create_box --console-socket "$T/file.sock"
}

@test "run shows the container's terminal on the caller's" {
	config '.process.terminal = true'
	sh_in_box 'test -t 0 && echo a terminal; echo err >&2; exit 3'
	in_terminal "$OCI" --root "$STATE" run --bundle "$BUNDLE" "$ID"
	is 3 "$status"
	is $'a terminal\nerr'
}

@test "run passes on what is typed, and the end of the terminal" {
	config '.process.terminal = true'
	sh_in_box 'read line; echo "got $line"'
	printf 'some words\n' >"$T/typed"
	printf -v words '%q ' "$OCI" --root "$STATE" run --bundle "$BUNDLE" "$ID"
	mkfifo "$T/keys"
	timeout 20 script -qec "$words" /dev/null <"$T/keys" >"$T/out" 2>&1 3>&- &
	local script=$!
	exec 8>"$T/keys"
	cat "$T/typed" >&8
	wait_until grep -q 'got some words' "$T/out"
	exec 8>&-
	wait $script
}

@test "run takes the size of the caller's terminal" {
	no_peer crun
	config '.process.terminal = true'
	sh_in_box 'stty size'
	in_terminal sh -c 'stty rows 21 cols 77; exec "$@"' - "$OCI" --root "$STATE" run \
		--bundle "$BUNDLE" "$ID"
	is '21 77'
}

@test "run with a terminal where the caller has none" {
	config '.process.terminal = true'
	sh_in_box 'echo out; test -t 1 && echo terminal'
	try run_box
	# To refuse it and to give it one are both right; to hang or to leave something is not.
	((status != 124))
	[[ ! -e $STATE/$ID ]]
}

@test "exec --tty on the caller's terminal" {
	start_box
	in_terminal "$OCI" --root "$STATE" exec --tty "$ID" sh -c 'test -t 0 && echo a terminal;
		exit 6'
	is 6 "$status"
	is 'a terminal'
}

@test "exec with a terminal that nobody would hold is refused, and a socket without one" {
	no_peer crun 'it starts the command, which is hung up on'
	start_box
	fails runtime exec --tty --detach "$ID" sleep 1000
	like "$(says console-socket)"
	fails runtime exec --detach --console-socket "$T/socket" "$ID" sleep 1000
	like "$(says console-socket)"
	ok runtime ps --format json "$ID"
	unlike ,.*,
}

@test "exec --tty with a console socket" {
	start_box
	listen
	ok runtime exec --tty --detach --console-socket "$T/console.sock" "$ID" sh -c 'tty;
		echo end'
	wait_until grep -q end "$T/tty"
	like '/dev/pts/[0-9]' "$(<"$T/tty")"
}

@test "the terminal's device is one of the container's devpts, not the host's" {
	config '.process.terminal = true'
	sh_in_box 'stat -Lc %d /proc/self/fd/0; stat -c %d /dev/pts/ptmx; echo end'
	listen
	ok create_box --console-socket "$T/console.sock"
	runtime start "$ID"
	wait_until grep -q end "$T/tty"
	is "$(sed -n 2p "$T/tty")" "$(sed -n 1p "$T/tty")"
}
