#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# Networks as people make, list, show, change and remove them. Who is on one is written down by hand
# here (joins): how containers get there is shown elsewhere.

load ../lib/tare

names() { tare network ls --format '{{.Name}}' | xargs; }
# shown NETWORK FILTER: what inspect says of it.
shown() { tare network inspect "$1" | jq -rc ".[0] | $2"; }

# joins NETWORK CONTAINER ADDRESS: it is on the network now, as its monitor would write it.
joins() {
	local file=$STATE/networks/$1/members
	[[ -e $file ]] || echo 'tare-members 1' >"$file"
	touch "$STATE/networks/$1/lock"
	echo "+ $(member "$2" .Id) $3 - 02:00:00:00:00:07 veth0 $2 other" >>"$file"
}

# ------------------------------------------------------------------------------- create

@test "a network gets what nobody asked of it: docker's id is printed" {
	ok tare network create web
	like '^[0-9a-f]{64}$'
	is "$output" "$(shown web .Id)"
	like '^10\.[0-9]+\.[0-9]+\.0/24$' "$(shown web '.IPAM.Config[0].Subnet')"
	like '^10\.[0-9]+\.[0-9]+\.1$' "$(shown web '.IPAM.Config[0].Gateway')"
	like '^tare[1-9]' "$(shown web .NetworkInterface)"
	is '["bridge","local",false,true,{},{},{}]' \
		"$(shown web '[.Driver, .Scope, .Internal, .DNSEnabled, .Options, .Labels, .Containers]')"
}

@test "two networks have two subnets and two bridges" {
	ok tare network create one
	ok tare network create two
	fails test "$(shown one '.IPAM.Config[0].Subnet')" = "$(shown two '.IPAM.Config[0].Subnet')"
	fails test "$(shown one .NetworkInterface)" = "$(shown two .NetworkInterface)"
}

@test "a subnet with all that docker says of it" {
	ok tare network create --driver=bridge --subnet=172.28.0.0/16 --ip-range=172.28.5.0/24 \
		--gateway=172.28.5.254 --aux-address my-router=172.28.1.5 --label tier=web br0
	is '{"Subnet":"172.28.0.0/16","IPRange":"172.28.5.0/24","Gateway":"172.28.5.254",'`
		`'"AuxiliaryAddresses":{"my-router":"172.28.1.5"}}' "$(shown br0 '.IPAM.Config[0]')"
	is '{"tier":"web"}' "$(shown br0 .Labels)"
}

@test "several subnets: each gateway and range goes to its own" {
	ok tare network create --subnet 192.168.0.0/16 --subnet 192.170.0.0/16 \
		--gateway 192.170.0.100 --gateway 192.168.0.100 \
		--ip-range 192.168.1.0/24 --ip-range 192.170.0.10-192.170.0.99 my-network
	is '["192.168.0.100","192.168.1.0/24"]' "$(shown my-network '.IPAM.Config[0] | [.Gateway, .IPRange]')"
	is '["192.170.0.100","192.170.0.10-192.170.0.99"]' \
		"$(shown my-network '.IPAM.Config[1] | [.Gateway, .IPRange]')"
}

@test "IPv6 comes with IPv4, unless a subnet of it is all that is said" {
	ok tare network create --ipv6 both
	is '[2,true,true]' "$(shown both '[(.IPAM.Config | length), .EnableIPv4, .EnableIPv6]')"
	ok tare network create --subnet fd00:7::/64 six
	is '[1,false,true]' "$(shown six '[(.IPAM.Config | length), .EnableIPv4, .EnableIPv6]')"
	is fd00:7::1 "$(shown six '.IPAM.Config[0].Gateway')"
}

@test "options have podman's names, whoever says them" {
	ok tare network create -o com.docker.network.driver.mtu=1400 -o isolate=false \
		--opt no_default_route=1 --opt metric=7 -o mtu=1300 web
	is '{"isolate":"false","metric":"7","mtu":"1300","no_default_route":"1"}' "$(shown web .Options)"
	ok tare network create -d macvlan -o parent=eth7.10 -o mode=vepa --subnet 192.168.99.0/24 lan
	is '["macvlan","eth7.10",{"mode":"vepa","parent":"eth7.10"}]' \
		"$(shown lan '[.Driver, .NetworkInterface, .Options]')"
	ok tare network create -d ipvlan --interface-name eth7 --subnet 192.168.98.0/24 ip
	is '["ipvlan","eth7"]' "$(shown ip '[.Driver, .NetworkInterface]')"
}

