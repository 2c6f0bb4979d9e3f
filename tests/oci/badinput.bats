#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A configuration that is wrong gets one clear line that names the member, exit status 1, and leaves
# nothing behind. (For a peer only: it fails, and leaves nothing.)

load ../lib/oci

# says_member PATTERN: create refuses, in one line.
# Where the member is followed by a colon the number of its line may stand between.
says_member() {
	if [[ -n $PEER ]]; then
		try create_box
		((status != 0)) || runtime delete --force "$ID"
		return 0
	fi
	refused_config "${1//: /( [(]line [0-9]+[)])?: }" || return 1
	is 1 "$(wc -l <<<"$output")" || return 1
	like "^tare-oci: create $ID: "
}

# with MEMBER VALUE PATTERN: the good configuration but for one member.
with() {
	cp "$T/good.json" "$BUNDLE/config.json"
	raw "$1" "$2"
	says_member "$3" || { echo "with $1 = $2" && return 1; }
}

test_begins() { cp "$BUNDLE/config.json" "$T/good.json"; }

@test "a configuration that is cut short anywhere" {
	size=$(stat -c %s "$T/good.json")
	for ((at = 0; at < size - 2; at += size / 23)); do
		head -c $at "$T/good.json" >"$BUNDLE/config.json"
		says_member 'config\.json|line [0-9]+'
	done
}

@test "what is no JSON at all" {
	for text in '' ' ' '{' '[]' '1' 'null' '"text"' '{"a"}' '{,}' '{"a":1,}' "{'a':1}" \
		'{"a":01}' \
		'{} {}' '{"a":+1}' '{"a":NaN}' '{"a":tru}' '{"a":"\x"}' '// comment'; do
		printf '%s' "$text" >"$BUNDLE/config.json"
		says_member .
	done
}

@test "something after the end" {
	echo '{}' >>"$BUNDLE/config.json"
	says_member .
}

@test "ten megabytes of nesting" {
	for char in '[' '{"a":'; do
		yes "$char" | head -c 10000000 | tr -d '\n' >"$BUNDLE/config.json"
		LIMIT=5 says_member .
	done
	{
		printf '{"ociVersion": "1.0.0", "annotations": '
		yes '{"a":' | head -n 100 | tr -d '\n'
	} >"$BUNDLE/config.json"
	says_member 'deep|nest|level'
}

@test "ten megabytes of blanks, or of a string" {
	{ head -c 10000000 /dev/zero | tr '\0' ' ' && cat "$T/good.json"; } >"$BUNDLE/config.json"
	says_member 'config\.json.*(large|big|bytes|MiB)'
	{ printf '{"ociVersion": "' && head -c 10000000 /dev/zero | tr '\0' x && printf '"}'; } \
		>"$BUNDLE/config.json"
	says_member .
}

@test "a member given twice" {
	sed -i 's|"hostname": "box",|"hostname": "box", "hostname": "other",|' "$BUNDLE/config.json"
	says_member 'hostname.*(twice|duplicate)'
	sed 's|"cwd": "/",|"cwd": "/", "user": {"uid": 1000, "gid": 0},|' "$T/good.json" \
		>"$BUNDLE/config.json"
	says_member 'process\.user.*(twice|duplicate)'
}

@test "NUL, as an escape and as a byte" {
	with '.process.args[0]' '"tr\u0000ue"' 'process\.args\[0\].*NUL'
	with .hostname '"b\u0000x"' 'NUL'
	cp "$T/good.json" "$BUNDLE/config.json"
	printf '{"hostname": "a\0b"}' >"$BUNDLE/config.json"
	says_member .
}

@test "invalid UTF-8" {
	for bytes in '\377' '\300\257' '\355\240\200' '\364\220\200\200' '\342\202'; do
		# shellcheck disable=SC2059 # octal escapes
		with .hostname "\"a$(printf "$bytes")b\"" 'hostname.*[Uu][Tt][Ff]-8'
	done
}

@test "members of the wrong type" {
	no_peer crun "without namespaces it mounts over the host"
	with .process '"text"' '(^|: )process: '
	with .process.args '"true"' 'process\.args: '
	with '.process.args[0]' 1 'process\.args\[0\]: '
	with .process.cwd 5 'process\.cwd: '
	with .process.env '{}' 'process\.env: '
	with .process.user '[]' 'process\.user: '
	with .process.user.uid '"0"' 'process\.user\.uid: '
	with .process.terminal '"yes"' 'process\.terminal: '
	with .process.capabilities.bounding '"CAP_KILL"' 'process\.capabilities\.bounding: '
	with .root '"rootfs"' '(^|: )root: '
	with .root.readonly 1 'root\.readonly: '
	with .mounts '{}' '(^|: )mounts: '
	with '.mounts[0].options' '"ro"' 'mounts\[0\]\.options: '
	with .linux.namespaces '"pid"' 'linux\.namespaces: '
	with '.linux.namespaces[0]' '"pid"' 'linux\.namespaces\[0\]: '
	with .linux.resources.memory.limit '"1G"' 'linux\.resources\.memory\.limit: '
	with .linux.resources.devices '{}' 'linux\.resources\.devices: '
	with .annotations '{"a": 1}' 'annotations'
	with .linux.sysctl '{"net.ipv4.ip_forward": 1}' 'linux\.sysctl'
	with .hooks '[]' '(^|: )hooks: '
	with .hostname 5 'hostname: '
	with .ociVersion 1 'ociVersion: '
}

