#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# What docker makes of two paths, tare's cp does as well: the whole table of what may be copied
# where, into a container that does not run and out of it; and the same trees come of it.
#
# podman's cp is another: it follows every link, makes no directory whose name ends with a slash,
# and goes by the link, not by what it leads to, where a target of ours is one.

load ../lib/oci
load ../lib/tare
load ../lib/daemons

file_begins() { docker_begins; }
file_ends() { daemons_end; }

tare_test_begins() { export TARE_LIBEXEC=${TARE_LIBEXEC:-${OCI%/*}}; }
test_ends() { docker_ends; }

# A container `box` that does not run, in which /w is what $1 is.
tare_box() {
	own_rootfs
	cp -a "$1" "$ROOTFS/w"
	run --name box true
}
tare_end() { tare rm -f box && rm -rf "$ROOTFS"; }

docker_box() { docker create --name box $IMAGE true && docker cp "$1" box:/w; }
docker_end() { docker rm -f box; }

# Of a source: names in small letters; of a target, in large ones. Links to both.
tree_new() {
	mkdir -p "$1/d/sub" "$1/D"
	echo f >"$1/f"
	echo in >"$1/d/in"
	echo deep >"$1/d/sub/deep"
	ln -s d "$1/dl"
	ln -s f "$1/fl"
	echo F >"$1/F"
	ln -s D "$1/DL"
	ln -s F "$1/FL"
	ln -s X "$1/XL"
}

SOURCES=(f f/ d d/. dl dl/ fl none)
TARGETS=(new new/ no/new F F/ D D/ DL FL XL)

# What is in a directory: kinds, modes, names, links and contents.
picture() { (cd "$1" && find . -printf '%y %m %P %l\n' | sort && grep -r . . | sort); }

# outcome ENGINE IN|OUT SOURCE TARGET: did it succeed, and what is there now?
outcome() {
	local engine=$1 here=$T/here status=failed
	rm -rf "$here" "$T/w"
	tree_new "$here"
	"${engine}_box" "$here" >/dev/null 2>&1
	if [[ $2 == in ]]; then
		! "$engine" cp "$here/$3" "box:/w/$4" >/dev/null 2>&1 </dev/null || status=copied
		"$engine" cp box:/w "$T/w" >/dev/null
		here=$T/w
	else
		! "$engine" cp "box:/w/$3" "$here/$4" >/dev/null 2>&1 </dev/null || status=copied
	fi
	echo "$status"
	picture "$here"
	"${engine}_end" >/dev/null 2>&1
}

# same IN|OUT: of each pair, and a good deal of them succeed.
same() {
	local source target ours theirs differs='' copied=0
	for source in "${SOURCES[@]}"; do
		for target in "${TARGETS[@]}"; do
			ours=$(outcome tare "$1" "$source" "$target") || true
			theirs=$(outcome docker "$1" "$source" "$target") || true
			[[ $ours != copied* ]] || copied=$((copied + 1))
			[[ $ours != "$theirs" ]] || continue
			differs+="$source $target"$'\n'
			differs+=$(diff <(echo "$ours") <(echo "$theirs") || true)$'\n'
		done
	done
	[[ -z $differs ]] || { echo "$differs" && return 1; }
	((copied > 30))
}

@test "into a container" { same in; }
@test "out of a container" { same out; }
