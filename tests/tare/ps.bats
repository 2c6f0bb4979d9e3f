#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# ps: which containers, in what order, and what is said of each.

load ../lib/tare

# names WORDS ...: what ps --format names prints, in one line.
names() { tare ps --format names "$@" | xargs; }

@test "--filter chooses by docker's keys" {
	ok run --name one --label tier=web --label x true
	ok run --name two --label tier=db sh -c 'exit 3' || true
	begin three --label tier=web
	is 'three one' "$(names -a --filter label=tier=web)"
	is one "$(names -a -f label=tier=web -f label=x)"
	is 'three two' "$(names -a --filter label!=x)"
	is two "$(names -a --filter exited=3)"
	is 'two one' "$(names --filter status=exited)"
	is three "$(names --filter status=running --filter name=^th)"
	is three "$(names --filter "id=${CID:0:12}")"
	is 'two one' "$(names -a --filter before=three)"
	is three "$(names -a --filter since=two)"
	is '' "$(names -a --filter until=1h)"
	is 'three two one' "$(names -a --filter until=2100-01-01)"
	is 'three two one' "$(names -a --filter network=none --filter health=none)"
	is '' "$(names -a --filter publish=80)"
}

@test "--filter: a key that is none, and a value that is none" {
	exits 125 tare ps --filter colour=red
	like "colour=red': it is KEY=VALUE, and KEY one of id, name, label, "
	exits 125 tare ps --filter status=gone
	like 'not created, running, paused'
	exits 1 tare ps --filter since=nonesuch
	like "there is no container 'nonesuch'"
}

@test "--last and --latest: the newest, whatever they do" {
	ok run --name one true
	begin two
	ok run --name three true
	is 'three two' "$(names -n 2)"
	is three "$(names --latest)"
	is two "$(names --last -1)"
	is 'three two one' "$(names --last 10)"
}

@test "--sort and --noheading" {
	ok run --name b true
	ok run --name a true
	ok run --name c true
	is 'c a b' "$(names -a)"
	is 'a b c' "$(names -a --sort names)"
	ok tare ps -a --noheading
	((${#lines[@]} == 3))
	unlike CONTAINER
	exits 125 tare ps --sort colour
}

@test "--size: what it changed" {
	begin box
	ok tare ps --size
	like '^CONTAINER ID .* NAMES +SIZE$' "${lines[0]}"
	like ' box +0B$' "${lines[1]}"
	is 0B "$(tare ps --format '{{.Size}}')"
}

@test "one whose configuration is damaged is told, and the others are listed" {
	ok run --name one true
	ok run --name two true
	echo '{' >"$STATE/containers/$(member two .Id)/container.json"
	ok tare ps -a --format names
	like 'container [0-9a-f]{12}: '
	like $'\none$'
	rm -r "$STATE"/{containers,names,ids}/*
}

# The record of a process of a boot before this one: its numbers may be somebody else's by now.
reboot() { sed -i -E '2s/[0-9a-f]{8}-/00000000-/' "$STATE/run/$1/pid"; }

@test "after a reboot nothing claims to be running, and it starts again" {
	begin box
	monitor=$(monitor_of "$PID")
	cp "$STATE/run/$CID/pid" "$T/pid"
	kill -KILL "$monitor"
	wait_until ended "$monitor"
	is box "$(names)"
	reboot "$CID"
	is '' "$(names)"
	is 'exited false 0' "$(member box '.State | "\(.Status) \(.Running) \(.Pid)"')"
	ended "$PID" && return 1
	cp "$T/pid" "$STATE/run/$CID/pid"
	kill -KILL "$PID"
	wait_until ended "$PID"
	reboot "$CID"
	ok tare start box
	is box "$(names)"
	ok tare rm -f box
	nothing_left
}

@test "ps does not read the configurations of those that have ended" {
	ok run --name ended true
	begin box
	strace -o "$T/calls" -e trace=openat "$TARE" --root "$STATE" ps >/dev/null
	is 1 "$(grep -c container.json "$T/calls")"
}
