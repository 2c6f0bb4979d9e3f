#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# linux.seccomp: actions, operators, unknown names, listeners, and the cache.

load ../lib/oci

test_begins() {
	[[ $(uname -m) == x86_64 ]] || skip 'needs an x86_64 machine'
}

# profile DEFAULT RULES [MORE]: RULES is a JSON array; MORE is merged into the profile.
profile() {
	config '.linux.seccomp = ({defaultAction: $d, architectures: ["SCMP_ARCH_X86_64",
			"SCMP_ARCH_X86", "SCMP_ARCH_X32"], syscalls: $r} + $m)' \
		--arg d "$1" --argjson r "$2" --argjson m "${3:-{\}}"
}

deny() { profile SCMP_ACT_ALLOW "[{\"names\": [\"$1\"], \"action\": \"SCMP_ACT_ERRNO\"$2}]"; }

@test "errno: the call fails with EPERM, or with errnoRet" {
	deny mkdir ''
	box 'mkdir /x 2>&1; :'
	like 'Operation not permitted'
	deny mkdir ', "errnoRet": 28'
	box 'mkdir /x 2>&1; :'
	like 'No space left'
	[[ ! -e $ROOTFS/x ]]
}

# The names, as JSON, of all calls of podman's profile that FILTER keeps.
usual_calls() {
	jq -c "[.linux.seccomp.syscalls[].names[] | select($1)]" "$TESTS/data/seccomp-podman.json"
}

@test "defaultAction errno with defaultErrnoRet: what is not named fails" {
	no_peer runc
	profile SCMP_ACT_ERRNO '[]' '{"defaultErrnoRet": 95}'
	names=$(usual_calls '. != "mkdir"')
	profile SCMP_ACT_ERRNO "[{\"names\": $names, \"action\": \"SCMP_ACT_ALLOW\"}]" \
		'{"defaultErrnoRet": 95}'
	box 'mkdir /x 2>&1; :'
	like 'not supported'
}

@test "kill ends the process with SIGSYS" {
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_KILL_PROCESS"}]'
	box 'mkdir /x; echo $?'
	like '159'
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_KILL"}]'
	box 'mkdir /x; echo $?'
	like '159'
}

@test "trap, log and trace are taken" {
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_TRAP"}]'
	box 'mkdir /x; echo $?'
	like '159'
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_LOG"}]'
	box 'mkdir /x; echo $?'
	is 0
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_TRACE", "errnoRet": 1}]'
	box 'mkdir /y 2>/dev/null; echo $?'
	is 1
}

# The umask of the mode is not part of it: chmod's second argument is compared.
chmod_answers() {
	local op=$1 value=$2 more=$3
	profile SCMP_ACT_ALLOW \
		"[{\"names\": [\"chmod\", \"fchmodat\"], \"action\": \"SCMP_ACT_ERRNO\",
		\"errnoRet\": 28,
		\"args\": [{\"index\": 1, \"value\": $value, \"op\": \"$op\"$more}]}]"
	sed -i 's/"fchmodat"/"nosuchcall"/' "$BUNDLE/config.json"
	box ': >/f; for m in 100 200 300; do chmod $m /f 2>/dev/null &&
		echo -n y || echo -n n; done'
}

@test "every operator compares as it says" {
	# 100, 200 and 300 octal are 64, 128 and 192.
	chmod_answers SCMP_CMP_EQ 128 '' && is yny
	chmod_answers SCMP_CMP_NE 128 '' && is nyn
	chmod_answers SCMP_CMP_LT 128 '' && is nyy
	chmod_answers SCMP_CMP_LE 128 '' && is nny
	chmod_answers SCMP_CMP_GT 128 '' && is yyn
	chmod_answers SCMP_CMP_GE 128 '' && is ynn
	chmod_answers SCMP_CMP_MASKED_EQ 64 ', "valueTwo": 64' && is nyn
}

@test "of several args all must match" {
	profile SCMP_ACT_ALLOW '[{"names": ["kill"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28,
		"args": [
		{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}, {"index": 1, "value": 0,
			"op": "SCMP_CMP_EQ"}]}]'
	box 'sleep 100 & kill -0 1 2>&1; kill -0 $! && echo other; kill -CONT 1 && echo signal;
		kill $!'
	like 'No space left'
	like other
	like signal
}

@test "names that libseccomp or the kernel lack are skipped" {
	profile SCMP_ACT_ALLOW '[{"names": ["no_such_call", "mkdir", "another_one"],
		"action": "SCMP_ACT_ERRNO"}]'
	box 'mkdir /x 2>&1; :'
	like 'Operation not permitted'
}