@test "what else there is to say of one" {
	ok tare network create --internal --interface-name mybridge \
		--dns 192.0.2.1,192.0.2.2 --dns 192.0.2.3 --subnet 10.4.0.0/24 \
		--route 10.9.0.0/16,10.4.0.7 --route 10.8.0.0/16,10.4.0.8,50 web
	is '[true,true,"mybridge",["192.0.2.1","192.0.2.2","192.0.2.3"]]' \
		"$(shown web '[.Internal, .DNSEnabled, .NetworkInterface, .NetworkDNSServers]')"
	is '[{"Destination":"10.9.0.0/16","Gateway":"10.4.0.7","Metric":0},'`
		`'{"Destination":"10.8.0.0/16","Gateway":"10.4.0.8","Metric":50}]' "$(shown web .Routes)"
	ok tare network create --disable-dns quiet
	is false "$(shown quiet .DNSEnabled)"
	ok tare network create --ipam-driver none bare
	is '["none",[]]' "$(shown bare '.IPAM | [.Driver, .Config]')"
}

@test "a name can be left open" {
	ok tare network create
	like '^tare1$' "$(tare network inspect -f '{{.Name}}' "$output")"
}

@test "a name is there once, unless that may be" {
	ok tare network create web
	id=$output
	exits 1 tare network create web
	is "tare: create: the network 'web' exists already"
	ok tare network create --ignore web
	is "$id"
	exits 1 tare network create bridge
	is "tare: create: 'bridge' is the default network"
	ok tare network create --ignore bridge
}

@test "a subnet that others have is refused, and says whose it is" {
	ok tare network create --subnet 10.5.0.0/16 web
	exits 1 tare network create --subnet 10.5.3.0/24 db
	is "tare: create: subnet '10.5.3.0/24' clashes with network 'web' (10.5.0.0/16)"
	ip link add mine0 type bridge
	ip addr add 10.6.0.1/24 dev mine0
	exits 1 tare network create --subnet 10.6.0.0/16 db
	ip link del mine0
	is "tare: create: subnet '10.6.0.0/16' clashes with interface 'mine0' (10.6.0.0/24)"
	ok tare network create --ignore --subnet 10.5.3.0/24 web
	exits 1 tare network create --ignore --subnet 10.5.3.0/24 db
}

@test "what makes no sense is refused, with the word and the reason" {
	refused() {
		exits 125 tare network create "${@:2}"
		is "tare: create: $1"
	}
	refused "--gateway '10.0.0.1': the network's subnet has to be given too" --gateway 10.0.0.1 web
	refused "--gateway '10.6.0.1': it is in no subnet of the network" \
		--subnet 10.5.0.0/16 --gateway 10.6.0.1 web
	refused "--subnet 'x': 'x' is no network: an IP address, '/' and how many of its bits count" \
		--subnet x web
	refused "--route '10.0.0.0/8': it is not DESTINATION,GATEWAY[,METRIC]" --route 10.0.0.0/8 web
	refused "a network without names (--disable-dns) has no name servers (--dns)" \
		--disable-dns --dns 192.0.2.1 web
	refused "there is no option 'colour'" -o colour=red web
	refused "option 'vrf' is not supported" -o vrf=red web
	refused "option 'vlan': '4095' makes no sense" -o vlan=4095 web
	refused "driver 'bridge' has no option 'parent'" -o parent=eth0 web
	refused "there is no network driver 'overlay'" -d overlay web
	refused "IPAM driver 'dhcp' is not supported: there is no DHCP client" --ipam-driver dhcp web
	refused "'host' is no name for a network: it means something else after --network" host
	exits 125 tare network create --ipam-opt a=b web
	like '^tare: create: --ipam-opt: what gives addresses has no options$' "${lines[0]}"
	like "'tare network create --help' shows what there is" "${lines[1]}"
	is bridge "$(names)"
}

# ------------------------------------------------------------------------------- ls

