#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# The store of images when something goes wrong while others come and go: whoever makes something is
# killed, the disk is full, the registry stalls, several want the same at once.

load ../lib/images

check() { tare system check "$@"; }

whole() {
	ok check
	like 'whole; broken: 0, rubbish: 0$'
}

nothing_begun() { [[ -z $(find "$STATE"/{partial,staging} -mindepth 1 2>/dev/null) ]]; }

# An image whose blobs take a while: of some bytes that can't be made smaller, and of many files.
large_image() {
	local i

	box_layer
	layer_dir large >/dev/null
	head -c 3000000 /dev/urandom >"$T/layers/large/large"
	layer_dir many >/dev/null
	for i in {1..30}; do
		mkdir "$T/layers/many/$i"
		touch "$T/layers/many/$i"/{a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p}{1,2,3}
	done
	image "$1" '.config.Cmd = ["sh"]' box:gzip large many:zstd
	LARGE=$(sha256sum <"$T/layers/large.tar" | cut -d ' ' -f 1)
}

in_background() {
	(exec_tare "$@") >"$T/background" 2>&1 &
	BACKGROUND=$!
	hold "$BACKGROUND"
}

# What pulls is tare-image, which tare becomes, and its children.
kill_pull() {
	local -a all

	mapfile -t all < <(pgrep -P "$1")
	kill -KILL "$1" "${all[@]}" 2>/dev/null
	wait "$1" || true
	for pid in "${all[@]}"; do
		wait_until ended "$pid"
	done
}

downloads() { stat -c %s "$STATE/partial/sha256-$LARGE" 2>/dev/null || echo 0; }
has_some() { (($(downloads) >= 200000)); }

# ------------------------------------------------------------------------------- who is killed

