#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# create, start, state, kill, delete and list: what each does and when it is refused.

load ../lib/oci

@test "create makes a container whose process has not run" {
	sh_in_box 'echo ran'
	ok create_box
	is ''
	is created "$(status_of)"
}

@test "state has the members of the specification" {
	config '.annotations = {"org.example.key": "value"}'
	ok create_box --pid-file "$T/pid"
	ok runtime state "$ID"
	jq -e --arg id "$ID" --argjson pid "$(<"$T/pid")" --arg bundle "$BUNDLE" '
		(.ociVersion | test("^1\\.[0-9]+\\.[0-9]+")) and .id == $id and .status == "created"
		and .pid == $pid and .bundle == $bundle
		and .annotations == {"org.example.key": "value"}' <<<"$output"
}

@test "start runs the process that create made" {
	sh_in_box 'echo "ran as $$"'
	ok create_box
	runtime start "$ID"
	wait_until is_stopped
	is 'ran as 1' "$(<"$T/output")"
}

@test "a container goes through created, running and stopped" {
	sh_in_box 'read line </gate'
	gate_new
	ok create_box
	is created "$(status_of)"
	ok runtime start "$ID"
	is running "$(status_of)"
	gate_open
	wait_until is_stopped
	runtime delete "$ID"
	fails runtime state "$ID"
}

@test "the pid file holds the host's pid of the container's first process, and nothing else" {
	start_box
	like '^[1-9][0-9]*$' "$(cat "$T/pid")"
	is "$PID" "$(runtime state "$ID" | jq .pid)"
	is 1 "$(awk '/^NSpid/ { print $NF }' "/proc/$PID/status")"
}

@test "a stopped container has pid 0" {
	no_peer runc 'it reports the old pid'
	args true
	ok create_box
	ok runtime start "$ID"
	wait_until is_stopped
	is 0 "$(runtime state "$ID" | jq '.pid // 0')"
}

@test "the bundle can be relative, or the working directory" {
	cd "$T"
	ok runtime create --bundle bundle one
	is "$BUNDLE" "$(runtime state one | jq -r .bundle)"
	cd bundle
	config '.linux.cgroupsPath += "-two"'
	ok runtime create two
	is "$BUNDLE" "$(runtime state two | jq -r .bundle)"
}

@test "config.json is read at create: what changes later changes nothing" {
	sh_in_box 'echo first'
	ok create_box
	sh_in_box 'echo second'
	runtime start "$ID"
	wait_until is_stopped
	is first "$(<"$T/output")"
}

@test "start of a running container is refused, and it goes on running" {
	start_box
	fails runtime start "$ID"
	is running "$(status_of)"
}

@test "start of a stopped container is refused" {
	ok create_box
	runtime start "$ID"
	wait_until is_stopped
	fails runtime start "$ID"
}

@test "create of a name that is taken is refused and leaves the first alone" {
	start_box
	NEW_ID=$ID fails create_box
	is running "$(status_of)"
	is "$PID" "$(runtime state "$ID" | jq .pid)"
}

@test "delete of a running container is refused" {
	start_box
	fails runtime delete "$ID"
	is running "$(status_of)"
}

@test "delete of a created container is refused without --force" {
	no_peers 'runc kills it, crun refuses'
	ok create_box
	fails runtime delete "$ID"
	is created "$(status_of)"
}

@test "delete --force ends a running container" {
	start_box
	ok runtime delete --force "$ID"
	fails runtime state "$ID"
	wait_until ended "$PID"
}

@test "delete --force ends a created container whose process never ran" {
	sh_in_box 'echo ran'
	ok create_box --pid-file "$T/pid"
	ok runtime delete --force "$ID"
	wait_until ended "$(<"$T/pid")"
	is '' "$(<"$T/output")"
}

@test "delete --force of what does not exist succeeds" {
	ok runtime delete --force nobody
}

