#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# dockerd from Debian's packages has this runtime as its default. What the cgroup says is read from
# the host's side, since the daemon only says what it was asked.

load ../lib/oci
load ../lib/daemons

file_begins() { docker_begins; }
file_ends() { daemons_end; }

test_ends() { docker_ends; }

# A container of this name that runs until it is told to end.
docker_start() {
	ok docker run --detach --name "$@" $IMAGE \
		sh -c 'trap "exit 9" TERM; while :; do sleep 1000 & wait $!; done'
	box_id=$(docker inspect --format '{{.Id}}' "$1")
}

# What this dockerd calls all capabilities (it knows 38), less those that we have not ourselves.
privileged() {
	printf 'CapEff:\t%016x' $((0x3fffffffff & 16#$(awk '/^CapEff/ { print $2 }' \
		/proc/self/status)))
}

inspected() { docker inspect --format "{{.State.$1}}" "$2"; }

@test "docker run shows the output and the exit status" {
	is tare "$(docker info --format '{{.DefaultRuntime}}')"
	ok docker run --rm $IMAGE sh -c 'echo out; id -u; echo $$'
	is $'out\n0\n1'
	exits 7 docker run --rm $IMAGE sh -c 'exit 7'
	exits 137 docker run --rm $IMAGE sh -c 'kill -KILL $$; sleep 1000 & kill -KILL -1; exit 137'
}

@test "docker run of a missing program is 127, of one that may not be executed 126" {
	exits 127 docker run --rm $IMAGE nosuchprogram
	exits 127 docker run --rm $IMAGE /no/such/program
	exits 126 docker run --rm $IMAGE /etc/passwd
	exits 126 docker run --rm $IMAGE /etc
	ok docker ps --all --quiet
	is ''
	is '' "$(cgroups_of '*')"
}

@test "docker run with stdin, environment, user, directory, hostname, volume and a network" {
	mkdir "$T/data"
	echo words >"$T/data/file"
	ok docker run --rm --interactive --env A=1 --user 1000:100 --workdir /home/user \
		--hostname some --volume "$T/data:/data:ro" --network bridge $IMAGE sh -c '
			echo $A; id -u; id -g; pwd; hostname; cat /data/file
			ip -o link show eth0 | grep -c "state UP\|LOWER_UP"; cat' <<<input
	is $'1\n1000\n100\n/home/user\nsome\nwords\n1\ninput'
}

@test "docker run with limits, and docker update" {
	docker_start box --memory 64m --memory-swap 128m --pids-limit 50 --cpus 0.5 \
		--cpu-shares 512 --cpuset-cpus 0
	is 67108864 "$(knob memory "$box_id" memory.limit_in_bytes)"
	is 134217728 "$(knob memory "$box_id" memory.memsw.limit_in_bytes)"
	is 50 "$(knob pids "$box_id" pids.max)"
	is 50000 "$(knob cpu "$box_id" cpu.cfs_quota_us)"
	is 100000 "$(knob cpu "$box_id" cpu.cfs_period_us)"
	is 512 "$(knob cpu "$box_id" cpu.shares)"
	is 0 "$(knob cpuset "$box_id" cpuset.cpus)"
	ok docker update --memory 32m --memory-swap 64m --pids-limit 20 --cpus 0.25 box
	is 33554432 "$(knob memory "$box_id" memory.limit_in_bytes)"
	is 67108864 "$(knob memory "$box_id" memory.memsw.limit_in_bytes)"
	is 20 "$(knob pids "$box_id" pids.max)"
	is 25000 "$(knob cpu "$box_id" cpu.cfs_quota_us)"
	is 512 "$(knob cpu "$box_id" cpu.shares)"
}

@test "docker sees that a container ran out of memory" {
	exits 137 docker run --name box --memory 16m --memory-swap 16m $IMAGE tail /dev/zero
	is 'true 137' "$(inspected OOMKilled box) $(inspected ExitCode box)"
}

