#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# What is done where the kernel's overlayfs does not want the file system: fuse-overlayfs, and at
# last a copy. An overlay is such a file system, so an engine in a container meets it every day.

load ../lib/images

# The engine's directory on an overlay.
on_overlay() {
	local dir=$T/on

	mkdir -p "$dir"/{lower,upper,work,all}
	mount -t overlay -o "lowerdir=$dir/lower,upperdir=$dir/upper,workdir=$dir/work" on \
		"$dir/all"
	STATE=$dir/all/state
}

# PATH without fuse-overlayfs, as if it was not installed.
without_fuse() {
	mkdir "$T/path"
	ln -sf /usr/bin/* /usr/sbin/* "$T/path/"
	rm -f "$T/path/fuse-overlayfs"
	OLD_PATH=$PATH
	# shellcheck disable=SC2123 # it is
	PATH=$T/path
}

# All there is, as a container sees it.
list='cd / && for f in $(find . -xdev | grep -vE "^./(dev|proc|sys|etc/(hosts|hostname|resolv.conf))" |
	sort); do [ "$f" = . ] || stat -c "%n %f %u:%g %Y $(readlink "$f")" "$f"; done; cat keep/deep/b plain
	[ first -ef second ] && echo one file'

# What overlayfs shows of it.
want() {
	layered_image layers:1
	take layers:1
	ok tare run --rm --userns host --network none layers:1 sh -c "$list"
	WANT=$output
}

shows_the_same() {
	ok tare run --rm --network none layers:1 sh -c "$list"
	grep -vE "^tare: |^hint: " <<<"$output" >"$T/seen"
	diff <(printf '%s\n' "$WANT") "$T/seen"
}

overlay_ends() { umount -l "$T/on/all"; }

@test "fuse-overlayfs does what the kernel's overlayfs does not want to" {
	command -v fuse-overlayfs >/dev/null || skip 'needs fuse-overlayfs'
	[[ -e /dev/fuse ]] || skip 'needs fuse'
	want
	on_overlay
	take layers:1
	ok tare run --network none --name one layers:1 sh -c 'echo new >/new; rm /plain; cat /new'
	like "overlay: put the layers together: "
	like 'the root file system is made by fuse-overlayfs'
	ok tare diff one
	shows '^A /new$'
	shows '^D /plain$'
	ok tare commit one made:1
	ok tare export -o "$T/one.tar" one
	ok tar -tf "$T/one.tar"
	shows '^new$'
	lacks '^plain$'
	wait_until no_server
	ok tare run --rm --network none made:1 sh -c 'cat /new; ls /plain || :'
	lacks '^/plain$'
	shows '^new$'
	fails tare image mount layers:1
	like "overlay: put the layers together: operation not supported"
	ok tare rm one
	shows_the_same
	wait_until no_server
	overlay_ends
}

no_server() { ! pgrep -f "fuse-overlayfs .*$T" >/dev/null; }

@test "a monitor that is killed takes fuse-overlayfs with it" {
	command -v fuse-overlayfs >/dev/null || skip 'needs fuse-overlayfs'
	[[ -e /dev/fuse ]] || skip 'needs fuse'
	box_image box:1
	on_overlay
	take box:1
	ok tare run -d --network none --name one box:1 sleep 1000
	pgrep -f "fuse-overlayfs .*$T" >/dev/null
	monitor=$(pgrep -f "fuse-overlayfs .*$T" | xargs ps -o ppid= -p | xargs)
	kill -9 "$monitor"
	wait_until no_server
	ok tare rm --force one
	overlay_ends
}

@test "without it layers are copied, and show the same" {
	want
	on_overlay
	take layers:1
	without_fuse
	ok tare run --network none --name one layers:1 sh -c 'echo new >/new; rm /plain; cat /new'
	like 'the root file system is made by copy'
	ok tare diff one
	is $'A /new\nD /plain'
	ok tare commit one made:1
	made=$(tare image inspect made:1 | jq -r '.[0].RootFS.Layers[-1]')
	is $'.wh.plain\nnew' "$(ls -A "$STATE/layers/sha256/${made#sha256:}/fs")"
	ok tare export -o "$T/one.tar" one
	ok tar -tf "$T/one.tar"
	shows '^new$'
	shows '^first$'
	lacks '^plain$'
	ok tare rm one
	shows_the_same
	is '' "$(ls "$STATE/containers")"
	PATH=$OLD_PATH
	overlay_ends
}
