#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# User namespaces: id mappings, and what is different inside.

load ../lib/oci

map_of() { tr -s ' ' <<<"$1" | sed 's/^ //'; }

# bats test_tags=guest_bare
@test "uid and gid mappings are the configured ones" {
	map_ids 100000
	config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000},
			{containerID: 5000, hostID: 200000, size: 10}]
		| .linux.gidMappings = [{containerID: 0, hostID: 100000, size: 2000}]'
	box 'cat /proc/self/uid_map; echo; cat /proc/self/gid_map'
	is $'0 100000 1000\n5000 200000 10\n\n0 100000 2000' "$(map_of "$output")"
}

# bats test_tags=guest_bare
@test "root inside is not root outside" {
	map_ids
	sh_in_box 'id -u; echo mine >/made; exec sleep 1000'
	ok create_box --pid-file "$T/pid"
	runtime start "$ID"
	wait_until test -s "$ROOTFS/made"
	is 0 "$(<"$T/output")"
	is 100000 "$(stat -c %u "/proc/$(<"$T/pid")")"
	is 100000:100000 "$(stat -c %u:%g "$ROOTFS/made")"
}

# bats test_tags=guest_bare
@test "another user inside has the mapped id outside" {
	map_ids
	config '.process.user = {uid: 1000, gid: 100} | .process.capabilities = {}'
	chmod 777 "$ROOTFS"
	box 'id -u; id -g; echo mine >/made'
	is $'0\n100' \
		"$(stat -c '%u %g' "$ROOTFS/made" | awk '{ print $1 - 101000; print $2 - 100000 }')"
	is $'1000\n100'
}

@test "files of the host's root belong to nobody inside" {
	map_ids
	echo secret >"$ROOTFS/secret"
	chmod 600 "$ROOTFS/secret"
	box 'stat -c %u /secret; cat /secret 2>&1; chown 0 /secret 2>&1; :'
	is 65534 "${lines[0]}"
	like 'Permission denied'
	is 0 "$(stat -c %u "$ROOTFS/secret")"
}

# bats test_tags=guest_bare
@test "the default devices work in a user namespace" {
	map_ids
	box 'echo x >/dev/null && head -c 4 /dev/zero | wc -c && head -c 1 /dev/urandom | wc -c
		echo >/dev/full || ls /dev/tty'
	like '^4'
	like '/dev/tty'
}

# bats test_tags=guest_bare
@test "root inside may not make devices" {
	map_ids
	box 'mknod /tmp/null c 1 3 2>&1 || echo refused'
	like refused
}

# bats test_tags=guest_bare
@test "proc, sysfs and mqueue are mounted in a user namespace that owns the others" {
	map_ids
	add_ns network
	add_mount /sys sysfs sysfs nosuid noexec nodev ro
	add_mount /dev/mqueue mqueue mqueue nosuid noexec nodev
	box 'grep -c . /proc/self/mountinfo >/dev/null
		awk "{ print \$3 }" /proc/mounts | sort -u; ls /sys/class/net'
	like proc
	like sysfs
	like mqueue
	like $'\nlo'
}

@test "with the host's network sysfs is a read-only view of the host's" {
	no_peers
	map_ids
	add_mount /sys sysfs sysfs nosuid noexec nodev ro
	box 'ls /sys/class/net; awk "\$2 == \"/sys\" { print \$4 }" /proc/mounts;
		echo x >/sys/x 2>/dev/null || echo ro'
	like 'ro,'
	like 'ro$'
}

@test "with the host's ipc mqueue is a view of the host's" {
	no_peers
	map_ids
	drop_ns ipc
	add_mount /dev/mqueue mqueue mqueue nosuid noexec nodev
	box 'awk "\$2 == \"/dev/mqueue\" { print \$3 }" /proc/mounts'
	is mqueue
}

@test "with the host's pids proc is a view of the host's" {
	no_peers
	map_ids
	drop_ns pid
	sh_in_box 'echo $$'
	ok run_box --pid-file "$T/pid"
	is "$(<"$T/pid")"
}

@test "capabilities are whole inside and worth nothing outside" {
	map_ids
	config '.process.capabilities |= with_entries(.value += ["CAP_SYS_ADMIN", "CAP_SYS_TIME"])'
	sh_in_box 'mount -t tmpfs none /mnt && echo mounted; date -s 2001-01-01 2>&1'
	try run_box
	like mounted
	like "can't set date"
}

@test "setgroups drops the caller's groups" {
	map_ids
	sh_in_box 'id -G'
	try setpriv --groups 4,5,6 "$OCI" --root "$STATE" run --bundle "$BUNDLE" "$ID"
	is 0
}

