#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Images that a container is shown: --mount type=image.

load ../lib/images

# Two layers, the upper of which hides a file of the lower, and a directory behind a link.
data_image() {
	local low high

	low=$(layer_dir low) high=$(layer_dir high)
	mkdir -p "$low/sub" "$high/sub/deep"
	echo low >"$low/file" && echo gone >"$low/gone"
	echo his >"$low/sub/his" && chown 1000:1000 "$low/sub/his"
	echo high >"$high/file" && echo deep >"$high/sub/deep/file" && : >"$high/.wh.gone"
	ln -s /sub/deep "$high/link"
	ln -s / "$high/all"
	image data:1 . low high
	DATA_ID=$IMAGE_ID
	take data:1
	box_image box:1
	take box:1
}

# bats test_tags=guest_bare
@test "an image is shown read-only, with the container's ids" {
	data_image
	ok tare run --rm --network none --mount type=image,source=data:1,destination=/data box:1 \
		sh -c 'cat /data/file; ls /data; stat -c %u:%g /data/sub /data/sub/his
		touch /data/new 2>&1; rm /data/file 2>&1; :'
	is $'high\nall\nfile\nlink\nsub\n0:0\n1000:1000
touch: /data/new: Read-only file system
rm: can\'t remove \'/data/file\': Read-only file system'
	nothing_left
}

@test "one layer alone is shown as well, over any root and with the host's ids" {
	own_rootfs
	box_image box:1
	take box:1
	ok run --rm --mount type=image,src=box:1,dst=/box sh -c 'ls /box/etc; touch /box/new 2>&1; :'
	like passwd
	like 'Read-only file system'
	ok run --rm --userns host --mount type=image,src=box:1,dst=/box sh -c 'ls /box/etc
		touch /box/new 2>&1; :'
	like passwd
	like 'Read-only file system'
	ok tare run --rm --network none --rootfs / --mount type=image,src=box:1,dst=/mnt \
		ls /mnt/etc
	like passwd
	nothing_left
}

# bats test_tags=guest_bare
@test "rw: it can be written while the container runs, and begins anew" {
	data_image
	ok tare create --network none --name one --mount type=image,src=data:1,dst=/data,rw=true \
		box:1 sh -c 'cat /data/new 2>&1; echo new >/data/new && rm /data/file
		cat /data/new; stat -c %u /data/new; ls /data'
	for _ in 1 2; do
		ok tare start -a one
		is $'cat: can\'t open \'/data/new\': No such file or directory
new\n0\nall\nlink\nnew\nsub'
	done
	ok tare run --rm --network none --mount type=image,src=data:1,dst=/data,readwrite box:1 \
		ls /data
	is $'all\nfile\nlink\nsub'
	ok tare rm one
	ok tare system check
	like 'broken: 0'
	nothing_left
}

@test "a directory of it is shown; its links lead to no other place" {
	data_image
	ok tare run --rm --network none --mount type=image,src=data:1,dst=/data,subpath=sub/deep \
		--mount type=image,src=data:1,dst=/same,image-subpath=/link,rw \
		--mount type=image,src=data:1,dst=/all,subpath=all/../../ \
		box:1 sh -c 'cat /data/file /same/file; echo x >/same/file; cat /same/file; ls /all
		cat /data/file'
	is $'deep\ndeep\nx\nall\nfile\nlink\nsub\ndeep'
	exits 125 tare run --rm --network none --mount type=image,src=data:1,dst=/data,subpath=no \
		box:1 true
	like "mount the image 'data:1' at '/data': open its directory 'no': no such file"
	exits 125 tare run --rm --network none --mount type=image,src=data:1,dst=/d,subpath=file \
		box:1 true
	like "open its directory 'file': not a directory"
	nothing_left
}

@test "an image that is shown stays as long as the container" {
	data_image
	ok tare create --network none --name one --mount type=image,src=data:1,dst=/data box:1 \
		cat /data/file
	fails tare rmi data:1
	like "the image 'data:1' can't be removed: container .* \(one\) is shown it"
	like "hint: 'tare rm one' removes that container"
	ok tare image prune --all --force
	is $'box:1\ndata:1' "$(tare images --format '{{.Repository}}:{{.Tag}}' | sort)"
	ok tare rmi --force data:1 # its layers stay
	ok tare image prune --all --force
	ok tare start -a one
	is high
	is "image data:1 /data false" \
		"$(member one '.Mounts[0] | "\(.Type) \(.Source) \(.Destination) \(.RW)"')"
	ok tare rm one
	ok tare system check --repair
	fails grep -rq . "$STATE/images/blobs/sha256/${DATA_ID#sha256:}"
	nothing_left
}

@test "one that runs on it keeps it against force" {
	data_image
	ok tare run -d --network none --name one --mount type=image,src=data:1,dst=/data box:1 \
		sleep 1000
	fails tare rmi --force data:1
	like "\(one\) is shown it"
	like "hint: 'tare rm --force one' ends and removes that container"
	ok tare rm -f one
	ok tare rmi data:1
}

@test "files of ids that are higher than usual make the container's range larger" {
	local dir

	dir=$(layer_dir far)
	: >"$dir/far" && chown 70000:70001 "$dir/far"
	image far:1 . far
	take far:1
	box_image box:1
	take box:1
	ok tare run --rm --network none --mount type=image,src=far:1,dst=/far box:1 \
		stat -c %u:%g /far/far
	is 70000:70001
}

@test "an image that is not there, or has nothing to show, is refused" {
	box_image box:1
	take box:1
	exits 125 tare run --rm --network none --pull never \
		--mount type=image,src=nosuch:1,dst=/data box:1 true
	like "mount '/data': .*nosuch:1"
	exits 125 tare run --rm --network none --mount type=image,src=box:1,dst=/data,relabel=shared \
		box:1 true
	like 'an image has no field of a bind'
	nothing_left
}