@test "members that are missing" {
	for member in ociVersion:ociVersion process:process process.cwd:process.cwd \
		process.args:process.args root:root root.path:root.path; do
		jq "del(.${member%:*})" "$T/good.json" >"$BUNDLE/config.json"
		[[ -n $PEER ]] || says_member "${member#*:}"
	done
	jq 'del(.linux.namespaces[0].type)' "$T/good.json" >"$BUNDLE/config.json"
	says_member 'linux\.namespaces\[0\]\.type'
	jq 'del(.mounts[1].destination)' "$T/good.json" >"$BUNDLE/config.json"
	says_member 'mounts\[1\]\.destination'
}

@test "members that are empty" {
	with .process.args '[]' 'process\.args'
	with '.process.args[0]' '""' 'process\.args\[0\]'
	with .process.cwd '""' 'process\.cwd'
	with .root.path '""' 'root\.path'
	with .ociVersion '""' 'ociVersion'
	with '.mounts[0].destination' '""' 'mounts\[0\]\.destination'
	with '.linux.namespaces[0].type' '""' 'linux\.namespaces\[0\]\.type'
}

@test "numbers out of range" {
	for value in -1 4294967295 4294967296 99999999999999999999 1e30 0.5 -0.1 1e400; do
		with .process.user.uid "$value" 'process\.user\.uid: '
		with .process.user.gid "$value" 'process\.user\.gid: '
	done
	with '.process.user.additionalGids' '[-1]' 'process\.user\.additionalGids\[0\]: '
	with .process.user.umask 99999999999 'process\.user\.umask: '
	with .process.oomScoreAdj 99999 'process\.oomScoreAdj'
	with .process.oomScoreAdj 99999999999999 'process\.oomScoreAdj'
	with .process.rlimits '[{"type": "RLIMIT_NOFILE", "soft": -1, "hard": 5}]' \
		'process\.rlimits\[0\]\.soft'
	with .process.rlimits '[{"type": "RLIMIT_NOFILE", "soft": 1,
		"hard": 18446744073709551616}]' \
		'process\.rlimits\[0\]\.hard'
	with .process.consoleSize '{"height": 70000, "width": 80}' \
		'process\.consoleSize\.height: 70000 is out of range'
	with .linux.resources.cpu '{"period": -1}' 'linux\.resources\.cpu\.period'
	with .linux.resources.pids '{"limit": 99999999999999999999}' 'linux\.resources\.pids\.limit'
	with .process.consoleSize '{"height": -1, "width": 70000}' 'process\.consoleSize\.height'
}

@test "versions of the specification that are not 1" {
	for version in 2.0.0 0.9 1 one -1.0.0 1.0.0.0.0.; do
		[[ -n $PEER ]] || [[ $version == 1.0.0.0.0. ]] || with .ociVersion \
			"\"$version\"" ociVersion
	done
}

@test "members that nobody knows are ignored" {
	config '.nosuch = {"deep": [1, 2]} | .process.nosuch = 5 | .linux.nosuch = null'
	ok run_box
}

@test "null is absence" {
	config '.hooks = null | .process.rlimits = null | .linux.resources = null |
		.annotations = null'
	ok run_box
}

@test "a rootfs that is not there, or is a file" {
	with .root.path '"nowhere"' 'root\.path: .*nowhere'
	with .root.path '"config.json"' 'root\.path'
}

@test "a cwd that is relative" { with .process.cwd '"tmp"' 'process\.cwd'; }

@test "two namespaces of a kind" {
	with .linux.namespaces '[{"type": "pid"}, {"type": "mount"}, {"type": "pid"}]' \
		'linux\.namespaces\[2\]'
}

@test "a cgroupsPath with .." {
	[[ $PEER != crun ]] || skip 'crun makes directories outside'
	with .linux.cgroupsPath "\"/a/../../$NAME\"" 'linux\.cgroupsPath'
	with .linux.cgroupsPath '".."' 'linux\.cgroupsPath'
}

@test "strings that are very long" {
	long=$(printf 'x%.0s' {1..70000})
	with .hostname "\"$long\"" hostname
	with .process.cwd "\"/$long\"" 'process\.cwd|name too long'
	with .root.path "\"$long\"" 'root\.path'
	with '.mounts[0].destination' "\"/$long\"" 'mounts\[0\]|name too long'
	with '.linux.cgroupsPath' "\"/$long\"" 'linux\.cgroupsPath|name too long'
}

@test "control characters of the input do not reach the terminal" {
	[[ -z $PEER ]] || skip 'peers print them'
	with '.linux.namespaces[0].type' '"\u001b[31mred\nline"' 'linux\.namespaces\[0\]'
	unlike $'\033'
}

@test "a configuration that is not there, a directory, a fifo, unreadable" {
	rm "$BUNDLE/config.json"
	says_member 'config\.json'
	mkdir "$BUNDLE/config.json"
	says_member 'config\.json'
	rmdir "$BUNDLE/config.json"
	[[ -n $PEER ]] || {
		mkfifo "$BUNDLE/config.json"
		LIMIT=5 says_member .
	}
}

@test "a bundle that is not there" {
	refused nowhere runtime create --bundle "$T/nowhere" "$ID"
}

@test "a state that was cut short or is no JSON: commands fail, delete --force cleans up" {
	no_peers
	start_box
	find "$STATE/$ID" -type f ! -name 'journal*' ! -name '*.sock' -exec sh -c \
		'head -c 20 "$1" >"$1.cut"; cat "$1.cut" >"$1"; rm "$1.cut"' - {} \;
	try runtime state "$ID"
	try runtime list
	ok runtime delete --force "$ID"
	[[ ! -e $STATE/$ID ]]
	wait_until ended "$PID"
}
