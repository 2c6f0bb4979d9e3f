#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# run --timeout: a container that may run for so long only.

load ../lib/tare

@test "it is killed when its time is over, however much it writes" {
	exits 137 run --rm --timeout 1 sleep 1000
	exits 137 run --name box --timeout 1 sh -c 'trap : TERM INT; while :; do echo .; done'
	is 'exited 137 killed: it ran for as long as its --timeout allows' \
		"$(member box '.State | "\(.Status) \(.ExitCode) \(.Error)"')"
	is 1 "$(member box .Config.Timeout)"
}

@test "nobody needs to be attached, and each start begins anew" {
	ok run -d --name box --timeout 1 sleep 1000
	ok tare wait box
	is 137
	ok tare start box
	is running "$(member box .State.Status)"
	is '' "$(member box .State.Error)"
	ok tare wait box
	is 137
}

@test "what ends in time has its own exit status" {
	exits 3 run --name box --timeout 600 sh -c 'exit 3'
	is '' "$(member box .State.Error)"
	ok run -d --name other --timeout 600 sleep 1000
	ok tare kill other
	ok tare wait other
	is 137
	is '' "$(member other .State.Error)"
	ok run --rm --timeout 0 true
	exits 125 run --timeout -1 true
	like '\-\-timeout: -1 is not between 0 and'
	exits 125 run --timeout soon true
	like '\-\-timeout'
}
