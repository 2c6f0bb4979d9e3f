#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The systemd cgroup driver where there is no systemd: who does not ask for it does not notice.
#
# bats file_tags=guest_bare

load ../lib/oci

test_begins() {
	[[ $(</proc/1/comm) != systemd ]] || skip 'needs a machine without systemd'
	export TARE_LIBEXEC=${TARE_LIBEXEC:-${OCI%/*}}
}

@test "without systemd, who does not ask for its driver gets cgroups all the same" {
	box 'cat /proc/self/cgroup'
	like ":$CG"
}

@test "without systemd, its driver is refused with where it was looked for" {
	config '.linux.cgroupsPath = $p' --arg p "system.slice:box:$NAME"
	refused 'the systemd cgroup driver was asked for, but there is no D-Bus at /run/dbus/' \
		runtime --systemd-cgroup create --bundle "$BUNDLE" "$ID"
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere refused "no D-Bus at 'unix:path=/nowhere'" \
		runtime --systemd-cgroup create --bundle "$BUNDLE" "$ID"
}

@test "without its helper program, the driver is refused with where that belongs" {
	config '.linux.cgroupsPath = $p' --arg p "system.slice:box:$NAME"
	TARE_LIBEXEC=/nowhere refused \
		"the systemd cgroup driver was asked for, but '/nowhere/tare-systemd' is not installed" \
		runtime --systemd-cgroup create --bundle "$BUNDLE" "$ID"
}
