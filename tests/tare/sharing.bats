#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Namespaces that a container shares with the host, or with another container.

load ../lib/images

ns_of() { readlink "/proc/$1/ns/$2"; }

@test "--ipc, --uts, --cgroupns host: those of the host" {
	begin box --ipc host --uts host --cgroupns host
	for ns in ipc uts cgroup; do
		is "$(ns_of self $ns)" "$(ns_of "$PID" $ns)"
	done
	is "$(hostname) $(hostname)" "$(tare exec box sh -c 'echo $(hostname) $HOSTNAME')"
	is "$(stat -c %d /dev/shm)" "$(tare exec box stat -c %d /dev/shm)"
	exits 125 run --rm --uts host --hostname box true
	like "--hostname: the name is shared: --uts 'host' says so"
}

@test "--ipc none and private: no shared memory, or none that is shared" {
	box_says none --ipc none -- '[ -e /dev/shm ] && grep -q " /dev/shm " /proc/mounts || echo none'
	begin box --ipc private
	[[ $(ns_of self ipc) != $(ns_of "$PID" ipc) ]]
	exits 125 run --rm --ipc container:box true
	like "--ipc: container 'box' does not share it: it was made with --ipc private"
}

@test "container:NAME of a root filesystem: network, processes, ipc and name" {
	begin box --hostname box.example
	first=$PID
	begin two --network container:box --pid container:box --ipc container:"$CID" \
		--uts "container:${CID:0:6}"
	for ns in net pid ipc uts; do
		is "$(ns_of "$first" $ns)" "$(ns_of "$PID" $ns)"
	done
	[[ $(ns_of "$first" mnt) != $(ns_of "$PID" mnt) ]]
	is box.example "$(tare exec two hostname)"
	is 1 "$(tare exec two sh -c 'ps | grep -c "PID  *USER"')"
	ok tare exec box sh -c 'echo text >/dev/shm/file'
	is text "$(tare exec two cat /dev/shm/file)"
	ok tare rm -f two
	is_running box
	ok tare rm -f box
	nothing_left
}

@test "container:NAME: one that is not there, or not running, or no container's word" {
	exits 125 run --rm --network container:nobody true
	like "--network: there is no container 'nobody'"
	ok run --name ended true
	exits 125 run --rm --pid container:ended true
	like '--pid container:[0-9a-f]{12}: the container is not running'
	exits 125 run --rm --network container: true
	exits 125 run --rm --cgroupns container:ended true
	exits 125 run --rm --ipc shared true
	like "--ipc: 'shared' is not one of none.private.shareable.host.container:NAME"
	ok tare rm ended
	nothing_left
}

@test "container:NAME of one with the host's network is the host's" {
	begin box --network host
	begin two --network container:box
	is "$(ns_of self net)" "$(ns_of "$PID" net)"
	is host "$(member two .HostConfig.NetworkMode)"
}

# bats test_tags=guest_systemd
@test "container:NAME where ids are mapped: the ids of the other" {
	box_image box:1
	take box:1
	ok tare run -d --network none --name one box:1 sh -c "$(forever)"
	first=$(member one .State.Pid)
	ok tare run -d --network container:one --pid container:one --ipc container:one --name two box:1 \
		sh -c "$(forever)"
	second=$(member two .State.Pid)
	for ns in user net pid ipc; do
		is "$(ns_of "$first" $ns)" "$(ns_of "$second" $ns)"
	done
	is "$(stat -c %u "/proc/$first")" "$(stat -c %u "/proc/$second")"
	ok tare exec one sh -c 'echo text >/dev/shm/file; mount | grep -c " /sys "'
	is 1
	is 'text 0' "$(tare exec two sh -c 'echo $(cat /dev/shm/file) $(stat -c %u /dev/shm/file)')"
	ok tare exec two sh -c 'echo 5 >/proc/sys/net/core/somaxconn 2>/dev/null; touch /new; kill -0 1'
	# A third one shares with both; whose ids they are stays the same.
	ok tare run --rm --network container:two --ipc container:one box:1 cat /proc/self/uid_map
	is "0 $(stat -c %u "/proc/$first") 65536" "$(xargs <<<"$output")"
	ok tare run -d --network none --name other box:1 sh -c "$(forever)"
	exits 125 tare run --rm --network container:one --ipc container:other box:1 true
	like '--network and --ipc: who has these namespaces has different ids'
	ok tare rm -f one two other
	nothing_left
}

# bats test_tags=guest_systemd
@test "container:NAME: ids that are shared are nobody else's when their first owner is gone" {
	box_image box:1
	take box:1
	ok tare run -d --network none --name one box:1 sh -c "$(forever)"
	ok tare run -d --ipc container:one --network none --name two box:1 sh -c "$(forever)"
	start=$(stat -c %u "/proc/$(member two .State.Pid)")
	ok tare rm -f one
	[[ -e $STATE/ids/$start.shared/$(member two .Id) ]]
	ok tare rm -f two
	nothing_left
}

# bats test_tags=guest_systemd
@test "container:NAME: who has the host's ids, and who asks for them" {
	box_image box:1
	take box:1
	ok tare run -d --network none --userns host --name one box:1 sh -c "$(forever)"
	first=$(member one .State.Pid)
	ok tare run --rm --network container:one box:1 cat /proc/self/uid_map
	is "0 0 4294967295" "$(xargs <<<"$output")"
	ok tare run -d --network none --name two box:1 sh -c "$(forever)"
	second=$(member two .State.Pid)
	ok tare run -d --network container:two --userns host --name three box:1 sh -c "$(forever)"
	third=$(member three .State.Pid)
	is "$(ns_of self user)" "$(ns_of "$third" user)"
	is "$(ns_of "$second" net)" "$(ns_of "$third" net)"
	ok tare run -d --network none --userns container:two --name four box:1 sh -c "$(forever)"
	fourth=$(member four .State.Pid)
	is "$(ns_of "$second" user)" "$(ns_of "$fourth" user)"
	[[ $(ns_of "$second" net) != $(ns_of "$fourth" net) ]]
}
