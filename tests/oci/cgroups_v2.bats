#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What only cgroup v2 can do, on a machine with one unified tree: its own knobs, birth inside the
# group, killing and freezing as one, device programs, and groups that a container makes itself.

# bats file_tags=guest
load ../lib/oci

test_begins() { is_v2 || skip 'needs one unified cgroup tree'; }

limit() { config '.linux.resources += $r' --argjson r "$1"; }
started() { ok create_box --pid-file "$T/pid"; }

# own_cgroup OPTION: the container sees its own group, writable or not.
own_cgroup() {
	add_ns cgroup
	add_mount /sys/fs/cgroup cgroup cgroup "$1"
}

group() { cat "$CGROUPS$CG/$1"; }

# ------------------------------------------------------------------------------- limits

@test "cpu: shares become the weight that stands for them; 0 leaves it" {
	start_box
	while read -r shares weight; do
		ok runtime update --cpu-share "$shares" "$ID"
		is "$weight" "$(group cpu.weight)"
	done <<-'END'
		1 1
		2 1
		256 35
		512 59
		1024 100
		2048 174
		262144 10000
		300000 10000
		0 10000
	END
}

@test "cpu: a period alone keeps the quota, a quota alone the period" {
	start_box
	ok runtime update --cpu-quota 20000 --cpu-period 50000 "$ID"
	is '20000 50000' "$(group cpu.max)"
	ok runtime update --cpu-quota 10000 "$ID"
	is '10000 50000' "$(group cpu.max)"
	ok runtime update --cpu-period 40000 "$ID"
	is '10000 40000' "$(group cpu.max)"
	ok runtime update --cpu-quota -1 "$ID"
	is 'max 40000' "$(group cpu.max)"
}

@test "memory: swap is what is above memory; none at all, and no limit" {
	no_peers
	needs_swap_limit
	while read -r limit swap max; do
		limit "{\"memory\": {\"limit\": $limit, \"swap\": $swap}}"
		started
		is "$max" "$(group memory.swap.max)"
		runtime delete --force "$ID"
	done <<-'END'
		33554432 67108864 33554432
		33554432 33554432 0
		33554432 -1 max
		33554432 0 max
		-1 -1 max
	END
	limit '{"memory": {"limit": 67108864, "swap": 33554432}}'
	refused_config 'memory.swap: .* below the memory limit'
	config '.linux.resources.memory = {swap: 33554432}'
	refused_config 'memory.swap: .* needs a limit of memory'
}

@test "unified: files are written as they stand" {
	limit '{"unified": {"memory.high": "25165824", "memory.min": "4096", "pids.max": "77",
		"cpu.weight": "123", "memory.oom.group": "1"}}'
	started
	is 25165824 "$(group memory.high)"
	is 4096 "$(group memory.min)"
	is 77 "$(group pids.max)"
	is 123 "$(group cpu.weight)"
	is 1 "$(group memory.oom.group)"
}

@test "unified: what is no file of the group is refused" {
	no_peers
	for key in ../memory.max a/memory.max memory .max; do
		config '.linux.resources.unified = {($k): "1"}' --arg k "$key"
		refused_config 'linux.resources.unified'
	done
	config '.linux.resources.unified = {"memory.nonsense": "1"}'
	refused_config "unified: .*memory.nonsense"
}

