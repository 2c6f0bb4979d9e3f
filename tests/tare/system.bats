#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What is about all images and containers: what they take of the disk, and what can go.

load ../lib/images

# raw TYPE MEMBER: a number of `system df`.
raw() { tare system df --format json | jq "select(.Type == \"$1\") | .$2"; }

more_image() {
	layer_dir more >/dev/null
	head -c 100000 /dev/urandom >"$T/layers/more/more"
	image "$1" '.config.Cmd = ["sh"]' box more
}

# ------------------------------------------------------------------------------- df

@test "df: nothing takes nothing" {
	ok tare system df
	shows '^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE$'
	shows '^Images +0 +0 +0B +0B \(0%\)$'
	shows '^Containers +0 +0 +0B +0B \(0%\)$'
}

@test "df: what images share is counted once" {
	box_image box:1
	more_image more:1
	take box:1
	one=$(raw Images RawSize)
	ok tare tag box:1 again
	is "$one" "$(raw Images RawSize)"
	take more:1
	two=$(raw Images RawSize)
	((two > one + 200000 && two < one + 215000)) # unpacked, and as it came
	is '"2"' "$(raw Images TotalCount)"
	is "$two" "$(raw Images RawReclaimable)"
	ok tare system df -v
	is 'Images space usage:' "$(head -n 1 <<<"$output")"
	shows '^again +latest +[0-9a-f]{12} +[0-9]+ years ago +[0-9.]+MB +[0-9.]+MB +[0-9.]+k?B +0$'
	ok tare system df -v --format json
	is 'again box more' "$(jq -r '.Images[].Repository' <<<"$output" | xargs)"
	is "$two" "$(jq '.Images | (.[0].RawSharedSize + .[0].RawUniqueSize + .[2].RawUniqueSize)' <<<"$output")"
}

# bats test_tags=guest_systemd
@test "df: what a container uses can't be had back, nor what one that runs has changed" {
	box_image box:1
	more_image more:1
	take box:1
	take more:1
	ok tare run --network none --name ended box:1 sh -c 'cat /bin/busybox >/tmp/a; rm /etc/group'
	ok tare run -d --network none --name runs box:1 sh -c 'echo 12345 >/tmp/b; exec sleep 1000'
	wait_until has_written runs
	size=$(stat -c %s /bin/busybox)
	is "\"2\" \"1\" $((size + 6)) $size" \
		"$(raw Containers '| "\(.TotalCount | tojson) \(.Active | tojson) \(.RawSize) \(.RawReclaimable)"' |
			jq -r .)"
	is '"1"' "$(raw Images Active)"
	free=$(raw Images RawReclaimable)
	((free > 200000 && free < 215000)) # what more:1 has for itself
	ok tare system df -v
	shows "^[0-9a-f]{12} +box:1 +\"sh -c 'cat /bin/bus…\" +[0-9.]+MB +.* Exited \(0\) .* ended$"
	shows '^[0-9a-f]{12} +box:1 .* 6B +.* Up .* runs$'
	shows '^box +1 .* 2$'
	ok tare rm -f runs ended
	is 0 "$(raw Containers RawSize)"
}

has_written() { [[ -s $(echo "$STATE"/containers/"$(member "$1" .Id)"/changes/upper/tmp/b) ]]; }

# ------------------------------------------------------------------------------- prune

@test "prune: what has ended goes, and what has no name" {
	box_image box:1
	more_image more:1
	take box:1
	take more:1
	ok tare run --network none --name ended box:1 sh -c 'cat /bin/busybox >/tmp/a'
	ended=$(member ended .Id)
	ok tare run -d --network none --name runs box:1 sleep 1000
	image box:1 '.config.Cmd = ["id"]' box
	take box:1 # the one before has no name now, but somebody runs on it
	ok tare system prune --force
	shows '^Deleted Containers:$'
	shows "^$ended$"
	lacks '^Deleted Images'
	shows '^Total reclaimed space: [0-9.]+MB$'
	is runs "$(names_all)"
	before=$(raw Images RawSize)
	ok tare system prune -af
	is 'Deleted Images:' "${lines[0]}"
	shows '^untagged: box:1$'
	shows '^untagged: more:1$'
	after=$(raw Images RawSize)
	is "$(quantity $((before - after)))" "${lines[-1]#Total reclaimed space: }"
	ok tare rm -f runs
	ok tare system prune --force
	is 0 "$(find "$STATE"/{layers,images/blobs,references,partial,staging} -type f | wc -l)"
	ok tare system prune --force --volumes
	is 'Total reclaimed space: 0B'
}

quantity() { awk -v n="$1" 'BEGIN { printf "%.3gkB", n / 1000 }'; }

@test "words that make no sense are refused" {
	exits 125 tare system
	exits 125 tare system melt
	exits 125 tare system df --format yaml
}
