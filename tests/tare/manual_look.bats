#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The examples of docker's manual for looking at what there is, as they stand there: ps with its
# filters and formats, inspect, logs, stats, top, prune, system df, system prune, info and version.
# Left out are those that need networks (network, publish and expose, addresses), volumes by name,
# swarm, or the version of docker's own API.

load ../lib/manual

# ------------------------------------------------------------------------------- ps

# begun NAME ...: of busybox, running top, each younger than the one before.
begun() {
	local name

	for name; do
		ok docker run -d --name "$name" busybox top
	done
}

# names COMMAND ...: the last column of its table, in one line.
names() { "$@" | awk 'NR > 1 { print $NF }' | xargs; }

@test "ps --no-trunc, -a and --size" {
	given_images ubuntu:24.04 nginx
	ok docker run -d --name webapp ubuntu:24.04 top
	id=${lines[-1]}
	ok docker ps --no-trunc
	like "^$id +ubuntu:24.04 +\"top\" .* ago +Up .* webapp$" "${lines[1]}"
	ok docker run --name my_nginx nginx sh -c 'echo 12345 >/tmp/x'
	is webapp "$(names docker ps)"
	is 'my_nginx webapp' "$(names docker ps -a)"
	ok docker ps --size
	like 'NAMES +SIZE$' "${lines[0]}"
	like 'webapp +[0-9.]+k?B \(virtual [0-9.]+MB\)$' "${lines[1]}"
}

@test "ps --filter label" {
	given_images busybox
	ok docker run -d --name nostalgic_shockley --label color=red busybox top
	ok docker run -d --name high_albattani --label color=blue busybox top
	is 'high_albattani nostalgic_shockley' "$(names docker ps --filter "label=color")"
	is high_albattani "$(names docker ps --filter "label=color=blue")"
}

@test "ps --filter name" {
	given_images busybox
	begun nostalgic_shockley nostalgic_stallman i_am_nostalgic
	is nostalgic_stallman "$(names docker ps --filter "name=nostalgic_stallman")"
	is 'i_am_nostalgic nostalgic_stallman nostalgic_shockley' \
		"$(names docker ps --filter "name=nostalgic")"
}

@test "ps --filter exited" {
	given_images ubuntu
	ok docker run --name desperate_leakey ubuntu true
	ok docker run -d --name grave_kowalevski ubuntu sleep 1000
	ok docker kill grave_kowalevski
	is desperate_leakey "$(names docker ps -a --filter 'exited=0')"
	ok docker ps -a --filter 'exited=137'
	like 'ubuntu +"sleep 1000" .* Exited \(137\) .* ago .*grave_kowalevski$' "${lines[1]}"
}

