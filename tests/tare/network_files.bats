#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# What a container sees of its network below /etc: hosts, hostname and resolv.conf.

load ../lib/images

files='/etc/hosts /etc/hostname /etc/resolv.conf'

# names_of HOSTS-LINES ADDRESS: the names that it bears there, in their order.
names_of() { awk -v ip="$2" '$1 == ip { $1 = ""; print }' <<<"$1" | xargs; }

@test "without a network: it knows itself, and the host's servers" {
	ok run --rm --name web --hostname front sh -c "hostname; cat /etc/hostname"
	is $'front\nfront'
	ok run --name web --hostname front cat /etc/hosts
	is "localhost front web $(member web .Id | cut -c 1-12)" "$(names_of "$output" 127.0.0.1)"
	lacks internal
	ok run --rm --hostname front --domainname example.org cat /etc/hosts
	shows '^127\.0\.0\.1.front\.example\.org front '
	ok run --rm cat /etc/resolv.conf
	is "$(grep -v '^nameserver 127\.\|^#' /etc/resolv.conf)"
}

@test "they are root's, and may be written; the host's and the root's own stay" {
	own_rootfs
	echo mine >"$ROOTFS/etc/hosts"
	cksum $files >"$T/before"
	for network in none host; do
		ok tare run --rm --network $network --rootfs "$ROOTFS" sh -c \
			"stat -c '%u %g %a %h' $files; for f in $files; do echo 1.2.3.4 box >>\$f; done
			tail -qn 1 $files"
		is "$(printf '%s\n' '0 0 644 1'{,,} '1.2.3.4 box'{,,})"
	done
	ok run --rm --userns host --privileged sh -c "echo box >/etc/hosts; cat /etc/hosts"
	is box
	is mine "$(<"$ROOTFS/etc/hosts")"
	[[ ! -s $ROOTFS/etc/hostname && ! -s $ROOTFS/etc/resolv.conf ]]
	is "$(<"$T/before")" "$(cksum $files)"
}

@test "each start writes them anew" {
	ok run --name box sh -c 'grep -c other /etc/hosts; echo 1.2.3.4 other >>/etc/hosts'
	is 0
	ok tare start -a box
	is 0
}

@test "--read-only: they are, too" {
	box_says refused --read-only -- '(echo >>/etc/hosts) 2>/dev/null || echo refused'
}

@test "on the host's network: what the host has, behind names for the host" {
	ok tare run --rm --network host --rootfs "$ROOTFS" cat /etc/hosts
	is "$(</etc/hosts)" "$(tail -n +2 <<<"$output")"
	is 'host.containers.internal host.docker.internal' "$(head -1 <<<"$output" | cut -f 2)"
	ok tare run --rm --network host --rootfs "$ROOTFS" cat /etc/resolv.conf
	is "$(</etc/resolv.conf)"
	ok tare run --rm --network host --rootfs "$ROOTFS" cat /etc/hostname
	is "$(hostname)"
}

@test "on the host's network: the host is the address that the internet sees" {
	ok unshare --net bash -c "$(session_head)
		ip link add uplink0 type veth peer name uplink1
		ip addr add 192.0.2.7/24 dev uplink0
		ip link set uplink1 up
		ip link set uplink0 up
		ip route add default via 192.0.2.1
		tare run --rm --network host --rootfs \"\$ROOTFS\" cat /etc/hosts"
	is 'host.containers.internal host.docker.internal' "$(names_of "$output" 192.0.2.7)"
}

@test "on another's network: the other's files" {
	begin one --hostname front
	ok tare run --rm --network container:one --rootfs "$ROOTFS" sh -c \
		'hostname; cat /etc/hostname; cat /etc/hosts; echo 1.2.3.4 two >>/etc/hosts'
	is front "${lines[0]}"
	is front "${lines[1]}"
	is "localhost front one ${CID:0:12}" "$(names_of "$output" 127.0.0.1)"
	is 'two' "$(names_of "$(tare exec one cat /etc/hosts)" 1.2.3.4)"
	ok tare run -d --network container:one --name two --rootfs "$ROOTFS" sh -c "$(forever)"
	ok tare run --rm --network container:two --rootfs "$ROOTFS" sh -c \
		'hostname; cat /etc/hostname; tail -n 1 /etc/hosts'
	is $'front\nfront\n1.2.3.4 two'
	ok run --rm --uts container:one cat /etc/hostname
	is front
}

