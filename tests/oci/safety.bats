#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A hostile rootfs, and a runtime that is killed: nothing of the host is touched, nothing is left.
# The names R1 ... are the rules of docs/security.md.

load ../lib/oci

# A directory of the host that a hostile rootfs would like to change; `unchanged` looks at it.
test_begins() {
	VICTIM=$T/victim
	mkdir -p "$VICTIM/dir"
	echo secret >"$VICTIM/secret"
	chmod 640 "$VICTIM/secret"
	ln -s secret "$VICTIM/link"
	LOOK=$(look)
}

look() { find "$VICTIM" -printf '%P %y %m %U %G %s %l %T@\n' | sort; }
unchanged() { is "$LOOK" "$(look)"; }

# ------------------------------------------------------------------------------- R1: paths

@test "R1: /dev of the rootfs is a symlink to a directory of the host" {
	rmdir "$ROOTFS/dev"
	ln -s "$VICTIM" "$ROOTFS/dev"
	try run_box
	unchanged
	drop_mount /dev /dev/pts /dev/shm
	try run_box
	unchanged
}

@test "R1: /dev is a symlink by ../.." {
	rmdir "$ROOTFS/dev"
	ln -s ../../victim "$ROOTFS/dev"
	drop_mount /dev /dev/pts /dev/shm
	config '.linux.devices = [{path: "/dev/mine", type: "c", major: 1, minor: 3,
		fileMode: 438}]'
	try run_box
	unchanged
}

@test "R1: /dev/pts, /dev/shm and /dev/ptmx are symlinks" {
	drop_mount /dev
	ln -s "$VICTIM/dir" "$ROOTFS/dev/pts"
	ln -s "$VICTIM/dir" "$ROOTFS/dev/shm"
	ln -s "$VICTIM/secret" "$ROOTFS/dev/ptmx"
	ln -s "$VICTIM/secret" "$ROOTFS/dev/null"
	ln -s "$VICTIM/new" "$ROOTFS/dev/zero"
	ln -s "$VICTIM/secret" "$ROOTFS/dev/console"
	try run_box
	unchanged
}

@test "R1: /proc and /sys of the rootfs are symlinks" {
	rmdir "$ROOTFS/proc" "$ROOTFS/sys"
	ln -s "$VICTIM" "$ROOTFS/proc"
	ln -s "$VICTIM/dir" "$ROOTFS/sys"
	add_mount /sys sysfs sysfs ro
	sh_in_box 'grep -c . /proc/self/status'
	try run_box
	unchanged
}

@test "R1: mount destinations through every kind of link" {
	mkdir -p "$ROOTFS/a/b"
	ln -s "$VICTIM" "$ROOTFS/a/absolute"
	ln -s ../../../../../../../../../../..$VICTIM "$ROOTFS/a/relative"
	ln -s a/absolute "$ROOTFS/twice"
	ln -s loop "$ROOTFS/loop"
	for destination in /a/absolute /a/absolute/new /a/relative/dir /twice/dir/x /twice/secret \
		/a/../../../../..$VICTIM/dir /a/b/../absolute/../new /loop/x; do
		for source in tmpfs "$T"; do
			cp "$BUNDLE/config.json" "$T/before.json"
			case $source in
			tmpfs) add_mount "$destination" tmpfs tmpfs ;;
			*) add_mount "$destination" "$source" bind bind ;;
			esac
			try run_box
			mv "$T/before.json" "$BUNDLE/config.json"
			unchanged
			[[ ! -e $VICTIM/new ]]
		done
	done
}

@test "R1: magic links of /proc are not followed" {
	ln -s /proc/self/root/etc "$ROOTFS/magic"
	ln -s /proc/1/root "$ROOTFS/host"
	add_mount "/host$VICTIM/new" tmpfs tmpfs
	try run_box
	unchanged
	drop_mount "/host$VICTIM/new"
	for destination in "/proc/1/root$VICTIM/dir" "/proc/self/cwd/$VICTIM/dir" /proc/self/fd/3 \
		/proc/self/exe; do
		add_mount "$destination" tmpfs tmpfs
		try run_box
		unchanged
		drop_mount "$destination"
	done
}

@test "R1: mounts over the inside of /proc are refused or harmless" {
	add_mount /proc/sys/kernel tmpfs tmpfs
	try run_box
	unchanged
}

