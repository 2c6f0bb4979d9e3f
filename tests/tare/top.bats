#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# top: the processes of a container, in docker's columns and podman's, or as the host's ps has them.

load ../lib/tare

needs_ps() { ps -o pid= -p $$ >/dev/null 2>&1 || skip 'needs the ps of procps'; }
# The words of a line, with one blank between.
words() { xargs <<<"$1"; }

begin_two() {
	begin box "$@" -- sh -c 'trap "exit 0" TERM; sleep 1234 & echo ready; wait'
	wait_until says_ready box
	CHILD=$(pgrep -P "$PID" -f 'sleep 1234')
}

@test "top: docker's columns, with the host's numbers" {
	begin_two --userns host
	ok tare top box
	is 'UID PID PPID C STIME TTY TIME CMD' "$(words "${lines[0]}")"
	like $'\n'"root +$PID +$(monitor_of "$PID") +[0-9]+ +[^ ]+ +\? +00:00:0[0-9] +sh -c trap "
	like $'\n'"root +$CHILD +$PID +0 +[^ ]+ +\? +00:00:00 +sleep 1234"
	((${#lines[@]} == 3))
}

@test "they are what ps -ef says" {
	needs_ps
	begin_two --userns host
	same() {
		[[ $(tare top box | tail -n +2 | tr -s ' ' | sort) == \
			"$(ps -ef | awk -v a="$PID" -v b="$CHILD" '$2 == a || $2 == b' |
				tr -s ' ' | sort)" ]]
	}
	wait_until same
	# A terminal has a name.
	ok run -d -t --name term sleep 1000
	ok tare top term
	like ' pts/[0-9]+ +00:00:00 +sleep 1000'
}

@test "a process that came by exec is there, and one that ended is not" {
	begin_two
	ok tare exec -d box sleep 4321
	shows_it() { tare top box | grep -q 'sleep 4321'; }
	wait_until shows_it
	kill -KILL "$CHILD"
	gone() { ! tare top box | grep -q 'sleep 1234'; }
	wait_until gone
}

@test "podman's words: of inside, and of the host with an h" {
	begin_two
	ok tare top box pid hpid ppid user huser comm args
	is 'PID HPID PPID USER HUSER COMMAND COMMAND' "$(words "${lines[0]}")"
	like $'\n'"1 +$PID +0 +root +[^ ]+ +sh +sh -c trap"
	like $'\n'"2 +$CHILD +1 +root +[^ ]+ +sleep +sleep 1234"
	ok tare top box pid,hpid
	is 'PID HPID' "$(words "${lines[0]}")"
	ok tare top box 'pid seccomp capeff' %C %U
	is 'PID SECCOMP EFFECTIVE CAPS %CPU USER' "$(words "${lines[0]}")"
	is "1 $(seccomp_of "$PID") " "$(words "${lines[1]}" | cut -d ' ' -f 1,2) "
}

seccomp_of() { awk '/^Seccomp:/ { print $2 == 2 ? "filter" : "disabled" }' "/proc/$1/status"; }

@test "users and groups have the names that the container has for them" {
	own_rootfs
	echo 'worker:x:77:88::/:/bin/sh' >>"$ROOTFS/etc/passwd"
	echo 'crew:x:88:' >>"$ROOTFS/etc/group"
	begin box -u worker -- sleep 1000
	ok tare top box user group ruser rgroup
	is 'worker crew worker crew' "$(words "${lines[1]}")"
	begin other -u 12345:54321 -- sleep 1000
	ok tare top other user,group
	is '12345 54321' "$(words "${lines[1]}")"
}

@test "every word of podman's that there is" {
	begin_two
	for word in args capamb capbnd capeff capinh capprm comm etime group hgroup hpid huser label \
		nice pcpu pgid pid ppid rgroup rss ruser seccomp state stime time tty user vsz \
		%a %C %c %G %g %n %P %p %r %t %U %u %x %y %z; do
		ok tare top box "$word" hpid
		is "$PID" "$(awk 'NR == 2 { print $NF }' <<<"$output")"
	done
	ok tare top box state nice rss capamb
	is 'S 0' "$(words "${lines[1]}" | cut -d ' ' -f 1,2)"
	like 'none$' "${lines[1]}"
}

@test "options of ps: the host's ps, and the container's processes only" {
	needs_ps
	begin_two
	ok tare top box -o pid,comm
	is 'PID COMMAND' "$(words "${lines[0]}")"
	is "$PID sh $CHILD sleep" "$(words "${lines[1]} ${lines[2]}")"
	((${#lines[@]} == 3))
	ok tare top box aux
	like '^USER +PID +%CPU'
	like " $CHILD .*sleep 1234"
	((${#lines[@]} == 3))
	ok tare top box -eo pid,args
	like "$CHILD +sleep 1234"
	exits 125 tare top box -o comm
	like 'no column PID'
	exits 125 tare top box --no-such-option
	like 'ps'
}

@test "options of ps where there is no ps" {
	begin_two
	exits 1 env PATH="$T" "$TARE" --root "$STATE" --cgroup-parent "$PARENT" top box -ef
	like "top box: execute the host's ps"
	like 'is not needed'
	ok env PATH="$T" "$TARE" --root "$STATE" --cgroup-parent "$PARENT" top box
	like 'sleep 1234'
}

@test "what a process calls itself does not reach the terminal" {
	begin box -- sh -c $'sleep 1000 # \e[31mred\x7f'
	ok tare top box
	unlike $'\e'
	like 'sleep 1000'
}

@test "one that is paused; --latest" {
	begin_two
	ok tare pause box
	ok tare top box hpid
	like "$CHILD"
	ok tare top --latest hpid
	like "$PID"
	ok tare top -l
	like 'sleep 1234'
}

@test "one that has ended, is not there, or is not named" {
	ok run --name box true
	exits 1 tare top box
	like 'top box: the container is not running: it is exited'
	exits 1 tare top nonesuch
	like "there is no container 'nonesuch'"
	exits 125 tare top
	like 'CONTAINER is missing'
}
