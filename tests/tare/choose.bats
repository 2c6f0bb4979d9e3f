#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Which containers stop, kill, rm and wait are for, several at once, and what wait waits for.

load ../lib/tare

deaf() { echo 'trap : TERM; echo ready; while :; do sleep 1000 & wait $!; done'; }

# three: `one` and `two` run, `old` has ended; their ids in $ONE, $TWO, $OLD. `two` is the newest.
three() {
	exits 3 run --name old sh -c 'exit 3'
	OLD=$(member old .Id)
	begin one
	ONE=$CID
	begin two
	TWO=$CID
}

# ------------------------------------------------------------------------------- --all, --latest

@test "kill --all: all that run" {
	three
	ok tare kill --all
	is "$TWO"$'\n'"$ONE"
	is $'137\n137' "$(tare wait one two)"
	ok tare kill --all
	is ''
}

@test "kill -a with a signal" {
	three
	ok tare kill -a -s TERM
	is $'0\n0' "$(tare wait one two)"
}

@test "stop --all, and --latest" {
	three
	ok tare stop --latest
	is "$TWO"
	is one "$(names_running)"
	ok tare stop -a
	is "$ONE"
	is '' "$(names_running)"
}

@test "rm --all takes those that have ended, and all with --force" {
	three
	exits 1 tare rm --all
	like "$OLD"
	like "rm $ONE: the container is running"
	is 'one two' "$(names_all)"
	ok tare rm -a -f
	is "$TWO"$'\n'"$ONE"
	nothing_left
	ok tare rm --all
	is ''
}

@test "--latest where there is nothing" {
	exits 1 tare stop --latest
	like 'stop: --latest: there is no container'
	ok tare stop --latest --ignore
	is ''
	exits 125 tare wait
	like 'CONTAINER is missing'
}

@test "exec --latest" {
	three
	is 1 "$(tare exec -l sh -c 'echo $$' | wc -l)"
	ok tare exec --latest touch /dev/shm/here
	ok tare exec two test -e /dev/shm/here
	exits 1 tare exec one test -e /dev/shm/here
	exits 125 tare exec --latest
	like 'is missing'
	exits 125 tare exec --latest --pid 1 true
}

@test "operands and options that stand for them are one too many" {
	exits 125 tare rm --all box
	like 'give one of CONTAINER and an option that stands for it'
	exits 125 tare stop --all --latest
	like 'give one of --all, --filter, --latest and --cidfile'
}

# ------------------------------------------------------------------------------- --filter

@test "--filter: those of --all that ps would show with it" {
	three
	begin tagged --label tier=web
	local tagged=$CID
	ok tare pause --filter label=tier
	is "$tagged"
	ok tare unpause -f name=one --filter name=tagged
	is "$tagged"
	ok tare stop -f label=tier=web
	is "$tagged"
	ok tare kill --filter name=one
	is "$ONE"
	ok tare rm --filter status=exited --filter label=tier
	is "$tagged"
	ok tare rm --all --filter name=old
	is "$OLD"
	ok tare stop --filter name=nonesuch
	is ''
	exits 125 tare stop --filter nosuch=key
	like "nosuch"
	exits 125 tare stop --filter name=one one
	like 'give one of CONTAINER and'
}

# ------------------------------------------------------------------------------- --cidfile, --ignore

@test "--cidfile: the container whose id the file holds" {
	three
	echo "$ONE" >"$T/one"
	printf %s "$TWO" >"$T/two"
	ok tare stop --cidfile "$T/one" --cidfile "$T/two"
	is "$ONE"$'\n'"$TWO"
	ok tare rm --cidfile "$T/one"
	exits 1 tare rm --cidfile "$T/one"
	like "there is no container '$ONE'"
	exits 1 tare rm --cidfile "$T/missing"
	like "rm: --cidfile '.*/missing': open .*no such file"
	: >"$T/empty"
	exits 125 tare rm --cidfile "$T/empty"
	like 'it holds no id'
}

@test "--ignore: one that is not there is no error, and no file of it either" {
	three
	ok tare stop --ignore nonesuch one
	is one
	ok tare rm -i nonesuch one
	is one
	ok tare rm --ignore --cidfile "$T/missing"
	is ''
	ok tare wait --ignore nonesuch old
	is 3
	exits 1 tare stop nonesuch
}

@test "rm --force of what is not there is no error" {
	ok tare rm --force nonesuch
	is ''
}

# ------------------------------------------------------------------------------- beginnings of ids

@test "each takes the beginning of an id, as long as it begins one only" {
	three
	ok tare kill "${ONE:0:8}"
	is "${ONE:0:8}"
	is 137 "$(tare wait "${ONE:0:12}")"
	ok tare stop "$TWO"
	ok tare rm "${ONE:0:10}" "${TWO:0:10}"
	is old "$(names_all)"
	# Of seventeen ids two begin alike.
	for _ in {1..16}; do
		ok run -d true
	done
	local twice
	twice=$(tare ps -aq | cut -c 1 | sort | uniq -d | head -n 1)
	exits 125 tare rm "$twice"
	like "'$twice' begins the ids of [0-9]+ containers: write more of it"
}

# ------------------------------------------------------------------------------- several at once

