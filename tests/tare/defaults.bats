#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What every container has that nobody asked for, as it looks from inside: whose ids, which limits,
# what of the kernel; and how that which is shared with the host looks then.

load ../lib/images

tare_conf() {
	echo "$1" >"$T/tare.conf"
	export TARE_CONF=$T/tare.conf
}

# A root filesystem whose ids can be mapped, of this test alone.
mapped_rootfs() {
	ROOTFS=$DATA/rootfs
	cp -a "$FILE_TMP/rootfs" "$ROOTFS"
}

# ------------------------------------------------------------------------------- ids

# bats test_tags=guest_systemd
@test "root in a directory is nobody outside, and writes as root there" {
	mapped_rootfs
	begin box -- sh -c "touch /new /his && chown 1000:50 /his; $(forever)"
	wait_until says_ready box
	is "$(stat -c %u "/proc/$PID")" "$(awk '{ print $2 }' "/proc/$PID/uid_map")"
	(($(stat -c %u "/proc/$PID") >= 0x70000000))
	is '0:0 1000:50' "$(stat -c %u:%g "$ROOTFS/new" "$ROOTFS/his" | xargs)"
	is 0 "$(run --rm stat -c %u /)"
	is '0 0 4294967295' "$(run --rm --userns host cat /proc/self/uid_map | xargs)"
	is '0 0 4294967295' "$(tare run --rm --network none --rootfs / cat /proc/self/uid_map | xargs)"
}

@test "what is mounted below a directory is there, and mapped too" {
	mapped_rootfs
	mkdir -p "$ROOTFS/sub" "$T/ram"
	can_map_tmpfs || skip 'needs a tmpfs that can be idmapped (Linux 6.3)'
	mount -t tmpfs -o mode=755 sub "$ROOTFS/sub"
	box_says '0:0' -- 'touch /sub/x && stat -c %u:%g /sub/x'
	is '0:0' "$(stat -c %u:%g "$ROOTFS/sub/x")"
	mount --bind /proc "$ROOTFS/proc"
	box_says 1 -- 'readlink /proc/self >/dev/null && echo $$'
	wait_until umount "$ROOTFS/proc" && wait_until umount "$ROOTFS/sub"
}

@test "a directory whose ids can't be mapped is used with the host's, and that is said" {
	mkdir "$T/ram"
	mount -t ramfs ram "$T/ram"
	cp -a "$FILE_TMP/rootfs/." "$T/ram"
	ROOTFS=$T/ram
	ok run --rm cat /proc/self/uid_map
	like "the file system of '$T/ram' can't have its ids mapped on this kernel"
	shows '^ +0 +0 +4294967295$'
	tare_conf 'userns_fallback = "refuse"'
	exits 125 run --rm true
	like "the file system of '$T/ram' can't have its ids mapped"
	wait_until umount "$T/ram"
}

# ------------------------------------------------------------------------------- binds

# A tree of mounts that can be mapped: $DATA/tree, with one below, and below that.
tree_new() {
	can_map_tmpfs || skip 'needs a tmpfs that can be idmapped (Linux 6.3)'
	mkdir "$DATA/tree"
	mount -t tmpfs -o mode=755 top "$DATA/tree"
	mkdir -p "$DATA/tree/a" "$DATA/tree/plain"
	mount -t tmpfs -o mode=700 a "$DATA/tree/a"
	mkdir "$DATA/tree/a/b"
	mount -t tmpfs -o mode=700 b "$DATA/tree/a/b"
}

tree_done() { wait_until umount -R "$DATA/tree"; }

# bats test_tags=guest_systemd
@test "-v: root writes as root on all that is mounted below" {
	mapped_rootfs
	tree_new
	ok run --rm -v "$DATA/tree:/t" sh -c 'for d in . a a/b; do
		touch /t/$d/file && chown 7:8 /t/$d/file && touch /t/$d/own; done
		stat -c %u:%g /t/own /t/a/own /t/a/b/own /t/a/b/file | xargs'
	is '0:0 0:0 0:0 7:8'
	is '0 0 0 7' "$(stat -c %u "$DATA"/tree/{own,a/own,a/b/own,a/b/file} | xargs)"
	tree_done
}

