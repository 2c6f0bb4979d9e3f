#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# linux.namespaces: new, shared with the caller, or joined by path.

load ../lib/oci

# The name under /proc/self/ns of a namespace type of the specification.
file_of() {
	case $1 in
	mount) echo mnt ;;
	network) echo net ;;
	*) echo "$1" ;;
	esac
}

inside() { box "readlink /proc/self/ns/$(file_of "$1")"; }
outside() { readlink "/proc/self/ns/$(file_of "$1")"; }

# With a namespace that holds nothing but a process, at $1.
keep_ns() {
	unshare "$@" -- sh -c 'echo $$ >"$0"; exec sleep 1000' "$T/keeper" 3>&- &
	hold $!
	wait_until test -s "$T/keeper"
	KEEPER=$(<"$T/keeper")
}

new_differs() {
	drop_ns "$1"
	add_ns "$1"
	inside "$1"
	like "$(file_of "$1"):\["
	unlike "^$(outside "$1" | sed 's/[][]/\\&/g')\$"
}

absent_is_shared() {
	drop_ns "$1"
	[[ $1 != uts ]] || config 'del(.hostname)'
	inside "$1"
	is "$(outside "$1")"
}

@test "a new pid namespace" { new_differs pid; }
@test "a new network namespace" { new_differs network; }
@test "a new mount namespace" { new_differs mount; }
@test "a new ipc namespace" { new_differs ipc; }
@test "a new uts namespace" { new_differs uts; }
# bats test_tags=guest_bare
@test "a new cgroup namespace" { new_differs cgroup; }

# bats test_tags=guest_bare
@test "a new user namespace" {
	map_ids
	inside user
	unlike "^$(outside user | sed 's/[][]/\\&/g')\$"
}

@test "a new time namespace" {
	no_peers
	needs_file /proc/self/ns/time
	new_differs time
}

@test "without a pid namespace it is the caller's" { absent_is_shared pid; }
@test "without a network namespace it is the caller's" { absent_is_shared network; }
@test "without an ipc namespace it is the caller's" { absent_is_shared ipc; }
@test "without a uts namespace it is the caller's" { absent_is_shared uts; }
@test "without a cgroup namespace it is the caller's" { absent_is_shared cgroup; }
@test "without a user namespace it is the caller's" { absent_is_shared user; }
@test "without a time namespace it is the caller's" { absent_is_shared time; }

@test "the first process of a new pid namespace is 1 and sees no other" {
	# Of the pipe ls sees those that the shell has made by then.
	box 'echo $$; ls /proc | grep "^[0-9]" | wc -l; cat /proc/1/comm; :'
	like $'^1\n[2345]\nsh$'
}

@test "without a pid namespace the process is no 1 and is the one of the pid file" {
	drop_ns pid
	sh_in_box 'echo $$'
	ok run_box --pid-file "$T/pid"
	is "$(<"$T/pid")"
}

@test "a new network namespace has a loopback device that is up, and nothing else" {
	add_ns network
	box 'ls /sys/class/net 2>/dev/null; cat /proc/net/dev | tail -n +3;
		ping -c 1 -W 2 127.0.0.1 | tail -n 2'
	unlike 'eth|veth'
	like ' lo:'
}

# bats test_tags=guest_bare
@test "a cgroup namespace shows the container's cgroup as the root" {
	add_ns cgroup
	box 'cat /proc/self/cgroup'
	for name in cpu memory pids devices; do
		is / "$(path_in "$name" "$output")"
	done
	unlike '\.\.'
	unlike "$NAME"
}

# bats test_tags=guest_bare
@test "without a cgroup namespace the process sees its cgroup by its name" {
	box 'cat /proc/self/cgroup'
	is "$CG" "$(path_in pids "$output")"
	is "$CG" "$(path_in memory "$output")"
}

join_shows() {
	inside "$1"
	is "$(readlink "/proc/$KEEPER/ns/$(file_of "$1")")"
}

@test "a network namespace is joined by path" {
	keep_ns --net
	join_ns network "/proc/$KEEPER/ns/net"
	join_shows network
}

@test "an ipc namespace is joined by path" {
	keep_ns --ipc
	join_ns ipc "/proc/$KEEPER/ns/ipc"
	join_shows ipc
}

@test "a uts namespace is joined by path" {
	keep_ns --uts
	join_ns uts "/proc/$KEEPER/ns/uts"
	config 'del(.hostname)'
	join_shows uts
}

