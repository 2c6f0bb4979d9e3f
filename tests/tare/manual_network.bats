#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# The examples of docker's and podman's manuals for networks and ports, as they stand there; what
# they leave out, a program and -d, is added. Left out are those that need connect and disconnect,
# overlay networks, a swarm, DHCP, plugins or the internet.

load ../lib/networks
load ../lib/manual

tare_test_begins() { images_begin && machine_begins; }
file_begins() { answer_tool; }

podman() { tare "$@"; }

# What there is of the network that was created last.
created() { like '^[0-9a-f]{64}$' && tare network inspect -f "$1" "$output"; }
newest() { tare ps -lq --no-trunc; }

# It answers, that begins with -d.
web() { wait_until says_ready "$(newest)"; }

# ------------------------------------------------------------------------------- docker network

@test "network create: a bridge, and containers on it by --network" {
	given_images busybox
	ok docker network create -d bridge my-bridge-network
	is bridge "$(created '{{.Driver}}')"
	ok docker network create mynet
	ok docker run -itd --network=mynet busybox
	is "${output:0:12}" "$(docker ps -q --filter network=mynet)"
	ok docker run -itd --network=mynet --name other busybox
	ok docker exec other nslookup "$(docker ps -q --filter network=mynet | tail -n 1)"
	shows '^Name:'
}

@test "network create: advanced options" {
	given_images busybox
	ok docker network create --driver=bridge --subnet=192.168.0.0/16 br0
	is 192.168.0.0/16 "$(created '{{range .IPAM.Config}}{{.Subnet}}{{end}}')"
	ok docker network rm br0
	ok docker network create \
		--driver=bridge \
		--subnet=172.28.0.0/16 \
		--ip-range=172.28.5.0/24 \
		--gateway=172.28.5.254 \
		br0
	ok docker run --rm --network br0 busybox sh -c 'ip -4 -o addr show eth0; ip route'
	like 'inet 172\.28\.5\.[0-9]+/16 brd'
	like 'default via 172\.28\.5\.254'
	exits 1 docker network create --subnet=172.28.6.0/24 br1
	like 'clashes'
}

@test "network create -o: where ports are published" {
	given_images nginx
	on_machine ip addr add 172.19.0.1/32 dev lo
	ok docker network create \
		-o "com.docker.network.bridge.host_binding_ipv4"="172.19.0.1" \
		simple-network
	ok docker run -d --network simple-network -p 8080:80 nginx answer serve web 80
	web
	like '^web ' "$(ask "$MACHINE" tcp 172.19.0.1 8080)"
	fails ask "$MACHINE" tcp 127.0.0.1 8080
	prints '80/tcp -> 172.19.0.1:8080' docker port "$(newest)"
}