# bats test_tags=guest_bare
@test "a user namespace is joined by path, with what it owns" {
	no_peer runc 'it wants mappings too'
	map_ids
	start_box
	map_ids
	config '.linux.cgroupsPath += "-two" | del(.linux.uidMappings, .linux.gidMappings,
		.hostname)'
	drop_ns user
	join_ns user "/proc/$PID/ns/user"
	join_ns ipc "/proc/$PID/ns/ipc"
	join_ns uts "/proc/$PID/ns/uts"
	sh_in_box 'cat /proc/self/uid_map;
		for n in user ipc uts; do readlink /proc/self/ns/$n; done; id -u'
	ok runtime run --bundle "$BUNDLE" two
	is '0 100000 65536' "$(map_of "${lines[0]}")"
	is "$(for n in user ipc uts; do readlink "/proc/$PID/ns/$n"; done)" \
		"$(printf '%s\n' "${lines[@]:1:3}")"
	is 0 "${lines[4]}"
}

# The pid that the runtime keeps is the one that it would kill: it must be the host's.
# bats test_tags=guest_bare
@test "a pid namespace is joined along with the user namespace that owns it" {
	no_peer runc 'it wants mappings too'
	map_ids
	start_box
	FIRST=$PID
	config '.linux.cgroupsPath += "-two" | del(.linux.uidMappings, .linux.gidMappings)'
	join_ns user "/proc/$FIRST/ns/user"
	join_ns pid "/proc/$FIRST/ns/pid"
	sh_in_box 'echo started; sleep 1000'
	NEW_ID=two ok create_box --pid-file "$T/pid"
	PID=$(<"$T/pid")
	ok runtime start two
	is "$(readlink "/proc/$FIRST/ns/pid")" "$(readlink "/proc/$PID/ns/pid")"
	is 100000 "$(stat -c %u "/proc/$PID")"
	is running "$(status_of two)"
	ok runtime delete --force two
	wait_until ended "$PID"
	is running "$(status_of "$ID")"
}

@test "a network namespace of the host is joined along with a new user namespace" {
	map_ids
	unshare --net sh -c 'echo $$ >"$0"; exec sleep 1000' "$T/keeper" 3>&- &
	hold $!
	wait_until test -s "$T/keeper"
	join_ns network "/proc/$(<"$T/keeper")/ns/net"
	box 'readlink /proc/self/ns/net'
	is "$(readlink "/proc/$(<"$T/keeper")/ns/net")"
}

# bats test_tags=guest_bare
@test "exec enters the user namespace" {
	map_ids
	start_box
	ok exec_in sh -c 'cat /proc/self/uid_map; id -u; echo >/exec'
	is '0 100000 65536' "$(map_of "${lines[0]}")"
	is 0 "${lines[1]}"
	is 100000 "$(stat -c %u "$ROOTFS/exec")"
}

@test "a rootfs below a directory that only the host's root may enter" {
	no_peers
	map_ids
	mkdir -m 700 "$T/own"
	mv "$BUNDLE" "$T/own/bundle"
	BUNDLE=$T/own/bundle
	box 'id -u; ls /proc/self/ns | wc -l; echo x >/dev/null'
	is 0 "${lines[0]}"
}

# bats test_tags=guest_bare
@test "the oom score, the limits and sysctls are set in a user namespace" {
	map_ids
	add_ns network
	config '.process.oomScoreAdj = 500
		| .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}]
		| .linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmni": "77"}'
	box 'cat /proc/self/oom_score_adj; ulimit -n;
		cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni'
	is $'500\n100\n1\n77'
}

@test "a new user namespace without mappings is refused" {
	no_peers
	add_ns user
	refused_config 'linux\.uidMappings'
}

@test "mappings without a user namespace are refused" {
	no_peer crun
	no_peer runc
	config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
	refused_config 'linux\.uidMappings'
}

@test "mappings that overlap are refused" {
	map_ids
	config '.linux.uidMappings += [{containerID: 10, hostID: 300000, size: 5}]'
	refused_config .
}

@test "a mapping past the largest id is refused" {
	no_peers
	map_ids
	config '.linux.uidMappings = [{containerID: 4294967290, hostID: 0, size: 100}]'
	refused_config 'linux\.uidMappings'
}

@test "a user that is not mapped is refused" {
	map_ids
	config '.process.user.uid = 70000'
	fails run_box
}

@test "the console of a container in a user namespace belongs to its root" {
	map_ids
	config '.process.terminal = true | .process.user.uid = 0'
	sh_in_box 'stat -c %u "$(tty)"; tty'
	receiver=$(tool recvtty)
	"$receiver" "$T/console.sock" >"$T/tty" 3>&- &
	hold $!
	wait_until test -S "$T/console.sock"
	ok create_box --console-socket "$T/console.sock"
	runtime start "$ID"
	wait_until is_stopped
	wait_until grep -q '/dev/' "$T/tty"
	is 0 "$(head -n 1 "$T/tty" | tr -d '\r')"
}
