#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What was found by attacking: hostile images, callers with odd descriptors, races, deaths half-way.

load ../lib/oci

@test "a caller without standard descriptors gives its container none of the runtime's" {
	sh_in_box 'for fd in /proc/self/fd/[012]; do readlink $fd; done >/links; exec sleep 1000'
	chmod 777 "$ROOTFS"
	config '.process.user = {uid: 1000, gid: 1000}'
	ok create_box --pid-file "$T/pid" <&- >&- 2>&-
	ok runtime start "$ID"
	wait_until test -s "$ROOTFS/links"
	cat "$ROOTFS/links"
	unlike state "$(<"$ROOTFS/links")"
	is 0 "$(stat -c %u "$STATE")"
	is 0 "$(stat -c %u "$STATE/$ID")"
}

@test "run works without standard descriptors" {
	sh_in_box 'echo x >/made'
	"$OCI" --root "$STATE" run --bundle "$BUNDLE" "$ID" <&- >&- 2>&-
	is x "$(<"$ROOTFS/made")"
}

@test "a startContainer hook that fails stops the container" {
	sh_in_box 'echo ran >/ran'
	config '.hooks = {startContainer: [{path: "/bin/false"}]}'
	ok create_box --pid-file "$T/pid"
	fails runtime start "$ID"
	like startContainer
	wait_until ended "$(<"$T/pid")"
	is stopped "$(status_of)"
	ok runtime delete "$ID"
	[[ ! -e $ROOTFS/ran ]]
}

@test "proc is not mounted through a link of the image" {
	rmdir "$ROOTFS/proc"
	mkdir "$ROOTFS/elsewhere"
	ln -s elsewhere "$ROOTFS/proc"
	refused_config link
}

@test "--preserve-fds has a limit" {
	sh_in_box 'echo to stderr >&2'
	fails run_box --preserve-fds 4294967295
	like preserve-fds
}

@test "the runtime's own descriptors are none to be preserved" {
	sh_in_box 'readlink /proc/self/fd/3'
	fails runtime --log "$T/log" run --bundle "$BUNDLE" --preserve-fds 1 "$ID"
	like 'preserve-fds 1: descriptor 3'
	# shellcheck disable=SC2016 # the inner shell's pid
	fails env LISTEN_FDS=1 bash -c 'LISTEN_PID=$$ exec "$0" "$@"' "$OCI" --root "$STATE" \
		--log "$T/log" run --bundle "$BUNDLE" "$ID" 3>&-
	like 'descriptor 3 is not open'
	start_box
	fails runtime --log "$T/log" exec --preserve-fds 1 "$ID" readlink /proc/self/fd/3
	like 'preserve-fds 1: descriptor 3'
}

@test "a mount point with a component too long is refused, not mounted elsewhere" {
	add_mount "/missing/$(printf 'x%.0s' {1..300})" tmpfs tmpfs
	refused_config 'name too long'
}

# bats test_tags=guest_systemd
@test "delete --force after a create that died at once leaves strangers in its cgroup alone" {
	freezer=$(cg_root freezer)$CG pids=$(cg_root pids)$CG
	mkdir -p "$freezer" "$pids"
	sleep 1000 &
	hold $!
	echo $! >"$freezer/cgroup.procs"
	echo $! >"$pids/cgroup.procs"
	mkdir -p "$STATE/$ID"
	echo "{\"id\":\"$ID\",\"creating\":true,\"cgroupPath\":\"$CG\"}" >"$STATE/$ID/state.json"
	try runtime delete --force "$ID"
	kill -0 ${HELD[0]}
	kill ${HELD[0]}
	wait ${HELD[0]} || true
	[[ ! -e $STATE/$ID ]]
	rmdir -- "$pids" && [[ ! -d $freezer ]] || rmdir -- "$freezer"
}

# bats test_tags=guest_systemd
@test "delete --force during create leaves nothing" {
	mkfifo "$T/gate"
	config '.hooks = {createRuntime: [{path: "/bin/sh", args: ["sh", "-c", $c]}]}' \
		--arg c "echo >$T/at; read x <$T/gate"
	create_box >"$T/out" 2>&1 &
	local create=$!
	wait_until test -e "$T/at"
	ok runtime delete --force "$ID"
	echo >"$T/gate"
	wait $create && return 1
	cat "$T/out"
	has_no_cgroups
	[[ ! -e $STATE/$ID ]]
}

@test "delete --force where no cgroups are mounted says so, and leaves the container whole" {
	start_box
	fails unshare --mount --propagation private sh -c 'umount -lR /sys/fs/cgroup && exec "$@"' \
		sh "$OCI" --root "$STATE" delete --force "$ID"
	like 'no cgroup file system is mounted'
	unlike hint
	is running "$(status_of)"
	ok runtime list --quiet
	is "$ID"
}

@test "a hint about containers comes when the container is missing, not a user of it" {
	start_box
	fails runtime exec --user nobody "$ID" true
	like "no user 'nobody'"
	unlike hint
	fails runtime exec --cgroup missing "$ID" true
	unlike hint
}

