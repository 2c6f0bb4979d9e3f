# SPDX-License-Identifier: Apache-2.0
#
# Who pulls, for bench/image: for each NAME the functions
#
#	NAME_begin    what has to run before, in the cgroup but not counted; optional
#	NAME_pull     from $registry to below $store
#	NAME_remove   what rmi is to others; optional
#	NAME_end      optional
#
# All see the same: the registry on loopback, an empty file system $store, the layers' blobs and
# archives in $layers as N.gz and N.tar, and $IMAGE.

# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/surroundings.bash"

IMAGE=image:1
registry=127.0.0.1:5000
store=
layers=

# ------------------------------------------------------------------------------- engines

tare_words() { echo "$BUILD/src/tare --root $store/tare --cgroup-parent /$group"; }
tare() { $(tare_words) "$@"; }
tare_pull() { tare pull --quiet "$registry/$IMAGE"; }
tare_remove() { tare rmi "$registry/$IMAGE"; }

podman_words() {
	local run=$dir/podman/${store##*/}

	echo "$(type -P podman) --root $store/podman --runroot $run/root --tmpdir $run/tmp" \
		"--storage-driver overlay --cgroup-manager cgroupfs --runtime $(type -P crun)"
}

podman() { $(podman_words) "$@"; }
podman_pull() { podman pull --quiet --tls-verify=false "$registry/$IMAGE"; }
podman_remove() { podman rmi "$registry/$IMAGE"; }
podman_end() { ! mountpoint -q "$store/podman/overlay" || umount "$store/podman/overlay"; }

umoci_pull() {
	skopeo copy --quiet --src-tls-verify=false "docker://$registry/$IMAGE" \
		"oci:$store/layout:image"
	umoci --log=error unpack --image "$store/layout:image" "$store/bundle"
}

docker() { command docker --host "unix://$dir/docker.sock" "$@"; }
docker_begin() {
	local tries=0

	dockerd --data-root "$store/docker" --exec-root "$dir/docker" --pidfile "$dir/docker.pid" \
		--host "unix://$dir/docker.sock" --bridge none --iptables=false \
		--storage-driver overlay2 &>"$dir/docker.log" &
	until docker version &>/dev/null; do
		((++tries < 100)) && [[ -d /proc/$! ]] || return 1
		sleep 0.1
	done
}
docker_pull() { docker pull --quiet "$registry/$IMAGE"; }
docker_remove() { docker rmi "$registry/$IMAGE"; }
docker_end() {
	local pid tries=0

	[[ -e $dir/docker.pid ]] || return 0
	pid=$(<"$dir/docker.pid")
	kill "$pid"
	while [[ -d /proc/$pid ]] && ((++tries < 100)); do sleep 0.1; done
}

# ------------------------------------------------------------------------------- floors

# for_layers N FUNCTION: for each layer, N at a time.
for_layers() {
	local n=$1 function=$2 layer

	for layer in "$layers"/*.gz; do
		layer=${layer%.gz}
		while (($(jobs -rp | wc -l) >= n)); do wait -n; done
		"$function" "$layer" "$store/${layer##*/}" &
	done
	wait
}

untar() { mkdir "$2" && igzip -dc "$1.gz" | tar -x -C "$2"; }
untar_pull() { for_layers 1 untar; }
untar2_pull() { for_layers 2 untar; }

digest() { openssl dgst -sha256 "$1.gz" "$1.tar"; }
digest_pull() { for_layers 1 digest; }
digest2_pull() { for_layers 2 digest; }

# All that a pull has to do: each byte that comes is hashed, and so is each that comes of it.
whole() {
	mkdir "$2"
	curl --silent --fail "http://$registry/v2/${IMAGE%:*}/blobs/$(<"$1.digest")" |
		tee >(openssl dgst -sha256) | igzip -dc |
		tee >(openssl dgst -sha256) | tar -x -C "$2"
}
whole_pull() { for_layers 1 whole; }
whole2_pull() { for_layers 2 whole; }
