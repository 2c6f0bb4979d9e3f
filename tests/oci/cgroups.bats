#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# linux.cgroupsPath and linux.resources, whichever kind of hierarchies the machine has; what only
# cgroup v2 can do is in cgroups_v2.bats.

# bats file_tags=guest
load ../lib/oci

test_begins() { needs_controller pids; }

# limit JSON: merge into linux.resources.
limit() { config '.linux.resources += $r' --argjson r "$1"; }

started() { ok create_box --pid-file "$T/pid"; }

path_of() { path_in pids "$(<"/proc/$1/cgroup")"; }

is_running() { [[ $(status_of 2>/dev/null) == running ]]; }
is_gone() { [[ ! -e $STATE/$ID ]]; }

@test "the container is in cgroupsPath in every hierarchy, and the groups go with it" {
	start_box
	for name in pids memory cpu cpuset devices freezer blkio; do
		! has_v1 "$name" || grep -qx "$PID" "$CGROUPS/$name$CG/cgroup.procs"
	done
	is_member "$PID"
	ok runtime delete --force "$ID"
	has_no_cgroups
}

@test "cgroupsPath with several components" {
	config '.linux.cgroupsPath += "/a/b"'
	start_box
	CG=$CG/a/b is_member "$PID"
	ok runtime delete --force "$ID"
	[[ ! -e $(cg_root pids)$CG/a/b ]]
	cgroups_remove
}

@test "a relative cgroupsPath is below a place of the runtime's choice" {
	config '.linux.cgroupsPath = $n' --arg n "$NAME"
	start_box
	like "/$NAME\$" "$(path_of "$PID")"
}

@test "without a cgroupsPath the runtime chooses one, and removes it" {
	config 'del(.linux.cgroupsPath)'
	start_box
	path=$(path_of "$PID")
	unlike "^$(path_of self)\$" "$path"
	runtime delete --force "$ID"
	[[ ! -e $(cg_root pids)$path ]]
}

@test "a cgroupsPath with .. is refused, or stays below the hierarchies" {
	no_peer crun "it makes the directory outside"
	config '.linux.cgroupsPath = "/../../../../../tmp/" + $n' --arg n "$NAME"
	if [[ -z $PEER ]]; then
		refused_config 'linux\.cgroupsPath'
		config '.linux.cgroupsPath = $n + "/../x"' --arg n "$NAME"
		refused_config 'linux\.cgroupsPath'
	else
		try run_box
	fi
	[[ ! -e /tmp/$NAME ]]
}

@test "groups that the container made are removed with it" {
	add_ns cgroup
	add_mount /sys/fs/cgroup cgroup cgroup rw
	start_box 'cd /sys/fs/cgroup
		if [ -d pids ]; then mkdir -p pids/one/two memory/one; else mkdir -p one/two; fi'
	wait_until test -d "$(cg_root memory)$CG/one"
	ok runtime delete --force "$ID"
	has_no_cgroups
}

@test "memory: limit, reservation, swap" {
	needs_swap_limit
	limit '{"memory": {"limit": 33554432, "reservation": 16777216, "swap": 67108864}}'
	started
	limit_is memory 33554432
	limit_is reservation 16777216
	limit_is memory+swap 67108864
}

@test "memory: no limit is -1" {
	needs_controller memory
	limit '{"memory": {"limit": -1, "swap": -1}}'
	started
	limit_is memory max
	limit_is memory+swap max
}

@test "memory: swap below the limit is refused" {
	no_peer crun "it leaves its groups"
	needs_controller memory
	limit '{"memory": {"limit": 67108864, "swap": 33554432}}'
	refused "$(says 'memory')" create_box
}

@test "memory: swappiness, and the OOM killer off: v1 has them, v2 says that it has not" {
	needs_controller memory
	if ! has_v1 memory; then
		no_peers
		limit '{"memory": {"swappiness": 7}}'
		refused_config 'memory.swappiness: cgroup v2 has no such limit'
		config '.linux.resources.memory = {disableOOMKiller: true}'
		refused_config 'memory.disableOOMKiller: cgroup v2 has no such limit'
		return
	fi
	limit '{"memory": {"limit": 33554432, "swappiness": 7, "disableOOMKiller": true}}'
	started
	is 7 "$(cg memory memory.swappiness)"
	like 'oom_kill_disable 1' "$(cg memory memory.oom_control)"
}

