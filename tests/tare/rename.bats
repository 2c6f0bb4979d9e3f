#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# rename: a container always has one name, and a name one container, whoever is killed when.

load ../lib/tare

@test "rename: the container has the new name, and no longer the old one" {
	begin box
	ok tare rename box crate
	is ''
	is crate "$(names_all)"
	is "/crate" "$(member crate .Name)"
	is "$CID" "$(member crate .Id)"
	exits 1 tare inspect box
	like "there is no container 'box'"
	ok tare exec crate true
	ok tare stop crate
	is 0 "$(tare wait crate)"
	ok tare rm crate
	nothing_left
}

@test "one that has ended, by the beginning of its id" {
	ok run --name box true
	CID=$(member box .Id)
	ok tare rename "${CID:0:12}" crate
	is crate "$(names_all)"
	ok run --rm --name box true
}

@test "the old name is free at once" {
	begin box
	ok tare rename box crate
	begin box
	is 'box crate' "$(names_all)"
	ok tare rename box keg
	ok tare rename crate box
	is 'box keg' "$(names_all)"
}

@test "a name that is taken, that is none, or is its own" {
	begin box
	begin crate
	exits 1 tare rename box crate
	like "rename box: the name 'crate' is taken by container ${CID:0:12}"
	exits 125 tare rename box box
	like "rename box: that is its name already"
	exits 125 tare rename box 'no name'
	like "rename box: .*no name"
	exits 125 tare rename box ''
	exits 1 tare rename nonesuch name
	like "there is no container 'nonesuch'"
	exits 125 tare rename box
	like 'NAME is missing'
	is 'box crate' "$(names_all)"
}

@test "ps goes on to list by age" {
	begin one
	begin two
	begin three
	ok tare rename one eins
	is $'three\ntwo\neins' "$(tare ps --format names)"
	ok tare stop --latest
	is 'eins two' "$(names_running)"
}

@test "one that removes itself takes its new name with it" {
	begin box --rm
	ok tare rename box crate
	ok tare stop crate
	nothing_left
	exits 3 run --rm --name box sh -c 'exit 3'
	nothing_left
}

@test "a full disk: it keeps its name, and can be renamed later" {
	mkdir -p "$T/own"
	mount -t tmpfs -o size=256k tare-test "$T/own"
	STATE=$T/own/state
	ok run --name box true
	head -c 256k /dev/zero >"$T/own/fill" 2>/dev/null || true
	exits 1 tare rename box crate
	like '[Nn]o space left'
	rm "$T/own/fill"
	is box "$(names_all)"
	ok run --rm --name crate true
	ok tare rename box crate
	is crate "$(names_all)"
	ok tare rm crate
	nothing_left
	umount "$T/own"
}

# ------------------------------------------------------------------------------- kill -9, anywhere

# Every call by which rename changes something, killed before it and after it.
points=(openat:-1 symlinkat:1 renameat2:1 unlinkat:1 unlinkat:2 unlinkat:3)

# shellcheck disable=SC2034 # traced reads it
FOLLOW=()

