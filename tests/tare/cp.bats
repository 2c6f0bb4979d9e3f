#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Files go into containers and out of them: the manual of docker's cp, and what a container that is
# not to be trusted may try meanwhile.

load ../lib/images

FILES='mkdir /d; echo in >/d/f; ln -s /d /link'

# Containers `up`, which runs, and `down`, which has ended, of an image with files; and a directory
# of our own with some, $HERE, where we are.
with_files() {
	local dir
	box_image box:1
	take box:1
	ok tare run -d --network none --name up box:1 sh -c "$FILES; touch /ready; sleep 1000"
	wait_until tare exec up cat /ready
	ok tare run --network none --name down box:1 sh -c "$FILES"
	HERE=$T/here
	dir=$HERE/dir
	mkdir -p "$dir/sub"
	cd "$HERE" || return
	echo one >file
	echo two >"$dir/a"
	echo three >"$dir/sub/b"
	ln -s ../file "$dir/link"
}

no_files() {
	cd /
	ok tare rm -f up down
	nothing_left
}

# has NAME PATH TEXT: the file has that contents.
has() { is "$3" "$(tare cp "$1:$2" - | tar -xOf -)"; }
lacks_path() { fails tare cp "$1:$2" -; }

# owner NAME PATH OWNER: as the archive says it.
owner() { is "$3" "$(tare cp "$1:$2" - | tar -tvf - --numeric-owner | awk 'NR == 1 { print $2 }')"; }

@test "a file: to a name, over a file, into a directory, and not where there is none" {
	with_files
	for box in up down; do
		ok tare cp file "$box:/new"
		has $box /new one
		ok tare cp file "$box:/d/f"
		has $box /d/f one
		ok tare cp dir/a "$box:/d"
		has $box /d/a two
		ok tare cp dir/a "$box:d/"
		ok tare cp file "$box:/link"
		has $box /d/file one
		fails tare cp file "$box:/nothing/"
		like "directory 'nothing' does not exist"
		fails tare cp file "$box:/nothing/here"
		like "the directory that '/nothing/here' is to be in does not exist"
		fails tare cp file "$box:/d/f/"
		like 'not a directory'
		lacks_path $box /nothing
		fails tare cp nofile "$box:/"
		like "no such file or directory: 'nofile'"
		fails tare cp file/ "$box:/"
		like 'not a directory'
	done
	no_files
}

@test "a directory: as a name, into a directory, its contents alone, and never over a file" {
	with_files
	for box in up down; do
		ok tare cp dir "$box:/new"
		has $box /new/sub/b three
		ok tare cp dir "$box:/d"
		has $box /d/dir/sub/b three
		ok tare cp dir/. "$box:/d"
		has $box /d/sub/b three
		ok tare cp dir/. "$box:/contents/"
		has $box /contents/a two
		fails tare cp dir "$box:/d/f"
		like "can't be copied to a file"
		like 'hint: with --overwrite'
		fails tare cp dir/. "$box:/d/f"
		has $box /d/f in
		is '../file' "$(tare cp $box:/d/link - | tar -tvf - | sed 's/.* -> //')"
	done
	no_files
}

@test "out of a container by the same rules" {
	with_files
	for box in up down; do
		rm -rf "$HERE/out" && mkdir "$HERE/out"
		ok tare cp "$box:/d/f" out/name
		is in "$(<out/name)"
		ok tare cp "$box:/d/f" out
		is in "$(<out/f)"
		ok tare cp "$box:/d" out
		is in "$(<out/d/f)"
		ok tare cp "$box:/d/." out/new
		is in "$(<out/new/f)"
		fails tare cp "$box:/d" out/name
		fails tare cp "$box:/d/f" out/nothing/
		fails tare cp "$box:/nothing" out
		like "no such file or directory: '/nothing'"
		ok tare cp "$box:/link" out
		is /d "$(readlink out/link)"
		ok tare cp -L "$box:/link" out/followed
		is in "$(<out/followed/f)"
		ok tare cp "$box:/link/" out/slash
		is in "$(<out/slash/f)"
	done
	no_files
}

