#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The systemd cgroup driver beside a systemd that is the machine's PID 1: the container's cgroup is a
# scope unit, whose limits systemd knows. $UNIT is that of each test.
#
# bats file_tags=guest_systemd

load ../lib/oci
load ../lib/systemd

test_begins() {
	needs_systemd
	in_scope machine.slice "" "$NAME"
	UNITS_BEFORE=$(units)
}

# No test leaves a unit, be it one that failed.
test_ends() { [[ ! -v UNITS_BEFORE ]] || wait_until is_without_units; }
is_without_units() { [[ $(units) == "$UNITS_BEFORE" ]]; }
units() { systemctl list-units --all --full --plain --no-legend --type=scope | awk '{ print $1 }'; }

# ------------------------------------------------------------------------------- the scope

@test "the container's cgroup is a delegated scope, which ends with it" {
	start_box
	lies_at "$CG"
	has ActiveState=active "ControlGroup=$CG" 'Description=container box' Slice=machine.slice \
		Delegate=yes DefaultDependencies=no Transient=yes \
		CPUAccounting=yes IOAccounting=yes MemoryAccounting=yes TasksAccounting=yes
	ok runtime delete --force "$ID"
	has ActiveState=inactive ControlGroup=
	has_no_cgroups
	# shellcheck disable=SC2034 # tests/lib/systemd.bash reads it
	MANAGER=(--cgroup-manager systemd)
	box 'cat /proc/self/cgroup'
	is "0::$CG"
}

@test "cgroupsPath is slice:prefix:name, and may leave out what is usual" {
	while read -r path expected; do
		config '.linux.cgroupsPath = $p' --arg p "$path$NAME"
		box 'cat /proc/self/cgroup'
		is "0::$expected$NAME.scope"
	done <<-'END'
		a-b-c.slice:box: /a.slice/a-b.slice/a-b-c.slice/box-
		-.slice:box: /box-
		:box: /system.slice/box-
		:: /system.slice/
	END
	config 'del(.linux.cgroupsPath)'
	box 'cat /proc/self/cgroup'
	is "0::/system.slice/tare-$ID.scope"
}

@test "a cgroupsPath of another form is refused" {
	for path in "/$NAME" "machine.slice:$NAME" "machine.slice:a:b:$NAME"; do
		config '.linux.cgroupsPath = $p' --arg p "$path"
		refused_config "'$path' is not of the form slice:prefix:name"
	done
	in_scope a--b.slice box "$NAME"
	refused_config "'a--b.slice' is no name of a slice"
	in_scope machine.slice box "$NAME/x"
	refused_config "'box-$NAME/x.scope' has a letter that no unit's name may have"
}

@test "a scope that exists is another's: an error in systemd's words, and that scope goes on" {
	systemd-run --quiet --scope --unit "$UNIT" --slice machine.slice sleep 1000 3>&- &
	hold $!
	wait_until is_active "$UNIT"
	fails create_box
	like "systemd: start $UNIT: Unit $UNIT was already loaded"
	[[ ! -e $STATE/$ID ]]
	is_active "$UNIT"
	systemctl stop "$UNIT"
}

@test "a scope of that name that failed is no obstacle" {
	systemd-run --quiet --scope --unit "$UNIT" --slice machine.slice -p RuntimeMaxSec=1 \
		sleep 1000 3>&- &
	hold $!
	wait_until has_failed "$UNIT"
	box 'cat /proc/self/cgroup'
	is "0::$CG"
}

@test "a process that ends at once, or was never there, leaves no scope" {
	args true
	ok run_box
	is_inactive "$UNIT"
	args no-such-program
	refused 'no-such-program' run_box
	is_inactive "$UNIT"
	args true
	ok create_box
	runtime start "$ID"
	wait_until is_stopped
	wait_until is_inactive "$UNIT"
	ok runtime delete "$ID"
}

@test "systemctl stop ends the container" {
	start_box
	systemctl stop "$UNIT"
	wait_until is_stopped
	ok runtime delete "$ID"
}

@test "without a pid namespace, who outlives the first process goes with the scope" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	sh_in_box 'sleep 1000 &'
	ok create_box
	runtime start "$ID"
	wait_until is_stopped
	is_active "$UNIT"
	ok runtime delete "$ID"
	is_inactive "$UNIT"
}

# ------------------------------------------------------------------------------- annotations

@test "annotations org.systemd.property.* are properties, as typed text, and win" {
	config '.linux.resources += {pids: {limit: 99}}'
	annotate TimeoutStopUSec 'uint64 5000000'
	annotate CollectMode "'inactive-or-failed'"
	annotate After "['basic.target']"
	annotate SendSIGHUP true
	annotate KillSignal 2
	annotate RuntimeMaxSec 300
	annotate MemoryMax 'uint64 99999744'
	start_box
	has TimeoutStopUSec=5s CollectMode=inactive-or-failed SendSIGHUP=yes KillSignal=2 \
		RuntimeMaxUSec=5min MemoryMax=99999744 TasksMax=99
	like 'basic.target' "$(systemctl show "$UNIT" -p After)"
	is 99999744 "$(knob memory.max)"
}

@test "a property that systemd refuses is an error in its words, and nothing is left" {
	annotate NoSuchThing 1
	refused_config "systemd: start $UNIT: Cannot set property NoSuchThing, or unknown property"
	is_inactive "$UNIT"
	config 'del(.annotations)'
	annotate TimeoutStopUSec "'soon'"
	refused_config "systemd: start $UNIT: Failed to set unit properties"
	config 'del(.annotations)'
	annotate TimeoutStopUSec "uint64 -1"
	refused_config 'annotation org.systemd.property.TimeoutStopUSec'
}

# ------------------------------------------------------------------------------- life

@test "exec, pause, resume, ps, events, kill --all" {
	start_box
	ok exec_in cat /proc/self/cgroup
	is "0::$CG"
	ok runtime pause "$ID"
	is paused "$(status_of)"
	ok runtime resume "$ID"
	ok runtime ps --format json "$ID"
	like "$PID"
	ok runtime events --stats "$ID"
	like '"memory"'
	ok runtime kill --all "$ID" KILL
	wait_until is_stopped
}

@test "the scope is the container's to divide, in a cgroup namespace" {
	config '.linux.namespaces += [{"type": "cgroup"}]'
	add_mount /sys/fs/cgroup cgroup cgroup rw
	start_box 'mkdir /sys/fs/cgroup/a && echo $$ >/sys/fs/cgroup/a/cgroup.procs
		echo +pids >/sys/fs/cgroup/cgroup.subtree_control'
	wait_until divides
	systemctl daemon-reload
	divides
	ok exec_in cat /proc/self/cgroup
	is 0::/a
	ok runtime delete --force "$ID"
}

divides() { lies_at "$CG/a" && is pids "$(knob cgroup.subtree_control)"; }
