#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What is killed, full, broken or done twice at once: containers are told of truthfully, can be
# removed, and nothing is left.

load ../lib/tare

# ------------------------------------------------------------------------------- the monitor dies

kill_monitor() {
	MONITOR=$(monitor_of "$PID")
	is tare-monitor "$(<"/proc/$MONITOR/comm")"
	kill -KILL "$MONITOR"
	wait_until ended "$MONITOR"
}

@test "the monitor is killed: the container goes on, and ps says that nobody watches it" {
	begin box
	kill_monitor
	[[ -e /proc/$PID ]]
	ok tare ps
	like 'Up .* \(no monitor\)'
	like 'monitor was killed' "$(member box .State.Error)"
	is running "$(member box .State.Status)"
	is "${CID:0:12}" "$(tare exec box hostname)"
	is ready "$(tare logs box)"
}

@test "the monitor is killed: stop, and the exit status is lost" {
	begin box
	kill_monitor
	ok tare stop box
	wait_until ended "$PID"
	ok tare ps -a
	like 'Exited \(255\)'
	exits 1 tare wait box
	like 'exit status is lost'
	exits 1 tare rm nonesuch
	ok tare rm box
	ok run --rm --name box true
	nothing_left
}

@test "the monitor is killed: kill, and rm -f" {
	begin box
	kill_monitor
	exits 1 tare rm box
	like 'is running'
	ok tare rm -f box
	wait_until ended "$PID"
	nothing_left
	begin box --rm
	kill_monitor
	ok tare kill box
	wait_until has_exited box
	ok tare rm box
	nothing_left
}

@test "the monitor is killed: logs -f and wait end" {
	begin box
	exec_tare logs -f box >"$T/logs" 2>&1 &
	local logs=$! waits
	exec_tare wait box >"$T/wait" 2>&1 &
	waits=$!
	wait_until grep -q ready "$T/logs"
	kill_monitor
	wait $logs || true
	status=0
	wait $waits || status=$?
	((status == 1))
	like 'exit status is lost' "$(<"$T/wait")"
}

@test "the monitor is killed: whoever is attached is told" {
	exec_tare run --network none --rootfs "$ROOTFS" --name box sh -c "$(forever)" \
		>"$T/out" 2>"$T/err" &
	local pid=$!
	wait_until grep -q ready "$T/out"
	PID=$(member box .State.Pid)
	kill_monitor
	status=0
	wait $pid || status=$?
	((status == 125))
	like "monitor was killed" "$(<"$T/err")"
	ok tare rm -f box
}

@test "the monitor of a view of the host's root is killed" {
	ok tare run -d --name box --network none --rootfs / sleep 1000
	PID=$(member box .State.Pid)
	kill_monitor
	ok tare rm -f box
	wait_until ended "$PID"
	nothing_left
}

# ------------------------------------------------------------------------------- others die

@test "run is killed: the container goes on, with its log" {
	exec_tare run --network none --rootfs "$ROOTFS" --name box sh -c \
		'trap "echo ended; exit 3" TERM; echo ready; while :; do sleep 1000 & wait $!; done' \
		>"$T/out" 2>&1 &
	local pid=$!
	wait_until grep -q ready "$T/out"
	kill -KILL $pid
	wait $pid || true
	is_running box
	ok tare stop box
	is 3 "$(tare wait box)"
	is $'ready\nended' "$(tare logs box)"
}

@test "run is killed while its reader is slow: the container is not held up" {
	mkfifo "$T/pipe"
	exec {hold_open}<>"$T/pipe"
	exec_tare run --network none --rootfs "$ROOTFS" --name box sh -c 'seq 100000; exit 3' \
		>"$T/pipe" {hold_open}>&- &
	local pid=$!
	wait_until is_running box
	kill -KILL $pid
	wait $pid || true
	is 3 "$(tare wait box)"
	is "$(seq 100000 | sha256sum)" "$(tare logs box | sha256sum)"
	exec {hold_open}>&-
}

@test "the first process is killed from outside" {
	begin box
	kill -KILL "$PID"
	is 137 "$(tare wait box)"
	ok tare rm box
	nothing_left
}

