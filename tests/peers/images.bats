#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Images that are made here, read by others: podman, skopeo and umoci from Debian's packages.

load ../lib/images

# podman takes no more than 50 characters for its directories.
file_begins() { mount -t tmpfs -o mode=755 tare-test /run && mkdir -p /run/lock; }
file_ends() { umount -l /run 2>/dev/null || true; }

pod() {
	timeout --kill-after=5 60 podman --root "/run/$BATS_TEST_NUMBER" --runroot /run/run \
		--tmpdir /run/tmp --storage-driver vfs --log-level error "$@" 3>&- \
		{PAUSE}>&- {GATE}>&-
}

# An image made:1 of a container, $1 of --format.
commit_one() {
	box_image box:1
	take box:1
	ok tare run --network none --name one box:1 sh -c 'echo x >/home/bob/his; rm /bin/wc
		chown bob /home/bob/his; chmod 4755 /home/bob/his; ln /home/bob/his /home/bob/too'
	ok tare commit --format "$1" -c 'CMD ["cat", "/home/bob/his"]' one made:1
	ID=$output
	ok tare rm one
}

# What DIR, the root of made:1 as another unpacked it, has of the layer.
holds_it() {
	is '4755 1000 2' "$(stat -c '%a %u %h' "$1/home/bob/his")"
	is x "$(<"$1/home/bob/too")"
	[[ ! -e $1/bin/wc && -e $1/bin/busybox ]]
}

@test "podman loads what was committed and saved, as the same image" {
	command -v podman >/dev/null || skip 'needs podman'
	for format in oci docker; do
		commit_one $format
		ok tare save --format "$format-archive" -o "$T/$format.tar" made:1
		ok pod load -i "$T/$format.tar"
		ok pod image inspect --format '{{.Id}} {{.Config.Cmd}}' made:1
		is "${ID#sha256:} [cat /home/bob/his]"
		ok pod image mount made:1
		holds_it "$output"
		ok pod image umount made:1
		ok pod rmi --force made:1
	done
}

@test "skopeo and umoci read what was committed" {
	command -v skopeo >/dev/null && command -v umoci >/dev/null || skip 'needs skopeo and umoci'
	commit_one oci
	ok tare save --format oci-dir -o "$T/made" made:1
	ok skopeo inspect --config "oci:$T/made"
	is '["cat","/home/bob/his"]' "$(jq -c .config.Cmd <<<"$output")"
	ok skopeo copy --insecure-policy "oci:$T/made" "oci:$T/copy:1"
	ok umoci unpack --image "$T/copy:1" "$T/umoci"
	holds_it "$T/umoci/rootfs"
}

@test "what was committed is pushed, and pulled again" {
	real_begins
	commit_one docker
	ok tare push --tls-verify=false made:1 "$HOST/made:1"
	ok tare rmi made:1
	ok tare pull --tls-verify=false "$HOST/made:1"
	is "$ID" "$(tare images --no-trunc --quiet "$HOST/made")"
	ok tare run --rm --network none "$HOST/made:1"
	is x
}

@test "podman imports what was exported, and the other way round" {
	command -v podman >/dev/null || skip 'needs podman'
	commit_one oci
	ok tare run --network none --name two made:1 true
	ok tare export -o "$T/two.tar" two
	ok pod import "$T/two.tar" two:1
	ok pod image mount two:1
	holds_it "$output"
	tar -cf "$T/theirs.tar" --numeric-owner --xattrs -C "$output" .
	ok tare import -c 'CMD ["cat", "/home/bob/his"]' "$T/theirs.tar" theirs:1
	ok tare run --rm --network none theirs:1
	is x
	ok tare rm two
}
