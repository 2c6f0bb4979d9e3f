#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A container's life after its start: signals, stop, kill, wait, logs, ps, inspect, rm.

load ../lib/tare

# ------------------------------------------------------------------------------- signals

# attached NAME SCRIPT [OPTION ...]: tare run in the background, as $RUN; $T/out is its output.
attached() {
	local name=$1 script=$2
	shift 2

	: >"$T/out"
	exec_tare run --network none --rootfs "$ROOTFS" --name "$name" "$@" sh -c "$script" \
		>"$T/out" 2>&1 &
	RUN=$!
	hold $RUN
	wait_until grep -q ready "$T/out"
}

wait_run() {
	status=0
	wait "$RUN" || status=$?
}

traps='for s in TERM INT USR1 HUP; do trap "echo got $s; exit 7" $s; done
	echo ready; while :; do sleep 1000 & wait $!; done'

@test "signals to run go to the container, and its exit status comes back" {
	for signal in TERM INT USR1 HUP; do
		attached "box$signal" "$traps"
		kill -"$signal" "$RUN"
		wait_run
		((status == 7))
		is $'ready\n'"got $signal" "$(<"$T/out")"
	done
}

@test "--sig-proxy=false: signals end run alone, and the container goes on" {
	attached box "$traps" --sig-proxy=false
	kill -TERM "$RUN"
	wait_run
	((status == 143))
	is_running box
	is ready "$(tare logs box)"
	ok tare exec box true
	ok tare kill -s USR1 box
	is 7 "$(tare wait box)"
	# What it wrote after that went to the log alone.
	is ready "$(<"$T/out")"
	is $'ready\ngot USR1' "$(tare logs box)"
}

@test "the first process does not die of a signal that it has no handler for" {
	attached box 'echo ready; sleep 1000'
	kill -TERM "$RUN"
	is_running box
	ok tare kill box
	wait_run
	((status == 137))
}

# ------------------------------------------------------------------------------- stop, kill

@test "stop asks, and the container ends" {
	begin box
	ok tare stop box
	is box
	is 0 "$(tare wait box)"
	is exited "$(member box .State.Status)"
	ok tare stop box
	is box
}

@test "stop kills what does not end in time" {
	begin box -- sh -c 'trap : TERM; echo ready; while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	ok tare stop --time 0 box
	is 137 "$(tare wait box)"
}

@test "stop -1 waits as long as it takes" {
	own_rootfs
	gate_new
	begin box --stop-timeout 0 -- sh -c 'trap "echo stopping; read x </gate; exit 8" TERM
		echo ready; while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	exec_tare stop --time -1 box >"$T/stop" 2>&1 &
	local pid=$!
	wait_until has_logged box stopping
	is_running box
	is '' "$(<"$T/stop")"
	gate_open
	wait $pid
	is box "$(<"$T/stop")"
	is 8 "$(tare wait box)"
}

@test "--stop-signal and --stop-timeout are the container's own" {
	begin box --stop-signal USR1 --stop-timeout 0 -- \
		sh -c 'trap "exit 6" USR1; echo ready; while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	ok tare stop --time 10 box
	is 6 "$(tare wait box)"
	begin late --stop-timeout 0 -- sh -c 'trap : TERM; echo ready; while :; do :; done'
	wait_until says_ready late
	ok tare stop late
	is 137 "$(tare wait late)"
	begin asked -- sh -c 'trap "exit 5" USR2; echo ready; while :; do sleep 1000 & wait $!; done'
	wait_until says_ready asked
	ok tare stop -s SIGUSR2 asked
	is 5 "$(tare wait asked)"
}

@test "stop, kill and rm of several: what fails is told, the others are done" {
	begin one
	begin two
	exits 1 tare stop one nonesuch two
	like "stop nonesuch: there is no container 'nonesuch'"
	is '' "$(names_running)"
	exits 1 tare rm one nonesuch two
	is '' "$(names_all)"
}

