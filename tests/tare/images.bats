#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# The images that there are: taken in, listed, named, shown and removed.

load ../lib/images

@test "an image is taken in once, and listed" {
	box_image box:1
	take box:1
	is docker.io/library/box:1
	ok tare images
	shows '^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$'
	shows '^box +1 +[0-9a-f]{12} +[0-9]+ years ago +[0-9.]+MB$'
	ok tare images --quiet --no-trunc
	is "$IMAGE_ID"
	take box:1
	ok tare images -q
	is "${IMAGE_ID:7:12}"
}

@test "the store is an OCI image layout" {
	box_image box:1
	take box:1
	is '{"imageLayoutVersion":"1.0.0"}' "$(<"$STATE/images/oci-layout")"
	is "$MANIFEST" "$(jq -r '.manifests[0].digest' "$STATE/images/index.json")"
	is docker.io/library/box:1 "$(jq -r '.manifests[0].annotations[]' "$STATE/images/index.json")"
	(cd "$STATE/images/blobs/sha256" && for blob in *; do
		is "$blob" "$(sha256sum <"$blob" | cut -d ' ' -f 1)"
	done)
}

@test "images are listed as JSON, with digests, and by filters" {
	box_image box:1
	image other:2 '.config.Labels = {tier: "web"} | .created = "2021-01-01T00:00:00Z"' box
	take box:1
	take other:2
	ok tare images --format json
	is 'box other' "$(jq -r .Repository <<<"$output" | sort | xargs)"
	ok tare images --digests other
	shows "^other +2 +$MANIFEST "
	ok tare images -q --filter reference='b*'
	is 1 "$(wc -l <<<"$output")"
	ok tare images --filter label=tier=web --format json
	is other "$(jq -r .Repository <<<"$output")"
	ok tare images --filter before=other:2 --format json
	is box "$(jq -r .Repository <<<"$output")"
	ok tare images --filter since=box:1 --format json
	is other "$(jq -r .Repository <<<"$output")"
	fails tare images --filter colour=red
	like "colour=red.*KEY one of dangling, reference, label"
}

@test "an image has as many names as it is given" {
	box_image box:1
	take box:1
	ok tare tag box:1 mine here.example/path/mine:2
	ok tare images -q
	is 1 "$(wc -l <<<"$output")"
	ok tare image inspect mine
	is 'box:1 here.example/path/mine:2 mine:latest' \
		"$(jq -r '.[0].RepoTags[]' <<<"$output" | sort | xargs)"
	ok tare untag box:1 mine
	ok tare image exists box:1
	fails tare image exists mine
	ok tare untag box:1
	ok tare images --filter dangling=true -q
	is "${IMAGE_ID:7:12}"
	fails tare tag nothing mine
	like "there is no image 'nothing'"
	fails tare tag "${IMAGE_ID:7:12}" 'Mine'
	like 'lower case'
}

@test "who gets a name takes it from whoever had it" {
	box_image box:1
	take box:1
	old=${IMAGE_ID:7:12}
	image box:1 '.config.Cmd = ["id"]' box
	take box:1
	is "${IMAGE_ID:7:12}" "$(tare images -q box:1)"
	is "$old" "$(tare images -q --filter dangling=true)"
	ok tare image prune --force
	shows "^deleted: sha256:$old"
	is "${IMAGE_ID:7:12}" "$(tare images -q)"
	ok box box:1 'id -u'
}

@test "inspect and history say what docker says" {
	box_image box:1 '.config = {Cmd: ["sh"], User: "bob", Env: ["A=b"], Labels: {k: "v"},
		ExposedPorts: {"80/tcp": {}}} | .author = "me" | .history = [
		{created: "2020-02-02T20:20:20Z", created_by: "first"},
		{created: "2020-02-02T20:20:20Z", created_by: "second", empty_layer: true}]'
	take box:1
	ok tare image inspect box:1
	is "$IMAGE_ID" "$(jq -r '.[0].Id' <<<"$output")"
	is "box@$MANIFEST" "$(jq -r '.[0].RepoDigests[0]' <<<"$output")"
	is 'bob sh A=b v {} me' "$(jq -r '.[0] | "\(.Config.User) \(.Config.Cmd[0]) \(.Config.Env[0]
		) \(.Config.Labels.k) \(.Config.ExposedPorts["80/tcp"]) \(.Author)"' <<<"$output" |
		tr -d '\n')"
	is 1 "$(jq '.[0].RootFS.Layers | length' <<<"$output")"
	ok tare history box:1
	shows '^IMAGE +CREATED +CREATED BY +SIZE +COMMENT$'
	shows "^${IMAGE_ID:7:12} +[0-9]+ years ago +second +0B"
	shows '^<missing> +[0-9]+ years ago +first +[0-9.]+MB'
	fails tare image inspect nothing
	like "nothing: there is no image 'nothing'"
	ok tare inspect box:1
	is "$IMAGE_ID" "$(jq -r '.[0].Id' <<<"$output")"
	ok tare inspect --type image box:1
	fails tare inspect --type container box:1
}

