#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# mounts: file systems, binds, and every option of the specification.

load ../lib/oci

# The line of the container's mountinfo for a mount point.
see_mount() { box "grep ' $1 ' /proc/self/mountinfo"; }

# The options of the mount (field 6), and of its file system (the last).
options_of() { awk '{ print $6 }' <<<"$output"; }
super_options_of() { awk '{ print $NF }' <<<"$output"; }

# option_gives OPTION REGEX: a tmpfs mounted with OPTION shows REGEX in its own options.
option_gives() {
	drop_mount /mnt
	add_mount /mnt tmpfs tmpfs "$1"
	see_mount /mnt
	like "(^|,)$2(,|\$)" "$(options_of)"
}

option_lacks() {
	drop_mount /mnt
	add_mount /mnt tmpfs tmpfs "$@"
	see_mount /mnt
	unlike "(^|,)(${*: -1})(,|\$)" "$(options_of)"
}

# A bind source with a mount below it: $T/own and $T/own/sub.
nested_source() {
	mkdir -p "$T/own"
	mount -t tmpfs own "$T/own"
	mkdir "$T/own/sub"
	mount -t tmpfs sub "$T/own/sub"
	echo top >"$T/own/file"
	echo below >"$T/own/sub/file"
}

# ------------------------------------------------------------------------------- plain flags

@test "ro" {
	option_gives ro ro
	box 'echo x >/mnt/x 2>&1; :'
	like Read-only
}

@test "rw" { option_gives rw rw; }
@test "nosuid" { option_gives nosuid nosuid; }
@test "nodev" { option_gives nodev nodev; }
@test "noexec" {
	option_gives noexec noexec
	box 'cp /bin/busybox /mnt/true; /mnt/true 2>&1; :'
	like 'Permission denied'
}
@test "suid, dev and exec undo what came before" {
	no_peer crun
	drop_mount /mnt
	add_mount /mnt tmpfs tmpfs nosuid nodev noexec ro suid dev exec rw
	see_mount /mnt
	is rw,relatime "$(options_of)"
}
@test "noatime" { option_gives noatime noatime; }
@test "relatime" { option_gives relatime relatime; }
@test "nodiratime" { option_gives nodiratime nodiratime; }
@test "strictatime" {
	add_mount /mnt tmpfs tmpfs strictatime
	see_mount /mnt
	unlike 'relatime|noatime' "$(options_of)"
}
@test "atime, diratime, norelatime and nostrictatime undo" {
	no_peer crun
	for words in 'noatime atime' 'nodiratime diratime' 'strictatime nostrictatime'; do
		drop_mount /mnt
		# shellcheck disable=SC2086
		add_mount /mnt tmpfs tmpfs $words
		see_mount /mnt
		unlike 'noatime|nodiratime' "$(options_of)"
	done
}
@test "nosymfollow and symfollow" {
	no_peer crun
	no_peer runc
	option_gives nosymfollow nosymfollow
	box 'echo x >/mnt/file; ln -s file /mnt/link; cat /mnt/link 2>&1; :'
	like 'symbolic links'
}
@test "sync and async" {
	no_peer crun
	add_mount /mnt tmpfs tmpfs sync
	see_mount /mnt
	like '(^|,)sync' "$(super_options_of)"
	drop_mount /mnt
	add_mount /mnt tmpfs tmpfs sync async
	see_mount /mnt
	unlike '(^|,)sync' "$(super_options_of)"
}
@test "dirsync" {
	add_mount /mnt tmpfs tmpfs dirsync
	see_mount /mnt
	like 'dirsync' "$(super_options_of)"
}
@test "mand, nomand, iversion, noiversion, silent, loud, acl and defaults are accepted" {
	for word in nomand noiversion loud defaults silent iversion mand; do
		[[ -z $PEER || $word == no* || $word == loud ]] || continue
		drop_mount /mnt
		add_mount /mnt tmpfs tmpfs "$word"
		box 'echo x >/mnt/x; cat /mnt/x'
		is x
	done
}
@test "lazytime is taken" {
	no_peer crun
	no_peer runc
	add_mount /mnt tmpfs tmpfs lazytime
	see_mount /mnt
}

