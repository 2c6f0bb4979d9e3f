# SPDX-License-Identifier: Apache-2.0
#
# What the tests of an OCI runtime share: a bundle for each test, a runtime to call, and a look
# round at the end for what was left behind. A file of tests begins with `load ../lib/oci`.
#
#	RUNTIME=crun bats tests/oci/mounts.bats    a peer instead of tare-oci: crun, runc or a path
#
# Each test has: $T, a directory of its own; $ID, a container's id; $BUNDLE with rootfs/ (static
# busybox) and config.json; $CG, its cgroup below each hierarchy. The words:
#
#	config FILTER [jq options]    change config.json
#	sh_in_box SCRIPT              the container's process is `sh -c SCRIPT`
#	runtime ...                   call the runtime; its state is below $T
#	try COMMAND ...               run it; $status and $output; what stays behind may hold stdout
#	ok / fails COMMAND ...        try, and it must (must not) succeed
#	box SCRIPT                    run SCRIPT in the container to its end: ok, $output
#	refused PATTERN COMMAND ...   fails, says PATTERN, and leaves no container
#	is, like                      compare $output (or a value) with a string, a pattern
#
# Nothing sleeps: wait_until has a limit and a condition.

# Filters of jq hold $names of its own; tests read what is set here.
# shellcheck disable=SC2016,SC2034,SC2120
bats_require_minimum_version 1.5.0

# ------------------------------------------------------------------------------- surroundings

# A file that is run alone gets the mount and network namespaces that tests/run would give it: bats
# (1.8: bats-exec-file) starts over in new ones. What it made so far is undone first.
if [[ ! -v TARE_TEST_INSIDE ]]; then
	export TARE_TEST_INSIDE=1 TARE_TEST_PREFIX="tare-test-$$"
	if ((EUID == 0)); then
		mapfile -d '' -t command_line </proc/$$/cmdline
		rm -rf "$BATS_FILE_TMPDIR" "$BATS_FILE_TMPDIR"-*
		exec unshare --mount --net --propagation private "${command_line[@]}" >&3
	fi
fi

TESTS=${BASH_SOURCE[0]%/*}/..
TESTS=$(cd "$TESTS" && pwd)
PREFIX=${TARE_TEST_PREFIX:-tare-test-$PPID}

# shellcheck source-path=SCRIPTDIR
source "$TESTS/lib/cgroups.bash"
source "$TESTS/lib/tools.bash"
source "$TESTS/lib/view.bash"

find_runtime() {
	local name=${RUNTIME:-${TARE_OCI:-$TESTS/../build/src/tare-oci}}

	OCI=$(command -v -- "$name") || OCI=$name
	[[ $OCI == /* ]] || OCI=$PWD/$OCI
	PEER=
	case ${OCI##*/} in
	crun | runc) PEER=${OCI##*/} ;;
	esac
}

setup_file() {
	find_runtime
	[[ -x $OCI ]] || { echo "no runtime at $OCI" >&2 && return 1; }
	if [[ ! -v TARE_TEST_TMP ]]; then
		mount -t tmpfs -o mode=755 tare-test "$BATS_FILE_TMPDIR"
		chmod 711 "$BATS_RUN_TMPDIR"
		TARE_TEST_TMP=$BATS_FILE_TMPDIR
	fi
	FILE_TMP=$(mktemp -d "$TARE_TEST_TMP/XXXXXX")
	chmod 755 "$FILE_TMP"
	mkfifo "$FILE_TMP/pause"
	export OCI PEER TARE_TEST_TMP FILE_TMP
	export LC_ALL=C.UTF-8
	unset NOTIFY_SOCKET LISTEN_FDS LISTEN_PID XDG_RUNTIME_DIR
	# crun 1.8 refuses hybrid machines; without the unified hierarchy they are not.
	if [[ $PEER == crun ]]; then
		mkdir "$FILE_TMP/cgroup"
		hide_unified "$FILE_TMP/cgroup"
	fi
	rootfs_new "$FILE_TMP/rootfs"
	if declare -F file_begins >/dev/null; then
		file_begins
	fi
}

teardown_file() {
	if declare -F file_ends >/dev/null; then
		file_ends
	fi
	if mountpoint -q "$BATS_FILE_TMPDIR"; then
		umount -l "$BATS_FILE_TMPDIR"
	else
		rm -rf --one-file-system "$FILE_TMP"
	fi
}