@test "a pull that is killed at any moment leaves a store that is whole, but for rubbish" {
	local i took_ms began

	large_image large:1
	serve
	began=${EPOCHREALTIME//[.,]/}
	ok tare --root "$T/measure" pull -q "$HOST/good/x:1"
	took_ms=$(((${EPOCHREALTIME//[.,]/} - began) / 1000))
	for i in {1..12}; do
		timeout -s KILL "$(printf '0.%03d' $((i * took_ms / 13 % 1000)))" \
			"$TARE" --root "$STATE" pull -q "$HOST/good/x:1" >/dev/null 2>&1 3>&- || true
		ok check
		like 'broken: 0, rubbish: '
		lacks '^broken:'
		ok tare images -q
	done
	ok tare pull "$HOST/good/x:1"
	nothing_begun
	ok check --repair # the index, if it was killed between that and the reference
	whole
	ok box "$HOST/good/x:1" 'cat /large | wc -c; ls /many | wc -l; ls / | wc -l'
	is 3000000 "$(head -n 1 <<<"$output")"
}

@test "what a dead pull has fetched is not fetched again" {
	large_image large:1
	serve
	in_background pull "$HOST/stall/x:1"
	wait_until has_some
	kill_pull "$BACKGROUND"
	ok check
	shows "^rubbish: download sha256:$LARGE: nobody goes on with it$"
	shows '^rubbish: staging '
	: >"$LOG"
	ok tare pull "$HOST/good/x:1"
	asked 1 "GET .*/good/x/blobs/sha256:$LARGE .*range=bytes=[0-9]{6}"
	nothing_begun
	whole
}

@test "what a dead pull has left can be removed" {
	large_image large:1
	serve
	in_background pull "$HOST/stall/x:1"
	wait_until has_some
	ok check --repair # it lives
	has_some
	kill_pull "$BACKGROUND"
	ok check --repair
	shows "^rubbish: download sha256:$LARGE: .*: removed$"
	nothing_begun
	is '' "$(find "$STATE"/locks -type f ! -name 'index*')"
	whole
}

@test "a mending that is killed at any moment can be done by the next" {
	local i layers

	large_image large:1
	take large:1
	layers=$(jq -r '.layers[]' "$STATE/references/docker.io+library+large:1")
	for i in {1..10}; do
		for layer in $layers; do
			find "$STATE/layers/sha256/${layer#*:}/fs" -type f -delete 2>/dev/null || true
		done
		timeout -s KILL "0.0${i}" "$TARE" --root "$STATE" system check --repair >/dev/null 2>&1 3>&- || true
		ok check --repair
		lacks '^broken:'
		whole
	done
	ok box large:1 'wc -c </large'
	is 3000000
}

# ------------------------------------------------------------------------------- a full disk

# small OPTIONS: the engine's directory is a small tmpfs.
small() {
	mkdir -p "$STATE"
	mount -t tmpfs -o "$1" small "$STATE"
}

# In KiB, of what is in there now.
used() { du -sk "$STATE" | cut -f 1; }

@test "a full disk: a clear error, and a store as it was, whatever it was full for" {
	local before after i

	box_image box:1
	layer_dir more >/dev/null
	head -c 400000 /dev/urandom >"$T/layers/more/more"
	image more:1 '.config.Cmd = ["sh"]' box more:gzip
	small size=20m
	take box:1
	before=$(used)
	take more:1
	after=$(used)
	umount "$STATE"
	for i in 1 2 3 4 5 6 7; do
		small "size=$((before + (after - before) * i / 8))k"
		take box:1
		fails tare pull "oci:$LAYOUT:more:1"
		like 'no space left on device'
		is '' "$(find "$STATE/staging" -mindepth 1)"
		ok check
		lacks '^broken:'
		is box "$(tare images --format json | jq -r .Repository)"
		umount "$STATE"
	done
}

# bats test_tags=guest_bare
@test "what is removed from a full disk is removed" {
	box_image box:1
	small size=8m
	take box:1
	ok tare tag box:1 again
	head -c 8000000 /dev/zero >"$STATE/filler" 2>/dev/null || true
	fails tare tag box:1 more
	like 'no space left on device'
	ok tare rmi again
	ok tare rmi box:1
	is 0 "$(find "$STATE"/{layers,images/blobs,references,partial,staging} -type f | wc -l)"
	rm "$STATE/filler"
	ok check --repair
	whole
	umount "$STATE"
}

@test "a disk without room for one more file: the same, at each of them" {
	local n failed=0

	layer_dir one >/dev/null
	echo one >"$T/layers/one/one"
	layer_dir two >/dev/null
	echo two >"$T/layers/two/two"
	image one:1 '.config.Cmd = ["sh"]' one
	image two:1 '.config.Cmd = ["sh"]' one two:gzip
	for n in {24..60}; do
		small "nr_inodes=$n"
		if try tare pull "oci:$LAYOUT:one:1"; ((status == 0)); then
			if try tare pull "oci:$LAYOUT:two:1"; ((status == 0)); then
				whole
				umount "$STATE"
				break
			fi
			is one "$(tare images --format json | jq -r .Repository)"
		fi
		like 'no space left on device'
		failed=$((failed + 1))
		mount -o remount,nr_inodes=200 "$STATE" # a check takes a lock here and there
		ok check
		lacks '^broken:'
		umount "$STATE"
	done
	((failed > 10 && n < 60))
}

# ------------------------------------------------------------------------------- several at once

@test "two who pull one image share what is fetched" {
	local other

	large_image large:1
	serve
	in_background pull "$HOST/good/x:1"
	other=$BACKGROUND
	in_background pull "$HOST/good/x:1"
	ok tare pull "$HOST/good/x:1"
	wait "$other"
	wait "$BACKGROUND"
	asked 1 "GET .*/blobs/sha256:$LARGE "
	whole
}

@test "a registry that stalls holds nobody up" {
	large_image large:1
	serve
	box_image box:1
	take box:1
	layer_dir own >/dev/null
	echo own >"$T/layers/own/own"
	image own:1 '.config.Cmd = ["sh"]' own
	in_background pull "$HOST/stall/x:1"
	wait_until has_some
	export LIMIT=5
	ok tare images
	ok box box:1 'echo ran'
	is ran
	ok tare image inspect box:1
	take own:1
	ok tare system df
	ok check
	is 'broken: 0, rubbish: 0' "${output#*whole; }"
	ok tare rmi own:1
	ok tare tag box:1 again
	ok tare rmi again
	ok kill -0 "$BACKGROUND"
	kill_pull "$BACKGROUND"
}

@test "two stores have nothing to do with each other" {
	large_image large:1
	serve
	(exec "$TARE" --root "$T/other" pull -q "$HOST/good/x:1" 3>&- >"$T/background" 2>&1) &
	BACKGROUND=$!
	ok tare pull "$HOST/good/x:1"
	wait "$BACKGROUND"
	asked 2 "GET .*/blobs/sha256:$LARGE "
	whole
	ok tare --root "$T/other" system check
	like 'broken: 0, rubbish: 0'
	ok tare rmi "$HOST/good/x:1"
	ok tare --root "$T/other" system check
	like '^1 images, .*broken: 0, rubbish: 0'
}

@test "images that come and go while the store is looked through and mended" {
	local i

	box_image box:1
	layer_dir more >/dev/null
	head -c 400000 /dev/urandom >"$T/layers/more/more"
	image more:1 '.config.Cmd = ["sh"]' box more:gzip
	(
		for _ in {1..12}; do
			tare pull -q "oci:$LAYOUT:box:1" && tare pull -q "oci:$LAYOUT:more:1" &&
				box more:1 true && tare rmi more:1 && tare rmi box:1 || exit 1
		done
	) >"$T/background" 2>&1 &
	BACKGROUND=$!
	for ((i = 0; ; i++)); do
		ok check
		lacks '^broken:'
		ok check --repair
		lacks '^(broken|mended):'
		kill -0 "$BACKGROUND" 2>/dev/null || break
	done
	wait "$BACKGROUND" || { cat "$T/background"; false; }
	((i > 3))
	ok check --repair
	whole
}
