#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The group of containers: the same verbs, and those that are only there.

load ../lib/tare

@test "the verbs of the group are the verbs" {
	ok tare container run -d --name box --network none --rootfs "$ROOTFS" sh -c "$(forever)"
	is box "$(tare container ls --format names)"
	is box "$(tare container list --format names)"
	is box "$(tare container ps --format names)"
	ok tare container stop box
	is exited "$(tare container inspect box | jq -r '.[0].State.Status')"
	ok tare container rm box
	exits 125 tare container dance
	like "unknown command 'dance'"
}

@test "exists says it by its exit status alone" {
	ok run --name box true
	ok tare container exists box
	is ''
	exits 1 tare container exists nonesuch
	is ''
	ok tare container exists "$(member box .Id | cut -c 1-5)"
}

@test "prune: those that do not run go, and what they held is told" {
	ok run --name one true
	ok run --name two true
	one=$(member one .Id)
	begin box
	ok tare container prune --force
	like '^Deleted Containers:$' "${lines[0]}"
	like "$one"
	like 'Total reclaimed space: 0B'
	is box "$(names_all)"
	ok tare container prune --force
	is 'Total reclaimed space: 0B'
}

@test "prune --filter: only some" {
	ok run --name one --label keep true
	ok run --name two true
	ok tare container prune --force --filter until=1h
	is 'one two' "$(names_all)"
	ok tare container prune --force --filter label!=keep
	is one "$(names_all)"
	ok tare container prune --force --filter label=keep
	is '' "$(names_all)"
	exits 125 tare container prune --force --filter colour=red
}

@test "prune asks, and no answer is none: docker's scripts rely on that" {
	ok run --name one true
	ok tare container prune
	like 'Go on\? \[y/N\] '
	like "nobody answers, and nothing is removed: '--force' does not ask"
	ok tare container prune < <(echo n)
	is one "$(names_all)"
	ok tare container prune < <(echo y)
	is '' "$(names_all)"
}

@test "prune at a terminal asks" {
	ok run --name one true
	at_terminal 'tare container prune'
	shows 'This removes all containers that do not run'
	type_keys 'n\n'
	wait_end
	is one "$(names_all)"
	at_terminal 'tare container prune'
	shows 'Go on'
	type_keys 'y\n'
	wait_end
	is '' "$(names_all)"
}
