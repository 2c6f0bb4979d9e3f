#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Containers made from images: what the image says, whose ids they have, and where their changes go.

load ../lib/images

@test "an image runs by its own words" {
	box_image box:1 '.config = {Cmd: ["-c", "echo $A; pwd; id -u"], Entrypoint: ["sh"],
		Env: ["PATH=/bin", "A=image"], User: "bob", WorkingDir: "/home/bob"}'
	take box:1
	ok tare run --rm --network none box:1
	is $'image\n/home/bob\n1000'
	ok tare run --rm --network none -e A=mine -u 0 -w / box:1
	is $'mine\n/\n0'
	ok tare run --rm --network none box:1 -c 'echo other'
	is other
	ok tare run --rm --network none --entrypoint echo box:1 mine
	is mine
	nothing_left
}

@test "users and groups are those of the image, not the host's" {
	box_image box:1
	take box:1
	ok tare run --rm --network none -u bob box:1 id
	is 'uid=1000(bob) gid=1000(bob) groups=50(staff),1000(bob)'
	exits 125 tare run --rm --network none -u nobody-there box:1 id
	like "there is no user 'nobody-there'|no such user|'nobody-there'"
	nothing_left
}

# bats test_tags=guest_bare
@test "root inside is nobody outside, and each time another" {
	box_image box:1
	take box:1
	ok tare run -d --network none --name one box:1 sleep 1000
	ok tare run -d --network none --name two box:1 sleep 1000
	one=$(stat -c %u "/proc/$(member one .State.Pid)")
	two=$(stat -c %u "/proc/$(member two .State.Pid)")
	((one >= 0x70000000 && two >= 0x70000000 && one != two))
	ok tare exec one cat /proc/self/uid_map
	is "0 $one 65536" "$(xargs <<<"$output")"
	ok tare rm -f one two
	nothing_left
}