@test "kill sends the named signal" {
	sh_in_box 'trap "echo usr1" USR1; trap "echo hup; exit 0" HUP; echo ready
		while :; do sleep 1000 & wait $!; done'
	ok create_box
	runtime start "$ID"
	wait_until grep -q ready "$T/output"
	cp "$T/output" "$T/before"
	runtime kill "$ID" USR1
	wait_until grep -q usr1 "$T/output"
	runtime kill "$ID" SIGHUP
	wait_until is_stopped
	is $'ready\nusr1\nhup' "$(<"$T/output")"
}

@test "kill takes signal numbers" {
	start_box
	ok runtime kill "$ID" 9
	wait_until is_stopped
}

@test "kill without a signal sends TERM" {
	start_box
	wait_until grep -q started "$T/output"
	ok runtime kill "$ID"
	wait_until is_stopped
}

@test "kill takes real-time signals" {
	sh_in_box 'trap "exit 0" 40; echo ready; while :; do sleep 1000 & wait $!; done'
	ok create_box
	runtime start "$ID"
	wait_until grep -q ready "$T/output"
	ok runtime kill "$ID" 40
	wait_until is_stopped
}

@test "kill refuses what is no signal" {
	no_peer crun 'it sends something'
	start_box
	for signal in NOSUCH 0x9 65 999 9x -1; do
		fails runtime kill "$ID" "$signal"
	done
	is running "$(status_of)"
}

@test "kill of a created container ends it" {
	ok create_box
	ok runtime kill "$ID" KILL
	wait_until is_stopped
	ok runtime delete "$ID"
}

@test "kill of a stopped container is refused" {
	ok create_box
	runtime start "$ID"
	wait_until is_stopped
	fails runtime kill "$ID" TERM
}

# bats test_tags=guest
@test "kill --all reaches every process of the container" {
	sh_in_box 'sleep 1000 & sleep 1000 & exec sleep 1000'
	drop_ns pid
	ok create_box
	runtime start "$ID"
	has_three() { (($(members | wc -l) == 3)); }
	wait_until has_three
	ok runtime kill --all "$ID" KILL
	wait_until is_stopped
	has_none() { [[ -z $(members) ]]; }
	wait_until has_none
}

@test "kill --all without a cgroup does not pretend" {
	no_peers
	sh_in_box 'exec sleep 1000'
	ok runtime --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
	runtime start "$ID"
	fails runtime kill --all "$ID" TERM
	like '--all: the container has no cgroup'
	ok runtime kill --all "$ID" KILL
	wait_until is_stopped
	runtime delete "$ID"
	drop_ns pid
	ok runtime --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
	fails runtime kill --all "$ID" KILL
	like '--all: the container has no cgroup'
}

@test "without a pid namespace delete --force ends the children too" {
	sh_in_box 'sleep 1000 & echo $!; exec sleep 1000'
	drop_ns pid
	ok create_box
	runtime start "$ID"
	wait_until test -s "$T/output"
	pid=$(<"$T/output")
	ok runtime delete --force "$ID"
	wait_until ended "$pid"
}

@test "ids that are no plain names are refused by every command" {
	no_peer crun 'delete --force of the empty name succeeds'
	start_box
	mkdir -p "$T/outside"
	for id in '' . .. ../outside a/b /etc 'a b' $'a\nb' 'a*' '%s' \
		"$(printf 'x%.0s' {1..1100})"; do
		for verb in state start pause resume ps delete 'delete --force' 'kill --all' \
			'update --pids-limit 10' 'events --stats'; do
			# shellcheck disable=SC2086
			fails runtime $verb "$id"
		done
		fails runtime kill "$id" KILL
		fails runtime exec "$id" true
		NEW_ID=$id fails runtime create --bundle "$BUNDLE" "$id"
		fails runtime run --bundle "$BUNDLE" "$id"
	done
	[[ -d $T/outside ]]
	is running "$(status_of)"
	is "$ID" "$(ls "$STATE")"
}

@test "commands on a container that does not exist say so and fail" {
	for verb in state start pause resume ps delete 'update --pids-limit 10' 'events --stats'; do
		# shellcheck disable=SC2086
		fails runtime $verb nobody
		[[ -n $PEER ]] || like 'nobody'
	done
	fails runtime kill nobody KILL
	fails runtime exec nobody true
}

