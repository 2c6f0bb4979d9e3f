#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The examples of docker's manual for run and create, as they stand there. Left out are those that
# need networks (manual_network.bats has those), volumes without a source or by name, restarts,
# single streams (--attach), a limit of what is written (--storage-opt), an SELinux policy, CDI or
# GPUs, a daemon's socket, disks or Windows.

load ../lib/manual

# ------------------------------------------------------------------------------- run

@test "run --name, and what can be done by that name" {
	given_images nginx:alpine
	ok docker run --name test -d nginx:alpine nginx
	like '^[0-9a-f]{64}$' "${lines[-1]}"
	ok docker ps
	like '^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES$' "${lines[0]}"
	like "^${lines[1]:0:12} +nginx:alpine +\"nginx\" +.* ago +Up .* test$" "${lines[1]}"
	ok docker stop test
	is test
	ok docker rm test
	is test
}

@test "run --cidfile" {
	given_images ubuntu
	ok docker run --cidfile ./docker_test.cid ubuntu echo "test"
	is test "${lines[-1]}"
	is "$(docker ps -aq --no-trunc)" "$(<docker_test.cid)"
	exits 125 docker run --cidfile ./docker_test.cid ubuntu echo "test"
}

@test "run --pid: host, and another container's" {
	given_images alpine nginx:alpine
	at_docker 'docker run --rm -it --pid=host alpine'
	sees '# '
	type_keys 'test -d /proc/'$$' && echo se""en; exit\r'
	sees '^seen'
	wait_end
	ok docker run --rm --name my-nginx -d nginx:alpine nginx
	at_docker 'docker run --rm -it --pid=container:my-nginx \
		--cap-add SYS_PTRACE \
		--security-opt seccomp=unconfined \
		alpine'
	sees '# '
	type_keys 'cat /proc/1/cmdline | xargs -0; exit\r'
	sees '/bin/nginx'
	wait_end
	ok docker stop my-nginx
}

@test "run --userns=host" {
	given_images hello-world
	ok docker run --userns=host hello-world
	like '^ +0 +0 +4294967295$' "$(docker run --userns=host hello-world cat /proc/self/uid_map)"
}

@test "run --privileged may mount, and without it nobody may" {
	given_images ubuntu
	at_docker 'docker run -t -i --rm ubuntu bash'
	sees '# '
	type_keys 'mount -t tmpfs none /mnt; exit 3\r'
	sees '^mount: permission denied'
	wait_end 3
	at_docker 'docker run -t -i --privileged ubuntu bash'
	sees '# '
	type_keys 'mount -t tmpfs none /mnt\r'
	type_keys 'df -h\r'
	sees '^none .* /mnt'
	type_keys 'exit 0\r'
	wait_end
}

@test "run -w: a directory that is made if it is missing" {
	given_images ubuntu
	prints /path/to/dir docker run -w /path/to/dir/ ubuntu pwd
}

@test "run --tmpfs" {
	given_images my_image
	ok docker run -d --tmpfs /run:rw,noexec,nosuid,size=65536k my_image sh -c "$(forever)"
	ok docker exec --latest grep ' /run ' /proc/mounts
	like '^tmpfs /run tmpfs rw,nosuid,.*noexec.*,size=65536k'
}

@test "run -v: a directory of the host, by its path or from here" {
	given_images ubuntu
	at_docker 'docker  run  -v $(pwd):$(pwd) -w $(pwd) -i -t  ubuntu pwd'
	sees "^$PWD"
	wait_end
	mkdir content
	at_docker 'docker  run  -v ./content:/content -w /content -i -t  ubuntu pwd'
	sees '^/content'
	wait_end
	at_docker 'docker run -v $PWD/doesnt/exist:/foo -w /foo -i -t ubuntu bash'
	sees '# '
	type_keys 'touch here; pwd; exit 0\r'
	sees '^/foo'
	wait_end
	[[ -e doesnt/exist/here ]]
}

@test "run --mount type=bind" {
	given_images busybox
	mkdir data
	at_docker 'docker run -t -i --mount type=bind,src=$PWD/data,dst=/data busybox sh'
	sees '# '
	type_keys 'touch /data/here; exit\r'
	wait_end
	[[ -e data/here ]]
}

