#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# podman from Debian's packages calls this runtime: run, exec, pause, limits, stop and rm, over a
# rootfs, since there is no registry.

load ../lib/oci

# Everything of podman's lies below $P, in a mount namespace with a /run of its own.
file_begins() {
	command -v podman >/dev/null || skip 'needs podman'
	mount -t tmpfs -o mode=755 tare-test /run
	mkdir -p /run/lock /var/lib/containers
	mount -t tmpfs tare-test /var/lib/containers
}

file_ends() { umount -l /var/lib/containers /run 2>/dev/null || true; }

test_begins() {
	# podman takes no more than 50 characters for this.
	P=/run/${T##*/}
	mkdir -p "$P"
	printf '[containers]\nlog_driver = "k8s-file"\n[engine]\nevents_logger = "file"\n' \
		>"$P/conf"
	printf '[storage]\ndriver = "vfs"\nrunroot = "%s"\ngraphroot = "%s"\n' "$P/run" "$P/root" \
		>"$P/storage"
	printf '{"default": [{"type": "insecureAcceptAnything"}]}' >"$P/policy.json"
}

pod() {
	CONTAINERS_CONF=$P/conf CONTAINERS_STORAGE_CONF=$P/storage timeout --kill-after=5 60 \
		podman \
		--root "$P/root" --runroot "$P/run" --tmpdir "$P/tmp" --storage-driver vfs \
		--cgroup-manager cgroupfs --conmon "$(command -v conmon)" --runtime "$OCI" "$@" \
			3>&- \
		{PAUSE}>&- {GATE}>&-
}

LIMITS=(--ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --network none
	--cgroup-parent "/$PREFIX-podman" --security-opt seccomp=unconfined)

pod_run() { pod run "${LIMITS[@]}" "$@"; }

test_ends() {
	pod rm --all --force --time 0 >/dev/null 2>&1 || true
	umount_below "$P"
	rm -rf --one-file-system "$P"
	wait_until parent_remove "$PREFIX-podman" || true
}

@test "podman run shows the output and the exit status" {
	ok pod_run --rm --rootfs "$ROOTFS" sh -c 'echo out; id -u'
	is $'out\n0'
	exits 7 pod_run --rm --rootfs "$ROOTFS" sh -c 'exit 7'
}

@test "podman run of a missing program is 127, of one that may not be executed 126" {
	exits 127 pod_run --rm --rootfs "$ROOTFS" nosuchprogram
	exits 126 pod_run --rm --rootfs "$ROOTFS" /etc/passwd
}

@test "podman run with stdin, environment, user, directory, hostname and a volume" {
	mkdir "$T/data"
	echo words >"$T/data/file"
	ok pod_run --rm -i -e A=1 --user 1000:100 -w /home/user --hostname some -v \
		"$T/data:/data:ro" \
		--rootfs "$ROOTFS" sh -c 'echo $A; id -u; id -g; pwd; hostname; cat /data/file'
	is $'1\n1000\n100\n/home/user\nsome\nwords'
}

@test "podman's own seccomp profile" {
	ok pod run --rm --ulimit nofile=1024:1024 --ulimit nproc=1024:1024 --network none \
		--cgroup-parent "/$PREFIX-podman" --rootfs "$ROOTFS" grep Seccomp: /proc/self/status
	is $'Seccomp:\t2'
}

@test "podman exec, pause, unpause, stats, inspect, stop and rm" {
	ok pod_run -d --name box --memory 64m --pids-limit 50 --rootfs "$ROOTFS" \
		sh -c 'trap "exit 9" TERM; while :; do sleep 1000 & wait $!; done'
	ok pod exec box echo inside
	is inside
	exits 5 pod exec box sh -c 'exit 5'
	ok pod exec -e B=2 -w /tmp -u 1000 box sh -c 'echo $B; pwd; id -u'
	is $'2\n/tmp\n1000'
	ok pod pause box
	is paused "$(pod inspect --format '{{.State.Status}}' box)"
	ok pod unpause box
	is running "$(pod inspect --format '{{.State.Status}}' box)"
	id=$(pod inspect --format '{{.Id}}' box)
	limit=$(find $CGROUPS/memory/"$PREFIX-podman" -path "*$id*" -name memory.limit_in_bytes \
		| head -n 1)
	is 67108864 "$(<"$limit")"
	ok pod stats --no-stream --format '{{.PIDs}}' box
	like '^[1-9]'
	ok pod top box pid comm
	like sh
	ok pod stop --time 5 box
	is 9 "$(pod inspect --format '{{.State.ExitCode}}' box)"
	ok pod rm box
	ok pod ps -a -q
	is ''
}

@test "podman start and kill, logs and wait" {
	ok pod create "${LIMITS[@]}" --name box --rootfs "$ROOTFS" sh -c 'echo said;
		exec sleep 1000'
	ok pod start box
	said() { pod logs box 2>&1 | grep -q said; }
	wait_until said
	ok pod kill --signal KILL box
	ok pod wait box
	is 137
}

@test "podman update-like limits: cpus, cpu shares, oom score" {
	ok pod_run --rm --cpu-shares 256 --cpuset-cpus 0 --oom-score-adj 100 --rootfs "$ROOTFS" \
		sh -c 'cat /proc/self/oom_score_adj; grep Cpus_allowed_list /proc/self/status'
	is $'100\nCpus_allowed_list:\t0'
}

@test "podman run --read-only, --tmpfs, --cap-drop, --privileged" {
	ok pod_run --rm --read-only --tmpfs /scratch --cap-drop all --rootfs "$ROOTFS" \
		sh -c 'echo x >/x 2>&1; echo y >/scratch/y && echo wrote;
			grep CapEff /proc/self/status'
	like 'Read-only'
	like wrote
	like $'CapEff:\t0000000000000000'
	try pod_run --rm --privileged --rootfs "$ROOTFS" ls /dev/mem
	((status == 0)) || like 'No such file'
}

@test "podman run --tty" {
	printf -v words '%q ' podman --root "$P/root" --runroot "$P/run" --tmpdir "$P/tmp" \
		--storage-driver vfs --cgroup-manager cgroupfs --runtime "$OCI" run \
			"${LIMITS[@]}" --rm \
		--tty --rootfs "$ROOTFS" sh -c 'test -t 0 && echo terminal'
	export CONTAINERS_CONF=$P/conf CONTAINERS_STORAGE_CONF=$P/storage
	ok timeout 60 script -qec "$words" /dev/null
	like terminal
}

@test "podman run --userns with mappings of its own" {
	chown -Rh 200000:200000 "$ROOTFS"
	ok pod_run --rm --uidmap 0:200000:65536 --gidmap 0:200000:65536 --rootfs "$ROOTFS" \
		sh -c 'id -u; cat /proc/self/uid_map'
	like '^0'
	like '0 +200000 +65536'
}