@test "memory: the limit holds" {
	needs_controller memory
	limit '{"memory": {"limit": 16777216, "swap": 16777216}}'
	sh_in_box 'head -c 100000000 /dev/zero | tail >/dev/null 2>&1; echo $?'
	try run_box
	# The kernel may need to kill the shell as well, before what tail had is given back.
	((status == 137)) || like 137
}

@test "memory: a limit too small for the process says so" {
	needs_controller memory
	limit '{"memory": {"limit": 4096}}'
	fails run_box
	[[ -n $PEER ]] || like 'memory'
}

@test "cpu: shares, quota, period" {
	needs_controller cpu
	limit '{"cpu": {"shares": 512, "quota": 25000, "period": 50000}}'
	started
	limit_is shares 512
	limit_is quota '25000 50000'
}

@test "cpu: burst and idle" {
	no_peers
	needs_controller cpu cpu.cfs_burst_us
	limit '{"cpu": {"quota": 50000, "period": 100000, "burst": 10000}}'
	started
	limit_is burst 10000
	runtime delete --force "$ID"
	config '.linux.resources.cpu = {idle: 1}'
	started
	limit_is idle 1
}

@test "cpuset: cpus and mems" {
	needs_controller cpuset
	limit '{"cpu": {"cpus": "0", "mems": "0"}}'
	started
	limit_is cpuset.cpus 0
	limit_is cpuset.mems 0
	is $'Cpus_allowed_list:\t0' "$(grep Cpus_allowed_list "/proc/$(<"$T/pid")/status")"
}

@test "cpuset: processors that are not there are refused" {
	no_peer crun "it leaves its groups"
	needs_controller cpuset
	limit '{"cpu": {"cpus": "4000"}}'
	refused "$(says 'linux\.resources\.cpu|cpuset')" create_box
}

@test "pids: the limit holds, -1 is none, and 0 is the first process alone" {
	limit '{"pids": {"limit": 4}}'
	sh_in_box 'for n in 1 2 3 4 5 6 7 8; do sleep 1000 & done 2>&1; :'
	try run_box
	like 'fork'
	ok create_box
	limit_is pids.max 4
	no_peer crun 'it writes -1'
	runtime delete --force "$ID"
	limit '{"pids": {"limit": -1}}'
	started
	limit_is pids.max max
	no_peer runc 'before 1.3 of the specification 0 was no limit'
	runtime delete --force "$ID"
	limit '{"pids": {"limit": 0}}'
	ok create_box
	limit_is pids.max 1
}

@test "blkio: weight and throttles" {
	needs_controller blkio blkio.throttle.read_bps_device
	limit '{"blockIO": {"throttleReadBpsDevice": [{"major": 7, "minor": 0, "rate": 1000000}],
		"throttleWriteBpsDevice": [{"major": 7, "minor": 0, "rate": 2000000}],
		"throttleReadIOPSDevice": [{"major": 7, "minor": 0, "rate": 300}],
		"throttleWriteIOPSDevice": [{"major": 7, "minor": 0, "rate": 400}]}}'
	[[ -b /dev/loop0 ]] || skip 'needs /dev/loop0'
	started
	limit_is read_bps 1000000
	limit_is write_bps 2000000
	limit_is read_iops 300
	limit_is write_iops 400
}

# What bears a weight is the scheduler's own file, on v2 or the kernel's, with other numbers.
@test "blkio: a weight, or where the kernel has no weights an error that names it" {
	needs_controller blkio
	no_peer crun
	limit '{"blockIO": {"weight": 500}}'
	try create_box
	if ((status != 0)); then
		like 'linux\.resources\.blockIO\.weight'
		return
	fi
	for file in blkio.bfq.weight blkio.weight io.bfq.weight io.weight; do
		cg blkio "$file" >>"$T/weights" 2>/dev/null || true
	done
	like '^(500|default (500|4950))$' "$(head -n 1 "$T/weights")"
}

@test "hugepages: the limit, and that of reservations where the kernel has one" {
	needs_controller hugetlb
	limit '{"hugepageLimits": [{"pageSize": "2MB", "limit": 2097152}]}'
	started
	limit_is pages 2097152
	for file in hugetlb.2MB.rsvd.limit_in_bytes hugetlb.2MB.rsvd.max; do
		[[ ! -e $(cg_root hugetlb)$CG/$file ]] || is 2097152 "$(cg hugetlb "$file")"
	done
}

