#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
# bats file_tags=guest_bare
#
# What not every kernel has: it works where it is there, as in the guest, and is refused with a
# reason where it is not.

load ../lib/networks

file_begins() { answer_tool; }

# refused REASON OPTION ...: is that why nothing was run? The kernel lacks it then.
refused() {
	try run --rm --name box "${@:2}" true
	((status == 125)) && like "$1" && no_stack
}

# A switch: what is sent there with the tag 7 comes from the interface `tagged` of $FAR, and what has
# no tag from `plain`.
switch() {
	namespace
	FAR=$HOLDER
	on_machine ip link add trunk type veth peer name plain netns "$FAR"
	on_machine ip link set trunk up master tare1
	on_machine bridge vlan add dev trunk vid 7
	on_machine bridge vlan add dev trunk vid 1 pvid untagged
	within "$FAR" ip link set plain up
	within "$FAR" ip link add tagged link plain type vlan id 7
	within "$FAR" ip link set tagged up
}

@test "vlan=7: the containers are in that VLAN of the bridge, and nobody else is" {
	ok tare network create --subnet 10.7.0.0/24 -o vlan=7 web
	! refused "VLAN 7: this kernel's bridges tell no VLANs apart" --network web || return 0
	answering box --network web:ip=10.7.0.9
	begin sibling --network web:ip=10.7.0.8
	is 'box 10.7.0.8' "$(ask "$PID" tcp 10.7.0.9 80)"
	is 'box 10.7.0.1' "$(ask "$MACHINE" tcp 10.7.0.9 80)"
	switch
	within "$FAR" ip addr add 10.7.0.77/24 dev plain
	fails ask "$FAR" tcp 10.7.0.9 80
	within "$FAR" ip addr flush dev plain
	within "$FAR" ip addr add 10.7.0.77/24 dev tagged
	is 'box 10.7.0.77' "$(ask "$FAR" tcp 10.7.0.9 80)"
}

@test "ipvlan: a container is beside the machine, with its MAC" {
	neighbour
	ok tare network create -d ipvlan --subnet 192.0.2.0/24 -o parent=out lan
	! refused 'this kernel has no ipvlan' --network lan:ip=192.0.2.9 || return 0
	answering_at "$NEIGHBOUR" near 53
	answering box --network lan:ip=192.0.2.9
	is 'near 192.0.2.9' "$(ask "$PID" tcp 192.0.2.2 53)"
	is 'box 192.0.2.2' "$(ask "$NEIGHBOUR" udp 192.0.2.9 80)"
	is "$(mac_of out)" "$(tare exec box cat /sys/class/net/eth0/address)"
}

@test "a VLAN of the machine's interface is made for those who name it" {
	neighbour
	ok tare network create -d macvlan --subnet 10.7.0.0/24 -o parent=out.7 lan
	! refused 'this kernel has no VLANs' --network lan || return 0
	on_neighbour ip link add tagged link in type vlan id 7
	on_neighbour ip link set tagged up
	on_neighbour ip addr add 10.7.0.77/24 dev tagged
	answering box --network lan:ip=10.7.0.9
	is 'box 10.7.0.77' "$(ask "$NEIGHBOUR" tcp 10.7.0.9 80)"
}

@test "SCTP: a published port is reached from outside and from the machine" {
	grep -q ^SCTP /proc/net/protocols || modprobe -q sctp || skip "this kernel has no SCTP"
	neighbour
	answering box --network bridge -p 8080:80/sctp -- 80/sctp
	is 'box 192.0.2.2' "$(ask "$NEIGHBOUR" sctp 192.0.2.1 8080)"
	is box "$(ask "$MACHINE" sctp 127.0.0.1 8080 | cut -d ' ' -f 1)"
	like '80/sctp -> 0.0.0.0:8080' "$(tare port box)"
	exits 125 run --rm --network bridge -p 8080:80/sctp true
	like 'port 8080 is already used by container box'
}
