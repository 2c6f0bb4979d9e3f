#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Options that say what the process of a container meets, and notes on it.

load ../lib/images

@test "--group-add: by name and by number, of the container's own groups" {
	own_rootfs
	echo 'extra:x:77:' >>"$ROOTFS/etc/group"
	box_says '0 77 4242' --group-add extra --group-add 4242 --group-add 0 -- \
		'id -G | tr " " "\n" | sort -n | grep -e "^0$" -e 77 -e 4242 | xargs'
	box_says '1234 77' -u 1234 --group-add extra -- 'echo $(id -u) $(id -G | tr " " "\n" | grep 77)'
	exits 125 run --rm --group-add nobody-there true
	like "--group-add 'nobody-there': no group 'nobody-there' in /etc/group"
}

@test "--umask" {
	box_says 0022 -- umask
	box_says 0027 --umask 027 -- umask
	exits 125 run --rm --umask 8 true
	like "--umask: '8' is no octal mode"
}

@test "--unsetenv and --unsetenv-all: what neither the image nor the engine sets" {
	box_image box:1 '.config = {Env: ["PATH=/bin", "A=image", "B=image"]}'
	take box:1
	ok tare run --rm --network none --unsetenv A box:1 sh -c 'echo "<${A-}> $B $HOSTNAME"'
	like '^<> image [0-9a-f]{12}$'
	ok tare run --rm --network none --unsetenv A -e A=mine box:1 sh -c 'echo $A'
	is mine
	ok tare run --rm --network none --unsetenv-all -e C=mine box:1 /bin/sh -c \
		'echo "<${A-}> <${B-}> $C $HOME"'
	is '<> <> mine /root'
	nothing_left
}

@test "--tz: local, or a zone as below /usr/share/zoneinfo" {
	[[ -e /usr/share/zoneinfo/Asia/Tokyo ]] || skip 'there are no time zones here'
	own_rootfs
	box_says "$(sha256sum </usr/share/zoneinfo/Asia/Tokyo)" --tz Asia/Tokyo -- \
		'sha256sum </etc/localtime'
	box_says "$(sha256sum </etc/localtime)" --tz local -- 'sha256sum </etc/localtime'
	exits 125 run --rm --tz ../passwd true
	exits 125 run --rm --tz Nowhere/Land true
	like "/usr/share/zoneinfo/Nowhere/Land"
}

@test "--domainname" {
	box_says example.org --domainname example.org -- 'cat /proc/sys/kernel/domainname'
	box_says '(none)' -- 'cat /proc/sys/kernel/domainname'
	exits 125 run --rm --domainname 'a b' true
	like '--domainname: '
}

@test "--sysctl: of its own namespaces, with dots or slashes" {
	box_says '17 99' --sysctl net.core.somaxconn=17 --sysctl kernel/msgmax=99 -- \
		'echo $(cat /proc/sys/net/core/somaxconn /proc/sys/kernel/msgmax)'
	exits 125 run --rm --sysctl kernel.panic=1 true
	like "--sysctl: 'kernel.panic' is not bound to a namespace: it would change the whole machine"
	exits 125 run --rm --network host --sysctl net.core.somaxconn=17 true
	like "--sysctl: 'net.core.somaxconn' needs a network namespace of the container's own"
	exits 125 run --rm --sysctl net.core.somaxconn true
	nothing_left
}

# bats test_tags=guest
@test "--sysctl: where ids are mapped" {
	box_image box:1
	take box:1
	ok tare run --rm --network none --sysctl net.ipv4.ip_forward=1 --sysctl kernel.shmmni=7 box:1 \
		sh -c 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmni'
	is $'1\n7'
}

@test "--cgroup-parent: below which its group is made" {
	begin box --cgroup-parent "$PARENT/below/this"
	grep -q ":$PARENT/below/this/$CID\$" "/proc/$PID/cgroup"
	ok tare rm -f box
	exits 125 run --rm --cgroup-parent / true
	like "--cgroup-parent: '/' is no place below the root of all cgroups"
	find $CGROUPS -depth -type d -path "*$PARENT/below*" -exec rmdir {} \;
}

@test "--label-file: a label a line, and --label outweighs it" {
	printf '# a comment\none=file\ntwo=file\n\nthree\n' >"$T/labels"
	begin box --label-file "$T/labels" --label one=word -l four
	is 'word file  ' "$(member box '.Config.Labels | "\(.one) \(.two) \(.three) \(.four)"')"
	exits 125 run --label-file "$T/missing" true
	like "--label-file '.*missing'"
}

@test "--annotation: in config.json, and what a hook is told" {
	begin box --annotation one=1 --annotation org.example.two=2
	is '1 2' "$(jq -r '.annotations | .one + " " + .["org.example.two"]' \
		"$STATE/run/$CID/config.json")"
}

@test "--cidfile: the id, in a file that was not there" {
	ok run -d --name box --cidfile "$T/cid" true
	is "$output" "$(<"$T/cid")"
	exits 125 run --cidfile "$T/cid" true
	like "--cidfile '.*cid': it exists"
	is "$(member box .Id)" "$(<"$T/cid")"
	exits 125 run --cidfile "$T/none" --user nobody-there true
	[[ ! -e $T/none ]]
	exits 125 run --cidfile "$T/missing/cid" true
	exits 127 run --rm --cidfile "$T/none" no-such-program
	[[ ! -e $T/none ]]
}

@test "options that can't be had say why" {
	exits 125 run --link other true
	like '--link: containers on one network find each other'
	exits 125 run --restart always true
	like '--restart: '
	exits 125 run --health-cmd true true
	like '--health-cmd: there are no health checks yet'
}
