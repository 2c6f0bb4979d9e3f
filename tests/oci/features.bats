#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# features and spec, and what else of the configuration has no file of its own.

load ../lib/oci

@test "features is the document of the specification" {
	no_peer crun
	ok runtime features
	jq -e '.ociVersionMin and .ociVersionMax
		and (.hooks | contains(["prestart", "createRuntime", "createContainer",
			"startContainer",
			"poststart", "poststop"]))
		and (.mountOptions | contains(["ro", "rbind", "rro", "nosuid"]))
		and (.linux.namespaces | contains(["pid", "network", "mount", "ipc", "uts",
			"user", "cgroup"]))
		and (.linux.capabilities | contains(["CAP_KILL", "CAP_BPF"]))
		and (.linux.cgroup | .v1 != null and .v2 != null and .systemd != null)
		and .linux.seccomp.enabled
		and (.linux.seccomp.actions | contains(["SCMP_ACT_ERRNO", "SCMP_ACT_NOTIFY"]))
		and (.linux.seccomp.operators | contains(["SCMP_CMP_MASKED_EQ"]))
		and (.linux.seccomp.archs | contains(["SCMP_ARCH_X86_64"]))
		and (.linux | has("apparmor") and has("selinux"))' <<<"$output"
}

@test "features names what 1.3 of the specification added" {
	no_peers
	ok runtime features
	jq -e '(.ociVersionMax | startswith("1.3"))
		and (.linux.namespaces | contains(["time"]))
		and (.linux.mountExtensions.idmap.enabled | type == "boolean")
		and (.linux.intelRdt.enabled | type == "boolean")
		and (.linux.netDevices.enabled | type == "boolean")
		and (.linux.seccomp | has("knownFlags") and has("supportedFlags"))
		and (.potentiallyUnsafeConfigAnnotations | type == "array")' <<<"$output"
}

@test "every mount option that features names is taken" {
	no_peers
	ok runtime features
	options=$(jq -r '.mountOptions[]' <<<"$output")
	mkdir "$T/data"
	for option in $options; do
		case $option in
		*idmap | tmpcopyup | remount | mand | copy-symlink | *nofollow) continue ;;
		esac
		drop_mount /data
		add_mount /data "$T/data" bind rbind "$option"
		ok run_box || { echo "option $option" && return 1; }
	done
}

@test "spec writes a configuration that runs" {
	mkdir "$T/new"
	cd "$T/new"
	ok runtime spec
	cp -a "$ROOTFS" "$T/new/rootfs"
	jq --arg cg "$CG" '.process.terminal = false | .process.args = ["echo", "from spec"]
		| .linux.cgroupsPath = $cg' config.json >new.json
	mv new.json config.json
	ok runtime run "$ID"
	is 'from spec'
}

@test "spec does not write over a configuration, and takes a bundle" {
	mkdir "$T/new"
	ok runtime spec --bundle "$T/new"
	jq -e .ociVersion "$T/new/config.json"
	fails runtime spec --bundle "$T/new"
}

@test "spec --rootless maps the caller" {
	no_peer crun
	mkdir "$T/new"
	ok runtime spec --rootless --bundle "$T/new"
	jq -e '(.linux.namespaces | any(.type == "user")) and .linux.uidMappings[0].size == 1' \
		"$T/new/config.json"
}

@test "help for the program and for each command" {
	no_peer crun
	ok runtime --help
	for verb in create start run state kill delete list ps exec pause resume update events \
		spec; do
		like "$verb"
	done
	for verb in create start run state kill delete list ps exec pause resume update events \
		spec; do
		ok runtime $verb --help
	done
}

# ------------------------------------------------------------------------------- netDevices

make_link() {
	ip link add tare0 type veth peer name tare1 2>/dev/null || skip 'needs veth devices'
}

test_ends() { ip link del tare0 2>/dev/null || ip link del tare1 2>/dev/null || true; }

@test "netDevices moves a device into the container, with its addresses" {
	no_peers
	make_link
	ip addr add 10.9.8.7/24 dev tare1
	ip link set tare1 up
	add_ns network
	config '.linux.netDevices = {tare1: {}}'
	box 'ip -o addr show tare1'
	like '10\.9\.8\.7/24'
}

@test "netDevices renames a device" {
	no_peers
	make_link
	add_ns network
	config '.linux.netDevices = {tare1: {name: "eth7"}}'
	box 'ls /sys/class/net 2>/dev/null; ip -o link'
	like 'eth7'
	unlike 'tare1:'
}

@test "netDevices: a device that is not there is refused, by name" {
	no_peers
	add_ns network
	config '.linux.netDevices = {nosuchdev: {}}'
	refused 'nosuchdev' run_box
}

@test "netDevices need a network namespace, and names that are names" {
	no_peers
	make_link
	config '.linux.netDevices = {tare1: {}}'
	refused_config 'linux\.netDevices'
	add_ns network
	for name in a/b .. 'this-name-is-too-long'; do
		config '.linux.netDevices = {tare1: {name: $n}}' --arg n "$name"
		refused 'netDevices' run_box
	done
	ip link show tare1
}

# ------------------------------------------------------------------------------- others

@test "intelRdt where resctrl is absent is refused with the reason" {
	no_peers
	[[ ! -e /sys/fs/resctrl/schemata ]] || skip 'needs to be without resctrl'
	config '.linux.intelRdt = {closID: "group", l3CacheSchema: "L3:0=f"}'
	refused 'linux\.intelRdt' run_box
}

@test "memoryPolicy" {
	no_peers
	[[ -e /sys/devices/system/node/node0 ]] || skip 'needs NUMA'
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}'
	box 'grep -c "bind:0" /proc/self/numa_maps'
	((output > 0))
}

@test "memoryPolicy: what is unknown is refused" {
	no_peers
	config '.linux.memoryPolicy = {mode: "MPOL_NOSUCH", nodes: "0"}'
	refused 'memoryPolicy.*MPOL_NOSUCH' run_box
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "x"}'
	refused 'memoryPolicy' run_box
}

@test "annotations are kept in the state and mean nothing to the runtime" {
	config '.annotations = {"run.oci.handler": "krun", "org.systemd.property.X": "1",
		"é": "ü\n"}'
	ok create_box
	runtime state "$ID" | jq -e --slurpfile config "$BUNDLE/config.json" \
		'.annotations == $config[0].annotations'
}