@test "poststop hooks after a failed create run in the host's pid namespace" {
	unshare --pid --fork sleep 1000 &
	hold $!
	wait_until pgrep -P $! >/dev/null
	local inner
	inner=$(pgrep -P $!)
	hold "$inner"
	join_ns pid "/proc/$inner/ns/pid"
	config '.hooks = {poststop: [{path: "/bin/sh", args: ["sh", "-c", $c]}]}
		| .process.rlimits = [{type: "RLIMIT_NOSUCH", soft: 1, hard: 1}]' \
		--arg c "readlink /proc/self/ns/pid >$T/ns"
	fails create_box
	is "$(readlink /proc/self/ns/pid)" "$(<"$T/ns")"
}
@test "hooks inside a user namespace are its root" {
	map_ids
	printf '#!/bin/sh\nid -u; id -g; grep CapEff /proc/self/status\n' >"$T/hook"
	chmod 755 "$T/hook"
	cp "$T/hook" "$ROOTFS/hook"
	chmod 777 "$ROOTFS" "$T"
	config '.hooks = {createContainer: [{path: "/bin/sh", args: ["sh", "-c", $c]}],
		startContainer: [{path: "/bin/sh", args: ["sh", "-c", "/hook >/inner"]}]}' \
		--arg c "$T/hook >$T/outer"
	box 'true'
	cat "$T/outer" "$ROOTFS/inner"
	is $'0\n0' "$(head -2 "$ROOTFS/inner")"
	is $'0\n0' "$(head -2 "$T/outer")"
}

@test "a user namespace without root" {
	map_ids
	config '.linux.uidMappings = [{containerID: 1000, hostID: 101000, size: 1}]
		| .linux.gidMappings = [{containerID: 1000, hostID: 101000, size: 1}]
		| .process.user = {uid: 1000, gid: 1000}'
	box 'id -u; ls -d /proc/1 /dev/pts'
	like '^1000'
}

@test "a limit of open files that is small" {
	for n in 3 4 10; do
		config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: $n, hard: $n}]' --argjson n $n
		box 'ulimit -n'
		is $n
		ok create_box --pid-file "$T/pid"
		ok runtime start "$ID"
		wait_until is_stopped
		ok runtime delete "$ID"
	done
}


@test "what waits for its start holds nothing of the host open, and can do no more than its program" {
	local pid
	for filter in . '.process.noNewPrivileges = true
			| .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}'; do
		config "$filter"
		ok create_box --pid-file "$T/pid"
		pid=$(<"$T/pid")
		try readlink "/proc/$pid/fd"/*
		is '' "$(grep -vxF -e /dev/null -e "$T/output" -e "$T/output (deleted)" "$T/output" |
			grep -v ^socket:)"
		is 00000000080004eb "$(awk '/^CapPrm/ { print $2 }' "/proc/$pid/status")"
		ok runtime delete --force "$ID"
	done
}

# The window is short: many tries, and a process inside that opens whatever it sees.
@test "exec never shows the runtime's executable on a mount that can be written to" {
	cp "$OCI" "$T/copy"
	config '.process.capabilities |= map_values(. + ["CAP_SYS_PTRACE"])'
	start_box
	cat >"$ROOTFS/peep" <<-'END'
		#!/bin/sh
		echo x >/peeping
		while [ ! -e /stop ]; do
			for exe in /proc/[0-9]*/exe; do
				case $(readlink $exe) in
				/bin/busybox | '' | /) ;;
				*) echo "$exe $(readlink $exe)" >>/seen ;;
				esac
			done
		done
	END
	chmod 755 "$ROOTFS/peep"
	"$T/copy" --root "$STATE" exec --detach "$ID" /peep >/dev/null 2>&1
	wait_until test -e "$ROOTFS/peeping"
	for ((i = 0; i < 60; i++)); do
		"$T/copy" --root "$STATE" exec "$ID" true
	done
	touch "$ROOTFS/stop"
	[[ ! -e $ROOTFS/seen ]] || { cat "$ROOTFS/seen" && return 1; }
}

@test "a rootfs that is missing is an error, not a crash" {
	mv "$ROOTFS" "$T/elsewhere"
	refused_config 'rootfs.*no such file'
}

@test "exec --user does not open an /etc/passwd that is a device" {
	start_box
	rm "$ROOTFS/etc/passwd"
	mknod "$ROOTFS/etc/passwd" c 1 3
	fails strace -o "$T/trace" "$OCI" --root "$STATE" exec --user user "$ID" id
	like 'no regular file'
	is '' "$(grep passwd "$T/trace" | grep -E '^open' | grep -v O_PATH || true)"
}

# A bundle of a user who is not root, and `user`, that calls the runtime as him.
users_bundle() {
	chown -R 1000:1000 "$BUNDLE"
	mkdir -m 777 "$T/own"
	cp "$OCI" "$T/oci"
	add_ns user
	config '.linux.uidMappings = [{containerID: 0, hostID: 1000, size: 1}]
		| .linux.gidMappings = .linux.uidMappings | del(.linux.resources, .linux.cgroupsPath)
		| .mounts |= map(select(.type != "devpts"))'
}

as_user() { setpriv --reuid 1000 --regid 1000 --clear-groups "$@"; }
user() { as_user "$T/oci" --root "$T/own/state" --cgroup-manager disabled "$@"; }

@test "a user without root runs a container as himself" {
	users_bundle
	sh_in_box 'id -u'
	ok user run --bundle "$BUNDLE" "$ID"
	is 0
}

# Who is asked for his id after the parent mapped it is root already, and nobody's to map.
@test "a user's first process may be slow, and is mapped all the same" {
	users_bundle
	sh_in_box 'id -u'
	# The parent pauses between the two maps, and the child comes to that in the middle.
	ok as_user strace -qq -f -o /dev/null -e inject=write:delay_exit=200000 \
		-e inject=geteuid:delay_enter=300000 "$T/oci" --root "$T/own/state" \
		--cgroup-manager disabled run --bundle "$BUNDLE" "$ID"
	like 0
}

@test "a user without root execs into his container" {
	users_bundle
	sh_in_box 'while :; do sleep 1; done'
	ok user run --detach --bundle "$BUNDLE" "$ID"
	ok user exec "$ID" sh -c 'id -u; readlink /proc/self/ns/pid'
	like '^0'
	ok user delete --force "$ID"
}
