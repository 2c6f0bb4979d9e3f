#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# hooks: when each kind runs, where, with what on stdin, and what its failure does.

load ../lib/oci

test_begins() {
	LOG=$T/log
	: >"$LOG"
	# A hook that writes its name, the state's status and its mount namespace to the log; it is
	# static and lies in the rootfs too, for the hooks that run inside.
	cat >"$T/hook" <<-END
		#!/bin/sh
		state=\$(cat)
		status=\$(echo "\$state" | sed -n 's/.*"status": *"\([a-z]*\)".*/\1/p')
		echo "\$1 \$status \$(readlink /proc/self/ns/mnt)" >>"\${2:-$LOG}"
		echo "\$state" >"\${3:-$T}/state.\$1"
	END
	chmod 755 "$T/hook"
	cp "$T/hook" "$ROOTFS/hook"
}

# hook KIND PATH [ARG ...]
hook() {
	local kind=$1
	shift
	config '.hooks[$kind] += [{path: $args[0], args: $args}]' --arg kind "$kind" \
		--argjson args "$(strings "$@")"
}

shell_hook() { hook "$1" /bin/sh -c "cat >/dev/null; $2"; }

@test "the six kinds run in order, each once, with the right state" {
	no_peer runc "it runs poststart hooks at create"
	for kind in prestart createRuntime createContainer poststart poststop; do
		hook $kind "$T/hook" $kind
	done
	hook startContainer /hook startContainer /log /
	sh_in_box 'echo process >>/log; read line </gate'
	gate_new
	ok create_box
	is 'prestart createRuntime createContainer' "$(cut -d' ' -f1 "$LOG" | xargs)"
	is created "$(status_of)"
	ok runtime start "$ID"
	wait_until grep -q process "$ROOTFS/log"
	wait_until grep -q poststart "$LOG"
	is 'startContainer process' "$(cut -d' ' -f1 "$ROOTFS/log" | xargs)"
	unlike poststop "$(<"$LOG")"
	gate_open
	wait_until is_stopped
	ok runtime delete "$ID"
	is 'prestart createRuntime createContainer poststart poststop' \
		"$(cut -d' ' -f1 "$LOG" | xargs)"
	[[ -n $PEER ]] || is 'creating creating creating running stopped' \
		"$(cut -d' ' -f2 "$LOG" | xargs)"
	[[ -n $PEER ]] || like '^startContainer created ' "$(<"$ROOTFS/log")"
}

@test "the state on stdin is whole: id, pid, bundle, annotations" {
	config '.annotations = {"org.example.key": "value"}'
	hook createRuntime "$T/hook" createRuntime
	ok create_box --pid-file "$T/pid"
	jq -e --arg id "$ID" --argjson pid "$(<"$T/pid")" --arg bundle "$BUNDLE" '.id == $id
		and .pid == $pid and .bundle == $bundle and (.ociVersion | startswith("1."))
		and .annotations == {"org.example.key": "value"}' "$T/state.createRuntime"
}

@test "prestart, createRuntime, poststart and poststop run in the runtime's namespaces" {
	for kind in prestart createRuntime poststart poststop; do
		hook $kind "$T/hook" $kind
	done
	ok run_box
	is "$(readlink /proc/self/ns/mnt)" "$(cut -d' ' -f3 "$LOG" | sort -u)"
	is 4 "$(wc -l <"$LOG")"
}

@test "createContainer runs in the container's namespaces, before the root changes" {
	hook createContainer "$T/hook" createContainer
	sh_in_box 'readlink /proc/self/ns/mnt'
	ok run_box
	is "$output" "$(cut -d' ' -f3 "$LOG")"
}

@test "startContainer runs inside the container" {
	hook startContainer /hook startContainer /log /
	sh_in_box 'readlink /proc/self/ns/mnt'
	ok run_box
	is "$output" "$(cut -d' ' -f3 "$ROOTFS/log")"
	[[ ! -s $LOG ]]
}

@test "the hook's args, and its env and nothing else" {
	config '.hooks.createRuntime = [{path: "/bin/sh", env: ["A=1", "B=two words"],
		args: ["argv0", "-c", "echo \"$0 $1 $A $B $SECRET\" >>'"$LOG"'; env |
			wc -l >>'"$LOG"'",
			"name", "arg"]}]'
	SECRET=x ok create_box
	is 'name arg 1 two words ' "$(head -n 1 "$LOG")"
}

@test "several hooks of a kind run in the order given" {
	for n in 1 2 3 4; do
		shell_hook prestart "echo $n >>$LOG"
	done
	ok create_box
	is '1 2 3 4' "$(xargs <"$LOG")"
}

@test "a hook sees the container's network namespace by the pid of the state" {
	add_ns network
	hook createRuntime /bin/sh -c "pid=\$(sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p')
		readlink /proc/\$pid/ns/net >>$LOG"
	sh_in_box 'readlink /proc/self/ns/net'
	ok run_box
	is "$output" "$(<"$LOG")"
}

