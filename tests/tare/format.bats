#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# cgroups: no matter
#
# --format as docker's manual shows it, and `docker inspect` as scripts use it.

load ../lib/images

# A container with all that the examples ask for.
web() {
	box_image box:1 '.config = {Cmd: ["sh"], Env: ["A=b"], Labels: {tier: "front"}}'
	take box:1
	mkdir "$T/src"
	ok tare run -d --network none --name web -e MODE=fast -m 64m --label com.example.some-name=x \
		-v "$T/src:/data:ro" box:1 sleep 1000
	CID=${lines[-1]}
	PID=$(tare inspect -f '{{.State.Pid}}' web)
}

# says OUTPUT TEMPLATE [NAME]: what inspect prints.
says() {
	ok tare inspect -f "$2" "${3:-web}"
	is "$1"
}

# ------------------------------------------------------------------------------- listings

@test "ps: a line for each, as the template has it" {
	web
	ok tare ps --format '{{.ID}}: {{.Command}}'
	is "${CID:0:12}: \"sleep 1000\""
	ok tare ps --no-trunc --format '{{.ID}}'
	is "$CID"
	ok tare ps --format '{{.Names}}\t{{.Image}}\t{{.State}}'
	is $'web\tbox:1\trunning'
	ok tare ps --format '{{.Label "com.example.some-name"}} {{.Label "none"}}|{{.Labels}}'
	like '^x \|.*com.example.some-name=x'
	ok tare ps --format '{{.CreatedAt}}'
	like '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} \+0000 UTC$'
	ok tare ps --format '{{if eq .State "running"}}{{upper .Names}}{{end}}'
	is WEB
	ok tare ps --format '{{range $i, $e := split .Image ":"}}{{if $i}} {{end}}{{$e}}{{end}}'
	is 'box 1'
	ok tare ps --format '{{.Pid}} {{.ExitCode}} {{.Exited}} {{.Networks}} {{.LocalVolumes}}'
	is "$PID 0 false none 0"
	ok tare ps --format '{{json .}}'
	is web "$(jq -r .Names <<<"$output")"
	# Between the two it may have become a second older.
	is "$(no_age <<<"$output")" "$(tare ps --format json | no_age)"
}

no_age() { jq -c 'del(.Status, .RunningFor)'; }

@test "ps: a table of the columns that the template names" {
	web
	ok tare ps --format 'table {{.ID}}\t{{.Names}}\t{{.Label "com.example.some-name"}}'
	is 'CONTAINER ID   NAMES   some name' "${lines[0]}"
	is "${CID:0:12}   web     x" "${lines[1]}"
	ok tare ps --format 'table {{.Names}}\t{{.RunningFor}}\t{{.Size}}'
	like '^NAMES +CREATED +SIZE$' "${lines[0]}"
	ok tare exec web sh -c 'echo 12345 >/file'
	ok tare ps --format '{{.Size}}'
	like '^6B \(virtual [0-9.]+MB\)$'
	ok tare rm -f web
	ok tare ps --format 'table {{.Names}}\t{{.Ports}}'
	is 'NAMES   PORTS'
	ok tare ps --format '{{.Names}}'
	is ''
}

@test "images and history" {
	box_image box:1 '.history = [{created: "2020-02-02T20:20:20Z", created_by: "first"}]'
	take box:1
	ok tare images --format '{{.ID}}: {{.Repository}}'
	is "${IMAGE_ID:7:12}: box"
	ok tare images --format 'table {{.ID}}\t{{.Repository}}\t{{.Tag}}'
	is 'IMAGE ID       REPOSITORY   TAG' "${lines[0]}"
	is "${IMAGE_ID:7:12}   box          1" "${lines[1]}"
	ok tare images --format '{{.Repository}}:{{.Tag}}@{{.Digest}}'
	is "box:1@$MANIFEST"
	ok tare history --format '{{.ID}}: {{.CreatedBy}} {{.CreatedAt}}' box:1
	is "${IMAGE_ID:7:12}: first 2020-02-02T20:20:20Z"
}