@test "a container survives the caller's session and cgroups" {
	local dir file pid=
	exec_caller() {
		for dir in "$CGROUPS"/*/; do
			mkdir -p "$dir$NAME-caller"
			# A cpuset that is new holds no processor.
			for file in cpuset.cpus cpuset.mems; do
				[[ ! -e $dir/$file ]] || cat "$dir/$file" >"$dir$NAME-caller/$file"
			done
			echo $BASHPID >"$dir$NAME-caller/cgroup.procs"
		done
		exec setsid bash -c '"$@" & wait' _ "$TARE" --root "$STATE" --cgroup-parent \
			"$PARENT" run --network none --rootfs "$ROOTFS" --name box \
			sh -c "$(forever)" 3>&- {PAUSE}>&- {GATE}>&-
	}
	exec_caller >"$T/out" 2>&1 &
	pid=$!
	wait_until grep -q ready "$T/out"
	PID=$(member box .State.Pid)
	MONITOR=$(monitor_of "$PID")
	unlike "$NAME-caller" "$(<"/proc/$MONITOR/cgroup")"
	unlike "$NAME-caller" "$(<"/proc/$PID/cgroup")"
	is "$MONITOR" "$(sid_of "$MONITOR")"
	# All that a logout ends: the caller's session and groups.
	mapfile -t pids <"$CGROUPS/pids/$NAME-caller/cgroup.procs"
	kill -KILL "${pids[@]}"
	wait $pid || true
	for dir in "$CGROUPS"/*/; do
		wait_until rmdir "$dir$NAME-caller"
	done
	is_running box
	[[ -e /proc/$MONITOR ]]
	ok tare stop box
	is 0 "$(tare wait box)"
}

sid_of() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 4; }

# ------------------------------------------------------------------------------- kill -9, anywhere

# shellcheck disable=SC2034 # traced reads it
FOLLOW=(-f)

# killed_at POINT ... -- ARG ...: tare run, its monitor or the container's child is killed at the
# N-th of its system calls ("openat:3"), whichever comes to that first. What is then there can be
# removed, and the name is free.
killed_at() {
	local point points=()
	while [[ $1 != -- ]]; do
		points+=("$1")
		shift
	done
	shift
	for point in "${points[@]}"; do
		traced "$point" run --network none --rootfs "$ROOTFS" --name box "$@"
		((status != 124)) || { echo "hangs when killed at $point" && return 1; }
		was_killed || echo "$point: not reached" >>"$T/unreached"
		ok tare ps -a
		ok tare rm -f box
		boxes_delete >"$T/boxes"
		[[ -z $(<"$T/boxes") ]] || { echo "$point:" && cat "$T/boxes" && return 1; }
		wait_until has_no_processes
		ok run --rm --name box true
		nothing_left || { echo "killed at $point" && return 1; }
	done
	[[ ! -e $T/unreached ]] || { cat "$T/unreached" && return 1; }
}

@test "killed while the entry is made" {
	needs_strace
	killed_at mkdir:1 mkdirat:1 symlinkat:1 openat:1 openat:2 write:1 socketpair:1 getrandom:1 \
		-- true
}

@test "killed around the fork of the monitor" {
	needs_strace
	killed_at clone3:1 setsid:1 flock:1 pipe2:1 pipe2:2 recvmsg:1 dup2:1 -- true
}

@test "killed while the container is made" {
	needs_strace
	killed_at mkdirat:3 move_mount:1 move_mount:4 pivot_root:1 sendmsg:1 mount_setattr:1 renameat:1 \
		-- true
}

@test "killed while the container ends" {
	needs_strace
	killed_at pwrite64:1 unlinkat:1 unlinkat:3 wait4:1 -- true
	killed_at unlinkat:2 unlinkat:4 unlinkat:6 -- --rm true
}

@test "a view of the host's root, killed while it is made" {
	needs_strace
	ROOTFS=/ killed_at unshare:1 fsopen:1 fsmount:2 move_mount:2 mkdirat:4 -- true
}

# ------------------------------------------------------------------------------- at once

@test "eight with one name: exactly one wins" {
	local -a pids
	for i in {1..8}; do
		(run --rm --name box sh -c "$(forever)" >"$T/out$i" 2>&1 ||
			echo "status $?" >>"$T/out$i") &
		pids[i]=$!
	done
	seven() { (($(grep -l "name 'box' is taken" "$T"/out* | wc -l) == 7)); }
	wait_until seven
	one() { (($(grep -l ready "$T"/out* | wc -l) == 1)); }
	wait_until one
	is 7 "$(grep -h status "$T"/out* | grep -c 'status 125')"
	is box "$(names_running)"
	ok tare stop box
	wait "${pids[@]}"
	nothing_left
}

@test "eight remove one: it is gone, and nobody fails" {
	local -a pids
	begin box
	for i in {1..8}; do
		tare rm -f box >"$T/out$i" 2>&1 &
		pids[i]=$!
	done
	for i in {1..8}; do
		wait "${pids[i]}" || { cat "$T/out$i" && return 1; }
	done
	wait_until ended "$PID"
	is '' "$(names_all)"
	nothing_left
}

