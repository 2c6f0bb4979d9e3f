#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Images between dockerd from Debian's packages and us, by archives and by a registry.

load ../lib/images
load ../lib/daemons

file_begins() { docker_begins; }
file_ends() { daemons_end; }

test_ends() {
	docker_ends
	data_done
}

# docker's image made:1, of a container that added a file, gave one away and removed one.
make() {
	ok docker run --name one docker.io/library/box:1 sh -c 'echo made >/made; chmod 4711 /made; rm /bin/wc
		mkdir -m 700 /dir; ln -s ../made /dir/link; ln /made /dir/hard; chown -R 7:8 /dir'
	ok docker commit --change 'CMD ["sh", "-c", "cat /dir/link"]' --change 'ENV A=b' one made:1
	ID=$output
	ok docker rm one
}

looks="stat -c '%n %a %u:%g %s %Y' /made /dir /dir/link /dir/hard; [ -e /bin/wc ] || echo gone"

@test "what docker saved is loaded, as the same image" {
	make
	ok docker run --rm made:1 sh -c "$looks"
	theirs=$output
	ok docker save -o "$T/made.tar" made:1
	ok tare load -i "$T/made.tar"
	is 'Loaded image: made:1'
	is "$ID" "$(tare images -q --no-trunc)"
	ok tare run --rm --network none made:1
	is made
	ok tare run --rm --network none made:1 sh -c "$looks"
	is "$theirs"
}

@test "docker loads what was committed and saved here" {
	box_image box:1
	take box:1
	ok tare run --network none --name one box:1 sh -c 'echo x >/new; chown bob /new; rm /bin/wc'
	ok tare commit -c 'CMD ["sh", "-c", "stat -c %u /new; [ -e /bin/wc ] || echo gone"]' one ours:1
	ID=$output
	ok tare rm one
	ok tare save -o "$T/ours.tar" ours:1
	ok docker load -i "$T/ours.tar"
	like 'Loaded image: ours:1'
	is "$ID" "$(docker image inspect --format '{{.Id}}' ours:1)"
	ok docker run --rm ours:1
	is $'1000\ngone'
	ok docker rmi ours:1
}