# killed_at POINT: rename of box to crate.
killed_at() {
	local call=${1%:*} when=${1#*:}
	# The first file that it makes is the mark.
	[[ $when != -1 ]] || when=$(rename_opens)
	traced "$call:$when" rename box crate
	was_killed || { echo "$1: not reached" && return 1; }
}

# Which of the opens of a rename makes the mark; box is called so again.
rename_opens() {
	strace -qq -o "$T/opens" -e trace=openat "$TARE" --root "$STATE" --cgroup-parent "$PARENT" \
		rename box crate 3>&- {PAUSE}>&- {GATE}>&-
	tare rename crate box
	grep -n '"renaming"' "$T/opens" | cut -d : -f 1
}

# It has one name, which is one of the two, and that leads to it.
has_one_name() {
	HAS=$(tare ps -a --format names | grep -vx other | xargs)
	[[ $HAS == box || $HAS == crate ]] || { echo "has the names '$HAS'" && return 1; }
	is "$CID" "$(member "$HAS" .Id)"
	OTHER=crate
	[[ $HAS == box ]] || OTHER=box
}

@test "killed anywhere: it has one of the two names" {
	needs_strace
	local point
	for point in "${points[@]}"; do
		begin box
		killed_at "$point"
		has_one_name || { echo "killed at $point" && return 1; }
		exits 1 tare inspect "$OTHER"
		like "there is no container '$OTHER'"
		ok tare rm -f "$HAS"
		nothing_left || { echo "killed at $point" && return 1; }
	done
}

@test "killed anywhere: the other name is free for a new container" {
	needs_strace
	local point
	for point in "${points[@]}"; do
		begin box
		killed_at "$point"
		has_one_name
		ok run --rm --name "$OTHER" true
		ok tare rm -f box crate
		nothing_left || { echo "killed at $point" && return 1; }
	done
}

@test "killed anywhere: the other name is free for another container's renaming, and its own" {
	needs_strace
	local point
	begin other
	local other=$CID
	for point in "${points[@]}"; do
		begin box
		killed_at "$point"
		has_one_name
		ok tare rename "$other" "$OTHER"
		is "$other" "$(member "$OTHER" .Id)"
		ok tare rename "$OTHER" other
		ok tare rename "$CID" "$OTHER"
		is "$CID" "$(member "$OTHER" .Id)"
		ok tare rm -f "$CID"
		is other "$(names_all)"
	done
	ok tare rm -f other
	nothing_left
}

@test "killed anywhere: it is removed with both names" {
	needs_strace
	local point
	for point in "${points[@]}"; do
		begin box
		killed_at "$point"
		ok tare rm -f "$CID"
		nothing_left || { echo "killed at $point" && return 1; }
		begin box --rm
		killed_at "$point"
		# The monitor alone is there to take them away.
		kill -KILL "$PID"
		nothing_left || { echo "killed at $point" && return 1; }
	done
}

# ------------------------------------------------------------------------------- at once

@test "eight want one name: exactly one gets it" {
	local -a pids
	for i in {1..8}; do
		ok run --name "box$i" true
	done
	for i in {1..8}; do
		tare rename "box$i" crate >"$T/out$i" 2>&1 &
		pids[i]=$!
	done
	for i in {1..8}; do
		wait "${pids[i]}" || echo "status $?" >>"$T/out$i"
	done
	is 7 "$(cat "$T"/out* | grep -c "the name 'crate' is taken")"
	is 7 "$(cat "$T"/out* | grep -c 'status 1')"
	is 8 "$(tare ps -aq | wc -l)"
	is 1 "$(tare ps -a --format names | grep -c crate)"
	is 8 "$(find "$STATE/names" -type l | wc -l)"
}

@test "two take turns at two names: there is never a container without one" {
	local -a pids
	begin one
	local one=$CID
	begin two
	# Names that can't be the beginning of an id.
	for name in x y; do
		(for _ in {1..30}; do tare rename one $name && tare rename $name one; done) \
			>"$T/out-$name" 2>&1 &
		pids+=($!)
	done
	: >"$T/lost"
	while kill -0 "${pids[@]}" 2>/dev/null; do
		[[ $(tare ps --format names | wc -l) == 2 ]] || echo "lost" >>"$T/lost"
		[[ $(member "$one" .Name) == /@(one|x|y) ]] || echo "no name" >>"$T/lost"
	done
	wait "${pids[@]}" || true
	is '' "$(<"$T/lost")"
	is 2 "$(find "$STATE/names" -type l | wc -l)"
	ok tare rm -f "$one" two
	nothing_left
}

@test "some rename and one removes: nothing is left" {
	local -a pids
	for i in 1 2 3; do
		begin box
		for name in x y z; do
			(for _ in {1..10}; do tare rename box $name && tare rename $name box; done) \
				>"$T/out-$name" 2>&1 &
			pids+=($!)
		done
		ok tare rm -f "$CID"
		wait "${pids[@]}" || true
		pids=()
		nothing_left
	done
}
