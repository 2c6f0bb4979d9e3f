#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# linux.resources under the systemd cgroup driver: what systemd has a property for it is told, and
# keeps; the rest is written to its group. Runs where systemd is the machine's PID 1.
#
# bats file_tags=guest_systemd

load ../lib/oci
load ../lib/systemd

test_begins() {
	needs_systemd
	in_scope machine.slice "" "$NAME"
}

# limit JSON: merge into linux.resources.
limit() { config '.linux.resources += $r' --argjson r "$1"; }

@test "limits are properties of the scope, and files of its group" {
	limit '{"memory": {"limit": 67108864, "reservation": 33554432, "swap": 100663296},
		"cpu": {"shares": 2048, "quota": 12500, "period": 50000, "cpus": "0", "mems": "0"},
		"pids": {"limit": 99}, "blockIO": {"weight": 300},
		"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}'
	start_box
	has MemoryMax=67108864 MemoryLow=33554432 MemorySwapMax=33554432 CPUWeight=174 \
		CPUQuotaPerSecUSec=250ms CPUQuotaPeriodUSec=50ms AllowedCPUs=0 \
		AllowedMemoryNodes=0 TasksMax=99 IOWeight=2930
	has_files
	systemctl daemon-reload
	has_files
}

has_files() {
	is 67108864 "$(knob memory.max)"
	is 33554432 "$(knob memory.low)"
	is 33554432 "$(knob memory.swap.max)"
	is 174 "$(knob cpu.weight)"
	is '12500 50000' "$(knob cpu.max)"
	is 0 "$(knob cpuset.cpus)"
	is 0 "$(knob cpuset.mems)"
	is 99 "$(knob pids.max)"
	is 'default 2930' "$(knob io.weight)"
	is 4194304 "$(knob hugetlb.2MB.max)"
}

@test "-1 is no limit; a quota that is no whole per cent is exact in the kernel" {
	limit '{"memory": {"limit": -1, "swap": -1}, "pids": {"limit": -1},
		"cpu": {"quota": 33333, "period": 100000}}'
	start_box
	has MemoryMax=infinity MemorySwapMax=infinity TasksMax=infinity CPUQuotaPerSecUSec=340ms
	is max "$(knob pids.max)"
	is '33333 100000' "$(knob cpu.max)"
}

@test "an idle container has a CPUWeight of idle, whatever its shares" {
	limit '{"cpu": {"shares": 2048, "idle": 1}}'
	start_box
	has CPUWeight=idle
	systemctl daemon-reload
	is 1 "$(knob cpu.idle)"
}

@test "unified: systemd is told what it has a property for, and the rest is written" {
	limit '{"unified": {"memory.high": "50003968", "memory.max": "max", "memory.min": "4096",
		"cpu.max": "20000 100000", "cpu.weight": "50", "pids.max": "77", "cpuset.cpus": "0",
		"memory.swap.max": "8192", "memory.oom.group": "1"}}'
	start_box
	has MemoryHigh=50003968 MemoryMax=infinity MemoryMin=4096 CPUQuotaPerSecUSec=200ms \
		CPUWeight=50 TasksMax=77 AllowedCPUs=0 MemorySwapMax=8192
	is 50003968 "$(knob memory.high)"
	is 1 "$(knob memory.oom.group)"
}

@test "devices: DevicePolicy, DeviceAllow, and the container's own filter" {
	limit '{"devices": [{"allow": false, "access": "rwm"},
		{"allow": true, "type": "c", "major": 1, "minor": 11, "access": "r"}]}'
	config '.linux.devices = [{"path": "/dev/mem", "type": "c", "major": 1, "minor": 1}]'
	start_box
	has DevicePolicy=strict
	ok systemctl show "$UNIT" -p DeviceAllow
	like 'DeviceAllow=/dev/char/1:3 rwm'
	like 'DeviceAllow=/dev/char/1:11 r'
	unlike '1:1 '
	systemctl daemon-reload
	ok exec_in sh -c 'echo x >/dev/null && head -c 1 /dev/zero >/dev/null'
	fails exec_in head -c 1 /dev/mem
	like 'Operation not permitted'
}

@test "all devices allowed: DevicePolicy=auto; a memory limit is enforced" {
	limit '{"devices": [{"allow": true, "access": "rwm"}]}'
	limit '{"memory": {"limit": 16777216, "swap": 16777216}}'
	start_box
	has DevicePolicy=auto
	exits 137 exec_in sh -c 'head -c 64m /dev/zero | tail -c 64m'
	wait_until grep -q '^oom_kill [1-9]' "$CGROUPS$CG/memory.events"
}

@test "update: systemd knows, the kernel has it, a daemon-reload keeps it" {
	limit '{"memory": {"limit": 67108864}, "pids": {"limit": 99}}'
	start_box
	ok runtime update --resources - "$ID" <<-'END'
		{"memory": {"limit": 50003968, "reservation": 20971520}, "blockIO": {"weight": 500},
		"cpu": {"quota": 20000, "period": 100000, "shares": 2048, "cpus": "0"}}
	END
	is_updated
	systemctl daemon-reload
	systemctl set-property --runtime "$UNIT" MemoryHigh=40M
	is_updated
}

is_updated() {
	has MemoryMax=50003968 MemoryLow=20971520 TasksMax=99 CPUQuotaPerSecUSec=200ms \
		CPUQuotaPeriodUSec=100ms CPUWeight=174 AllowedCPUs=0 IOWeight=4950
	is 50003968 "$(knob memory.max)"
	is 20971520 "$(knob memory.low)"
	is 99 "$(knob pids.max)"
	is '20000 100000' "$(knob cpu.max)"
	is 174 "$(knob cpu.weight)"
	is 0 "$(knob cpuset.cpus)"
	is 'default 4950' "$(knob io.weight)"
}

# What a scope is, without what differs between any two: its name, its times, its numbers.
essence() {
	systemctl show "$1" | grep -vE "^(Id|Names|Description|ControlGroup|IO(Read|Write)|InvocationID\
|Memory(Current|Available)|CPUUsage|.*Timestamp|FragmentPath|DropInPaths|NeedDaemonReload\
|TasksCurrent|DeviceAllow|IP(In|E)gress)" | sort
}

@test "the scope is what runc's is" {
	command -v runc >/dev/null || skip 'needs runc'
	limit '{"memory": {"limit": 67108864, "reservation": 33554432, "swap": 100663296},
		"cpu": {"quota": 25000, "period": 50000, "cpus": "0", "mems": "0"},
		"pids": {"limit": 99}}'
	start_box
	essence "$UNIT" >"$T/ours"
	ok runtime delete --force "$ID"
	in_scope machine.slice box "$NAME"
	runc --root "$T/runc" --systemd-cgroup run --detach --bundle "$BUNDLE" "$ID" 3>&-
	essence "$UNIT" >"$T/its"
	runc --root "$T/runc" delete --force "$ID"
	diff "$T/its" "$T/ours"
}
