#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Images that are mounted, to be looked into without a container.

load ../lib/images

two_layers() {
	box_layer
	layer_dir more >/dev/null
	echo more >"$T/layers/more/more"
	image two:1 '.config.Cmd = ["sh"]' box more
	take two:1
}

# bats test_tags=guest_bare
@test "an image is mounted read-only, and unmounted" {
	two_layers
	ok tare image mount two:1
	path=$output
	is "$STATE/mounts/${IMAGE_ID#sha256:}"
	is more "$(<"$path/more")"
	[[ -x $path/bin/busybox ]]
	run_touch() { touch "$path/new"; }
	fails run_touch
	like 'Read-only file system'
	ok tare image mount two:1 # it is already
	is "$path"
	ok tare image mount
	is "two:1 $path"
	ok tare image mount --format json
	is "${IMAGE_ID#sha256:} two:1 $path" "$(jq -r '.[0] | "\(.id) \(.Repositories[0]) \(.mountpoint)"' <<<"$output")"
	ok tare image unmount two:1
	is "${IMAGE_ID#sha256:}"
	is '' "$(ls "$STATE/mounts")"
	is '' "$(tare image mount)"
	fails tare image unmount two:1
	like "the image 'two:1' is not mounted"
	ok tare image unmount --force two:1
}

# bats test_tags=guest_bare
@test "an image of one layer is mounted read-only as well" {
	box_image box:1
	take box:1
	ok tare image mount box:1
	path=$output
	[[ -x $path/bin/busybox ]]
	run_touch() { touch "$path/new"; }
	fails run_touch
	like 'Read-only file system'
	ok tare image umount --all
	is "${IMAGE_ID#sha256:}"
	is '' "$(ls "$STATE/mounts")"
	ok tare system check
	like 'broken: 0'
}

@test "an image that is mounted is not removed, but by force" {
	two_layers
	ok tare image mount two:1
	fails tare rmi two:1
	like "the image 'two:1' can't be removed: it is mounted"
	like "hint: 'tare image unmount two:1'"
	ok tare tag two:1 again
	ok tare rmi again
	rm "$STATE/layers/sha256/"*/fs/more
	fails tare system check --repair
	like 'its layer .* is broken'
	ok tare image prune --all --force
	is two:1 "$(tare images --format json | jq -r '.Repository + ":" + .Tag')"
	ok tare rmi --force two:1
	is '' "$(ls "$STATE/mounts")"
	is 0 "$(find "$STATE"/{layers,images/blobs,references,partial,staging} -type f | wc -l)"
}

@test "a mount that somebody is in stays, but by force" {
	two_layers
	ok tare image mount two:1
	path=$output
	exec {held}<"$path/more"
	fails tare image unmount two:1
	like "unmount '.*': device or resource busy"
	like 'hint: somebody is in it'
	ok tare image unmount -f two:1
	exec {held}<&-
	is '' "$(ls "$STATE/mounts")"
}

# bats test_tags=guest_bare
@test "a mount that went with its namespace leaves nothing in the way" {
	two_layers
	ok unshare --mount "$TARE" --root "$STATE" image mount two:1
	[[ -d $output ]]
	is '' "$(tare image mount)"
	ok tare image mount two:1
	is more "$(<"$output/more")"
	ok tare image unmount two:1
	ok unshare --mount "$TARE" --root "$STATE" image mount two:1
	ok tare rmi two:1
	is '' "$(ls "$STATE/mounts")"
}

@test "words that make no sense are refused" {
	fails tare image mount nothing
	like "there is no image 'nothing'"
	exits 125 tare image unmount
	exits 125 tare image unmount --all two:1
	exits 125 tare image mount --format yaml
}
