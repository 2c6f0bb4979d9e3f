#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# tare run --rootfs /: a view of the host's own root, whose changes are lost.

load ../lib/tare

view() { tare run --rm --network none --rootfs / "$@"; }

needs_overlay() {
	grep -qw overlay /proc/filesystems || skip 'needs overlayfs'
}

tare_test_begins() {
	needs_overlay
	MARK=tare-test-mark-${T##*/}
}

test_ends() { [[ ! -e /etc/$MARK ]]; }

@test "the host's files are there, and what is changed is lost" {
	is "$(sha256sum </etc/passwd)" "$(view sha256sum /etc/passwd | sed 's|/etc/passwd|-|')"
	ok view sh -c "echo text >/etc/$MARK && cat /etc/$MARK && rm /etc/passwd &&
		mkdir /$MARK && rm -r /usr/share/doc && ! test -e /etc/passwd"
	is text
	[[ ! -e /etc/$MARK && ! -e /$MARK && -e /etc/passwd && -d /usr/share/doc ]]
	ok view sh -c "! test -e /etc/$MARK && test -e /etc/passwd"
	nothing_left
}

@test "the host's list of mounts stays as it is" {
	ok tare run -d --name box --network none --rootfs / sleep 1000
	is '' "$(mounts_left)"
	ok tare rm -f box
	nothing_left
}

@test "two at once do not see each other's changes" {
	for name in one two; do
		ok tare run -d --name $name --network none --rootfs / sh -c "$(forever)"
		wait_until says_ready $name
	done
	ok tare exec one sh -c "echo one >/etc/$MARK"
	ok tare exec two sh -c "! test -e /etc/$MARK && echo two >/etc/$MARK"
	is one "$(tare exec one cat "/etc/$MARK")"
	is two "$(tare exec two cat "/etc/$MARK")"
	[[ ! -e /etc/$MARK ]]
}

@test "the engine's own directory is hidden" {
	ok tare run -d --name box -e SECRET=word --network none --rootfs / sleep 1000
	ok view sh -c "ls -A '$STATE' 2>/dev/null; ! grep -rqs SECRET=word '$STATE'"
	is ''
}

@test "the engine's own directory is hidden where it is on a file system that is shown" {
	local dir=/var/lib/$MARK
	mkdir "$dir"
	STATE=$dir try tare run --rm -e SECRET=word --network none --rootfs / \
		sh -c "ls -A '$dir'; stat -fc %T '$dir'; touch '$dir/x' 2>/dev/null || echo refused"
	wait_until has_no_processes
	rm -rf --one-file-system "$dir"
	is $'tmpfs\nrefused'
}

@test "what lives in memory on the host is not shown" {
	mkdir -p "$T/own"
	mount -t tmpfs tare-test "$T/own"
	echo secret >"$T/own/file"
	try view sh -c "cat '$T/own/file' 2>/dev/null || echo gone"
	umount "$T/own"
	is gone
}

@test "what is mounted below / from a disk is shown, read-only" {
	command -v mkfs.ext4 >/dev/null || skip 'needs mkfs.ext4'
	mkdir -p "/mnt/$MARK"
	truncate -s 4M "$T/disk"
	mkfs.ext4 -qF "$T/disk"
	mount -o loop "$T/disk" "/mnt/$MARK" || {
		rmdir "/mnt/$MARK"
		skip 'needs a loop device'
	}
	echo text >"/mnt/$MARK/file"
	try view sh -c "cat /mnt/$MARK/file; (echo x >/mnt/$MARK/file) 2>/dev/null || echo refused"
	umount "/mnt/$MARK"
	rmdir "/mnt/$MARK"
	is $'text\nrefused'
}

@test "users are the host's, and a name that the host does not have is refused" {
	is "$(id -u daemon)" "$(view -u daemon id -u)"
	exits 125 view -u nobodyknown true
	nothing_left
}

@test "with -v, --tmpfs and --read-only" {
	echo text >"$T/file"
	ok view -v "$T/file:/etc/$MARK" --tmpfs /mnt sh -c "cat /etc/$MARK; echo x >/mnt/x"
	is text
	[[ ! -e /etc/$MARK ]]
	ok view --read-only sh -c "(echo >/etc/$MARK) 2>/dev/null || echo refused"
	is refused
}

@test "a command that is not there leaves nothing" {
	exits 127 view nonesuch
	exits 126 view /etc/passwd
	is '' "$(names_all)"
	nothing_left
}

@test "exec, logs and stop as with any other" {
	ok tare run -d --name box --network none --rootfs / sh -c "$(forever)"
	wait_until says_ready box
	is "$(cat /etc/passwd)" "$(tare exec box cat /etc/passwd)"
	ok tare stop box
	is 0 "$(tare wait box)"
	ok tare rm box
	nothing_left
}
