# SPDX-License-Identifier: Apache-2.0
#
# What the tests of the systemd cgroup driver share. Loaded after `oci`. The words:
#
#	runtime ...                 as ever, with the driver (or what MANAGER says)
#	in_scope SLICE PREFIX NAME  the container's cgroupsPath; $UNIT and $CG are the scope's
#	annotate PROPERTY VALUE     an annotation org.systemd.property.*
#	has PROPERTY=VALUE ...      what systemd says of $UNIT
#	knob FILE                   what the kernel says of it
#	lies_at PATH                where the container's first process, $PID, is

needs_systemd() {
	[[ $(</proc/1/comm) == systemd ]] || skip 'needs systemd as PID 1 of the machine'
	[[ -e $CGROUPS/cgroup.controllers ]] || skip 'needs one unified cgroup tree'
}

MANAGER=(--systemd-cgroup)

runtime() {
	timeout --foreground --kill-after=5 "${LIMIT:-20}" "$OCI" --root "$STATE" "${MANAGER[@]}" \
		"$@" 3>&- {PAUSE}>&- {GATE}>&-
}

in_scope() {
	UNIT=${2:+$2-}$3.scope
	CG=/$1/$UNIT
	config '.linux.cgroupsPath = $p' --arg p "$1:$2:$3"
}

annotate() { config '.annotations += {($k): $v}' --arg k "org.systemd.property.$1" --arg v "$2"; }

has() {
	local keys

	keys=$(printf '%s,' "${@%%=*}")
	is "$(printf '%s\n' "$@" | sort)" "$(systemctl show "$UNIT" -p "$keys" | sort)"
}

knob() { cat "$CGROUPS$CG/$1"; }
lies_at() { is "0::$1" "$(cat "/proc/$PID/cgroup")"; }

is_active() { systemctl --quiet is-active "$1"; }
is_inactive() { [[ $(systemctl is-active "$1") == inactive ]]; }
has_failed() { [[ $(systemctl is-active "$1") == failed ]]; }