@test "stats and system df" {
	web
	ok tare stats --no-stream --format '{{.Name}}: {{.CPUPerc}}'
	like '^web: [0-9.]+%$'
	ok tare stats --no-stream --format 'table {{.Container}}\t{{.MemUsage}}'
	like '^CONTAINER +MEM USAGE / LIMIT$' "${lines[0]}"
	ok tare stats --no-stream --format json
	is web "$(jq -r .Name <<<"$output")"
	ok tare system df --format '{{.Type}}: {{.TotalCount}} {{.Active}}'
	is $'Images: 1 1\nContainers: 1 1'
	ok tare system df --format 'table {{.Type}}\t{{.Size}}'
	like '^TYPE +SIZE$' "${lines[0]}"
	exits 125 tare system df -v --format '{{.Type}}'
}

# ------------------------------------------------------------------------------- one thing

@test "inspect: what scripts ask docker" {
	web
	says "$CID" '{{.Id}}'
	says /web '{{.Name}}'
	says running '{{.State.Status}}'
	says 'true 0' '{{.State.Running}} {{.State.ExitCode}}'
	says 67108864 '{{.HostConfig.Memory}}'
	says '["A=b","MODE=fast"]' '{{json .Config.Env}}'
	says front '{{index .Config.Labels "tier"}}'
	says x '{{index .Config.Labels "com.example.some-name"}}'
	says '[]' '[{{index .Config.Labels "none"}}]'
	says "$T/src" '{{range .Mounts}}{{.Source}}{{end}}'
	says "$T/src:/data:ro" '{{index .HostConfig.Binds 0}}'
	says /data '{{(index .Mounts 0).Destination}}'
	says 'bind false rprivate' '{{with index .Mounts 0}}{{.Type}} {{.RW}} {{.Propagation}}{{end}}'
	says '' '{{.NetworkSettings.IPAddress}}'
	says 'none: ' '{{range $name, $n := .NetworkSettings.Networks}}{{$name}}: {{$n.IPAddress}}{{end}}'
	says 'none no json-file' \
		'{{.HostConfig.NetworkMode}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.LogConfig.Type}}'
	says 'sleep [1000]' '{{.Path}} {{.Args}}'
	says 'sleep 1000' '{{join .Config.Cmd " "}}'
	says '[] null' '{{.Config.Entrypoint}} {{json .Config.Entrypoint}}'
	says 'no health' '{{if .State.Health}}{{.State.Health.Status}}{{else}}no health{{end}}'
	says "$IMAGE_ID box:1" '{{.Image}} {{.Config.Image}}'
	says 'web' '{{slice .Name 1}}'
	says 'A=b;MODE=fast;' '{{range .Config.Env}}{{.}};{{end}}'
	says '2 env' '{{len .Config.Env}} env'
	says '\t' '\t{{/* as docker has it */}}'
	ok tare inspect --format json web
	is /web "$(jq -r .Name <<<"$output")"
}

@test "inspect: what docker has is there, whether or not it says anything" {
	web
	tare inspect web >"$T/json"
	for member in Id Created Path Args State Image ResolvConfPath HostnamePath HostsPath LogPath Name \
		RestartCount Driver Platform MountLabel ProcessLabel AppArmorProfile ExecIDs HostConfig \
		GraphDriver Mounts Config NetworkSettings HostConfig.Binds HostConfig.PortBindings \
		HostConfig.CapAdd HostConfig.Dns HostConfig.IpcMode HostConfig.SecurityOpt HostConfig.Devices \
		HostConfig.Ulimits Config.Domainname Config.AttachStdin Config.Volumes Config.OnBuild \
		NetworkSettings.Ports NetworkSettings.Gateway NetworkSettings.MacAddress; do
		jq -e --arg member "$member" '.[0] as $in | $member | split(".") as $path |
			$in | getpath($path[:-1]) | has($path[-1])' "$T/json"
		ok tare inspect -f "{{.$member}}" web
	done
	is null "$(jq -c '.[0].Config.Entrypoint' "$T/json")"
	is '[0,0]' "$(jq -c '.[0].HostConfig.ConsoleSize' "$T/json")"
	is '{"Name":"no","MaximumRetryCount":0}' "$(jq -c '.[0].HostConfig.RestartPolicy' "$T/json")"
	is true "$(jq '.[0].HostConfig.MaskedPaths | index("/proc/kcore") >= 0' "$T/json")"
	is false "$(jq '.[0] | has("SizeRw")' "$T/json")"
}

