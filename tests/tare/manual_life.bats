#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The examples of docker's manual for what a container lives through, as they stand there: start, stop,
# restart, kill, pause, unpause, wait, rm, rename, update, attach and exec. Left out are those that
# need links (rm --link), volumes by name, or restart policies (update --restart).

load ../lib/manual

# ------------------------------------------------------------------------------- stop to remove

@test "stop, start, restart" {
	given_images nginx
	ok docker run -d --name my_container nginx nginx
	wait_until says_ready my_container
	prints my_container docker stop my_container
	has_exited my_container
	prints my_container docker start my_container
	is_running my_container
	wait_until is_ready_again my_container
	prints my_container docker restart my_container
	is_running my_container
}

is_ready_again() { (($(docker logs "$1" | grep -c ready) == 2)); }

@test "kill: SIGKILL by default" {
	given_images nginx
	ok docker run -d --name my_container nginx nginx
	prints my_container docker kill my_container
	prints 137 docker wait my_container
}

@test "kill --signal: by name and by number" {
	given_images busybox
	ok docker run -d --name my_container busybox sh -c 'trap "echo HUP" HUP; echo ready
		while :; do sleep 1000 & wait $!; done'
	wait_until says_ready my_container
	ok docker kill --signal=SIGHUP  my_container
	wait_until has_said_hup 1
	ok docker kill --signal=SIGHUP my_container
	wait_until has_said_hup 2
	ok docker kill --signal=HUP my_container
	wait_until has_said_hup 3
	ok docker kill --signal=1 my_container
	wait_until has_said_hup 4
	is_running my_container
}

has_said_hup() { (($(docker logs my_container | grep -c HUP) == $1)); }

@test "pause, unpause" {
	given_images busybox
	ok docker run -d --name my_container busybox top
	prints my_container docker pause my_container
	prints my_container docker unpause my_container
	is_running my_container
}

@test "wait: until somebody stops it" {
	given_images ubuntu
	ok docker run -dit --name=my_container ubuntu bash
	exec_tare wait my_container >"$T/waited" 2>&1 &
	waiter=$!
	hold $waiter
	ok docker stop -t 0 my_container
	wait $waiter
	is 137 "$(<"$T/waited")"
	prints 137 docker wait my_container
}

@test "rm: by its name, with a slash before it, by force, and with volumes" {
	given_images redis
	ok docker create --name redis redis
	exits 1 docker rm "/redis/" "//redis" "$STATE/names/redis"
	prints /redis docker rm /redis
	ok docker run -d --name redis redis redis-server
	exits 1 docker rm redis
	like 'redis'
	prints redis docker rm --force redis
	ok docker create --name redis redis
	prints redis docker rm -v redis
	has_none
}

@test "rm: all that have ended, and no other" {
	given_images busybox
	ok docker run busybox true
	ok docker run busybox true
	ok docker run -d --name runs busybox top
	ended=$(docker ps -a -f "status=exited" -q)
	# shellcheck disable=SC2046 # they are words
	prints "$ended" docker rm $(docker ps -a -f "status=exited" -q)
	is runs "$(names_all)"
}

@test "rename" {
	given_images busybox
	ok docker run -d --name my_container busybox top
	ok docker rename my_container my_new_container
	is my_new_container "$(names_all)"
}

@test "update --cpu-shares, and --memory of two" {
	needs_controller memory
	needs_controller cpu
	given_images busybox
	ok docker run -d busybox top
	id=${lines[-1]}
	ok docker run -d --name hopeful_morse busybox top
	prints "${id:0:12}" docker update --cpu-shares 512 "${id:0:12}"
	prints "${id:0:12}"$'\nhopeful_morse' docker update --cpu-shares 512 -m 300M "${id:0:12}" hopeful_morse
	prints $'512 314572800\n512 314572800' docker inspect \
		-f '{{.HostConfig.CpuShares}} {{.HostConfig.Memory}}' "$id" hopeful_morse
}

# ------------------------------------------------------------------------------- attach

@test "attach, and ctrl-c ends who has no terminal" {
	given_images alpine
	ok docker run -d --name topdemo alpine sh -c "$(forever 'trap "exit 130" INT')"
	wait_until says_ready topdemo
	at_docker 'docker attach topdemo'
	wait_until has_attached topdemo
	type_keys '\003'
	wait_end 130
	ok docker ps -a --filter name=topdemo
	like 'alpine .* Exited \(130\) .* topdemo'
}

# The monitor has a socket for each who is there, and the one where it listens.
has_attached() {
	local monitor
	monitor=$(monitor_of "$(member "$1" .State.Pid)")
	(($(find "/proc/$monitor/fd" -lname 'socket:*' | wc -l) >= 2))
}

@test "attach, and ctrl-p ctrl-q leaves who has one" {
	given_images ubuntu:22.04
	ok docker run -dit --name topdemo2 ubuntu:22.04 /usr/bin/top -b
	at_docker 'docker attach topdemo2'
	sees 'COMMAND'
	type_keys '\020\021'
	wait_end 0
	ok docker ps -a --filter name=topdemo2
	like 'ubuntu:22.04 +"/usr/bin/top -b" .* Up .* topdemo2'
}

@test "attach has the exit status of what it was at" {
	given_images alpine
	ok docker run --name test -dit alpine
	at_docker 'docker attach test'
	wait_until has_attached test
	type_keys 'exit 13\r'
	wait_end 13
	ok docker ps -a --filter name=test
	like 'alpine +"sh" .* Exited \(13\) .* test'
}

# ------------------------------------------------------------------------------- exec

@test "exec: in the background, at a terminal, and with variables" {
	given_images alpine
	ok docker run --name mycontainer -d -i -t alpine /bin/sh
	ok docker exec -d mycontainer touch /tmp/execWorks
	wait_until docker exec mycontainer test -e /tmp/execWorks
	at_docker 'docker exec -it mycontainer sh'
	sees '# '
	type_keys 'ls /tmp; exit 3\r'
	sees '^execWorks'
	wait_end 3
	ok docker exec -e VAR_A=1 -e VAR_B=2 mycontainer env
	like $'\nVAR_A=1\nVAR_B=2\n|^VAR_A=1|VAR_A=1\nVAR_B=2'
	like 'HOSTNAME='
	like 'HOME=/root'
}

@test "exec: one command, not a line of a shell" {
	given_images alpine
	ok docker run --name my_container -d -i -t alpine /bin/sh
	at_docker 'docker exec -it my_container sh -c "echo a && echo b"'
	wait_end
	sees '^a'
	sees '^b'
	at_docker 'docker exec -it my_container "echo a && echo b"'
	wait_end 127
}

@test "exec --workdir" {
	given_images alpine
	ok docker run --name mycontainer -d -i -t alpine /bin/sh
	at_docker 'docker exec -it mycontainer pwd'
	wait_end
	sees '^/$'
	at_docker 'docker exec -it -w /root mycontainer pwd'
	wait_end
	sees '^/root$'
}

@test "exec in one that is paused" {
	given_images alpine
	ok docker run --name mycontainer -d -i -t alpine /bin/sh
	prints mycontainer docker pause mycontainer
	ok docker ps
	like 'alpine +"/bin/sh" .* Up .* \(Paused\) .* mycontainer'
	exits 125 docker exec mycontainer sh # docker: 1, as if sh had ended so
	like 'paused'
	ok docker unpause mycontainer
}