@test "ps --filter status" {
	given_images busybox
	begun nostalgic_stallman top i_am_nostalgic
	is 'i_am_nostalgic top nostalgic_stallman' "$(names docker ps --filter status=running)"
	ok docker pause nostalgic_stallman
	ok docker ps --filter status=paused
	like 'busybox +"top" .* Up .* \(Paused\) +nostalgic_stallman$' "${lines[1]}"
	((${#lines[@]} == 2))
}

@test "ps --filter ancestor" {
	given_images ubuntu ubuntu:24.04
	ok docker run --name base ubuntu touch /new
	ok docker commit base ubuntu-c1
	ok docker rm base
	ok docker run -d --name sleepy_bose ubuntu top
	ok docker run -d --name admiring_lovelace ubuntu-c1 top
	is 'admiring_lovelace sleepy_bose' "$(names docker ps --filter ancestor=ubuntu)"
	is admiring_lovelace "$(names docker ps --filter ancestor=ubuntu-c1)"
	is 'admiring_lovelace sleepy_bose' "$(names docker ps --filter ancestor=ubuntu:24.04)"
	id=$(docker inspect -f '{{.Id}}' ubuntu-c1)
	id=${id#sha256:}
	is admiring_lovelace "$(names docker ps --filter "ancestor=${id:0:12}")"
}

@test "ps -f before and since" {
	given_images busybox
	begun distracted_fermat focused_hamilton desperate_dubinsky
	first=$(docker ps -q --filter name=distracted_fermat)
	last=$(docker ps -q --filter name=desperate_dubinsky)
	is 'focused_hamilton distracted_fermat' "$(names docker ps -f before="$last")"
	is 'desperate_dubinsky focused_hamilton' "$(names docker ps -f since="$first")"
}

@test "ps --filter volume, by where it is mounted" {
	given_images busybox
	mkdir data
	ok docker run -d -v "$PWD/data:/data" busybox top
	begun another
	ok docker ps --filter volume=/data --format "table {{.ID}}\t{{.Mounts}}"
	like '^CONTAINER ID +MOUNTS$' "${lines[0]}"
	like '^[0-9a-f]{12} +/' "${lines[1]}"
	((${#lines[@]} == 2))
}

@test "ps --format: templates, tables and json" {
	given_images busybox nginx
	ok docker run -d --name one --label com.docker.swarm.node=debian --label com.docker.swarm.cpu=6 \
		busybox top
	id=${lines[-1]:0:12}
	prints "$id: \"top\"" docker ps --format "{{.ID}}: {{.Command}}"
	ok docker ps --format "table {{.ID}}\t{{.Labels}}"
	like '^CONTAINER ID +LABELS$' "${lines[0]}"
	like "^$id +com.docker.swarm.(cpu=6,com.docker.swarm.node=debian|node=debian,com.docker.swarm.cpu=6)$" "${lines[1]}"
	prints 6 docker ps --format '{{.Label "com.docker.swarm.cpu"}}'
	ok docker ps --format json
	is 'one busybox running "top" 0' \
		"$(jq -r '"\(.Names) \(.Image) \(.State) \(.Command) \(.LocalVolumes)"' <<<"$output")"
	is 'Command CreatedAt ID Image Labels LocalVolumes Mounts Names Networks Ports RunningFor Size State Status' \
		"$(jq -r 'to_entries | map(.key | select(IN("HealthStatus", "Platform") | not)) | sort | join(" ")' <<<"$output")"
}

# ------------------------------------------------------------------------------- inspect

@test "inspect --size" {
	given_images redis
	ok docker run --name database -d redis redis-server
	ok docker inspect --size database -f '{{ .SizeRootFs }}'
	((output > 100000))
	ok docker inspect --size database -f '{{ .SizeRw }}'
	before=$output
	ok docker exec database fallocate -l 1000 /newfile
	ok docker inspect --size database -f '{{ .SizeRw }}'
	((output == before + 1000))
	ok docker inspect --size database
	is "true true" "$(jq -r '.[0] | "\(has("SizeRw")) \(has("SizeRootFs"))"' <<<"$output")"
}

@test "inspect --format" {
	given_images ubuntu
	ok docker run -d ubuntu top
	INSTANCE_ID=${lines[-1]}
	ok docker inspect --format='{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' $INSTANCE_ID
	ok docker inspect --format='{{range .NetworkSettings.Networks}}{{.MacAddress}}{{end}}' $INSTANCE_ID
	ok docker inspect --format='{{.LogPath}}' $INSTANCE_ID
	like '^/.*log$'
	prints ubuntu docker inspect --format='{{.Config.Image}}' $INSTANCE_ID
	prints '' docker inspect \
		--format='{{range $p, $conf := .NetworkSettings.Ports}} {{$p}} -> {{(index $conf 0).HostPort}} {{end}}' $INSTANCE_ID
	ok docker inspect --format='{{json .Config}}' $INSTANCE_ID
	is '["top"]' "$(jq -c .Cmd <<<"$output")"
}

# ------------------------------------------------------------------------------- logs, stats, top

@test "logs -f --until" {
	given_images busybox
	ok docker run --name test -d busybox sh -c "while true; do $(echo date); sleep 1; done"
	wait_until has_logged test
	ok docker logs -f --until=2s test
	ok docker logs -f --until=0s test
	like '^[A-Z][a-z]{2} [A-Z][a-z]{2} .* UTC 20[0-9]{2}'
}

has_logged() { [[ -n $(docker logs "$1") ]]; }

@test "stats of some, as JSON, and of those that have ended" {
	needs_controller memory
	given_images nginx busybox
	ok docker run -d --name nginx nginx nginx
	ok docker run --name humble_visvesvaraya busybox true
	ok docker stats nginx --no-stream --format "{{ json . }}"
	is 'nginx nginx BlockIO CPUPerc Container ID MemPerc MemUsage Name NetIO PIDs' \
		"$(jq -r '"\(.Name) \(.Container) \(keys - ["Pressure"] | join(" "))"' <<<"$output")"
	ok docker stats --no-stream --all --format "table {{.Container}}\t{{.CPUPerc}}\t{{.MemUsage}}" nginx humble_visvesvaraya
	like '^CONTAINER +CPU % +MEM USAGE / LIMIT$' "${lines[0]}"
	like '^nginx +[0-9.]+% +[0-9.]+ ?.iB / [0-9.]+ ?.iB$' "${lines[1]}"
	like '^humble_visvesvaraya +-- +--$' "${lines[2]}"
	ok docker stats --no-stream
	like '^CONTAINER ID +NAME +CPU % +MEM USAGE / LIMIT +MEM % +NET I/O +BLOCK I/O +PIDS$' "${lines[0]}"
	like '^[0-9a-f]{12} +nginx ' "${lines[1]}"
	ok docker stats --no-stream --format "{{.Container}}: {{.CPUPerc}}"
	like '^[0-9a-f]{12}: [0-9.]+%$'
	ok docker stats --no-stream --format \
		"table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}"
	like '^CONTAINER ID +NAME +CPU % +MEM USAGE / LIMIT +MEM % +NET I/O +BLOCK I/O +PIDS$' "${lines[0]}"
}

@test "stats: a stream" {
	needs_controller memory
	given_images busybox
	begun awesome_brattain foobar
	at_docker 'docker stats awesome_brattain foobar'
	sees 'CONTAINER ID +NAME +CPU %'
	sees 'awesome_brattain .*%'
	sees 'foobar .*%'
	type_keys '\003'
}

@test "top" {
	given_images busybox
	begun my_container
	ok docker top my_container
	like 'PID' "${lines[0]}"
	like 'top$' "${lines[1]}"
}

# ------------------------------------------------------------------------------- prune

@test "container prune asks, and says what went" {
	given_images busybox
	ok docker run busybox true
	id=$(docker ps -aq --no-trunc)
	ok docker container prune < <(echo y)
	like '\[y/N\]'
	like $'Deleted Containers:\n'"$id"$'\n\nTotal reclaimed space: [0-9.]+.?B'
	has_none
}

@test "container prune --force --filter until" {
	given_images busybox
	ok docker run --name one busybox sh -c true
	ok docker ps -a --format 'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.CreatedAt}}\t{{.Status}}'
	like '^CONTAINER ID +IMAGE +COMMAND +CREATED AT +STATUS$' "${lines[0]}"
	like '^[0-9a-f]{12} +busybox +"sh -c true" +20[0-9-]{8} [0-9:]{8} [+-]0000 UTC +Exited \(0\) .* ago$' "${lines[1]}"
	ok docker container prune --force --filter "until=5m"
	is one "$(names_all)"
	ok docker container prune --force --filter "until=2017-01-04T13:10:00"
	is one "$(names_all)"
	ok docker container prune --force --filter "until=0s"
	has_none
}

# ------------------------------------------------------------------------------- system

@test "system df, its views and formats" {
	given_images alpine
	ok docker run --name hopeful_yalow alpine true
	ok docker system df
	like '^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE$' "${lines[0]}"
	like '^Images +1 +1 +[0-9.]+MB ' "${lines[1]}"
	like '^Containers +1 +0 +0B ' "${lines[2]}"
	ok docker system df -v
	shows '^Images space usage:$'
	shows '^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE +SHARED SIZE +UNIQUE SIZE +CONTAINERS$'
	shows '^alpine +latest .* 1$'
	shows '^Containers space usage:$'
	shows '^CONTAINER ID +IMAGE +COMMAND +SIZE +CREATED +STATUS +NAMES$'
	ok docker system df --format "{{.Type}}: {{.TotalCount}}"
	shows '^Images: 1$'
	shows '^Containers: 1$'
	ok docker system df --format "table {{.Type}}\t{{.Size}}\t{{.Reclaimable}}"
	like '^TYPE +SIZE +RECLAIMABLE$' "${lines[0]}"
	ok docker system df --format json
	is 'Images 1' "$(jq -r '"\(.Type) \(.TotalCount)"' <<<"${lines[0]}")"
}

@test "system prune, asked, and with all images" {
	given_images alpine:latest alpine:3.3
	ok docker run alpine true
	id=$(docker ps -aq --no-trunc)
	ok docker system prune < <(echo y)
	like '\[y/N\]'
	like "Deleted Containers:
$id"
	like 'Total reclaimed space: '
	ok docker system prune -a --volumes < <(echo y)
	like 'Deleted Images:'
	shows '^untagged: alpine:3.3$'
	shows '^untagged: alpine:latest$'
	is '' "$(docker images -q)"
}

@test "info and its format" {
	given_images alpine
	ok docker info
	like "$(uname -r)"
	ok docker info --format '{{json .}}'
	is 'true true' "$(jq '"\(has("ID")) \(has("Containers"))"' -r <<<"$output")"
}

@test "version and its formats" {
	ok docker version
	version=$(docker --version | grep -oE '[0-9]+(\.[0-9]+)+')
	prints "$version" docker version --format '{{.Server.Version}}'
	ok docker version --format '{{json .}}'
	is "$version" "$(jq -r .Client.Version <<<"$output")"
}
