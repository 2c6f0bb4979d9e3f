#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# linux.sysctl: only what belongs to a namespace of the container's own.

load ../lib/oci

@test "sysctls of the ipc, network and uts namespaces are set" {
	add_ns network
	config '.linux.sysctl = {"kernel.shmmni": "77", "kernel.msgmax": "9999",
		"net.ipv4.ip_forward": "1", "net.ipv4.ping_group_range": "0 100",
		"fs.mqueue.msg_max": "12", "kernel.sem": "250 32000 100 128"}'
	before=$(cat /proc/sys/kernel/shmmni)
	sh_in_box 'cd /proc/sys; for f in kernel/shmmni kernel/msgmax net/ipv4/ip_forward \
		net/ipv4/ping_group_range fs/mqueue/msg_max kernel/sem; do cat $f; done'
	ok run_box
	is $'77\n9999\n1\n0\t100\n12\n250\t32000\t100\t128'
	is "$before" "$(cat /proc/sys/kernel/shmmni)"
}

@test "a name with slashes is the same as one with dots" {
	no_peer runc
	add_ns network
	config '.linux.sysctl = {"net/ipv4/ip_forward": "1"}'
	box 'cat /proc/sys/net/ipv4/ip_forward'
	is 1
}

@test "a dot in an interface's name is written as a slash" {
	no_peers
	add_ns network
	config '.linux.sysctl = {"net.ipv4.conf.lo.forwarding": "1"}'
	box 'cat /proc/sys/net/ipv4/conf/lo/forwarding'
	is 1
}

@test "a sysctl of a namespace that is shared is refused" {
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	refused_config 'net\.ipv4\.ip_forward'
	drop_ns ipc
	config '.linux.sysctl = {"kernel.shmmni": "77"}'
	refused_config 'kernel\.shmmni'
}

@test "a sysctl of the whole machine is refused" {
	for name in kernel.panic vm.swappiness kernel.core_pattern fs.file-max kernel.pid_max; do
		config '.linux.sysctl = {($name): "1"}' --arg name "$name"
		refused_config "${name//./\\.}"
	done
}

@test "a sysctl's name leads nowhere else" {
	add_ns network
	before=$(cat /proc/sys/kernel/domainname)
	for name in net/../kernel/domainname net....kernel.domainname net/../../../../tmp/x \
		'net.ipv4/../../kernel/domainname'; do
		config '.linux.sysctl = {($name): "escaped"}' --arg name "$name"
		fails run_box
	done
	is "$before" "$(cat /proc/sys/kernel/domainname)"
}

@test "a sysctl that does not exist, or a value that the kernel refuses, is named" {
	add_ns network
	config '.linux.sysctl = {"net.ipv4.nosuch": "1"}'
	refused 'nosuch' run_box
	config '.linux.sysctl = {"net.ipv4.ip_forward": "words"}'
	refused 'ip_forward' run_box
}

@test "a joined network namespace is not refused its sysctls" {
	no_peer crun
	unshare --net sh -c 'echo $$ >"$0"; exec sleep 1000' "$T/keeper" 3>&- &
	hold $!
	wait_until test -s "$T/keeper"
	join_ns network "/proc/$(<"$T/keeper")/ns/net"
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	box 'cat /proc/sys/net/ipv4/ip_forward'
	is 1
}
