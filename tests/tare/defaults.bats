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

# bats test_tags=guest
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

# bats test_tags=guest
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

# bats test_tags=guest
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
	ok run --rm -v "$DATA:/data" ls /data
	shows '^state$'
}

# Its root may not look into it, and not reach what is mounted there.
# bats test_tags=guest
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

# bats test_tags=guest
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

# bats test_tags=guest
@test "every user opens low ports and pings, by a network of its own" {
	mapped_rootfs
	is $'0\n0 65535' "$(run --rm sh -c 'cat /proc/sys/net/ipv4/ip_unprivileged_port_start
		echo $(cat /proc/sys/net/ipv4/ping_group_range)')"
	is $'0\n0 2147483647' "$(run --rm --userns host sh -c '
		cat /proc/sys/net/ipv4/ip_unprivileged_port_start
		echo $(cat /proc/sys/net/ipv4/ping_group_range)')"
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

# bats test_tags=guest
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
