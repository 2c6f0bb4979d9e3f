#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# tare info: what this machine and this engine are, and which features the kernel has.

load ../lib/tare

@test "the machine, as others see it" {
	ok tare info --json
	is "$(uname -s) $(uname -r)" "$(json .kernel)"
	is "$(uname -m)" "$(json .machine)"
	is "$(getconf _NPROCESSORS_ONLN)" "$(json .cpus)"
	is $(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) * 1024)) "$(json .memoryBytes)"
	is "$STATE" "$(json .root)"
	is "$(tare --version | cut -d ' ' -f 3)" "$(json .version)"
	ok tare info
	like "^version +[0-9.]+"
	like $'\n'"root +$STATE"$'\n'
}

@test "containers by state" {
	begin one
	begin two
	ok run --name three true
	ok tare info --json
	is '{"known":true,"created":0,"running":2,"paused":0,"exited":1}' "$(jq -c .containers <<<"$output")"
	ok tare info
	like $'\ncontainers +3: 2 running, 0 paused, 0 created, 1 exited\n'
}

@test "cgroups: those that are mounted here" {
	needs_controller memory
	ok tare info --json
	[[ ! -d $CGROUPS/unified ]] || is hybrid "$(json .cgroup.kind)"
	[[ -d $CGROUPS/unified ]] || is v1 "$(json .cgroup.kind)"
	is true "$(json '.cgroup.usable | index("memory") != null')"
	umount "$CGROUPS/memory"
	ok tare info --json
	mount -t cgroup -o memory cgroup "$CGROUPS/memory"
	is false "$(json '.cgroup.controllers | index("memory") != null')"
	is no "$(json '.features[] | select(.name == "swap-limit").here')"
}

@test "each feature says since when it is, what for, and what happens without it" {
	ok tare info --json
	is true "$(json '.features | length > 30')"
	is '' "$(json '.features[] | select(.since == "" or .for == "" or .without == "")')"
	is '' "$(json '.features[] | select(.here | IN("yes", "no", "unknown") | not)')"
	is yes "$(json '.features[] | select(.name == "clone3").here')"
	ok tare info
	like $'\nFEATURE +SINCE +HERE +FOR\n'
	like $'\nclone3 +5.3 +yes +a process with all its namespaces'
}

@test "docs/kernels.md says the same of each" {
	local name since n=0 text
	text=$(sed '/shares: begin/,$d' "$TESTS/../docs/kernels.md")

	while read -r name since; do
		grep -q "^| $name | $since | " <<<"$text" ||
			{ echo "not there: $name $since" && return 1; }
		n=$((n + 1))
	done < <(tare info --json | jq -r '.features[] | "\(.name) \(.since)"')
	is "$n" "$(grep -c '^| [a-z0-9-]* | [0-9.]* | ' <<<"$text")"
}

@test "what is missing stands there with what is done instead" {
	needs_controller memory
	umount "$CGROUPS/memory"
	ok tare info
	mount -t cgroup -o memory cgroup "$CGROUPS/memory"
	like $'\nswap-limit +[0-9.]+ +missing +memory and swap; fallback: refused; by default memory'
}

@test "without rights it says what it can't tell" {
	ok user_tare info
	like $'\nusable +none\n'
	like $'\nidmapped-mounts +5.12 +unknown '
	like 'root could tell'
	ok user_tare info --json
	is "$USER_ID" "$(json .uid)"
}

@test "the containers of another are unknown, not none" {
	mkdir -m 700 "$T/private"
	ok user_tare --root "$T/private/root" info
	like $'\ncontainers +unknown: '
}

@test "it takes no operands" {
	exits 125 tare info box
}

@test "who is not root has a place of his own" {
	as_user true || skip 'needs another user'
	ok env -u XDG_DATA_HOME HOME=/home/somebody "${AS_USER[@]}" "$(user_program)" info
	like $'\nroot +/home/somebody/.local/share/tare\n'
	ok env XDG_DATA_HOME=/data "${AS_USER[@]}" "$(user_program)" info
	like $'\nroot +/data/tare\n'
}

# Where that user can execute it.
user_program() {
	[[ -x $T/bin/tare ]] || install -D -m 755 "$TARE" "$T/bin/tare"
	echo "$T/bin/tare"
}
