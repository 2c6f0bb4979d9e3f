#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# What containers have made comes out again: diff, commit, export; and import, the way in.

load ../lib/images

# A container that has ended, NAME, of box:1, in which SCRIPT ran.
ran() {
	local name=$1
	shift
	ok tare run --network none --name "$name" box:1 sh -c "$@"
}

# Nothing half made is in the store.
no_rubbish() { is '' "$(find "$STATE/staging" "$STATE/partial" -mindepth 1 2>/dev/null)"; }

@test "diff tells what was added, changed and deleted" {
	box_image box:1
	take box:1
	ran one 'echo x >/etc/x; echo more >>/etc/group; rm /bin/wc; mkdir -p /srv/www
		rm -r /home; mkdir /home; touch /home/new'
	ok tare diff one
	is "$(printf '%s\n' 'C /bin' 'D /bin/wc' 'C /etc' 'C /etc/group' 'A /etc/x' 'C /home' \
		'D /home/bob' 'A /home/new' 'A /srv' 'A /srv/www')"
	ok tare diff --format json one
	is '["/bin","/etc","/etc/group","/home"]' "$(jq -c .changed <<<"$output")"
	is '["/etc/x","/home/new","/srv","/srv/www"]' "$(jq -c .added <<<"$output")"
	is '["/bin/wc","/home/bob"]' "$(jq -c .deleted <<<"$output")"
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
	ok tare run --network none --name one -e A=mine -e B=b -w /tmp --label m=1 --expose 7-8 --expose 80 \
		box:1 sh -c true
	ok tare commit -a 'Some One' -m 'why not' -c 'CMD ["id"]' -c 'EXPOSE 53/udp' \
		--change='ENV C=$A' -q --iidfile "$T/id" one made:1
	is "$output" "$(<"$T/id")"
	ok tare image inspect made:1
	is '{"Cmd":["id"],"Env":["PATH=/bin","A=mine","B=b","C=mine"],"User":"bob"}' \
		"$(jq -c '.[0].Config | {Cmd, Env, User}' <<<"$output")"
	is '["53/udp","7/tcp","8/tcp","80/tcp"]' "$(jq -c '.[0].Config.ExposedPorts | keys' <<<"$output")"
	is '["/tmp","image","1",null]' \
		"$(jq -c '.[0].Config | [.WorkingDir, .Labels.l, .Labels.m, .OnBuild]' <<<"$output")"
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
	ok tare run --network none --rootfs / --name view true
	fails tare export view
	like "view of the host's own"
	fails tare diff view
	ok tare rm view
}

@test "what was exported is imported, and runs" {
	box_image box:1
	take box:1
	ran one 'echo x >/home/bob/his; chown bob /home/bob/his'
	tare export one >"$T/one.tar"
	for file in one.tar one.tar.gz one.tar.zst; do
		case $file in
		*.gz) gzip -nk "$T/one.tar" ;;
		*.zst) zstd -q "$T/one.tar" ;;
		esac
		ok tare import -c 'CMD ["cat", "/home/bob/his"]' -c 'USER bob' -m "of $file" \
			"$T/$file" in:1
		[[ $output =~ ^sha256:[0-9a-f]{64}$ ]]
		ok tare run --rm --network none in:1
		is x
		ok tare image inspect in:1
		is "of $file" "$(jq -r '.[0].Comment' <<<"$output")"
		is 1 "$(jq '.[0].RootFS.Layers | length' <<<"$output")"
	done
	ok tare image import - <"$T/one.tar"
	shows '^sha256:'
	ok tare import --platform linux/arm64 "$T/one.tar" arm:1
	is arm64 "$(tare image inspect arm:1 | jq -r '.[0].Architecture')"
	ok tare rm one
	nothing_left
}