@test "some make and some remove the same name" {
	local -a makers removers
	for i in 1 2 3 4; do
		(for _ in {1..6}; do run -d --name box sleep 1000 || true; done) >"$T/make$i" 2>&1 &
		makers[i]=$!
		(for _ in {1..6}; do tare rm -f box || echo "FAILED $?"; done) >"$T/rm$i" 2>&1 &
		removers[i]=$!
	done
	wait "${makers[@]}" "${removers[@]}"
	cat "$T"/make* "$T"/rm* >"$T/all"
	unlike 'FAILED' "$(<"$T/all")"
	# What make says is an id, that the name is taken, or how it noticed that it was removed.
	is '' "$(grep -hvE '^[0-9a-f]{64}$|^tare: run: ' "$T"/make*)"
	ok tare rm -f box
	begin box # the name is whole
	ok tare rm -f box
	is '' "$(names_all)"
	nothing_left
}

@test "eight different ones at once" {
	local -a pids
	for i in {1..8}; do
		run --rm sh -c "echo $i; exit $i" >"$T/out$i" 2>&1 &
		pids[i]=$!
	done
	for i in {1..8}; do
		status=0
		wait "${pids[i]}" || status=$?
		is "$i $i" "$status $(<"$T/out$i")"
	done
	is '' "$(names_all)"
	nothing_left
}

# ------------------------------------------------------------------------------- a full disk

small_root() {
	mkdir -p "$T/own"
	mount -t tmpfs -o "$1" tare-test "$T/own"
	STATE=$T/own/state
}

@test "a disk that is full, or nearly: it runs, or an error says why and nothing is left" {
	local pages said=0
	small_root size=256k
	ok run --rm true
	wait_until has_no_processes
	for pages in 0 1 2 3 4 5 6 8 12; do
		head -c 256k /dev/zero >"$T/own/fill" 2>/dev/null || true
		truncate -s "$(($(stat -c %s "$T/own/fill") - pages * 4096))" "$T/own/fill"
		try run --rm --name box true
		if ((status != 0)); then
			exits 125 echo_status "$status"
			like 'No space left|no space left' "$(<"$T/said")"
			((++said))
		fi
		rm "$T/own/fill"
		nothing_left || { echo "with $pages pages" && return 1; }
	done
	((said > 0))
	umount "$T/own"
}

echo_status() { printf '%s' "$output" >"$T/said"; return "$1"; }

@test "a disk without inodes" {
	small_root size=1m,nr_inodes=10
	try run --rm --name box true
	((status == 125))
	like '[Nn]o space left'
	nothing_left
	umount "$T/own"
}

@test "a full disk costs the log, and not the container" {
	small_root size=128k
	exits 3 run --name box sh -c 'seq 100000 | tail -n 1; seq 100000 >&2; exit 3'
	is "$(echo 100000; seq 100000)" "$output"
	is exited "$(member box .State.Status)"
	is 3 "$(tare wait box)"
	ok tare rm box
	nothing_left
	umount "$T/own"
}

@test "a root that can't be made" {
	: >"$T/file"
	STATE=$T/file/state exits 125 run true
	like "$T/file.*[Nn]ot a directory"
	exits 125 "$TARE" --root relative run --network none --rootfs "$ROOTFS" true
	like "'relative' is not absolute"
}

# ------------------------------------------------------------------------------- broken files

# broken FILE: for each way in which it may be broken.
broken() {
	local file=$1 text
	begin other
	for text in '' '{"sta' '{}' $'[\xff\xfe' '{"status":"nosuch","id":5}'; do
		begin box
		printf '%s' "$text" >"$STATE/containers/$CID/$file"
		ok tare ps -a
		like "warning: container ${CID:0:12}: '$file'"
		like ' other$'
		fails tare inspect box
		like "'$file' of container ${CID:0:12}"
		ok tare rm -f box
		wait_until ended "$PID" || { echo "after '$text'" && return 1; }
		is other "$(names_all)"
	done
	begin box
	truncate -s 100M "$STATE/containers/$CID/$file"
	ok tare ps
	ok tare rm -f box
	begin box
	ok tare rm -f box other
	nothing_left
}

@test "status.json is broken: ps goes on, rm -f removes it" {
	broken status.json
}

@test "container.json is broken: ps goes on, rm -f removes it and frees its name" {
	broken container.json
}

@test "container.json is broken: rm -f by id frees the name too" {
	begin box
	echo garbage >"$STATE/containers/$CID/container.json"
	ok tare rm -f "$CID"
	ok run --rm --name box true
	nothing_left
}

@test "what is no entry is not touched" {
	begin box
	mkdir "$STATE/containers/strange"
	: >"$STATE/containers/$CID/strange"
	: >"$STATE/names/strange"
	is box "$(names_all)"
	fails tare inspect strange
	fails run --name strange true
	rm -r "$STATE/containers/strange" "$STATE/containers/$CID/strange" "$STATE/names/strange"
}
