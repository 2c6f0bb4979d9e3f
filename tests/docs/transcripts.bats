#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What documents show is true: their commands print what stands there, and what they name in src/
# is there. lib/transcript types the commands, on what lib/machine makes look like a machine.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	TARE_OCI=${TARE_OCI:-$PWD/build/src/tare-oci}
	export PATH=${TARE_OCI%/*}:$PATH TARE_LIBEXEC=${TARE_OCI%/*}
	export TARE_TEST_PREFIX=${TARE_TEST_PREFIX:-tare-test-$$}
	# What a reader's terminal has.
	export LC_ALL=C.UTF-8 TERM=xterm HOME=/root
}

needs_v1() {
	mountpoint -q /sys/fs/cgroup/pids || skip 'needs cgroup v1 or hybrid'
}

# types FILE: all of its commands; as many as lines that begin as one.
types() {
	local n
	n=$(awk '/^```/ { in_block = /console$/ } in_block && /^[a-z]*# / { n++ } END { print n }' \
		"$1")
	run tests/lib/machine tests/lib/transcript "$1"
	echo "$output"
	((status == 0 && n > 0))
	[[ $output == "$n commands" ]]
}

# document LINE...: a document with one block of these lines, $DOC.
document() {
	DOC=$BATS_TEST_TMPDIR/document.md
	printf '%s\n' '```console' "$@" '```' >"$DOC"
}

# finds_difference PATTERN: the transcript of $DOC differs from it.
finds_difference() {
	run tests/lib/transcript "$DOC"
	echo "$output"
	((status == 1))
	[[ $output == *$1* ]]
}

@test "how a container is made: every command prints what is shown" {
	needs_v1
	types docs/how-a-container-is-made.md
}

@test "README.md: every command prints what is shown" {
	needs_v1
	types README.md
}

@test "a transcript passes when all is as shown" {
	document 'a# echo 31240 two  words' '1234 ... words' 'b# printf "1\n2\n3\n"' '1' '...'
	run tests/lib/transcript "$DOC"
	[[ $status == 0 && $output == '2 commands' ]]
}

@test "a transcript tells a line that differs, by its number" {
	document 'a# true' 'a# echo one' 'two'
	finds_difference "$DOC:3: echo one"
}

@test "a transcript tells what is missing, and what is too much" {
	document 'a# true' 'one'
	finds_difference "$DOC:2: true"
	document 'a# echo one'
	finds_difference "$DOC:2: echo one"
}

@test "a transcript takes no short number, and no other letters, for what is shown" {
	document 'a# echo 3' '4'
	finds_difference 'echo 3'
	document 'a# echo ab*' 'abc'
	finds_difference 'echo ab'
	document 'a# echo abc' 'a*'
	finds_difference 'echo abc'
}

@test "a shell of a transcript keeps what was done in it, apart from the others" {
	document 'a# x=1' 'b# x=2' 'a# bash' 'a# x=3' 'a# exit' 'a# echo $x' '1' 'b# echo $x' '2'
	run tests/lib/transcript "$DOC"
	[[ $status == 0 && $output == '7 commands' ]]
}

# Every `name` (`src/file`) of a document, also with a comma: "name file", a line each.
names_in() {
	tr '\n' ' ' <"$1" | grep -oE '`[a-z_0-9]+`(, *| +\()`src/[^` ]+`' | tr -d '`(,'
}

# Every path below src, tests, docs or scripts that a document names.
paths_in() {
	grep -ohE '`(src|tests|docs|scripts|bench|man)/[a-z0-9_./-]+`' "$@" | tr -d '`' | sort -u
}

is_defined() { grep -qE "^[a-z_][a-zA-Z_ *0-9]*[ *]$1(\(|\[| =)" "$2"; }

@test "what documents name in src is defined there" {
	local name file n=0

	while read -r name file; do
		is_defined "$name" "$file" || { echo "no $name in $file" && return 1; }
		n=$((n + 1))
	done < <(for doc in README.md docs/*.md; do names_in "$doc"; done)
	((n >= 40))
}

@test "a name that is not defined is noticed" {
	is_defined clone_process src/sys/clone.c
	run ! is_defined clone_proces src/sys/clone.c
	run ! is_defined syscall src/sys/clone.c
}

@test "files that documents name are there" {
	local path n=0

	while read -r path; do
		[[ -e $path ]] || { echo "no $path" && return 1; }
		n=$((n + 1))
	done < <(paths_in README.md docs/*.md)
	((n >= 40))
}

@test "documents link to what is there" {
	local doc link

	for doc in README.md docs/*.md; do
		while read -r link; do
			[[ -e ${doc%/*}/$link || -e $link ]] || { echo "$doc: $link" && return 1; }
		done < <(grep -oE '\]\([^)#: ]+\)' "$doc" | tr -d '()]')
	done
}