@test "rdma: a device that is not there is an error that names it" {
	no_peers
	needs_controller rdma
	limit '{"rdma": {"mlx5_0": {"hcaHandles": 3}}}'
	refused_config "linux.resources.rdma.*mlx5_0.*: (there is no such device|.* not accept)"
}

@test "network: class and priorities" {
	needs_controller net_cls
	limit '{"network": {"classID": 1048577}}'
	started
	is 1048577 "$(cg net_cls net_cls.classid)"
}

@test "a limit of a controller that is not there is an error that names it" {
	no_peers
	if is_v2; then
		limit '{"network": {"classID": 1048577}}'
		refused_config 'linux.resources.network.classID: cgroup v2 has no such limit'
	elif grep -q ^rdma /proc/cgroups; then
		skip 'needs to be without the controller rdma'
	else
		limit '{"rdma": {"mlx5_0": {"hcaHandles": 3}}}'
		refused_config "'rdma' is not .*: this kernel was built without it"
	fi
}

@test "a limit of a hierarchy that is not mounted is an error that tells how to mount it" {
	no_peers
	has_v1 memory || skip 'needs the controller memory in a cgroup v1 hierarchy'
	umount "$CGROUPS/memory"
	limit '{"memory": {"limit": 33554432}}'
	refused_config 'linux.resources.memory.limit: .*: its cgroup v1 hierarchy is not mounted
hint: .*mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory'
	mount -t cgroup -o memory cgroup "$CGROUPS/memory"
}

@test "devices: the rules are those of the kernel's list" {
	has_v1 devices || skip 'needs devices in a cgroup v1 hierarchy: v2 has a program and no list'
	limit '{"devices": [{"allow": false, "access": "rwm"},
		{"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"}]}'
	started
	like 'c 10:200 rw' "$(cg devices devices.list)"
	unlike '^a' "$(cg devices devices.list)"
}

@test "unified where the v2 tree does not have the controller is refused" {
	no_peers
	has_v1 memory || skip 'needs the controller memory in a cgroup v1 hierarchy'
	limit '{"unified": {"memory.high": "1000000"}}'
	refused "$(says 'unified')" create_box
}

@test "negative and huge numbers are refused, by the member" {
	no_peers
	raw .linux.resources.memory.limit 99999999999999999999999
	refused_config 'linux\.resources\.memory\.limit'
	config 'del(.linux.resources.memory)'
	raw .linux.resources.cpu.shares -1
	refused_config 'linux\.resources\.cpu\.shares'
}

@test "a created container that failed leaves no group" {
	no_peer crun
	limit '{"cpu": {"cpus": "4000"}}'
	fails create_box
	has_no_cgroups
}

@test "--cgroup-manager disabled makes none" {
	no_peer runc
	config 'del(.linux.resources)'
	sh_in_box 'exec sleep 1000'
	ok "$OCI" --root "$STATE" --cgroup-manager disabled run --detach --bundle "$BUNDLE" "$ID"
	has_no_cgroups
	ok "$OCI" --root "$STATE" --cgroup-manager disabled delete --force "$ID"
}

# ------------------------------------------------------------------------------- update

@test "update changes the limits of a running container by flags" {
	no_peer crun
	start_box
	ok runtime update --memory 64M --memory-swap 128M --memory-reservation 32M --cpu-share 256 \
		--cpu-quota 30000 --cpu-period 60000 --cpuset-cpus 0 --pids-limit 20 "$ID"
	limit_is memory 67108864
	limit_is memory+swap 134217728
	limit_is reservation 33554432
	limit_is shares 256
	limit_is quota '30000 60000'
	limit_is cpuset.cpus 0
	limit_is pids.max 20
}

@test "update --resources reads a file or stdin" {
	start_box
	echo '{"memory": {"limit": 67108864}, "pids": {"limit": 30}}' >"$T/resources.json"
	ok runtime update --resources "$T/resources.json" "$ID"
	limit_is memory 67108864
	limit_is pids.max 30
	echo '{"pids": {"limit": 40}}' | runtime update --resources - "$ID"
	limit_is memory 67108864
	limit_is pids.max 40
}

