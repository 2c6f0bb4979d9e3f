# SPDX-License-Identifier: Apache-2.0
#
# What a mount namespace of our own sees of the machine's cgroups.

# hide_unified DIR: from here on the machine looks as if it had cgroup v1 alone. DIR, an empty
# directory, is needed on the way.
hide_unified() {
	local only=$1 dir

	mountpoint -q /sys/fs/cgroup/unified || return 0
	mount -t tmpfs -o mode=755 tare-test "$only"
	for dir in /sys/fs/cgroup/*/; do
		dir=${dir%/}
		[[ ${dir##*/} != unified ]] || continue
		mkdir "$only/${dir##*/}"
		mount --bind "$dir" "$only/${dir##*/}"
	done
	# covered it would still be listed, and come back to who unmounts this one
	umount -lR /sys/fs/cgroup
	mount --move "$only" /sys/fs/cgroup
}

# enter_view VIEW DIR: "", what there is; "v1", only that.
enter_view() {
	case $1 in
	'') ;;
	v1) hide_unified "$2" ;;
	*) echo "tests/run: no such view: $1" >&2 && return 2 ;;
	esac
}
