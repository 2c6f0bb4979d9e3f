# SPDX-License-Identifier: Apache-2.0
#
# Archives as `docker save` writes them, for bench/image, of what there is much of:
#
#	many_images N ARCHIVE    N images that differ in a label, called many:1 to many:N
#	many_layers N ARCHIVE    one image of busybox and N small layers, called layers:N
#
# $dir is a scratch directory.

# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/surroundings.bash"

# many_config N DIFF-ID ...: a configuration.
many_config() {
	jq -cn --arg n "$1" '{
		architecture: "amd64", os: "linux", created: "2024-01-01T00:00:00Z",
		config: { Cmd: ["/bin/true"], Labels: { n: $n } },
		rootfs: { type: "layers", diff_ids: $ARGS.positional }
	}' --args "${@:2}"
}

many_root() {
	[[ -e $dir/root ]] || make_rootfs "$dir/root"
	tar -cf "$1" --sort=name --owner=0 --group=0 --numeric-owner -C "$dir/root" .
}

diff_ids() { sha256sum "$@" | sed 's/ .*//; s/^/sha256:/'; }

many_images() {
	local work=$dir/many n config

	mkdir "$work"
	many_root "$work/0.tar"
	config=$(many_config @ "$(diff_ids "$work/0.tar")")
	for ((n = 1; n <= $1; n++)); do
		printf %s "${config/@/$n}" >"$work/$n.json"
	done
	seq "$1" | jq -c '{ Config: "\(.).json", RepoTags: ["many:\(.)"], Layers: ["0.tar"] }' |
		jq -cs . >"$work/manifest.json"
	tar -cf "$2" -C "$work" .
	rm -r "$work"
}

many_layers() {
	local work=$dir/many n
	local -a names=(0.tar)

	mkdir "$work"
	many_root "$work/0.tar"
	for ((n = 1; n <= $1; n++)); do
		mkdir -p "$work/$n/layers"
		echo "$n" >"$work/$n/layers/$n"
		tar -cf "$work/$n.tar" --owner=0 --group=0 --numeric-owner -C "$work/$n" layers
		rm -r "${work:?}/$n"
		names+=("$n.tar")
	done
	# shellcheck disable=SC2046 # a word for each
	many_config layers $(cd "$work" && diff_ids "${names[@]}") >"$work/config.json"
	jq -cn --arg tag "layers:$1" '[{
		Config: "config.json", RepoTags: [$tag], Layers: $ARGS.positional
	}]' --args "${names[@]}" >"$work/manifest.json"
	tar -cf "$2" -C "$work" .
	rm -r "$work"
}