@test "update raises and lowers memory and swap, in whichever order it must" {
	needs_swap_limit
	limit '{"memory": {"limit": 33554432, "swap": 33554432}}'
	start_box
	for size in 67108864 16777216 134217728 33554432; do
		echo "{\"memory\": {\"limit\": $size, \"swap\": $size}}" >"$T/resources.json"
		ok runtime update --resources "$T/resources.json" "$ID"
		limit_is memory "$size"
		limit_is memory+swap "$size"
	done
}

@test "update of what makes no sense is refused and changes nothing" {
	no_peer crun
	limit '{"pids": {"limit": 33}}'
	start_box
	echo '{"pids": {"limit": "many"}}' >"$T/resources.json"
	fails runtime update --resources "$T/resources.json" "$ID"
	fails runtime update --resources "$T/nowhere.json" "$ID"
	limit_is pids.max 33
}

@test "update keeps the device rules" {
	sh_in_box 'read x </gate; head -c 1 /dev/zero | wc -c; cat /kmsg 2>&1; :'
	gate_new
	mknod "$ROOTFS/kmsg" c 1 11
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_SYSLOG"])'
	run_box >"$T/said" 2>&1 &
	hold $!
	wait_until is_running
	ok runtime update --pids-limit 10 "$ID"
	gate_open
	wait_until grep -q kmsg "$T/said"
	is $'1\ncat: can\'t open \'/kmsg\': Operation not permitted' "$(<"$T/said")"
	wait_until is_gone
}

# ------------------------------------------------------------------------------- pause

@test "pause freezes every process, resume lets them go on" {
	needs_controller freezer
	start_box 'n=0; while :; do n=$((n + 1)); echo $n >/count; done & '
	wait_until test -s "$ROOTFS/count"
	ok runtime pause "$ID"
	is paused "$(status_of)"
	limit_is frozen 1
	ok runtime resume "$ID"
	is running "$(status_of)"
	limit_is frozen 0
}

@test "pause and resume in the wrong state are refused" {
	needs_controller freezer
	start_box
	[[ -n $PEER ]] || fails runtime resume "$ID"
	ok runtime pause "$ID"
	[[ -n $PEER ]] || fails runtime pause "$ID"
}

@test "pause of a created or stopped container is refused or harmless" {
	needs_controller freezer
	ok create_box
	try runtime pause "$ID"
	((status != 0)) || ok runtime resume "$ID"
	runtime start "$ID"
	wait_until is_stopped
	fails runtime pause "$ID"
}

@test "kill of a paused container takes effect at resume, delete --force at once" {
	needs_controller freezer
	start_box
	ok runtime pause "$ID"
	ok runtime kill "$ID" KILL
	ok runtime resume "$ID" || true
	wait_until is_stopped
	runtime delete --force "$ID"
	start_box
	ok runtime pause "$ID"
	LIMIT=8 ok runtime delete --force "$ID"
	wait_until ended "$PID"
}

# ------------------------------------------------------------------------------- events

@test "events --stats prints one record with what is used" {
	no_peer crun
	limit '{"memory": {"limit": 67108864}, "pids": {"limit": 50}}'
	start_box
	ok runtime events --stats "$ID"
	is 1 "${#lines[@]}"
	jq -e --arg id "$ID" '.type == "stats" and .id == $id and (.data |
		.cpu.usage.total > 0 and .memory.usage.limit == 67108864 and .memory.usage.usage > 0
		and .pids.current >= 1 and .pids.limit == 50)' <<<"$output"
}

@test "events reports an OOM kill, and ends with the container" {
	no_peer crun
	needs_controller memory
	limit '{"memory": {"limit": 16777216, "swap": 16777216}}'
	sh_in_box 'read x </gate; head -c 100000000 /dev/zero | tail >/dev/null; read x </gate'
	gate_new
	ok create_box
	runtime start "$ID"
	"$OCI" --root "$STATE" events "$ID" >"$T/events" 2>&1 3>&- {PAUSE}>&- {GATE}>&- &
	local events=$!
	hold $events
	wait_until test -s "$T/events"
	gate_open
	wait_until grep -q '"type": *"oom"' "$T/events"
	try runtime kill "$ID" KILL
	wait_until is_stopped
	runtime delete "$ID"
	wait_until ended $events
}