@test "kill sends any signal, and refuses one that ended" {
	begin box -- sh -c 'trap "echo one" USR1; echo ready; while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	ok tare kill -s usr1 box
	wait_until has_logged box one
	exits 125 tare kill -s NOSUCH box
	ok tare kill box
	is 137 "$(tare wait box)"
	exits 1 tare kill box
	like 'not running: it is exited'
}

has_logged() { tare logs "$1" | grep -q "$2"; }

# ------------------------------------------------------------------------------- wait

@test "wait: one that ended, one that runs, several, none" {
	ok run --name ended sh -c 'exit 3' || true
	begin box
	tare wait ended box >"$T/codes" &
	local pid=$!
	wait_until grep -q 3 "$T/codes"
	ok tare stop box
	wait $pid
	is $'3\n0' "$(<"$T/codes")"
	exits 1 tare wait nonesuch
}

@test "wait: one that is removed when it ends" {
	begin box --rm
	tare wait box >"$T/code" 2>&1 &
	local pid=$!
	wait_until is_waited_for
	ok tare kill box
	wait $pid
	is 137 "$(<"$T/code")"
	is '' "$(names_all)"
}

# Somebody waits for the monitor's lock.
is_waited_for() { grep -q -- '-> FLOCK .* READ' /proc/locks; }

# ------------------------------------------------------------------------------- logs

@test "logs has both streams, and what is said later" {
	ok run --name box sh -c 'echo out; echo err >&2'
	is $'err\nout' "$(tare logs box 2>&1 | sort)"
	ok run --name none true
	is '' "$(tare logs none)"
}

@test "logs --tail" {
	ok run --name box sh -c 'seq 5000; printf unfinished'
	is $'4999\n5000\nunfinished' "$(tare logs --tail 3 box)"
	is unfinished "$(tare logs -n 1 box)"
	is '' "$(tare logs --tail 0 box)"
	is 5000 "$(tare logs --tail all box | wc -l)"
	is 5000 "$(tare logs --tail 100000 box | wc -l)"
	exits 125 tare logs --tail few box
}

@test "logs -f goes on until the end" {
	begin box -- sh -c 'echo ready; trap "echo more; seq 20000; exit" TERM
		while :; do sleep 1000 & wait $!; done'
	tare logs -f box >"$T/out" &
	local pid=$!
	wait_until grep -q ready "$T/out"
	ok tare stop box
	wait $pid
	is "$(echo ready && echo more && seq 20000)" "$(<"$T/out")"
	is "$(<"$T/out")" "$(tare logs -f box)"
}

@test "logs -f of one that says nothing, and of one that is removed" {
	begin box --rm -- sh -c 'trap "echo last; exit" TERM; : >/dev/shm/up
		while :; do sleep 1000 & wait $!; done'
	wait_until tare exec box test -e /dev/shm/up
	exec_tare logs -f box >"$T/out" 2>&1 &
	local pid=$!
	wait_until is_watched $pid
	ok tare stop box
	wait $pid
	is last "$(<"$T/out")"
}