# ------------------------------------------------------------------------------- tmpfs

@test "tmpfs: size, mode, uid and gid" {
	no_peer runc
	add_mount /mnt tmpfs tmpfs size=64k mode=1750 uid=5 gid=6
	box 'stat -c "%a %u %g" /mnt; df -k /mnt | tail -n 1'
	is '1750 5 6' "${lines[0]}"
	like ' 64 ' "${lines[1]}"
}

@test "tmpfs without a mode takes that of the directory below it" {
	mkdir -m 701 "$ROOTFS/here"
	add_mount /here tmpfs tmpfs
	box 'stat -c %a /here'
	like '^(701|1777)$'
}

@test "a read-only tmpfs still takes the mounts and devices that belong into it" {
	config '(.mounts[] | select(.destination == "/dev")).options += ["ro"]'
	mkdir "$T/data"
	echo hello >"$T/data/file"
	add_mount /mnt tmpfs tmpfs ro nosuid
	add_mount /mnt/data "$T/data" bind bind
	box 'cat /mnt/data/file; echo x >/dev/null && ls /dev/pts/ptmx
		touch /mnt/new || touch /dev/new || echo refused'
	is hello "${lines[0]}"
	is /dev/pts/ptmx "${lines[1]}"
	is refused "${lines[-1]}"
}

@test "tmpcopyup: the tmpfs begins with what the rootfs has there" {
	mkdir -p "$ROOTFS/here/deep"
	echo content >"$ROOTFS/here/deep/file"
	ln -s deep/file "$ROOTFS/here/link"
	chmod 750 "$ROOTFS/here/deep"
	chown 5:6 "$ROOTFS/here/deep/file"
	chmod 711 "$ROOTFS/here/deep/file"
	add_mount /here tmpfs tmpfs tmpcopyup
	box 'cat /here/link; stat -c "%a %u %g" /here/deep/file /here/deep;
		echo new >/here/deep/file
		grep " /here " /proc/self/mountinfo | grep -o "tmpfs"'
	is content "${lines[0]}"
	is '711 5 6' "${lines[1]}"
	is '750 0 0' "${lines[2]}"
	like tmpfs
	is content "$(<"$ROOTFS/here/deep/file")"
}

@test "tmpcopyup follows no symlink out of the rootfs" {
	mkdir -p "$T/outside" "$ROOTFS/here"
	echo secret >"$T/outside/secret"
	ln -s "$T/outside" "$ROOTFS/here/out"
	add_mount /here tmpfs tmpfs tmpcopyup
	box 'ls -l /here/; cat /here/out/secret 2>&1; :'
	unlike '^secret'
	like 'out ->'
}

@test "tmpcopyup onto a read-only tmpfs" {
	no_peers
	mkdir -p "$ROOTFS/here"
	echo content >"$ROOTFS/here/file"
	add_mount /here tmpfs tmpfs tmpcopyup ro
	box 'cat /here/file; echo x >/here/new 2>&1; :'
	like content
	like Read-only
}

# ------------------------------------------------------------------------------- binds

@test "bind of a directory shows the host's files" {
	mkdir "$T/data"
	echo hello >"$T/data/file"
	add_mount /data "$T/data" bind bind
	box 'cat /data/file; echo back >/data/new'
	is hello
	is back "$(<"$T/data/new")"
}

@test "the option makes it a bind, whatever the type says" {
	mkdir "$T/data"
	echo hello >"$T/data/file"
	for type in bind none '' ext4; do
		drop_mount /data
		add_mount /data "$T/data" "$type" bind
		box 'cat /data/file'
		is hello
	done
	drop_mount /data
	config '.mounts += [{destination: "/data", source: $s,
		options: ["rbind"]}]' --arg s "$T/data"
	box 'cat /data/file'
	is hello
}