setup() {
	# bats notes each command before it runs; it need not for those of the words below, which a
	# failure then names by the line that called them. That is most of what a test costs.
	set +T
	exec </dev/null
	T=$FILE_TMP/$BATS_TEST_NUMBER
	STATE=$T/state
	ID=box
	NAME=$PREFIX-${FILE_TMP##*/}-$BATS_TEST_NUMBER
	CG=/$NAME
	mounts_read
	MOUNTS_BEFORE=("${MOUNTS[@]}")
	HELD=()
	exec {PAUSE}<>"$FILE_TMP/pause" {GATE}</dev/null
	bundle_new
	if declare -F test_begins >/dev/null; then
		test_begins
	fi
}

teardown() {
	local left

	boxes_delete
	if declare -F test_ends >/dev/null; then
		test_ends
	fi
	processes_end
	left=$(leftovers)
	if [[ -n $left ]]; then
		printf 'left behind:\n%s\n' "$left"
		cgroups_remove
		return 1
	fi
	umount_below "$T"
	rm -rf --one-file-system "$T"
}

# ------------------------------------------------------------------------------- idmapped mounts

can_map_tmpfs() { printf '6.3\n%s\n' "$(uname -r)" | sort -CV; }

# A directory DATA whose file system can be idmapped; data_done takes it away.
data_new() {
	DATA=$T/data
	can_map_tmpfs || DATA=/var/tmp/$NAME
	mkdir "$DATA"
}

data_done() { rm -rf --one-file-system "/var/tmp/$NAME"; }

# ------------------------------------------------------------------------------- what is left

# The points of all mounts, in the order they were made, into MOUNTS.
mounts_read() {
	mapfile -t MOUNTS </proc/self/mountinfo
	MOUNTS=("${MOUNTS[@]#* * * * }")
	MOUNTS=("${MOUNTS[@]%% *}")
}

mounts_left() {
	mounts_read
	[[ ${MOUNTS[*]} != "${MOUNTS_BEFORE[*]}" ]] || return 0
	comm -13 <(printf '%s\n' "${MOUNTS_BEFORE[@]}" | sort) \
		<(printf '%s\n' "${MOUNTS[@]}" | sort) | grep -vF "$T/own" | sed 's/^/mount /' || true
}

umount_below() {
	local n

	mounts_read
	for ((n = ${#MOUNTS[@]} - 1; n >= 0; n--)); do
		[[ ${MOUNTS[n]} != "$1"/* ]] || umount -l "$(printf '%b' "${MOUNTS[n]}")"
	done
}

boxes_delete() {
	local dir

	for dir in "$STATE"/*/; do
		[[ -d $dir ]] || continue
		dir=${dir%/}
		timeout 10 "$OCI" --root "$STATE" delete --force "${dir##*/}" >>"$T/delete" 2>&1 ||
			cat "$T/delete"
	done
}

# A process that the test started in the background, ended at the test's end.
hold() { HELD+=("$1"); }

processes_end() {
	local pid

	for pid in "${HELD[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

cgroups_left() {
	compgen -G "$CGROUPS/$NAME*" || true
	compgen -G "$CGROUPS/*/$NAME*" || true
	compgen -G "$CGROUPS/*/*/$NAME*" || true
}

cgroups_remove() {
	local dir pid

	cgroups_left | sort -r | while read -r dir; do
		[[ -e $dir/freezer.state ]] && echo THAWED >"$dir/freezer.state"
		while read -r pid; do
			kill -KILL "$pid" 2>/dev/null || true
		done < <(cat "$dir/cgroup.procs" 2>/dev/null)
		find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true
	done
}

# parent_remove NAME: the cgroup that a caller was given for its containers, in every hierarchy.
parent_remove() {
	local -a parents

	mapfile -t parents < <(find $CGROUPS -maxdepth 2 -type d -name "$1")
	((${#parents[@]})) || return 0
	find "${parents[@]}" -depth -type d -exec rmdir {} + 2>/dev/null
}

# Processes whose command line names this test's directory: the runtime's own.
processes_left() {
	local dir
	local -a words

	for dir in /proc/[0-9]*; do
		mapfile -d '' -t words 2>/dev/null <"$dir/cmdline" || continue
		[[ ${words[*]} != *"$T/"* ]] || is_ours "${dir#/proc/}" ||
			printf '%s %s\n' "${dir#/proc/}" "${words[*]}"
	done
} 2>/dev/null

is_ours() {
	local pid=$1 state ppid

	while ((pid > 1)); do
		((pid != BASHPID && pid != $$)) || return 0
		read -r state ppid < <(sed -E 's/.*\) (.) ([0-9]*).*/\1 \2/' \
			"/proc/$pid/stat" 2>/dev/null)
		[[ ${state:-Z} != Z ]] || return 0
		((${ppid:-0} != $$)) || return 0
		return 1
	done
}

has_no_cgroups() { [[ -z $(cgroups_left) ]]; }
has_no_processes() { [[ -z $(processes_left) ]]; }

leftovers() {
	local dir

	for dir in "$STATE"/*; do
		[[ ! -e $dir ]] || echo "state ${dir##*/}"
	done
	wait_until has_no_cgroups 2>/dev/null || cgroups_left | sed 's/^/cgroup /'
	wait_until has_no_processes 2>/dev/null || processes_left | sed 's/^/process /'
	mounts_left
}

# ------------------------------------------------------------------------------- bundles

rootfs_new() {
	local root=$1

	mkdir -p "$root"/{bin,etc,dev,proc,sys,tmp,run,root,home/user,var,mnt,usr/bin}
	chmod 1777 "$root/tmp"
	cp "$(command -v busybox)" "$root/bin/busybox"
	chroot "$root" /bin/busybox --install -s /bin
	cat >"$root/etc/passwd" <<-END
		root:x:0:0:root:/root:/bin/sh
		user:x:1000:1000:user:/home/user:/bin/sh
		other:x:1001:100:other:/nowhere:/bin/sh
	END
	cat >"$root/etc/group" <<-END
		root:x:0:
		users:x:100:user
		wheel:x:10:root,user
		user:x:1000:
	END
}

# A bundle at $1 (or $T/bundle): a copy of the rootfs, and the configuration that all tests change.
bundle_new() {
	local text

	BUNDLE=${1:-$T/bundle}
	ROOTFS=$BUNDLE/rootfs
	mkdir -p "$BUNDLE"
	cp -a "$FILE_TMP/rootfs" "$BUNDLE/rootfs"
	text=$(<"$TESTS/lib/config.json")
	printf '%s\n' "${text/@CGROUP@/$CG}" >"$BUNDLE/config.json"
}

# config FILTER [jq options]: change config.json.
config() {
	local filter=$1
	shift
	jq "$@" "$filter" "$BUNDLE/config.json" >"$BUNDLE/config.new"
	mv "$BUNDLE/config.new" "$BUNDLE/config.json"
}

# The arguments as a JSON array of strings.
strings() {
	local item separator=

	for item; do
		item=${item//\\/\\\\}
		item=${item//\"/\\\"}
		item=${item//$'\n'/\\n}
		printf '%s"%s"' "$separator" "${item//$'\t'/\\t}"
		separator=,
	done | sed '1s/^/[/; $s/$/]/'
	(($#)) || printf '[]'
}

# raw MEMBER TEXT: a value as it stands, which jq might not leave so. Must come after every config.
raw() {
	config "$1 = \"@RAW@\""
	local text
	text=$(<"$BUNDLE/config.json")
	printf '%s\n' "${text/\"@RAW@\"/$2}" >"$BUNDLE/config.json"
}

args() { config '.process.args = $args' --argjson args "$(strings "$@")"; }
sh_in_box() { args sh -c "$1"; }

# has_mount DESTINATION SOURCE TYPE [OPTION ...]: one more mount, the last.
add_mount() {
	local destination=$1 source=$2 type=$3
	shift 3
	config '.mounts += [{destination: $d, source: $s, type: $t, options: $o}]' \
		--arg d "$destination" --arg s "$source" --arg t "$type" --argjson o \
			"$(strings "$@")"
}

# drop_mount DESTINATION ...: without these mounts.
drop_mount() {
	config '.mounts |= map(select(.destination | IN($all[]) |
		not))' --argjson all "$(strings "$@")"
}

add_ns() { config '.linux.namespaces += [{type: $t}]' --arg t "$1"; }
drop_ns() { config '.linux.namespaces |= map(select(.type != $t))' --arg t "$1"; }
join_ns() {
	drop_ns "$1"
	config '.linux.namespaces += [{type: $t, path: $p}]' --arg t "$1" --arg p "$2"
}

# The container's root is $1 on the host (100000), with 65536 ids.
map_ids() {
	local from=${1:-100000}

	add_ns user
	config '.linux.uidMappings = [{containerID: 0, hostID: $from, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings' --argjson from "$from"
	chown -Rh "$from:$from" "$ROOTFS"
}

# ------------------------------------------------------------------------------- what it needs

# For a test that kills a program at a call, or has the call fail.
needs_strace() {
	command -v strace >/dev/null || skip 'needs strace'
	strace -o /dev/null true 2>/dev/null || skip 'needs ptrace'
	[[ ! -v TARE_TEST_SANITIZED ]] || skip 'needs a program without sanitizers'
}

# ------------------------------------------------------------------------------- calling it

runtime() {
	timeout --foreground --kill-after=5 "${LIMIT:-20}" "$OCI" --root "$STATE" "$@" 3>&- \
		{PAUSE}>&- {GATE}>&-
}

# Like bats' run, but a process that stays behind may keep the output open.
# shellcheck disable=SC2034 # tests read $status and $lines
try() {
	# Who still writes to the last one goes on with that, unseen.
	rm -f "$T/output"
	status=0
	"$@" >"$T/output" 2>&1 || status=$?
	output=$(tr -d '\000' <"$T/output")
	mapfile -t lines <<<"$output"
}

ok() {
	try "$@"
	((status == 0)) || { echo "exit status $status: $*" && echo "$output" && return 1; }
}

fails() {
	try "$@"
	((status != 0)) || { echo "succeeded: $*" && echo "$output" && return 1; }
	# A time-out or a death is no refusal.
	((status != 124 && (status < 128 || status > 192))) || {
		echo "exit status $status: $*" && echo "$output" && return 1
	}
}

# exits STATUS COMMAND ...
exits() {
	local expected=$1
	shift
	try "$@"
	((status == expected)) || {
		echo "exit status $status, not $expected: $*" && echo "$output" && return 1
	}
}

box() {
	[[ $# -eq 0 ]] || sh_in_box "$1"
	ok run_box
}

run_box() { runtime run --bundle "$BUNDLE" "$@" "$ID"; }
create_box() { runtime create --bundle "$BUNDLE" "$@" "${NEW_ID:-$ID}"; }

# A container that runs until it is told to end; SCRIPT before that.
start_box() {
	sh_in_box "${1:-:}
		trap 'exit 0' TERM
		echo started
		while :; do sleep 1000 & wait \$!; done"
	ok create_box --pid-file "$T/pid"
	CREATED=$T/created
	cp "$T/output" "$CREATED"
	runtime start "$ID" >>"$T/start" 2>&1
	PID=$(<"$T/pid")
}

refused() {
	local pattern=$1
	shift
	fails "$@" || return 1
	like "$pattern" || return 1
	[[ ! -e $STATE/$ID ]] || { echo "state of $ID is left" && return 1; }
	has_no_cgroups || { echo 'left:' && cgroups_left && return 1; }
}

# refused_config PATTERN: create refuses $BUNDLE.
refused_config() {
	refused "$1" create_box || return 1
	[[ -n $PEER ]] || ((status == 1)) || { echo "exit status $status, not 1" && return 1; }
}

ended() { [[ ! -e /proc/$1 ]]; }
is_stopped() { [[ $(runtime state "$ID" | jq -r .status) == stopped ]]; }
status_of() { runtime state "${1:-$ID}" | jq -r .status; }
exec_in() { runtime exec "$ID" "$@"; }

# A fifo /gate in the rootfs: what reads a line of it waits until gate_open. Nobody waits for a
# reader that died.
gate_new() {
	mkfifo "$ROOTFS/gate"
	exec {GATE}<>"$ROOTFS/gate"
}
gate_open() { echo >&"$GATE"; }

# ------------------------------------------------------------------------------- judging

# is EXPECTED [VALUE]: $output, or VALUE.
is() {
	local value=${2-$output}

	[[ $value == "$1" ]] || {
		printf 'expected: %s\nseen:     %s\n' "$1" "$value"
		return 1
	}
}

like() {
	local value=${2-$output}

	[[ $value =~ $1 ]] || {
		printf 'expected like: %s\nseen:          %s\n' "$1" "$value"
		return 1
	}
}

unlike() {
	local value=${2-$output}

	[[ ! $value =~ $1 ]] || {
		printf 'not expected: %s\nseen:         %s\n' "$1" "$value"
		return 1
	}
}

# wait_until COMMAND ...: five seconds at most.
wait_until() {
	local tries=0

	until "$@"; do
		((++tries < 250)) || { echo "in vain: $*" >&2 && return 1; }
		read -rt 0.02 <&"$PAUSE" || true
	done
}

# ------------------------------------------------------------------------------- needs

needs_cap() {
	capsh_has "$1" || skip "needs the capability $2"
}

capsh_has() {
	local effective
	effective=$(awk '/^CapEff/ { print $2 }' /proc/self/status)
	(((16#$effective >> $1) & 1))
}

needs_file() { [[ -e $1 ]] || skip "needs $1"; }

# no_peer NAME WHY: the named peer lacks this; nothing is proven with it.
no_peer() {
	[[ $PEER != "$1" ]] || skip "$1 lacks it${2:+: $2}"
}
no_peers() {
	[[ -z $PEER ]] || skip "peers lack it${1:+: $1}"
}

# A program of tests/lib, compiled once for the file, or long before where there is no compiler.
tool() {
	local program=$TESTS/lib/$1

	[[ -x $program ]] || program=$FILE_TMP/$1
	[[ -x $program ]] || compile_tool "$TESTS/lib/$1.c" "$program" >&2
	echo "$program"
}

# What tare must say; a peer may say anything.
says() { if [[ -n $PEER ]]; then echo .; else echo "$1"; fi; }
