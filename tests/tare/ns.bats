#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# tare ns: the namespaces of a process, whoever made it, and of the whole host.

load ../lib/tare

ino_of() { stat -L -c %i "/proc/$1/ns/$2"; }

whose() { json ".namespaces[] | select(.kind == \"$1\").whose"; }

@test "each kind's inode is the kernel's, and what unshare made is the process's own" {
	local kind
	isolate --user --map-root-user --mount-proc --pid --net --ipc --uts --cgroup --time
	ok tare ns --json "$PID"
	is user,mnt,pid,net,ipc,uts,cgroup,time "$(json '[.namespaces[].kind] | join(",")')"
	for kind in user mnt pid net ipc uts cgroup time; do
		is "$(ino_of "$PID" $kind)" "$(json ".namespaces[] | select(.kind == \"$kind\").inode")"
		is own "$(whose $kind)"
	done
	ok tare ns "$PID"
	is 8 "$(grep -cE '^(user|mnt|pid|net|ipc|uts|cgroup|time) .* its own ' <<<"$output")"
	is_narrow
}

@test "what was not made anew is the host's" {
	isolate --uts
	ok tare ns --json "$PID"
	is own "$(whose uts)"
	is host "$(whose ipc)"
	is host "$(whose pid)"
	is host "$(whose user)"
	ok tare ns "$PID"
	like $'\nuts     host name    [0-9]+  its own  '
	like $'\nipc     ipc objects  [0-9]+  the host\'s  [0-9]+ other processes'
	like $'\nIDS\nthe same as on the host\n'
}

@test "who shares a namespace is named" {
	isolate --uts
	ok tare ns --json "$PID"
	is "$OUTER" "$(json '.namespaces[] | select(.kind == "uts").sharedWith | join(" ")')"
	ok tare ns "$PID"
	like $'\nuts [^\n]*  '"$OUTER unshare"$'\n'
	isolate --pid
	ok tare ns "$PID"
	like $'\npid [^\n]*  nobody\n'
}

@test "a process's pid inside stands beside the one outside, in namespaces below too" {
	isolate --pid --mount-proc
	nsenter --target "$PID" --pid --mount unshare --pid --fork --kill-child sleep 1000 3>&- {PAUSE}>&- {GATE}>&- &
	hold $!
	wait_until has_lines 3
	is "1 2 3" "$(json '[.processes[].insidePid] | sort | .[0:3] | join(" ")')"
	is "$PID" "$(json '.processes[] | select(.insidePid == 1).hostPid')"
	is 1 "$(json '[.processes[] | select(.pids[-1] == 1 and (.pids | length) > 2)] | length')"
	ok tare ns "$PID"
	like $'\n[0-9]+ processes are in its pid namespace, or below:\n'
	like $'\n *'"$PID"'  1 +root +sleep 1000'
	like $'\n *[0-9]+  [0-9]+/1 +root +sleep 1000'
}

# As many processes, the last of which has a pid namespace of its own.
has_lines() {
	ok tare ns --json "$PID"
	(($(json '.processes | length') >= $1)) &&
		[[ $(json '[.processes[].pids[-1]] | map(select(. == 1)) | length') == 2 ]]
}

@test "id maps are told in words" {
	isolate --user
	echo '0 100000 65536' >"/proc/$PID/uid_map"
	printf '0 200000 10\n1000 1000 1\n' >"$T/map"
	cat "$T/map" >"/proc/$PID/gid_map"
	ok tare ns "$PID"
	like $'\nroot inside is uid 100000 outside\nuids 0-65535 inside are 100000-165535 outside\n'
	like $'\ngids 0-9 inside are 200000-200009 outside\ngid 1000 inside is the same outside\n'
	like " +$PID +$PID +root \(-\) +sleep 1000"
	ok tare ns --json "$PID"
	is '[{"inside":0,"outside":100000,"size":65536}]' "$(json '.ids.uids | tojson')"
	is 1000 "$(json '.ids.gids[1].outside')"
}

@test "nobody is mapped before somebody writes the map" {
	isolate --user
	ok tare ns "$PID"
	like $'\nno uid is mapped: everyone inside is nobody\n'
}

@test "an ordinary user sees its own, and what may not be read is said" {
	user_isolate --user --map-root-user --uts
	ok user_tare ns "$PID"
	like $'\nuser    ids, rights  [0-9]+  its own  '
	like $'\nuts     host name    [0-9]+  its own  '
	like $'\nipc     ipc objects  [0-9]+  the host\'s  '
	like 'root inside is uid 1234 outside'
	like 'setgroups is denied'
	like '[0-9]+ processes may not be read by this user and are not counted above'
	is_narrow
	ok user_tare ns --json "$PID"
	is "$(ino_of "$PID" uts)" "$(json '.namespaces[] | select(.kind == "uts").inode')"
	ok user_tare ns
	like "  made by uid 1234: "
}