@test "R1: masked and read-only paths through links touch nothing outside" {
	ln -s "$VICTIM" "$ROOTFS/link"
	config '.linux.maskedPaths = ["/link/secret", "/link/dir", "/link"]
		| .linux.readonlyPaths = ["/link/secret", "/link"]'
	try run_box
	unchanged
	echo again >"$VICTIM/secret"
}

@test "R1: devices through links touch nothing outside" {
	ln -s "$VICTIM" "$ROOTFS/opt"
	config '.linux.devices = [{path: "/opt/dir/null", type: "c", major: 1, minor: 3,
		fileMode: 438},
		{path: "/opt/secret", type: "c", major: 1, minor: 3, fileMode: 511, uid: 7}]'
	try run_box
	unchanged
}

@test "R1: cwd through a link is below the root" {
	ln -s "$VICTIM" "$ROOTFS/link"
	config '.process.cwd = "/link"'
	sh_in_box 'ls; cat secret'
	try run_box
	unlike 'secret$'
	unchanged
	config '.process.cwd = "/link/new/deep"'
	try run_box
	unchanged
}

@test "R1: /etc/passwd and /etc/group through links are not read for HOME or exec" {
	echo 'root:x:0:0:root:/from/host:/bin/sh' >"$VICTIM/passwd"
	LOOK=$(look)
	rm "$ROOTFS/etc/passwd"
	ln -s "$VICTIM/passwd" "$ROOTFS/etc/passwd"
	sh_in_box 'echo $HOME'
	try run_box
	unlike from/host
}

@test "R1: a rootfs whose directories are swapped for links while containers start" {
	mkdir "$ROOTFS/swap" "$T/other"
	(
		set +e
		while [[ ! -e $T/stop ]]; do
			mv -T "$ROOTFS/swap" "$ROOTFS/kept" && ln -s "$VICTIM" "$ROOTFS/swap"
			rm -f "$ROOTFS/swap" && mv -T "$ROOTFS/kept" "$ROOTFS/swap"
		done
	) 3>&- 2>/dev/null &
	local swapper=$!
	add_mount /swap/new tmpfs tmpfs
	add_mount /swap/dir "$T/other" bind bind
	for _ in {1..15}; do
		try run_box
	done
	: >"$T/stop"
	wait $swapper || true
	unchanged
}

# ------------------------------------------------------------------------------- R4: sources

@test "R4: /dev/null of the rootfs is a symlink: masks still hide" {
	drop_mount /dev /dev/pts /dev/shm
	ln -s /etc/passwd "$ROOTFS/dev/null"
	echo secret >"$ROOTFS/secret"
	config '.linux.maskedPaths = ["/secret", "/proc/version"]'
	sh_in_box 'cat /secret /proc/version; echo end'
	try run_box
	unlike 'secret|Linux version|root:x'
}

@test "R4: /dev/null of the rootfs is a regular file, or another device" {
	drop_mount /dev /dev/pts /dev/shm
	echo content >"$ROOTFS/dev/null"
	echo secret >"$ROOTFS/secret"
	config '.linux.maskedPaths = ["/secret"]'
	sh_in_box 'cat /secret; echo end'
	try run_box
	unlike 'secret|content'
}

@test "R4: /dev/pts of the rootfs is a symlink: the console is still the terminal" {
	no_peers
	ln -s /proc "$ROOTFS/dev/pts"
	ln -s "$VICTIM/secret" "$ROOTFS/dev/console"
	drop_mount /dev /dev/pts /dev/shm
	config '.process.terminal = true'
	receiver=$(tool recvtty)
	"$receiver" "$T/console.sock" >"$T/tty" 2>/dev/null 3>&- &
	hold $!
	wait_until test -S "$T/console.sock"
	try create_box --console-socket "$T/console.sock"
	((status != 0)) || runtime start "$ID"
	unchanged
}

# ------------------------------------------------------------------------------- R5: our program

@test "R5: an entry point #!/proc/self/exe can't write to the runtime's program" {
	cp "$OCI" "$T/own-runtime"
	sum=$(sha256sum <"$T/own-runtime")
	printf '#!/proc/self/exe\n' >"$ROOTFS/bin/trap"
	chmod 755 "$ROOTFS/bin/trap"
	args /bin/trap
	OCI=$T/own-runtime LIMIT=5 try run_box
	is "$sum" "$(sha256sum <"$T/own-runtime")"
}

