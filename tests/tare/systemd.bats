#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The engine where systemd is the machine's PID 1: its cgroups lie beside systemd's units, in none of
# them, so nothing that ends a unit ends a container, and no limit goes when systemd tidies up.
#
# bats file_tags=guest_systemd

load ../lib/tare

tare_test_begins() {
	[[ $(</proc/1/comm) == systemd ]] || skip 'needs systemd as PID 1 of the machine'
	[[ -e $CGROUPS/cgroup.controllers ]] || skip 'needs one unified cgroup tree'
}

# What happens to a unit: of the machine's mounts it sees what we do.
in_unit() {
	systemd-run --quiet --unit "$NAME" --setenv "PATH=$PATH" "${UNIT_OPTIONS[@]}" \
		nsenter --mount="/proc/$$/ns/mnt" -- "$@" 3>&-
}
UNIT_OPTIONS=()

# run_in_unit OPTION ...: `tare run -d` there.
run_in_unit() {
	in_unit "$TARE" --root "$STATE" --cgroup-parent "$PARENT" run -d --network none \
		--rootfs "$ROOTFS" "$@"
}

@test "a container outlives the service that started it" {
	UNIT_OPTIONS=(--property Type=oneshot --property RemainAfterExit=yes)
	run_in_unit --name box -m 64m sleep 1000
	is_running box
	systemctl restart "$NAME" || true # its second `tare run` finds the name taken
	systemctl stop "$NAME"
	is_running box
	export CID
	CID=$(member box .Id)
	is 67108864 "$(box_cg . memory.max)"
	ok tare exec box true
}

@test "a container outlives the session that started it, also where logout kills" {
	kill_at_logout
	UNIT_OPTIONS=(--property PAMName=login --property User=root)
	in_unit sh -c '"$@" && cat /proc/self/cgroup >"$0" && sleep 1000' "$T/group" \
		"$TARE" --root "$STATE" --cgroup-parent "$PARENT" run -d --network none \
		--rootfs "$ROOTFS" --name box sleep 1000
	wait_until test -s "$T/group"
	like 'session-.*\.scope' "$(<"$T/group")"
	loginctl terminate-session "$(loginctl list-sessions --no-legend | awk '{ print $1 }')"
	wait_until has_no_session
	is_running box
}

# Restarting logind when the configuration is gone again would cost a second and change nothing.
kill_at_logout() {
	mkdir -p /run/systemd/logind.conf.d
	printf '[Login]\nKillUserProcesses=yes\nKillExcludeUsers=\n' \
		>/run/systemd/logind.conf.d/tare-test.conf
	systemctl restart systemd-logind
}
has_no_session() { [[ -z $(loginctl list-sessions --no-legend) ]]; }

@test "systemd takes no controller from a container, though it takes what nobody uses" {
	delegate_nothing
	begin box -m 64m --cpuset-cpus 0
	tidy_up
	is 67108864 "$(box_cg . memory.max)"
	is 0 "$(box_cg . cpuset.cpus)"
	ok tare rm --force box
	wait_until rmdir "$CGROUPS$PARENT/monitors"
	rmdir "$CGROUPS$PARENT"
	tidy_up
	unlike cpuset "$(<$CGROUPS/cgroup.subtree_control)"
	begin again --cpuset-cpus 0
	is 0 "$(box_cg . cpuset.cpus)"
}

# The job of the guest is delegated all; without that, nobody but us asks for most controllers.
delegate_nothing() {
	mkdir -p /run/systemd/system/guest-job.service.d
	printf '[Service]\nDelegate=no\n' >/run/systemd/system/guest-job.service.d/tare-test.conf
}
# systemd looks at what is needed when it is told to, and when a unit starts.
tidy_up() {
	systemctl daemon-reload
	systemd-run --quiet --wait true
}

test_ends() {
	rm -rf /run/systemd/system/guest-job.service.d /run/systemd/logind.conf.d
	systemctl reset-failed "$NAME" 2>/dev/null || true
}
