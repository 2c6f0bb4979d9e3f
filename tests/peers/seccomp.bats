#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Our default seccomp profile beside podman's and docker's, as they are installed here: whatever the
# one lets a container do and the other does not is named below, with the reason. Of a call whose
# arguments decide only the name counts; tests/unit/profile has the arguments.

load ../lib/oci
load ../lib/daemons

DOCUMENT=${OCI%/*}/seccomp.json

test_begins() {
	[[ -e $DOCUMENT ]] || skip 'the document is not beside the program'
}

test_ends() { [[ ! -v DAEMONS ]] || daemons_end; }

# allowed CAPABILITIES: the names that a profile on standard input lets pass who has these.
allowed() {
	jq -r --argjson caps "$1" '.syscalls[] | select(.action == "SCMP_ACT_ALLOW") |
		select((.includes.caps // []) - $caps == []) |
		select(((.excludes.caps // []) | map(select(IN($caps[])))) == []) |
		select((.includes.arches // ["amd64"]) | index("amd64")) | .names[]' | sort -u
}

# is_named LIST: each line of standard input is a word of the list.
is_named() {
	local left
	left=$(grep -vxF "$(tr -s ' \t\n' '\n' <<<"$1" | sed '/^$/d')" || true)
	[[ -z $left ]] || { echo "not named: ${left//$'\n'/ }" && return 1; }
}

# Not calls, or none of a machine that our filter is for.
NO_CALLS='syscall timerfd s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr'

# In docker's profile of today, and not in one of some years ago.
NEW='cachestat clock_adjtime64 close_range epoll_pwait2 faccessat2 fchmodat2 futex_requeue futex_wait
	futex_waitv futex_wake getxattrat io_pgetevents_time64 landlock_add_rule
	landlock_create_ruleset landlock_restrict_self listmount listxattrat map_shadow_stack
	memfd_secret mseal name_to_handle_at openat2 pidfd_open pkey_alloc pkey_free pkey_mprotect
	process_mrelease process_vm_readv process_vm_writev removexattrat riscv_hwprobe setxattrat
	statmount uprobe uretprobe'

# Of other processors; profiles of one machine don't have them.
ELSEWHERE='arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush riscv_flush_icache set_tls
	swapcontext sync_file_range2'

@test "podman's profile: what it allows and ours does not" {
	local profile=/usr/share/containers/seccomp.json
	local caps='["CAP_CHOWN","CAP_SYS_CHROOT"]'

	[[ -e $profile ]] || skip "$profile is not installed"
	allowed "$caps" <"$profile" >"$T/theirs"
	allowed "$caps" <"$DOCUMENT" >"$T/ours"
	# Namespaces and mounts, whose code in the kernel was written for root, need SYS_ADMIN as
	# docker has it; clone3 hides its flags.
	local refused='clone3 fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree
		pivot_root setns umount umount2 unshare'
	# No namespace tells keys apart. The rest needs its capability, as docker has it.
	refused+=' keyctl reboot syslog pidfd_getfd get_mempolicy mbind set_mempolicy'
	comm -23 "$T/theirs" "$T/ours" | is_named "$refused $NO_CALLS"
	# It refuses vmsplice and io_pgetevents by name; docker does not.
	comm -13 "$T/theirs" "$T/ours" | is_named "vmsplice io_pgetevents membarrier ptrace \
		$NEW $ELSEWHERE"
}

@test "docker's profile: what it allows and ours does not" {
	command -v dockerd docker >/dev/null || skip 'needs dockerd'
	docker_begins
	ok docker run --detach --name box $IMAGE sh -c 'while :; do sleep 1000; done'
	within find "$D" -name config.json -path "*/moby/*" -exec cat {} \; -quit >"$T/config"
	docker rm --force box >/dev/null
	jq .linux.seccomp "$T/config" >"$T/profile"
	caps=$(jq -c .process.capabilities.bounding "$T/config")
	allowed "$caps" <"$T/profile" >"$T/theirs"
	allowed "$caps" <"$DOCUMENT" >"$T/ours"
	(($(wc -l <"$T/theirs") > 300))
	# Until docker 25.
	local refused='io_uring_enter io_uring_register io_uring_setup'
	comm -23 "$T/theirs" "$T/ours" | is_named "$refused $NO_CALLS"
	# What 32-bit programs of long ago call, and podman lets pass.
	comm -13 "$T/theirs" "$T/ours" | is_named "readdir sigaction signal sigpending sigsuspend \
		$NEW $ELSEWHERE"
}