@test "what comes in is root's, what goes out is ours; -a keeps who it was" {
	with_files
	chown -R 7:8 dir
	chmod 4751 dir/a
	touch -d @1000 dir/a dir/sub
	setfattr -n user.note -v text dir/a 2>/dev/null || true
	for box in up down; do
		ok tare cp dir "$box:/plain"
		owner $box /plain/a 0/0
		is '-rwxr-x--x' "$(tare cp $box:/plain/a - | tar -tvf - | awk '{ print $1 }')"
		ok tare cp -a dir "$box:/kept"
		owner $box /kept 7/8
		owner $box /kept/a 7/8
		is '-rwsr-x--x' "$(tare cp $box:/kept/a - | tar -tvf - | awk '{ print $1 }')"
		ok tare cp "$box:/kept" out-$box
		is '0 0 751 1000' "$(stat -c '%u %g %a %Y' out-$box/a)"
		ok tare cp -a "$box:/kept" out-a-$box
		is '7 8 4751 1000' "$(stat -c '%u %g %a %Y' out-a-$box/a)"
		is '7 8 1000' "$(stat -c '%u %g %Y' out-a-$box/sub)"
		chown 100000 file
		fails tare cp -a file "$box:/"
		like 'it belongs to id 100000, and the container has ids below 65536'
		chown 0 file
	done
	ok tare exec up sh -c 'stat -c "%u %g" /plain/a /kept/a; echo more >>/plain/a'
	is $'0 0\n7 8'
	no_files
}

@test "with -a a program keeps what it may do, in the terms of where it goes" {
	command -v setcap >/dev/null || skip 'needs setcap'
	box_layer
	cp "$(type -P true)" "$(layer_dir box)/of-image"
	setcap cap_net_bind_service+ep "$(layer_dir box)/of-image"
	image box:1 '.config.Cmd = ["sh"]' box
	take box:1
	cp "$FILE_TMP/rootfs/bin/busybox" "$T/program"
	setcap cap_net_bind_service+ep "$T/program"
	ok tare run -d --network none --name up box:1 sleep 1000
	ok tare run --network none --name down box:1 true
	for box in up down; do
		ok tare cp -a "$T/program" "$box:/busybox"
		ok tare cp "$T/program" "$box:/plain"
		for name in busybox of-image; do
			ok tare cp -a "$box:/$name" "$T/$box-$name"
			is "$T/$box-$name cap_net_bind_service=ep" "$(getcap "$T/$box-$name")"
			ok tare cp "$box:/$name" "$T/lost"
			is '' "$(getcap "$T/lost")"
		done
		ok tare cp -a "$box:/plain" "$T/$box-plain"
		is '' "$(getcap "$T/$box-plain")"
	done
	# It counts inside, too.
	ok tare exec -u 1000 up /busybox grep CapEff /proc/self/status
	like '400$'
	ok tare rm -f up down
	nothing_left
}

@test "holes, hard links, times and attributes are kept" {
	with_files
	truncate -s 1G dir/sparse
	echo x | dd of=dir/sparse bs=1 seek=500000000 conv=notrunc 2>/dev/null
	ln dir/a dir/sub/again
	mkfifo dir/fifo
	setfattr -n user.note -v text dir/a
	for box in up down; do
		ok tare cp dir "$box:/new"
		ok tare cp "$box:/new" out-$box
		cmp dir/sparse out-$box/sparse
		(($(stat -c %b out-$box/sparse) < 100))
		is 1 "$(find out-$box -samefile out-$box/a ! -name a | wc -l)"
		[[ -p out-$box/fifo ]]
		is text "$(getfattr --only-values -n user.note out-$box/a)"
	done
	is 2 "$(tare exec up stat -c %h /new/a)"
	(($(tare exec up stat -c %b /new/sparse) < 100))
	no_files
}

