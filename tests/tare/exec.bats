#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# tare exec: one more process in a container, or in the namespaces of any process.

load ../lib/tare

execute() { tare exec "$@"; }

# ------------------------------------------------------------------------------- what it is

# The cgroups that a container has: of a hybrid machine's v2 tree it has none of its own, and what
# is executed later stays in the caller's there.
groups() { if [[ -d $CGROUPS/unified ]]; then grep -v '^0::'; else cat; fi; }

@test "a process in all namespaces of the container" {
	begin box
	for ns in mnt ipc uts cgroup pid net user; do
		is "$(readlink "/proc/$PID/ns/$ns")" "$(execute box readlink "/proc/self/ns/$ns")"
	done
	is "${CID:0:12}" "$(execute box hostname)"
	is "$(execute box ls /)" "$(ls "$ROOTFS")"
}

# What of /proc/self/status says what a process may do.
rights() { grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)' | sed 's/[[:space:]]*$//'; }

@test "with the rights of the first process: capabilities, user, seccomp, cgroup" {
	cat >"$T/profile" <<-'END'
		{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
			{ "names": ["chroot"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 } ] }
	END
	begin root --cap-drop CHOWN --cap-add NET_ADMIN --security-opt "seccomp=$T/profile" \
		--security-opt no-new-privileges
	is "$(execute root cat /proc/1/status | rights)" \
		"$(execute root cat /proc/self/status | rights)"
	is 2 "$(execute root awk '/^Seccomp:/ { print $2 }' /proc/self/status)"
	fails execute root chroot / true
	like 'not implemented'
	is "$(execute root cat /proc/1/cgroup | groups)" \
		"$(execute root cat /proc/self/cgroup | groups)"
	begin user -u user:users
	is "$(execute user cat /proc/1/status | rights)" \
		"$(execute user cat /proc/self/status | rights)"
}

@test "in the container's cgroup, on every hierarchy" {
	begin box
	tare exec -d box sleep 1001
	wait_until has_two
	mapfile -t pids < <(box_cg pids cgroup.procs)
	for pid in "${pids[@]}"; do
		is "$(groups <"/proc/$PID/cgroup")" "$(groups <"/proc/$pid/cgroup")"
	done
}

has_two() { (($(box_cg pids cgroup.procs | grep -c .) >= 3)); }

@test "-u: another user, with no capabilities" {
	begin box
	is 1000 "$(execute -u user box id -u)"
	is '1000 100' "$(execute -u user:users box sh -c 'echo $(id -u) $(id -g)')"
	is 77 "$(execute -u 77 box id -u)"
	is 0000000000000000 "$(execute -u user box awk '/^CapEff/ { print $2 }' /proc/self/status)"
	is /home/user "$(execute -u user box sh -c 'echo $HOME')"
	exits 125 execute -u nobodyknown box true
	like "user 'nobodyknown'"
}

@test "--privileged: all capabilities that we have" {
	begin box
	is "$(awk '/^CapEff/ { print $2 }' /proc/self/status)" \
		"$(execute --privileged box awk '/^CapEff/ { print $2 }' /proc/self/status)"
	is 00000000800405fb "$(awk '/^CapEff/ { print $2 }' "/proc/$PID/status")"
}

@test "-e, --env-file and -w" {
	begin box -e ONE=1 -e TWO=2 -w /tmp
	printf 'FILE=3\n' >"$T/env"
	is '1 two 3' "$(execute -e TWO=two --env-file "$T/env" box sh -c 'echo $ONE $TWO $FILE')"
	is /tmp "$(execute box pwd)"
	is /etc "$(execute -w /etc box pwd)"
	exits 125 execute -w etc box true
	is '' "$(OURS=x execute box sh -c 'echo $OURS')"
}

# ------------------------------------------------------------------------------- in and out

@test "exit statuses: its own, signals, 126 and 127" {
	begin box
	for status in 0 1 42 255; do
		exits $status execute box sh -c "exit $status"
	done
	exits 143 execute box sh -c 'kill $$'
	exits 137 execute box sh -c 'kill -9 $$'
	exits 127 execute box nonesuch
	like 'nonesuch'
	exits 126 execute box /etc/passwd
	exits 126 execute box /etc
	is_running box
}

@test "125: no container, one that ended, no command, unknown options" {
	exits 125 execute nonesuch true
	like "there is no container 'nonesuch'"
	begin box
	exits 125 execute box
	like 'COMMAND is missing'
	exits 125 execute --bogus box true
	ok tare stop box
	exits 125 execute box true
	like 'not running: it is exited'
}

