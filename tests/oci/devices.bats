#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# linux.devices, the default devices and links, and the rules of linux.resources.devices.

# bats file_tags=guest_bare
load ../lib/oci

@test "the default devices are there, with their numbers and for everyone" {
	box 'for d in null zero full random urandom tty; do stat -c "%n %t:%T %a %F" /dev/$d; done'
	is '/dev/null 1:3 666 character special file
/dev/zero 1:5 666 character special file
/dev/full 1:7 666 character special file
/dev/random 1:8 666 character special file
/dev/urandom 1:9 666 character special file
/dev/tty 5:0 666 character special file'
}

@test "the default devices are no more than that" {
	box 'ls -A /dev'
	for name in "${lines[@]}"; do
		case $name in
		null | zero | full | random | urandom | tty | console) ;;
		fd | stdin | stdout | stderr | core | ptmx | pts | shm | mqueue) ;;
		*) echo "unexpected: $name" && return 1 ;;
		esac
	done
}

@test "the links of /dev lead where they should" {
	box 'for l in fd stdin stdout stderr; do readlink /dev/$l; done; ls /dev/fd/0;
		echo out >>/dev/stdout'
	is '/proc/self/fd
/proc/self/fd/0
/proc/self/fd/1
/proc/self/fd/2
/dev/fd/0
out'
}

@test "/dev/ptmx is that of the container's own devpts" {
	box 'stat -c "%t:%T" -L /dev/ptmx; script=/dev/pts/ptmx; ls -l /dev/ptmx'
	is 5:2 "${lines[0]}"
	like 'pts/ptmx' "${lines[1]}"
}

@test "the default devices work" {
	box 'echo x >/dev/null; head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c
		echo x 2>/dev/null >/dev/full || echo full'
	is $'3\n3\nfull'
}

@test "a listed device is made, with its mode and owner" {
	config '.linux.devices = [{path: "/dev/mine", type: "c", major: 1, minor: 5,
		fileMode: 416, uid: 5, gid: 6}]
		| .linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 5,
			access: "rw"}]'
	box 'stat -c "%t:%T %a %u:%g" /dev/mine; head -c 2 /dev/mine | wc -c'
	is $'1:5 640 5:6\n2'
}

@test "a listed device below a directory that is missing, and outside of /dev" {
	config '.linux.devices = [{path: "/dev/deep/er/null", type: "c", major: 1, minor: 3,
		fileMode: 438},
			{path: "/opt/null", type: "c", major: 1, minor: 3, fileMode: 438}]'
	box 'echo x >/dev/deep/er/null; stat -c %t:%T /dev/deep/er/null /opt/null'
	is $'1:3\n1:3'
}

@test "block devices, fifos and unbuffered devices" {
	config '.linux.devices = [{path: "/dev/b", type: "b", major: 7, minor: 200, fileMode: 384},
			{path: "/dev/p", type: "p", fileMode: 384},
			{path: "/dev/u", type: "u", major: 1, minor: 3, fileMode: 384}]'
	box 'stat -c "%F" /dev/b /dev/p /dev/u'
	is $'block special file\nfifo\ncharacter special file'
}

@test "a listed device takes the place of a default one" {
	no_peer runc
	config '.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 3,
		fileMode: 384}]'
	box 'stat -c "%t:%T %a" /dev/null'
	no_peer crun
	is '1:3 600'
}

@test "the umask of the caller does not change the modes of devices" {
	umask 077
	config '.linux.devices = [{path: "/dev/mine", type: "c", major: 1, minor: 3,
		fileMode: 438}]'
	box 'stat -c %a /dev/mine /dev/null /dev'
	is $'666\n666\n755'
}

# A device whose opening needs nothing but the rule and a capability.
kmsg() {
	needs_controller devices
	config '.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11,
		fileMode: 438}]
		| .process.capabilities[] += ["CAP_SYSLOG"]'
	config ".linux.resources.devices += $1"
}

@test "a device without a rule can't be opened" {
	kmsg '[]'
	box '(exec 3</dev/kmsg) 2>&1; :'
	like 'not permitted'
}

@test "a rule allows exactly its access" {
	kmsg '[{allow: true, type: "c", major: 1, minor: 11, access: "r"}]'
	box 'exec 3</dev/kmsg && echo read; (exec 4>/dev/kmsg) 2>&1; :'
	like '^read'
	like 'not permitted'
}

@test "the last rule that matches counts" {
	kmsg '[{allow: true, type: "c", major: 1, minor: 11, access: "rwm"},
		{allow: false, type: "c", major: 1, minor: 11, access: "rwm"}]'
	box '(exec 3</dev/kmsg) 2>&1; :'
	like 'not permitted'
}

@test "a rule without numbers is for all of its type" {
	kmsg '[{allow: true, type: "c", access: "rwm"}]'
	box 'exec 3</dev/kmsg && echo read'
	is read
}

@test "allow all opens everything" {
	kmsg '[{allow: true, access: "rwm"}]'
	box 'exec 3</dev/kmsg && mknod /tmp/loop b 7 201 && echo both'
	is both
}

@test "mknod is allowed as the rules say: making, not opening" {
	needs_controller devices
	config '.linux.resources.devices += [{allow: true, type: "c", major: 1, minor: 11,
		access: "m"}]'
	box 'mknod /tmp/k c 1 11 && echo made; (exec 3</tmp/k) 2>&1; :'
	like '^made'
	like 'not permitted'
}

@test "without /dev mounted the devices go into the rootfs" {
	drop_mount /dev /dev/pts /dev/shm
	box 'stat -c %t:%T /dev/null; ls -l /dev/fd'
	like '^1:3'
}

@test "a bind-mounted /dev is left as it is" {
	mkdir "$T/dev"
	mknod "$T/dev/null" c 1 3
	: >"$T/dev/marker"
	drop_mount /dev /dev/pts /dev/shm
	config '.mounts += [{destination: "/dev", source: $s, type: "bind",
		options: ["bind"]}]' --arg s "$T/dev"
	box 'ls /dev/marker'
	is /dev/marker
}

@test "an unknown device type is refused" {
	no_peer crun
	config '.linux.devices = [{path: "/dev/x", type: "z", major: 1, minor: 3}]'
	refused_config "$(says 'linux\.devices\[0\]\.type')"
}

@test "a device rule with an unknown access is refused" {
	no_peers
	config '.linux.resources.devices += [{allow: true, type: "c", access: "rwx"}]'
	refused_config 'linux\.resources\.devices\[1\]\.access'
}