@test "docker exec" {
	docker_start box
	ok docker exec box echo inside
	is inside
	exits 5 docker exec box sh -c 'exit 5'
	ok docker exec --env B=2 --workdir /tmp --user 1000:100 box sh -c 'echo $B; pwd; id -u'
	is $'2\n/tmp\n1000'
	exits 126 docker exec box nosuchprogram
	like 'executable file not found'
}

@test "docker pause and unpause, stats and top" {
	docker_start box
	ok docker pause box
	is paused "$(inspected Status box)"
	is FROZEN "$(knob freezer "$box_id" freezer.state)"
	ok docker unpause box
	is running "$(inspected Status box)"
	is THAWED "$(knob freezer "$box_id" freezer.state)"
	ok docker stats --no-stream --format '{{.PIDs}}' box
	is 2
	ok docker top box -o pid,comm
	like 'sleep'
}

@test "docker stop, start, restart, kill, wait and rm" {
	docker_start box
	ok docker stop --time 60 box
	is 'exited 9' "$(inspected Status box) $(inspected ExitCode box)"
	is '' "$(cgroups_of "$box_id")"
	ok docker start box
	is running "$(inspected Status box)"
	ok docker restart --time 60 box
	is running "$(inspected Status box)"
	ok docker kill --signal KILL box
	ok docker wait box
	is 137
	ok docker rm box
	ok docker ps --all --quiet
	is ''
	is '' "$(cgroups_of "$box_id")"
}

@test "docker logs has both streams, and follows to the end" {
	ok docker run --detach --name box $IMAGE sh -c 'echo one; echo two >&2; exec echo three'
	ok docker logs --follow box
	is $'one\nthree\ntwo' "$(sort <<<"$output")"
	is two "$(docker logs box 2>&1 >/dev/null)"
}

@test "docker run and exec with a terminal" {
	ok script -qec "docker run --rm --tty --interactive $IMAGE tty" /dev/null
	like /dev/pts/0
	docker_start box
	ok script -qec "stty rows 40 cols 100; docker exec --tty --interactive box sh -c \
		'while [ \"\$(stty size)\" != \"40 100\" ]; do :; done; echo sized'" /dev/null
	like sized
}

@test "docker run --init, --read-only, --tmpfs, --cap-drop, no-new-privileges" {
	ok docker run --rm --init --read-only --tmpfs /scratch --cap-drop all \
		--security-opt no-new-privileges $IMAGE sh -c '
			(echo x >/x) 2>&1; echo y >/scratch/y && echo wrote; cat /proc/1/comm
			grep -E "^(CapBnd|NoNewPrivs|Seccomp):" /proc/self/status'
	like 'Read-only'
	is $'wrote\ndocker-init\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2' \
		"$(grep -v Read-only <<<"$output")"
}

@test "docker run and exec --privileged have what the machine's root has" {
	no_peers 'without CAP_SYS_RESOURCE they refuse it'
	ok docker run --rm --privileged $IMAGE grep CapEff /proc/self/status
	is "$(privileged)"
	docker_start box
	ok docker exec --privileged box grep CapEff /proc/self/status
	is "$(privileged)"
}

@test "docker run with another container's namespaces, and with the host's" {
	docker_start box --ipc shareable
	ok docker run --rm --pid container:box --ipc container:box --network container:box \
		$IMAGE sh -c 'ps | grep -c "sleep 1000"; ip -o link show eth0 | wc -l'
	is $'2\n1' "$(sed '1s/^[1-9]$/2/' <<<"$output")"
	ok docker run --rm --uts host --cgroupns private $IMAGE \
		sh -c 'hostname; grep pids: /proc/self/cgroup'
	is "$(hostname)" "${lines[0]}"
	like ':/$'
}

@test "docker build runs its steps" {
	mkdir "$T/context"
	printf 'FROM %s\nRUN echo built >/made\nCMD ["cat", "/made"]\n' $IMAGE \
		>"$T/context/Dockerfile"
	ok env DOCKER_BUILDKIT=0 docker build --quiet --tag made "$T/context"
	ok docker run --rm made
	is built
}
