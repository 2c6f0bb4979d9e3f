#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# How much a container may use: what its options make of the kernel's limits, on cgroup v1 and v2,
# and what happens to who needs more.

load ../lib/tare

# A whole disk of this machine: of a part of one the kernel limits nothing.
find_disk() {
	local dir

	for dir in /sys/block/*; do
		DISK=/dev/${dir##*/}
		[[ ! -b $DISK ]] || return 0
	done
	skip 'needs a disk'
}

# bats test_tags=guest
@test "memory, processors, processes" {
	needs_controller memory
	needs_controller cpu
	needs_controller pids
	begin box -m 64m --cpus 1.5 --pids-limit 100
	is 67108864 "$(box_limit memory)"
	is '150000 100000' "$(box_limit quota)"
	is 100 "$(box_limit pids.max)"
	like "(^|\n)$PID"$'(\n|$)' "$(box_cg pids cgroup.procs)"
	is '67108864 1500000000 100' \
		"$(member box '.HostConfig | "\(.Memory) \(.NanoCpus) \(.PidsLimit)"')"
}

@test "2048 processes by default, -1 for no limit" {
	needs_controller pids
	begin box
	is 2048 "$(box_limit pids.max)"
	begin free --pids-limit -1
	is max "$(box_limit pids.max)"
}

# ------------------------------------------------------------------------------- memory

@test "--memory-swap counts both together, as much again by default" {
	needs_swap_limit
	begin box -m 64m
	is 134217728 "$(box_limit memory+swap)"
	begin more -m 64m --memory-swap 80m
	is 83886080 "$(box_limit memory+swap)"
	begin none -m 64m --memory-swap 64m
	is 67108864 "$(box_limit memory+swap)"
}

@test "--memory-swap -1 limits memory alone" {
	needs_swap_limit
	begin box -m 64m --memory-swap -1
	is 67108864 "$(box_limit memory)"
	is max "$(box_limit memory+swap)"
}

@test "--memory-swap makes no sense alone, or below --memory" {
	exits 125 run --rm --memory-swap 64m true
	like '--memory-swap: it includes memory, so --memory must be given too'
	exits 125 run --rm -m 64m --memory-swap 32m true
	like '--memory-swap: 33554432 is below --memory 67108864, which it includes'
	exits 125 run --rm -m 64m --memory-reservation 65m true
	like '--memory-reservation: .* is above --memory'
	is '' "$(names_all)"
}

@test "--memory-reservation" {
	needs_controller memory
	begin box --memory-reservation 32m
	is 33554432 "$(box_limit reservation)"
}

@test "--memory-swappiness and --oom-kill-disable: v1 has them, v2 says that it has not" {
	needs_controller memory
	if is_v2; then
		exits 125 run --rm --memory-swappiness 7 true
		like 'swappiness: cgroup v2 has no such limit'
		exits 125 run --rm -m 64m --oom-kill-disable true
		like 'disableOOMKiller: cgroup v2 has no such limit'
		return
	fi
	begin box -m 64m --memory-swappiness 7 --oom-kill-disable
	is 7 "$(box_cg memory memory.swappiness)"
	like 'oom_kill_disable 1' "$(box_cg memory memory.oom_control)"
	exits 125 run --rm --memory-swappiness 101 true
	like 'is not between 0 and 100'
}

@test "--oom-score-adj" {
	box_says 250 --oom-score-adj 250 -- 'cat /proc/self/oom_score_adj'
	exits 125 run --rm --oom-score-adj 1001 true
	like '--oom-score-adj: 1001 is not between -1000 and 1000'
}

@test "--shm-size" {
	box_says 65536 -- 'df -k /dev/shm | awk "END { print \$2 }"'
	box_says 2048 --shm-size 2m -- 'df -k /dev/shm | awk "END { print \$2 }"'
	exits 125 run --rm --shm-size -1 true
}

# ------------------------------------------------------------------------------- lack of memory

# What needs 200 MB at once.
HUNGRY='tail -c 200m /dev/zero'
REASON='OOM-killed: needed more than its limit of 16 MiB'

@test "who needs more memory than it may is killed, and it says so" {
	needs_controller memory
	exits 137 run --rm -m 16m --memory-swap 16m sh -c "exec $HUNGRY"
	is "tare: run: $REASON"
}

# bats test_tags=guest
@test "ps and inspect know why it ended" {
	needs_controller memory
	exits 137 run --name box -m 16m --memory-swap 16m sh -c "exec $HUNGRY"
	like "Exited \(137\) .*ago, $REASON" "$(tare ps -a)"
	is "$(printf 'true 1 137\n%s' "$REASON")" \
		"$(member box '.State | "\(.OOMKilled) \(.OOMKills) \(.ExitCode)\n\(.Reason)"')"
	ok run -d --name away -m 16m --memory-swap 16m sh -c "exec $HUNGRY"
	is 137 "$(tare wait away)"
	is "$REASON" "$(member away .State.Reason)"
}