@test "bind of a file onto a file that is missing makes it" {
	echo hello >"$T/file"
	add_mount /etc/new/resolv.conf "$T/file" bind bind ro
	box 'cat /etc/new/resolv.conf'
	is hello
	[[ -f $ROOTFS/etc/new/resolv.conf ]]
}

@test "bind of a file onto a file leaves the file below alone" {
	echo hello >"$T/file"
	add_mount /etc/passwd "$T/file" bind bind
	box 'cat /etc/passwd'
	is hello
	like '^root:' "$(head -n 1 "$ROOTFS/etc/passwd")"
}

@test "bind of a socket, a fifo and a device" {
	mkfifo "$T/fifo"
	add_mount /fifo "$T/fifo" bind bind
	add_mount /null /dev/null bind bind
	box 'stat -c %F /fifo /null'
	is $'fifo\ncharacter special file'
}

@test "a bind source can be relative to the bundle" {
	mkdir "$BUNDLE/data"
	echo hello >"$BUNDLE/data/file"
	add_mount /data data bind bind
	box 'cat /data/file'
	is hello
}

@test "a bind source can be a symlink of the host" {
	mkdir "$T/real"
	echo hello >"$T/real/file"
	ln -s real "$T/link"
	add_mount /data "$T/link" bind bind
	box 'cat /data/file'
	is hello
}

@test "a bind source that is missing is refused, by name" {
	add_mount /data "$T/nowhere" bind bind
	refused_config 'nowhere'
	[[ -n $PEER ]] || like 'mounts\[4\]|/data'
	[[ ! -e $T/nowhere ]]
}

@test "bind ro is read-only, and the host's is not" {
	mkdir "$T/data"
	add_mount /data "$T/data" bind bind ro
	box 'echo x >/data/x 2>&1; :'
	like Read-only
	echo x >"$T/data/x"
}

@test "bind with nosuid, nodev and noexec" {
	mkdir "$T/data"
	add_mount /data "$T/data" bind bind nosuid nodev noexec
	see_mount /data
	for flag in nosuid nodev noexec; do
		like "(^|,)$flag" "$(options_of)"
	done
}

@test "a bind keeps the flags of its source that no option names" {
	no_peer runc
	mkdir "$T/own"
	mount -t tmpfs -o nosuid,nodev own "$T/own"
	add_mount /data "$T/own" bind bind noexec
	see_mount /data
	umount "$T/own"
	like 'nosuid,nodev,noexec' "$(options_of)"
}

@test "bind shows no mounts below its source, rbind does" {
	nested_source
	add_mount /plain "$T/own" bind bind
	add_mount /whole "$T/own" bind rbind
	box 'cat /plain/file /plain/sub/file /whole/sub/file 2>&1; :'
	umount -R "$T/own"
	is top "${lines[0]}"
	like "can't open" "${lines[1]}"
	is below "${lines[2]}"
}

@test "ro on an rbind makes the top read-only, rro all of it" {
	nested_source
	add_mount /top "$T/own" bind rbind ro
	add_mount /all "$T/own" bind rbind rro
	box 'for f in /top/x /top/sub/x /all/x /all/sub/x; do echo x >$f; done 2>&1; :'
	umount -R "$T/own"
	is 3 "$(grep -c Read-only <<<"$output")"
	unlike '/top/sub/x'
}

