# SPDX-License-Identifier: Apache-2.0
#
# What all benchmarks share. A script sources it when it has set $BUILD, and says:
#
#	enter [OPTION] ...    be in namespaces of its own, and in this script again
#	surround              $dir, a tmpfs; $report; a view of cgroups that crun 1.8 takes
#	at_end FUNCTION       called at the end, also of one that is interrupted
#	leave                 takes all of that away
#	save SECTION          puts the report into docs/performance.md, between SECTION's markers

dir=
group=tare-bench-$$ # what our cgroups are called
report=
is_hidden=          # the unified hierarchy of a hybrid machine, under a tmpfs

# enter OPTIONS ARGS...: OPTIONS of unshare, in one word.
enter() {
	local -a options

	[[ ! -v TARE_BENCH_INSIDE ]] || return 0
	read -ra options <<<"$1"
	((EUID == 0)) || { echo 'the benchmark needs root: it runs containers' >&2 && exit 1; }
	exec env TARE_BENCH_INSIDE=1 unshare --mount --propagation private "${options[@]}" \
		"$0" "${@:2}"
}

surround() {
	hide_unified
	dir=$(mktemp -d "${TMPDIR:-/tmp}/tare-bench.XXXXXX")
	mount -t tmpfs -o mode=700,size=75% tare-bench "$dir"
	report=$dir/report.md
}

# crun 1.8 refuses a hybrid machine, and where the unified hierarchy is not mounted it writes plain
# files below the directory all the same: they go to a tmpfs of ours.
hide_unified() {
	[[ $(stat -fc %T /sys/fs/cgroup/unified 2>/dev/null) == cgroup2fs ]] || return 0
	umount /sys/fs/cgroup/unified
	mount -t tmpfs tare-bench /sys/fs/cgroup/unified
	is_hidden=yes
}

# The root of a container that has one static program.
make_rootfs() {
	mkdir -p "$1"/{bin,proc,sys,dev,etc,tmp}
	cp "$(command -v busybox)" "$1/bin/busybox"
	ln -s busybox "$1/bin/true"
	ln -s busybox "$1/bin/sleep"
}

# What podman keeps, whatever it is told, goes to a tmpfs of ours too.
tame_podman() {
	mkdir -p /run/libpod
	mount -t tmpfs tare-bench /run/libpod
	printf '[engine]\nevents_logger = "file"\n[network]\nnetwork_backend = "netavark"\n%s\n' \
		"network_config_dir = \"$dir/podman/networks\"" >"$dir/containers.conf"
	export CONTAINERS_CONF=$dir/containers.conf
}

our_groups() { find /sys/fs/cgroup -depth -type d -path "*/$group*" 2>/dev/null || true; }

# With what is left in them, of a run that was interrupted: an engine may be at making more.
remove_groups() {
	local left cgroup pid tries=0

	while left=$(our_groups) && [[ -n $left ]]; do
		((++tries < 50)) || { echo "bench: cannot remove $left" >&2 && return; }
		while read -r cgroup; do
			while read -r pid; do
				kill -KILL "$pid" 2>/dev/null || true
			done < <(cat "$cgroup/cgroup.procs" 2>/dev/null)
			rmdir "$cgroup" 2>/dev/null || true
		done <<<"$left"
		sleep 0.1
	done
}

# A signal is heard when what runs has ended, and but once: timeout(1) sends it twice.
at_end() {
	# shellcheck disable=SC2064 # now
	trap "trap '' INT TERM; $1" EXIT
	trap 'exit 1' INT TERM
}

leave() {
	[[ -z $is_hidden ]] || umount -l /sys/fs/cgroup/unified
	remove_groups
	! mountpoint -q /run/libpod || umount -l /run/libpod
	umount --lazy --recursive "$dir" && rmdir "$dir"
}

save() {
	local doc=docs/performance.md

	awk -v report="$report" -v section="$1" '
		$0 == "<!-- " section ": begin -->" { print
			while ((getline line < report) > 0) print line
			print ""; skip = 1 }
		$0 == "<!-- " section ": end -->" { skip = 0 }
		!skip' "$doc" | cat -s >"$dir/performance.md"
	cat "$dir/performance.md" >"$doc"
}
