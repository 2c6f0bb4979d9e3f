#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Devices of the host that a container is given, in its /dev and by its cgroup.

load ../lib/images

@test "--device: under its own name, under another, and as far as it is allowed" {
	box_says 'crw-rw-rw- 1, 5' --device /dev/zero:/dev/naught -- \
		'ls -l /dev/naught | awk "{ print \$1, \$5, \$6 }"'
	box_says 4 --device /dev/zero:/dev/naught -- 'head -c 4 /dev/naught | wc -c'
	exits 125 run --rm --device /dev/nowhere true
	like "--device '/dev/nowhere': look at '/dev/nowhere': no such file or directory"
	exits 125 run --rm --device /etc/passwd true
	like 'neither a device nor a directory of them'
	exits 125 run --rm --device zero true
	nothing_left
}

# A loop device is nobody's: nothing else here is let through by the rules that all have.
@test "--device: what is not in ACCESS is refused" {
	needs_block_device
	box_says open --device "$DISK" -- "exec 3<$DISK && echo open"
	box_says refused --device "$DISK:w" -- "(exec 3<$DISK) 2>/dev/null || echo refused"
	box_says made --device "$DISK:m" --cap-add MKNOD -- \
		"mknod /tmp/disk b $MAJOR $MINOR && echo made"
}

@test "--device-cgroup-rule: who has the node may use it" {
	needs_block_device
	box_says refused --cap-add MKNOD --tmpfs /mnt:dev -- "mknod /mnt/disk b $MAJOR $MINOR \
		2>/dev/null && (exec 3</mnt/disk) 2>/dev/null || echo refused"
	box_says open --cap-add MKNOD --tmpfs /mnt:dev --device-cgroup-rule "b $MAJOR:* rwm" -- \
		"mknod /mnt/disk b $MAJOR $MINOR && exec 3</mnt/disk && echo open"
	exits 125 run --rm --device-cgroup-rule nonsense true
	like "--device-cgroup-rule 'nonsense': is not of the form"
}

@test "--device: a directory is all that is in it" {
	mkdir "$T/dev" "$T/dev/below"
	mknod "$T/dev/one" c 1 3
	mknod "$T/dev/below/two" c 1 5
	echo text >"$T/dev/three"
	box_says $'/dev/mine\n/dev/mine/below\n/dev/mine/below/two\n/dev/mine/one' \
		--device "$T/dev:/dev/mine" -- 'find /dev/mine | sort'
}

# bats test_tags=guest_systemd
@test "--device: where ids are mapped, a device belongs to whom it belongs outside" {
	box_image box:1
	take box:1
	mknod -m 640 "$T/device" c 1 5
	chown 0:50 "$T/device"
	ok tare run --rm --network none --device "$T/device:/dev/device" box:1 sh -c '
		stat -c "%u %g %a" /dev/device; head -c 3 /dev/device | wc -c'
	is $'0 50 640\n3'
	ok tare run --rm --network none --device "$T/device:/dev/device" -u bob box:1 sh -c '
		head -c 3 /dev/device 2>&1 | wc -c'
	is 3
	exits 1 tare run --rm --network none --device "$T/device:/dev/device" -u 7 box:1 sh -c '
		exec 3</dev/device'
	nothing_left
}

# Sets DISK, MAJOR and MINOR; it is opened for reading only.
needs_block_device() {
	DISK=$(find /dev -maxdepth 1 -type b | sort | head -n 1)
	[[ -n $DISK ]] || skip 'there is no block device here'
	MAJOR=$((16#$(stat -c %t "$DISK"))) MINOR=$((16#$(stat -c %T "$DISK")))
	(exec 3<"$DISK") 2>/dev/null || skip "$DISK can't be opened here"
}