@test "another's process is no error to an ordinary user" {
	isolate --uts
	ok user_tare ns "$PID"
	is 8 "$(grep -cE '  unreadable  -$' <<<"$output")"
	like $'\nCGROUP     /'
	ok user_tare ns --json "$PID"
	is unreadable "$(whose net)"
	is null "$(json '.namespaces[0].inode')"
}

@test "who is not there is not shown" {
	exits 1 tare ns 4194305
	is "tare: ns: no process or container '4194305'"
	exits 1 tare ns nosuch
	like "'nosuch'"
	exits 1 tare ns 0
	exits 1 tare ns -- -1
	exits 125 tare ns 1 2
	exits 125 tare ns --nonsense
}

@test "a process that has ended and waits for its parent is said to have ended" {
	local dead
	sh -c 'true & exec sleep 1000' 3>&- {PAUSE}>&- {GATE}>&- &
	hold $!
	wait_until is_named $! sleep
	dead=$(pgrep -P $!)
	wait_until grep -q '^State:.Z' "/proc/$dead/status"
	exits 1 tare ns "$dead"
	is "tare: ns: process $dead has ended"
	ok tare ns --json
	is '' "$(json ".processes[] | select(.hostPid == $dead).name")"
}

@test "processes may come and go meanwhile" {
	local i
	(while :; do /bin/true; done) 3>&- {PAUSE}>&- {GATE}>&- &
	hold $!
	isolate --pid --mount-proc
	for ((i = 0; i < 20; i++)); do
		ok tare ns "$PID"
		ok tare ns --json
		is object "$(json type)"
	done
}

@test "a process that ends between two looks is gone, not an error of its own" {
	local i pid
	for ((i = 0; i < 30; i++)); do
		/bin/true &
		pid=$!
		try tare ns "$pid"
		((status == 0)) || like "(no process|has ended)"
		wait "$pid"
	done
}

@test "names of strangers don't reach the terminal as they are" {
	local name=$'\e[2J\e]0;x\a\r\n\xff\u202e'
	(exec -a "$name" sleep 1000 3>&- {PAUSE}>&- {GATE}>&-) &
	hold $!
	cp "$(command -v sleep)" "$T/"$'\eevil\x9b'
	unshare --uts "$T/"$'\eevil\x9b' 1000 3>&- {PAUSE}>&- {GATE}>&- &
	hold $!
	wait_until is_named $! $'\eevil\x9b'
	ok tare ns $!
	unlike $'[\e\a\r\x9b]'
	like '\\x1bevil'
	ok tare ns
	unlike $'[\e\a\r\x9b]'
	like '\\x1bevil'
	ok tare ns --json $!
	is $'\eevil\ufffd' "$(json .name)"
	unlike $'[\e\a\r\x9b]'
}

@test "nothing is wider than a terminal" {
	(exec -a "$(printf 'w%.0s' {1..3000})" sleep 1000 3>&- {PAUSE}>&- {GATE}>&-) &
	hold $!
	wait_until is_named $! sleep
	ok tare ns $!
	like 'ww\.\.\.'
	is_narrow
	isolate --user --map-root-user --mount-proc --pid --net --ipc --uts
	ok tare ns
	is_narrow
}

@test "a thread can be elsewhere than its process" {
	local process thread
	"$(tool threads)" >"$T/tid" 3>&- {PAUSE}>&- {GATE}>&- &
	process=$!
	hold "$process"
	wait_until test -s "$T/tid"
	thread=$(<"$T/tid")
	ok tare ns "$thread"
	like "^thread $thread of process $process: "
	like $'\nuts [^\n]*  its own     nobody\n'
	ok tare ns "$process"
	like $'\nuts [^\n]*  the host\'s  '
}

@test "where children will be born is said" {
	unshare --pid sh -c 'sleep 1000 & exec sleep 1000' 3>&- {PAUSE}>&- {GATE}>&- &
	hold $!
	wait_until pgrep -P $! >/dev/null
	hold "$(pgrep -P $!)"
	ok tare ns $!
	like "Its next children will be in pid namespace $(ino_of $! pid_for_children)\."
}

# ------------------------------------------------------------------------------- a container

@test "a container is asked for by name" {
	begin web
	ok tare ns web
	like "^process $PID: "
	like "  1 +[0-9]+ \(0\) +sh -c "
	is_narrow
	ok tare ns --json web
	is "$PID" "$(json .hostPid)"
	is own,own,own,own "$(json '[.namespaces[] | select(.kind | IN("mnt", "pid", "ipc", "uts")).whose] | join(",")')"
	like "^$PARENT/$CID" "$(json '.cgroup.groups[] | select(.hierarchy == "memory" or .hierarchy == "").path')"
	ok tare stop --time 5 web
	exits 1 tare ns web
	like 'the container is not running'
}

