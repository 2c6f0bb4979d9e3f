# SPDX-License-Identifier: Apache-2.0
#
# What the tests of the client of registries share, on top of oci.bash and registries.bash: an image,
# and the client as a program (tests/registry/drive.c). A file of tests begins with
# `load ../lib/registry`.
#
# Each test has, besides what oci.bash gives: $IMAGE, a directory with manifest.json and blobs by
# their digests' digits, $BIG the largest of them; $OUT, an empty directory; its own registries.conf
# and auth.json in $T. The words:
#
#	drive VERB ...           call the client
#	is_whole                 everything of the image is in $OUT
#	says GLOB                compare $output with a pattern of the shell's

# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/oci.bash"
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/registries.bash"

# shellcheck disable=SC2034 # tests read what is set here
test_begins() {
	DRIVE=${DRIVE:-${OCI%/src/*}/tests/unit/registry_drive}
	IMAGE=$FILE_TMP/image
	OUT=$T/out
	LOG=$T/bad/log
	mkdir "$OUT"
	export HOME=$T CONTAINERS_REGISTRIES_CONF=$T/registries.conf REGISTRY_AUTH_FILE=$T/auth.json
	: >"$CONTAINERS_REGISTRIES_CONF"
}

# Four layers, of which one is empty, and a configuration.
image_new() {
	local dir=$1 size layers=()

	mkdir -p "$dir"
	for size in 3000000 1500000 2000 0; do
		head -c "$size" /dev/urandom >"$dir/new"
		layers+=("$(blob_add "$dir" application/vnd.oci.image.layer.v1.tar+gzip)")
	done
	echo '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}' >"$dir/new"
	jq -cn --argjson config "$(blob_add "$dir" application/vnd.oci.image.config.v1+json)" '{
		schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: $config, layers: $ARGS.positional
	}' --jsonargs "${layers[@]}" >"$dir/manifest.json"
}

# blob_add DIRECTORY TYPE: the file `new` becomes a blob; its descriptor.
blob_add() {
	local digest

	digest=$(sha256sum <"$1/new")
	digest=${digest%% *}
	mv "$1/new" "$1/$digest"
	jq -cn --arg type "$2" --arg digest "sha256:$digest" --argjson size "$(stat -c %s "$1/$digest")" \
		'{mediaType: $type, digest: $digest, size: $size}'
}

file_begins() {
	ip link set lo up # of the file's own network
	image_new "$FILE_TMP/image"
	BIG=$(jq -r '.layers[0].digest[7:]' "$FILE_TMP/image/manifest.json")
	DIGEST=sha256:$(sha256sum <"$FILE_TMP/image/manifest.json" | cut -d ' ' -f 1)
	export BIG DIGEST
}

drive() { timeout --kill-after=5 "${LIMIT:-30}" "$DRIVE" "$@" 3>&- {PAUSE}>&- {GATE}>&-; }

# shellcheck disable=SC2053 # a pattern is meant
says() {
	[[ $output == $1 ]] || { printf 'expected: %s\nseen:     %s\n' "$1" "$output" && return 1; }
}

is_whole() {
	local file

	for file in "$IMAGE"/*; do
		[[ ${file##*/} == manifest.json ]] || cmp "$file" "$OUT/${file##*/}" || return 1
	done
}