@test "inspect --size counts what it takes of the disk" {
	web
	ok tare exec web sh -c 'echo 12345 >/file'
	ok tare inspect -s -f '{{.SizeRw}} {{ge .SizeRootFs .SizeRw}}' web
	is '6 true'
}

@test "inspect of images" {
	web
	says "$IMAGE_ID" '{{.Id}}' box:1
	says '[box:1]' '{{.RepoTags}}' box:1
	says 'sh A=b front' '{{index .Config.Cmd 0}} {{index .Config.Env 0}} {{.Config.Labels.tier}}' box:1
	says '[] [] map[]' '{{.Config.User}}{{.Config.Entrypoint}} {{.Config.OnBuild}} {{.Config.Volumes}}' box:1
	says 'linux 1' '{{.Os}} {{len .RootFS.Layers}}' box:1
	ok tare image inspect -f '{{.Architecture}}' box:1
	is "$(tare version -f '{{.Client.Arch}}')"
	ok tare inspect --type image -f '{{.Id}}' box:1
	is "$IMAGE_ID"
}

@test "inspect shows those that there are, and tells which is not" {
	web
	exits 1 tare inspect -f '{{.Id}}' web none box:1
	is "$CID" "${lines[0]}"
	is "$IMAGE_ID" "${lines[1]}"
	like "there is no container 'none'" "${lines[2]}"
	is /web "$(tare inspect web none 2>"$T/err" | jq -r '.[].Name')"
}

@test "version and info" {
	ok tare version --format '{{.Server.Version}} {{.Client.Os}}'
	like '^[0-9]+\.[0-9]+\.[0-9]+ linux$'
	ok tare version -f json
	is "$(tare version -f '{{.Client.Version}}')" "$(jq -r .Server.Version <<<"$output")"
	ok tare version
	like '^Client: tare'
	web
	ok tare info --format '{{.Containers}} {{.ContainersRunning}} {{.Images}} {{.OSType}} {{.NCPU}}'
	is "1 1 1 linux $(nproc --all)"
	ok tare system info -f '{{.DockerRootDir}} {{.Store.GraphRoot}} {{.Host.OS}} {{.Swarm.LocalNodeState}}'
	is "$STATE $STATE linux inactive"
	ok tare info -f json
	is "$(uname -r)" "$(jq -r .KernelVersion <<<"$output")"
}

# ------------------------------------------------------------------------------- mistakes

@test "an unknown field is an error that lists those there are" {
	web
	exits 125 tare ps --format '{{.Nope}}'
	like "template: 1:3: there is no field 'Nope'"
	like 'the fields are: ID, Names, Command, Image, Status, '
	exits 125 tare inspect -f '{{.State.Nope}}' web
	like 'the fields are: Status, Running, Paused, '
	exits 125 tare inspect -f '{{.HostConfig.Memmory}}' web
	like 'fields with that letter: Memory, MemoryReservation, MemorySwap'
}

@test "what is no template is told with its place" {
	exits 125 tare ps --format '{{.Names'
	like "template: 1:9: an action without its '}}'"
	exits 125 tare images --format 'table {{.ID}}\t{{nope .Tag}}'
	like "there is no function 'nope'"
	exits 125 tare ps --format yaml
	like "'yaml' is neither 'table', 'json' nor a template"
	exits 125 tare version -f '{{range}}'
	like 'a value is missing'
	exits 125 tare version -f '{{range 1000000000}}x{{end}}'
	like 'the template makes too much'
}
