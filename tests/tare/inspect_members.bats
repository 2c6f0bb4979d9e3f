#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What inspect says of each option: docker's member, in docker's form. A row is a member, the JSON
# that is expected there, and the options; they are words of the shell, and a row may go on in the
# next line. The containers are made and not started: what limits do is limits.bats' business.

load ../lib/images

make() {
	choose_network "$@"
	tare create "${NETWORK[@]}" "$@" --rootfs "$ROOTFS" true >/dev/null
}

# rows: of standard input, MEMBER | JSON | OPTIONS
rows() {
	local member expected options n=0

	# shellcheck disable=SC2162 # a backslash ends a line that goes on
	while IFS='|' read member expected options; do
		n=$((n + 1))
		eval "make --name row$n $options"
		ok tare inspect --format "{{json .${member// /}}}" "row$n"
		is "$(eval "printf %s \"${expected//\"/\\\"}\"" | jq -cS .)" \
			"$(jq -cS . <<<"$output")" || { echo "$member: $options" && return 1; }
	done
	((n > 0))
}

@test "HostConfig: namespaces" {
	make --name other
	other=$(member other .Id)
	export other # for the rows
	rows <<-'END'
		HostConfig.IpcMode      | "shareable"        |
		HostConfig.IpcMode      | "private"          | --ipc private
		HostConfig.IpcMode      | "none"             | --ipc none
		HostConfig.IpcMode      | "host"             | --ipc host
		HostConfig.IpcMode      | "container:$other" | --ipc container:other
		HostConfig.PidMode      | ""                 |
		HostConfig.PidMode      | "host"             | --pid host
		HostConfig.PidMode      | "container:$other" | --pid container:other
		HostConfig.UTSMode      | ""                 | --uts private
		HostConfig.UTSMode      | "host"             | --uts host
		HostConfig.CgroupnsMode | "private"          |
		HostConfig.CgroupnsMode | "host"             | --cgroupns host
		HostConfig.UsernsMode   | ""                 |
		HostConfig.UsernsMode   | "host"             | --userns host
		HostConfig.UsernsMode   | "host"             | --privileged
		HostConfig.NetworkMode  | "none"             |
		HostConfig.NetworkMode  | "host"             | --network host
		HostConfig.NetworkMode  | "container:$other" | --network container:other
	END
}

@test "HostConfig: devices and rights" {
	rows <<-'END'
		HostConfig.Devices           | []                           |
		HostConfig.Devices           | [{"PathOnHost":"/dev/null","PathInContainer":"/dev/n","CgroupPermissions":"rw"}] \
		| --device /dev/null:/dev/n:rw
		HostConfig.DeviceCgroupRules | null                         |
		HostConfig.DeviceCgroupRules | ["c 13:* rwm","b *:7 r"] \
		| --device-cgroup-rule 'c 13:* rwm' --device-cgroup-rule 'b *:7 r'
		HostConfig.CapAdd            | ["CAP_NET_ADMIN","ALL"]      | --cap-add net_admin --cap-add all
		HostConfig.CapDrop           | ["CAP_CHOWN"]                | --cap-drop CAP_CHOWN
		HostConfig.CapDrop           | null                         |
		HostConfig.GroupAdd          | ["audio","7"]                | --group-add audio --group-add 7
		HostConfig.GroupAdd          | null                         |
		HostConfig.SecurityOpt       | null                         |
		HostConfig.SecurityOpt       | ["no-new-privileges"]        | --security-opt no-new-privileges
		HostConfig.SecurityOpt       | ["seccomp=unconfined"]       | --security-opt seccomp=unconfined
		HostConfig.Privileged        | true                         | --privileged
		HostConfig.MaskedPaths       | null                         | --privileged
		HostConfig.ReadonlyPaths     | null                         | --security-opt unmask=ALL
		HostConfig.MaskedPaths       | ["/a"]                       | --security-opt unmask=ALL --security-opt mask=/a
		HostConfig.ReadonlyPaths     | ["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"] |
		HostConfig.ReadonlyRootfs    | true                         | --read-only
		HostConfig.Sysctls           | {"net.ipv4.ip_forward":"1"}  | --sysctl net.ipv4.ip_forward=1
		HostConfig.Annotations       | {"a":"b"}                    | --annotation a=b
	END
}

