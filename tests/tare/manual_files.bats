#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# The examples of docker's manual for a container's files, as they stand there: cp, diff, commit and
# export. CONTAINER, SRC_PATH and DEST_PATH are words that the manual leaves to its reader. Left out
# is what needs volumes by name.

load ../lib/manual

# ------------------------------------------------------------------------------- cp

@test "cp: into it, out of it, and to a pipe" {
	given_images ubuntu
	ok docker run -d --name CONTAINER ubuntu sh -c \
		'echo "an ERROR" >/var/logs/app.log; echo fine >>/var/logs/app.log; echo ready; exec sleep 1000'
	wait_until says_ready CONTAINER
	echo some >some_file
	ok docker cp ./some_file CONTAINER:/work
	prints some docker exec -w /work CONTAINER cat some_file
	ok docker cp CONTAINER:/var/logs/ ./app_logs
	is $'an ERROR\nfine' "$(<app_logs/app.log)"
	is 'an ERROR' "$(docker cp CONTAINER:/var/logs/app.log - | tar x -O | grep "ERROR")"
}

@test "cp: the slash before a path may be left out, and the container may have ended" {
	given_images ubuntu
	ok docker run --name compassionate_darwin ubuntu sh -c 'mkdir /tmp/foo; echo x >/tmp/foo/myfile.txt'
	ok docker cp compassionate_darwin:/tmp/foo/myfile.txt one
	ok docker cp compassionate_darwin:tmp/foo/myfile.txt two
	cmp one two
	echo y >file:name.txt
	ok docker cp ./file:name.txt compassionate_darwin:/tmp
	ok docker cp compassionate_darwin:/tmp/file:name.txt three
	is y "$(<three)"
}

@test "cp: files, directories and what is in them" {
	given_images ubuntu
	ok docker create --name CONTAINER ubuntu
	mkdir dir
	echo x >dir/file
	ok docker cp dir/file CONTAINER:/tmp/new           # made
	ok docker cp dir/file CONTAINER:/tmp/new           # overwritten
	fails docker cp dir/file CONTAINER:/tmp/nowhere/   # there is no such directory
	fails docker cp dir CONTAINER:/tmp/new             # a directory does not become a file
	ok docker cp dir CONTAINER:/tmp/dir                # made, of what is in it
	ok docker cp dir CONTAINER:/tmp/dir                # into it
	ok docker cp dir/. CONTAINER:/work                 # what is in it
	is './ dir/ dir/dir/ dir/dir/file dir/file new' \
		"$(docker cp CONTAINER:/tmp/. - | tar t | sort | xargs)"
	is 'work/ work/file' "$(docker cp CONTAINER:/work - | tar t | sort | xargs)"
}

@test "exec and tar, where cp does not go" {
	given_images ubuntu
	ok docker run -d --name CONTAINER ubuntu top
	# What the image has for tar wants a dash before each option.
	SRC_PATH=/etc DEST_PATH=$PWD
	docker exec CONTAINER tar -C "$(dirname $SRC_PATH)" -cf - "$(basename $SRC_PATH)" |
		tar Cxf "$DEST_PATH" -
	grep -q ^root: etc/passwd
	SRC_PATH=$PWD/etc DEST_PATH=/tmp
	tar Ccf "$(dirname "$SRC_PATH")" - "$(basename "$SRC_PATH")" |
		docker exec -i CONTAINER tar -C "$DEST_PATH" -xf -
	ok docker exec CONTAINER grep ^root: /tmp/etc/passwd
}

@test "cp -: an archive into a directory" {
	given_images ubuntu
	ok docker create --name CONTAINER ubuntu
	echo x >file
	tar c file | docker cp - CONTAINER:/tmp
	is file "$(docker cp CONTAINER:/tmp/file - | tar t)"
}

# ------------------------------------------------------------------------------- diff, export

@test "diff" {
	given_images nginx
	ok docker run --name CONTAINER nginx sh -c 'mkdir /etc/new; echo x >>/etc/passwd; rm /etc/group'
	prints $'C /etc\nD /etc/group\nA /etc/new\nC /etc/passwd' docker diff CONTAINER
}

@test "export: to standard output and to a file" {
	given_images busybox
	ok docker run --name red_panda busybox touch /new
	docker export red_panda > latest.tar
	mv latest.tar first.tar
	ok docker export --output="latest.tar" red_panda
	cmp first.tar latest.tar
	is new "$(tar tf latest.tar | grep new)"
}

# ------------------------------------------------------------------------------- commit

@test "commit, and the image is there" {
	given_images ubuntu:24.04
	ok docker run -d --name desperate_dubinsky ubuntu:24.04 /bin/bash -c "$(forever)"
	id=${lines[-1]:0:12}
	ok docker commit $id  svendowideit/testimage:version3
	image=${lines[-1]#sha256:}
	ok docker images
	like '^REPOSITORY +TAG +(IMAGE )?ID +CREATED +SIZE$' "${lines[0]}"
	shows "^svendowideit/testimage +version3 +${image:0:12} +.* ago "
}

@test "commit --change ENV" {
	given_images ubuntu:24.04
	ok docker run -d ubuntu:24.04 /bin/bash -c "$(forever)"
	id=${lines[-1]:0:12}
	prints '[PATH=/bin:/usr/bin]' docker inspect -f "{{ .Config.Env }}" $id
	ok docker commit --change "ENV DEBUG=true" $id  svendowideit/testimage:version3
	image=${lines[-1]#sha256:}
	prints '[PATH=/bin:/usr/bin DEBUG=true]' docker inspect -f "{{ .Config.Env }}" ${image:0:12}
}

@test "commit --change CMD and EXPOSE" {
	given_images ubuntu:24.04
	ok docker run -d ubuntu:24.04 /bin/bash -c "$(forever)"
	id=${lines[-1]:0:12}
	ok docker commit --change='CMD ["apachectl", "-DFOREGROUND"]' -c "EXPOSE 80" $id  svendowideit/testimage:version4
	ok docker run -d svendowideit/testimage:version4
	ok docker ps
	like 'svendowideit/testimage:version4 +"apachectl -DFOREGRO…" ' "${lines[1]}"
	is '{"80/tcp":{}}' "$(docker inspect -f '{{json .Config.ExposedPorts}}' svendowideit/testimage:version4)"
}
