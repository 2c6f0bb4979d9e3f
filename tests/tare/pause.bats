#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# pause and unpause, and what else can be done to a container that stands still.

load ../lib/tare

# One that counts for as long as it goes on.
begin_counting() {
	begin "$1" "${@:2}" -- sh -c 'trap "exit 5" TERM; echo ready
		while :; do echo tick; sleep 0.01; done'
	wait_until says_ready "$1"
}

ticks() { tare logs "$1" | wc -l; }
# Two looks that differ, or, of one that is paused, do not.
goes_on() {
	local before
	before=$(ticks "$1")
	more() { (($(ticks "$1") > before)); }
	wait_until more "$1"
}
stands_still() { [[ $(ticks "$1") == "$(read -rt 0.2 <&"$PAUSE" || true; ticks "$1")" ]]; }

@test "pause: all its processes stand still; unpause: they go on" {
	begin_counting box
	ok tare pause box
	is box
	wait_until stands_still box
	ok tare unpause box
	is box
	goes_on box
}

@test "ps and inspect tell that it is paused" {
	begin box
	ok tare pause box
	ok tare ps
	like "Up .* \(Paused\) .*box$"
	is 'paused true true' "$(member box '.State | "\(.Status) \(.Running) \(.Paused)"')"
	is paused "$(tare ps --format json | jq -r .State)"
	ok tare unpause box
	is 'running true false' "$(member box '.State | "\(.Status) \(.Running) \(.Paused)"')"
	ok tare ps
	unlike Paused
}

@test "what is paused already, not paused, not running or not there" {
	begin box
	exits 1 tare unpause box
	like "unpause box: the container is not paused: it is running"
	ok tare pause box
	exits 1 tare pause box
	like "pause box: the container is paused already"
	ok run --name ended true
	exits 1 tare pause ended
	like "the container is not running: it is exited"
	exits 1 tare unpause ended
	like "not paused: it is exited"
	exits 1 tare pause nonesuch
	like "there is no container 'nonesuch'"
	exits 125 tare pause
	like 'CONTAINER is missing'
}

@test "several: what fails is told, the others are done" {
	begin one
	begin two
	exits 1 tare pause one nonesuch two
	like $'^one\n'
	like $'\ntwo$'
	is paused "$(member one .State.Status)"
	is paused "$(member two .State.Status)"
	ok tare unpause two one
	is $'two\none'
}

@test "--all, --latest and --cidfile" {
	begin one
	local one=$CID
	begin two
	local two=$CID
	ok tare pause one
	ok tare pause --all
	is "$two"
	ok tare unpause -a
	is "$two"$'\n'"$one"
	ok tare pause --latest
	is "$two"
	echo "$one" >"$T/cid"
	ok tare pause --cidfile "$T/cid"
	is "$one"
	ok tare unpause --cidfile "$T/cid" --cidfile <(echo "$two")
	is "$one"$'\n'"$two"
	exits 125 tare pause --all one
	like 'give one of'
}

@test "exec in one that is paused is refused, with what helps" {
	begin box
	ok tare pause box
	exits 125 tare exec box true
	like "exec: box: the container is not running: it is paused"
	like "tare unpause"
}

@test "rm of one that is paused needs --force" {
	begin box
	ok tare pause box
	exits 1 tare rm box
	like 'the container is paused'
	ok tare rm -f box
	is box
	wait_until ended "$PID"
	nothing_left
}

@test "stop lets it go on, so that it can end" {
	begin_counting box
	ok tare pause box
	ok tare stop box
	is box
	is 5 "$(tare wait box)"
	is exited "$(member box .State.Status)"
	ok tare rm box
	nothing_left
}

@test "stop of one that is deaf to its signal and paused kills it in time" {
	begin box -- sh -c 'trap : TERM; echo ready; while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	ok tare pause box
	ok tare stop -t 0 box
	is 137 "$(tare wait box)"
}

@test "kill reaches it; a signal that is not to end it waits until it goes on" {
	begin box -- sh -c 'trap "echo got USR1" USR1; echo ready
		while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	ok tare pause box
	ok tare kill -s USR1 box
	is paused "$(member box .State.Status)"
	is ready "$(tare logs box)"
	ok tare unpause box
	got() { tare logs box | grep -q 'got USR1'; }
	wait_until got
	ok tare pause box
	ok tare kill box
	is 137 "$(tare wait box)"
}

@test "kill with the stop signal lets it go on" {
	begin_counting box
	ok tare pause box
	ok tare kill -s TERM box
	is 5 "$(tare wait box)"
}

@test "it is paused and its monitor is killed: it can go on, and be removed" {
	begin box
	ok tare pause box
	kill -KILL "$(monitor_of "$PID")"
	is paused "$(member box .State.Status)"
	ok tare unpause box
	is running "$(member box .State.Status)"
	ok tare pause box
	ok tare rm -f box
	wait_until ended "$PID"
	nothing_left
}

@test "a mark that is left over says nothing" {
	begin box
	: >"$STATE/containers/$CID/paused"
	is running "$(member box .State.Status)"
	ok tare exec box true
	ok tare pause box
	ok tare rm -f box
	nothing_left
}

@test "eight pause and let go on at once: in the end it does what the last one said" {
	local -a pids
	begin box
	for i in {1..8}; do
		(for _ in {1..10}; do
			tare pause box || true
			tare unpause box || true
		done) >"$T/out$i" 2>&1 &
		pids[i]=$!
	done
	wait "${pids[@]}"
	unlike 'kernel|cgroup' "$(cat "$T"/out*)"
	tare pause box || true
	is paused "$(member box .State.Status)"
	ok tare unpause box
	ok tare exec box true
}