@test "output and error apart and complete, and a reader that closes early" {
	begin box
	execute box sh -c 'seq 100000; seq 50000 >&2' >"$T/out" 2>"$T/err"
	is "$(seq 100000 | sha256sum)" "$(sha256sum <"$T/out")"
	is "$(seq 50000 | sha256sum)" "$(sha256sum <"$T/err")"
	is "$(seq 100000 | sha256sum)" "$(execute box seq 100000 | (read -rt 0.1 <&"$PAUSE" || true
		sha256sum))"
	is 1 "$(execute box seq 100000 | head -n 1)"
	# What it wrote is no business of the container's log.
	is ready "$(tare logs box)"
}

@test "-i, and no input without it" {
	begin box
	is "$(seq 50000 | sha256sum)" "$(seq 50000 | execute -i box sha256sum)"
	seq 50000 >"$T/in"
	is "$(sha256sum <"$T/in")" "$(execute -i box sha256sum <"$T/in")"
	is 0 "$(echo text | execute box wc -c)"
	exits 3 execute -i box sh -c 'exit 3' </dev/zero
}

@test "a process that stays behind does not hold exec up" {
	begin box
	ok execute box sh -c 'sleep 1001 & echo done'
	is 'done'
}

@test "-d returns at once, and the process goes on" {
	begin box
	is '' "$(execute -d box sh -c 'echo text; : >/dev/shm/began; sleep 1001')"
	wait_until execute box test -e /dev/shm/began
	wait_until execute box pidof sleep
	exits 127 execute -d box nonesuch
	is ready "$(tare logs box)"
}

@test "signals to exec go to its process" {
	begin box
	exec_tare exec box sh -c 'trap "exit 9" TERM; : >/dev/shm/began
		while :; do sleep 1001 & wait $!; done' &
	local pid=$!
	wait_until execute box test -e /dev/shm/began
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	((status == 9))
	is_running box
}

@test "the end of the container ends an exec" {
	begin box
	exec_tare exec box sh -c ': >/dev/shm/began; sleep 1001' &
	local pid=$!
	wait_until execute box test -e /dev/shm/began
	ok tare kill box
	status=0
	wait $pid || status=$?
	((status == 137))
}

@test "eight at once" {
	begin box
	for i in {1..8}; do
		execute box sh -c "seq 2000; exit $i" >"$T/out$i" &
		pids[i]=$!
	done
	for i in {1..8}; do
		status=0
		wait "${pids[i]}" || status=$?
		((status == i))
		is 2000 "$(wc -l <"$T/out$i")"
	done
}

@test "by the beginning of the id, and after the container's name was taken again" {
	begin box
	ok execute "${CID:0:8}" true
	ok tare rm -f box
	begin box
	ok execute box hostname
	is "${CID:0:12}"
}

# ------------------------------------------------------------------------------- --pid

@test "--pid: into the namespaces of a process that unshare made" {
	isolate --uts --pid --mount-proc --net --ipc
	for ns in mnt ipc uts pid net; do
		is "$(readlink "/proc/$PID/ns/$ns")" \
			"$(execute --pid "$PID" readlink "/proc/self/ns/$ns")"
	done
	is sleep "$(execute --pid "$PID" cat /proc/1/comm)"
	exits 5 execute --pid "$PID" sh -c 'exit 5'
	exits 127 execute --pid "$PID" nonesuch
	is text "$(echo text | execute -i --pid "$PID" cat)"
}

@test "--pid: into a user namespace" {
	isolate --user --map-root-user --pid --mount-proc
	is 0 "$(execute --pid "$PID" id -u)"
	is "$(readlink "/proc/$PID/ns/user")" "$(execute --pid "$PID" readlink /proc/self/ns/user)"
	# One that denies setgroups(2), as a user's own does, keeps the groups that we have.
	is deny "$(<"/proc/$PID/setgroups")"
	isolate --user
	echo '0 100000 10' | tee "/proc/$PID/uid_map" >"/proc/$PID/gid_map"
	is allow "$(<"/proc/$PID/setgroups")"
	is '0 0' "$(execute --pid "$PID" sh -c 'echo $(id -u) $(id -g)')"
}

@test "--pid: a container's own first process" {
	begin box
	is "$(readlink "/proc/$PID/ns/pid")" "$(execute --pid "$PID" readlink /proc/self/ns/pid)"
}

@test "--pid: what is no process is refused" {
	for pid in 0 -1 x '' 4194999; do
		exits 125 execute --pid "$pid" true
	done
	exits 125 execute --pid $$
	like 'is missing'
	exits 125 execute --pid $$ -u user true
	like "user"
}
