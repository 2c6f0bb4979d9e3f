#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats file_tags=guest
#
# What containers have made comes out again: diff, commit, export; and import, the way in.

load ../lib/images

# A container that has ended, NAME, of box:1, in which SCRIPT ran.
ran() {
	local name=$1
	shift
	ok tare run --network none --name "$name" box:1 sh -c "$@"
}

@test "diff tells what was added, changed and deleted" {
	box_image box:1
	take box:1
	ran one 'echo x >/etc/x; echo more >>/etc/group; rm /bin/wc; mkdir -p /srv/www
		rm -r /home; mkdir /home; touch /home/new'
	ok tare diff one
	is $'C /bin\nD /bin/wc\nC /etc\nC /etc/group\nA /etc/x\nC /home\nD /home/bob\nA /home/new\nA /srv\nA /srv/www'
	ok tare diff --format json one
	is '{"changed":["/bin","/etc","/etc/group","/home"],"added":["/etc/x","/home/new","/srv","/srv/www"],"deleted":["/bin/wc","/home/bob"]}' \
		"$(jq -c . <<<"$output")"
	ok tare rm one
	nothing_left
}

@test "a container becomes an image, with all that it changed and nothing else" {
	box_image box:1
	take box:1
	ran one 'echo x >/etc/x; chown bob:staff /etc/x; chmod 4755 /etc/x; ln /etc/x /etc/y
		rm /bin/wc; rm -r /home; mkdir /home; touch /home/new; mkfifo /fifo 2>/dev/null
		ln -s x /etc/link; mkdir -p /srv/www; touch -d @1000 /srv/www'
	ok tare commit one made:1
	id=$output
	[[ $id =~ ^sha256:[0-9a-f]{64}$ ]]
	ok tare images --format json made
	is "$id" "$(tare images --no-trunc --quiet made)"
	ok box made:1 'stat -c "%a %u %g %h" /etc/x; readlink /etc/link; ls -a /home; ls /bin/wc
		stat -c %Y /srv/www' || true
	like '^4755 1000 50 2'
	like 'new'
	lacks 'bob'
	like '/bin/wc: No such file'
	ok tare rm one
	nothing_left
}

@test "the image has what the container was run with, and what is said" {
	box_image box:1 '.config = {Cmd: ["sh"], Env: ["PATH=/bin", "A=image"], User: "bob",
		Labels: {l: "image"}, ExposedPorts: {"80/tcp": {}}, OnBuild: ["RUN x"]}'
	take box:1
	ok tare run --network none --name one -e A=mine -e B=b -w /tmp --label m=1 box:1 sh -c true
	ok tare commit -a 'Some One' -m 'why not' -c 'CMD ["id"]' -c 'EXPOSE 53/udp' \
		--change='ENV C=$A' -q --iidfile "$T/id" one made:1
	is "$output" "$(<"$T/id")"
	ok tare image inspect made:1
	is '{"Cmd":["id"],"Env":["PATH=/bin","A=mine","B=b","C=mine"],"ExposedPorts":{"53/udp":{},"80/tcp":{}},"Labels":{"l":"image","m":"1"},"User":"bob","WorkingDir":"/tmp"}' \
		"$(jq -cS '.[0].Config' <<<"$output")"
	is 'Some One|why not' "$(jq -r '.[0] | .Author + "|" + .Comment' <<<"$output")"
	ok tare history --no-trunc made:1
	like 'sh -c true'
	ok tare commit one
	shows '^sha256:'
	exits 125 tare commit -c 'RUN x' one
	like "'RUN' is no instruction"
	exits 125 tare commit one "made@$output"
	ok tare rm one
	nothing_left
}

@test "export archives the whole root with the owners of inside, running or not" {
	box_image box:1
	take box:1
	ran one 'echo x >/home/bob/his; chown bob /home/bob/his; rm /bin/wc; mkdir -p /srv'
	ok tare export -o "$T/one.tar" one
	ok tar -tvf "$T/one.tar" --numeric-owner
	shows ' 1000/0 .* home/bob/his$'
	shows ' 0/0 .* bin/busybox$'
	lacks 'bin/wc'
	ok tare run -d --network none --name two --tmpfs /srv box:1 \
		sh -c 'touch /srv/mounted; echo y >/y; sleep 1000'
	wait_until tare exec two cat /y
	tare export two >"$T/two.tar"
	ok tar -tf "$T/two.tar"
	shows '^y$'
	shows '^srv/$'
	lacks 'mounted'
	lacks '^proc/.'
	ok tare rm -f one two
	nothing_left
}

@test "export writes to no terminal, and of a directory all that is its own" {
	own_rootfs
	begin one
	ok tare export -o "$T/one.tar" one
	ok tar -tf "$T/one.tar"
	shows '^bin/busybox$'
	fails tare diff one
	like 'not made from an image'
	fails tare commit one
	like 'not made from an image'
	fails tare export nobody
	like "hint: 'tare ps --all'"
	at_terminal 'tare export one'
	wait_end 125
	wait_until has_shown 'standard output is a terminal'
	ok tare rm -f one
}