@test "calls newer than the newest that the profile names answer ENOSYS" {
	no_peer crun
	cp "$(tool newer)" "$ROOTFS/newer"
	names=$(usual_calls true)
	profile SCMP_ACT_ERRNO "[{\"names\": $names, \"action\": \"SCMP_ACT_ALLOW\"}]"
	box /newer
	is '-1 38'
}

@test "the filter is there: Seccomp is 2 and NoNewPrivs as configured" {
	deny mkdir ''
	box 'grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status'
	is $'NoNewPrivs:\t0\nSeccomp:\t2'
	config '.process.noNewPrivileges = true'
	box 'grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status'
	is $'NoNewPrivs:\t1\nSeccomp:\t2'
}

@test "another user without capabilities gets the filter too" {
	config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
	deny mkdir ''
	box 'mkdir /tmp/x 2>&1; grep ^Seccomp: /proc/self/status'
	like 'Operation not permitted'
	like $'Seccomp:\t2'
}

@test "32-bit programs pass through the filter of their own architecture" {
	cp "$(tool mkdir32)" "$ROOTFS/small"
	deny mkdir ''
	box '/small; echo $?'
	is 1
}

@test "a profile that is used again gives the same filter" {
	deny mkdir ', "errnoRet": 28'
	for _ in 1 2 3; do
		box 'mkdir /x 2>&1; :'
		like 'No space left'
	done
	deny mkdir ', "errnoRet": 95'
	box 'mkdir /x 2>&1; :'
	like 'not supported'
	deny rmdir ''
	box 'mkdir /x && rmdir /x 2>&1; :'
	like 'Operation not permitted'
}

@test "a cache that was damaged is not believed" {
	no_peers
	deny mkdir ', "errnoRet": 28'
	box 'mkdir /x 2>&1; :'
	find "$STATE" -type f -size +0 -exec sh -c ': >"$1"; head -c 64 /dev/urandom >"$1"' - {} \;
	box 'mkdir /x 2>&1; :'
	like 'No space left'
}

@test "flags: SECCOMP_FILTER_FLAG_LOG and SPEC_ALLOW; unknown ones are refused" {
	no_peer runc
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]' \
		'{"flags": ["SECCOMP_FILTER_FLAG_LOG"]}'
	box 'mkdir /x 2>&1; :'
	like 'not permitted'
	profile SCMP_ACT_ALLOW '[]' '{"flags": ["SECCOMP_FILTER_FLAG_NOSUCH"]}'
	refused 'SECCOMP_FILTER_FLAG_NOSUCH' run_box
}

@test "an unknown action, operator or architecture is refused, by the member" {
	profile SCMP_ACT_NOSUCH '[]'
	refused "$(says 'linux\.seccomp\.defaultAction')" run_box
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_NOSUCH"}]'
	refused "$(says 'linux\.seccomp\.syscalls\[0\]\.action')" run_box
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO",
		"args": [{"index": 0, "value": 1, "op": "SCMP_CMP_NOSUCH"}]}]'
	refused "$(says 'linux\.seccomp\.syscalls\[0\]\.args\[0\]\.op')" run_box
	profile SCMP_ACT_ALLOW '[]' '{"architectures": ["SCMP_ARCH_NOSUCH"]}'
	no_peer crun
	refused "$(says 'linux\.seccomp\.architectures')" run_box
}

@test "an argument index past 5 is refused" {
	no_peers
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_ERRNO",
		"args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}]'
	refused 'linux\.seccomp\.syscalls\[0\]' run_box
}

@test "notify: the listener gets the descriptor, the state and the metadata, and decides" {
	receiver=$(tool seccompd)
	"$receiver" "$T/listener.sock" >"$T/message" 2>"$T/fds" 3>&- &
	hold $!
	wait_until test -S "$T/listener.sock"
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]' \
		"{\"listenerPath\": \"$T/listener.sock\", \"listenerMetadata\": \"some metadata\"}"
	box 'mkdir /x 2>&1; :'
	like 'Math|domain|range'
	is 1 "$(head -n 1 "$T/fds")"
	jq -e --arg id "$ID" '.ociVersion and (.fds == ["seccompFd"]) and (.pid > 0)
		and .metadata == "some metadata" and .state.id == $id' "$T/message"
}

@test "notify without a listenerPath, and a listener that is not there, are refused" {
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]'
	[[ $PEER == crun ]] || refused "$(says 'listenerPath')" run_box
	profile SCMP_ACT_ALLOW '[{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]' \
		"{\"listenerPath\": \"$T/nowhere.sock\"}"
	refused "$(says 'nowhere.sock|listener')" run_box
}