@test "a process that was killed is counted, though the container went on" {
	needs_controller memory
	ok run --name box -m 16m --memory-swap 16m sh -c "$HUNGRY; $HUNGRY; exit 0"
	is 'true 2  0' \
		"$(member box '.State | "\(.OOMKilled) \(.OOMKills) \(.Reason) \(.ExitCode)"')"
	unlike OOM "$(tare ps -a)"
}

@test "who is killed by a person was not killed for memory" {
	begin box -m 16m
	ok tare kill box
	is 137 "$(tare wait box)"
	is 'false 0 ' "$(member box '.State | "\(.OOMKilled) \(.OOMKills) \(.Reason)"')"
	unlike OOM "$(tare ps -a)"
	exits 137 run --rm sh -c 'kill -9 $$; exit 137'
	unlike OOM
}

# ------------------------------------------------------------------------------- processors

# bats test_tags=guest
@test "--cpu-quota, --cpu-period, --cpu-shares" {
	needs_controller cpu
	begin box --cpu-quota 20000 --cpu-period 40000 --cpu-shares 512
	is '20000 40000' "$(box_limit quota)"
	is 512 "$(box_limit shares)"
	exits 125 run --rm --cpus 1 --cpu-quota 20000 true
	like '--cpus: says the same as --cpu-quota; give one'
}

@test "--cpuset-cpus and --cpuset-mems" {
	needs_controller cpuset
	begin box --cpuset-cpus 0 --cpuset-mems 0
	is 0 "$(box_limit cpuset.cpus)"
	is 0 "$(box_limit cpuset.mems)"
	is 0 "$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "/proc/$PID/status")"
	exits 125 run --rm --cpuset-cpus 0- true
	like '--cpuset-cpus: '
	exits 125 run --rm --cpuset-cpus 4000 true
	like 'cpus'
}

# ------------------------------------------------------------------------------- disks

# bats test_tags=guest
@test "--device-read-bps and its like are for one disk" {
	find_disk
	needs_controller blkio blkio.throttle.read_bps_device
	begin box --device-read-bps "$DISK:2m" --device-write-bps "$DISK:1kb" \
		--device-read-iops "$DISK:300" --device-write-iops "$DISK:400"
	is 2097152 "$(box_limit read_bps)"
	is 1024 "$(box_limit write_bps)"
	is 300 "$(box_limit read_iops)"
	is 400 "$(box_limit write_iops)"
	is "$DISK 2097152" "$(member box '.HostConfig.BlkioDeviceReadBps[0] | "\(.Path) \(.Rate)"')"
}

@test "what is no disk is refused" {
	exits 125 run --rm --device-read-bps /dev/null:1m true
	like "--device-read-bps: '/dev/null' is no block device"
	exits 125 run --rm --device-write-iops "$T/missing:1" true
	like "--device-write-iops: look at '.*missing': no such file"
	exits 125 run --rm --device-read-bps /dev/null true
	like 'is not of the form /dev/NAME:RATE'
	exits 125 run --rm --blkio-weight 5 true
	like '--blkio-weight: 5 is not between 10 and 1000'
	is '' "$(names_all)"
}

@test "--blkio-weight stands in the kernel, or the error names it" {
	local file

	try run --rm --blkio-weight 500 true
	((status == 0)) || { like weight && return; }
	begin box --blkio-weight 500
	for file in blkio.weight blkio.bfq.weight io.bfq.weight io.weight; do
		if like '500|4950' "$(box_cg blkio "$file" 2>&1)"; then return; fi
	done
	return 1
}

# ------------------------------------------------------------------------------- each process

@test "--ulimit" {
	box_says '64 128' --ulimit nofile=64:128 -- 'echo $(ulimit -Sn) $(ulimit -Hn)'
	box_says '5 6' --ulimit core=5:6 -- 'awk "/^Max core/ { print \$5, \$6 }" /proc/self/limits'
	exits 125 run --ulimit nosuch=1 true
	exits 125 run --ulimit nofile=9:8 true
}

# ------------------------------------------------------------------------------- all of them

@test "limits that make no sense are refused" {
	exits 125 run --cpus 0.001 true
	exits 125 run --cpus x true
	exits 125 run -m -5 true
	exits 125 run -m 1x true
	exits 125 run --pids-limit x true
	is '' "$(names_all)"
}