# A megabyte a second, and three of them: more than two seconds, since the first may go at once.
@test "io: a limit slows a disk down to it" {
	dd if=/dev/zero of="$T/image" bs=1M count=8 2>/dev/null
	disk=$(losetup --find --show --direct-io=off "$T/image")
	echo "$disk" >"$T/disk"
	minor=$((16#$(stat -c %T "$disk")))
	mknod "$ROOTFS/disk" b 7 "$minor"
	limit "{\"devices\": [{\"allow\": true, \"type\": \"b\", \"access\": \"rw\"}],
		\"blockIO\": {\"throttleReadBpsDevice\":
			[{\"major\": 7, \"minor\": $minor, \"rate\": 1048576}]}}"
	began=${EPOCHREALTIME/./}
	box 'dd if=/disk of=/dev/null bs=256k count=12 iflag=direct 2>/dev/null && echo read'
	is read
	took_ms=$(((${EPOCHREALTIME/./} - began) / 1000))
	((took_ms >= 2000)) || { echo "it took $took_ms ms" && false; }
}

test_ends() { [[ ! -s $T/disk ]] || losetup -d "$(<"$T/disk")"; }

# ------------------------------------------------------------------------------- devices

# A process of ours in the container's group tells what it may open: "null -", "null kmsg".
may_open() {
	# shellcheck disable=SC2016
	sh -c 'echo $$ >"$1/cgroup.procs"
		for name in null kmsg; do
			if true 2>/dev/null <"/dev/$name"; then echo $name; else echo -; fi
		done' sh "$CGROUPS$CG" | xargs
}

@test "devices: the program allows what the rules allow, and an update replaces it" {
	start_box
	is 'null -' "$(may_open)"
	echo '{"devices": [{"allow": true, "type": "c", "major": 1, "minor": 11, "access": "r"}]}' |
		ok runtime update --resources - "$ID"
	is 'null kmsg' "$(may_open)"
	echo '{"devices": [{"allow": false, "access": "rwm"}]}' |
		ok runtime update --resources - "$ID"
	is 'null -' "$(may_open)"
}

# ------------------------------------------------------------------------------- processes

@test "create and exec make the process inside the group, and move none" {
	no_peers
	needs_file /usr/bin/strace
	sh_in_box 'exec sleep 1000'
	ok strace -qq -e trace=clone3,openat,write -o "$T/trace" "$OCI" --root "$STATE" run \
		--detach --bundle "$BUNDLE" "$ID"
	like 'CLONE_INTO_CGROUP' "$(<"$T/trace")"
	unlike 'cgroup.procs", O_(WRONLY|RDWR)' "$(<"$T/trace")"
	ok strace -qq -e trace=clone3,openat -o "$T/trace" "$OCI" --root "$STATE" exec "$ID" true
	like 'CLONE_INTO_CGROUP' "$(<"$T/trace")"
	unlike 'cgroup.procs", O_(WRONLY|RDWR)' "$(<"$T/trace")"
}

@test "exec is in the container's group" {
	add_ns cgroup
	start_box
	ok exec_in cat /proc/self/cgroup
	is '0::/'
}

@test "exec follows a first process that moved to a group below" {
	no_peer runc
	own_cgroup rw
	start_box 'cd /sys/fs/cgroup && mkdir init && echo 1 >init/cgroup.procs &&
		echo +pids >cgroup.subtree_control && touch /moved'
	wait_until test -e "$ROOTFS/moved"
	ok exec_in cat /proc/self/cgroup
	is '0::/init'
}

@test "exec --cgroup is in the group that it names" {
	no_peers
	own_cgroup rw
	start_box 'mkdir /sys/fs/cgroup/sub && touch /made'
	wait_until test -e "$ROOTFS/made"
	ok runtime exec --cgroup sub "$ID" cat /proc/self/cgroup
	is '0::/sub'
	fails runtime exec --cgroup absent "$ID" true
	like 'absent'
	fails runtime exec --cgroup ../.. "$ID" true
}

@test "kill --all and delete --force kill the group in one write" {
	no_peers
	needs_file /usr/bin/strace
	start_box 'sleep 1000 & sleep 1000 &'
	ok strace -qq -e trace=openat -o "$T/trace" "$OCI" --root "$STATE" kill --all "$ID" KILL
	like 'cgroup.kill' "$(<"$T/trace")"
	wait_until is_stopped
	runtime delete "$ID"
	start_box 'sleep 1000 &'
	ok strace -qq -e trace=openat -o "$T/trace" "$OCI" --root "$STATE" delete --force "$ID"
	like 'cgroup.kill' "$(<"$T/trace")"
	wait_until ended "$PID"
}

@test "pause freezes groups below as well, and the kernel says so" {
	own_cgroup rw
	start_box 'mkdir /sys/fs/cgroup/sub; sleep 1000 & echo $! >/sys/fs/cgroup/sub/cgroup.procs
		touch /made'
	wait_until test -e "$ROOTFS/made"
	ok runtime pause "$ID"
	like 'frozen 1' "$(group cgroup.events)"
	like 'frozen 1' "$(group sub/cgroup.events)"
	ok runtime resume "$ID"
	like 'frozen 0' "$(group sub/cgroup.events)"
}

@test "events --stats tells pressure where the kernel measures it" {
	no_peers
	needs_file /proc/pressure/cpu
	start_box
	ok runtime events --stats "$ID"
	jq -e '.data | .cpu.psi.some.total >= 0 and .memory.psi.full.avg10 >= 0
		and .blkio.psi.some.avg300 >= 0' <<<"$output"
}

# ------------------------------------------------------------------------------- the view inside

@test "a container with a cgroup namespace sees its own group as the root" {
	own_cgroup ro
	box 'cat /proc/self/cgroup; head -n 1 /sys/fs/cgroup/cgroup.procs
		mkdir /sys/fs/cgroup/sub 2>&1 | grep -o "Read-only.*"'
	is $'0::/\n1\nRead-only file system'
}

@test "a container with a user namespace may hand controllers down in its own group" {
	no_peer runc
	map_ids
	own_cgroup rw
	box 'cd /sys/fs/cgroup && mkdir init && echo 1 >init/cgroup.procs &&
		echo +memory +pids >cgroup.subtree_control && mkdir sub &&
		echo 5 >sub/pids.max && cat sub/pids.max &&
		! echo 5 2>/dev/null >pids.max && echo kept'
	is $'5\nkept'
}

# The machine's own systemd, in a view of its root with a layer for what is written.
@test "systemd runs as a container's first process, and makes its groups in the container's" {
	no_peers
	needs_file /lib/systemd/systemd
	mkdir "$T/upper" "$T/work"
	mount -t overlay -o "lowerdir=/,upperdir=$T/upper,workdir=$T/work" overlay "$ROOTFS"
	rm -f "$ROOTFS"/etc/systemd/system/{guest-job.service,multi-user.target.wants/*}
	own_cgroup rw
	add_mount /run tmpfs tmpfs mode=755 nosuid nodev
	add_mount /tmp tmpfs tmpfs mode=1777
	add_mount /sys sysfs sysfs ro nosuid nodev noexec
	config '(.mounts | map(select(.destination == "/sys"))) as $sys
		| .mounts |= $sys + map(select(.destination != "/sys"))'
	args /lib/systemd/systemd
	config '.process.env += ["container=oci"]
		| .process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_SETPCAP",
			"CAP_SYS_RESOURCE", "CAP_SETFCAP", "CAP_DAC_READ_SEARCH", "CAP_AUDIT_WRITE"])'
	LIMIT=60 ok run_box --detach
	wait_until test -e "$CGROUPS$CG/init.scope"
	wait_longer is_up
	is_member_below
	ok runtime delete --force "$ID"
	umount "$ROOTFS"
}

is_up() { [[ $(exec_in systemctl is-system-running 2>/dev/null) =~ running|degraded ]]; }
wait_longer() { wait_until "$@" || wait_until "$@" || wait_until "$@"; }

# The first process is in a group of its own, services beside it, and none in the container's.
is_member_below() {
	is '' "$(members)"
	like '[0-9]' "$(group init.scope/cgroup.procs)"
	[[ -d $CGROUPS$CG/system.slice/dbus.service || -d $CGROUPS$CG/system.slice ]]
}

@test "only a group that the container may write is given to its root" {
	map_ids
	own_cgroup ro
	start_box
	is 0 "$(stat -c %u "$CGROUPS$CG")"
	ok runtime delete --force "$ID"
	config '.mounts |= map(if .type == "cgroup" then .options = ["rw"] else . end)'
	start_box
	is 100000 "$(stat -c %u "$CGROUPS$CG")"
	for name in cgroup.procs cgroup.subtree_control cgroup.threads; do
		is 100000 "$(stat -c %u "$CGROUPS$CG/$name")"
	done
	for name in cgroup.kill pids.max memory.max; do
		is 0 "$(stat -c %u "$CGROUPS$CG/$name")"
	done
}
