# SPDX-License-Identifier: Apache-2.0
#
# What the kernel has of a container's cgroup, in one form whichever kind of hierarchy bears it. A
# hybrid machine has each controller either in a v1 hierarchy or in the v2 tree.
#
#	is_v2                        is one unified tree all that this machine has?
#	cg_root CONTROLLER           the root of that hierarchy, in a container that mounts them too
#	cg CONTROLLER FILE           the file, in the hierarchy that bears the controller
#	limit_of NAME                a limit, as config.json has it; `max` is none. NAME is a row below,
#	                             or a file that has one name everywhere: pids.max
#	limit_is NAME VALUE          ... and it must be this
#	needs_controller NAME [FILE] skip where the machine has none, or not this file of it
#	path_in CONTROLLER TEXT      the path that /proc/PID/cgroup has, if TEXT is what it says
#	members                      the processes of the group itself
#	is_member PID                one of them?
#
# They look at the group $CG. Values of v1 that v2 has in other words (shares, weights) are told as
# v1 has them, from tables: a conversion that is tested must not test itself.

CGROUPS=/sys/fs/cgroup

is_v2() { [[ -e $CGROUPS/cgroup.controllers ]]; }
has_v1() { [[ -e $CGROUPS/$1/cgroup.procs ]]; }

cg_root() {
	if has_v1 "$1"; then
		echo "$CGROUPS/$1"
	elif is_v2; then
		echo "$CGROUPS"
	else
		echo "$CGROUPS/unified"
	fi
}

cg() { cat "$(cg_root "$1")$CG/$2"; }

path_in() {
	if has_v1 "$1"; then
		sed -En "s/^[0-9]+:([^:]*,)?$1(,[^:]*)?://p" <<<"$2"
	else
		sed -n 's/^0:://p' <<<"$2"
	fi
}

# Any hierarchy will do to see who is inside, and all have to agree.
members() { cg pids cgroup.procs; }
is_member() { grep -qx "$1" <(members); }

# The controllers of v1 that are no controllers of v2, but what it does without.
is_in_v2() {
	case $1 in
	devices | freezer) is_v2 ;;
	*) grep -qsw "${1/blkio/io}" "$(cg_root "$1")/cgroup.controllers" ;;
	esac
}

needs_controller() {
	has_v1 "$1" || is_in_v2 "$1" || skip "needs the cgroup controller $1"
	[[ -z ${2-} ]] || ! has_v1 "$1" || [[ -e $CGROUPS/$1/$2 ]] ||
		[[ -n $(find "$CGROUPS/$1" -maxdepth 2 -name "$2") ]] ||
		skip "needs $2 of the cgroup v1 controller $1"
}

# Kernels can swap without a limit of it: v2 without a word, v1 if they were told so at boot.
needs_swap_limit() {
	needs_controller memory memory.memsw.limit_in_bytes
	has_v1 memory || needs_file /proc/swaps
}

# ------------------------------------------------------------------------------- limits

limit_is() {
	local seen

	seen=$(limit_of "$1") || return 1
	[[ $seen == "$2" ]] || { echo "$1: $seen, not $2" && return 1; }
}

limit_of() {
	if has_v1 "$(controller_of "$1")"; then
		limit_v1 "$1"
	else
		limit_v2 "$1"
	fi
}

controller_of() {
	case $1 in
	memory* | reservation | swappiness) echo memory ;;
	shares | quota | burst | idle) echo cpu ;;
	pages) echo hugetlb ;;
	*_bps | *_iops) echo blkio ;;
	frozen) echo freezer ;;
	*) echo "${1%%.*}" ;;
	esac
}

# 9223372036854771712, which v1 has where v2 has a word.
or_max() { if ((${#1} == 19)); then echo max; else echo "$1"; fi; }

limit_v1() {
	case $1 in
	memory) or_max "$(cg memory memory.limit_in_bytes)" ;;
	memory+swap) or_max "$(cg memory memory.memsw.limit_in_bytes)" ;;
	reservation) or_max "$(cg memory memory.soft_limit_in_bytes)" ;;
	swappiness) cg memory memory.swappiness ;;
	shares) cg cpu cpu.shares ;;
	quota) echo "$(cg cpu cpu.cfs_quota_us) $(cg cpu cpu.cfs_period_us)" ;;
	burst) cg cpu cpu.cfs_burst_us ;;
	idle) cg cpu cpu.idle ;;
	pages) or_max "$(cg hugetlb hugetlb.2MB.limit_in_bytes)" ;;
	*_bps | *_iops) cg blkio "blkio.throttle.$1_device" | cut -d ' ' -f 2 ;;
	frozen) if [[ $(cg freezer freezer.state) == FROZEN ]]; then echo 1; else echo 0; fi ;;
	*) cg "${1%%.*}" "$1" ;;
	esac
}

# The weights that stand for these shares: runtime-spec, and crun, which rounds as we do.
declare -gA SHARES_OF=([1]=2 [35]=256 [59]=512 [100]=1024 [174]=2048 [10000]=262144)

limit_v2() {
	case $1 in
	memory) cg memory memory.max ;;
	memory+swap) swap_sum "$(cg memory memory.max)" "$(cg memory memory.swap.max)" ;;
	reservation) cg memory memory.low ;;
	shares) echo "${SHARES_OF[$(cg cpu cpu.weight)]}" ;;
	quota) cg cpu cpu.max ;;
	burst) cg cpu cpu.max.burst ;;
	idle) cg cpu cpu.idle ;;
	pages) cg hugetlb hugetlb.2MB.max ;;
	*_bps | *_iops) cg blkio io.max | grep -o "${1:0:1}${1#*_}=[0-9]*" | cut -d = -f 2 ;;
	frozen) cg freezer cgroup.freeze ;;
	*) cg "${1%%.*}" "$1" ;;
	esac
}

swap_sum() { if [[ $1$2 == *max* ]]; then echo max; else echo $(($1 + $2)); fi; }
