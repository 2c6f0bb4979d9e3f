#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# process: who it is, where it starts, what it is given and what it may do.

load ../lib/oci

# ------------------------------------------------------------------------------- program

@test "args go to the process as they are" {
	args printf '<%s>' one 'two words' '' '"quoted"' '$HOME' $'line\nbreak' 'ü'
	ok run_box
	is $'<one><two words><><"quoted"><$HOME><line\nbreak><ü>'
}

@test "args[0] is looked up in the PATH of the container's environment" {
	mkdir "$ROOTFS/opt"
	printf '#!/bin/sh\necho "mine $1"\n' >"$ROOTFS/opt/mine"
	chmod 755 "$ROOTFS/opt/mine"
	config '.process.args = ["mine", "x"] | .process.env = ["PATH=/nowhere:/opt:/bin"]'
	ok run_box
	is 'mine x'
}

@test "a relative path is taken from cwd" {
	mkdir "$ROOTFS/opt"
	cp "$ROOTFS/bin/busybox" "$ROOTFS/opt/echo"
	config '.process.args = ["./echo", "here"] | .process.cwd = "/opt"'
	ok run_box
	is here
}

@test "a program that is missing: the message says so, and no container is left" {
	args nosuchprogram
	refused 'nosuchprogram' run_box
	like 'executable file .*not found in \$PATH'
	args /no/such/program
	refused '/no/such/program' run_box
	like '[Nn]o such file'
}

@test "a program that may not be executed: permission denied" {
	echo data >"$ROOTFS/bin/data"
	chmod 644 "$ROOTFS/bin/data"
	args /bin/data
	refused '[Pp]ermission denied' run_box
}

@test "a directory is no program" {
	no_peer crun 'another word'
	args /bin
	refused '[Pp]ermission denied|[Ii]s a directory' run_box
}

@test "a program of another format: exec format error" {
	echo data >"$ROOTFS/bin/data"
	chmod 755 "$ROOTFS/bin/data"
	args /bin/data
	fails run_box
	like '[Ee]xec format error'
}

@test "a script whose interpreter is missing" {
	printf '#!/no/interpreter\n' >"$ROOTFS/bin/script"
	chmod 755 "$ROOTFS/bin/script"
	args /bin/script
	fails run_box
	like '[Nn]o such file'
}

# ------------------------------------------------------------------------------- cwd

@test "cwd is where the process starts" {
	config '.process.cwd = "/home/user"'
	box pwd
	is /home/user
}

@test "cwd is made when it is missing" {
	config '.process.cwd = "/new/dir"'
	box 'pwd; stat -c %u:%a .'
	is $'/new/dir\n0:755'
}

@test "a relative cwd is refused" {
	no_peer crun
	config '.process.cwd = "home"'
	refused_config "$(says 'process\.cwd')"
}

@test "cwd below a mount" {
	add_mount /data tmpfs tmpfs mode=755
	config '.process.cwd = "/data/sub"'
	box pwd
	is /data/sub
}

@test "cwd that only the user may enter" {
	mkdir -m 700 "$ROOTFS/private"
	chown 1000 "$ROOTFS/private"
	config '.process.cwd = "/private" | .process.user = {uid: 1000, gid: 1000} |
		.process.capabilities = {}'
	box pwd
	is /private
}

@test "a cwd that is a file is refused" {
	config '.process.cwd = "/etc/passwd"'
	fails run_box
	like 'cwd|chdir|[Nn]ot a directory'
}

@test "a cwd by a descriptor of the runtime is refused or stays inside" {
	for fd in 3 4 5 6 7 8 9 10; do
		config '.process.cwd = $c' --arg c "/proc/self/fd/$fd"
		sh_in_box 'pwd; cd ..; ls'
		try run_box
		unlike 'config\.json|state'
	done
	echo secret >"$T/secret"
	config '.process.cwd = "/proc/self/fd/7/../../../.."'
	sh_in_box 'cat secret; ls'
	try run_box
	unlike '(^|[[:space:]])secret'
}

# ------------------------------------------------------------------------------- user