# bats test_tags=guest_systemd
@test "-v: a user other than root writes as that user" {
	mapped_rootfs
	tree_new
	chown 1000 "$DATA/tree/a"
	ok run --rm -u 1000 -v "$DATA/tree:/t" sh -c 'touch /t/a/file; ! touch /t/plain/x 2>&1'
	is 1000 "$(stat -c %u "$DATA/tree/a/file")"
	tree_done
}

@test "-v: ro, bind and options are those of what is mounted below, too" {
	mapped_rootfs
	tree_new
	touch "$DATA/tree/a/b/here"
	box_says refused -v "$DATA/tree:/t:ro" -- 'touch /t/a/b/x 2>/dev/null || echo refused'
	is '/t /t/a /t/a/b' "$(run --rm -v "$DATA/tree:/t:noexec" \
		awk '$2 ~ "^/t" && $4 ~ /noexec/ { print $2 }' /proc/mounts | xargs)"
	box_says '' -v "$DATA/tree:/t:bind" -- 'ls /t/a'
	tree_done
}

@test "-v: what a person mounts below another bind hides what is mounted there" {
	mapped_rootfs
	tree_new
	mkdir "$DATA/mine"
	touch "$DATA/mine/mine"
	for order in 1 2; do
		binds=(-v "$DATA/mine:/t/a" -v "$DATA/tree:/t")
		((order == 1)) || binds=(-v "$DATA/tree:/t" -v "$DATA/mine:/t/a")
		box_says mine "${binds[@]}" -- 'ls /t/a'
	done
	tree_done
}

@test "-v: what is hidden on the host is not shown" {
	mapped_rootfs
	tree_new
	touch "$DATA/tree/a/b/deep"
	mount -t tmpfs over "$DATA/tree/a"
	touch "$DATA/tree/a/over"
	box_says over -v "$DATA/tree:/t" -- 'ls /t/a'
	umount "$DATA/tree/a"
	box_says deep -v "$DATA/tree:/t" -- 'ls /t/a/b'
	tree_done
}

@test "-v: what can't be mapped is named, and can't be written" {
	mapped_rootfs
	tree_new
	mkdir "$DATA/tree/plain/ram" "$DATA/tree/plain/ram2"
	mount -t ramfs ram "$DATA/tree/plain/ram"
	chmod 777 "$DATA/tree/plain/ram"
	ok run --rm -v "$DATA/tree:/t" sh -c 'touch /t/plain/ram/x 2>&1; touch /t/a/x; cat /proc/self/uid_map'
	like "the ids of '$DATA/tree/plain/ram' below '$DATA/tree' can't be mapped"
	like "hint: '--userns host'"
	like 'Read-only file system'
	like ' 65536'
	[[ ! -e $DATA/tree/plain/ram/x && -e $DATA/tree/a/x ]]
	mount -t ramfs ram "$DATA/tree/plain/ram2"
	ok run --rm -v "$DATA/tree:/t" true
	like "the ids of '$DATA/tree/plain/ram' and of 1 more mount"
	ok run --rm --userns host -v "$DATA/tree:/t" sh -c 'touch /t/plain/ram/x'
	is ''
	[[ -e $DATA/tree/plain/ram/x ]]
	tree_done
}

@test "-v: a file, a link, and what holds the engine's own directory" {
	mapped_rootfs
	echo text >"$DATA/file"
	ln -s . "$DATA/link"
	box_says $'text\n0' -v "$DATA/link/file:/file" -- 'cat /file; echo more >>/file; stat -c %u /file'
	is $'text\nmore' "$(<"$DATA/file")"
	# All but what is mounted there for the container itself.
	ok run --rm -v "$DATA:/data" sh -c 'ls /data; ls /data/state/containers/*/rootfs'
	shows '^state$'
	lacks '^bin$'
}

# Its root may not look into it, and not reach what is mounted there.
# bats test_tags=guest_systemd
@test "-v: below what can't be mapped all comes along, and can't be written" {
	mapped_rootfs
	mkdir -p "$DATA/tree/ram"
	mount -t ramfs ram "$DATA/tree/ram"
	chmod 700 "$DATA/tree/ram"
	mkdir "$DATA/tree/ram/below"
	mount -t tmpfs -o mode=777 below "$DATA/tree/ram/below"
	ok run --rm -v "$DATA/tree:/t" sh -c 'grep " /t" /proc/mounts; ls /t/ram 2>&1; touch /t/x'
	like "the ids of '$DATA/tree/ram' below '$DATA/tree' can't be mapped"
	shows '^below /t/ram/below tmpfs ro,'
	like 'Permission denied'
	is 0 "$(stat -c %u "$DATA/tree/x")"
	chmod 755 "$DATA/tree/ram"
	fails run --rm -v "$DATA/tree:/t" touch /t/ram/below/x
	like 'Read-only file system'
	wait_until umount -R "$DATA/tree/ram"
}