@test "import says what it does not take" {
	echo x >"$T/x"
	printf '\xfd7zXZ\0x' >"$T/x.xz"
	printf 'BZh9x' >"$T/x.bz2"
	exits 125 tare import "$T/x.xz" a
	like 'compressed with xz, which is not supported'
	exits 125 tare import "$T/x.bz2" a
	like 'compressed with bzip2'
	exits 125 tare import https://example.org/x.tar a
	like 'only a file is taken'
	like 'hint: curl -L'
	fails tare import "$T/x" a
	fails tare import "$T/none" a
	like 'no such file'
	exits 125 tare import /dev/null a
	like 'nothing in it'
	ok tare images -q
	is ''
	no_rubbish
}

# What a layer is: all below DIR but what overlayfs notes for itself, and whose whiteouts are.
describe() {
	(
		cd "$1" || exit
		find . -mindepth 1 \( -type c -printf '%P whiteout\n' \) -o \
			-printf '%P %y %m %U %G %n %T@ %l\n' | sed 's/ d \(.*\) [0-9]* \([0-9.]*\) $/ d \1 \2/'
		find . -type f -exec sha256sum {} +
		getfattr -Rhd -m - -e hex . | grep -vE 'overlay.(origin|impure|uuid|nlink)=' | grep '='
	) | sort
}