@test "uid, gid and additionalGids" {
	config '.process.user = {uid: 1000, gid: 100, additionalGids: [5, 77, 4000000]} |
		.process.capabilities = {}'
	box 'id -u; id -g; grep -E "^(Uid|Gid|Groups)" /proc/self/status'
	is 1000 "${lines[0]}"
	is 100 "${lines[1]}"
	is $'Uid:\t1000\t1000\t1000\t1000' "${lines[2]}"
	is $'Gid:\t100\t100\t100\t100' "${lines[3]}"
	like $'^Groups:\t(100 )?5 77 (100 )?4000000' "${lines[4]}"
}

@test "without additionalGids there are none, whatever the caller has" {
	sh_in_box 'grep ^Groups /proc/self/status'
	try setpriv --groups 4,5,6 "$OCI" --root "$STATE" run --bundle "$BUNDLE" "$ID"
	like $'^Groups:[[:space:]]*0?[[:space:]]*$'
}

@test "umask" {
	config '.process.user.umask = 63'
	box 'umask; echo >/new; stat -c %a /new'
	is $'0077\n600'
}

@test "without umask it is 022, whatever the caller's" {
	no_peer runc "it is the caller's"
	umask 077
	box umask
	is 0022
}

@test "ids that are no ids are refused" {
	no_peers
	cp "$BUNDLE/config.json" "$T/good.json"
	for id in 4294967295 4294967296 -1 1.5 '"0"' 18446744073709551616; do
		for member in uid gid 'additionalGids[0]'; do
			cp "$T/good.json" "$BUNDLE/config.json"
			raw ".process.user.$member" "$id"
			refused_config "process\.user\.${member//[\[\]]/.}"
		done
	done
}

@test "files that the container's stdio is belong to its user" {
	no_peer crun
	config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
	sh_in_box 'echo again >/dev/stdout'
	run_box | cat >"$T/out"
	is again "$(<"$T/out")"
}

# ------------------------------------------------------------------------------- env

@test "env is what the configuration says and nothing of the caller's" {
	config '.process.env = ["PATH=/bin", "A=1", "B=two words", "EMPTY=", "A=2"]'
	args env
	SECRET=x ok run_box
	like 'B=two words'
	like $'(^|\n)EMPTY='
	unlike 'SECRET|TARE|BATS'
}

@test "HOME is the user's, from the container's /etc/passwd, when env has none" {
	no_peer crun
	config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
	box 'echo $HOME'
	is /home/user
	config '.process.env += ["HOME=/mine"]'
	box 'echo $HOME'
	is /mine
}

@test "HOME is from the /etc/passwd that is mounted, not from what that hides" {
	echo 'user:x:1000:1000:user:/mounted:/bin/sh' >"$BUNDLE/users"
	add_mount /etc/passwd users bind bind ro
	config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
	[[ -z $PEER ]] || config '.mounts[-1].source = $f' --arg f "$BUNDLE/users"
	box 'echo $HOME'
	is /mounted
}

@test "HOME of a user that /etc/passwd lacks is the root" {
	no_peer crun
	config '.process.user = {uid: 4242, gid: 0} | .process.capabilities = {}'
	box 'echo $HOME'
	is /
}

@test "env entries that are no assignments do no harm" {
	config '.process.env += ["NOEQUALS", "=x"]'
	try run_box
	[[ ! -e $STATE/$ID ]]
}

# ------------------------------------------------------------------------------- capabilities

caps_inside() { box 'grep ^Cap /proc/self/status'; }

@test "the five sets are exactly those of the configuration" {
	config '.process.capabilities = {
		bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW", "CAP_SETUID"],
		permitted: ["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"],
		inheritable: ["CAP_CHOWN", "CAP_KILL"],
		effective: ["CAP_CHOWN", "CAP_KILL"],
		ambient: ["CAP_KILL"]} | .process.user = {uid: 1000, gid: 0} |
			.process.noNewPrivileges = true'
	caps_inside
	is $'CapInh:\t0000000000000021
CapPrm:\t0000000000000020
CapEff:\t0000000000000020
CapBnd:\t00000000000020a1
CapAmb:\t0000000000000020'
}

@test "root gets its bounding set, and inheritable is empty unless asked for" {
	caps_inside
	like $'CapInh:\t0000000000000000'
	like $'CapAmb:\t0000000000000000'
	is "$(awk '/CapBnd/ { print $2 }' <<<"$output")" \
		"$(awk '/CapPrm/ { print $2 }' <<<"$output")"
}

