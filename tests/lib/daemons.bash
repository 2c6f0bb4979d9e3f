# SPDX-License-Identifier: Apache-2.0
#
# containerd and dockerd for tests, and an image that comes from no registry. Loaded after `oci`.
#
# The daemons run in mount, pid and network namespaces of their own; their files lie in $D, on the
# tmpfs of the tests, and their containers' cgroups below $PARENT. The words:
#
#	image_new                 $D/image.tar, as `docker save` writes it: $IMAGE, static busybox
#	containerd_configure      and docker_configure: write $D/containerd.toml, $D/daemon.json
#	daemons_start             in file_begins; daemons_end in file_ends
#	docker_begins             in file_begins: dockerd, with the image; docker_ends in test_ends
#	daemons_tell              in test_ends: when the test failed, the last that they said
#	within COMMAND ...        run a command in their namespaces
#	knob HIERARCHY ID FILE    a value of the cgroup of the container whose id begins so

# shellcheck disable=SC2034 # tests read what is set here
IMAGE=docker.io/library/box:1

image_new() {
	local layer=$D/image/layer.tar digest

	mkdir -p "${layer%/*}"
	tar -C "$FILE_TMP/rootfs" -cf "$layer" .
	digest=$(sha256sum "$layer" | cut -d ' ' -f 1)
	jq -n --arg layer "sha256:$digest" --arg arch "$(dpkg --print-architecture)" '{
		architecture: $arch, os: "linux",
		config: {Cmd: ["sh"], Env: ["PATH=/bin"]},
		rootfs: {type: "layers", diff_ids: [$layer]}}' >"$D/image/config.json"
	jq -n --arg name "$IMAGE" '[{
		Config: "config.json", RepoTags: [$name], Layers: ["layer.tar"]
	}]' >"$D/image/manifest.json"
	tar -C "$D/image" -cf "$D/image.tar" layer.tar config.json manifest.json
}

# Without what it would do for others than these tests: CRI, /opt, block devices.
containerd_configure() {
	cat >"$D/containerd.toml" <<-END
		version = 2
		root = "$D/containerd"
		state = "$D/containerd-state"
		disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt",
			"io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs",
			"io.containerd.snapshotter.v1.devmapper"]
		[grpc]
		address = "$D/containerd.sock"
		[debug]
		level = "warn"
	END
}

# docker_configure [FILTER]: every container by $OCI; a filter of jq changes more.
# shellcheck disable=SC2120 # a swarm gives it something
docker_configure() {
	jq -n --arg d "$D" --arg oci "$OCI" --arg parent "/$PARENT" '{
		"default-runtime": "tare", runtimes: {tare: {path: $oci}},
		"cgroup-parent": $parent, "exec-opts": ["native.cgroupdriver=cgroupfs"],
		containerd: "\($d)/containerd.sock", hosts: ["unix://\($d)/docker.sock"],
		"data-root": "\($d)/docker", "exec-root": "\($d)/docker-exec",
		pidfile: "\($d)/docker.pid", "deprecated-key-path": "\($d)/docker.key",
		"log-level": "warn", iptables: false, ip6tables: false, "userland-proxy": false
	} | '"${1:-.}" >"$D/daemon.json"
	export DOCKER_HOST=unix://$D/docker.sock DOCKER_CONFIG=$D/docker-client
}

daemons_start() {
	unshare --mount --pid --net --fork --kill-child --mount-proc --propagation private \
		"$TESTS/lib/daemons" "$D" >"$D/log" 2>&1 </dev/null 3>&- &
	export DAEMONS=$!
	disown
	wait_until daemons_answer
	INIT=$(cat "/proc/$DAEMONS/task/$DAEMONS/children")
	export INIT=${INIT% }
}

daemons_answer() {
	if [[ -e $D/daemon.json ]]; then
		docker version >/dev/null 2>&1
	else
		ctr --address "$D/containerd.sock" version >/dev/null 2>&1
	fi
}

# Nothing is asked of them: they and their containers are killed, and no process holds a cgroup.
daemons_end() {
	[[ ! -v DAEMONS ]] || {
		kill -KILL "$DAEMONS"
		wait_until ended "$DAEMONS"
	}
	wait_until parent_remove "$PARENT"
}

daemons_tell() {
	[[ -n ${BATS_TEST_COMPLETED-} ]] || tail -n 20 "$D/log"
}

docker_begins() {
	command -v dockerd >/dev/null || skip 'needs docker.io'
	export D=$FILE_TMP/d PARENT=$PREFIX-docker
	mkdir "$D"
	image_new
	containerd_configure
	docker_configure
	daemons_start
	docker load --quiet --input "$D/image.tar"
}

docker_ends() {
	docker ps --all --quiet | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
	daemons_tell
}

within() { nsenter --target "$INIT" --mount --pid --net -- "$@"; }

knob() { cat "$CGROUPS/$1/$PARENT/$2"*"/$3"; }

# The cgroups of a container whose id begins so.
cgroups_of() { find $CGROUPS -maxdepth 3 -type d -path "*/$PARENT/$1*"; }
