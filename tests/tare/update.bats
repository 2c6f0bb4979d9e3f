#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# update: other limits for a container, at once and for its next start; all of them or none.

load ../lib/tare

host_config() { member "$1" ".HostConfig | \"$2\""; }

@test "update: a running container has the new limits, and inspect tells" {
	needs_controller memory
	needs_controller cpu
	needs_controller pids
	begin box
	ok tare update --cpus 1.5 --memory 96m --pids-limit 77 box
	is box
	is 100663296 "$(box_limit memory)"
	is '150000 100000' "$(box_limit quota)"
	is 77 "$(box_limit pids.max)"
	is '100663296 1500000000 77' "$(host_config box '\(.Memory) \(.NanoCpus) \(.PidsLimit)')"
	ok tare exec box true
}

@test "--cpu-shares, --cpu-quota and --cpu-period" {
	needs_controller cpu
	begin box --cpu-shares 512 --cpu-quota 50000
	ok tare update -c 2048 box
	is 2048 "$(box_limit shares)"
	is '50000 100000' "$(box_limit quota)"
	ok tare update --cpu-quota 20000 --cpu-period 50000 box
	is '20000 50000' "$(box_limit quota)"
	is 2048 "$(box_limit shares)"
	ok tare update --cpu-quota=-1 box
	like '^(max|-1) 50000$' "$(box_limit quota)"
}

@test "--cpuset-cpus and --cpuset-mems" {
	needs_controller cpuset
	begin box
	ok tare update --cpuset-cpus 0 --cpuset-mems 0 box
	is 0 "$(box_cg cpuset cpuset.cpus)"
	is 0 "$(box_cg cpuset cpuset.mems)"
	is '0 0' "$(host_config box '\(.CpusetCpus) \(.CpusetMems)')"
}

@test "--memory-swap and --memory-reservation; -1 is no limit" {
	needs_swap_limit
	begin box -m 64m
	ok tare update -m 128m --memory-swap 200m --memory-reservation 32m box
	is 134217728 "$(box_limit memory)"
	is 209715200 "$(box_limit memory+swap)"
	is 33554432 "$(box_limit reservation)"
	ok tare update --memory-swap=-1 box
	is max "$(box_limit memory+swap)"
	is 134217728 "$(box_limit memory)"
	ok tare update --memory=-1 --memory-reservation=-1 box
	is max "$(box_limit memory)"
	is max "$(box_limit memory+swap)"
	is '0 0' "$(host_config box '\(.Memory) \(.MemoryReservation)')"
}

@test "swap goes with memory where nothing else was asked" {
	needs_swap_limit
	begin box -m 64m
	ok tare update -m 128m box
	is 268435456 "$(box_limit memory+swap)"
	ok tare update -m 64m box
	is 134217728 "$(box_limit memory+swap)"
}

@test "--pids-limit: -1 and 0 are no limit" {
	needs_controller pids
	begin box
	is 2048 "$(box_limit pids.max)"
	ok tare update --pids-limit 5 box
	is 5 "$(box_limit pids.max)"
	ok tare update --pids-limit=-1 box
	is max "$(box_limit pids.max)"
	ok tare update --pids-limit 5 box
	ok tare update --pids-limit 0 box
	is max "$(box_limit pids.max)"
}

@test "one that has ended: its record alone" {
	ok run --name box true
	local made
	made=$(member box .Created)
	ok tare update --cpus 0.5 -m 32m --cpu-shares 100 box
	is box
	is '33554432 500000000 100' "$(host_config box '\(.Memory) \(.NanoCpus) \(.CpuShares)')"
	is "$made" "$(member box .Created)"
}

@test "one that is paused" {
	needs_controller pids
	begin box
	ok tare pause box
	ok tare update --pids-limit 55 box
	is 55 "$(box_limit pids.max)"
	is paused "$(member box .State.Status)"
}

@test "several, and --latest" {
	begin one
	begin two
	exits 1 tare update --pids-limit 50 one nonesuch two
	like $'^one\n'
	like "update nonesuch: there is no container 'nonesuch'"
	like $'\ntwo$'
	is 50 "$(host_config one '\(.PidsLimit)')"
	ok tare update --latest --pids-limit 60
	is "$CID"
	is 60 "$(host_config two '\(.PidsLimit)')"
}

