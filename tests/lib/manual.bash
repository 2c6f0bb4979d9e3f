# SPDX-License-Identifier: Apache-2.0
#
# What the tests share that type the examples of docker's manual, on top of images.bash: the command
# is called docker, as after `alias docker=tare`, and images have the names that are used there. A
# file of tests begins with `load ../lib/manual`. The words:
#
#	docker ...           tare ..., as a shell would have it after the alias
#	given_images REF ... images of these names: static busybox with the programs that examples run
#	at_docker SCRIPT     bash runs it at a terminal (at_terminal), with docker as here
#	prints TEXT COMMAND ...
#	                     it succeeds and prints TEXT; what it says besides that is not looked at
#	sees PATTERN         the terminal shows it, soon
#
# Each test is in a directory of its own, $T/here. What an example has in a directory of the host that
# the machine may not have is below that; and what runs for ever is begun as the manual begins it.

# shellcheck source-path=SCRIPTDIR
source "${BASH_SOURCE[0]%/*}/images.bash"

docker() { tare "$@"; }

given_images() {
	local ref

	[[ -e $T/layers/manual ]] || manual_layer
	image manual:1 '.config = {Cmd: ["sh"], Env: ["PATH=/bin:/usr/bin"]}' manual
	take manual:1
	for ref; do
		ok tare tag manual:1 "$ref"
	done
	ok tare untag manual:1 manual:1
	mkdir -p "$T/here"
	cd "$T/here" || return
}

manual_layer() {
	local dir name

	dir=$(layer_dir manual)
	cp -a "$FILE_TMP/rootfs/." "$dir"
	mkdir -p "$dir"/{work,var/logs}
	echo daemon:x:2:2:daemon:/:/bin/sh >>"$dir/etc/passwd"
	printf '#!/bin/sh\nexec sh "$@"\n' >"$dir/bin/bash"
	{ echo '#!/bin/sh' && forever; } | tee "$dir/bin/"{nginx,redis-server,apachectl} >/dev/null
	for name in bash nginx redis-server apachectl; do
		chmod 755 "$dir/bin/$name"
	done
	ln -s ../../bin/top "$dir/usr/bin/top"
}

at_docker() { at_terminal "docker() { tare \"\$@\"; }; cd '$PWD'; $1"; }
sees() { wait_until has_shown "$1" || { screen && return 1; }; }

prints() {
	local text=$1
	shift

	"$@" >"$T/printed" 2>"$T/said" || { echo "failed: $*" && cat "$T/said" && return 1; }
	is "$text" "$(<"$T/printed")"
}
