#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The seccomp profile that every container has: what it refuses and what it leaves alone.
#
# A refusal proves something only if the kernel itself would have said something else. So what is
# refused here is tried without the profile as well: `attempt` makes such calls, one a line.

load ../lib/tare

tare_test_begins() {
	[[ $(uname -m) == x86_64 ]] || skip 'needs an x86_64 machine'
}

# attempts [OPTION ...] [-- NAME ...]: in a container with these options.
attempts() {
	local -a options=()

	while (($#)) && [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	run --rm -v "$(tool "${ATTEMPT:-attempt}"):/attempt:ro" "${options[@]}" /attempt "${@:2}"
}

# That all were refused, and that none is without the profile.
all_are_refused() {
	attempts >"$T/with"
	attempts --security-opt seccomp=unconfined >"$T/without"
	is 25 "$(wc -l <"$T/with")"
	is $'clone3 ENOSYS\nfile_getattr ENOSYS' "$(grep -v ' EPERM$' "$T/with")"
	is "$(cut -d ' ' -f 1 "$T/with")" "$(cut -d ' ' -f 1 "$T/without")"
	fails grep -E ' (EPERM|ENOSYS)$' "$T/without"
}

@test "what is refused: EPERM, and ENOSYS where programs know how to go on" {
	all_are_refused
}

@test "32-bit programs are refused the same" {
	ATTEMPT=attempt32 all_are_refused
	cp "$(tool mkdir32)" "$FILE_TMP/rootfs/mkdir32"
	box_says x -- '/mkdir32 && ls -d x'
}

@test "there is one filter, whoever runs" {
	local -a question=(awk '/^Seccomp/ { printf "%s ", $2 }' /proc/self/status)

	is '2 1 ' "$(run --rm "${question[@]}")"
	is '2 1 ' "$(run --rm -u user "${question[@]}")"
	is '2 1 ' "$(run --rm --security-opt no-new-privileges "${question[@]}")"
	is '2 1 ' "$(run --rm --cap-drop ALL "${question[@]}")"
	is '2 1 ' "$(run --rm --cap-add ALL --userns host "${question[@]}")"
	is '2 1 ' "$(TARE_LIBEXEC=${TARE%/*} run --rm --init "${question[@]}")"
}

@test "--security-opt seccomp=unconfined and --privileged: none" {
	is 'keyctl EPERM' "$(attempts -- keyctl)"
	is 'keyctl EPERM' "$(attempts --security-opt seccomp=builtin -- keyctl)"
	is 'keyctl ok' "$(attempts --security-opt seccomp=unconfined -- keyctl)"
	is 'keyctl ok' "$(attempts --privileged -- keyctl)"
	is 'keyctl EPERM' "$(attempts --privileged --security-opt seccomp=builtin -- keyctl)"
}

@test "--security-opt seccomp=FILE takes its place" {
	cat >"$T/profile" <<-'END'
		{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
			{ "names": ["unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95 } ] }
	END
	is $'unshare EOPNOTSUPP\nkeyctl ok' \
		"$(attempts --security-opt "seccomp=$T/profile" -- unshare keyctl)"
}

@test "the profile as a document does the same" {
	local document=${TARE%/*}/seccomp.json

	[[ -e $document ]] || skip 'the document is not beside the program'
	attempts >"$T/built-in"
	attempts --security-opt "seccomp=$document" >"$T/document"
	# There, what arguments decide is unknown where no rule lets it pass: profile/make_document.c.
	is "$(sed -E 's/^(clone|personality|AF_[A-Z]*) EPERM/\1 ENOSYS/' "$T/built-in")" \
		"$(<"$T/document")"
}

@test "a capability opens the calls that go with it, and no others" {
	is $'unshare ok\nclone ok\nclone3 EINVAL\nsetns EBADF\nmount EFAULT\nkeyctl EPERM\nkcmp EPERM' \
		"$(attempts --cap-add SYS_ADMIN -- unshare clone clone3 setns mount keyctl kcmp)"
	is $'unshare EPERM\nkcmp EINVAL\npidfd_getfd EBADF\nprocess_madvise EBADF' \
		"$(attempts --cap-add SYS_PTRACE -- unshare kcmp pidfd_getfd process_madvise)"
	is $'kcmp EPERM\nset_mempolicy ok' "$(attempts --cap-add SYS_NICE -- kcmp set_mempolicy)"
	is 'perf_event_open EFAULT' "$(attempts --cap-add PERFMON -- perf_event_open)"
	is 'open_by_handle_at EFAULT' "$(attempts --cap-add DAC_READ_SEARCH -- open_by_handle_at)"
	box_says 'ok' -- 'chroot / echo ok'
	fails run --rm --cap-drop SYS_CHROOT --cap-add SYS_ADMIN chroot / true
	like 'Operation not permitted'
}

@test "exec: the filter that the container was started with" {
	local -a bind=(-v "$(tool attempt):/attempt:ro")

	begin box "${bind[@]}"
	is 'keyctl EPERM' "$(tare exec box /attempt keyctl)"
	is $'unshare EPERM\nkeyctl EPERM' "$(tare exec --privileged box /attempt unshare keyctl)"
	is 'keyctl EPERM' "$("$OCI" --root "$STATE/run" exec "$CID" /attempt keyctl)"
	begin more "${bind[@]}" --cap-add SYS_ADMIN
	is $'unshare ok\nkeyctl EPERM' "$(tare exec more /attempt unshare keyctl)"
	begin open "${bind[@]}" --security-opt seccomp=unconfined
	is 'keyctl ok' "$(tare exec open /attempt keyctl)"
}

# ------------------------------------------------------------------------------- what goes on

# works SCRIPT: by the host's programs, in a view of the host, as it does without the profile.
works() {
	local -a words=(run --rm --network none --rootfs /)

	ok tare "${words[@]}" --security-opt seccomp=unconfined sh -c "$1"
	printf '%s\n' "$output" >"$T/without"
	ok tare "${words[@]}" sh -c "$1"
	is "$(<"$T/without")"
}

@test "threads, though clone3 is not there" {
	works 'python3 -c "
import threading
threads = [threading.Thread(target=print, args=(i,)) for i in range(8)]
for t in threads: t.start(); t.join()"'
	is 8 "${#lines[@]}"
}

@test "processes, pipes, sockets, queues, time, files" {
	works 'python3 -c "
import asyncio, multiprocessing, os, select, signal, socket, sqlite3, subprocess, tempfile, time
print(multiprocessing.Pool(2).map(abs, [-1, -2]))
print(subprocess.run([\"echo\", \"sub\"], capture_output=True).stdout)
a, b = socket.socketpair(); a.send(b\"x\"); print(b.recv(1))
s = socket.create_server((\"127.0.0.1\", 0)); c = socket.create_connection(s.getsockname()); print(c.fileno() > 0)
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0))
print(asyncio.run(asyncio.sleep(0, \"async\")))
e = select.epoll(); e.register(b, 1); print(e.poll(0))
db = sqlite3.connect(tempfile.mktemp()); print(db.execute(\"select 1\").fetchall())
os.setpriority(0, 0, 5); print(os.sched_getaffinity(0) != set(), os.getpriority(0, 0))
signal.setitimer(signal.ITIMER_REAL, 100); os.memfd_create(\"x\"); os.mkfifo(tempfile.mktemp())
print(os.posix_fallocate(os.open(tempfile.mktemp(), os.O_CREAT | os.O_RDWR), 0, 9))"'
}

@test "packages, archives, compilers" {
	works 'dpkg-query -W bash coreutils && apt-cache policy bash | head -3 && apt-get -s remove bats | tail -2'
	works 'cd "$(mktemp -d)" && echo "int main() { return 7; }" >x.c && gcc -o x x.c; ./x; echo $?
		tar -cf x.tar x x.c && gzip x.tar && xz x.c && tar -tzf x.tar.gz; install -o 1 -g 2 x y && stat -c %u:%g y'
}

@test "debuggers trace what is theirs" {
	works 'strace -o /tmp/log true && grep -c execve /tmp/log'
	works 'gdb -q -batch -iex "set startup-with-shell off" -iex "set disable-randomization off" \
		-ex "break main" -ex run -ex kill /bin/busybox 2>&1 | grep -c "Inferior 1"'
}

@test "ping answers as it does without the profile" {
	works 'ping -c 1 -w 2 127.0.0.1 2>&1 | grep -E "transmitted|permitted" | cut -d , -f 1-3; :'
}

@test "su, login's audit and setuid programs" {
	works 'su -s /bin/sh daemon -c "id -un"; setpriv --reuid 1 --regid 1 --clear-groups id -u'
}

@test "busybox, applet by applet" {
	works 'cd "$(mktemp -d)" && for applet in $(busybox --list | grep -vE "^(init|linuxrc|sh|ash|hush|reboot|poweroff|halt)$"); do
		busybox timeout 2 busybox $applet --help >out 2>&1 </dev/null; echo $applet $?; done'
	(("${#lines[@]}" > 200))
}

@test "info says so" {
	ok tare info
	like $'\nsecurity +seccomp \\(builtin\\)'
	ok tare info --json
	is builtin "$(jq -r .security.seccompProfile <<<"$output")"
}
