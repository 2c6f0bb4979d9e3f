#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# The store of images: whether it is whole, and what is mended.

load ../lib/images

check() { tare system check "$@"; }

# whole: nothing was found.
whole() {
	ok check
	like 'whole; broken: 0, rubbish: 0$'
}

blob_path() { echo "$STATE/images/blobs/sha256/${1#sha256:}"; }
layer_path() { echo "$STATE/layers/sha256/${1#sha256:}"; }
layer_of() { tare image inspect "$1" | jq -r '.[0].RootFS.Layers[-1]'; }
blob_of() { jq -r '.layers[-1].digest' "$(blob_path "$(jq -r .manifest "$STATE/references/docker.io+library+$1")")"; }

two_images() {
	box_image box:1
	layer_dir more >/dev/null
	head -c 100000 /dev/urandom >"$T/layers/more/more"
	image more:1 '.config.Cmd = ["sh"]' box more
	take box:1
	take more:1
}

@test "a store that is whole is called so" {
	whole
	two_images
	ok tare tag box:1 again
	ok check
	is '3 images, 6 blobs and 2 layers are whole; broken: 0, rubbish: 0'
	ok check --quick
	is '3 images, 6 blobs and 2 layers are whole; broken: 0, rubbish: 0'
	ok check --format json
	is '[3,6,2,0,0,0]' "$(jq -c '[.images, .blobs, .layers, .broken, .mended, .rubbish]' <<<"$output")"
	ok tare rmi box:1 again more:1
	whole
	is 0 "$(find "$STATE"/{layers,images/blobs,references,partial,staging} -type f | wc -l)"
}

@test "what is made here is whole as well" {
	box_image box:1
	take box:1
	ok tare run --network none --name one box:1 sh -c 'echo new >/tmp/new; rm /etc/group'
	ok tare commit one made:1
	tar -C "$T/layers/box" -cf "$T/files.tar" .
	ok tare import "$T/files.tar" imported:1
	whole
	ok tare save -o "$T/saved" made:1 imported:1
	ok tare --root "$T/other" load -i "$T/saved"
	ok tare --root "$T/other" system check
	like '^2 images, .*broken: 0, rubbish: 0$'
	rm "$(layer_path "$(layer_of made:1)")/fs/tmp/new"
	ok check --repair
	shows "^mended: layer $(layer_of made:1): "
	whole
	ok tare rm one
	ok tare rmi box:1 made:1 imported:1
	whole
}

@test "a blob that is not what its digest says is removed, and the image named" {
	two_images
	blob=$(blob_of more:1)
	printf x | dd of="$(blob_path "$blob")" bs=1 seek=2000 conv=notrunc status=none
	ok check --quick
	fails check
	shows "^broken: blob $blob: what is in it has the digest sha256:[0-9a-f]{64}$"
	shows "^broken: image docker.io/library/more:1: its blob $blob is broken: 'tare pull docker.io/library/more:1' fetches it again$"
	lacks 'box:1'
	like "hint: 'tare system check --repair'"
	fails check --repair
	shows "^mended: blob $blob: .*: removed$"
	shows "^broken: image .*/more:1: .*'tare pull docker.io/library/more:1' fetches it again$"
	[[ ! -e $(blob_path "$blob") ]]
	ok box more:1 'wc -c </more'
	is 100000
	fails check --quick
	take more:1
	whole
	ok tare save -o "$T/saved" more:1
}

@test "a blob that is cut short is seen by its size" {
	two_images
	truncate -s 3000 "$(blob_path "$(blob_of more:1)")"
	fails check --quick
	shows "^broken: blob $(blob_of more:1): it has 3000 bytes, not [0-9]+$"
}

# bats test_tags=guest_bare
@test "a layer that was changed is unpacked again" {
	two_images
	more=$(layer_of more:1)
	files=$(layer_path "$more")/fs
	before=$(ls -l --time-style=full-iso "$files")
	: >"$files/more"
	fails check
	shows "^broken: layer $more: it has 0 bytes in its files, and had 100000$"
	shows "^broken: image docker.io/library/more:1: its layer $more is broken"
	ok check --repair
	shows "^mended: layer $more: .*: unpacked again from its blob$"
	is "$before" "$(ls -l --time-style=full-iso "$files")"
	whole
	chmod 600 "$files/more"
	rm "$(layer_path "$(layer_of box:1)")/layer.json"
	ok check --repair
	shows "^mended: layer $more: names, owners, modes or times in it are not what they were: unpacked"
	shows "^mended: layer $(layer_of box:1): .*layer.json.*: unpacked again from its blob$"
	rm -r "$(layer_path "$more")"
	ok check --repair
	shows "^mended: layer $more: it is not there: unpacked again from its blob$"
	whole
	ok box more:1 'wc -c </more'
}

