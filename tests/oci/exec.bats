#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# exec: one more process in a running container.

load ../lib/oci

process() {
	jq -n "$@" '{args: ["true"], cwd: "/", user: {uid: 0, gid: 0}, env: ["PATH=/bin"]}' |
		jq "$1" >"$T/process.json"
}

@test "exec runs a command with the caller's stdin, stdout and stderr" {
	start_box
	echo words | runtime exec "$ID" sh -c 'cat; echo err >&2' >"$T/out" 2>"$T/err"
	is words "$(<"$T/out")"
	is err "$(<"$T/err")"
}

@test "exec ends with the status of the command, 128+n for signal n" {
	start_box
	for n in 0 1 42 255; do
		exits "$n" exec_in sh -c "exit $n"
	done
	exits 143 exec_in sh -c 'kill -TERM $$'
}

@test "the command is in all the container's namespaces" {
	add_ns cgroup
	add_ns network
	start_box
	ok exec_in sh -c \
		'for n in cgroup ipc mnt net pid user uts; do readlink /proc/self/ns/$n; done'
	is "$(for n in cgroup ipc mnt net pid user uts; do readlink "/proc/$PID/ns/$n"; done)"
}

# bats test_tags=guest
@test "the command is in the container's cgroups" {
	start_box
	ok exec_in cat /proc/self/cgroup
	for name in pids memory devices freezer cpu; do
		is "$CG" "$(path_in "$name" "$output")"
	done
}

@test "on a hybrid machine the command joins the container in the v2 tree as well" {
	no_peers
	[[ -e $CGROUPS/unified/cgroup.procs ]] || skip 'needs a v2 tree beside cgroup v1'
	config '.linux.resources.unified = {"cgroup.max.depth": "7"}'
	start_box
	ok exec_in grep ^0: /proc/self/cgroup
	is "0::$CG"
}

@test "the command has the container's root, and nothing to escape by" {
	start_box
	ok exec_in sh -c 'ls / | wc -l; ls /proc/self/fd | wc -l; pwd'
	is "$(find "$ROOTFS" -mindepth 1 -maxdepth 1 | wc -l)" "${lines[0]}"
	is 4 "${lines[1]}"
	is / "${lines[2]}"
}

@test "without a mount namespace the command still has the container's root" {
	no_peers
	config '.mounts = []'
	drop_ns mount
	echo inside >"$ROOTFS/etc/where"
	start_box
	ok exec_in cat /etc/where
	is inside
	ok exec_in sh -c 'cd ..; ls | wc -l'
	is "$(find "$ROOTFS" -mindepth 1 -maxdepth 1 | wc -l)"
}

@test "the command's environment, cwd, user and capabilities are the container's" {
	no_peer crun
	config '.process.env += ["MINE=yes"] | .process.cwd = "/home/user"
		| .process.user = {uid: 1000, gid: 100, additionalGids: [7]}
		| .process.capabilities[] |= ["CAP_KILL"] | .process.noNewPrivileges = true
		| .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 77, hard: 88}]'
	start_box
	ok exec_in sh -c 'echo $MINE; pwd; id -u; id -g; ulimit -n;
		grep -E "^(CapBnd|NoNew)" /proc/self/status'
	is $'yes\n/home/user\n1000\n100\n77\nCapBnd:\t0000000000000020\nNoNewPrivs:\t1'
}

@test "--env adds and replaces" {
	no_peer crun
	config '.process.env += ["A=1", "B=2"]'
	start_box
	ok runtime exec --env A=9 --env 'C=two words' "$ID" sh -c 'echo "$A $B $C"'
	is '9 2 two words'
}

@test "--cwd" {
	start_box
	ok runtime exec --cwd /home/user "$ID" pwd
	is /home/user
	no_peer crun
	no_peer runc
	fails runtime exec --cwd home "$ID" pwd
}

