#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# tare run: exit statuses, what goes in and what comes out, names, and what is left.

load ../lib/tare

# ------------------------------------------------------------------------------- exit statuses

@test "the command's exit status is run's" {
	for status in 0 1 42 125 255; do
		exits $status run --rm sh -c "exit $status"
		is ''
	done
}

@test "a command that died by a signal: 128 and its number" {
	for signal in TERM:143 SEGV:139 KILL:137 USR1:138; do
		exits "${signal#*:}" run --rm sh -c "sh -c 'kill -${signal%:*} \$\$'; exit \$?"
	done
	begin killed
	ok tare kill killed
	exits 0 tare wait killed
	is 137
}

@test "127: there is no such command, 126: it can't be executed" {
	own_rootfs
	printf 'no program' >"$ROOTFS/bin/text"
	chmod 755 "$ROOTFS/bin/text"
	for name in nonesuch /bin/nonesuch ./nonesuch; do
		exits 127 run --rm "$name"
		like "tare: run: .*$name.*[Nn]o such file"
	done
	for name in /etc /etc/passwd /bin/text; do
		exits 126 run --rm "$name"
		like "tare: run: .*'$name'"
	done
	is '' "$(names_all)"
	nothing_left
}

@test "125: the engine's own failures and usage errors" {
	exits 125 run --bogus true
	like "unknown option '--bogus'"
	like 'run --help'
	exits 125 run
	like 'COMMAND is missing'
	exits 125 tare run --rootfs "$T/missing" true
	like 'missing.*[Nn]o such file'
	exits 125 tare run --pull never image true
	like "there is no image 'image'"
	exits 125 run --memory much true
	exits 125 run --network a/b true
	exits 125 run --name a/b true
	exits 125 run --user nobodyknown true
	like "user 'nobodyknown'"
	exits 125 run -v relative true
	exits 125 run --cap-add NO_SUCH true
	exits 125 run --workdir relative true
	exits 125 run -e =x true
	exits 125 tare bogus
	is '' "$(names_all)"
	nothing_left
}

@test "a root filesystem that is a file is refused" {
	: >"$T/file"
	exits 125 tare run --rootfs "$T/file" true
	like "$T/file"
	is '' "$(names_all)"
}

# ------------------------------------------------------------------------------- output

@test "standard output and error come apart" {
	run --rm sh -c 'echo out; echo err >&2' >"$T/out" 2>"$T/err"
	is out "$(<"$T/out")"
	is err "$(<"$T/err")"
}

@test "all that a container wrote comes, large as it may be" {
	run --rm sh -c 'seq 300000; seq 100000 >&2' >"$T/out" 2>"$T/err"
	is "$(seq 300000 | sha256sum)" "$(sha256sum <"$T/out")"
	is "$(seq 100000 | sha256sum)" "$(sha256sum <"$T/err")"
}

@test "bytes come as they are" {
	head -c 100000 /dev/urandom >"$T/in"
	run --rm -i cat <"$T/in" >"$T/out"
	cmp "$T/in" "$T/out"
}

@test "a reader that is slow at first gets all of it" {
	mkfifo "$T/pipe"
	exec_tare run --network none --rootfs "$ROOTFS" --name slow sh -c 'seq 100000; exit 7' \
		>"$T/pipe" &
	local pid=$! fd
	exec {fd}<"$T/pipe"
	# It can't have ended: the pipe holds 64 KiB.
	wait_until is_running slow
	is "$(seq 100000 | sha256sum)" "$(sha256sum <&"$fd")"
	exec {fd}<&-
	status=0
	wait $pid || status=$?
	((status == 7))
}

@test "a reader that is slow after the end gets all of it" {
	mkfifo "$T/pipe"
	exec {hold_open}<>"$T/pipe"
	exec_tare run --network none --rootfs "$ROOTFS" --name slow sh -c 'seq 10000' >"$T/pipe" \
		{hold_open}>&- &
	local pid=$!
	# 48,894 bytes fit into the pipe: it ends before anybody reads.
	wait $pid
	is "$(seq 10000 | sha256sum)" "$(head -c 48894 <&"$hold_open" | sha256sum)"
}

@test "a reader that closes early does not end the container" {
	run --name closed sh -c 'seq 100000; echo end >&2; exit 5' 2>"$T/err" | head -n 1 >"$T/out" ||
		true
	is 1 "$(<"$T/out")"
	is 5 "$(tare wait closed)"
	is end "$(<"$T/err")"
	is 100000 "$(tare logs closed | grep -c '^[0-9]')"
}

@test "standard output closed: the container runs all the same" {
	exits 3 bash -c '"$1" --root "$2" --cgroup-parent "$3" run --network none --rootfs "$4" \
		--name quiet sh -c "echo text; exit 3" >&-' _ "$TARE" "$STATE" "$PARENT" "$ROOTFS"
	is text "$(tare logs quiet)"
}

@test "a process that stays behind does not hold run up" {
	exits 0 run --rm sh -c 'sleep 1000 & echo done'
	is 'done'
}

# ------------------------------------------------------------------------------- input