limits() {
	config '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 32},
		cpu: {quota: 50000, period: 100000}}'
}

@test "a container's limits and what it uses are told" {
	needs_controller memory
	needs_controller pids
	needs_controller cpu cpu.cfs_quota_us
	limits
	map_ids 100000
	start_box
	ok tare ns "$PID"
	like $'\nCGROUP     '"$CG"$'\n'
	like $'\nmemory     [0-9.]+ [KM]iB of 64 MiB\n'
	like $'\nprocesses  [0-9]+ of 32\n'
	like $'\ncpu        half of one cpu, [0-9.]+ [mu]?s used\n'
	like $'\nroot inside is uid 100000 outside\n'
	like "  1 +100000 \(0\) +sh -c "
	unlike 'the host'"'"'s  [^\n]*\n(user|mnt|pid|net|ipc|uts)'
	is_narrow
	ok tare ns --json "$PID"
	is 67108864 "$(json .cgroup.memoryBytes.limit)"
	is 32 "$(json .cgroup.processes.limit)"
	is 50000/100000 "$(json '"\(.cgroup.cpuQuotaUs)/\(.cgroup.cpuPeriodUs)"')"
	is "$CG" "$(json '.cgroup.groups[] | select(.hierarchy == "memory").path')"
	is own,own,own,own,own,own "$(json '[.namespaces[:6][].whose] | join(",")')"
	is 0 "$(json '.processes[] | select(.insidePid == 1).insideUid')"
}

@test "without a pid namespace of its own, those that share another are together" {
	drop_ns pid
	config '.mounts |= map(select(.type != "proc"))'
	start_box
	ok tare ns "$PID"
	like 'in common'
	like "[^0-9]$PID  $PID +root +sh -c "
	ok tare ns --json "$PID"
	is other "$(json .togetherBy)"
}

# ------------------------------------------------------------------------------- the tree

node() { json ".namespaces[] | select(.inode == $1)$2"; }

@test "the tree says which user namespace rules what" {
	local user
	isolate --user --map-root-user --pid --net
	user=$(ino_of "$PID" user)
	ok tare ns --json
	is "$user" "$(node "$(ino_of "$PID" net)" .ownerInode)"
	is "$user" "$(node "$(ino_of "$PID" pid)" .ownerInode)"
	is "$(ino_of $$ pid)" "$(node "$(ino_of "$PID" pid)" .parentInode)"
	is "$(ino_of $$ user)" "$(node "$user" .parentInode)"
	is 0 "$(node "$user" .madeByUid)"
	is "[$PID]" "$(node "$(ino_of "$PID" pid)" '.pids | tojson')"
	is sleep "$(json ".processes[] | select(.hostPid == $PID).name")"
	ok tare ns
	like $'\n  user '"$user"' +[0-9]+  made by uid 0: '
	like $'\n    net '"$(ino_of "$PID" net) "
}

@test "a namespace around others is there without processes of its own" {
	local middle
	unshare --user --map-root-user unshare --user --map-root-user sleep 1000 3>&- {PAUSE}>&- {GATE}>&- &
	hold $!
	wait_until is_named $! sleep
	ok tare ns --json
	middle=$(node "$(ino_of $! user)" .parentInode)
	is '[]' "$(node "$middle" '.pids | tojson')"
	is "$(ino_of $$ user)" "$(node "$middle" .parentInode)"
	is own "$(node "$middle" .whose)"
	ok tare ns
	like $'\n  user '"$middle"$' +0  made by uid 0\n    user '
}

@test "a namespace that only a mount keeps is found" {
	isolate --uts
	touch "$T/kept"
	mount --bind "/proc/$PID/ns/uts" "$T/kept"
	local ino
	ino=$(ino_of "$PID" uts)
	kill -KILL "$OUTER"
	wait_until ended "$PID"
	wait_until ended "$OUTER" || wait "$OUTER" || true
	ok tare ns --json
	is "[\"$T/kept\"]" "$(node "$ino" '.mounts | tojson')"
	is '[]' "$(node "$ino" '.pids | tojson')"
	is "$(ino_of $$ user)" "$(node "$ino" .ownerInode)"
	ok tare ns
	like "  uts $ino +0  at ${T:0:20}"
	umount "$T/kept"
}

@test "in a container the container's namespaces are the host's" {
	isolate --pid --mount-proc --uts
	install -m 755 "${TARE:-${OCI%/*}/tare}" "$T/tare-inside"
	ok nsenter --target "$PID" --pid --mount --uts "$T/tare-inside" ns --json 1
	is host "$(whose pid)"
	is host "$(whose uts)"
	is 1 "$(json .hostPid)"
}