@test "the recursive attributes reach every mount of the tree" {
	no_peer crun
	nested_source
	for pair in rnosuid:nosuid rnodev:nodev rnoexec:noexec rnoatime:noatime \
		rnodiratime:nodiratime; do
		drop_mount /all
		add_mount /all "$T/own" bind rbind "${pair%:*}"
		box 'grep " /all" /proc/self/mountinfo'
		is 2 "$(grep -c "[ ,]${pair#*:}[ ,]" <<<"$output")"
	done
	umount -R "$T/own"
}

@test "rnosymfollow reaches every mount of the tree" {
	no_peer crun
	no_peer runc
	nested_source
	add_mount /all "$T/own" bind rbind rnosymfollow
	box 'grep " /all" /proc/self/mountinfo'
	umount -R "$T/own"
	is 2 "$(grep -c "[ ,]nosymfollow[ ,]" <<<"$output")"
}

@test "the recursive attributes that clear: rrw, rsuid, rdev, rexec" {
	nested_source
	for dir in "$T/own" "$T/own/sub"; do
		mount -o remount,bind,ro,nosuid,nodev,noexec "$dir"
	done
	add_mount /all "$T/own" bind rbind rrw rsuid rdev rexec
	box 'grep " /all" /proc/self/mountinfo'
	unlike '[ ,](nosuid|nodev|noexec)[ ,]'
	unlike ' ro,'
	umount -R "$T/own"
}

@test "the recursive attributes of access times: rrelatime, rstrictatime, ratime, rdiratime" {
	no_peers
	nested_source
	for word in rrelatime rstrictatime ratime rdiratime; do
		drop_mount /all
		add_mount /all "$T/own" bind rbind "$word"
		box 'grep -c " /all" /proc/self/mountinfo'
		is 2
	done
	umount -R "$T/own"
}

@test "recursive attributes of the container leave the host's mounts alone" {
	nested_source
	add_mount /all "$T/own" bind rbind rro rnosuid
	box :
	echo x >"$T/own/sub/x"
	unlike nosuid "$(grep " $T/own/sub " /proc/self/mountinfo)"
	umount -R "$T/own"
}

# ------------------------------------------------------------------------------- propagation

bind_propagation() {
	nested_source
	add_mount /data "$T/own" bind rbind "$1"
	box 'grep " /data" /proc/self/mountinfo'
	umount -R "$T/own"
}

@test "a bind is private unless it says otherwise" {
	nested_source
	mount --make-rshared "$T/own"
	add_mount /data "$T/own" bind rbind
	box 'grep " /data" /proc/self/mountinfo'
	umount -R "$T/own"
	unlike 'shared:'
}

@test "private and rprivate" {
	for word in private rprivate; do
		bind_propagation $word
		unlike 'shared:|master:'
		drop_mount /data
	done
}

@test "shared is the top, rshared the tree" {
	no_peer crun
	bind_propagation shared
	is 1 "$(grep -c shared: <<<"$output")"
	drop_mount /data
	bind_propagation rshared
	is 2 "$(grep -c shared: <<<"$output")"
}

@test "slave is the top, rslave the tree" {
	nested_source
	mount --make-rshared "$T/own"
	config '.linux.rootfsPropagation = "rslave"'
	add_mount /data "$T/own" bind rbind rslave
	box 'grep " /data" /proc/self/mountinfo'
	umount -R "$T/own"
	is 2 "$(grep -c master: <<<"$output")"
	unlike shared:
}

@test "unbindable is the top, runbindable the tree" {
	no_peer crun
	bind_propagation unbindable
	is 1 "$(grep -c unbindable <<<"$output")"
	drop_mount /data
	bind_propagation runbindable
	is 2 "$(grep -c unbindable <<<"$output")"
}

@test "a shared bind carries the container's mounts to the host, as asked" {
	nested_source
	mount --make-rshared "$T/own"
	config '.linux.rootfsPropagation = "rshared" | .process.capabilities[] += ["CAP_SYS_ADMIN"]'
	add_mount /data "$T/own" bind rbind rshared
	mkdir "$T/own/new"
	box 'mount -t tmpfs carried /data/new'
	grep -q " $T/own/new .* carried " /proc/self/mountinfo
	umount -R "$T/own"
}

# ------------------------------------------------------------------------------- idmapped binds

test_ends() { data_done; }

@test "a bind with mappings of its own shows mapped owners" {
	map_ids 100000
	data_new
	echo x >"$DATA/file"
	config '.mounts += [{destination: "/data", source: $s, options: ["bind"],
		uidMappings: [{containerID: 0, hostID: 100000, size: 65536}],
		gidMappings: [{containerID: 0, hostID: 100000, size: 65536}]}]' --arg s "$DATA"
	no_peer runc
	no_peer crun 'another syntax'
	box 'stat -c %u:%g /data/file; echo y >/data/new'
	is 0:0
	is 0:0 "$(stat -c %u:%g "$DATA/new")"
}

