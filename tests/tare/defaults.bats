#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What every container has that nobody asked for, as it looks from inside.

load ../lib/images

test_begins() {
	TARE=${TARE:-${OCI%/*}/tare}
	PARENT=/$NAME
	ROOTFS=$FILE_TMP/rootfs
	KEYS=
	tare_test_begins
	export TARE_CONF=$T/tare.conf
	: >"$TARE_CONF"
}

# inside [OPTION ...] -- SCRIPT: in a container of a directory, and then in one of an image.
inside() {
	local -a options=()

	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	run --rm "${options[@]}" sh -c "$2"
}

# ------------------------------------------------------------------------------- limits

@test "limits do not depend on the caller's shell" {
	hard=$(ulimit -Hn)
	((hard < 1048576)) || hard=1048576
	(
		ulimit -Sn 100
		is "$hard $hard" "$(inside -- 'echo $(ulimit -Sn) $(ulimit -Hn)')"
	)
	(
		ulimit -n 200
		is '200 200' "$(inside -- 'echo $(ulimit -Sn) $(ulimit -Hn)')" ||
			is '1048576 1048576' "$(inside -- 'echo $(ulimit -Sn) $(ulimit -Hn)')"
	)
	is "$(ulimit -Sc)" "$(inside -- 'ulimit -Sc')"
}

# bats test_tags=guest
@test "a limit that is asked for works, or the container is refused" {
	is '64 128' "$(inside --ulimit nofile=64:128 -- 'echo $(ulimit -Sn) $(ulimit -Hn)')"
	hard=$(ulimit -Hn)
	try run --rm --ulimit nofile=$((hard + 1)) sh -c 'ulimit -n'
	if ((status)); then
		is 125 "$status"
		like "RLIMIT_NOFILE to $((hard + 1))"
	else
		is $((hard + 1))
	fi
}