# bats test_tags=guest_bare
@test "what a container writes has the ids of inside on the disk" {
	box_image box:1
	take box:1
	ok tare run --network none --name one box:1 sh -c 'mkdir /new; echo x >/new/file
		touch /home/bob/his && chown bob:bob /home/bob/his; ls -ln /new /home/bob'
	like ' 0 +0 .* file'
	like ' 1000 +1000 .* his'
	changes=$(echo "$STATE"/containers/*/changes/upper)
	is '0:0' "$(stat -c %u:%g "$changes/new/file")"
	is '1000:1000' "$(stat -c %u:%g "$changes/home/bob/his")"
	ok tare rm one
	ok box box:1 'ls /new 2>&1 || :'
	like 'No such file'
	nothing_left
}

@test "--userns host has the host's ids, and so has who asks for rights over the host" {
	box_image box:1 '.config = {Cmd: ["sh"], ExposedPorts: {"8080/tcp": {}}}'
	take box:1
	of_host() {
		ok tare run --rm "$@" cat /proc/self/uid_map
		is '0 0 4294967295' "$(xargs <<<"$output")"
	}
	of_its_own() {
		ok tare run --rm "$@" cat /proc/self/uid_map
		like ' 65536$'
	}
	of_host --network none --userns=host box:1
	of_host --network none --privileged box:1
	of_host --network none --cap-add SYS_TIME box:1
	of_host --network none --cap-add ALL box:1
	of_host --network host --cap-add NET_ADMIN box:1
	of_its_own --network none --cap-add NET_ADMIN box:1
	of_its_own --network none --pid host box:1
	of_its_own --network host box:1
	box_image web:1 '.config = {Cmd: ["sh"], ExposedPorts: {"80/tcp": {}}}'
	take web:1
	of_its_own --network none web:1
	of_host --network host web:1
}

# bats test_tags=guest_bare
@test "a directory of the host is written to as root, not as nobody" {
	box_image box:1
	take box:1
	mkdir "$DATA/shared"
	ok tare run --rm --network none -v "$DATA/shared:/shared" box:1 \
		sh -c 'touch /shared/a && chown bob /shared/a && touch /shared/b && ls -ln /shared'
	is '1000 0' "$(stat -c %u "$DATA/shared/a" "$DATA/shared/b" | xargs)"
}

# bats test_tags=guest_bare
@test "an image's volumes are the container's own, and begin with what the image has" {
	box_layer
	dir=$(layer_dir box)
	mkdir -p "$dir/data/sub"
	echo first >"$dir/data/sub/file"
	chown -R 1000:50 "$dir/data"
	chmod 2750 "$dir/data"
	image box:1 '.config = {Cmd: ["sh"], Volumes: {"/data": {}, "/new/place/": {}}}' box
	take box:1
	ok tare run --network none --name one box:1 sh -c '
		stat -c "%n %u:%g %a" /data /data/sub/file /new/place; cat /data/sub/file
		echo x >/data/written; echo x >/new/place/written; grep -c " /data \| /new/place " /proc/mounts'
	is $'/data 1000:50 2750\n/data/sub/file 1000:50 644\n/new/place 0:0 755\nfirst\n2'
	where=$(tare inspect one | jq -r '.[0].Mounts[] | select(.Destination == "/data") | .Source')
	is '1000:50 0:50' "$(stat -c %u:%g "$where" "$where/written" | xargs)"
	[[ ! -e $STATE/containers/$(tare ps -aq --no-trunc)/changes/upper/data/written ]]
	ok tare rm one
	[[ ! -e $where ]]

	mkdir "$DATA/mine"
	ok tare run --rm --network none -v "$DATA/mine:/data" box:1 ls /data
	is ''
	ok tare run --rm --network none --userns host box:1 sh -c 'stat -c "%u:%g %a" /data'
	is '1000:50 2750'
}

@test "what the kernel shows is bound as it is" {
	box_image box:1
	take box:1
	ok tare run --rm --network none -v /sys/kernel:/kernel:ro box:1 \
		sh -c 'test -e /kernel/mm; cat /proc/self/uid_map'
	like ' 65536$'
}

# A file system that can't be idmapped, whatever the kernel.
ram() {
	mkdir "$T/ram"
	mount -t ramfs ram "$T/ram"
}

@test "where ids can't be mapped a container has the host's, and that is said once" {
	box_image box:1
	take box:1
	ram
	script='cat /proc/self/uid_map; touch /ram/file'
	ok tare run --rm --network none -v "$T/ram:/ram" box:1 sh -c "$script"
	like "the file system of '$T/ram' can't have its ids mapped on this kernel"
	shows '^ +0 +0 +4294967295$'
	ok tare run --rm --network none -v "$T/ram:/ram" box:1 sh -c "$script"
	lacks mapped
	ok tare run --rm --network none box:1 cat /proc/self/uid_map
	like ' 65536$'

	echo 'userns_fallback = "refuse"' >"$T/tare.conf"
	export TARE_CONF=$T/tare.conf
	exits 125 tare run --rm --network none -v "$T/ram:/ram" box:1 sh -c "$script"
	like "the file system of '$T/ram' can't have its ids mapped on this kernel"
	like "'--userns host' runs it"
	ok tare run --rm --network none --userns host -v "$T/ram:/ram" box:1 sh -c "$script"
	wait_until umount "$T/ram"
}

# bats test_tags=guest_bare
@test "an engine whose own directory can't be mapped works with the host's ids" {
	box_image box:1
	ram
	STATE=$T/ram/state
	take box:1
	ok tare run --rm --network none box:1 sh -c 'cat /proc/self/uid_map; touch /new; ls /'
	like "the file system of '$STATE' can't have its ids mapped on this kernel"
	shows '^new$'
	wait_until umount "$T/ram"
}

@test "an image whose ids do not fit gets more of them, or is refused" {
	box_image box:1
	dir=$(layer_dir high)
	touch "$dir/high"
	chown 100000:100000 "$dir/high"
	image high:1 '.config.Cmd = ["sh"]' box high
	take high:1
	ok tare run --rm --network none high:1 sh -c 'stat -c %u /high; cat /proc/self/uid_map'
	shows '^100000$'
	like ' 131072$'
	touch "$dir/higher"
	chown 2000000:0 "$dir/higher"
	rm "$T/layers/high.tar"
	image higher:1 '.config.Cmd = ["sh"]' box high
	take higher:1
	exits 125 tare run --rm --network none higher:1 true
	like "'/higher' belongs to id 2000000"
	like "hint: '--userns host'"
	ok tare run --rm --network none --userns host higher:1 stat -c %u /higher
	is 2000000
	nothing_left
}

# bats test_tags=guest_bare
@test "an upper layer hides and replaces what is below" {
	box_layer
	dir=$(layer_dir below)
	mkdir -p "$dir"/{gone,opaque}
	touch "$dir"/{file,gone/x,opaque/below}
	ln -s file "$dir/link"
	dir=$(layer_dir above)
	mkdir -p "$dir/opaque"
	touch "$dir"/{.wh.file,.wh.gone,opaque/.wh..wh..opq,opaque/above}
	mkdir "$dir/link"
	image layers:1 '.config.Cmd = ["sh"]' box below above
	take layers:1
	ok box layers:1 'ls -a /; ls /opaque; stat -c %F /link'
	lacks '^file$'
	lacks 'gone'
	lacks 'below'
	shows '^above$'
	shows '^directory$'
}

# bats test_tags=guest_bare
@test "a hundred layers are one root" {
	box_layer
	names=(box)
	for i in {1..99}; do
		dir=$(layer_dir "n$i")
		echo "$i" >"$dir/which"
		touch "$dir/n$i"
		names+=("n$i")
	done
	image many:1 '.config.Cmd = ["sh"]' "${names[@]}"
	LIMIT=120 take many:1
	ok box many:1 'cat /which; ls / | grep -c ^n'
	is $'99\n99'
}

@test "--read-only, exec and a terminal work as over a directory" {
	box_image box:1
	take box:1
	ok box box:1 'echo x >/x' && is ''
	fails tare run --rm --network none --read-only box:1 sh -c 'echo x >/x'
	like 'Read-only file system'
	ok tare run -d --network none --name one box:1 sleep 1000
	ok tare exec -u bob one id -un
	is bob
	ok tare exec one sh -c 'echo y >/y; cat /y'
	is y
	ok tare ps
	shows '^[0-9a-f]{12} +box:1 +"sleep 1000"'
	ok tare rm -f one
	nothing_left
}

@test "an image that is not there is asked for, unless that is not wanted" {
	exits 125 tare run --rm --network none --pull never nothing:1 true
	like "there is no image 'nothing:1'"
	exits 125 tare run --rm --network none "oci:$T/none" true
	nothing_left
}

@test "an image without a command needs one" {
	box_image box:1 .
	take box:1
	exits 125 tare run --rm --network none box:1
	like 'COMMAND is missing: the image names none either'
	ok tare run --rm --network none box:1 true
	nothing_left
}