# bats test_tags=guest_bare
@test "whiteouts, opaque directories, links, attributes and ids come back the same" {
	box_layer
	dir=$(layer_dir below)
	mkdir -p "$dir"/{gone,again/sub,kept}
	touch "$dir"/{file,gone/x,again/old,again/sub/old,kept/x}
	chown 7:8 "$dir/kept"
	image box:1 '.config.Cmd = ["sh"]' box below
	take box:1
	ran one 'rm -r /file /gone /again; mkdir -p /again/sub; echo n >/again/new; echo f >/gone
		chmod 2750 /kept; chown bob /kept; echo d >/kept/d; ln /kept/d /kept/e
		ln -s /nowhere /kept/link; mkdir -m 1777 /sticky; touch -d @1234567890 /kept/d
		cp /bin/busybox /kept/suid; chmod 4711 /kept/suid'
	upper=$(echo "$STATE"/containers/*/changes/upper)
	setfattr -n user.color -v blue "$upper/kept/d"
	setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 \
		"$upper/kept/d"
	ok tare commit one made:1
	made=$(tare image inspect made:1 | jq -r '.[0].RootFS.Layers[-1]')
	is "$(describe "$upper")" "$(describe "$STATE/layers/sha256/${made#sha256:}/fs")"
	describe "$upper" | grep -q 'trusted.overlay.opaque='
	describe "$upper" | grep -q 'file whiteout'
	ok box made:1 'ls /file /again /again/sub 2>&1 || :; cat /gone
		stat -c "%n %a %u %g %h" /kept /kept/d /kept/suid'
	lacks '^old$'
	shows '^new$'
	shows '^f$'
	shows '^/kept 2750 1000 8 '
	shows '^/kept/d 644 0 8 2$'
	shows '^/kept/suid 4711 0 8 1$'
	ok tare run --network none --name two made:1 true
	ok tare diff two
	is ''
	ok tare rm one two
	nothing_left
}

@test "the same changes are the same image, with SOURCE_DATE_EPOCH whenever they were made" {
	box_image box:1
	take box:1
	export SOURCE_DATE_EPOCH=1000000000
	script='echo x >/x; mkdir -p /d/e; rm /bin/wc'
	ran one "$script"
	ok tare commit one
	first=$output
	touch "$T/later"
	wait_until later_than "$T/later"
	ran two "$script"
	ok tare commit two
	is "$first"
	is 2001-09-09T01:46:40.000000000Z \
		"$(tare image inspect "$first" | jq -r '.[0].Created')"
	exits 125 env SOURCE_DATE_EPOCH=soon "$TARE" --root "$STATE" commit one
	like "'soon' is no number"
	unset SOURCE_DATE_EPOCH
	ok tare commit one
	[[ $output != "$first" ]]
	ok tare rm one two
	nothing_left
}

later_than() { touch "$T/now" && [[ $T/now -nt $1 ]]; }

@test "one without changes makes no layer" {
	box_layer
	mkdir -p "$(layer_dir places)"/{proc,sys,dev}
	image box:1 '.config.Cmd = ["sh"]' box places
	take box:1
	ran one ':'
	ok tare diff one
	is ''
	ok tare commit one made:1
	is 2 "$(tare image inspect made:1 | jq '.[0].RootFS.Layers | length')"
	ok tare history --format json made:1
	is 0B "$(jq -r .Size <<<"$output" | head -n 1)"
	ok tare rm one
}

@test "a container that runs keeps still while it is read, and goes on" {
	box_image box:1
	take box:1
	ok tare run -d --network none --name one box:1 \
		sh -c 'while :; do echo x >>/x; sleep 0.01; done'
	wait_until tare exec one cat /x
	ok tare commit one made:1
	before=$(tare exec one cat /x | wc -l)
	wait_until grew "$before"
	is running "$(member one .State.Status)"
	ok tare commit --pause=false one
	ok tare commit --no-pause one
	ok tare rm -f one
	nothing_left
}

grew() { (($(tare exec one cat /x | wc -l) > $1)); }

is_frozen() { "$OCI" --root "$STATE/run" state "$1" | grep -q paused; }

@test "a commit that is killed lets the container go on, and leaves nothing" {
	box_image box:1
	take box:1
	ok tare run -d --network none --name one box:1 \
		sh -c 'busybox head -c 64m /dev/urandom >/big; echo x >/x; sleep 1000'
	id=$output
	wait_until tare exec one ls /x
	(exec_tare commit one made:1) &
	commit=$!
	hold $commit
	wait_until is_frozen "$id"
	kill -KILL $commit
	wait_until tare exec one true
	fails tare image exists made:1
	LIMIT=100 ok tare commit one made:1
	no_rubbish
	ok tare rm -f one
	nothing_left
}

has_staged() { [[ -n $(find "$STATE/staging" -path '*/fs/x') ]]; }

@test "an import that is killed leaves nothing" {
	mkfifo "$T/in"
	mkdir "$T/tree"
	echo x >"$T/tree/x"
	head -c 2m /dev/urandom >"$T/tree/y"
	tar -cf "$T/x.tar" -C "$T/tree" x y
	(exec_tare import - x:1 <"$T/in") &
	import=$!
	hold $import
	exec {IN}>"$T/in"
	head -c 1500k "$T/x.tar" >&$IN
	wait_until has_staged
	kill -KILL $import
	exec {IN}>&-
	fails tare image exists x:1
	ok tare import "$T/x.tar" x:1
	no_rubbish
}

@test "an archive from anywhere stays inside" {
	mkdir "$T/tree" "$T/out"
	echo canary >"$T/out/canary"
	ln -s "$T/out" "$T/tree/link"
	tar -cf "$T/x.tar" -C "$T/tree" link
	rm "$T/tree/link"
	mkdir "$T/tree/link"
	echo evil >"$T/tree/link/canary"
	tar -rf "$T/x.tar" -C "$T/tree" link/canary
	tar -rPf "$T/x.tar" --transform "s,^,../../../../../../../..$T/out/," -C "$T/tree/link" canary
	tar -rPf "$T/x.tar" --transform "s,^,$T/out/," -C "$T/tree/link" canary
	try tare import "$T/x.tar" x:1
	is canary "$(<"$T/out/canary")"
	is canary "$(ls "$T/out")"
	mknod "$T/tree/white" c 0 0
	setfattr -n trusted.overlay.redirect -v /etc "$T/tree/link"
	tar --xattrs --xattrs-include='*' -cf "$T/y.tar" -C "$T/tree" .
	try tare import "$T/y.tar" y:1
	is '' "$(getfattr -Rhd -m trusted.overlay.redirect "$STATE/layers" 2>/dev/null)"
}