@test "network ls, with its filters and formats" {
	ok docker network create -d bridge dev
	dev=$output
	ok docker network create --label usage=prod mnist
	ok docker network ls
	like '^NETWORK ID +NAME +DRIVER +SCOPE$' "${lines[0]}"
	like "^${dev:0:12} +dev +bridge +local$" "${lines[2]}"
	ok docker network ls --no-trunc
	like "^$dev +dev +bridge +local$" "${lines[2]}"
	prints dev docker network ls --filter driver=bridge --filter name=de --format '{{.Name}}'
	prints "${dev:0:12}" docker network ls -q --filter id="${dev:0:12}"
	prints mnist docker network ls -f "label=usage" --format '{{.Name}}'
	prints mnist docker network ls -f "label=usage=prod" --format '{{.Name}}'
	ok docker network ls --filter scope=local
	((${#lines[@]} == 4))
	ok docker network ls --format "{{.ID}}: {{.Driver}}"
	like "^${dev:0:12}: bridge$" "${lines[1]}"
	# shellcheck disable=SC2046 # it is words
	ok docker network rm $(docker network ls --filter type=custom -q)
	prints bridge docker network ls --format '{{.Name}}'
}

@test "network inspect shows who is there" {
	given_images busybox
	ok docker run -itd --name=container1 busybox
	one=$output
	ok docker run -itd --name=container2 busybox
	ok docker network inspect bridge
	is "$(docker inspect -f '{{.NetworkSettings.Networks.bridge.IPAddress}}/16' container1)" \
		"$(jq -r --arg id "$one" '.[0].Containers[$id].IPv4Address' <<<"$output")"
	ok docker network inspect --format='{{range .Containers}}{{.Name}} {{end}}' bridge
	is 'container1 container2' "$(xargs -n 1 <<<"$output" | sort | xargs)"
}

@test "network rm and prune" {
	ok docker network create one
	id=$output
	ok docker network create my-network
	prints "${id:0:12}"$'\nmy-network' docker network rm "${id:0:12}" my-network
	ok docker network create n1
	ok docker network create n2
	ok docker network prune --force
	is $'Deleted Networks:\nn1\nn2'
}

# Of the manual's "Networking with standalone containers".
@test "a network of one's own: by name, and not from another network" {
	given_images alpine
	ok docker network create --driver bridge alpine-net
	for i in 1 2; do
		ok docker run -dit --name alpine$i --network alpine-net --cap-add NET_RAW alpine sh
	done
	ok docker run -dit --name alpine3 --cap-add NET_RAW alpine sh
	ok docker exec alpine1 ping -c 2 alpine2
	like '2 packets transmitted, 2 packets received, 0% packet loss'
	ok docker exec alpine1 ping -c 1 alpine1
	fails docker exec alpine1 ping -c 1 alpine3
	ok docker container ls
	like 'alpine3'
	ok docker container stop -t 0 alpine1 alpine2 alpine3
	ok docker container rm alpine1 alpine2 alpine3
	ok docker network rm alpine-net
	no_stack
}

# ------------------------------------------------------------------------------- docker run

@test "run --network: an address, and several networks" {
	given_images busybox
	ok docker network create --subnet 192.0.2.0/24 my-net
	ok docker run -itd --network=my-net --ip=192.0.2.69 busybox
	prints 192.0.2.69 docker inspect --format='{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$output"
	ok docker rm -f --latest
	ok docker network rm my-net
	ok docker network create --subnet 192.0.2.0/24 my-net1
	ok docker network create --subnet 192.0.3.0/24 my-net2
	ok docker run -itd --network=my-net1 --network=my-net2 busybox
	ok docker exec --latest ip -4 -o addr
	like 'eth0 +inet 192\.0\.2\.'
	like 'eth1 +inet 192\.0\.3\.'
	ok docker run -itd --network=name=my-net1,ip=192.0.2.42 --network=name=my-net2,ip=192.0.3.42 busybox
	prints '192.0.2.42 192.0.3.42 ' docker inspect \
		--format='{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}' "$output"
}

@test "run --network container: another's network" {
	given_images example/redis example/redis-cli
	ok docker run -d --name redis example/redis answer serve web 6379
	web
	ok docker run --rm --network container:redis example/redis-cli answer ask tcp 127.0.0.1 6379
	is 'web 127.0.0.1'
}

@test "run -p, --expose and -P" {
	given_images nginx:alpine
	ok docker run -d -p 127.0.0.1:80:8080/tcp nginx:alpine answer serve web 8080
	web
	like '^web ' "$(ask "$MACHINE" tcp 127.0.0.1 80)"
	prints 127.0.0.1:80 docker port "$(newest)" 8080
	ok docker rm -f --latest
	ok docker run -d --expose 80 nginx:alpine nginx
	prints 80/tcp docker ps --format '{{.Ports}}'
	prints '' docker port "$(newest)"
	ok docker rm -f --latest
	ok docker run -d -P --expose 80 nginx:alpine answer serve web 80
	web
	port=$(docker port "$(newest)" 80/tcp | sed -n 's/^0\.0\.0\.0://p')
	like '^web ' "$(ask "$MACHINE" tcp 127.0.0.1 "$port")"
	ok docker rm -f --latest
	ok docker run -d -p 80:80/tcp -p 80:80/udp nginx:alpine answer serve web 80
	web
	like '^web ' "$(ask "$MACHINE" tcp 127.0.0.1 80)"
	like '^web ' "$(ask "$MACHINE" udp 127.0.0.1 80)"
}

@test "port: all, one, and one that is not published" {
	given_images busybox
	ok docker run -d --name test -p 4321:7890 -p 1234:9876 busybox top
	ok docker ps
	shows '0\.0\.0\.0:4321->7890/tcp.* test$'
	ok docker port test
	shows '^7890/tcp -> 0\.0\.0\.0:4321$'
	shows '^9876/tcp -> 0\.0\.0\.0:1234$'
	ok docker port test 7890/tcp
	is 0.0.0.0:4321 "${lines[0]}"
	exits 1 docker port test 7890/udp
	ok docker port test 7890
	is 0.0.0.0:4321 "${lines[0]}"
	prints 4321 docker inspect --format='{{(index (index .NetworkSettings.Ports "7890/tcp") 0).HostPort}}' test
	prints ' 7890/tcp -> 4321  9876/tcp -> 1234 ' docker inspect \
		--format='{{range $p, $conf := .NetworkSettings.Ports}} {{$p}} -> {{(index $conf 0).HostPort}} {{end}}' test
}

@test "run --add-host: an address, and the machine's" {
	given_images alpine curlimages/curl
	ok docker run --add-host=docker:93.184.216.34 --rm alpine grep docker$ /etc/hosts
	shows '^93\.184\.216\.34.docker$'
	ok docker run --add-host=my-hostname=8.8.8.8 --rm alpine grep my-host /etc/hosts
	shows '^8\.8\.8\.8.my-hostname$'
	ok docker run --add-host=my-hostname=[2001:db8::33] --rm alpine grep my-host /etc/hosts
	shows '^2001:db8::33.my-hostname$'
	echo hello >"$T/here/hello"
	exec_within "$MACHINE" busybox httpd -f -p 8000 -h "$T/here" &
	hold $!
	wait_until listens "$MACHINE" 8000
	ok docker run \
		--rm \
		--add-host my-hostname=host-gateway \
		curlimages/curl wget -q -O - my-hostname:8000/hello
	is hello
}

@test "run --mac-address, --hostname, --dns" {
	given_images busybox
	ok docker run --rm --mac-address 92:d0:c6:0a:29:33 busybox cat /sys/class/net/eth0/address
	is 92:d0:c6:0a:29:33
	ok docker network create my-net
	ok docker run --rm --network my-net --hostname front --dns 192.0.2.53 --dns-search example.com busybox \
		sh -c 'hostname; cat /etc/resolv.conf'
	is front "${lines[0]}"
	like 'search example\.com'
	like 'nameserver 127\.0\.0\.11'
}

# ------------------------------------------------------------------------------- podman

@test "podman network create: subnets, gateways and ranges" {
	subnets='{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}} {{.IPRange}};{{end}}'
	ok podman network create
	ok podman network create --subnet 192.5.0.0/16 newnet
	is '192.5.0.0/16 192.5.0.1 ;' "$(created "$subnets")"
	ok podman network create --subnet 2001:db8::/64 --ipv6 newnetv6
	like '2001:db8::/64 2001:db8::1 ;' "$(created "$subnets")"
	ok podman network rm newnet
	ok podman network create --subnet 192.168.33.0/24 --gateway 192.168.33.3 newnet
	is '192.168.33.0/24 192.168.33.3 ;' "$(created "$subnets")"
	ok podman network create --subnet 192.168.55.0/24 --ip-range 192.168.55.128/25
	is '192.168.55.0/24 192.168.55.1 192.168.55.128/25;' "$(created "$subnets")"
	ok podman network rm "$output"
	ok podman network create --subnet 192.168.55.0/24 --gateway 192.168.55.3 \
		--subnet fd52:2a5a:747e:3acd::/64 --gateway fd52:2a5a:747e:3acd::10
	is '192.168.55.0/24 192.168.55.3 ;fd52:2a5a:747e:3acd::/64 fd52:2a5a:747e:3acd::10 ;' "$(created "$subnets")"
}

@test "podman network create: a route, without a default route, and a macvlan" {
	given_images alpine
	ok podman network create --subnet 192.168.33.0/24 --route 10.1.0.0/24,192.168.33.10 newnet
	ok podman run --rm --network newnet alpine ip route
	like '10\.1\.0\.0/24 via 192\.168\.33\.10'
	like 'default via 192\.168\.33\.1'
	ok podman network rm newnet
	ok podman network create --subnet 192.168.33.0/24 --route 10.1.0.0/24,192.168.33.10 \
		--opt no_default_route=1 newnet
	ok podman run --rm --network newnet alpine ip route
	like '10\.1\.0\.0/24 via 192\.168\.33\.10'
	unlike default
	ok podman network rm newnet
	on_machine ip link add eth0 type veth peer name lan
	on_machine ip link set eth0 up
	on_machine ip link set lan up
	ok podman network create -d macvlan -o parent=eth0 --subnet 192.5.0.0/16 newnet
	ok podman run --rm --network newnet alpine ip addr show eth0
	like 'inet 192\.5\.0\.[0-9]+/16'
}

@test "podman network create --dns: the network's server, and --disable-dns" {
	given_images alpine
	ok podman network create --dns 192.0.2.53 --subnet 192.168.33.0/24 mynet
	ok podman run --rm --network mynet alpine cat /etc/resolv.conf
	like 'nameserver 127\.0\.0\.11'
	ok podman network create --disable-dns plain
	ok podman run --rm --network plain alpine cat /etc/resolv.conf
	unlike 'nameserver 127\.'
}

@test "podman run --network: an address on each, a MAC and an alias" {
	given_images alpine fedora/httpd
	ok podman network create --subnet 10.89.1.0/24 net1
	ok podman network create --subnet 10.89.10.0/24 net2
	ok podman run --network net1:ip=10.89.1.5 --network net2:ip=10.89.10.10 alpine ip addr
	like 'inet 10\.89\.1\.5/24 .*eth0'
	like 'inet 10\.89\.10\.10/24 .*eth1'
	ok podman run --rm --network=net1:ip=10.89.1.7,mac=44:33:22:11:00:99 alpine ip addr show eth0
	like 'link/ether 44:33:22:11:00:99'
	like 'inet 10\.89\.1\.7/24'
	ok podman run -p 8080:80 -d -i -t --name httpd --network net1:alias=web fedora/httpd answer serve web 80
	web
	like '^web ' "$(ask "$MACHINE" tcp 127.0.0.1 8080)"
	ok podman run --rm --network net1 alpine nslookup web
	like '10\.89\.1\.'
	ok podman port -a
	like '80/tcp -> 0\.0\.0\.0:8080'
}