@test "an archive comes out of '-' and goes in by it" {
	with_files
	for box in up down; do
		ok tare cp "$box:/d" - >/dev/null
		tare cp "$box:/d" - >"$T/d.tar"
		is $'d/\nd/f' "$(tar -tf "$T/d.tar" | sort)"
		tare cp "$box:/d/." - | tar -tf - | grep -qx f
		tar -cf - --owner=7 --group=8 dir | tare cp - "$box:/d"
		has $box /d/dir/sub/b three
		owner $box /d/dir/a 0/0
		tar -czf - --owner=7 --group=8 dir | tare cp -a - "$box:/d"
		owner $box /d/dir/a 7/8
		fails tare cp - "$box:/nothing" <"$T/d.tar"
		fails tare cp - "$box:/d/f" <"$T/d.tar"
		like 'not a directory'
		fails tare cp - "$box:/d" < <(head -c 700 "$T/d.tar")
		fails tare cp - "$box:/d" <file
	done
	fails tare cp - - </dev/null
	fails tare cp file dir
	like 'say CONTAINER:PATH'
	no_files
}

@test "from container to container, also within one" {
	with_files
	ok tare cp -a up:/d down:/from-up
	has down /from-up/f in
	ok tare cp down:/from-up up:/back
	has up /back/f in
	ok tare cp up:/d/f up:/d/g
	has up /d/g in
	fails tare cp up:/d up:/d
	like "can't be copied into itself"
	fails tare cp down:/d nobody:/d
	like "hint: 'tare ps --all'"
	ok tare run --network none --name down2 box:1 true
	ok tare cp -a down:/d down2:/d
	has down2 /d/f in
	ok tare rm down2
	no_files
}

@test "a directory gives way to a file, and a file to a directory, with --overwrite alone" {
	with_files
	for box in up down; do
		ok tare cp dir "$box:/x"
		cp file a
		mkdir -p tree/a && echo deep >tree/a/deep
		fails tare cp tree/. "$box:/x"
		like "entry|no directory"
		has $box /x/a two
		ok tare cp --overwrite tree/. "$box:/x"
		has $box /x/a/deep deep
		fails tare cp a "$box:/x"
		like 'there is a directory of that name'
		ok tare cp --overwrite a "$box:/x"
		has $box /x/a one
		ok tare cp --overwrite dir "$box:/d/f"
		has $box /d/f/a two
	done
	no_files
}

@test "mounts are seen: volumes and binds always, a tmpfs of one that runs" {
	box_image box:1 '.config.Volumes = {"/vol": {}}'
	take box:1
	mkdir "$DATA/bind" "$DATA/ro"
	echo host >"$DATA/bind/host"
	local -a options=(--network none -v "$DATA/bind:/bind" -v "$DATA/ro:/bind/ro:ro" --tmpfs /t)
	ok tare run -d --name up "${options[@]}" box:1 sh -c 'echo v >/vol/v; echo t >/t/t; sleep 1000'
	ok tare run --name down "${options[@]}" box:1 sh -c 'echo v >/vol/v; echo t >/t/t'
	wait_until tare exec up cat /t/t
	echo one >"$T/file"
	for box in up down; do
		has $box /vol/v v
		has $box /bind/host host
		ok tare cp "$T/file" "$box:/vol/new"
		ok tare cp "$T/file" "$box:/bind/$box"
		is '0 0 one' "$(stat -c '%u %g' "$DATA/bind/$box") $(<"$DATA/bind/$box")"
		fails tare cp "$T/file" "$box:/bind/ro/new"
		like '[Rr]ead-only'
		is '' "$(ls "$DATA/ro")"
	done
	has up /t/t t
	lacks_path down /t/t
	ok tare cp "$T/file" up:/t
	is one "$(tare exec up cat /t/file)"
	is one "$(tare exec up cat /vol/new)"
	is one "$(cat "$STATE/containers/$(member down .Id)/volumes/0/new")"
	lacks_path up /proc/kcore
	ok tare cp up:/proc/version "$T/version"
	cmp /proc/version "$T/version"
	ok tare rm -f up down
	nothing_left
}

@test "a file that is mounted is not taken off by one that comes in its place" {
	box_image box:1
	take box:1
	echo host >"$T/file"
	echo other >"$T/other"
	ok tare run -d --network none --name box -v "$T/file:/file" -v "$T/file:/dir/file" \
		box:1 sleep 1000
	for file in /file /dir/file; do
		exits 1 tare cp "$T/other" box:$file
		like 'something is mounted there'
	done
	is host "$(tare exec box cat /file)"
	ok tare diff box
	is $'A /dir\nA /dir/file\nA /file'
}