@test "ls: the default network is there from the first look on" {
	ok tare network ls
	is 'NETWORK ID     NAME     DRIVER   SCOPE' "${lines[0]}"
	is 'b41d9e000000   bridge   bridge   local' "${lines[1]}"
	is 2 ${#lines[@]}
}

@test "ls: in the order of names, in the shape that is asked for" {
	ok tare network create --label tier=web web
	id=$output
	ok tare network create -d macvlan -o parent=eth7 app
	is 'app bridge web' "$(names)"
	ok tare network ls --noheading
	is 3 ${#lines[@]}
	like "^${id:0:12}   web      bridge    local$" "${lines[2]}"
	ok tare network list -q
	is "${id:0:12}" "${lines[2]}"
	ok tare network ls -q --no-trunc
	is "$id" "${lines[2]}"
	ok tare network ls --format json --filter name=web
	is '["web","bridge","tier=web","true","false","local"]' \
		"$(jq -c '[.Name, .Driver, .Labels, .IPv4, .IPv6, .Scope]' <<<"$output")"
	ok tare network ls --filter name=web --format '{{.Name}}/{{.Label "tier"}}/{{.DNSEnabled}}'
	is web/web/true
	ok tare network ls --format 'table {{.Name}}\t{{.Driver}}'
	is 'app      macvlan' "${lines[1]}"
}

@test "ls --filter: docker's keys and podman's" {
	ok tare network create --label a=1 --label b web
	id=$output
	ok tare network create -d macvlan -o parent=eth7 --label a=2 lan
	chosen() { is "$1" "$(tare network ls --format '{{.Name}}' "${@:2}" | xargs)"; }
	chosen web -f name=we
	chosen 'lan web' -f name=web -f name=^la
	chosen web -f "id=${id:5:20}"
	chosen lan -f driver=macvlan
	chosen 'lan web' -f label=a
	chosen web -f label=a -f label=b
	chosen lan -f label=a=2
	chosen 'bridge lan' -f label!=a=1
	chosen bridge -f type=builtin
	chosen 'lan web' -f type=custom
	chosen 'bridge lan web' -f scope=local
	chosen '' -f scope=swarm
	chosen '' -f until=1h
	chosen 'bridge lan web' -f until=0s
	chosen 'bridge lan web' -f dangling=true
	begin box
	joins web box 10.80.0.2
	chosen web -f dangling=false
	chosen 'bridge lan' -f dangling=true
	exits 125 tare network ls -f colour=red
	like "colour=red.*KEY one of name, id, driver, label, label!, dangling, scope, type and until"
	exits 125 tare network ls -f type=red
	is "tare: ls: --filter 'type=red': it is neither builtin nor custom"
	exits 125 tare network ls -f 'name=('
	like 'it is no regular expression'
}

# ------------------------------------------------------------------------------- inspect

@test "inspect shows who is on it, in docker's shape" {
	ok tare network create --subnet 10.5.0.0/16 web
	is '{}' "$(shown web .Containers)"
	begin box
	joins web box 10.5.0.2
	is "{\"$CID\":{\"Name\":\"box\",\"EndpointID\":\"\",\"MacAddress\":\"02:00:00:00:00:07\","`
		`'"IPv4Address":"10.5.0.2/16","IPv6Address":""}}' "$(shown web .Containers)"
	ok tare network inspect --format '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}' web
	is 'box 10.5.0.2/16'
	ok tare stop box
	is '{}' "$(shown web .Containers)"
}

@test "inspect takes several, by name or by the beginning of an id" {
	ok tare network create web
	id=$output
	ok tare network inspect -f '{{.Name}} {{.Driver}}' bridge "${id:0:12}"
	is $'bridge bridge\nweb bridge'
	exits 1 tare network inspect web nonesuch
	is web "$(jq -r '.[].Name' <<<"$(tare network inspect web nonesuch 2>/dev/null)")"
	like 'no such network: nonesuch'
	like "'tare network ls' shows the networks there are"
}

@test "inspect without a group finds a network where there is nothing else of that name" {
	ok tare network create web
	is web "$(tare inspect web | jq -r '.[0].Name')"
	is bridge "$(tare inspect --type network bridge | jq -r '.[0].Driver')"
	exits 1 tare inspect --type container web
	exits 1 tare inspect nonesuch
	like "there is no container 'nonesuch'"
}

# ------------------------------------------------------------------------------- rm

@test "rm: several, and each that can't be removed says why" {
	ok tare network create web
	ok tare network create db
	id=$output
	exits 1 tare network rm web nonesuch bridge "${id:0:12}"
	is web "${lines[0]}"
	is 'tare: rm nonesuch: no such network: nonesuch' "${lines[1]}"
	is "tare: rm bridge: 'bridge' is the default network and stays" "${lines[3]}"
	is "${id:0:12}" "${lines[-1]}"
	is bridge "$(names)"
	fails ls "$STATE/networks/web"
	exits 125 tare network rm
}

@test "rm: the bridge goes with the network" {
	ok tare network create --interface-name "br$$" web
	ip link add "br$$" type bridge
	ok tare network remove web
	fails ip link show "br$$"
}

@test "rm: what is no bridge is left alone, and so is the network" {
	ok tare network create --interface-name "br$$" web
	ip link add "br$$" type veth peer name "peer$$"
	exits 1 tare network rm web
	like "'br$$'.*bridge"
	ok ip link show "br$$"
	ip link del "br$$"
	is 'bridge web' "$(names)"
}

@test "rm: not while containers are on it; --force removes them" {
	ok tare network create web
	begin one
	begin two
	begin apart
	joins web one 10.80.0.2
	joins web two 10.80.0.3
	exits 1 tare network rm web
	is "tare: rm web: network 'web' is used by containers 'one', 'two'"
	ok tare rm -f one
	exits 1 tare network rm web
	is "tare: rm web: network 'web' is used by container 'two'"
	ok tare network rm --force web
	is web
	is apart "$(names_all)"
	is bridge "$(names)"
}

@test "rm --force: one that is not there is no error; --time lets containers end" {
	ok tare network rm --force nonesuch
	is ''
	ok tare network create web
	begin box -- sh -c "echo ready; trap 'echo gently; exit 0' TERM; while :; do sleep 0.1; done"
	wait_until says_ready box
	log=$(member box .LogPath)
	exec {LOG}<"$log"
	joins web box 10.80.0.2
	exits 125 tare network rm --time 10 web
	is 'tare: rm: --time needs --force'
	ok tare network rm --force --time 10 web
	like gently "$(cat <&"$LOG")"
	is '' "$(names_all)"
}

@test "rm: one whose file is damaged can be removed by its name" {
	ok tare network create web
	echo '{' >"$STATE/networks/web/network.json"
	exits 125 tare network inspect web
	like "network 'web': 'network.json'"
	ok tare network rm web
	is bridge "$(names)"
}

# ------------------------------------------------------------------------------- prune

@test "prune: those that nobody uses go, and the default network stays" {
	ok tare network create web
	ok tare network create db
	ok tare network create app
	begin box
	joins web box 10.80.0.2
	ok tare network prune
	like 'This removes all networks that no container uses'
	is 'app bridge db web' "$(names)"
	ok tare network prune --force
	is $'Deleted Networks:\napp\ndb'
	is 'bridge web' "$(names)"
	ok tare network prune -f
	is ''
	ok tare rm -f box
	ok tare network prune -f
	is $'Deleted Networks:\nweb'
}

@test "prune spares what a container that has ended would be on again; rm does not" {
	ok tare network create web
	ok run --name box true
	file=$STATE/containers/$(member box .Id)/container.json
	jq '.networks = [{name: "web"}]' "$file" >"$T/json"
	cp "$T/json" "$file"
	ok tare network prune --force
	is 'bridge web' "$(names)"
	is web "$(tare network ls --filter dangling=false --format '{{.Name}}')"
	ok tare network rm web
	is box "$(names_all)"
}

@test "prune --filter: only some" {
	ok tare network create --label keep web
	ok tare network create db
	ok tare network prune -f --filter until=1h
	is 'bridge db web' "$(names)"
	ok tare network prune -f --filter label!=keep
	is 'bridge web' "$(names)"
	exits 125 tare network prune -f --filter colour=red
}

@test "system prune takes networks, too" {
	ok tare network create web
	ok tare system prune --force
	like '^Deleted Networks:$' "${lines[0]}"
	is web "${lines[1]}"
	is bridge "$(names)"
}

# ------------------------------------------------------------------------------- exists, update

@test "exists says it by its exit status alone" {
	ok tare network create web
	id=$output
	ok tare network exists web
	is ''
	ok tare network exists "${id:0:7}"
	ok tare network exists bridge
	exits 1 tare network exists nonesuch
	is ''
}

@test "update: servers for names come and go" {
	ok tare network create --dns 192.0.2.1 web
	ok tare network update --dns-add 192.0.2.2,fd00::1 web
	is '["192.0.2.1","192.0.2.2","fd00::1"]' "$(shown web .NetworkDNSServers)"
	ok tare network update --dns-drop 192.0.2.1 --dns-add 192.0.2.3 --dns-drop fd00::1 web
	is '["192.0.2.2","192.0.2.3"]' "$(shown web .NetworkDNSServers)"
	exits 125 tare network update --dns-drop 192.0.2.9 --dns-add 192.0.2.4 web
	is "tare: update: --dns-drop '192.0.2.9': '192.0.2.9' is no server of the network"
	exits 125 tare network update --dns-add nix web
	exits 125 tare network update web
	is 'tare: update: nothing is to be changed' "${lines[0]}"
	exits 1 tare network update --dns-add 192.0.2.4 nonesuch
	is '["192.0.2.2","192.0.2.3"]' "$(shown web .NetworkDNSServers)"
}

@test "many are made at once, and all of them have subnets and bridges of their own" {
	for i in 1 2 3 4 5 6 7 8; do
		tare network create "n$i" >/dev/null &
	done
	wait
	is 8 "$(tare network inspect n{1..8} | jq -r '.[].IPAM.Config[0].Subnet' | sort -u | wc -l)"
	is 8 "$(tare network inspect n{1..8} | jq -r '.[].NetworkInterface' | sort -u | wc -l)"
}