@test "no capabilities in the configuration are none in the process" {
	no_peer runc
	config 'del(.process.capabilities)'
	caps_inside
	is 5 "$(grep -c 0000000000000000 <<<"$output")"
}

@test "empty sets are empty" {
	config '.process.capabilities = {bounding: [], permitted: [], effective: [],
		inheritable: [], ambient: []}'
	caps_inside
	is 5 "$(grep -c 0000000000000000 <<<"$output")"
}

@test "another user than root has no capabilities but the ambient ones" {
	config '.process.user = {uid: 1000, gid: 1000}'
	caps_inside
	like $'CapPrm:\t0000000000000000'
	like $'CapEff:\t0000000000000000'
}

@test "an unknown capability is warned about and otherwise ignored" {
	no_peer crun 'it ignores it without a word'
	config '.process.capabilities.bounding += ["CAP_NOSUCH"]
		| .process.capabilities.permitted += ["CAP_NOSUCH"]'
	ok run_box
	like 'CAP_NOSUCH'
}

# Runs the container by a runtime that has not CAP_NET_BIND_SERVICE, bit 10.
run_without() {
	setpriv --bounding-set -net_bind_service --inh-caps -net_bind_service -- \
		"$OCI" --root "$STATE" run --bundle "$BUNDLE" "$ID" {PAUSE}>&- {GATE}>&-
}

@test "a capability that the runtime itself has not is warned about and left out" {
	no_peers 'they refuse the container'
	sh_in_box 'grep ^Cap /proc/self/status'
	ok run_without
	like "process.capabilities.bounding.*'CAP_NET_BIND_SERVICE' is not there to be given"
	like $'CapPrm:\t00000000080000eb'
	like $'CapEff:\t00000000080000eb'
	like $'CapBnd:\t00000000080000eb'
	ok run_box
	unlike warning
	like $'CapPrm:\t00000000080004eb'
}

@test "in a user namespace a container has capabilities that the runtime has not" {
	map_ids
	sh_in_box 'grep ^CapPrm /proc/self/status'
	ok run_without
	is $'CapPrm:\t00000000080004eb'
}

@test "an ambient capability that is not inheritable is left out or an error, never more" {
	config '.process.capabilities.ambient = ["CAP_NET_RAW"] | .process.user = {uid: 1000,
		gid: 0}'
	sh_in_box 'grep ^CapAmb /proc/self/status'
	try run_box
	unlike $'CapAmb:\t0000000000002000'
}

@test "noNewPrivileges" {
	config '.process.noNewPrivileges = true'
	box 'grep ^NoNewPrivs /proc/self/status'
	is $'NoNewPrivs:\t1'
	config '.process.noNewPrivileges = false'
	box 'grep ^NoNewPrivs /proc/self/status'
	is $'NoNewPrivs:\t0'
}

# ------------------------------------------------------------------------------- limits

@test "rlimits are exactly as given" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200},
		{type: "RLIMIT_CORE", soft: 0, hard: 0}, {type: "RLIMIT_FSIZE", soft: 1000000,
			hard: 2000000},
		{type: "RLIMIT_STACK", soft: 4194304, hard: 8388608}, {type: "RLIMIT_NPROC",
			soft: 50, hard: 60}]'
	box 'cat /proc/self/limits'
	like 'Max open files +100 +200 '
	like 'Max core file size +0 +0 '
	like 'Max file size +1000000 +2000000 '
	like 'Max stack size +4194304 +8388608 '
	like 'Max processes +50 +60 '
}

@test "every kind of rlimit is known" {
	config '.process.rlimits = ([["CORE", "RSS", "MEMLOCK", "LOCKS", "SIGPENDING", "MSGQUEUE",
			"NICE", "RTPRIO"][] | {type: "RLIMIT_\(.)", soft: 0, hard: 0}]
		+ [["CPU", "FSIZE", "DATA", "STACK", "AS", "NPROC", "NOFILE"][]
			| {type: "RLIMIT_\(.)", soft: 100000000, hard: 100000000}]
		| map(if .type | test("NPROC|NOFILE") then .soft = 64 | .hard = 64 else . end))'
	box 'grep -c . /proc/self/limits'
	is 17
}