@test "a root that is read-only stays so, and one that is a directory is that" {
	box_image box:1
	take box:1
	own_rootfs
	ok tare run -d --network none --name up --read-only box:1 sleep 1000
	ok tare run --network none --name down --read-only box:1 true
	for box in up down; do
		fails tare cp "$BATS_TEST_FILENAME" "$box:/tmp"
		like '[Rr]ead-only'
	done
	ok run --name dir -v "$DATA:/data" true
	echo one >"$T/file"
	ok tare cp "$T/file" dir:/etc/file
	is one "$(<"$ROOTFS/etc/file")"
	ok tare cp "$T/file" dir:/data
	is one "$(<"$DATA/file")"
	[[ ! -e $ROOTFS/data/file ]]
	ok tare run -d --network none --name view --rootfs / sleep 1000
	ok tare cp "$T/file" view:/seen
	is one "$(tare exec view cat /seen)"
	[[ ! -e /seen ]]
	ok tare stop -t 0 view
	fails tare cp view:/etc/passwd "$T"
	like "a view of the host's own"
	ok tare rm -f up down dir view
	nothing_left
}

@test "one that is paused, and two at once into one that ended" {
	with_files
	ok "$OCI" --root "$STATE/run" pause "$(member up .Id)"
	ok tare cp dir up:/paused
	has up /paused/a two
	ok "$OCI" --root "$STATE/run" resume "$(member up .Id)"
	for i in 1 2 3 4 5 6; do
		tare cp dir down:/at-once-$i &
		hold $!
	done
	for i in 1 2 3 4 5 6; do
		arrived() { tare cp down:/at-once-$i/a - 2>/dev/null | tar -xOf - | grep -qx two; }
		wait_until arrived
	done
	no_files
}

@test "devices and sockets are not opened, and told of unless -q" {
	with_files
	ok tare cp up:/dev out
	like 'devices and sockets were left out'
	[[ -d out && ! -e out/null ]]
	mkfifo fifo
	ok tare cp -q up:/dev out-q
	is ''
	fails tare cp up:/dev/null out
	like "is a device or a socket"
	tar -cf - fifo | tare cp - up:/d
	ok tare cp up:/d out-d
	[[ -p out-d/fifo ]]
	fails tare cp file up:/d/fifo
	like 'neither a directory nor a file'
	no_files
}

@test "links of a container lead to what is its own" {
	with_files
	mkdir "$T/outside"
	echo secret >"$T/outside/file"
	ok tare exec up sh -c "ln -s $T/outside /out; ln -s $T/outside/new /dangling
		ln -s ../../../../../../..$T/outside/file /up"
	fails tare cp -L up:/out got
	fails tare cp -L up:/up got
	fails tare cp up:/out/file got
	fails tare cp file up:/out/file
	fails tare cp file up:/dangling
	is secret "$(<"$T/outside/file")"
	is file "$(ls "$T/outside")"
	# Not even what /proc of the container has of our machine's.
	fails tare cp up:/proc/1/root/d/f got
	no_files
}

@test "a directory that is exchanged for a link all the time leads nowhere else" {
	with_files
	mkdir "$T/outside"
	echo secret >"$T/outside/f"
	ok tare exec -d up sh -c "mkdir /r; cp -r /d /r/d; ln -s $T/outside /r/l; cd /r
		while :; do mv d e; mv l d; mv d l; mv e d; done"
	for i in $(seq 40); do
		rm -rf got
		tare cp up:/r/d/. got >/dev/null 2>&1 || true
		[[ ! -e got/f ]] || is in "$(<got/f)"
		tare cp dir up:/r/d >/dev/null 2>&1 || true
		tar -cf - dir | tare cp - up:/r/d >/dev/null 2>&1 || true
	done
	is f "$(ls "$T/outside")"
	is secret "$(<"$T/outside/f")"
	no_files
}

@test "what makes no sense" {
	exits 125 tare cp file other
	like "neither 'file' nor 'other' is in a container"
	exits 125 tare cp ./a:b /c:d
	exits 125 tare cp one
	fails tare cp nobody:/x .
	like "hint: 'tare ps --all'"
	exits 125 tare cp x: .
	like 'the path in the container is missing'
	at_terminal 'tare cp x:/ -'
	wait_end 125
	wait_until has_shown 'standard output is a terminal'
}