@test "run --pull=never: an image that is not there" {
	given_images ubuntu
	exits 125 docker run --pull=never hello-world
	like 'hello-world'
}

@test "run -e, --env, --env-file" {
	given_images ubuntu
	echo VAR3=x >env.list
	export MYVAR1=one
	prints 'one foo x' docker run -e MYVAR1 --env MYVAR2=foo --env-file ./env.list ubuntu bash -c \
		'echo $MYVAR1 $MYVAR2 $VAR3'
	ok docker run -e MYVAR1 --env MYVAR2=foo --env-file ./env.list ubuntu bash
	is $'VAR1=value1\nVAR2=value2' \
		"$(docker run --env VAR1=value1 --env VAR2=value2 ubuntu env | grep VAR)"
	export VAR1=value1
	export VAR2=value2
	is $'VAR1=value1\nVAR2=value2' "$(docker run --env VAR1 --env VAR2 ubuntu env | grep VAR)"
	printf '%s\n' '# This is a comment' VAR1=value1 VAR2=value2 USER >env.list
	export USER=jonzeolla
	is $'VAR1=value1\nVAR2=value2\nUSER=jonzeolla' \
		"$(docker run --env-file env.list ubuntu env | grep -E 'VAR|USER')"
}

@test "run -l, --label, --label-file" {
	given_images ubuntu
	ok docker run -l my-label --label com.example.foo=bar ubuntu bash
	is '{"com.example.foo":"bar","my-label":""}' \
		"$(docker inspect -f '{{json .Config.Labels}}' "$(docker ps -lq)")"
	printf '%s\n' 'com.example.label1="a label"' '' '# this is a comment' \
		'com.example.label2=another\ label' com.example.label3 >labels
	ok docker run --label-file ./labels ubuntu bash
	ok docker inspect -f '{{json .Config.Labels}}' "$(docker ps -lq)"
	is '"a label",another\ label,' "$(jq -j 'to_entries | map(.value) | join(",")' <<<"$output")"
}

@test "run --volumes-from, by the beginning of an id" {
	given_images ubuntu
	mkdir one two
	ok docker create -v "$PWD/one:/one" ubuntu
	first=${lines[-1]:0:12}
	ok docker create -v "$PWD/two:/two" ubuntu
	second=${lines[-1]:0:12}
	at_docker "docker run --volumes-from $first --volumes-from $second:ro -i -t ubuntu pwd"
	sees '^/'
	wait_end
	exits 1 docker run --volumes-from "$first" --volumes-from "$second:ro" ubuntu touch /one/a /two/b
	[[ -e one/a && ! -e two/b ]]
}

@test "run -d: it ends when its program does" {
	given_images my_image
	ok docker run -d my_image nginx -g 'daemon off;'
	ok docker ps --filter ancestor=my_image --format '{{.Command}}'
	is '"nginx -g '"'daemon of…"'"'
}

@test "run --device, by another name and by its own" {
	given_images ubuntu
	ok docker run --rm \
		--device=/dev/null:/dev/xvdc \
		--device=/dev/full \
		--device=/dev/zero:/dev/foobar \
		ubuntu ls -l /dev/{xvdc,full,foobar}
	like 'crw-rw-rw- +1 root +root +1, +3 .* /dev/xvdc'
	like 'crw-rw-rw- +1 .* 1, +7 .* /dev/full'
	like 'crw-rw-rw- +1 root +root +1, +5 .* /dev/foobar'
}

@test "run --device-cgroup-rule" {
	given_images my-image
	ok docker run -d --device-cgroup-rule='c 42:* rmw' --name my-container my-image nginx
	is my-container "$(names_running)"
	prints '[c 42:* rmw]' docker inspect -f '{{.HostConfig.DeviceCgroupRules}}' my-container
	ok docker create --device-cgroup-rule='b *:3 r' --device=/dev/zero:/dev/foobar:r my-image
	id=${lines[-1]}
	prints '[b *:3 r]' docker inspect -f '{{.HostConfig.DeviceCgroupRules}}' "$id"
	prints '{"PathOnHost":"/dev/zero","PathInContainer":"/dev/foobar","CgroupPermissions":"r"}' \
		docker inspect -f '{{json (index .HostConfig.Devices 0)}}' "$id"
}

