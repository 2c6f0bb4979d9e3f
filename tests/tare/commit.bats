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
