#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# -v ...:U and --mount ...,U: what is shown is given to the container's user.

load ../lib/tare

tare_test_begins() {
	mkdir -p "$T/data/sub" "$T/kept"
	echo x >"$T/data/sub/file"
	ln -s "$T/kept" "$T/data/link"
}

owner() { stat -c %u:%g "$1"; }

@test "-v ...:U: all of it is the user's, inside and on the disk, and links lead nowhere" {
	ok run --rm -u 1000:1001 -v "$T/data:/data:U" sh -c \
		'stat -c %u:%g /data /data/sub/file; echo more >/data/sub/more; chmod 600 /data/sub/file'
	is $'1000:1001\n1000:1001'
	for path in data data/sub data/sub/file data/sub/more; do
		is 1000:1001 "$(owner "$T/$path")"
	done
	is 0:0 "$(owner "$T/kept")"
	ok run --rm -v "$T/data:/data:U,ro" stat -c %u:%g /data/sub/file
	is 0:0
}

@test "without U it stays whose it is" {
	ok run --rm -u 1234 -v "$T/data:/data" stat -c %u:%g /data
	is 0:0
	is 0:0 "$(owner "$T/data/sub/file")"
}

@test "--mount ...,U, chown=true: at each start, with the host's ids too" {
	ok run --name box --userns host -u 1234 \
		--mount "type=bind,src=$T/data,dst=/data,U=true" stat -c %u:%g /data
	is 1234:0
	chown -R 0:0 "$T/data"
	ok tare start -a box
	is 1234:0
	ok run --rm -u 7 --mount "type=bind,src=$T/data,dst=/data,chown" stat -c %u /data/sub/file
	is 7
}

@test "what -v makes is the user's" {
	ok run --rm -u 1234 -v "$T/new:/data:U" sh -c 'echo mine >/data/file'
	is 1234:0 "$(owner "$T/new")"
}

@test "what is the machine's own is not given away" {
	exits 125 run --rm -u 1234 -v /usr:/data:U true
	like "'/usr' is the machine's own"
	ln -s /etc "$T/to-etc"
	exits 125 run --rm -u 1234 -v "$T/to-etc:/data:U" true
	like "is the machine's own"
	is 0:0 "$(owner /usr)"
	is 0:0 "$(owner /etc)"
	has_none
}
