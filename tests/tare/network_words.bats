#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# The words of networks: what run and create take, and what ps, port and inspect make of them. What a
# container has of networks while it runs is written over here by hand: what is shown of it is the
# matter, not the network.

load ../lib/networks
load ../lib/images

make() { tare create "$@" --rootfs "$ROOTFS" true >/dev/null; }

# refused WORDS OPTION ...
refused() {
	exits 125 tare create "${@:2}" --rootfs "$ROOTFS" true
	is "tare: create: $1" "${lines[0]}"
}

# has NAME: the network of a container that runs is as standard input says.
has() { cat >"$STATE/containers/$(member "$1" .Id)/network.json"; }

# Of docker's ports, a line each: the port and its places, ADDRESS:PORT.
# shellcheck disable=SC2016 # it is jq's
PLACES='to_entries[] | "\(.key) \(.value | if . then map("\(.HostIp):\(.HostPort)") | join(" ") else . end)"'

# One that runs, on two networks, with ports.
web() {
	machine_begins
	ok tare network create back
	begin web --network bridge:alias=shop,ip=10.87.0.2 --network back -p 8080:80 -p 127.0.0.1::53/udp \
		--expose 443 --expose 9000-9001
	has web <<-'END'
		{"endpoints": [
			{"network": "bridge", "networkID": "0123456789abcdef", "interface": "eth0",
			"hostInterface": "veth1", "ip": "10.87.0.2/16", "ip6": "fd00::2/64",
			"gateway": "10.87.0.1", "gateway6": "fd00::1", "mac": "02:42:0a:57:00:02",
			"names": ["web", "shop"]},
			{"network": "late", "networkID": "f00", "interface": "eth1",
			"ip": "10.89.0.7/24"}],
		"ports": [
			{"protocol": "tcp", "hostPort": 8080, "port": 80, "count": 1},
			{"protocol": "udp", "hostIP": "127.0.0.1", "hostPort": 40053, "port": 53, "count": 1},
			{"protocol": "tcp", "hostIP": "::1", "hostPort": 7000, "port": 7000, "count": 3}]}
	END
}

# ------------------------------------------------------------------------------- what is asked

@test "what is asked for is kept" {
	make --name box --network back:alias=db,mac=02:00:00:00:00:07 --network front --dns 9.9.9.9 \
		--dns-search example.org --dns-opt ndots:2 --add-host db:10.0.0.7 -p 8080:80 \
		-p '[::1]::53/udp' -p 9000-9100:7 --expose 443 -P
	is back "$(member box .HostConfig.NetworkMode)"
	is '53/udp ::1: 7/tcp :9000-9100 80/tcp :8080' "$(member box "[.HostConfig.PortBindings | $PLACES] | join(\" \")")"
	is '["9.9.9.9"] ["example.org"] ["ndots:2"] ["db:10.0.0.7"] true' "$(member box \
		'.HostConfig | "\(.Dns) \(.DnsSearch) \(.DnsOptions) \(.ExtraHosts) \(.PublishAllPorts)"')"
	is '{"443/tcp":{},"53/udp":{},"7/tcp":{},"80/tcp":{}}' "$(member box '.Config.ExposedPorts | tojson')"
	is '{} ' "$(member box '.NetworkSettings | "\(.Ports) \(.IPAddress)"')"
	is 'back ["db"] 02:00:00:00:00:07 null;front null  null' "$(member box \
		'[.NetworkSettings.Networks | to_entries[] |
			"\(.key) \(.value.Aliases) \(.value.MacAddress) \(.value.IPAMConfig)"] | join(";")')"
	ok tare rm box
	nothing_left
}

@test "an address and a name are for the only network" {
	make --name box --network bridge --ip 10.87.0.9 --ip6 fd00:0::9 --network-alias a --net-alias b \
		--mac-address 02-00-00-00-00-09
	is '{"IPv4Address":"10.87.0.9","IPv6Address":"fd00::9"} ["a","b"] 02:00:00:00:00:09' \
		"$(member box '.NetworkSettings.Networks.bridge | "\(.IPAMConfig) \(.Aliases) \(.MacAddress)"')"
	refused '--ip cannot be combined with --network host' --network host --ip 10.0.0.1
	refused "--ip is for one network, and there are 'a' and 'b'" --network a --net b --ip 10.0.0.1
	refused "--network: 'none' cannot be combined with 'a'" --network a --network none
	refused "--network 'a:ip=x': ip: 'x' is no IPv4 address" --network a:ip=x
}