@test "R5: no process inside can open the runtime's program for writing" {
	cp "$OCI" "$T/own-runtime"
	OCI=$T/own-runtime
	sum=$(sha256sum <"$OCI")
	config '.process.capabilities[] += ["CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE"]'
	start_box 'while :; do for exe in /proc/[0-9]*/exe; do
			case $(readlink $exe) in /bin/*) continue ;; esac
			( echo broken >$exe ) 2>/dev/null && echo written >>/written
		done; done & '
	for _ in {1..20}; do
		runtime exec "$ID" true
	done
	[[ ! -e $ROOTFS/written ]]
	is "$sum" "$(sha256sum <"$OCI")"
}

@test "R5: an exec of #!/proc/self/exe can't write to the runtime's program" {
	cp "$OCI" "$T/own-runtime"
	OCI=$T/own-runtime
	sum=$(sha256sum <"$OCI")
	printf '#!/proc/self/exe\n' >"$ROOTFS/bin/trap"
	chmod 755 "$ROOTFS/bin/trap"
	start_box
	LIMIT=5 try exec_in /bin/trap
	LIMIT=5 try exec_in /proc/self/exe
	is "$sum" "$(sha256sum <"$OCI")"
}

# ------------------------------------------------------------------------------- R6, R7

@test "R6: a caller's open descriptors are not in the container, whatever their number" {
	args ls -l /proc/self/fd
	exec 7<"$VICTIM" 50</etc/passwd 200<"$VICTIM/secret"
	ok run_box
	exec 7<&- 50<&- 200<&-
	unlike 'victim|passwd'
}

@test "R6: closed stdin, stdout or stderr is not taken by a descriptor of the runtime" {
	sh_in_box 'ls -l /proc/self/fd >/list 2>/dev/null; exit 0'
	"$OCI" --root "$STATE" run --bundle "$BUNDLE" "$ID" <&- >&- 2>&- 3>&- || true
	if [[ -e $ROOTFS/list ]]; then
		unlike 'state|config|cgroup|bundle|socket' "$(cat "$ROOTFS/list")"
	fi
}

@test "R7: exec in a container whose cwd was removed does not end up outside" {
	config '.process.cwd = "/gone"'
	start_box
	rmdir "$ROOTFS/gone" || true
	try exec_in sh -c 'pwd; ls'
	unlike 'unreachable|config\.json'
}

@test "R12: an id cannot be a link in the state directory" {
	mkdir -p "$STATE"
	ln -s "$VICTIM" "$STATE/evil"
	for verb in 'state' 'start' 'delete --force' 'kill'; do
		# shellcheck disable=SC2086
		try runtime $verb evil
	done
	NEW_ID=evil try create_box
	rm -f "$STATE/evil"
	unchanged
}

@test "R12: the state directory is for root only" {
	start_box
	is 700 "$(stat -c %a "$STATE/$ID")"
	like '^7[01][01]$' "$(stat -c %a "$STATE")"
}

@test "R12: a state directory that others can write to is refused" {
	no_peers 'they trust it'
	mkdir "$STATE"
	chmod 777 "$STATE"
	refused 'can be written to by others' create_box
	for verb in state start kill 'delete --force'; do
		# shellcheck disable=SC2086
		fails runtime $verb "$ID"
		like 'can be written to by others'
	done
	chmod 711 "$STATE"
	chown 1000 "$STATE"
	refused 'belongs to another user' create_box
	chown 0 "$STATE"
	ok create_box
}

# ------------------------------------------------------------------------------- R13: kill -9

# killed_at SYSCALL AT VERB [ARG ...]: the runtime is killed at the AT-th of its SYSCALLs; then
# delete --force leaves nothing, and the name is free. With OF=-f a child's count as well; that is
# for `run`, since strace waits for whom it follows.
killed_at() {
	local call=$1 at=$2
	shift 2

	# shellcheck disable=SC2086
	try timeout 10 strace ${OF-} -qq -o "$T/trace" -e trace="$call" \
		-e inject="$call:signal=KILL:when=$at" "$OCI" --root "$STATE" "$@"
	runtime delete --force "$ID" >"$T/delete" 2>&1 || {
		cat "$T/delete"
		return 1
	}
	[[ -z $(leftovers) ]] || {
		echo "killed at $call $at:" && leftovers && return 1
	}
}

needs_inside() {
	needs_strace
	no_peers 'both leave something'
}

@test "R13: create killed while it makes the state: delete --force leaves nothing" {
	needs_inside
	for point in mkdirat:1 mkdirat:2 openat:10 openat:20 openat:40 write:1 write:2 \
		renameat:1; do
		killed_at "${point%:*}" "${point#*:}" create --bundle "$BUNDLE" "$ID"
	done
}

@test "R13: create killed around the fork: delete --force leaves nothing" {
	needs_inside
	for point in clone3:1 sendmsg:1 sendmsg:2 recvmsg:1 recvmsg:2 recvmsg:3 \
		pidfd_send_signal:1 \
		sendto:1 recvfrom:1; do
		killed_at "${point%:*}" "${point#*:}" create --bundle "$BUNDLE" "$ID"
	done
}

@test "R13: create killed while the child sets up: delete --force leaves nothing" {
	needs_inside
	for point in move_mount:1 move_mount:5 pivot_root:1 fsmount:1 mount_setattr:1 umount2:1 \
		prctl:1 unshare:1; do
		OF=-f killed_at "${point%:*}" "${point#*:}" run --bundle "$BUNDLE" "$ID"
	done
}

@test "R13: start, exec and delete killed: delete --force leaves nothing" {
	needs_inside
	for point in connect:1 openat:3 openat:6 read:3; do
		start_box_quietly
		killed_at "${point%:*}" "${point#*:}" exec "$ID" true
	done
	for point in openat:3 unlinkat:1 unlinkat:2 unlinkat:4 pidfd_send_signal:1; do
		start_box_quietly
		killed_at "${point%:*}" "${point#*:}" delete --force "$ID"
	done
}

start_box_quietly() {
	args sleep 1000
	ok run_box --detach
}

# failing SYSCALL:AT ERRNO VERB [ARG ...]: the runtime's AT-th SYSCALL, or its child's, fails.
failing() {
	local call=${1%:*} at=${1#*:} no=$2
	shift 2

	fails timeout --kill-after=1 10 strace -f -qq -o "$T/trace" -e trace="$call" \
		-e inject="$call:error=$no:when=$at" "$OCI" --root "$STATE" "$@" || return 1
	[[ -n $output ]] || { echo "no word about $call $at" && return 1; }
}

@test "a system call that fails is an error with words, and run leaves nothing" {
	needs_inside
	sh_in_box 'exec sleep 1000'
	for point in clone3:1 socketpair:1 open_tree:1 move_mount:2 fsmount:1 openat2:3 mkdirat:2 \
		renameat:1 pivot_root:1 setgroups:1 setresuid:1 capset:1 signalfd4:1; do
		failing "$point" ENOMEM run --bundle "$BUNDLE" "$ID"
		[[ -z $(leftovers) ]] || { echo "failing $point:" && leftovers && return 1; }
	done
}

@test "exec that fails ends its command" {
	needs_inside
	start_box
	for point in clone3:1 setns:1 setresuid:1 capset:1 signalfd4:1; do
		failing "$point" ENOMEM exec "$ID" sleep 77
		ok runtime ps --format json "$ID"
		unlike ,.*,
	done
}

@test "R13: run killed: the container is found and removed" {
	args sleep 1000
	"$OCI" --root "$STATE" run --bundle "$BUNDLE" --pid-file "$T/pid" "$ID" 3>&- >"$T/out" \
		2>&1 &
	local run=$!
	wait_until test -s "$T/pid"
	kill -KILL $run
	wait $run || true
	ok runtime delete --force "$ID"
	wait_until ended "$(<"$T/pid")"
}

# bats test_tags=guest_systemd
@test "a fork bomb, killed by delete --force" {
	needs_controller pids
	config '.linux.resources.pids.limit = 60'
	start_box 'bomb() { bomb | bomb & }; bomb 2>/dev/null; '
	full() { (($(cg pids pids.current) > 30)); }
	wait_until full || true
	LIMIT=15 ok runtime delete --force "$ID"
	wait_until has_no_cgroups
}
