#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What the options of a container make of it.

load ../lib/tare

# ------------------------------------------------------------------------------- process

@test "-e and --env-file: the last of a name counts, a word alone is ours" {
	printf '# a comment\nFROM_FILE=1\nBOTH=file\n\nOURS\nSPACED= a b \n' >"$T/env"
	export OURS=ours-indeed
	box_says 'ours-indeed 1 option < a b > ' -e BOTH=one -e BOTH=option --env-file "$T/env" \
		-e NOT_SET_ANYWHERE -- \
		'echo "$OURS $FROM_FILE $BOTH <$SPACED> ${NOT_SET_ANYWHERE-}"'
	exits 125 run --env-file "$T/missing" true
	like "--env-file '.*missing'"
}

@test "the environment that everybody has, and no other" {
	export SECRET=word
	box_says $'HOME\nHOSTNAME\nPATH' -- 'env | cut -d = -f 1 | grep -v -e PWD -e SHLVL | sort'
	box_says /home/user -u user -- 'echo $HOME'
	box_says /own -e HOME=/own -- 'echo $HOME'
	is xterm "$(run --rm -t sh -c 'echo $TERM' | tr -d '\r')"
}

@test "-w: the working directory, made if it is missing" {
	own_rootfs
	box_says /tmp -w /tmp -- pwd
	box_says /new/deep -w /new/deep -- pwd
	[[ -d $ROOTFS/new/deep ]]
	box_says / -- pwd
}

@test "-u: names and numbers, of the container's own passwd" {
	box_says '1000 1000 10 1000' -u user -- 'echo $(id -u) $(id -g) $(id -G | tr " " "\n" | sort -n |
		grep -v "^100$")'
	box_says '1000 100' -u user:users -- 'echo $(id -u) $(id -g)'
	box_says '4321 0' -u 4321 -- 'echo $(id -u) $(id -g)'
	box_says '7 8 8' -u 7:8 -- 'echo $(id -u) $(id -g) $(id -G)'
	box_says '0 0' -- 'echo $(id -u) $(id -g)'
	exits 125 run --rm -u daemon-of-the-host true
	like "--user 'daemon-of-the-host'"
}

@test "--entrypoint comes before the command" {
	ok run --rm --entrypoint echo one two
	is 'one two'
	ok run --rm --entrypoint '' echo three
	is three
	ok run --rm --entrypoint pwd
	is /
}

@test "-h: the name of the machine, or the beginning of the id" {
	box_says 'box.example box.example' -h box.example -- 'echo $(hostname) $HOSTNAME'
	begin box
	is "${CID:0:12}" "$(tare exec box hostname)"
	exits 125 run -h 'a b' true
	exits 125 run -h "$(printf 'h%.0s' {1..65})" true
	is "$(hostname)" "$(run --rm --network host hostname)"
}

@test "the first process is number 1, in namespaces of its own" {
	box_says 1 -- 'echo $$'
	begin box
	for ns in mnt ipc uts cgroup pid net user; do
		[[ $(readlink "/proc/$PID/ns/$ns") != $(readlink "/proc/self/ns/$ns") ]]
	done
}

# ------------------------------------------------------------------------------- root and mounts

@test "the root filesystem is the directory itself" {
	own_rootfs
	box_says '' -- 'echo text >/root/new'
	is text "$(<"$ROOTFS/root/new")"
}

@test "--read-only" {
	own_rootfs
	ok run --rm --read-only sh -c '(echo >/new) 2>/dev/null || echo refused; echo >/dev/shm/x'
	is refused
	[[ ! -e $ROOTFS/new ]]
	box_says written --read-only --tmpfs /tmp -- 'echo written >/tmp/x; cat /tmp/x'
}

@test "--tmpfs and its options" {
	box_says '1777 tmpfs' --tmpfs /mnt -- 'echo $(stat -c %a /mnt) $(stat -fc %T /mnt)'
	box_says '700 1024' --tmpfs /mnt:size=1m,mode=700 -- \
		'echo $(stat -c %a /mnt) $(df -k /mnt | awk "END { print \$2 }")'
	ok run --rm --tmpfs /mnt sh -c 'grep " /mnt " /proc/mounts'
	like 'nosuid,nodev,noexec'
	box_says yes --tmpfs /mnt:exec -- \
		'cp /bin/busybox /mnt/echo && /mnt/echo yes'
	exits 125 run --tmpfs mnt true
}

