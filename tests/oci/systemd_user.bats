#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The systemd cgroup driver without root: scopes of the user's own manager, which hands on the
# controllers that were delegated to it (of systemd 252: cpu, memory and pids).
#
# bats file_tags=guest_systemd

load ../lib/oci
load ../lib/systemd

USER_NAME=user

# The user's manager runs without anyone who is logged in, once for the file.
file_begins() { ! has_user || command systemctl start "user@$(id -u "$USER_NAME").service"; }
file_ends() { ! has_user || command systemctl stop "user@$(id -u "$USER_NAME").service"; }
has_user() { [[ $(</proc/1/comm) == systemd ]] && id "$USER_NAME" >/dev/null 2>&1; }

# What the user sees is the machine's mounts, where his manager's socket is, and not the tests' own;
# so $T is on a disk.
test_begins() {
	needs_systemd
	has_user || skip "needs a user named $USER_NAME"
	uid=$(id -u "$USER_NAME")
	own=/user.slice/user-$uid.slice/user@$uid.service
	T=$(mktemp -d /var/tmp/tare-test.XXXXXX)
	chmod 755 "$T"
	install -D -m 755 -t "$T/bin" "$OCI" "${TARE_LIBEXEC:-${OCI%/*}}/tare-systemd"
	USER_ENV=("XDG_RUNTIME_DIR=/run/user/$uid" "TARE_LIBEXEC=$T/bin")
	STATE=$T/state
	bundle_new "$T/bundle"
	in_scope user.slice "" "$NAME"
	CG=$own/user.slice/$UNIT
	config '.linux.namespaces += [{"type": "user"}] | .linux.uidMappings = $m
		| .linux.gidMappings = $m | del(.linux.resources)' \
		--argjson m "[{\"containerID\": 0, \"hostID\": $uid, \"size\": 1}]"
	chown "$uid" "$T"
	chown -R "$uid" "$BUNDLE"
}

boxes_delete() { [[ ! -e $STATE/$ID ]] || runtime delete --force "$ID"; }

as_user() {
	nsenter --mount=/proc/1/ns/mnt -- setpriv --reuid "$uid" --regid "$uid" --init-groups \
		env -i "PATH=$PATH" "${USER_ENV[@]}" "$@"
}
runtime() {
	as_user timeout --kill-after=5 "${LIMIT:-20}" "$T/bin/tare-oci" --root "$STATE" \
		"${MANAGER[@]}" "$@" 3>&- {PAUSE}>&- {GATE}>&-
}
systemctl() { as_user systemctl --user "$@"; }

limit() { config '.linux.resources += $r' --argjson r "$1"; }

@test "a user's container is a scope of his own manager, with the limits delegated to him" {
	limit '{"memory": {"limit": 67108864}, "cpu": {"quota": 20000, "period": 100000},
		"pids": {"limit": 99}}'
	start_box
	lies_at "$CG"
	has ActiveState=active "ControlGroup=$CG" Slice=user.slice MemoryMax=67108864 TasksMax=99 \
		CPUQuotaPerSecUSec=200ms Delegate=yes
	is 67108864 "$(knob memory.max)"
	is '20000 100000' "$(knob cpu.max)"
	is 99 "$(knob pids.max)"
	ok runtime update --pids-limit 50 "$ID"
	is 50 "$(knob pids.max)"
	ok exec_in cat /proc/self/cgroup
	is "0::$CG"
	ok runtime pause "$ID"
	ok runtime resume "$ID"
	ok runtime delete --force "$ID"
	has ActiveState=inactive
}

@test "a limit whose controller is not delegated is an error that names it, and what helps" {
	limit '{"cpu": {"cpus": "0"}}'
	refused "linux.resources.cpu.cpus: the cgroup controller 'cpuset' is not available.*\
it is not delegated to user $uid.*Delegate=cpu cpuset io memory pids" create_box
	config 'del(.linux.resources)'
	limit '{"blockIO": {"weight": 300}}'
	refused "linux.resources.blockIO.weight: the cgroup controller 'io' is not available" \
		create_box
}

@test "without a path the scope is tare-ID.scope in user.slice" {
	config 'del(.linux.cgroupsPath)'
	box 'cat /proc/self/cgroup'
	is "0::$own/user.slice/tare-$ID.scope"
}

@test "where the user has no manager, the error says where it was looked for" {
	USER_ENV[0]=XDG_RUNTIME_DIR=$T
	refused "the systemd cgroup driver was asked for, but there is no D-Bus at $T/bus" create_box
	USER_ENV[0]=NOTHING=
	refused 'there is no D-Bus at .XDG_RUNTIME_DIR, which is not set' create_box
}

@test "ids of /etc/subuid are no obstacle" {
	config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
		| .linux.gidMappings = .linux.uidMappings'
	args cat /proc/self/cgroup
	chown -R 100000:100000 "$ROOTFS"
	try run_box
	echo "$output"
	is "0::$CG"
}
