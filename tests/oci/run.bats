#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# run: create, start, wait and delete in one, with the caller's own input and output.

load ../lib/oci

@test "run gives the process the caller's stdin, stdout and stderr" {
	sh_in_box 'read line; echo "out $line"; echo "err $line" >&2'
	echo words | run_box >"$T/out" 2>"$T/err"
	is 'out words' "$(<"$T/out")"
	is 'err words' "$(<"$T/err")"
}

@test "run ends with the status of the process" {
	for n in 0 1 7 125 126 127 255; do
		sh_in_box "exit $n"
		exits "$n" run_box
	done
}

@test "run ends with 128+n when signal n ended the process" {
	no_peer crun
	sh_in_box 'exec cat /gate'
	mkfifo "$ROOTFS/gate"
	run_box --pid-file "$T/pid" &
	local run=$!
	wait_until test -s "$T/pid"
	wait_until grep -q '^cat' "/proc/$(<"$T/pid")/cmdline"
	kill -KILL "$(<"$T/pid")"
	status=0
	wait $run || status=$?
	is 137 "$status"
}

@test "run deletes the container when it ends" {
	box 'echo hello'
	is hello
	[[ ! -e $STATE/$ID ]]
	has_no_cgroups
}

@test "run --detach returns while the process runs" {
	sh_in_box 'exec sleep 1000'
	ok run_box --detach --pid-file "$T/pid"
	is running "$(status_of)"
	is "$(<"$T/pid")" "$(runtime state "$ID" | jq .pid)"
}

@test "run --keep leaves the stopped container" {
	no_peers 'crun 1.8 has no --keep; runc 1.1.5 has'
	sh_in_box 'exit 3'
	exits 3 run_box --keep
	is stopped "$(status_of)"
	ok runtime delete "$ID"
}

@test "run forwards signals to the process" {
	sh_in_box 'trap "echo term; exit 5" TERM; echo ready;
		while :; do sleep 1000 & wait $!; done'
	timeout --foreground --kill-after=3 10 "$OCI" --root "$STATE" run --bundle "$BUNDLE" "$ID" >"$T/out" 2>&1 3>&- &
	local run=$!
	wait_until grep -q ready "$T/out"
	kill -TERM $run
	status=0
	wait $run || status=$?
	is 5 "$status"
	is $'ready\nterm' "$(<"$T/out")"
}

@test "run reaps what the container leaves" {
	box 'sleep 1000 & sleep 1000 & exit 0'
}

@test "run reads a configuration from elsewhere with --config" {
	no_peer runc
	args echo elsewhere
	mv "$BUNDLE/config.json" "$T/other.json"
	ok run_box --config "$T/other.json"
	is elsewhere
}

@test "what run prints on failure names the verb, the container and the reason" {
	no_peers
	args /no/such/program
	fails run_box
	like "tare-oci: run $ID: .*/no/such/program"
	is 1 "$(wc -l <<<"$output")"
}

@test "a container can be run inside a container" {
	no_peers 'they are not static'
	! readelf -lW "$OCI" | grep -q INTERP || skip 'needs a program without a dynamic linker'
	config '.process.capabilities[] |= ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_MKNOD",
		"CAP_SETUID",
			"CAP_SETGID", "CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_SYS_PTRACE", "CAP_CHOWN",
			"CAP_FOWNER", "CAP_SETPCAP", "CAP_DAC_READ_SEARCH"]
		| .linux.resources.devices = [{"allow": true, "access": "rwm"}]'
	mkdir -p "$ROOTFS/inner"
	cp -a "$FILE_TMP/rootfs" "$ROOTFS/inner/rootfs"
	cp "$OCI" "$ROOTFS/bin/tare-oci"
	jq '.process.args = ["echo", "inside the inside"] | .mounts = [] | .linux.namespaces
		= [{type: "mount"}, {type: "pid"}] | del(.hostname, .linux.cgroupsPath,
			.linux.resources)
		| .process.capabilities[] |= []' "$BUNDLE/config.json" >"$ROOTFS/inner/config.json"
	box '/bin/tare-oci --cgroup-manager disabled --root /run/inner run --bundle /inner inner'
	is 'inside the inside'
}