@test "HostConfig: limits" {
	rows <<-'END'
		HostConfig.ShmSize           | 67108864 |
		HostConfig.ShmSize           | 1048576  | --shm-size 1m
		HostConfig.PidsLimit         | 2048     |
		HostConfig.PidsLimit         | 50       | --pids-limit 50
		HostConfig.PidsLimit         | null     | --pids-limit -1
		HostConfig.Memory            | 67108864 | --memory 64m
		HostConfig.MemorySwap        | 99614720 | --memory 64m --memory-swap 95m
		HostConfig.MemorySwap        | -1       | --memory 64m --memory-swap -1
		HostConfig.MemorySwappiness  | null     |
		HostConfig.MemorySwappiness  | 3        | --memory-swappiness 3
		HostConfig.MemoryReservation | 1048576  | --memory-reservation 1m
		HostConfig.OomKillDisable    | true     | --memory 64m --oom-kill-disable
		HostConfig.OomScoreAdj       | 7        | --oom-score-adj 7
		HostConfig.NanoCpus          | 1500000000 | --cpus 1.5
		HostConfig.CpuShares         | 9        | --cpu-shares 9
		HostConfig.CpuPeriod         | 2000     | --cpu-period 2000
		HostConfig.CpuQuota          | 3000     | --cpu-quota 3000
		HostConfig.CpusetCpus        | "0"      | --cpuset-cpus 0
		HostConfig.CpusetMems        | "0"      | --cpuset-mems 0
		HostConfig.BlkioWeight       | 10       | --blkio-weight 10
		HostConfig.BlkioWeightDevice | [{"Path":"/dev/null","Weight":20}] | --blkio-weight-device /dev/null:20
		HostConfig.BlkioDeviceReadBps   | [{"Path":"/dev/null","Rate":1024}] | --device-read-bps /dev/null:1k
		HostConfig.BlkioDeviceWriteIOps | [{"Path":"/dev/null","Rate":5}] | --device-write-iops /dev/null:5
		HostConfig.Ulimits           | [{"Name":"nofile","Hard":20,"Soft":10}] | --ulimit nofile=10:20
		HostConfig.CgroupParent      | "/$NAME" | --cgroup-parent "/$NAME"
		HostConfig.CgroupParent      | ""       |
		HostConfig.KernelMemory      | 0        |
	END
}

@test "HostConfig: the rest" {
	rows <<-'END'
		HostConfig.LogConfig  | {"Type":"json-file","Config":{"max-size":"10m","max-file":"3"}} |
		HostConfig.LogConfig  | {"Type":"json-file","Config":{"max-size":"1k","max-file":"2","labels":"a,b","env":"C"}} \
		| --log-opt max-size=1024 --log-opt max-file=2 --log-opt labels=a,b --log-opt env=C
		HostConfig.LogConfig  | {"Type":"json-file","Config":{"max-size":"-1","max-file":"3"}} | --log-opt max-size=-1
		HostConfig.LogConfig  | {"Type":"none","Config":{}} | --log-driver none
		HostConfig.AutoRemove | true                        | --rm
		HostConfig.Init       | true                        | --init
		HostConfig.Init       | false                       |
		HostConfig.Runtime    | "tare"                      |
		Config.Domainname     | "example.org"               | --domainname example.org
		Config.Domainname     | ""                          |
		Config.Hostname       | "box"                       | --hostname box
		Config.Hostname       | "$(uname -n)"               | --uts host
		Config.Labels         | {"a":"b","c":""}            | --label a=b --label c
		Config.StopSignal     | "USR1"                      | --stop-signal USR1
		Config.StopTimeout    | 3                           | --stop-timeout 3
		Config.Tty            | true                        | -t
		Config.OpenStdin      | true                        | -i
		Config.StdinOnce      | true                        | -i
		Config.StdinOnce      | false                       |
		Config.User           | "7:8"                       | -u 7:8
		Config.WorkingDir     | "/tmp"                      | -w /tmp
		Config.Env            | ["A=b"]                     | -e A=b
	END
}