@test "unlimited is 18446744073709551615" {
	[[ $(ulimit -H -c) == unlimited ]] || skip 'needs an unlimited hard limit'
	sh_in_box 'grep core /proc/self/limits'
	config '.process.rlimits = [{type: "RLIMIT_CORE", soft: 1, hard: "@HARD@"}]'
	raw '.process.rlimits[0].soft' 18446744073709551615
	sed -i 's/"@HARD@"/18446744073709551615/' "$BUNDLE/config.json"
	box
	like 'unlimited +unlimited'
}

@test "a limit that can't be raised is an error that names it" {
	! capsh_has 24 || skip 'needs to be without CAP_SYS_RESOURCE'
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 999999999}]'
	refused "$(says RLIMIT_NOFILE)" run_box
	like '[Oo]peration not permitted'
}

@test "an unknown kind of rlimit is refused" {
	config '.process.rlimits = [{type: "RLIMIT_NOSUCH", soft: 1, hard: 1}]'
	refused "$(says 'process\.rlimits\[0\]\.type|RLIMIT_NOSUCH')" run_box
}

@test "an rlimit twice, and a soft one above the hard one, are refused" {
	no_peers
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1, hard: 1},
		{type: "RLIMIT_NOFILE", soft: 2, hard: 2}]'
	refused_config 'process\.rlimits\[1\]\.type'
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 2, hard: 1}]'
	refused_config 'process\.rlimits\[0\]'
}

@test "oomScoreAdj" {
	config '.process.oomScoreAdj = 345'
	box 'cat /proc/self/oom_score_adj'
	is 345
	config '.process.oomScoreAdj = 0'
	box 'cat /proc/self/oom_score_adj'
	is 0
}

@test "without oomScoreAdj it is the caller's" {
	sh_in_box 'cat /proc/self/oom_score_adj'
	ok sh -c 'echo 200 >/proc/self/oom_score_adj; exec "$@"' - "$OCI" --root "$STATE" run \
		--bundle "$BUNDLE" "$ID"
	is 200
}

# ------------------------------------------------------------------------------- scheduling

@test "scheduler: SCHED_BATCH with a nice value" {
	no_peers
	config '.process.scheduler = {policy: "SCHED_BATCH", nice: 7}'
	box 'awk "{ print \$19, \$41 }" /proc/self/stat'
	is '7 3'
}

@test "scheduler: SCHED_IDLE, SCHED_FIFO with a priority and a flag" {
	no_peers
	config '.process.scheduler = {policy: "SCHED_IDLE"}'
	box 'awk "{ print \$41 }" /proc/self/stat'
	is 5
	config '.process.scheduler = {policy: "SCHED_FIFO", priority: 3}'
	try run_box
	[[ $status -eq 0 ]] || like 'scheduler|[Oo]peration not permitted'
	config '.process.scheduler = {policy: "SCHED_OTHER", flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
	box :
}

@test "scheduler: what is unknown is refused" {
	no_peers
	config '.process.scheduler = {policy: "SCHED_NOSUCH"}'
	refused 'process\.scheduler\.policy.*SCHED_NOSUCH|scheduler.*SCHED_NOSUCH' run_box
	config '.process.scheduler = {policy: "SCHED_OTHER", flags: ["SCHED_FLAG_NOSUCH"]}'
	refused 'SCHED_FLAG_NOSUCH' run_box
}

@test "ioPriority" {
	no_peers
	config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	box 'ionice -p 1'
	like 'best-effort: prio 6'
	config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}'
	box 'ionice -p 1'
	like idle
	config '.process.ioPriority = {class: "IOPRIO_CLASS_NOSUCH", priority: 0}'
	refused 'IOPRIO_CLASS_NOSUCH' run_box
}

@test "execCPUAffinity: final is where exec runs" {
	no_peers
	(($(nproc) > 1)) || skip 'needs two processors'
	config '.process.execCPUAffinity = {initial: "0", final: "1"}'
	start_box
	ok exec_in grep Cpus_allowed_list /proc/self/status
	is $'Cpus_allowed_list:\t1'
}

