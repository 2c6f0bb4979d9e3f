# SPDX-License-Identifier: Apache-2.0
#
# What the tests of the engine's command line share, on top of oci.bash: an engine of its own for
# each test, whose containers are gone at its end, and a terminal to sit at. A file of tests begins
# with `load ../lib/tare`.
#
# Each test has: $T, a directory of its own; $STATE, the engine's root; $ROOTFS, a root filesystem
# (static busybox) that the tests of a file share, or one of its own after own_rootfs. The words, on
# top of oci.bash's (try, ok, fails, exits, is, like, wait_until, hold):
#
#	tare ...            call the program with its --root and --cgroup-parent
#	run ...             tare run, without a network unless one is named, over $ROOTFS
#	begin NAME [...]    a container NAME in the background, until it is told to end: $CID, $PID
#	forever             a program for it: ends by TERM
#	at_terminal SCRIPT  run SCRIPT at a terminal; then: type_keys, shows, screen, wait_end
#	as_user COMMAND ... as an ordinary user, $USER_ID; user_tare ... is tare as that user
#	isolate [OPTION...] start a process by unshare: $PID, and $OUTER above it;
#	                    user_isolate: the same, as that user
#	killed_at_each PREPARE 'CALL ...' -- ARG ...
#	                    tare ARG ... again and again, killed in another place each time
#
# The program is TARE; without it, the one that lies beside tare-oci.

# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/oci.bash"

# ------------------------------------------------------------------------------- surroundings