@test "of two creates of one name at once exactly one wins, whole" {
	no_peer runc 'there two win'
	for _ in 1 2 3 4 5; do
		for n in 1 2 3; do
			create_box --pid-file "$T/pid$n" >"$T/out$n" 2>&1 && echo "$n" >>"$T/won" &
		done
		wait
		is 1 "$(wc -l <"$T/won")"
		is created "$(status_of)"
		is "$(<"$T/pid$(<"$T/won")")" "$(runtime state "$ID" | jq .pid)"
		runtime delete --force "$ID"
		rm "$T"/won "$T"/pid?
	done
}

@test "of two starts at once one wins" {
	sh_in_box 'echo ran >>/ran; exec sleep 1000'
	ok create_box
	for n in 1 2 3; do
		runtime start "$ID" 2>/dev/null && echo "$n" >>"$T/won" &
	done
	wait
	is 1 "$(wc -l <"$T/won")"
	wait_until test -s "$ROOTFS/ran"
	is ran "$(<"$ROOTFS/ran")"
}

@test "a name can be used again once its container is deleted" {
	for n in 1 2 3; do
		ok create_box
		ok runtime delete --force "$ID"
	done
}

@test "list shows every container, as a table and as json" {
	start_box
	config '.linux.cgroupsPath += "-two"'
	NEW_ID=two ok create_box
	ok runtime list
	like '^(ID|NAME) +PID +STATUS +BUNDLE( PATH)? +CREATED'
	grep -qE "^two +[0-9]+ +created +$BUNDLE +20[0-9][0-9]-" <<<"$output"
	grep -qE "^$ID +$PID +running" <<<"$output"
	ok runtime list --format json
	is '["box","two"]' "$(jq -c 'map(.id) | sort' <<<"$output")"
	jq -e 'all(.[]; .pid > 0 and .bundle and .created and .status)' <<<"$output"
	ok runtime list --quiet
	is $'box\ntwo' "$(sort <<<"$output")"
}

@test "list with no containers, and with no state directory at all" {
	ok runtime list --format json
	like '^(null|\[\])?$' "$(tr -d '[:space:]' <<<"$output")"
	ok runtime list --quiet
	is ''
}

@test "ps shows the container's processes as a table and as json" {
	start_box 'sleep 1000 & sleep 1000 &'
	has_four() { (($(members | wc -l) == 4)); }
	wait_until has_four
	ok runtime ps --format json "$ID"
	is 4 "$(jq length <<<"$output")"
	jq -e --argjson pid "$PID" 'any(.[]; . == $pid)' <<<"$output"
	ok runtime ps "$ID"
	like "$PID"
}

@test "the container outlives the program that started it" {
	start_box
	is "$PID" "$(runtime state "$ID" | jq .pid)"
	unlike "${OCI##*/}" "$(tr '\0' ' ' <"/proc/$PID/cmdline")"
}

@test "unknown commands and options are refused with one line" {
	no_peers
	for words in nosuch 'create --nosuch' 'kill --nosuch' '--nosuch list' 'run --bundle'; do
		# shellcheck disable=SC2086
		exits 1 runtime $words
		(($(wc -l <<<"$output") <= 2))
	done
}

@test "--version names the specification" {
	ok runtime --version
	like 'spec: 1\.'
}

@test "--log and --log-format json write the error where the caller asked" {
	fails runtime --log "$T/log" --log-format json state nobody
	jq -e -s 'last | .level == "error" and (.msg | test("nobody|not exist")) and (.time |
		type == "string")' \
		"$T/log"
}

@test "NOTIFY_SOCKET and LISTEN_FDS reach the container" {
	sh_in_box 'echo "$LISTEN_FDS $LISTEN_PID"; readlink /proc/self/fd/3; cat <&3'
	echo listened >"$T/file"
	# shellcheck disable=SC2016 # for the inner shell
	ok env LISTEN_FDS=1 sh -c 'LISTEN_PID=$$ exec "$@"' - \
		"$OCI" --root "$STATE" run --bundle "$BUNDLE" "$ID" 3<"$T/file"
	[[ $PEER == crun ]] || like '^1 1'
	like listened
}
