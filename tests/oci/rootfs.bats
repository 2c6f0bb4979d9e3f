#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# root, linux.rootfsPropagation, maskedPaths and readonlyPaths.

load ../lib/oci

@test "the container's root is the bundle's rootfs" {
	echo hello >"$ROOTFS/file"
	box 'cat /file; echo written >/new'
	is hello
	is written "$(<"$ROOTFS/new")"
}

@test "root.path can be absolute" {
	cp -a "$ROOTFS" "$T/elsewhere"
	echo elsewhere >"$T/elsewhere/file"
	config '.root.path = $p' --arg p "$T/elsewhere"
	box 'cat /file'
	is elsewhere
}

@test "root.path can have components below the bundle" {
	mkdir -p "$BUNDLE/a"
	mv "$ROOTFS" "$BUNDLE/a/b"
	config '.root.path = "a/b"'
	box 'echo ok'
	is ok
}

@test "root.path can be a symlink" {
	no_peer runc
	mv "$ROOTFS" "$T/real"
	ln -s "$T/real" "$ROOTFS"
	box 'echo ok'
	is ok
}

@test "a rootfs that is a mount point" {
	mount --bind "$ROOTFS" "$ROOTFS"
	box 'echo ok'
	umount "$ROOTFS"
	is ok
}

@test "root.readonly makes the root read-only, and the mounts stay writable" {
	config '.root.readonly = true'
	box 'echo x >/file 2>&1; echo x >/dev/shm/file && echo writable; echo x >/etc/file 2>&1; :'
	like 'Read-only file system.*'
	like writable
	[[ ! -e $ROOTFS/file && ! -e $ROOTFS/etc/file ]]
}

@test "the host sees nothing read-only when the root is" {
	config '.root.readonly = true'
	start_box
	echo x >"$ROOTFS/file"
}

@test "a mount point that is missing in the rootfs is made" {
	rmdir "$ROOTFS/proc" "$ROOTFS/dev"
	add_mount /a/b/c tmpfs tmpfs
	box 'ls -d /proc/self /dev/null /a/b/c'
	is $'/a/b/c\n/dev/null\n/proc/self'
}

@test "a missing mount point is made before the root becomes read-only" {
	rmdir "$ROOTFS/proc"
	config '.root.readonly = true'
	box 'ls -d /proc/self'
	is /proc/self
}

@test "nothing of the host's root is left in the container" {
	echo secret >"$T/secret"
	box "ls -d $T /.old* /.pivot* /oldroot 2>/dev/null
		awk '{ print \$5 }' /proc/self/mountinfo"
	unlike "$T"
	is / "$(head -n 1 <<<"$output")"
}

@test "'..' of the root is the root" {
	box 'ls ../../../../bin/busybox /proc/self/root/../bin/busybox'
	is $'../../../../bin/busybox\n/proc/self/root/../bin/busybox'
}

@test "--no-pivot is for ramdisks: it runs, with nothing to go back to" {
	sh_in_box 'ls /bin/busybox; cd ..; pwd'
	ok run_box --no-pivot
	is $'/bin/busybox\n/'
}

# ------------------------------------------------------------------------------- propagation

root_propagation() { box 'grep " / / \| /[^ ]* / " /proc/self/mountinfo | head -n 1'; }

@test "rootfsPropagation private and absent: the root is private" {
	root_propagation
	unlike 'shared:|master:|unbindable'
	for value in private rprivate; do
		config '.linux.rootfsPropagation = $v' --arg v "$value"
		root_propagation
		unlike 'shared:|master:|unbindable'
	done
}

@test "rootfsPropagation shared: the root is shared" {
	no_peer runc
	for value in shared rshared; do
		config '.linux.rootfsPropagation = $v' --arg v "$value"
		root_propagation
		like 'shared:'
	done
}

@test "rootfsPropagation slave: mounts of the host appear below a slave bind, not the reverse" {
	mkdir -p "$T/own"
	mount -t tmpfs own "$T/own"
	mount --make-shared "$T/own"
	mkdir "$T/own/sub" "$T/own/back"
	config '.linux.rootfsPropagation = "rslave" | .process.capabilities[] += ["CAP_SYS_ADMIN"]'
	add_mount /mnt "$T/own" bind rbind rslave
	start_box
	mount -t tmpfs later "$T/own/sub"
	echo seen >"$T/own/sub/file"
	ok exec_in cat /mnt/sub/file
	is seen
	ok exec_in mount -t tmpfs leak /mnt/back
	[[ -z $(grep leak /proc/self/mountinfo) ]]
	runtime delete --force "$ID"
	umount -R "$T/own"
}