@test "rmi takes the name, and with the last one all that nobody else has" {
	box_image box:1
	layer_dir more >/dev/null
	echo more >"$T/layers/more/more"
	image two:1 . box more
	take box:1
	take two:1
	ok tare tag box:1 again
	ok tare rmi again
	is 'Untagged: again:latest'
	ok tare rmi two:1
	shows '^Untagged: two:1$'
	shows "^Deleted: $IMAGE_ID$"
	is 2 "$(grep -c ^Deleted: <<<"$output")" # the image, and the layer that box lacks
	ok box box:1 'cat /etc/passwd'
	ok tare rmi box:1
	is 0 "$(find "$STATE"/{layers,images/blobs,references,partial,staging} -type f | wc -l)"
	fails tare rmi box:1
	like "there is no image 'box:1'"
	ok tare rmi --ignore box:1
}

@test "an image that has several names is not removed by its ID" {
	box_image box:1
	take box:1
	ok tare tag box:1 again
	id=${IMAGE_ID:7:12}
	fails tare rmi "$id"
	like "the image '$id' has 2 names"
	like 'hint: .*--force'
	ok tare rmi --force "$id"
	is 2 "$(grep -c ^Untagged: <<<"$output")"
}

@test "an image that a container was made from stays" {
	box_image box:1
	take box:1
	ok tare run --network none --name one box:1 true
	fails tare rmi box:1
	like "was made from it"
	like "hint: 'tare rm one'"
	ok tare rmi --force box:1
	ok tare rm one
	ok tare pull "oci:$LAYOUT:box:1"
	ok tare run -d --network none --name two box:1 sleep 1000
	fails tare rmi --force box:1
	like 'container [0-9a-f]{12} \(two\) runs on it'
	ok tare rm -f two
	ok tare rmi box:1
	nothing_left
}

@test "layers of each compression are taken in" {
	box_layer
	for name in a b c; do
		dir=$(layer_dir $name)
		echo $name >"$dir/$name"
	done
	image many:1 '.config.Cmd = ["sh"]' box:gzip a:zstd b c:gzip
	take many:1
	ok box many:1 'cat /a /b /c'
	is $'a\nb\nc'
}

@test "what is not what its digest says is not taken in" {
	box_image box:1
	blob=$(jq -r '.layers[0].digest[7:]' "$LAYOUT/blobs/sha256/${MANIFEST:7}")
	printf x | dd of="$LAYOUT/blobs/sha256/$blob" bs=1 seek=2000 conv=notrunc status=none
	fails tare pull "oci:$LAYOUT:box:1"
	like "$blob"
	is '' "$(tare images -q)"
	is 0 "$(find "$STATE"/{layers,references} -type f | wc -l)"
}

@test "a layer that is not what the configuration says is not taken in" {
	box_layer
	image box:1 '.rootfs.diff_ids[0] = "sha256:" + ("0" * 64)' box
	fails tare pull "oci:$LAYOUT:box:1"
	like 'it unpacks to sha256:[0-9a-f]+, and the configuration says sha256:0000'
	is '' "$(tare images -q)"
	is 0 "$(find "$STATE"/{layers,references,staging} -type f | wc -l)"
}

@test "images go through archives and come back the same" {
	box_image box:1
	take box:1
	ok tare tag box:1 again
	for format in docker-archive oci-archive; do
		ok tare save --format $format -o "$T/$format.tar" box:1 again
		ok tare --root "$T/$format" load -i "$T/$format.tar"
		is 'Loaded image: again:latest Loaded image: box:1' "$(sort <<<"$output" | xargs)"
		is "$IMAGE_ID" "$(tare --root "$T/$format" images -q --no-trunc)"
	done
	ok tare save box:1 | cat >"$T/piped"
	tare save box:1 >"$T/piped"
	ok tare --root "$T/piped.d" load <"$T/piped"
	is 'Loaded image: box:1'
}

@test "words that make no sense are refused" {
	exits 125 tare pull 'Box:1'
	like 'lower case'
	exits 125 tare pull
	exits 125 tare images --format yaml
	exits 125 tare image
	exits 125 tare image melt
	like "unknown command 'melt'"
	fails tare load -i "$T/nothing"
	like 'no such file'
	fails tare save -o "$T/x" nothing
	like "there is no image 'nothing'"
	[[ ! -e $T/x ]]
	is '' "$(tare images -q)"
}