@test "what is of another container's network is refused" {
	make --name other --network none
	refused "--publish cannot be combined with --network 'container:other'" --network container:other -p 80
	refused "--dns cannot be combined with --network 'container:other'" --network container:other \
		--dns 9.9.9.9
	refused "--add-host cannot be combined with --network 'container:other'" --network container:other \
		--add-host a:10.0.0.1
	refused "--hostname cannot be combined with --network 'container:other'" --network container:other -h a
	refused "--add-host cannot be combined with --no-hosts: there is no file to write it to" \
		--no-hosts --add-host a:10.0.0.1
	refused "--publish: '80:80' and '80:81' want the same host port" --network a -p 80:80 -p 80:81
}

@test "with no network of its own nothing is published, and that is said" {
	ok tare create --name box --network host -p 80:80 --rootfs "$ROOTFS" true
	like "warning: --publish: discarded: with --network 'host' no ports are published"
	is '{} {}' "$(member box '"\(.HostConfig.PortBindings) \(.NetworkSettings.Ports)"')"
	ok tare create --name two --network none -P --rootfs "$ROOTFS" true
	like "warning: --publish-all: discarded: with --network 'none'"
	ok tare run --rm --network host --hostname box --rootfs "$ROOTFS" hostname
	is box
}

@test "ports of the image are exposed, once" {
	box_image box:1 '.config = {Cmd: ["sh"], ExposedPorts: {"80/tcp": {}, "53/udp": {}}}'
	take box:1
	ok tare create --name box --network bridge --expose 80 --expose 81 -P box:1
	is '["53/udp","80/tcp","81/tcp"]' "$(member box '.Config.ExposedPorts | keys | tojson')"
	is '53/udp, 80-81/tcp' "$(tare ps -a --format '{{.Ports}}')"
}

# ------------------------------------------------------------------------------- ns:PATH

@test "ns:PATH: the network of a path" {
	isolate --net
	begin box --network "ns:/proc/$PID/ns/net"
	joined=$(readlink "/proc/$PID/ns/net")
	is "ns:" "$(member box .HostConfig.NetworkMode | cut -c 1-3)"
	is '{}' "$(member box '.NetworkSettings.Networks | tojson')"
	[[ $joined != $(readlink /proc/self/ns/net) ]]
	is "$joined" "$(tare exec box readlink /proc/self/ns/net)"
	begin two --network container:box
	is "$joined" "$(readlink "/proc/$PID/ns/net")"
}

# bats test_tags=guest
@test "ns:PATH where ids are mapped: its network, and nothing of it can be changed" {
	box_image box:1
	take box:1
	isolate --net
	ok tare run --rm --network "ns:/proc/$PID/ns/net" box:1 sh -c '
		readlink /proc/self/ns/net; ip link set lo up 2>/dev/null || echo refused
		mount | grep -c "sysfs on /sys type sysfs (ro"; xargs </proc/self/uid_map'
	is "$(readlink "/proc/$PID/ns/net")"$'\nrefused\n1\n'"0 ${lines[3]#0 }"
	unlike '^0 0 '
	ok tare run --rm --network "ns:/proc/$PID/ns/net" --cap-add NET_ADMIN box:1 sh -c 'ip link set lo up && xargs </proc/self/uid_map'
	like '^0 0 4294967295$'
}

@test "ns:PATH: what is no network namespace" {
	exits 125 run --network ns:relative true
	like "--network 'ns:relative': the path is not absolute"
	exits 125 run --rm --network "ns:$T/missing" true
	like "--network: open '$T/missing': no such file"
	exits 125 run --rm --network ns:/proc/self/ns/pid true
	like "--network: '/proc/self/ns/pid' is no network namespace"
	mkfifo "$T/fifo"
	exits 125 run --rm --network "ns:$T/fifo" true
	like "is no network namespace"
	nothing_left
}

# ------------------------------------------------------------------------------- what is shown

@test "ps: the ports and networks of one that runs are those that it has" {
	web
	is '127.0.0.1:40053->53/udp, 0.0.0.0:8080->80/tcp, :::8080->80/tcp, 443/tcp, ::1:7000-7002->7000-7002/tcp, 9000-9001/tcp' \
		"$(tare ps --format '{{.Ports}}')"
	is bridge,late "$(tare ps --format '{{.Networks}}')"
	like ' 127.0.0.1:40053->53/udp, ' "$(tare ps)"
	ok tare stop -t 0 web
	is 'bridge,back 53/udp, 0.0.0.0:8080->80/tcp, :::8080->80/tcp, 443/tcp, 9000-9001/tcp' \
		"$(tare ps -a --format '{{.Networks}} {{.Ports}}')"
}

