#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Limits that this machine can't set: an error that says why and what would help, or with
# --ignore-missing-limits a warning.

load ../lib/tare

tare_test_begins() { needs_controller memory; }

# hide CONTROLLER ...: from here on, in this test, their hierarchies are not mounted: as on a machine
# where nobody did.
hide() {
	local name

	for name; do
		umount "$CGROUPS/$name"
		HIDDEN+=("$name")
	done
}

test_ends() {
	local name

	for name in "${HIDDEN[@]}"; do
		mount -t cgroup -o "$name" cgroup "$CGROUPS/$name"
	done
	HIDDEN=()
}

HIDDEN=()

@test "a limit whose hierarchy is not mounted: an error that tells how to mount it" {
	hide memory
	exits 125 run --name box -m 64m true
	is "tare: run: linux.resources.memory.limit: the cgroup controller 'memory' is not \
available for '$PARENT/ID': its cgroup v1 hierarchy is not mounted
hint: these lines mount it:
      mkdir -p /sys/fs/cgroup/memory
      mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory" \
		"$(sed -E "s|[0-9a-f]{64}|ID|" <<<"$output")"
	nothing_left
	# What is advised helps.
	bash -ec "$(sed -n 's/^      //p' <<<"$output")"
	HIDDEN=()
	ok run --rm -m 64m true
}

@test "--ignore-missing-limits warns of it and runs" {
	hide memory
	ok run --ignore-missing-limits --name box -m 64m --pids-limit 99 echo runs
	is "tare: warning: it runs without limits of 'memory': linux.resources.memory.limit: \
the cgroup controller 'memory' is not available for '$PARENT/ID': its cgroup v1 hierarchy is not \
mounted
runs" "$(sed -E "s|[0-9a-f]{64}|ID|" <<<"$output")"
}

@test "--ignore-missing-limits: a warning for each controller, and the others' limits hold" {
	hide memory cpu
	begin box --ignore-missing-limits -m 64m --cpus 0.5 --pids-limit 99
	like "without limits of 'cpu'"
	like "without limits of 'memory'"
	is 2 "$(grep -c warning <<<"$output")"
	export CID=${output##*$'\n'}
	is 99 "$(box_cg pids pids.max)"
}

@test "--ignore-missing-limits says nothing where nothing is missing" {
	ok run --ignore-missing-limits --rm -m 64m --cpus 0.5 echo runs
	is runs
}

@test "--ignore-missing-limits: a limit of swap that the kernel can't have" {
	command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null || skip 'needs strace'
	[[ ! -v TARE_TEST_SANITIZED ]] || skip 'needs a program without sanitizers'
	# As where swap is not accounted: the file of its limit is not there.
	unaccounted() {
		timeout --foreground 20 strace -f -o /dev/null -P memory.memsw.limit_in_bytes \
			-e inject=openat,faccessat,faccessat2:error=ENOENT "$TARE" --root "$STATE" \
			--cgroup-parent "$PARENT" run --rm --network none --rootfs "$ROOTFS" "$@" \
			3>&- {PAUSE}>&- {GATE}>&-
	}
	ok unaccounted --ignore-missing-limits -m 64m --memory-swap 80m echo runs
	is $'tare: warning: --memory-swap: swap is not accounted here; memory alone is limited\nruns'
	ok unaccounted -m 64m echo runs
	is runs
	fails unaccounted -m 64m --memory-swap 80m echo runs
	like $'memory.swap: .*this kernel does not have it\nhint: .*\n +swapaccount=1$'
}

@test "a limit that was not asked for needs no controller" {
	hide memory cpu
	ok run --rm echo runs
	is runs
}

@test "without swap accounting, a limit of memory is one of memory alone" {
	[[ ! -e $CGROUPS/memory/memory.memsw.limit_in_bytes ]] || skip 'needs no swap accounting'
	ok run --rm -m 64m echo runs
	is runs
}