# bats test_tags=guest_systemd
@test "-v: the host's root, with what the kernel shows" {
	mapped_rootfs
	ok run --rm -v /:/host:ro sh -c 'test -e /host/proc/self && test -e /host/sys/kernel &&
		stat -c %u /host/etc; ! touch /host/x 2>/dev/null'
	shows '^0$'
}

@test "a tmpfs belongs to root inside, or to whom its options name" {
	mapped_rootfs
	ok run --rm --tmpfs /a --tmpfs /b:uid=1000,gid=50,mode=700 sh -c \
		'touch /a/x; stat -c %u:%g:%a /a /b /dev/shm /a/x'
	is $'0:0:1777\n1000:50:700\n0:0:1777\n0:0:644'
}

# ------------------------------------------------------------------------------- what is shared

@test "--network host: the host's interfaces, and a /sys that can't be written" {
	mapped_rootfs
	ok run --rm --network host sh -c 'ls /sys/class/net | xargs; grep -c " /sys sysfs ro" /proc/mounts
		cat /proc/self/uid_map'
	is "$(tail -n +3 /proc/net/dev | cut -d : -f 1 | sort | xargs)" "$(head -1 <<<"$output")"
	shows '^1$'
	like ' 65536$'
	is "$(</proc/sys/net/ipv4/ip_unprivileged_port_start)" \
		"$(run --rm --network host cat /proc/sys/net/ipv4/ip_unprivileged_port_start)"
}

@test "--pid host: the host's processes, and a /proc that can't be written" {
	mapped_rootfs
	ok run --rm --pid host sh -c "test -e /proc/$BASHPID/status && echo there
		echo 5 2>/dev/null >/proc/self/oom_score_adj || echo refused; cat /proc/self/uid_map"
	shows '^there$'
	shows '^refused$'
	like ' 65536$'
	like 'denied|permitted|killing' "$(run --rm --pid host sh -c "kill -0 $$" 2>&1 || :)"
}

# ------------------------------------------------------------------------------- the network

# bats test_tags=guest_systemd
@test "every user opens low ports and pings, by a network of its own" {
	mapped_rootfs
	shown='cd /proc/sys/net/ipv4; echo $(cat ip_unprivileged_port_start ping_group_range)'
	is '0 0 65535' "$(run --rm sh -c "$shown")"
	is '0 0 2147483647' "$(run --rm --userns host sh -c "$shown")"
	box_says bound -u 1000 -- 'httpd -p 80 -h /tmp && echo bound'
}

# with_program PROGRAM: the root filesystem has one of the machine's, without file capabilities.
with_program() {
	local library

	install -D "$(command -v "$1")" "$ROOTFS/usr/bin/$1"
	while read -r library; do
		install -D "$library" "$ROOTFS$library"
	done < <(ldd "$ROOTFS/usr/bin/$1" | grep -o '/[^ ]*')
}

@test "ping, as root and as anybody" {
	command -v ping >/dev/null || skip 'needs ping (iputils-ping)'
	mapped_rootfs
	with_program ping
	for user in 0 1000:1000 65535:65535; do
		ok run --rm -u "$user" /usr/bin/ping -c 1 127.0.0.1
		like '1 packets transmitted, 1 received'
	done
}

# ------------------------------------------------------------------------------- limits

@test "limits do not depend on the caller's shell" {
	hard=$(ulimit -Hn)
	((hard < 1048576)) || hard=1048576
	shown='echo $(ulimit -Sn) $(ulimit -Hn)'
	(
		ulimit -Sn 100
		is "$hard $hard" "$(run --rm sh -c "$shown")"
	)
	is "$(ulimit -Sc)" "$(run --rm sh -c 'ulimit -Sc')"
}

@test "what can't be raised is given as it is" {
	begin box
	shown='echo $(ulimit -Sn) $(ulimit -Hn)'
	(
		ulimit -n 200
		like '^(200 200|1048576 1048576)$' "$(run --rm sh -c "$shown")"
		like '^(200 200|1048576 1048576)$' "$(tare exec box sh -c "$shown")"
	)
}