failing() {
	shell_hook "$1" 'echo "because of it" >&2; exit 3'
	sh_in_box 'echo ran >>/ran'
}

@test "a failing prestart hook undoes the container" {
	no_peer crun "it runs no poststop then"
	failing prestart
	shell_hook poststop "echo poststop >>$LOG"
	refused . create_box
	[[ -n $PEER ]] || like 'prestart'
	is poststop "$(<"$LOG")"
}

@test "a failing createRuntime hook undoes the container" {
	failing createRuntime
	refused . create_box
	[[ -n $PEER ]] || like 'createRuntime'
}

@test "a failing createContainer hook undoes the container" {
	failing createContainer
	refused . create_box
	[[ -n $PEER ]] || like 'createContainer'
}

@test "a failing startContainer hook fails the start, and the process never runs" {
	no_peers 'their start succeeds'
	failing startContainer
	ok create_box
	fails runtime start "$ID"
	[[ -n $PEER ]] || like 'startContainer'
	[[ ! -e $ROOTFS/ran ]]
	is_over() { ! runtime state "$ID" >"$T/state.json" 2>&1 || grep -q stopped \
		"$T/state.json"; }
	wait_until is_over
}

@test "run with a failing startContainer hook leaves nothing" {
	failing startContainer
	refused . run_box
	[[ ! -e $ROOTFS/ran ]]
}

@test "a failing poststart hook is a warning: the container runs" {
	no_peer runc
	no_peer crun
	shell_hook poststart 'exit 3'
	sh_in_box 'exec sleep 1000'
	ok create_box
	ok runtime start "$ID"
	like 'poststart'
	is running "$(status_of)"
}

@test "a failing poststop hook is a warning: the container goes, and the other hooks run" {
	no_peer runc
	shell_hook poststop 'exit 3'
	shell_hook poststop "echo second >>$LOG"
	ok create_box
	ok runtime delete --force "$ID"
	[[ -n $PEER ]] || like 'poststop'
	fails runtime state "$ID"
	is second "$(<"$LOG")"
}

@test "a hook ended by a signal, or that does not exist, failed" {
	shell_hook prestart 'kill -KILL $$'
	refused . create_box
	config 'del(.hooks)'
	hook prestart /no/such/hook
	refused "$(says '/no/such/hook')" create_box
}

@test "after a failing hook the next of its kind do not run" {
	shell_hook createRuntime 'exit 3'
	shell_hook createRuntime "echo second >>$LOG"
	fails create_box
	is '' "$(<"$LOG")"
}

timeout_undoes() {
	local begin=$SECONDS
	LIMIT=10 refused . create_box
	((SECONDS - begin < 6))
	[[ -n $PEER ]] || like 'prestart.*(timed out|timeout|time)'
}

@test "a hook that takes longer than its timeout is ended, and failed" {
	config '.hooks.prestart = [{path: "/bin/sleep", args: ["sleep", "1000"], timeout: 1}]'
	timeout_undoes
}

@test "a hook's grandchild that holds the pipe does not defeat the timeout" {
	no_peer runc 'it waits for the grandchild'
	config '.hooks.prestart = [{path: "/bin/sh", timeout: 1, args: ["sh", "-c",
		"sleep 8 & sleep 8"]}]'
	timeout_undoes
}

@test "a hook's grandchild that goes on after the hook does not hold the runtime up" {
	no_peer runc 'it waits for the grandchild'
	config '.hooks.prestart = [{path: "/bin/sh", args: ["sh", "-c", "sleep 8 & exit 0"]}]'
	begin=$SECONDS
	ok create_box
	((SECONDS - begin < 6))
}

@test "a hook that does not read the state is no failure, however long that is" {
	no_peer crun
	config '.annotations = ([range(0; 2000)] | map({key: "key\(.)", value: ("x" * 50)}) |
		from_entries)'
	hook prestart /bin/true
	ok create_box
}

@test "a hook with a relative path is refused" {
	no_peer crun
	no_peer runc
	hook prestart bin/true
	refused_config 'hooks\.prestart\[0\]\.path'
}

@test "a timeout that is not positive is refused" {
	no_peers
	config '.hooks.prestart = [{path: "/bin/true", timeout: 0}]'
	refused_config 'hooks\.prestart\[0\]\.timeout'
}

@test "a startContainer hook is looked up inside, not on the host" {
	printf '#!/bin/sh\necho host >>%s\n' "$LOG" >"$T/onlyhost"
	chmod 755 "$T/onlyhost"
	hook startContainer "$T/onlyhost"
	fails run_box
	is '' "$(<"$LOG")"
}

@test "poststop runs when a running container is deleted by force" {
	hook poststop "$T/hook" poststop
	start_box
	ok runtime delete --force "$ID"
	like '^poststop stopped' "$(<"$LOG")"
}