@test "a cgroup namespace is joined by path" {
	keep_ns --cgroup
	join_ns cgroup "/proc/$KEEPER/ns/cgroup"
	join_shows cgroup
}

@test "a pid namespace is joined by path" {
	unshare --pid --fork --kill-child sleep 1000 3>&- &
	hold $!
	has_child() { KEEPER=$(cat "/proc/${HELD[0]}/task/${HELD[0]}/children"); [[ -n $KEEPER ]]; }
	wait_until has_child
	KEEPER=${KEEPER% }
	join_ns pid "/proc/$KEEPER/ns/pid"
	join_shows pid
	box 'echo $$; cat /proc/1/comm'
	unlike '^1$' "${lines[0]}"
	is sleep "${lines[1]}"
}

@test "a pid namespace that only is another's pid_for_children is joined" {
	unshare --pid --fork --kill-child sleep 1000 3>&- &
	hold $!
	has_child() { KEEPER=$(cat "/proc/${HELD[0]}/task/${HELD[0]}/children"); [[ -n $KEEPER ]]; }
	wait_until has_child
	join_ns pid "/proc/${HELD[0]}/ns/pid_for_children"
	KEEPER=${KEEPER% }
	join_shows pid
}

@test "a mount namespace is joined by path" {
	no_peers
	keep_ns --mount
	join_ns mount "/proc/$KEEPER/ns/mnt"
	config '.mounts = []'
	start_box
	is "$(readlink "/proc/$KEEPER/ns/mnt")" "$(readlink "/proc/$PID/ns/mnt")"
}

@test "a time namespace is joined by path" {
	no_peers
	needs_file /proc/self/ns/time
	keep_ns --time --fork --boottime 500000
	has_child() { KEEPER=$(cat "/proc/${HELD[0]}/task/${HELD[0]}/children"); [[ -n $KEEPER ]]; }
	wait_until has_child
	KEEPER=${KEEPER% }
	join_ns time "/proc/$KEEPER/ns/time"
	join_shows time
}

@test "several namespaces are joined at once" {
	keep_ns --net --ipc --uts
	config 'del(.hostname)'
	join_ns network "/proc/$KEEPER/ns/net"
	join_ns ipc "/proc/$KEEPER/ns/ipc"
	join_ns uts "/proc/$KEEPER/ns/uts"
	box 'for n in net ipc uts; do readlink /proc/self/ns/$n; done'
	is "$(for n in net ipc uts; do readlink "/proc/$KEEPER/ns/$n"; done)"
}

@test "a second container shares the first one's namespaces" {
	start_box
	config '.linux.cgroupsPath += "-two" | del(.hostname)'
	join_ns pid "/proc/$PID/ns/pid"
	join_ns ipc "/proc/$PID/ns/ipc"
	join_ns uts "/proc/$PID/ns/uts"
	sh_in_box 'readlink /proc/self/ns/pid; cat /proc/1/comm; hostname'
	ok runtime run --bundle "$BUNDLE" two
	is "$(readlink "/proc/$PID/ns/pid")" "${lines[0]}"
	is sh "${lines[1]}"
	is box "${lines[2]}"
}

@test "timeOffsets show in the container's clocks" {
	no_peers
	needs_file /proc/self/ns/time
	add_ns time
	config '.linux.timeOffsets = {boottime: {secs: 5000000}, monotonic: {secs: 3000000,
		nanosecs: 5}}'
	box 'cut -d. -f1 /proc/uptime; cat /proc/self/timens_offsets'
	((lines[0] >= 5000000))
	like 'monotonic +3000000 +5'
	like 'boottime +5000000 +0'
}

@test "exec sees the container's time namespace" {
	no_peers
	needs_file /proc/self/ns/time
	add_ns time
	config '.linux.timeOffsets = {boottime: {secs: 5000000}}'
	start_box
	ok exec_in cut -d. -f1 /proc/uptime
	((output >= 5000000))
}

@test "a path that is no namespace is refused" {
	join_ns network /etc/passwd
	refused_config "$(says 'linux\.namespaces.*path')"
	join_ns network "$T/nowhere"
	refused_config 'nowhere|[Nn]o such file'
}

@test "a path to a namespace of another kind is refused" {
	join_ns network /proc/self/ns/ipc
	refused_config .
}

@test "two namespaces of a kind are refused" {
	config '.linux.namespaces += [{type: "pid"}]'
	no_peer crun
	refused_config "$(says 'linux\.namespaces.4..type: .*pid.*twice')"
}

@test "an unknown kind of namespace is refused" {
	add_ns nosuch
	refused_config nosuch
}
