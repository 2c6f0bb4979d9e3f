#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# containerd from Debian's packages calls this runtime, by its shim: what Kubernetes has below it.

load ../lib/oci
load ../lib/daemons

file_begins() {
	command -v ctr >/dev/null || skip 'needs containerd'
	# The cgroup of a container is /NAMESPACE/ID there.
	export D=$FILE_TMP/d PARENT=$PREFIX-containerd
	mkdir "$D"
	image_new
	containerd_configure
	daemons_start
	c image import "$D/image.tar" >/dev/null
}

file_ends() { daemons_end; }

c() { within ctr --address "$D/containerd.sock" --namespace "$PARENT" "$@"; }
c_run() { c run --runc-binary "$OCI" "$@"; }

# A container of this name that runs until it is told to end.
c_start() {
	ok c_run --detach "$@" sh -c 'trap "exit 9" TERM; while :; do sleep 1000 & wait $!; done'
}

test_ends() {
	local name

	for name in $(c container list --quiet); do
		c task delete --force "$name" >/dev/null 2>&1 || true
		c container delete "$name"
	done
	daemons_tell
}

status_is() { c task list | grep -qE "^$1 +[0-9]+ +$2"; }

@test "ctr run shows the output and the exit status" {
	ok c_run --rm --env A=1 --cwd /tmp $IMAGE one sh -c 'echo $A; pwd; id -u; echo $$'
	is $'1\n/tmp\n0\n1'
	exits 7 c_run --rm $IMAGE one sh -c 'exit 7'
	is '' "$(cgroups_of one)"
}

@test "ctr run of a missing program says what is missing, and leaves nothing" {
	fails c_run --rm $IMAGE one nosuch
	like "OCI runtime create failed: .*nosuch.*: executable file not found in .PATH"
	is '' "$(cgroups_of one)"
}

@test "ctr run with limits, a mount, a profile and fewer rights" {
	mkdir "$T/data"
	c_start --memory-limit 67108864 --cpus 0.5 --cpu-shares 512 --seccomp --read-only \
		--cap-drop CAP_KILL --mount "type=bind,src=$T/data,dst=/mnt,options=bind:rw" \
		$IMAGE one
	is 67108864 "$(knob memory one memory.limit_in_bytes)"
	is 50000 "$(knob cpu one cpu.cfs_quota_us)"
	is 512 "$(knob cpu one cpu.shares)"
	ok c task exec --exec-id more one sh -c 'echo x >/mnt/x; echo y >/y;
		grep -E "^(CapEff|Seccomp):" /proc/self/status'
	like 'Read-only file system'
	like $'CapEff:\t00000000a80425db'
	like $'Seccomp:\t2'
	is x "$(<"$T/data/x")"
}

@test "ctr task exec, pause, resume, metrics, ps, kill and delete" {
	c_start $IMAGE one
	exits 5 c task exec --exec-id more --user 1000 one sh -c 'id -u; exit 5'
	is 1000 "${lines[0]}"
	ok c task pause one
	status_is one PAUSED
	is FROZEN "$(knob freezer one freezer.state)"
	ok c task resume one
	status_is one RUNNING
	ok c task metrics one
	like 'pids.current +2'
	ok c task ps one
	((${#lines[@]} == 3))
	ok c task kill --signal TERM one
	wait_until status_is one STOPPED
	try c task delete one
	is '' "$(cgroups_of one)"
	ok c container delete one
	ok c container list --quiet
	is ''
}

@test "ctr task exec that outlives nothing: a kill ends what was executed too" {
	c_start $IMAGE one
	ok c task exec --detach --exec-id more one sleep 1001
	ok c task kill --all --signal KILL one
	wait_until status_is one STOPPED
	is '' "$(cat "$CGROUPS/pids/$PARENT/one/cgroup.procs" 2>/dev/null)"
}

# In a terminal of 40 rows.
terminal() {
	local words

	printf -v words '%q ' "$@"
	script -qec "stty rows 40 cols 100; $words" /dev/null
}

@test "ctr run and ctr task exec with a terminal" {
	local ctr=(nsenter --target "$INIT" --mount --pid --net -- ctr --address
		"$D/containerd.sock" --namespace "$PARENT")

	exits 3 terminal "${ctr[@]}" run --runc-binary "$OCI" --rm --tty $IMAGE one \
		sh -c 'tty; exit 3'
	like /dev/pts/0
	c_start $IMAGE two
	ok terminal "${ctr[@]}" task exec --tty --exec-id more two sh -c 'tty; while
		[ "$(stty size)" != "40 100" ]; do :; done; stty size'
	like /dev/pts/
	like '40 100'
}
