#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What is done where the kernel lacks something, on one that has it: strace makes the call fail as
# an older kernel would. docs/kernels.md names the features.

load ../lib/oci

test_begins() {
	no_peers
	command -v strace >/dev/null || skip 'needs strace'
	strace -o /dev/null true 2>/dev/null || skip 'needs ptrace'
	[[ ! -v TARE_TEST_SANITIZED ]] || skip 'needs a program without sanitizers'
}

# lacking INJECTION RUNTIME-ARGUMENT ...: the runtime on a kernel that is as INJECTION says, or is so
# for the file $FILE. What it called is in $T/trace.
lacking() {
	timeout --foreground --kill-after=5 20 strace -f -o "$T/trace" ${FILE:+-P "$FILE"} \
		-e "inject=$1" "$OCI" --root "$STATE" "${@:2}" 3>&- {PAUSE}>&- {GATE}>&-
}

was_injected() { grep -q INJECTED "$T/trace" || { echo 'nothing was injected' && return 1; }; }

@test "without keyrings there is none to share" {
	sh_in_box 'echo runs'
	ok lacking keyctl:error=ENOSYS run --bundle "$BUNDLE" "$ID"
	is runs
	was_injected
}

@test "without files in memory that can't be executed a hook is given its state all the same" {
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "cat >\($f)"]}]' \
		--arg f "$T/state.json"
	sh_in_box 'echo runs'
	ok lacking memfd_create:error=EINVAL:when=1 run --bundle "$BUNDLE" "$ID"
	is runs
	was_injected
	is "$ID" "$(jq -r .id "$T/state.json")"
}

@test "without clone3 no container is made, and the error names the call's purpose" {
	fails lacking clone3:error=ENOSYS run --bundle "$BUNDLE" "$ID"
	was_injected
	like 'function not implemented'
	has_no_cgroups
}

@test "without mount_setattr no container is made" {
	fails lacking mount_setattr:error=ENOSYS run --bundle "$BUNDLE" "$ID"
	was_injected
	like 'function not implemented'
	has_no_cgroups
}

@test "a memory limit without swap accounting: swap is refused with a hint, memory alone is not" {
	has_v1 memory || skip 'needs the controller memory in a cgroup v1 hierarchy'
	config '.linux.resources.memory = {limit: 33554432}'
	sh_in_box 'echo runs'
	ok run_box
	config '.linux.resources.memory.swap = 67108864'
	FILE=memory.memsw.limit_in_bytes fails lacking openat:error=ENOENT run --bundle "$BUNDLE" "$ID"
	was_injected
	like 'memory.swap: write .*memsw.* this kernel does not have it'
	like $'\nhint: .*\n +swapaccount=1'
	has_no_cgroups
}