@test "run -i: pipes" {
	given_images busybox
	is hello "$(echo hello | docker run --rm -i busybox cat)"
	is rab "$(docker run --rm -i busybox echo "foo bar baz" |
		docker run --rm -i busybox awk '{ print $2 }' |
		docker run --rm -i busybox rev)"
}

@test "run -it: a session" {
	given_images debian
	at_docker 'docker run -it debian'
	sees '# '
	type_keys 'factor 90\r'
	sees '^90: 2 3 3 5'
	type_keys 'exit\r'
	wait_end
}

@test "run -i and passwd; with -t what is typed is not shown" {
	given_images debian
	ok docker run -i debian passwd root < <(printf '%s\n' karjalanpiirakka9 karjalanpiirakka9)
	like 'password for root changed'
	at_docker 'docker run -it debian passwd root'
	sees 'New password:'
	type_keys 'karjalanpiirakka9\r'
	sees 'Retype password:'
	type_keys 'karjalanpiirakka9\r'
	sees 'password for root changed'
	wait_end
	unlike karjalanpiirakka "$(screen)"
}

@test "inspect of restarts and starts" {
	given_images ubuntu
	ok docker run --name my-container ubuntu true
	is 0 "$(docker inspect -f "{{ .RestartCount }}" my-container)"
	like '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]+Z$' \
		"$(docker inspect -f "{{ .State.StartedAt }}" my-container)"
}

@test "run --log-driver=none" {
	given_images nginx:alpine
	ok docker run --log-driver=none -d nginx:alpine nginx
	id=${lines[-1]}
	exits 1 docker logs "${id:0:7}"
}

@test "run --ulimit" {
	given_images debian busybox
	is 1024 "$(docker run --ulimit nofile=1024:1024 --rm debian sh -c "ulimit -n")"
	ok docker run -d -u daemon --ulimit nproc=3 busybox top
	ok docker run -d -u daemon --ulimit nproc=3 busybox top
	ok docker run -d -u daemon --ulimit nproc=3 busybox top
}

@test "run --security-opt no-new-privileges, and label=disable" {
	given_images ubuntu
	at_docker 'docker run --security-opt no-new-privileges -it ubuntu bash'
	sees '# '
	type_keys 'grep NoNewPrivs /proc/self/status; exit\r'
	sees '^NoNewPrivs:.*1'
	wait_end
	at_docker 'docker run --security-opt label=disable -it ubuntu bash'
	sees '# '
	type_keys 'exit 4\r'
	wait_end 4
}

@test "run --isolation default is what a container has without it" {
	given_images busybox
	ok docker run -d busybox top
	ok docker run -d --isolation default busybox top
	is 2 "$(docker ps -q | wc -l)"
	exits 125 docker run --isolation hyperv busybox top
}

@test "run --sysctl" {
	given_images someimage
	ok docker run --sysctl net.ipv4.ip_forward=1 someimage
	prints 1 docker run --sysctl net.ipv4.ip_forward=1 someimage cat /proc/sys/net/ipv4/ip_forward
}

# ------------------------------------------------------------------------------- create

@test "create, then start --attach -i" {
	given_images alpine
	at_docker 'docker container create -i -t --name mycontainer alpine
		docker container start --attach -i mycontainer'
	sees '# '
	type_keys 'echo hello wor""ld\r'
	sees '^hello world'
	type_keys 'exit\r'
	wait_end
	at_docker 'docker run -it --name mycontainer2 alpine'
	sees '# '
	type_keys 'echo hello wor""ld\r'
	sees '^hello world'
	type_keys 'exit\r'
	wait_end
}

@test "create: a container for its volumes" {
	given_images ubuntu
	mkdir home
	echo x >home/.profile
	ok docker create -v "$PWD/home:/docker" --name docker ubuntu
	ok docker run --rm --volumes-from docker ubuntu ls -la /docker
	like ' root +root .* \.profile'
}