@test "idmap without mappings takes those of the container" {
	no_peer runc
	map_ids 100000
	data_new
	echo x >"$DATA/file"
	chown 7:8 "$DATA/file"
	add_mount /data "$DATA" bind bind idmap
	box 'stat -c %u:%g /data /data/file; echo y >/data/new'
	is $'0:0\n7:8'
	is 0:0 "$(stat -c %u:%g "$DATA/new")"
}

@test "idmap reaches the top, ridmap the tree" {
	no_peers
	can_map_tmpfs || skip 'needs a tmpfs that can be idmapped (Linux 6.3)'
	map_ids 100000
	nested_source
	add_mount /top "$T/own" bind rbind idmap
	add_mount /all "$T/own" bind rbind ridmap
	box 'stat -c %u /top/file /top/sub/file /all/file /all/sub/file'
	umount -R "$T/own"
	is $'0\n65534\n0\n0'
}

@test "a bind is id-mapped without a user namespace, when it has mappings of its own" {
	no_peers
	data_new
	echo x >"$DATA/file"
	chown 1000:1000 "$DATA/file"
	config '.mounts += [{destination: "/data", source: $s, options: ["bind", "idmap"],
		uidMappings: [{containerID: 1000, hostID: 5000, size: 1}],
		gidMappings: [{containerID: 1000, hostID: 6000, size: 1}]}]' --arg s "$DATA"
	box 'stat -c %u:%g /data/file'
	is 5000:6000
}

@test "uidMappings without gidMappings are refused" {
	no_peers
	config '.mounts += [{destination: "/data", source: "/", options: ["bind"],
		uidMappings: [{containerID: 0, hostID: 1, size: 1}]}]'
	refused_config 'mounts\[4\].*gidMappings'
}

@test "an id-mapped mount of a file system that can't be is an error that says so" {
	no_peers
	map_ids 100000
	add_mount /data /proc bind bind idmap
	refused_config '/data'
}

# ------------------------------------------------------------------------------- file systems

@test "proc, sysfs, devpts, mqueue and tmpfs" {
	add_ns network
	add_mount /sys sysfs sysfs nosuid noexec nodev ro
	add_mount /dev/mqueue mqueue mqueue nosuid noexec nodev
	box 'awk "{ print \$2, \$3 }" /proc/mounts; ls /dev/pts/ptmx'
	for pair in '/proc proc' '/sys sysfs' '/dev tmpfs' '/dev/pts devpts' '/dev/mqueue mqueue' \
		'/dev/shm tmpfs'; do
		like "$pair"
	done
}

@test "proc takes its options: hidepid" {
	no_peer runc
	drop_mount /proc
	config '.mounts = [{destination: "/proc", type: "proc", source: "proc",
		options: ["hidepid=2"]}] + .mounts'
	see_mount /proc
	like 'hidepid=(2|invisible)' "$(super_options_of)"
}

@test "devpts is a new instance with the given modes" {
	box 'stat -c %a /dev/pts/ptmx; grep " /dev/pts " /proc/mounts; ls /dev/pts'
	is 666 "${lines[0]}"
	like 'mode=620,ptmxmode=666' "${lines[1]}"
	is ptmx "${lines[2]}"
}

@test "overlay" {
	mkdir "$T"/{lower,upper,work}
	echo low >"$T/lower/file"
	add_mount /ov overlay overlay "lowerdir=$T/lower" "upperdir=$T/upper" "workdir=$T/work"
	box 'cat /ov/file; echo new >/ov/new'
	is low
	is new "$(<"$T/upper/new")"
}