@test "execCPUAffinity that is no list is refused" {
	no_peers
	config '.process.execCPUAffinity = {initial: "0-", final: "x"}'
	refused 'execCPUAffinity' run_box
}

@test "personality" {
	no_peer runc
	config '.linux.personality = {domain: "LINUX32"}'
	box 'uname -m; cat /proc/self/personality 2>/dev/null'
	like '^i686'
	config '.linux.personality = {domain: "LINUX"}'
	box 'uname -m'
	is "$(uname -m)"
}

@test "an unknown personality is refused" {
	no_peers
	config '.linux.personality = {domain: "SOLARIS"}'
	refused_config 'linux\.personality.*SOLARIS'
	config '.linux.personality = {domain: "LINUX", flags: ["X"]}'
	refused 'linux\.personality.*flag' run_box
}

# ------------------------------------------------------------------------------- what comes along

@test "no descriptor of the runtime or of the caller comes along" {
	args ls /proc/self/fd
	exec 7</etc/passwd 8<"$T" 9>"$T/written"
	ok run_box
	exec 7<&- 8<&- 9<&-
	is $'0\n1\n2\n3'
}

@test "--preserve-fds passes on as many as it says" {
	sh_in_box 'cat <&3; cat <&4; ls /proc/self/fd | wc -l'
	echo three >"$T/3"
	echo four >"$T/4"
	ok "$OCI" --root "$STATE" run --bundle "$BUNDLE" --preserve-fds 2 "$ID" \
		3<"$T/3" 4<"$T/4" 5<"$T/3"
	is $'three\nfour\n6'
}

@test "signals are as at birth: none ignored, none blocked" {
	args grep -E '^Sig(Ign|Blk)' /proc/self/status
	try sh -c 'trap "" HUP INT USR1 PIPE; exec "$@"' - "$OCI" --root "$STATE" run --bundle \
		"$BUNDLE" "$ID"
	no_peer crun "the caller's ignored signals come along"
	no_peer runc "the caller's ignored signals come along"
	is $'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000'
}

@test "the process leads a session of its own" {
	box 'cut -d" " -f1,5,6 /proc/1/stat'
	is '1 1 1'
}

@test "the process can be looked at by its own user, as any program" {
	sh_in_box 'ls -l /proc/1/fd >/dev/null && stat -c %u /proc/1/fd'
	config '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {}'
	ok run_box
	is 1000
}

@test "hostname and domainname" {
	no_peer runc
	config '.hostname = "some-name" | .domainname = "example.org"'
	box 'hostname; cat /proc/sys/kernel/domainname'
	is $'some-name\nexample.org'
}

@test "a hostname that is too long is refused" {
	config '.hostname = ("x" * 100)'
	refused "$(says hostname)" run_box
}

@test "a hostname that is empty is none" {
	config '.hostname = "" | .domainname = ""'
	box hostname
	is "$(hostname)"
	drop_ns uts
	box hostname
	is "$(hostname)"
}

@test "a hostname without a uts namespace is refused, and the host keeps its own" {
	before=$(hostname)
	drop_ns uts
	no_peer crun
	refused_config 'hostname|UTS'
	is "$before" "$(hostname)"
}

@test "apparmorProfile and selinuxLabel where the kernel has none: an error, or without effect" {
	[[ ! -e /sys/module/apparmor/parameters/enabled ]] || skip 'needs a kernel without AppArmor'
	config '.process.apparmorProfile = "some-profile"'
	try run_box
	[[ $status -eq 0 ]] || like '[Aa]pp[Aa]rmor'
	config 'del(.process.apparmorProfile) |
		.process.selinuxLabel = "system_u:system_r:svirt_lxc_net_t:s0"'
	try run_box
	[[ $status -eq 0 ]] || like '[Ss][Ee][Ll]inux|/proc/self/attr'
}

@test "run and exec for a caller who ignores the ends of his children" {
	sh_in_box 'exit 3'
	exits 3 env --ignore-signal=CHLD "$OCI" --root "$STATE" run \
		--bundle "$BUNDLE" "$ID"
	sh_in_box 'while :; do sleep 1; done'
	start_box
	exits 4 env --ignore-signal=CHLD "$OCI" --root "$STATE" exec "$ID" sh -c 'exit 4'
}