@test "-i: a pipe, a file, and the end of both" {
	is 3 "$(printf 'a\nb\nc\n' | run --rm -i wc -l)"
	seq 50000 >"$T/in"
	is "$(sha256sum <"$T/in")" "$(run --rm -i sha256sum <"$T/in")"
	is 0 "$(run --rm -i wc -c </dev/null)"
}

@test "without -i standard input is empty" {
	is 0 "$(echo text | run --rm wc -c)"
}

@test "-i: what is written comes at once, and the end of input ends the container" {
	mkfifo "$T/in"
	exec_tare run --network none --rootfs "$ROOTFS" -i sh -c 'while read -r l; do echo "<$l>"
		done; exit 9' <"$T/in" >"$T/out" &
	local pid=$! fd
	exec {fd}>"$T/in"
	echo one >&"$fd"
	wait_until grep -q '<one>' "$T/out"
	echo two >&"$fd"
	wait_until grep -q '<two>' "$T/out"
	exec {fd}>&-
	status=0
	wait $pid || status=$?
	((status == 9))
}

@test "-i: input that nobody reads does not hold run up" {
	exits 4 run --rm -i sh -c 'exit 4' </dev/zero
}

@test "the container's descriptors are no doors to the host" {
	exec 9<"$FILE_TMP"
	ok run --rm -i sh -c 'ls -l /proc/self/fd; cat' <"$ROOTFS/etc/passwd"
	exec 9<&-
	like 'root:x:0'
	unlike "$FILE_TMP|passwd|socket:|/dev/pts| 9 ->"
}

# ------------------------------------------------------------------------------- -d

@test "-d prints the id and returns at once, with standard output closed" {
	# If anything held it open, this would not return.
	id=$(run -d --name back sleep 1000)
	like '^[0-9a-f]{64}$' "$id"
	is "$id" "$(member back .Id)"
	is back "$(names_running)"
}

@test "-d: standard error is not held open either" {
	{ run -d sleep 1000 2>&1 >/dev/null; } | cat >"$T/err"
	is '' "$(<"$T/err")"
}

@test "-d of a command that is not there: 127, and no id" {
	exits 127 run -d nonesuch
	unlike '[0-9a-f]{64}'
	nothing_left
}

@test "-d --rm: gone when it ends" {
	begin once --rm
	ok tare stop once
	is '' "$(names_all)"
	nothing_left
}

# ------------------------------------------------------------------------------- names

@test "--rm leaves nothing, and frees the name before run returns" {
	for _ in 1 2 3 4 5; do
		ok run --rm --name again true
		is '' "$(names_all)"
	done
	nothing_left
}

@test "without --rm it is kept, and its name is taken" {
	ok run --name kept sh -c 'echo text'
	exits 125 run --name kept true
	like "the name 'kept' is taken by container $(member kept '.Id[:12]')"
	is kept "$(names_all)"
	ok tare rm kept
	ok run --rm --name kept true
}

@test "names have letters, digits and a few more" {
	for name in a A-b_c.d 0 "$(printf 'n%.0s' {1..128})"; do
		ok run --rm --name "$name" true
	done
	for name in '' -a .hidden _x a/b 'a b' ../up "$(printf 'n%.0s' {1..129})" $'a\nb' é; do
		exits 125 run "--name=$name" true
		like 'is no name for a container'
	done
	is '' "$(names_all)"
}

@test "without --name one is made up, and leads to it" {
	ok run true
	name=$(names_all)
	like '^[a-z]+_[a-z]+[0-9a-f]*$' "$name"
	is "/$name" "$(member "$name" .Name)"
}

@test "a container by the beginning of its id" {
	id=$(run -d sleep 1000)
	is "$id" "$(member "${id:0:12}" .Id)"
	is "$id" "$(member "$id" .Id)"
	for _ in {1..17}; do
		run true
	done
	# Of eighteen ids two begin with the same digit.
	digit=$(tare ps -aq | cut -c 1 | sort | uniq -d | head -n 1)
	fails tare inspect "$digit"
	like "'$digit' begins the ids of [0-9]+ containers"
	fails tare inspect "${id}0"
	like 'there is no container'
	fails tare inspect nonesuch
	like "there is no container 'nonesuch'"
	like 'ps --all'
	fails tare inspect ../../etc
	like 'there is no container'
}

@test "a name that looks like an id is a name first" {
	run -d --name abc sleep 1000
	id=$(tare ps -q --no-trunc)
	name=${id:0:6}
	ok run --name "$name" sh -c 'echo other'
	is other "$(tare logs "$name")"
}

# ------------------------------------------------------------------------------- words

@test "without --network it is on the network bridge" {
	ok tare run --rm --rootfs "$ROOTFS" ip -o -4 address show eth0
	like ' 10\.87\.'
	ok tare run --rm --network none --rootfs "$ROOTFS" ip -o link
	is 1 ${#lines[@]}
	ok tare run --rm --net host --rootfs "$ROOTFS" true
	is ''
}

@test "options end at the first word, and at --" {
	ok run --rm echo -d --rm
	is '-d --rm'
	ok run --rm -- echo -- x
	is '-- x'
}

@test "--help" {
	ok tare run --help
	like '--rootfs'
	like '--cap-add'
}
