#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A swarm of one node keeps its services at their size, with this runtime below it: what is to run is
# said once, and the engine starts and replaces containers.

load ../lib/oci
load ../lib/daemons

file_begins() {
	command -v dockerd >/dev/null || skip 'needs docker.io'
	export D=$FILE_TMP/d PARENT=$PREFIX-swarm NODE=10.99.0.1
	mkdir "$D"
	image_new
	containerd_configure
	docker_configure '.bridge = "none"'
	daemons_start
	docker load --quiet --input "$D/image.tar"
	docker swarm init --listen-addr $NODE --advertise-addr $NODE >/dev/null
}

file_ends() { daemons_end; }
test_ends() { daemons_tell; }

running() { docker ps --quiet --no-trunc --filter label=com.docker.swarm.service.name=web; }
runs() { [[ $(running | wc -l) == "$1" ]]; }
replaced() { [[ $(running) != *"$1"* ]]; }
tasks_are() { [[ $(docker service ps --format '{{.CurrentState}}' web | grep -c "^$2") == "$1" ]]; }
none_left() { [[ -z $(docker ps --all --quiet) ]]; }

@test "a service has three replicas, then six; one that is killed is replaced" {
	# By its id, so that no registry is asked for the image.
	image=$(docker image inspect --format '{{.Id}}' $IMAGE)
	ok docker service create --detach --name web --replicas 3 --network host \
		--no-resolve-image --limit-memory 32m --limit-pids 20 --restart-delay 0s \
		"$image" sh -c 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done'
	wait_until runs 3
	ok docker service scale --detach web=6
	wait_until runs 6
	for id in $(running); do
		is tare "$(docker inspect --format '{{.HostConfig.Runtime}}' "$id")"
		is 33554432 "$(knob memory "$id" memory.limit_in_bytes)"
		is 20 "$(knob pids "$id" pids.max)"
	done

	victim=$(running | head -n 1)
	ok docker kill "$victim"
	wait_until replaced "$victim"
	wait_until runs 6
	wait_until tasks_are 6 Running
	tasks_are 1 Failed

	ok docker service rm web
	wait_until none_left
	is '' "$(cgroups_of '*')"
}