@test "mounts, as they were asked for and as they are" {
	mkdir "$T/src"
	make --name other -v "$T/src:/other"
	rows <<-'END'
		HostConfig.Binds       | null                                        |
		HostConfig.Binds       | ["$T/src:/v:ro,rslave","$T/src:/w"]         | -v "$T/src:/v:ro,rslave" -v "$T/src:/w"
		HostConfig.Binds       | null                                        | --mount "type=bind,src=$T/src,dst=/m"
		HostConfig.Tmpfs       | {"/t":"size=1m","/u":""}                    | --tmpfs /t:size=1m --tmpfs /u
		HostConfig.Mounts      | [{"Type":"bind","Source":"$T/src","Target":"/m"\
		,"ReadOnly":true,"BindOptions":{"Propagation":"rslave"}}] \
		| --mount "type=bind,src=$T/src,dst=/m,ro,bind-propagation=rslave"
		HostConfig.VolumesFrom | ["other:ro"]                                | --volumes-from other:ro
		HostConfig.VolumesFrom | null                                        |
		Mounts                 | []                                          |
		Mounts | [{"Type":"bind","Source":"$T/src","Destination":"/v","Mode":"ro,rslave","RW":false,"Propagation":"rslave"}] \
		| -v "$T/src:/v:ro,rslave"
		Mounts | [{"Type":"bind","Source":"$T/src","Destination":"/v","Mode":"","RW":true,"Propagation":"rprivate"}] \
		| -v "$T/src:/v"
		Mounts | [{"Type":"bind","Source":"$T/src","Destination":"/m","Mode":"","RW":false,"Propagation":"rprivate"}] \
		| --mount "type=bind,src=$T/src,dst=/m,readonly"
		Mounts | [{"Type":"bind","Source":"$T/src","Destination":"/other","Mode":"","RW":false,"Propagation":"rprivate"}] \
		| --volumes-from other:ro
		Mounts | [{"Type":"tmpfs","Source":"","Destination":"/t","Mode":"","RW":true,"Propagation":""}] | --tmpfs /t
	END
	make --name taking --volumes-from other
	is 'null false' "$(member taking '"\(.HostConfig.Binds) \(.HostConfig | has("Mounts"))"')"
}

@test "NetworkSettings: its namespace while it runs, and no network where it is another's" {
	begin box
	is "$(readlink "/proc/$PID/ns/net")" "$(readlink "$(member box .NetworkSettings.SandboxKey)")"
	is none "$(member box '.NetworkSettings.Networks | keys[]')"
	make --name guest --network container:box
	is '{}' "$(member guest '.NetworkSettings.Networks | tostring')"
	is '' "$(member guest .NetworkSettings.SandboxKey)"
}

@test "State: from its birth to its end" {
	make --name box
	state() { member box ".State | [$1] | tostring"; }
	never='"0001-01-01T00:00:00Z"'
	is "[\"created\",false,0,0,$never,$never]" \
		"$(state '.Status, .Running, .Pid, .ExitCode, .StartedAt, .FinishedAt')"
	is '[false,false,false,false,""]' "$(state '.Paused, .Restarting, .OOMKilled, .Dead, .Error')"
	ok tare start --attach box
	is '["exited",false,0,0,true]' \
		"$(state '.Status, .Running, .Pid, .ExitCode, .StartedAt < .FinishedAt')"
	ok tare create --name broken --network none --rootfs "$ROOTFS" /none
	exits 127 tare start --attach broken
	is '["created",127]' "$(member broken '.State | [.Status, .ExitCode] | tostring')"
	like "'/none'" "$(member broken .State.Error)"
}

@test "GraphDriver: where the root of an image is put together" {
	box_image box:1 '.'
	take box:1
	ok tare run -d --name web --network none box:1 sh -c "echo 1 >/file; exec sleep 1000"
	wait_until test -e "$(member web .GraphDriver.Data.UpperDir)/file"
	data() { member web ".GraphDriver.Data.$1"; }
	while read -r -d : layer; do
		test -d "$layer"
	done <<<"$(data LowerDir):"
	test -d "$(data WorkDir)"
	PID=$(member web .State.Pid)
	is 1 "$(nsenter -t "$(monitor_of "$PID")" -m cat "$(data MergedDir)/file")"
	make --name box
	is null "$(member box '.GraphDriver.Data | tostring')"
}