test_begins() {
	TARE=${TARE:-${OCI%/*}/tare}
	PARENT=/$NAME
	ROOTFS=$FILE_TMP/rootfs # shared: most tests only read it
	KEYS=
	if declare -F tare_test_begins >/dev/null; then
		tare_test_begins
	fi
}

# A root filesystem that this test may change.
own_rootfs() {
	ROOTFS=$T/rootfs
	cp -a "$FILE_TMP/rootfs" "$ROOTFS"
}

tare() {
	timeout --foreground --kill-after=5 "${LIMIT:-20}" "$TARE" --root "$STATE" \
		--cgroup-parent "$PARENT" "$@" 3>&- {PAUSE}>&- {GATE}>&-
}

# As tare, in place of the shell: for the background, where $! shall be tare itself.
exec_tare() {
	exec "$TARE" --root "$STATE" --cgroup-parent "$PARENT" "$@" 3>&- {PAUSE}>&- {GATE}>&-
}

run() {
	choose_network "$@"
	tare run "${NETWORK[@]}" --rootfs "$ROOTFS" "$@"
}

# In $NETWORK what says that there is none, unless the words say which.
choose_network() {
	case " $* " in
	*' --net '* | *' --net='* | *' --network '* | *' --network='*) NETWORK=() ;;
	*) NETWORK=(--network none) ;;
	esac
}

# What ends by TERM and says when it is ready; what $1 says is done first.
# shellcheck disable=SC2120 # tests give it something
forever() { echo "${1:-:}; trap 'exit 0' TERM; echo ready; while :; do sleep 1000 & wait \$!; done"; }

# begin NAME [OPTION ...] [-- COMMAND ...]
begin() {
	local -a options=() command=(sh -c "$(forever)")
	local name=$1
	shift

	while (($#)) && [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	(($# < 2)) || command=("${@:2}")
	ok run -d --name "$name" "${options[@]}" "${command[@]}"
	CID=${lines[-1]} # a kernel may be warned about first
	PID=$(member "$name" .State.Pid)
	(($# > 1)) || wait_until says_ready "$name"
}

# box_says OUTPUT OPTION ... -- SCRIPT
box_says() {
	local expected=$1
	local -a options=()
	shift

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	ok run --rm "${options[@]}" sh -c "$2"
	is "$expected"
}

says_ready() { [[ $(tare logs "$1") == *ready* ]]; }

# json FILTER: of $output.
json() { jq -r "$1" <<<"$output"; }

# $output fits into a terminal.
is_narrow() {
	local wide
	wide=$(awk 'length > 80' <<<"$output")
	[[ -z $wide ]] || { echo "wider than 80 columns:" && echo "$wide" && return 1; }
}

# member NAME FILTER: what inspect says of it.
member() { tare inspect "$1" | jq -r ".[0] | $2"; }
names_all() { tare ps -a --format names | sort | xargs; }
names_running() { tare ps --format names | sort | xargs; }
is_running() { [[ $(member "$1" .State.Status) == running ]]; }
has_exited() { [[ $(member "$1" .State.Status) == exited ]]; }
has_none() { [[ -z $(tare ps -aq) ]]; }

# The cgroup file $2 of container $CID under controller $1, and a limit: tests/lib/cgroups.bash.
box_cg() { CG=$PARENT/$CID cg "$@"; }
box_limit() { CG=$PARENT/$CID limit_of "$@"; }

# A zombie has ended, whenever the machine's init comes to it.
ended() { [[ ! -e /proc/$1 ]] || grep -qs '^State:.Z' "/proc/$1/status"; }

# The monitor of a container: its first process's parent.
monitor_of() { awk '/^PPid/ { print $2 }' "/proc/$1/status"; }

# ------------------------------------------------------------------------------- what is left

boxes_delete() {
	local -a ids

	# A container of the runtime alone: start_box.
	[[ ! -d $STATE/$ID ]] || "$OCI" --root "$STATE" delete --force "$ID"
	[[ -d $STATE/containers ]] || return 0
	mapfile -t ids < <(ls "$STATE/containers")
	((${#ids[@]} == 0)) || tare rm --force "${ids[@]}" >"$T/delete" 2>&1 || cat "$T/delete"
}

# The engine leaves two empty groups, for the next container; these are taken away here.
cgroups_left() {
	local dir

	find $CGROUPS -depth -mindepth 1 -maxdepth 4 -type d -path "*/$NAME*" 2>/dev/null |
		while read -r dir; do
			case $dir in
			*"/$NAME" | *"/$NAME/monitors") rmdir "$dir" 2>/dev/null && continue ;;
			esac
			echo "$dir"
		done || true
}

leftovers() {
	wait_until has_no_processes 2>/dev/null || processes_left | sed 's/^/process /'
	[[ ! -d $STATE ]] || find "$STATE"/{containers,names,ids,run} -mindepth 1 ! -path '*/.*' \
		-printf 'state %P\n' 2>/dev/null
	wait_until has_no_cgroups 2>/dev/null || cgroups_left | sed 's/^/cgroup /'
	mounts_left
}

# Nothing is left of any container, soon: a monitor takes apart what it held after it told the end.
nothing_left() {
	local left
	left=$(leftovers)
	[[ -z $left ]] || { printf 'left:\n%s\n' "$left" && return 1; }
}

# ------------------------------------------------------------------------------- a terminal

# What a script begins with in which `tare` and `run` are as here.
session_head() {
	declare -f exec_tare
	declare -p TARE STATE PARENT ROOTFS T
	cat <<-'END'
		unset PAUSE GATE
		exec {PAUSE}</dev/null {GATE}</dev/null
		tare() { (exec_tare "$@"); }
	END
	declare -f run choose_network
}

# at_terminal SCRIPT: bash runs it at a terminal of 30 lines and 100 columns, where `tare` and `run`
# are as here. Its state before and after are in $T/before and $T/after.
at_terminal() {
	{
		session_head
		cat <<-'END'
			stty rows 30 cols 100
			stty -g >"$T/before"
			tty >"$T/tty"
		END
		printf '%s\n' "$1"
		# shellcheck disable=SC2016
		echo 'echo $? >"$T/status"; stty -g >"$T/after"; : >"$T/ended"'
	} >"$T/session"
	rm -f "$T/keys" "$T/ended" "$T/tty"
	mkfifo "$T/keys"
	exec {KEYS}<>"$T/keys"
	script -qfec "bash '$T/session'" "$T/screen" <&"$KEYS" >/dev/null 2>&1 3>&- &
	hold $!
	wait_until test -s "$T/tty"
	# shellcheck disable=SC2034 # tests look at it
	TTY=$(<"$T/tty")
}

# What is typed, as printf has it.
# shellcheck disable=SC2059
type_keys() { printf "$1" >&"$KEYS"; }
screen() { tr -d '\r' <"$T/screen"; }
has_shown() { screen | grep -qE -- "$1"; }
shows() { wait_until has_shown "$1" || { screen && return 1; }; }
# wait_end [STATUS]: until SCRIPT has ended; the terminal is then as it was.
wait_end() {
	wait_until test -e "$T/ended" || { screen && return 1; }
	is "${1:-0}" "$(<"$T/status")"
	is "$(<"$T/before")" "$(<"$T/after")"
}

# ------------------------------------------------------------------------------- kill -9

# Whom strace follows; with -D it is beside them, and without that it waits for all of them.
FOLLOW=(-D -f)

# traced CALL:WHEN ARG ...: try tare ARG ..., of which whoever comes to that call for the WHEN-th
# time dies there: itself, the monitor it made, or the first process.
traced() {
	local call=${1%:*} when=${1#*:}
	shift

	try timeout --foreground --kill-after=5 20 strace "${FOLLOW[@]}" -qq -o "$T/trace" \
		-e trace="$call" -e inject="$call:signal=KILL:when=$when" "$TARE" --root "$STATE" \
		--cgroup-parent "$PARENT" "$@" 3>&- {PAUSE}>&- {GATE}>&-
}

was_killed() { grep -q 'killed by SIGKILL' "$T/trace"; }

# killed_at_each PREPARE 'CALL ...' -- ARG ...: PREPARE, and tare ARG ..., of which somebody dies at
# the first such call; then the same at the second, until there are no more. The file says what must
# hold each time, settles ARG ..., and what is done when nobody died any more, starts_over.
killed_at_each() {
	local prepare=$1 calls=$2 call when total=0
	shift 3

	for call in $calls; do
		for when in {1..99}; do
			$prepare
			traced "$call:$when" "$@"
			# Who traces beside it may not have written yet that it died itself.
			((status)) || was_killed || break
			((++total))
			echo "killed at $call:$when, with $*: $status"
			((status != 124))
			settles "$@"
		done
		starts_over
	done
	((total > 0))
}
starts_over() { :; }

# ------------------------------------------------------------------------------- other processes

USER_ID=1234
BEFORE=()

# A copy that an ordinary user can reach, wherever the tree is.
user_tare() {
	[[ -x $T/bin/tare ]] || install -D -m 755 "$TARE" "$T/bin/tare"
	as_user timeout --foreground --kill-after=5 20 "$T/bin/tare" "$@"
}

AS_USER=(setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups)
as_user() { "${AS_USER[@]}" "$@"; }

# A process in what unshare makes of these options (and words in front of them, in $BEFORE), when
# all is done that was asked for. `hold` ends the outermost, and with it the others.
isolate() {
	rm -f "$T/ready"
	touch "$T/ready"
	chmod 666 "$T/ready"
	"${BEFORE[@]}" unshare --fork --kill-child "$@" sh -c 'echo >"$1"; exec sleep 1000' sh \
		"$T/ready" >/dev/null 2>"$T/unshare" 3>&- {PAUSE}>&- {GATE}>&- &
	OUTER=$!
	hold "$OUTER"
	wait_until test -s "$T/ready" || { cat "$T/unshare" && return 1; }
	PID=$OUTER
	while pgrep -P "$PID" >"$T/children"; do
		PID=$(<"$T/children")
	done
	wait_until is_named "$PID" sleep
}

user_isolate() {
	BEFORE=("${AS_USER[@]}")
	isolate "$@"
	BEFORE=()
}

is_named() { [[ $(<"/proc/$1/comm") == "$2" ]]; }