@test "what somebody mounts there himself is what is there" {
	mkdir "$T/etc"
	echo mine | tee "$T/file" >"$T/etc/hosts"
	for file in $files; do
		box_says mine -v "$T/file:$file" -- "cat $file"
		is mine "$(<"$T/file")"
	done
	box_says mine -v "$T/etc:/etc" -- 'cat /etc/*'
	is hosts "$(ls "$T/etc")"
	box_says '' --tmpfs /etc -- 'ls /etc'
}

@test "a link is followed, and not out of the root" {
	own_rootfs
	rm -f "$ROOTFS/etc/hosts" "$ROOTFS/etc/resolv.conf"
	ln -s ../run/systemd/resolve/stub-resolv.conf "$ROOTFS/etc/resolv.conf"
	ln -s "../../../../../../..$T/outside" "$ROOTFS/etc/hosts"
	ok run --rm --hostname front sh -c "cat /etc/resolv.conf; tail -n 1 /etc/hosts; ls -l $files"
	like '^nameserver '
	like 'front'
	like '/etc/resolv.conf -> ../run/systemd'
	[[ ! -e $T/outside && -e $ROOTFS$T/outside ]]
	ok run --rm --tmpfs /run cat /etc/resolv.conf
	like '^nameserver '
}

@test "a view of the host's root has files of its own" {
	cksum $files >"$T/before"
	ok tare run --rm --network none --hostname front --rootfs / sh -c \
		"cat /etc/hostname; tail -n 1 /etc/hosts; echo >>/etc/hosts"
	is front "${lines[0]}"
	shows '^127.0.0.1.front '
	is "$(<"$T/before")" "$(cksum $files)"
}

# ------------------------------------------------------------------------------- images

# bats test_tags=guest
@test "an image that has none: no place for them is among its changes" {
	box_image box:1
	take box:1
	ok tare run --network none --name box --hostname front box:1 sh -c \
		"stat -c '%u %g %a' $files; tail -n 1 /etc/hosts; echo text >>/etc/hosts; >/file"
	is $'0 0 644\n0 0 644\n0 0 644' "$(head -3 <<<"$output")"
	shows '^127.0.0.1.front '
	ok tare diff box
	is 'A /file'
	ok tare commit box made:1
	is '' "$(find "$STATE/layers" -path '*/etc/*' ! -name group ! -name passwd)"
	ok tare rm box
	nothing_left
}

@test "an image that has them, and one that says they were removed" {
	box_image box:1
	mkdir -p "$(layer_dir some)/etc" "$(layer_dir none)/etc"
	for file in $files; do
		echo image >"$(layer_dir some)$file"
		: >"$(layer_dir none)/etc/.wh.${file##*/}"
	done
	image some:1 . box some
	take some:1
	image none:1 . box some none
	take none:1
	for name in some none; do
		ok tare run --network none --name $name --hostname front $name:1 sh -c \
			'cat /etc/hostname; tail -n 1 /etc/hosts; echo box >/etc/resolv.conf'
		is front "${lines[0]}"
		shows '^127.0.0.1.front '
	done
	ok tare diff some
	is ''
}

@test "cp: what it has in them is copied as it sees it, and as it left it" {
	box_image box:1
	take box:1
	ok tare run -d --network none --name box --hostname front box:1 sh -c "$(forever)"
	ok tare cp box:/etc/hostname "$T/hostname"
	is front "$(<"$T/hostname")"
	ok tare diff box
	is ''
	ok tare exec box sh -c 'echo 1.2.3.4 other >>/etc/hosts'
	ok tare stop -t 0 box
	ok tare cp box:/etc/hosts "$T/hosts"
	grep -qx '1.2.3.4 other' "$T/hosts"
	ok tare diff box
	is ''
	ok tare create --network none --name new box:1 true
	ok tare cp new:/etc/hosts "$T/new"
	[[ ! -s $T/new ]]
}

@test "an engine's directory whose places were half made" {
	box_image box:1
	take box:1
	mkdir -p "$STATE/places/etc"
	: >"$STATE/places/etc/hosts"
	ok tare run --rm --network none --hostname front box:1 cat /etc/hostname
	is front
	is $'hostname\nhosts\nresolv.conf' "$(ls "$STATE/places/etc")"
}
