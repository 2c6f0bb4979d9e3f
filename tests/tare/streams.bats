#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# run --attach: which of a container's streams are ours.

load ../lib/tare

BOTH='echo out; echo err >&2; exit 4'

# split COMMAND ...: its exit status, and what it wrote to either stream.
split() {
	local status=0

	"$@" >"$T/out" 2>"$T/err" || status=$?
	echo "$status $(xargs <"$T/out") $(grep -vE '^(hint|tare):' "$T/err" | xargs)"
}

written() { member "$1" '.Config | "\(.AttachStdin) \(.AttachStdout) \(.AttachStderr)"'; }

@test "without --attach its output and errors are ours" {
	is '4 out err' "$(split run --name box sh -c "$BOTH")"
	is 'false true true' "$(written box)"
	ok run -d --name other true
	is 'false false false' "$(written other)"
	ok run -i --name third true </dev/null
	is 'true true true' "$(written third)"
}

@test "only what --attach names is ours; the log has all of it" {
	is '4 out ' "$(split run --name one -a stdout sh -c "$BOTH")"
	is '4  err' "$(split run --name two --attach STDERR sh -c "$BOTH")"
	is '4 out err' "$(split run --name three -a stdout -a stderr sh -c "$BOTH")"
	for name in one two three; do
		is '0 out err' "$(split tare logs "$name")"
	done
	is 'false true false' "$(written one)"
	is 'false false true' "$(written two)"
}

@test "who attaches its input alone is told its id when there is no more of it" {
	run_piped() { printf 'one\ntwo\n' | run -i -a stdin --name box sh -c 'cat; exit 5'; }
	ok run_piped
	is "$(member box .Id)" "${lines[-1]}"
	ok tare wait box
	is 5
	is $'one\ntwo' "$(tare logs box)"
	is 'true false false' "$(written box)"
}

@test "input that is not attached is anybody's" {
	run -i -a stdout --name box sh -c 'echo ready; read x; echo "got $x"' >"$T/out" 2>/dev/null &
	pid=$!
	wait_until says_ready box
	run_typing() { echo typed | tare attach box; }
	ok run_typing
	like 'got typed'
	wait $pid
	is $'ready\ngot typed' "$(<"$T/out")"
}

@test "a container that is made remembers it; start --attach is at all that it writes" {
	ok tare create --network none --rootfs "$ROOTFS" --name box -a stdout sh -c "$BOTH"
	is 'false true false' "$(written box)"
	is '4 out err' "$(split tare start -a box)"
	ok tare create --network none --rootfs "$ROOTFS" --name open -i -a stdout -a stderr true
	is false "$(member open .Config.AttachStdin)"
	ok tare rm open
}

@test "words that make no sense are refused" {
	exits 125 run -a output true
	like "\-\-attach: 'output' is none of stdin, stdout and stderr"
	exits 125 run -d -a stdout true
	like '\-\-attach and --detach exclude each other'
	ok run --rm -a stdin -a stdout true
	like '\-\-attach stdin: without --interactive it reads nothing'
	is '' "$(tare ps -aq)"
}