@test "-v: a directory, both ways" {
	mkdir "$T/data"
	echo host >"$T/data/one"
	box_says host -v "$T/data:/mnt" -- 'cat /mnt/one; echo box >/mnt/two'
	is box "$(<"$T/data/two")"
	box_says refused -v "$T/data:/mnt:ro" -- '(echo >/mnt/three) 2>/dev/null || echo refused'
	[[ ! -e $T/data/three ]]
}

@test "-v: what is mounted below is read-only too" {
	mkdir -p "$T/own/below"
	mount -t tmpfs tare-test "$T/own/below"
	box_says refused -v "$T/own:/mnt:ro" -- '(echo >/mnt/below/x) 2>/dev/null || echo refused'
	umount "$T/own/below"
}

@test "-v: a source that is missing is made, --mount refuses it" {
	box_says '' -v "$T/made/deep:/mnt" -- 'ls /mnt'
	[[ -d $T/made/deep ]]
	exits 125 run --mount "type=bind,src=$T/missing,dst=/mnt" true
	like "$T/missing"
	[[ ! -e $T/missing ]]
	nothing_left
}

@test "-v: a file, and a target that is missing" {
	own_rootfs
	echo text >"$T/file"
	box_says text -v "$T/file:/etc/new/file:ro" -- 'cat /etc/new/file'
	box_says text -v "$T/file:/etc/passwd" -- 'cat /etc/passwd'
	like '^root' "$(<"$ROOTFS/etc/passwd")"
}

@test "-v: relative to where we are" {
	mkdir "$T/here"
	echo text >"$T/here/file"
	cd "$T/here"
	box_says text -v .:/mnt -- 'cat /mnt/file'
	box_says text -v ./file:/mnt/x -- 'cat /mnt/x'
	exits 125 run -v here:/mnt true
	like 'named volumes are not there yet'
}

@test "-v: refused" {
	mkdir "$T/data"
	for word in '' : "$T/data" "$T/data:" "$T/data:mnt" "$T/data:/" "$T/data:/mnt:nosuch" \
		"$T/data:/mnt:ro,rw"; do
		exits 125 run -v "$word" true
	done
	exits 125 run -v "$T/data:/mnt" -v "$T:/mnt" true
	like 'given twice'
}

@test "--mount: bind and tmpfs" {
	mkdir "$T/data"
	echo text >"$T/data/file"
	box_says text --mount "type=bind,src=$T/data,dst=/mnt,ro" -- \
		'cat /mnt/file; (echo >/mnt/x) 2>/dev/null || exit 0'
	[[ ! -e $T/data/x ]]
	box_says '2048 711' --mount type=tmpfs,dst=/mnt,tmpfs-size=2m,tmpfs-mode=711 -- \
		'echo $(df -k /mnt | awk "END { print \$2 }") $(stat -c %a /mnt)'
	exits 125 run --mount type=nosuch,dst=/mnt true
	exits 125 run --mount "type=bind,src=$T/data" true
}

@test "a deeper mount is not hidden by one above it, whatever the order" {
	mkdir -p "$T/data" "$T/deep"
	echo deep >"$T/deep/file"
	box_says deep -v "$T/deep:/mnt/a/b" --tmpfs /mnt -- 'cat /mnt/a/b/file'
}

@test "mounts of a container are not seen on the host" {
	begin box --tmpfs /mnt -v "$T:/tmp"
	is '' "$(mounts_left)"
}

# ------------------------------------------------------------------------------- rights

caps_of() { awk '/^CapEff/ { print $2 }'; }

@test "capabilities: eleven, fewer, more" {
	caps() { run --rm "$@" cat /proc/self/status | caps_of; }
	is 00000000800405fb "$(caps)"
	is 00000000800405fa "$(caps --cap-drop CHOWN)"
	is 0000000000000000 "$(caps --cap-drop ALL)"
	is 0000000000000001 "$(caps --cap-drop all --cap-add cap_chown)"
	is 00000000800415fb "$(caps --cap-add NET_ADMIN)"
	is "$(caps_of </proc/self/status)" "$(caps --cap-add ALL)"
	is "$(caps_of </proc/self/status)" "$(caps --privileged)"
	exits 125 run --cap-add NOSUCH true
	exits 125 run --cap-drop NOSUCH true
}