# bats test_tags=guest_bare
@test "a layer that something runs on stays" {
	two_images
	ok tare run -d --network none --name one more:1 sleep 1000
	rm "$(layer_path "$(layer_of more:1)")/fs/more"
	fails check --repair
	shows "^broken: image .*/more:1: its layer .* is broken: a container runs on it, or it is mounted$"
	[[ -e $(layer_path "$(layer_of more:1)") ]]
	ok tare rm -f one
	ok check --repair
	whole
}

@test "an image that can't be had from what is there loses its name" {
	two_images
	more=$(layer_of more:1) manifest=$MANIFEST
	rm -r "$(layer_path "$more")" "$(blob_path "$(blob_of more:1)")"
	fails check
	shows "^broken: image .*/more:1: its layer $more is not there: 'tare pull"
	ok check --repair
	shows "^mended: image .*/more:1: .*: its reference was removed; 'tare pull docker.io/library/more:1' fetches it"
	shows "^rubbish: blob $manifest: no image has it: removed$"
	fails tare image exists more:1
	whole
	rm "$(blob_path "$(tare images -q --no-trunc box:1)")"
	ok check --repair
	shows "^mended: image .*/box:1: its configuration sha256:[0-9a-f]+ is not there: its reference was removed"
	is '' "$(tare images -q)"
	whole
	take box:1
	whole
}

@test "references and the index are compared with what they name" {
	two_images
	cp "$STATE/references/docker.io+library+box:1" "$STATE/references/docker.io+library+other:1"
	echo '{' >"$STATE/references/docker.io+library+spoilt:1"
	rm "$STATE/images/index.json"
	fails check
	shows "^broken: reference docker.io\+library\+other:1: .*it is that of 'docker.io/library/box:1'"
	shows '^broken: reference docker.io\+library\+spoilt:1: '
	shows '^rubbish: index index.json: it is not there$'
	ok check --repair
	is 2 "$(grep -c '^mended: reference ' <<<"$output")" # the index goes with them
	whole
	rm "$STATE/images/index.json"
	ok check --repair
	shows '^rubbish: index index.json: it is not there: written again$'
	whole
	is 2 "$(jq '.manifests | length' "$STATE/images/index.json")"
	sed -i 's/"bytes":[0-9]*/"bytes":7/' "$STATE/references/docker.io+library+box:1"
	fails check
	shows "^broken: image .*box:1: its reference says other sizes and owners than its layers"
	ok check --repair
	shows "^mended: image .*box:1: .*: its reference was written again$"
	sed -i 's/,"layers":.*/,"layers":[]}/' "$STATE/references/docker.io+library+box:1"
	ok check --repair
	shows "^mended: image .*box:1: its reference names other layers than its manifest: .* again$"
	whole
	ok box box:1 true
}

@test "what nobody has a use for is rubbish" {
	two_images
	none=$(printf '0%.0s' {1..64})
	echo none >"$STATE/images/blobs/sha256/$none"
	mkdir -p "$STATE/layers/sha256/$none/fs" "$STATE/partial" "$STATE/staging/0123456789abcdef/fs"
	echo half >"$STATE/partial/sha256-$none"
	echo half >"$STATE/staging/0000000000000001"
	: >"$STATE/locks/reference-nothing:1"
	: >"$STATE/images/blobs/sha256/notes"
	ok check
	shows "^rubbish: blob sha256:$none: no image has it$"
	shows "^rubbish: layer sha256:$none: no image and no container has it$"
	shows "^rubbish: download sha256:$none: nobody goes on with it$"
	is 2 "$(grep -c '^rubbish: staging ' <<<"$output")"
	shows '^rubbish: locks [1-9]: of what is not there$'
	shows '^rubbish: file images/blobs/sha256/notes: it has no name that the store gives$'
	like '; broken: 0, rubbish: 7$'
	ok check --repair
	rm "$STATE/images/blobs/sha256/notes"
	whole
	is '' "$(find "$STATE"/{partial,staging} -mindepth 1)"
	ok box more:1 true
}

@test "what a container was made from is of use" {
	box_image box:1
	take box:1
	ok tare run --network none --name one box:1 true
	layer=$(layer_of box:1)
	ok tare rmi --force box:1
	ok check --repair
	is '0 images, 0 blobs and 1 layers are whole; broken: 0, mended: 0, rubbish: 0'
	rm "$(layer_path "$layer")/fs/etc/passwd"
	fails check --repair
	shows "^broken: layer $layer: it has .*: containers were made from it$"
	rm -r "$(layer_path "$layer")"
	fails check
	shows "^broken: layer $layer: it is not there: containers were made from it$"
	ok tare rm one
	ok check --repair
	ok check
	like '^0 images, 0 blobs and 0 layers are whole; broken: 0'
}