@test "rootfsPropagation unbindable: the root is unbindable" {
	no_peers
	for value in unbindable runbindable; do
		config '.linux.rootfsPropagation = $v' --arg v "$value"
		root_propagation
		like 'unbindable'
	done
}

@test "an unknown rootfsPropagation is refused" {
	no_peer crun 'it ignores it'
	config '.linux.rootfsPropagation = "nosuch"'
	refused_config "$(says 'linux.rootfsPropagation: .*nosuch')"
}

@test "mounts of a shared root do not reach the host" {
	mkdir "$T/own"
	mount -t tmpfs own "$T/own"
	mount --make-shared "$T/own"
	mv "$BUNDLE" "$T/own/bundle"
	BUNDLE=$T/own/bundle
	config '.process.capabilities[] += ["CAP_SYS_ADMIN"]'
	box 'mount -t tmpfs leak /mnt && echo mounted'
	is mounted
	[[ -z $(grep leak /proc/self/mountinfo) ]]
	umount -l "$T/own"
}

# ------------------------------------------------------------------------------- masks

@test "a masked file reads as empty" {
	echo secret >"$ROOTFS/secret"
	config '.linux.maskedPaths = ["/secret", "/proc/version"]'
	box 'cat /secret; wc -c </proc/version; echo x >/secret; cat /secret'
	is 0
	is secret "$(<"$ROOTFS/secret")"
}

@test "a masked directory is empty and read-only" {
	mkdir -p "$ROOTFS/secret/deep"
	echo secret >"$ROOTFS/secret/file"
	config '.linux.maskedPaths = ["/secret", "/proc/bus"]'
	box 'ls -A /secret /proc/bus; echo x >/secret/new 2>&1; :'
	like 'Read-only'
	unlike 'deep'
}

@test "a masked path that does not exist is no error" {
	config '.linux.maskedPaths = ["/no/such", "/proc/nosuch"] |
		.linux.readonlyPaths = ["/no/such"]'
	box 'echo ok; ls -d /no 2>/dev/null || :'
	is ok
}

@test "many masks at once" {
	for n in {1..40}; do mkdir "$ROOTFS/d$n"; echo x >"$ROOTFS/d$n/x"; echo x \
		>"$ROOTFS/f$n"; done
	config '.linux.maskedPaths = [range(1; 41) | "/d\(.)", "/f\(.)"]'
	box 'cat /f[0-9]* /d[0-9]*/* 2>/dev/null | wc -c'
	is 0
}

@test "a mask through a symlink masks what the container sees there" {
	mkdir -p "$ROOTFS/real"
	echo secret >"$ROOTFS/real/file"
	ln -s /real "$ROOTFS/link"
	config '.linux.maskedPaths = ["/link/file"]'
	box 'cat /real/file'
	is ''
}

@test "a read-only path is read-only and the rest is not" {
	mkdir "$ROOTFS/ro"
	echo x >"$ROOTFS/ro/file"
	config '.linux.readonlyPaths = ["/ro", "/proc/sys", "/etc/passwd"]'
	box 'echo y >/ro/file 2>&1; echo y >/ro/new 2>&1; echo y >>/etc/passwd 2>&1; echo y >/rw &&
		echo rw
		echo 1 >/proc/sys/kernel/domainname 2>&1; :'
	is 4 "$(grep -c 'Read-only' <<<"$output")"
	like rw
	is x "$(<"$ROOTFS/ro/file")"
}

@test "a read-only path keeps the other flags of its mount" {
	no_peer crun 'it drops them'
	config '.linux.readonlyPaths = ["/proc/sys"]'
	box 'grep " /proc/sys " /proc/self/mountinfo'
	for flag in ro nosuid nodev noexec; do
		like "[ ,]${flag}[ ,]"
	done
}

# ------------------------------------------------------------------------------- symlinks out

@test "symlinks of the rootfs that name host paths lead into the rootfs" {
	mkdir -p "$T/outside"
	echo outside >"$T/outside/file"
	ln -s "$T/outside" "$ROOTFS/out"
	mkdir -p "$ROOTFS$T/outside"
	add_mount /out/mnt tmpfs tmpfs
	config '.linux.maskedPaths = ["/out/file"]'
	box "mount | grep -c 'on $T/outside/mnt '"
	is 1
	is outside "$(<"$T/outside/file")"
	is file "$(ls "$T/outside")"
}