@test "--user takes ids" {
	start_box
	ok runtime exec --user 1000 "$ID" id -u
	is 1000
	ok runtime exec --user 1000:100 "$ID" sh -c 'id -u; id -g'
	is $'1000\n100'
}

@test "--user takes names, from the container's /etc/passwd and /etc/group" {
	no_peers
	start_box
	ok runtime exec --user user "$ID" sh -c 'id -u; id -g'
	is $'1000\n1000'
	ok runtime exec --user user:wheel "$ID" sh -c 'id -u; id -g'
	is $'1000\n10'
	ok runtime exec --user other:0 "$ID" sh -c 'id -u; id -g'
	is $'1001\n0'
	fails runtime exec --user nosuchuser "$ID" true
	like nosuchuser
	fails runtime exec --user user:nosuchgroup "$ID" true
	like nosuchgroup
}

@test "--user refuses what is no id" {
	start_box
	for user in -1 4294967295 4294967296 1000: :5 1000:-1 1000:4294967295 1:2:3 0x0 ''; do
		try runtime exec --user "$user" "$ID" id -u
		[[ -z $PEER ]] || continue
		((status != 0)) || { echo "taken: '$user' as $output" && return 1; }
	done
	no_peer crun
	no_peer runc
}

@test "a user whose name is a number in /etc/passwd does not become root" {
	no_peer runc
	echo '1000:x:0:0:trap:/root:/bin/sh' >>"$ROOTFS/etc/passwd"
	start_box
	ok runtime exec --user 1000 "$ID" id -u
	is 1000
}

@test "exec --user reads no /etc/passwd outside of the rootfs" {
	no_peers
	echo 'user:x:0:0:trap:/root:/bin/sh' >"$T/passwd"
	rm "$ROOTFS/etc/passwd"
	ln -s "$T/passwd" "$ROOTFS/etc/passwd"
	start_box
	fails runtime exec --user user "$ID" id -u
}

@test "exec --user does not hang on a fifo for /etc/passwd" {
	no_peers
	rm "$ROOTFS/etc/passwd"
	mkfifo "$ROOTFS/etc/passwd"
	start_box
	LIMIT=5 fails runtime exec --user user "$ID" id -u
}

@test "--additional-gids" {
	no_peer crun
	start_box
	ok runtime exec --user 1000:100 --additional-gids 5 --additional-gids 77 "$ID" \
		grep ^Groups /proc/self/status
	like '5 77'
}

