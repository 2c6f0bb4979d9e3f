# SPDX-License-Identifier: Apache-2.0
#
# The engines that bench/engine and bench/network measure beside each other, each with a store and a
# state of its own below $dir (bench/surroundings.bash).
#
#	call ENGINE WORDS...    has it do something
#	words_of ENGINE         its command; options_of ENGINE: what a `run` of it has besides
#	make_store              $store: a journalled ext4 in a file, which is in memory
#	start_engines           $engines, in the order of the tables; docker only if it starts
#	stop_engines
#
# DOCKERD_OPTIONS, an array, is what dockerd is told besides.

# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/surroundings.bash"

LIMITS=(--ulimit nofile=1024:1024 --ulimit nproc=1024:1024) # podman's own may be refused
DOCKERD_OPTIONS=()
engines=()
store=

tare_words() { echo "$BUILD/src/tare --root $store/tare --cgroup-parent /$group"; }
podman_words() {
	echo "$(type -P podman) --root $store/podman --runroot $dir/podman/run" \
		"--tmpdir $dir/podman/tmp --storage-driver overlay --cgroup-manager cgroupfs" \
		"--runtime $(type -P "$1")"
}
docker_words() { echo "$(type -P docker) --host unix://$dir/docker.sock"; }

words_of() {
	case $1 in
	tare) tare_words ;;
	podman-*) podman_words "${1#*-}" ;;
	docker) docker_words ;;
	esac
}

# options_of ENGINE: what a run of it has besides. podman's limits would be refused here.
options_of() {
	case $1 in
	podman-*) echo "--cgroup-parent /$group ${LIMITS[*]}" ;;
	docker) echo "--cgroup-parent /$group" ;;
	esac
}

# call ENGINE WORDS...
call() { $(words_of "$1") "${@:2}"; }

start_docker() {
	local tries=0

	command -v dockerd >/dev/null || return 1
	dockerd --data-root "$store/docker" --exec-root "$dir/docker" --pidfile "$dir/docker.pid" \
		--host "unix://$dir/docker.sock" --storage-driver overlay2 \
		"${DOCKERD_OPTIONS[@]}" &>"$dir/docker.log" &
	until call docker version &>/dev/null; do
		((++tries < 100)) && [[ -d /proc/$! ]] || return 1
		sleep 0.1
	done
}

make_store() {
	store=$dir/store
	mkdir "$store"
	truncate -s 6G "$dir/disk"
	mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0,nodiscard "$dir/disk"
	mount -o loop "$dir/disk" "$store"
}

start_engines() {
	mount -t tmpfs tare-bench /dev/shm # podman's locks
	export TARE_LIBEXEC=$BUILD/src HOME=$dir TARE_CONF=/dev/null
	tame_podman
	engines=(tare podman-crun podman-runc)
	if start_docker; then
		engines+=(docker)
	else
		echo "docker is not measured, since dockerd does not start here:" \
			"$(tail -n 1 "$dir/docker.log" 2>/dev/null)" >"$dir/left_out"
	fi
}

stop_engines() {
	local pid tries=0

	[[ -e $dir/docker.pid ]] || return 0
	pid=$(<"$dir/docker.pid")
	kill "$pid"
	while [[ -d /proc/$pid ]] && ((++tries < 100)); do sleep 0.1; done
}

# load_image ARCHIVE: into all but tare's store.
load_image() {
	local engine

	for engine in "${engines[@]:1}"; do
		call "$engine" load --quiet --input "$1" >/dev/null
	done
}

# each_engine WORDS: a command for each, where OPTIONS and HELD become its own.
each_engine() {
	local engine words

	for engine in "${engines[@]}"; do
		words=${1/OPTIONS/$(options_of "$engine")}
		echo "$engine $(words_of "$engine") ${words/HELD/held-$engine}"
	done
}

# What was measured, and beside whom.
show_surroundings() {
	printf 'Linux %s, %d processors, load %s when it began; podman %s, crun %s, runc %s' \
		"$(uname -r)" "$(nproc)" "$(cut -d ' ' -f 1 /proc/loadavg)" \
		"$(podman --version | sed 's/.* //')" "$(crun --version | sed -n '1s/.* //p')" \
		"$(runc --version | sed -n '1s/.* //p')"
	[[ " ${engines[*]} " != *' docker '* ]] ||
		printf ', docker %s' "$(call docker version --format '{{.Server.Version}}')"
	printf '.\n%d rounds, order shuffled in each. ' "$ROUNDS"
	printf 'Milliseconds; ratios are of medians.\n'
	[[ ! -e $dir/left_out ]] || cat "$dir/left_out"
}

# Milliseconds, of microseconds.
quantile_of() {
	sort -n | awk -v part="$1" '
		{ v[NR] = $1 } END { printf "%.2f", v[int(part * (NR + 1))] / 1000 }'
}
median_of() { quantile_of 0.5; }
p90_of() { quantile_of 0.9; }