@test "ps goes on to list by age" {
	begin one
	begin two
	ok tare update --pids-limit 50 one
	is $'two\none' "$(tare ps --format names)"
}

# ------------------------------------------------------------------------------- what is refused

# unchanged ARG ...: update fails, and neither record nor kernel have changed.
unchanged() {
	local before after
	before=$(tare inspect box | sha256sum; box_limit pids.max; box_limit memory; box_limit quota)
	try tare update "$@" box
	((status != 0)) || { echo "update $* went well" && return 1; }
	after=$(tare inspect box | sha256sum; box_limit pids.max; box_limit memory; box_limit quota)
	[[ $before == "$after" ]] || { echo "update $*: $before $after" && return 1; }
}

@test "what makes no sense is refused before anything is done" {
	needs_controller memory
	needs_controller cpu
	needs_controller pids
	begin box -m 64m --memory-swap 80m --cpus 1
	unchanged --pids-limit 9 --memory 128m
	like 'update box: --memory-swap: 83886080 is below --memory 134217728'
	unchanged --pids-limit 9 --cpu-quota 50000
	like '--cpus: says the same as --cpu-quota'
	unchanged --pids-limit 9 --cpu-period 50000
	like '--cpus: says the same as --cpu-period'
	begin other
	exits 125 tare update --cpu-period 5 other
	like '--cpu-period: 5 is not between'
	unchanged --pids-limit 9 --cpuset-cpus 0-
	like '--cpuset-cpus'
	unchanged --pids-limit 9 --blkio-weight 5
	like '--blkio-weight: 5 is not between 10 and 1000'
	unchanged --pids-limit 9 --memory-reservation 100m
	like '--memory-reservation: .* is above --memory'
	unchanged --memory few
	unchanged --cpus many
	like "update box: --cpus 'many'"
	unchanged --restart always
	like 'restart'
	unchanged
	like 'update box: no limit is given'
	exits 125 tare update --memory 64m
	like 'CONTAINER is missing'
}

@test "what the kernel refuses is named, and what it took before is taken back" {
	needs_controller memory
	needs_controller cpu
	needs_controller cpuset
	needs_controller pids
	begin box -m 64m
	unchanged --memory 96m --cpus 1.5 --cpuset-cpus 8000 --pids-limit 9
	like "update box: .*cpu.cpus: write '8000' to 'cpuset.cpus'"
	ok tare exec box true
}

@test "memory that is in use can't be taken away on v1" {
	needs_controller memory
	has_v1 memory || skip 'v2 kills instead'
	begin box -m 96m --shm-size 64m -- sh -c 'head -c 40m /dev/zero >/dev/shm/file; echo ready
		sleep 1000'
	wait_until says_ready box
	unchanged --pids-limit 9 -m 8m
	like 'update box: .*memory'
	is_running box
}

@test "two at once: both are kept" {
	local -a pids
	ok run --name box true
	for i in 1 2 3 4; do
		(tare update --memory $((64 + i))m box && tare update --cpu-shares $((100 + i)) box) \
			>"$T/out$i" 2>&1 &
		pids[i]=$!
		tare update --pids-limit $((i * 10)) box
	done
	wait "${pids[@]}"
	is 40 "$(host_config box '\(.PidsLimit)')"
	like '^10[1-4]$' "$(host_config box '\(.CpuShares)')"
	like '^(6[5-8])$' "$(($(host_config box '\(.Memory)') >> 20))"
	ok tare rm box
	nothing_left
}

@test "one that is removed meanwhile does not come back" {
	local -a pids
	for _ in 1 2 3; do
		begin box
		for i in 1 2; do
			(for _ in {1..20}; do tare update --pids-limit 99 box || true; done) \
				>"$T/out$i" 2>&1 &
			pids[i]=$!
		done
		ok tare rm -f box
		wait "${pids[@]}"
		nothing_left
	done
}
