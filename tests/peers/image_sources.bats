#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Images that others made, taken in and run here; and that a tree is what others make of it.

load ../lib/images

# podman takes no more than 50 characters for its directories.
file_begins() { mount -t tmpfs -o mode=755 tare-test /run && mkdir -p /run/lock; }
file_ends() { umount -l /run 2>/dev/null || true; }

pod() {
	env -u REGISTRY_AUTH_FILE timeout --kill-after=5 60 podman --root "/run/$BATS_TEST_NUMBER" --runroot /run/run \
		--tmpdir /run/tmp --storage-driver vfs --log-level error "$@" 3>&- \
		{PAUSE}>&- {GATE}>&-
}

needs() {
	local name

	for name in "$@"; do
		command -v "$name" >/dev/null || skip "needs $name"
	done
}

# All there is below DIR: names, types, modes, owners, sizes, targets, times, and who is linked.
tree_of() {
	(
		cd "$1" || exit
		find . \( -type d -printf '%p %y %m %U:%G %T@\n' \) -o \
			-printf '%p %y %m %U:%G %s %l %T@\n' | sort
		find . -type f -links +1 -printf '%i %p\n' | sort | awk '
			$1 != last { if (n > 1) print names; names = ""; n = 0 }
			{ names = names $2 " "; last = $1; n++ } END { if (n > 1) print names }' | sort
		getfattr -Rhd -m '^(user|security|trusted)' -e hex . | grep -v '^trusted.overlay'
	)
}

@test "a tree is what umoci makes of it" {
	needs umoci getfattr
	layered_image layers
	ok umoci unpack --image "$LAYOUT:layers" "$T/umoci"
	take layers
	image=$output
	ok tare image mount "$image"
	tree_of "$output" >"$T/ours"
	tree_of "$T/umoci/rootfs" >"$T/theirs"
	ok tare image unmount "$image"
	(($(wc -l <"$T/ours") > 40))
	grep -q '^./first ./second $' "$T/ours"
	grep -q '^user.a=' "$T/ours"
	diff "$T/theirs" "$T/ours"
}

# podman's image built:1, with a layer of its own on top of ours.
build() {
	# podman counts the steps.
	box_image box:1 '.history = [{created_by: "by hand"}]'
	take box:1
	ok tare save -o "$T/box.tar" box:1
	ok pod load -q -i "$T/box.tar"
	mkdir "$T/context"
	echo data >"$T/context/data"
	cat >"$T/context/Containerfile" <<-'END'
		FROM docker.io/library/box:1
		ENV WHO=podman
		RUN echo made by $WHO >/made && rm /bin/wc && touch /home/bob/his
		COPY data /srv/data
		USER bob
		WORKDIR /home/bob
		CMD ["sh", "-c", "cat /made /srv/data; pwd; id -un; [ -e /bin/wc ] || echo gone"]
	END
	ok pod build --quiet --isolation chroot --format "$1" -t built:1 "$T/context"
	ok tare rmi box:1
}

runs_as_built() {
	ok tare run --rm --network none "$1"
	is $'made by podman\ndata\n/home/bob\nbob\ngone'
	ok tare system check
	ok tare rmi --force "$1"
}

@test "what podman built is taken in from each of its archives" {
	needs podman
	for format in oci docker; do
		build $format
		for place in oci-archive docker-archive; do
			ok pod save --quiet --format $place -o "$T/built.tar" built:1
			ok tare load -i "$T/built.tar"
			like 'Loaded image: localhost/built:1'
			runs_as_built localhost/built:1
			rm "$T/built.tar"
		done
		ok pod save --quiet --format $format-dir -o "$T/built.dir" built:1
		place=oci
		[[ $format == oci ]] || place=dir
		ok tare pull "$place:$T/built.dir"
		runs_as_built "$output"
		ok pod rmi --all --force
		rm -r "$T"/{built.dir,context,layers,layout}
	done
}

@test "what skopeo compressed with zstd, or turned into docker's form, is taken in" {
	needs skopeo
	layered_image layers:1
	ok skopeo copy --insecure-policy --dest-compress --dest-compress-format zstd \
		"oci:$LAYOUT:layers:1" "dir:$T/zstd"
	is 'application/vnd.oci.image.layer.v1.tar+zstd' \
		"$(jq -r '.layers[].mediaType' "$T/zstd/manifest.json" | sort -u)"
	ok skopeo copy --insecure-policy --format v2s2 "oci:$LAYOUT:layers:1" "dir:$T/v2s2"
	for dir in zstd v2s2; do
		ok tare pull "dir:$T/$dir"
		ok tare run --rm --network none "$output" cat /keep/deep/b /plain /keep/linked
		is $'a\na\nchanged'
		ok tare rmi --force "$(tare images -q)"
	done
}

@test "of a list that podman made, the image for this machine is taken" {
	needs podman
	for arch in arm64 "$ARCH" s390x; do
		box_image "$arch:1" ".architecture = \"$arch\" | .config.Cmd = [\"echo\", \"$arch\"]"
	done
	ok pod manifest create all:1
	for arch in arm64 "$ARCH" s390x; do
		ok pod manifest add all:1 "oci:$LAYOUT:$arch:1"
	done
	ok pod manifest push --all all:1 "oci:$T/all:1"
	ok tare pull "oci:$T/all:1"
	ok tare run --rm --network none "$output"
	is "$ARCH"
	ok tare pull --platform linux/s390x "oci:$T/all:1"
	ok tare image inspect "$output"
	is s390x "$(jq -r '.[0].Architecture' <<<"$output")"
}
