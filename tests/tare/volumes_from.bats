#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What a container shows of another's mounts, and where one that is read-only can be written.

load ../lib/images

@test "--volumes-from: what another is shown, also when it has ended" {
	mkdir "$T/dir" "$T/mine"
	echo text >"$T/dir/file"
	ok run --name one -v "$T/dir:/mnt" true
	box_says text --volumes-from one -- 'cat /mnt/file; echo two >/mnt/two'
	is two "$(<"$T/dir/two")"
	box_says refused --volumes-from one:ro -- '(echo >/mnt/x) 2>/dev/null || echo refused'
	box_says '' --volumes-from one -v "$T/mine:/mnt" -- 'ls /mnt'
	exits 125 run --rm --volumes-from one:wr true
	like "--volumes-from 'one:wr': 'wr' is neither ro nor rw"
	exits 125 run --rm --volumes-from nobody true
	like "there is no container 'nobody'"
}

# bats test_tags=guest_systemd
@test "--volumes-from: the volumes of an image" {
	box_image box:1 '.config.Volumes = {"/data": {}}'
	take box:1
	ok tare run --network none --name one box:1 sh -c 'echo text >/data/file'
	ok tare run --rm --network none --volumes-from one box:1 sh -c 'cat /data/file; ls -ln /data'
	like '^text'
	like ' 0 +0 .* file'
	ok tare run --rm --network none --userns host --volumes-from one box:1 cat /data/file
	is text
	ok tare rm one
	nothing_left
}

@test "--read-only-tmpfs: with --read-only, where programs write" {
	own_rootfs
	box_says 'written refused' --read-only --read-only-tmpfs -- \
		'echo >/run/x && echo >/tmp/x && echo >/var/tmp/x && echo written $(
			(echo >/x) 2>/dev/null || echo refused)'
	mkdir "$T/dir"
	box_says '' --read-only --read-only-tmpfs -v "$T/dir:/tmp" -- 'echo >/tmp/x'
	[[ -e $T/dir/x ]]
}

@test "-v: words that change nothing here are taken" {
	mkdir "$T/dir"
	box_says '' -v "$T/dir:/mnt:nocopy,idmap" -- 'ls /mnt'
	exits 125 run --rm -v "$T/dir:/mnt:O" true
	like "the option 'O' is not there yet"
}