@test "stop of several takes as long as the slowest" {
	local since=$SECONDS
	for i in 1 2 3 4; do
		begin "box$i" -- sh -c "$(deaf)"
		wait_until says_ready "box$i"
	done
	since=$SECONDS
	ok tare stop -t 3 box1 box2 box3 box4
	is $'box1\nbox2\nbox3\nbox4'
	((SECONDS - since >= 2 && SECONDS - since <= 8)) || { echo "$((SECONDS - since)) s"; return 1; }
	is $'137\n137\n137\n137' "$(tare wait box1 box2 box3 box4)"
}

@test "stop of several: each is given its own time" {
	begin slow --stop-timeout 600 -- sh -c 'trap "while [ ! -e /dev/shm/go ]; do sleep 0.02
		done; exit 4" TERM; echo ready; while :; do sleep 1000 & wait $!; done'
	begin fast --stop-timeout 0 -- sh -c "$(deaf)"
	wait_until says_ready slow
	wait_until says_ready fast
	exec_tare stop slow fast >"$T/out" 2>&1 &
	local pid=$!
	# Though it is the second, it need not wait for the first.
	is 137 "$(tare wait fast)"
	is_running slow
	ok tare exec slow touch /dev/shm/go
	wait $pid
	is $'slow\nfast' "$(<"$T/out")"
	is 4 "$(tare wait slow)"
}

@test "stop --timeout is --time" {
	begin box -- sh -c "$(deaf)"
	wait_until says_ready box
	ok tare stop --timeout 0 box
	is 137 "$(tare wait box)"
	exits 125 tare stop --timeout -2 box
	like 'is not -1 to'
}

@test "rm -f of several, one that removes itself among them" {
	begin one
	begin two --rm
	begin three
	ok tare rm -f one two three
	is $'one\ntwo\nthree'
	nothing_left
}

@test "rm --time lets it end gently, and needs no --force" {
	begin box -- sh -c 'trap "echo ended >&2; touch /dev/shm/x; exit 6" TERM; echo ready
		while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	tare logs -f box >"$T/log" 2>&1 &
	local pid=$!
	wait_until grep -q ready "$T/log"
	ok tare rm --time 20 box
	is box
	wait $pid
	like ended "$(<"$T/log")"
	nothing_left
}

@test "rm -t 0 does not wait for one that is deaf" {
	begin box -- sh -c "$(deaf)"
	wait_until says_ready box
	ok tare rm -f -t 0 box
	nothing_left
}

# ------------------------------------------------------------------------------- wait

@test "wait --condition: what holds already" {
	three
	ok tare wait --condition stopped old
	is 3
	ok tare wait --condition exited old
	is 3
	ok tare wait --condition running one
	is -1
	ok tare wait --condition created one
	is -1
	ok tare wait --condition not-running,running one
	is -1
	ok tare wait --condition removed nonesuch
	is -1
	exits 125 tare wait --condition healthy old
	like "--condition: 'healthy' is none"
	exits 125 tare wait --condition running, old
}

@test "wait --condition: what is yet to come" {
	begin box
	tare wait --condition paused --interval 10ms box >"$T/paused" 2>&1 &
	local paused=$!
	tare wait --condition next-exit box >"$T/next" 2>&1 &
	local next=$!
	tare wait --condition removed box >"$T/removed" 2>&1 &
	local removed=$!
	watchers() { (($(pgrep -f -c -- "--root $STATE .*wait --condition") >= 3)); }
	wait_until watchers
	ok tare pause box
	wait $paused
	is -1 "$(<"$T/paused")"
	ok tare kill box
	wait $next
	is 137 "$(<"$T/next")"
	kill -0 $removed
	ok tare rm box
	wait $removed
	is 137 "$(<"$T/removed")"
}

@test "wait: one that is removed when it ends" {
	begin box --rm
	tare wait --condition next-exit,removed box >"$T/code" 2>&1 &
	local pid=$!
	watched() { grep -qs '^inotify' /proc/"$(pgrep -n -f -- "--root $STATE .*next-exit")"/fdinfo/*; }
	wait_until watched
	ok tare stop box
	wait $pid
	is 0 "$(<"$T/code")"
}

@test "wait: removed while something else is waited for" {
	ok run --name box true
	tare wait --condition running box >"$T/out" 2>&1 &
	local pid=$!
	watched() { grep -qs '^inotify' /proc/"$(pgrep -n -f -- "--root $STATE .*running box")"/fdinfo/*; }
	wait_until watched
	ok tare rm box
	status=0
	wait $pid || status=$?
	((status == 1))
	like 'the container was removed' "$(<"$T/out")"
}

@test "wait --latest and --interval" {
	three
	ok tare stop two
	ok tare wait --latest --interval 1s
	is 0
	exits 125 tare wait --interval soon old
	like "--interval: 'soon' is not a time"
	exits 125 tare wait --interval 0 old
}

# ------------------------------------------------------------------------------- kill

@test "kill takes a name, with or without SIG, or a number" {
	local word
	begin box -- sh -c 'n=0; trap "n=\$((n+1)); echo got \$n" USR1; echo ready
		while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	for word in USR1 SIGUSR1 sigusr1 10; do
		ok tare kill --signal "$word" box
		is box
		((++n))
		has_got() { tare logs box | grep -q "got $n"; }
		wait_until has_got
	done
	for word in 0 65 NOSUCH '' SIGSIG; do
		exits 125 tare kill --signal "$word" box
		like "--signal: '$word' is no signal"
	done
}

@test "kill, stop and wait of one that has ended" {
	three
	exits 1 tare kill old
	like 'kill old: the container is not running: it is exited'
	ok tare stop old
	is old
	ok tare wait old
	is 3
}