@test "ps --filter: by network, and by the container's ports" {
	names() { tare ps -a --format names --filter "$@" | xargs; }
	web
	make --name idle --network back -p 80 --expose 9001/udp
	make --name none --network none
	is web "$(names network=bridge)"
	is web "$(names network=late)"
	is web "$(names network=0123456789ab)"
	is idle "$(names network=back)"
	is none "$(names network=none)"
	is 'idle web' "$(names publish=80)"
	is '' "$(names publish=8080)"
	is web "$(names publish=50-60/udp)"
	is idle "$(names expose=9000-9001/udp)"
	is 'idle web' "$(names expose=80/tcp)"
	exits 125 tare ps --filter expose=http
	like "it is not PORT"
}

@test "port: where published ports are" {
	web
	ok tare port web
	diff - <(echo "$output") <<-'END'
		80/tcp -> 0.0.0.0:8080
		80/tcp -> [::]:8080
		53/udp -> 127.0.0.1:40053
		7000/tcp -> [::1]:7000
		7001/tcp -> [::1]:7001
		7002/tcp -> [::1]:7002
	END
	is $'0.0.0.0:8080\n[::]:8080' "$(tare port web 80)"
	is '[::1]:7001' "$(tare container port --latest 7001/tcp)"
	is 127.0.0.1:40053 "$(tare port web 53/udp)"
	exits 1 tare port web 53
	is $'tare: port web: its port 53/tcp is not published\nhint: without a port, all that are published are shown'
	exits 1 tare port nobody
	exits 125 tare port
	exits 125 tare port web 80-81
	exits 125 tare port --all web
	is "${CID:0:12}"$'\t80/tcp -> 0.0.0.0:8080' "$(tare port --all | sed -n 1p)"
	ok tare stop -t 0 web
	is '' "$(tare port web)"
	is '' "$(tare port --all)"
}

@test "inspect: the networks of one that runs" {
	web
	diff - <(member web ".NetworkSettings.Ports | $PLACES" | sort -n) <<-'END'
		53/udp 127.0.0.1:40053
		80/tcp 0.0.0.0:8080 :::8080
		443/tcp null
		7000/tcp ::1:7000
		7001/tcp ::1:7001
		7002/tcp ::1:7002
		9000/tcp null
		9001/tcp null
	END
	is 8080 "$(tare inspect -f '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}' web)"
	is '10.87.0.2 16 10.87.0.1 fd00::2 64 fd00::1 02:42:0a:57:00:02' "$(member web '.NetworkSettings |
		"\(.IPAddress) \(.IPPrefixLen) \(.Gateway) \(.GlobalIPv6Address) \(.GlobalIPv6PrefixLen) \(.IPv6Gateway) \(.MacAddress)"')"
	is '10.87.0.2 0123456789abcdef {"IPv4Address":"10.87.0.2"} ["shop"] ["web","shop"]' \
		"$(member web '.NetworkSettings.Networks.bridge |
			"\(.IPAddress) \(.NetworkID) \(.IPAMConfig) \(.Aliases) \(.DNSNames)"')"
	is '10.89.0.7 24 null null' "$(member web '.NetworkSettings.Networks.late |
		"\(.IPAddress) \(.IPPrefixLen) \(.IPAMConfig) \(.Aliases)"')"
	is bridge,late "$(member web '.NetworkSettings.Networks | keys | join(",")')"
	is '10.87.0.2 10.89.0.7 ' "$(tare inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' web)"
	is "$(readlink "/proc/$PID/ns/net")" "$(readlink "$(member web .NetworkSettings.SandboxKey)")"
	touch "$STATE/containers/$CID/hosts"
	is "$STATE/containers/$CID/hosts" "$(member web .HostsPath)"
}

@test "what is damaged of a network hides no container" {
	machine_begins
	begin box --network bridge
	has box <<<'{'
	ok tare ps --format names
	like 'box$'
	like 'network.json'
	has box <<<'{"endpoints": [{"hostInterface": "veth1"}]}'
	ok tare ps --format names
	like 'network.json.*network'
	ok tare ns --net box
	ok tare stop -t 0 box
}