low_run() (ulimit -n 500 && run "$@")

# CAP_SYS_RESOURCE
may_raise() { ((0x$(awk '/^CapEff/ { print $2 }' /proc/self/status) >> 24 & 1)); }

# bats test_tags=guest_systemd
@test "a limit that is asked for works, or the container is refused" {
	mapped_rootfs
	is '64 128' "$(run --rm --ulimit nofile=64:128 sh -c 'echo $(ulimit -Sn) $(ulimit -Hn)')"
	try low_run --rm --ulimit nofile=600 sh -c 'ulimit -n'
	if may_raise; then
		is '0 600' "$status $output"
	else
		is 125 "$status"
		like "RLIMIT_NOFILE to 600"
	fi
}

# ------------------------------------------------------------------------------- rights

@test "no_new_privs is off, and on where tare.conf says so" {
	shown=(awk '/^NoNewPrivs/ { print $2 }' /proc/self/status)
	is 0 "$(run --rm "${shown[@]}")"
	tare_conf 'no_new_privs = true'
	is 1 "$(run --rm "${shown[@]}")"
	is 0 "$(run --rm --security-opt no-new-privileges=false "${shown[@]}")"
	begin box
	is 1 "$(tare exec box "${shown[@]}")"
}

# ------------------------------------------------------------------------------- ordinary programs

# bats test_tags=guest_systemd
@test "files change hands, and rights are dropped and gained" {
	mapped_rootfs
	cp "$ROOTFS/bin/busybox" "$ROOTFS/bin/setuid"
	chmod 4755 "$ROOTFS/bin/setuid"
	printf '%s\n' root::0:0:root:/root:/bin/sh user:x:1000:1000:user:/home/user:/bin/sh \
		>"$ROOTFS/etc/passwd"
	ln "$ROOTFS/bin/setuid" "$ROOTFS/usr/bin/su"
	box_says $'1000:100 4755\n1000 1000' -- 'touch /x; chown 1000:100 /x; chmod 4755 /x
		stat -c "%u:%g %a" /x; su user -c "echo \$(id -u) \$(id -g)"'
	box_says 0 -u 1000 -- '/usr/bin/su root -c "id -u"'
	tare_conf 'no_new_privs = true'
	fails run --rm -u 1000 /usr/bin/su root -c 'id -u'
	fails run --rm chown 65536 /x
}

@test "a session keyring of its own" {
	command -v keyctl >/dev/null || skip 'needs keyctl (keyutils)'
	mapped_rootfs
	with_program keyctl
	ok run --name box --security-opt seccomp=unconfined /usr/bin/keyctl show @s
	like "keyring: _ses\.$(tare ps -aq --no-trunc)\$"
	is 1 "$(grep -c keyring: <<<"$output")"
}

@test "a /dev of its own: its nodes work, others are neither there nor made" {
	mapped_rootfs
	box_says $'0\n4' -- 'cat /dev/null | wc -c; head -c 4 /dev/urandom | wc -c; echo x >/dev/null'
	fails run --rm mknod /dev/kmsg c 1 11
	fails run --rm --cap-add SYS_ADMIN sh -c 'mount -t devtmpfs dev /mnt'
	box_says '' -- 'find /dev -type b; test ! -e /dev/kmsg || echo there'
}

@test "what tells of others is hidden" {
	ok run --rm sh -c 'for f in /proc/interrupts /proc/kcore /proc/keys /proc/timer_list; do
		test ! -e $f || wc -c <$f; done | sort -u
		ls /sys/firmware /sys/devices/virtual/powercap /proc/acpi /proc/scsi 2>/dev/null | grep -v :
		ls -d /sys/devices/system/cpu/cpu*/thermal_throttle/* 2>/dev/null; :'
	is '' "$(grep -vx '0\|' <<<"$output")"
}

# ------------------------------------------------------------------------------- another's

@test "a container does not reach what is another's" {
	mapped_rootfs
	begin one -v "$DATA/rootfs:/t" -- sh -c "echo secret >/tmp/one; chmod 600 /tmp/one; $(forever)"
	wait_until says_ready one
	fails run --rm --pid host cat "/proc/$PID/environ"
	fails run --rm --pid host ls "/proc/$PID/root/"
	fails run --rm --pid host kill -9 "$PID"
	is_running one
}
