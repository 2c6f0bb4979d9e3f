# SPDX-License-Identifier: Apache-2.0
#
# What the tests of images share, on top of tare.bash and registries.bash. A file of tests begins with
# `load ../lib/images`. The words:
#
#	layer_dir NAME       a directory that becomes a layer; what is in it is the test's
#	layer NAME [TYPE]    the layer of that directory, by GNU tar; TYPE is gzip, zstd or nothing
#	image REF FILTER LAYER[:TYPE] ...
#	                     an OCI image layout in $T/layout that has the image REF of these layers;
#	                     FILTER (of jq) changes its configuration: '.config.Cmd = ["sh"]';
#	                     then $MANIFEST and $IMAGE_ID are its digests
#	box_image REF [FILTER]
#	                     the same, of static busybox and a user bob
#	layered_image REF    one with all that layers can do to each other
#	take REF             have tare load it from there
#	serve                the registry that misbehaves (registries.bash) has the image made last
#	box IMAGE SCRIPT     run --rm, without a network: ok or not
#	shows, lacks PATTERN a line of $output does, or none does, match (grep -E)
#
# Each test has: $LAYOUT, the layout; $DATA, a directory whose file system can be idmapped, and the
# engine's root is there.

# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/tare.bash"
# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/registries.bash"

tare_test_begins() { images_begin; }
images_begin() {
	data_new
	STATE=$DATA/state
	LAYOUT=$T/layout
	IMAGE=$T/image
	LOG=$T/bad/log
	export TARE_LIBEXEC=${TARE_LIBEXEC:-${OCI%/*}}
	export HOME=$T CONTAINERS_REGISTRIES_CONF=$T/registries.conf REGISTRY_AUTH_FILE=$T/auth.json
	: >"$CONTAINERS_REGISTRIES_CONF"
}

test_ends() { data_done; }

# ------------------------------------------------------------------------------- images by hand

layer_dir() {
	mkdir -p "$T/layers/$1"
	echo "$T/layers/$1"
}

# A layer in $T/blobs; prints "DIFF-ID DIGEST SIZE TYPE".
layer() {
	local tar=$T/layers/$1.tar type=${2-} blob suffix=
	local diff digest

	mkdir -p "$T/blobs"
	[[ -e $tar ]] || tar -cf "$tar" --sort=name --numeric-owner --xattrs -C "$T/layers/$1" .
	diff=$(sha256sum <"$tar" | cut -d ' ' -f 1)
	blob=$tar
	case $type in
	gzip) gzip -nc "$tar" >"$tar.gz" && blob=$tar.gz suffix=+gzip ;;
	zstd) zstd -qc "$tar" >"$tar.zst" && blob=$tar.zst suffix=+zstd ;;
	esac
	digest=$(sha256sum <"$blob" | cut -d ' ' -f 1)
	cp "$blob" "$T/blobs/$digest"
	echo "$diff $digest $(stat -c %s "$blob") application/vnd.oci.image.layer.v1.tar$suffix"
}

# put_blob TYPE FILE: into the layout; prints its descriptor.
put_blob() {
	local digest

	digest=$(sha256sum <"$2" | cut -d ' ' -f 1)
	mkdir -p "$LAYOUT/blobs/sha256"
	cp "$2" "$LAYOUT/blobs/sha256/$digest"
	jq -cn --arg type "$1" --arg digest "sha256:$digest" --argjson size "$(stat -c %s "$2")" \
		'{mediaType: $type, digest: $digest, size: $size}'
}

# put_index DESCRIPTOR REF: into index.json of the layout.
put_index() {
	local index=$LAYOUT/index.json old='{"schemaVersion":2,"manifests":[]}'

	[[ ! -e $index ]] || old=$(<"$index")
	jq -c --argjson one "$1" --arg ref "$2" '.manifests |= [.[] |
		select(.annotations["org.opencontainers.image.ref.name"] != $ref)] +
		[$one + {annotations: {"org.opencontainers.image.ref.name": $ref}}]' \
		<<<"$old" >"$index.new"
	mv "$index.new" "$index"
	echo '{"imageLayoutVersion":"1.0.0"}' >"$LAYOUT/oci-layout"
}

image() {
	local ref=$1 filter=$2 name diff digest size type config manifest
	local -a diffs=() layers=()
	shift 2

	mkdir -p "$LAYOUT/blobs/sha256"
	for name in "$@"; do
		read -r diff digest size type < <(layer "${name%:*}" "$(layer_type "$name")")
		cp "$T/blobs/$digest" "$LAYOUT/blobs/sha256/"
		diffs+=("\"sha256:$diff\"")
		layers+=("{\"mediaType\":\"$type\",\"digest\":\"sha256:$digest\",\"size\":$size}")
	done
	jq -cn --argjson diffs "[$(join "${diffs[@]}")]" "{architecture: \"$ARCH\", os: \"linux\",
		created: \"2020-02-02T20:20:20Z\", config: {}, rootfs: {type: \"layers\",
		diff_ids: \$diffs}} | $filter" >"$T/config"
	config=$(put_blob application/vnd.oci.image.config.v1+json "$T/config")
	jq -cn --argjson config "$config" --argjson layers "[$(join "${layers[@]}")]" \
		'{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: $config, layers: $layers}' >"$T/manifest"
	manifest=$(put_blob application/vnd.oci.image.manifest.v1+json "$T/manifest")
	put_index "$manifest" "$ref"
	# shellcheck disable=SC2034 # for the tests
	MANIFEST=$(jq -r .digest <<<"$manifest")
	# shellcheck disable=SC2034
	IMAGE_ID=$(jq -r .digest <<<"$config")
}

join() { local IFS=, && echo "$*"; }

# NAME:gzip
layer_type() { [[ $1 != *:* ]] || echo "${1##*:}"; }

case $(uname -m) in
x86_64) ARCH=amd64 ;;
aarch64) ARCH=arm64 ;;
*) ARCH=$(uname -m) ;;
esac

# A layer that can run something.
box_layer() {
	local dir applet

	dir=$(layer_dir box)
	mkdir -p "$dir"/{bin,etc,tmp,home/bob}
	chmod 1777 "$dir/tmp"
	cp /bin/busybox "$dir/bin/busybox"
	for applet in sh cat echo env id ls mkdir pwd rm sleep stat touch true wc; do
		ln -sf busybox "$dir/bin/$applet"
	done
	printf '%s\n' root:x:0:0:root:/root:/bin/sh bob:x:1000:1000::/home/bob:/bin/sh \
		>"$dir/etc/passwd"
	printf '%s\n' root:x:0: bob:x:1000: staff:x:50:bob >"$dir/etc/group"
	chown 1000:1000 "$dir/home/bob"
}

box_image() {
	box_layer
	image "$1" "${2:-.config.Cmd = [\"sh\"]}" box
}

# layered_image REF: with all that layers can do to each other.
layered_image() {
	local dir

	box_layer
	dir=$(layer_dir one)
	mkdir -p "$dir"/{keep/deep,opaque/old,gone,dir-to-file}
	echo a | tee "$dir"/{keep/a,keep/deep/b,opaque/old/c,gone/d,dir-to-file/e,file-to-dir,plain} >/dev/null
	ln "$dir/plain" "$dir/keep/linked"
	ln -s ../plain "$dir/keep/link"
	mkfifo "$dir/fifo"
	chmod 4755 "$dir/plain"
	chown 7:8 "$dir/keep/deep/b"
	setfattr -n user.a -v value "$dir/keep/deep/b"
	chmod 700 "$dir/keep/deep"
	dir=$(layer_dir two)
	mkdir -p "$dir"/{opaque,keep,file-to-dir}
	touch "$dir/opaque/.wh..wh..opq" "$dir/.wh.gone" "$dir/.wh.dir-to-file" "$dir/opaque/new" \
		"$dir/file-to-dir/inside" "$dir/keep/.wh.a"
	echo changed >"$dir/keep/linked"
	dir=$(layer_dir three)
	echo now a file >"$dir/dir-to-file"
	echo two names >"$dir/first"
	ln "$dir/first" "$dir/second"
	find "$T/layers" -exec touch -hd 2020-02-02 {} +
	image "$1" '.config.Cmd = ["sh"]' box one two three
}

take() { ok tare pull "oci:$LAYOUT:$1"; }

box() {
	local name=$1
	shift
	tare run --rm --network none "$name" sh -c "$@"
}

shows() {
	grep -qE -- "$1" <<<"$output" && return
	printf 'no line matches %s:\n%s\n' "$1" "$output"
	return 1
}
lacks() { ! grep -E -- "$1" <<<"$output"; }

# ------------------------------------------------------------------------------- registries

# The image that was made last, for the registry that misbehaves.
serve() {
	mkdir -p "$IMAGE"
	cp "$LAYOUT/blobs/sha256"/* "$IMAGE"
	mv "$IMAGE/${MANIFEST#sha256:}" "$IMAGE/manifest.json"
	bad_begins "$@"
}
