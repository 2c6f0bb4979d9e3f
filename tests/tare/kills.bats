#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# kill -9 of the monitor, of the tare that was typed, of the container's first process, and of
# several of them, at every state of a container: what is then there is told of truthfully, can be
# started, stopped and removed, and nothing is left. What faults.bats, rename.bats and pause.bats
# kill is not killed again here.

load ../lib/tare

# ------------------------------------------------------------------------------- who is killed

# In the order in which they are named, which is the order in which they die.
deaths=(monitor first 'monitor first' command 'command monitor' 'command first'
	'command monitor first')

# kill_them WHO ...
kill_them() {
	local who pids=()
	local -A pid_of=([monitor]=$MONITOR [first]=$PID [command]=$COMMAND)

	for who; do
		pids+=("${pid_of[$who]}")
	done
	kill -KILL "${pids[@]}"
	if [[ $FROZEN && $* == *first* ]]; then
		is paused "$(member box .State.Status)"
		ok tare unpause box
	fi
	for who in "${pids[@]}"; do
		wait_until ended "$who"
	done
}

# begin_deaf NAME [OPTION ...]: a container that KILL alone ends.
begin_deaf() {
	begin "$@" -- sh -c 'trap : TERM; echo ready; while :; do sleep 1000 & wait $!; done'
	wait_until says_ready "$1"
	MONITOR=$(monitor_of "$PID")
}

# in_state STATE [OPTION ...]: box is in it, with $PID, $MONITOR, and $COMMAND, who waits for it.
in_state() {
	local state=$1
	shift

	FROZEN=
	"begin_$state" "$@"
	hold "$COMMAND"
}

begin_attached() {
	: >"$T/out"
	exec_tare run --network none --rootfs "$ROOTFS" --name box "$@" sh -c "$(forever)" \
		>"$T/out" 2>&1 &
	COMMAND=$!
	wait_until grep -q ready "$T/out"
	PID=$(member box .State.Pid)
	MONITOR=$(monitor_of "$PID")
}

begin_paused() {
	begin_attached "$@"
	ok tare pause box
	# With cgroup v1 one that stands still dies when it may go on.
	[[ ! -d $CGROUPS/freezer ]] || FROZEN=1
}

begin_stopping() {
	begin_deaf box "$@"
	exec_tare stop --time -1 box >"$T/out" 2>&1 &
	COMMAND=$!
	wait_until waits_for_end
}

begin_waited() {
	begin_deaf box "$@"
	exec_tare wait box >"$T/out" 2>&1 &
	COMMAND=$!
	wait_until waits_for_end
}

# It polls for the end of its process, or waits for its monitor's lock.
waits_for_end() { [[ $(<"/proc/$COMMAND/wchan") == *@(poll|lock)* ]]; }

# ------------------------------------------------------------------------------- what is then said

no_warning() {
	ok tare ps -a
	unlike warning
}

# starts_again: after that it runs, with its monitor.
starts_again() {
	ok tare start box
	is running "$(member box .State.Status)"
	is '' "$(member box .State.Error)"
	ok tare exec box true
}

is_removed() {
	ok tare rm -f box
	ok run --rm --name box true
	wait_until lists_nothing
	nothing_left
}

# What was abandoned is taken away by a list, unless a monitor is still at it.
lists_nothing() { [[ -z $(tare ps -aq) && -z $(ls "$STATE/containers") ]]; }

# goes_on STATE: without its monitor.
goes_on() {
	local state=running
	[[ $1 != paused ]] || state=paused
	is "$state" "$(member box .State.Status)"
	like 'monitor was killed' "$(member box .State.Error)"
	exits 1 tare start box
	exits 1 tare rm box
	ok tare stop -t 0 box
	wait_until ended "$PID"
	has_ended 255 'exit status is lost'
}

# has_ended CODE ERROR
has_ended() {
	is "exited $1 false 0" "$(member box \
		'.State | "\(.Status) \(.ExitCode) \(.Running) \(.Pid)"')"
	like "$2" "$(member box .State.Error)"
	no_warning
	like "Exited \($1\)"
	like ready "$(tare logs box)"
	exits 1 tare kill box
	ok tare stop box
}

# What kill_them did to box in state $1.
tells_of() {
	local state=$1
	shift

	no_warning
	case " $* " in
	*' monitor first '*) has_ended 255 'exit status is lost' ;;
	*' monitor '*) goes_on "$state" ;;
	*' first '*)
		wait_until has_exited box
		has_ended 137 '^$'
		;;
	*) is_running box || is paused "$(member box .State.Status)" ;;
	esac
}

# all_deaths STATE: each of them, of a container that stays and one that is to remove itself.
all_deaths() {
	local state=$1 death

	for death in "${deaths[@]}"; do
		echo "killed: $death"
		in_state "$state"
		# shellcheck disable=SC2086
		kill_them $death
		# shellcheck disable=SC2086
		tells_of "$state" $death
		[[ $death == command ]] || starts_again
		is_removed
	done
	for death in "${deaths[@]}"; do
		echo "killed, with --rm: $death"
		in_state "$state" --rm
		# shellcheck disable=SC2086
		kill_them $death
		if [[ $death != *monitor* && $death == *first* ]]; then
			wait_until has_none
			nothing_left
		else
			# shellcheck disable=SC2086
			tells_of "$state" $death
		fi
		is_removed
	done
}

@test "running, with somebody attached" {
	all_deaths attached
}

@test "paused, with somebody attached" {
	all_deaths paused
}

@test "being stopped" {
	all_deaths stopping
}

@test "running, and somebody waits for its end" {
	all_deaths waited
}

# ------------------------------------------------------------------------------- at each call

# settles ARG ...: whatever these left of box can be used, and nothing else is there.
settles() {
	no_warning
	try tare inspect box
	if ((status == 0)); then
		no_warning
		like ' box$'
		ok tare logs box
		ok tare stop -t 0 box
		[[ $* == *--rm* ]] || starts_again
	else
		like "there is no container 'box'"
	fi
	is_removed
}

starts_over() { ok tare rm -f box; }

made_box() { ok tare create --network none --rootfs "$ROOTFS" --name box sh -c "$(forever)"; }
running_box() { begin box; }
ended_box() { begin box && ok tare stop box; }

@test "being created: killed at each call that changes something" {
	needs_strace
	killed_at_each : 'mkdir mkdirat symlinkat write renameat flock' -- create --network none \
		--rootfs "$ROOTFS" --name box sh -c "$(forever)"
}

@test "being started: killed at each call that changes something" {
	needs_strace
	killed_at_each made_box 'renameat flock setsid bind clone3 sendmsg mkdirat' -- start box
}

@test "being removed: killed at each call that changes something" {
	needs_strace
	killed_at_each ended_box 'unlinkat flock rmdir' -- rm box
	killed_at_each running_box 'unlinkat pidfd_send_signal poll' -- rm -f box
}

@test "being stopped and started again: killed at each call that changes something" {
	needs_strace
	killed_at_each running_box 'renameat pidfd_send_signal clone3 unlinkat' -- restart -t 0 box
}

@test "with --rm: killed at each call that changes something" {
	needs_strace
	killed_at_each : 'unlinkat pwrite64 rmdir' -- run --rm --network none --rootfs "$ROOTFS" \
		--name box true
}