is_watched() { grep -qs '^inotify' "/proc/$1"/fdinfo/*; }

@test "logs to a reader that went away ends" {
	ok run --name box sh -c 'seq 100000'
	tare logs box | head -n 1 >"$T/out" || true
	is 1 "$(<"$T/out")"
}

# ------------------------------------------------------------------------------- ps

@test "ps shows those that run, -a all, the newest first" {
	ok run --name ended true
	begin box
	is box "$(names_running)"
	is $'box\nended' "$(tare ps -a --format names)"
	is "${CID:0:12}" "$(tare ps -q)"
	is "$CID" "$(tare ps -q --no-trunc)"
	ok tare ps -a
	like '^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$' "${lines[0]}"
	like "^${CID:0:12} +.*/rootfs +\"sh -c '.*…\" .* ago +Up .* box$" "${lines[1]}"
	like "\"true\" .* Exited \(0\) .* ago .*ended$" "${lines[2]}"
	((${#lines[@]} == 3))
}

@test "ps of an engine that has nothing" {
	ok tare ps -aq
	is ''
	ok tare ps
	((${#lines[@]} == 1))
}

@test "ps --format json: an object a line" {
	ok run --name ended --label a=b sh -c $'exit 2 # "quoted"\n\t\e[31m' || true
	begin box
	tare ps -a --format json >"$T/json"
	is 2 "$(wc -l <"$T/json")"
	is 'box running "ended" exited' "$(jq -rs '"\(.[0].Names) \(.[0].State) \"\(.[1].Names)\" " +
		.[1].State' "$T/json")"
	is 'Command CreatedAt ID Image Labels LocalVolumes Mounts Names Networks Ports RunningFor Size State Status' \
		"$(jq -sr '.[0] | keys | join(" ")' "$T/json")"
	like 'Exited \(2\)' "$(jq -rs '.[1].Status' "$T/json")"
}

@test "control characters of a command do not reach the terminal" {
	ok run --name box sh -c $'true # \e[31mred\x7f'
	ok tare ps -a --no-trunc
	like 'true #  \[31mred'
	unlike $'\e'
}

# ------------------------------------------------------------------------------- inspect

@test "inspect says what was asked and what became of it" {
	begin box -e A=b -w /tmp -u user -h name --label k=v --label empty -m 64m --cpus 0.5 \
		--pids-limit 50 --cap-add NET_ADMIN --cap-drop chown --read-only --init=false \
		-v "$T:/mnt:ro" --stop-signal USR1 -- sleep 1000
	tare inspect box >"$T/json"
	check() { is "$2" "$(jq -c ".[0].$1" "$T/json")"; }
	check Id "\"$CID\""
	check Name '"/box"'
	check Path '"sleep"'
	check Args '["1000"]'
	check State.Status '"running"'
	check State.Running true
	check State.Pid "$PID"
	check State.FinishedAt '"0001-01-01T00:00:00Z"'
	check Config.Env '["A=b"]'
	check Config.User '"user"'
	check Config.Hostname '"name"'
	check Config.WorkingDir '"/tmp"'
	check Config.Labels '{"empty":"","k":"v"}'
	check Config.StopSignal '"USR1"'
	check HostConfig.Memory 67108864
	check HostConfig.NanoCpus 500000000
	check HostConfig.PidsLimit 50
	check HostConfig.ReadonlyRootfs true
	check HostConfig.NetworkMode '"none"'
	check 'Mounts[0].Destination' '"/mnt"'
	check 'Mounts[0].RW' false
	check Rootfs "\"$ROOTFS\""
}

@test "inspect of one that ended, and of several" {
	ok run --name one sh -c 'exit 4' || true
	ok run --name two true
	is '[4,0]' "$(tare inspect one two | jq -c 'map(.State.ExitCode)')"
	is '["exited",false,0]' "$(tare inspect one | jq -c '.[0].State | [.Status, .Running, .Pid]')"
	is true "$(tare inspect one | jq '.[0].State | .StartedAt < .FinishedAt')"
	exits 1 tare inspect one nonesuch
}

# ------------------------------------------------------------------------------- rm

@test "rm refuses one that runs, and -f ends it" {
	begin box
	exits 1 tare rm box
	like 'rm box: the container is running'
	is_running box
	ok tare rm -f box
	is box
	wait_until ended "$PID"
	is '' "$(names_all)"
	ok tare rm -f box
	is ''
	exits 1 tare rm box
	nothing_left
}

@test "processes that the first one left behind end with it" {
	begin box -- sh -c 'setsid sleep 1000 & trap "exit 0" TERM; echo ready
		while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	mapfile -t pids < <(box_cg pids cgroup.procs)
	((${#pids[@]} >= 2))
	ok tare stop box
	for pid in "${pids[@]}"; do
		wait_until ended "$pid"
	done
	ok tare rm box
	nothing_left
}

@test "what is kept is for root only" {
	begin box -e SECRET=word
	is '' "$(find "$STATE" -type f -perm /077 ! -name hosts ! -name hostname ! -name resolv.conf)"
	is 700 "$(stat -c %a "$STATE")"
	is '' "$(find "$STATE" -type d ! -perm 700)"
}