@test "overlay with many lower directories, longer together than 256 bytes" {
	lower=
	for n in {1..12}; do
		mkdir "$T/lower$n"
		echo "$n" >"$T/lower$n/file$n"
		lower=$lower${lower:+:}$T/lower$n
	done
	add_mount /ov overlay overlay "lowerdir=$lower"
	box 'ls /ov | wc -l'
	is 12
}

@test "mounts come in the order given, one over the other" {
	mkdir "$T/a" "$T/b"
	echo a >"$T/a/file"
	echo b >"$T/b/file"
	add_mount /data "$T/a" bind bind
	add_mount /data "$T/b" bind bind
	add_mount /data/sub tmpfs tmpfs
	box 'cat /data/file; ls -d /data/sub'
	is $'b\n/data/sub'
}

@test "a mount on the root's own directory is refused, or hides it whole" {
	no_peers
	add_mount / tmpfs tmpfs
	fails run_box
}

@test "a file system type that the kernel lacks is refused, by name" {
	add_mount /data none nosuchfs
	refused_config 'nosuchfs|No such device|no such device'
	[[ -n $PEER ]] || like 'nosuchfs'
}

@test "an option that the file system lacks is refused, by name" {
	add_mount /data tmpfs tmpfs nosuchoption=1
	refused_config "$(says nosuchoption)"
}

@test "a mount without destination is refused" {
	config '.mounts += [{source: "tmpfs", type: "tmpfs"}]'
	refused_config "$(says 'mounts\[4\]\.destination')"
}

@test "a relative destination is taken from the root" {
	no_peer runc
	add_mount data/dir tmpfs tmpfs
	box 'grep -c " /data/dir " /proc/self/mountinfo'
	is 1
}

# ------------------------------------------------------------------------------- destinations

@test "a destination through a symlink stays in the rootfs" {
	no_peer crun
	mkdir -p "$T/outside" "$ROOTFS/real"
	ln -s "$T/outside" "$ROOTFS/abs"
	ln -s ../../../../../../../real "$ROOTFS/up"
	add_mount /abs/a tmpfs tmpfs
	add_mount /up/b tmpfs tmpfs
	box "awk '{ print \$5 }' /proc/self/mountinfo"
	like "$T/outside/a"
	like '/real/b'
	is '' "$(ls "$T/outside")"
}

@test "a destination with .. stays in the rootfs" {
	add_mount /mnt/../../../../../escape tmpfs tmpfs
	try run_box
	[[ ! -e $BUNDLE/escape && ! -e $T/escape && ! -e /escape ]]
}

@test "a destination that is a dangling symlink is made below the rootfs" {
	no_peer runc
	no_peer crun
	ln -s /var/lib/target "$ROOTFS/dangling"
	add_mount /dangling/sub tmpfs tmpfs
	box "awk '{ print \$5 }' /proc/self/mountinfo"
	like /var/lib/target/sub
}

@test "a file can't be the destination of a directory" {
	mkdir "$T/data"
	add_mount /etc/passwd "$T/data" bind bind
	refused_config '[Nn]ot a directory'
}

# ------------------------------------------------------------------------------- cgroup

# bats test_tags=guest_bare
@test "a cgroup mount shows the container's own groups, read-only when asked" {
	add_ns cgroup
	add_mount /sys/fs/cgroup cgroup cgroup nosuid noexec nodev relatime ro
	box "ls /sys/fs/cgroup; cat $(cg_root pids)/cgroup.procs
		mkdir $(cg_root pids)/sub 2>&1; :"
	like pids
	like memory
	like $'\n1\n'
	like Read-only
	unlike "$NAME"
}

# bats test_tags=guest_bare
@test "a cgroup mount without a cgroup namespace shows the container's groups only" {
	add_mount /sys/fs/cgroup cgroup cgroup nosuid noexec nodev relatime ro
	box "cat $(cg_root pids)/cgroup.procs
		ls -d $(cg_root memory)/process* 2>/dev/null; :"
	like '^1($|[[:space:]])'
}