@test "a user other than root has none" {
	is 0000000000000000 "$(run --rm -u user cat /proc/self/status | caps_of)"
}

@test "--security-opt: no-new-privileges, seccomp, mask, unmask" {
	is 0 "$(run --rm awk '/^NoNewPrivs/ { print $2 }' /proc/self/status)"
	is 1 "$(run --rm --security-opt no-new-privileges awk '/^NoNewPrivs/ { print $2 }' \
		/proc/self/status)"
	cat >"$T/profile" <<-'END'
		{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
			{ "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1 } ] }
	END
	box_says refused --security-opt "seccomp=$T/profile" -- \
		'mkdir /tmp/x 2>/dev/null || echo refused'
	box_says 0 --security-opt mask=/etc/passwd -- 'wc -c </etc/passwd'
	box_says 0 -- 'ls /sys/firmware | wc -l'
	exits 125 run --security-opt nosuch true
	exits 125 run --security-opt "seccomp=$T/missing" true
	exits 125 run --security-opt seccomp=/etc/passwd true
}

@test "what the kernel would let it write on the host is read-only" {
	ok run --rm --cap-add SYS_ADMIN sh -c 'for f in /proc/sys/kernel/hostname \
		/proc/sysrq-trigger /sys/kernel/mm/ksm/run; do
		test -w $f && echo x 2>/dev/null >$f && echo "wrote $f"; done; true'
	is ''
	for file in kcore keys timer_list interrupts; do
		[[ ! -e /proc/$file ]] || is '' "$(run --rm cat "/proc/$file")"
	done
}

@test "--privileged: devices and kernel files" {
	ok run --rm --privileged sh -c 'ls -l /dev/full /dev/fuse /dev/loop-control 2>/dev/null
		grep -E " /(proc/sys|sys) " /proc/mounts'
	like '/dev/full'
	unlike ' /sys sysfs ro'
	unlike ' /proc/sys '
	[[ ! -c /dev/fuse ]] || like /dev/fuse
	ok run --rm sh -c 'ls /dev | xargs'
	is 'core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'
}

@test "--network none has a loopback alone, --network host is ours" {
	box_says 'lo:' -- 'tail -n +3 /proc/net/dev | cut -d : -f 1 | tr -d " " | sed s/$/:/'
	box_says ok -- 'ip -o link show lo | grep -q "[<,]UP[,>]" && echo ok'
	is "$(readlink /proc/self/ns/net)" "$(run --rm --network host readlink /proc/self/ns/net)"
}

@test "--pid host sees the host's processes" {
	is "$(readlink /proc/self/ns/pid)" "$(run --rm --pid host readlink /proc/self/ns/pid)"
	box_says ok --pid host -- "test -e /proc/$BASHPID && echo ok"
	exits 125 run --pid nosuch true
}

# ------------------------------------------------------------------------------- init

needs_init() {
	local program=${OCI%/*}/tare-init

	[[ -x $program ]] || skip 'there is no tare-init yet'
	export TARE_LIBEXEC=${OCI%/*}
}

@test "--init reaps orphans" {
	needs_init
	begin box --init -- sh -c "$(forever 'sh -c "true & exec true"; (true & exec true)')"
	wait_until says_ready box
	no_zombies() { [[ -z $(tare exec box sh -c 'cat /proc/[0-9]*/stat' | grep ') Z ') ]]; }
	wait_until no_zombies
	is /dev/tare-init "$(readlink "/proc/$PID/exe")"
}

@test "--init passes signals on, and the exit status back" {
	needs_init
	exits 7 run --rm --init sh -c 'exit 7'
	exits 143 run --rm --init sh -c 'kill $$'
	begin box --init -- sh -c 'trap "exit 5" USR1; echo ready
		while :; do sleep 1000 & wait $!; done'
	wait_until says_ready box
	ok tare kill -s USR1 box
	is 5 "$(tare wait box)"
	exits 127 run --rm --init nonesuch
	# A program that has no handler dies of TERM as a child of init.
	begin plain --init -- sleep 1000
	ok tare stop plain
	is 143 "$(tare wait plain)"
}