@test "--cap adds a capability" {
	start_box
	ok runtime exec --cap CAP_SYS_TIME "$ID" grep CapBnd /proc/self/status
	value=$(awk '{ print $2 }' <<<"$output")
	(((16#$value >> 25) & 1))
}

@test "--no-new-privs" {
	start_box
	ok runtime exec --no-new-privs "$ID" grep NoNewPrivs /proc/self/status
	is $'NoNewPrivs:\t1'
}

@test "--process reads the whole process from a file" {
	start_box
	jq -n '{args: ["sh", "-c", "echo $A; pwd; id -u; id -G; grep CapEff /proc/self/status"],
		cwd: "/tmp",
		env: ["A=file", "PATH=/bin"], user: {uid: 5, gid: 6,
			additionalGids: [7]}}' >"$T/process.json"
	ok runtime exec --process "$T/process.json" "$ID"
	is $'file\n/tmp\n5\n6 7\nCapEff:\t0000000000000000'
}

@test "--process refuses what is wrong in it, by the member" {
	start_box
	echo '{"args": [], "cwd": "/"}' >"$T/process.json"
	fails runtime exec --process "$T/process.json" "$ID"
	[[ -n $PEER ]] || like 'args'
	echo '{"args": ["true"], "cwd": "/", "user": {"uid": -1}}' >"$T/process.json"
	fails runtime exec --process "$T/process.json" "$ID"
	[[ -n $PEER ]] || like 'user\.uid'
	fails runtime exec --process "$T/nowhere.json" "$ID"
}

@test "--detach returns at once, --pid-file says who it is" {
	start_box
	ok runtime exec --detach --pid-file "$T/exec.pid" "$ID" sleep 1000
	pid=$(<"$T/exec.pid")
	[[ -e /proc/$pid ]]
	wait_until grep -q sleep "/proc/$pid/cmdline"
	is "$(readlink "/proc/$PID/ns/pid")" "$(readlink "/proc/$pid/ns/pid")"
}

@test "a command that is missing: an error that says so, the container goes on" {
	start_box
	fails exec_in nosuchprogram
	like 'executable file .*not found in \$PATH'
	((status == 127 || status == 1 || status == 255))
	fails exec_in /no/such/program
	like '[Nn]o such file'
	fails exec_in /etc/passwd
	like '[Pp]ermission denied'
	is running "$(status_of)"
}

@test "exec without a command is refused" {
	start_box
	fails runtime exec "$ID"
}

@test "exec in a created container" {
	ok create_box
	no_peer crun
	ok exec_in echo early
	is early
}

@test "exec in a stopped container is refused" {
	ok create_box
	runtime start "$ID"
	wait_until is_stopped
	fails exec_in true
}

@test "exec in a paused container is refused" {
	needs_controller freezer
	start_box
	ok runtime pause "$ID"
	LIMIT=5 fails exec_in true
	like 'paused'
	ok runtime resume "$ID"
	ok exec_in true
}

@test "options end at the container's name" {
	start_box
	ok exec_in ls -d --color=never /proc
	is /proc
}

# bats test_tags=guest
@test "--cgroup places the command below the container's group" {
	no_peer runc
	start_box
	mkdir -p "$(cg_root pids)$CG/sub" "$(cg_root memory)$CG/sub"
	has_v1 pids && no_peer crun 'v2 only'
	ok runtime exec --cgroup sub "$ID" cat /proc/self/cgroup
	is "$CG/sub" "$(path_in pids "$output")"
	for outside in ../ ../.. /../x sub/../../..; do
		fails runtime exec --cgroup "$outside" "$ID" true
	done
}

@test "--preserve-fds" {
	start_box
	echo three >"$T/3"
	ok "$OCI" --root "$STATE" exec --preserve-fds 1 "$ID" sh -c 'cat <&3; ls /proc/self/fd |
		wc -l' \
		3<"$T/3" 4<"$T/3"
	is $'three\n5'
}

@test "the command's children are the container's" {
	start_box
	ok exec_in sh -c 'sleep 1000 >/dev/null 2>&1 & echo $!'
	like '^[0-9]+$'
	runtime ps --format json "$ID" | jq -e 'length >= 3'
}

@test "many execs at once" {
	start_box
	for n in {1..20}; do
		runtime exec "$ID" sh -c "echo $n; exit $n" >"$T/out$n" 2>&1 || echo $? \
			>"$T/status$n" &
	done
	wait
	for n in {1..20}; do
		is "$n" "$(<"$T/out$n")"
		is "$n" "$(<"$T/status$n")"
	done
}

@test "exec forwards signals to its command" {
	no_peer runc "now and then it misses the signal"
	start_box
	timeout --foreground --kill-after=3 10 "$OCI" --root "$STATE" exec "$ID" sh -c 'trap "echo got; exit 4" TERM; echo ready
		while :; do sleep 1000 & wait $!; done' >"$T/out" 2>&1 3>&- &
	local exec=$!
	wait_until grep -q ready "$T/out"
	kill -TERM $exec
	status=0
	wait $exec || status=$?
	is 4 "$status"
}

@test "exec puts the seccomp filter of the container on the command" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO", errnoRet: 95}]}'
	start_box
	ok exec_in sh -c 'grep Seccomp: /proc/self/status; mkdir /x 2>&1; :'
	like $'Seccomp:\t2'
	like 'not supported'
}