# bats test_tags=guest_bare
@test "a cgroup mount with rw lets the container make groups of its own" {
	add_ns cgroup
	add_mount /sys/fs/cgroup cgroup cgroup nosuid noexec nodev relatime rw
	box "cd $(cg_root pids) && mkdir own sub && echo 1 >own/cgroup.procs
		! grep -s pids cgroup.controllers >/dev/null || echo +pids >cgroup.subtree_control
		echo 5 >sub/pids.max && cat sub/pids.max"
	is 5
}

@test "the comounted controllers have their symlinks" {
	no_peers
	[[ -L $CGROUPS/cpuacct || -L $CGROUPS/cpu ]] || skip 'needs controllers mounted together'
	add_ns cgroup
	add_mount /sys/fs/cgroup cgroup cgroup ro
	box 'ls -l /sys/fs/cgroup'
	like 'cpu -> cpu,cpuacct'
}

@test "mountLabel where the kernel has no SELinux is refused" {
	no_peers
	! grep -q selinuxfs /proc/filesystems || skip 'needs a kernel without SELinux'
	config '.linux.mountLabel = "system_u:object_r:container_file_t:s0"'
	refused_config 'linux\.mountLabel: this kernel has no SELinux'
}

# ------------------------------------------------------------------------------- after the start

@test "mounts add and remove change a running container" {
	no_peers
	mkdir "$T/data"
	echo hello >"$T/data/file"
	start_box
	jq -n --arg s "$T/data" '[{destination: "/later", source: $s, type: "bind",
		options: ["bind", "ro"]}]' \
		>"$T/mounts.json"
	ok runtime mounts add "$ID" "$T/mounts.json"
	ok exec_in cat /later/file
	is hello
	ok runtime mounts remove "$ID" "$T/mounts.json"
	fails exec_in cat /later/file
}

mounts_change() { # add|remove JSON
	runtime mounts "$1" "$ID" - <<<"$2"
}

@test "what mounts add makes anew shows the container's namespaces, not the host's" {
	no_peers
	add_ns network
	start_box
	ok mounts_change add '[{"destination": "/mnt/proc", "type": "proc", "source": "proc"},
		{"destination": "/mnt/sys", "type": "sysfs", "source": "sysfs"}]'
	ok exec_in sh -c 'readlink /mnt/proc/1/ns/pid; readlink /proc/1/ns/pid
		ls -d /mnt/proc/[0-9]* | wc -l'
	is "${lines[0]}" "${lines[1]}"
	((lines[2] < 6))
	ip link add "tare${BASHPID}" type veth peer name "tare${BASHPID}b"
	ok exec_in ls /mnt/sys/class/net
	is lo
}

@test "mounts add maps ids" {
	no_peers
	data_new
	start_box
	ok mounts_change add "$(jq -n --arg s "$DATA" '[{destination: "/later", source: $s,
		type: "bind", options: ["bind"]} | .uidMappings = [{containerID: 0, hostID: 5000,
		size: 100}] | .gidMappings = .uidMappings]')"
	ok exec_in stat -c %u /later
	is 5000
	fails mounts_change add "$(jq -n --arg s "$DATA" '[{destination: "/later", source: $s,
		type: "bind", options: ["bind"], uidMappings: [{containerID: 0, hostID: 5000,
		size: 100}]}]')"
	like 'mounts\[0\]: uidMappings and gidMappings go together'
}

@test "mounts add and remove refuse what they can't do" {
	no_peers
	start_box
	fails mounts_change add '[{"destination": "/mnt", "type": "cgroup", "source": "cgroup"}]'
	like 'mounts\[0\]\.type'
	for path in / /mnt/.. /etc; do
		fails mounts_change remove "[{\"destination\": \"$path\"}]"
		like "unmount '$path': nothing is mounted there"
	done
	ok exec_in true
}

@test "mounts of a container that shares the host's are left alone" {
	no_peers
	config '.mounts = []'
	drop_ns mount
	start_box
	mkdir "$T/own"
	fails mounts_change add "[{\"destination\": \"$T/own\", \"type\": \"tmpfs\"}]"
	like 'no mount namespace'
}
