#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# People at real terminals, drawn and typed at by tmux: a container's shell in a pane, its size, those
# who leave and come back, and two who look at once.

load ../lib/tare

# A server of this test's own, whose sessions are the terminals; it lives in the test's directory.
tmux() { timeout 20 tmux -f /dev/null -S "$T/tmux" "$@" 3>&- {PAUSE}>&- {GATE}>&-; }

test_ends() { tmux kill-server 2>/dev/null || true; }

# sit NAME SCRIPT: a terminal of 80 columns and 24 lines, where bash runs it; its status is in $T/NAME.
sit() {
	{
		session_head
		printf '%s\n' "$2"
		echo "echo \$? >'$T/$1'; echo it has ended; exec sleep 1000"
	} >"$T/$1.session"
	tmux new-session -d -s "$1" -x 80 -y 24 "bash '$T/$1.session'"
}

pane() { tmux capture-pane -p -t "$1"; }
has_drawn() { pane "$1" | grep -qE -- "$2"; }
# draws NAME PATTERN: that terminal shows it, soon.
draws() { wait_until has_drawn "$@" || { pane "$1" && return 1; }; }
types() { tmux send-keys -t "$1" "${@:2}"; }
# left NAME STATUS: what ran there has ended.
left() {
	wait_until test -s "$T/$1" || { pane "$1" && return 1; }
	is "$2" "$(<"$T/$1")"
}

@test "a shell: what is typed is answered" {
	sit one 'run --name box -it sh'
	draws one '# *$'
	types one 'echo $((6 * 7)); tty' Enter
	draws one '^42'
	draws one '^/dev/(pts/0|console)'
	types one 'exit 5' Enter
	left one 5
	has_exited box
}

@test "the size is the pane's, and follows it" {
	sit one 'run --name box -it sh'
	draws one '# *$'
	types one 'stty size' Enter
	draws one '^24 80'
	tmux resize-window -t one -x 101 -y 33
	wait_until has_size box '33 101'
	types one 'stty size' Enter
	draws one '^33 101'
	types one 'exit' Enter
	left one 0
}

has_size() { [[ $(tare exec "$1" stty -F /dev/console size 2>&1) == "$2" ]]; }

@test "a line that is longer than the pane is edited in it" {
	sit one 'run --name box -it sh'
	draws one '# *$'
	types one "echo $(printf 'x%.0s' {1..90})y"
	types one BSpace BSpace
	types one 'z; exit 3' Enter
	draws one 'xz$'
	left one 3
}

@test "who leaves by ctrl-p ctrl-q comes back by attach" {
	sit one 'run --name box -it sh'
	draws one '# *$'
	types one 'A=kept' Enter
	types one C-p C-q
	left one 0
	draws one 'it has ended'
	is_running box
	sit two 'tare attach box'
	wait_until is_raw two
	types two 'echo $A twice $A' Enter
	draws two '^kept twice kept'
	types two 'exit 9' Enter
	left two 9
	has_exited box
}

is_raw() { [[ $(stty -F "$(tmux display-message -p -t "$1" '#{pane_tty}')" -a) == *-icanon* ]]; }

@test "two who look at once see the same, and either may type" {
	sit one 'run --name box -it sh'
	draws one '# *$'
	sit two 'tare attach box'
	wait_until is_raw two
	types one 'echo from""one' Enter
	draws one '^fromone'
	draws two '^fromone'
	types two 'echo from""two' Enter
	draws two '^fromtwo'
	draws one '^fromtwo'
	types two C-p C-q
	left two 0
	types one 'exit 4' Enter
	left one 4
}

@test "ctrl-c reaches the container, and not who is at it" {
	sit one 'run --name box -it sh -c "trap \"echo got INT\" INT; echo ready
		while :; do read x && exit 6; done"'
	draws one '^ready'
	types one C-c
	draws one 'got INT'
	is_running box
	types one Enter
	left one 6
}

@test "ctrl-c ends what runs in its shell, and the shell goes on" {
	sit one 'run --name box -it sh'
	draws one '# *$'
	types one 'echo began; cat' Enter
	draws one '^began'
	types one C-c
	types one 'echo af""ter; exit 8' Enter
	draws one '^after'
	left one 8
}

@test "exec -it beside it: a terminal of its own size" {
	sit one 'run --name box -it sh'
	draws one '# *$'
	sit two 'tare exec -it box sh'
	draws two '# *$'
	tmux resize-window -t two -x 60 -y 20
	types two 'stty size' Enter
	draws two '^20 60'
	types one 'stty size' Enter
	draws one '^24 80'
	types two 'exit 7' Enter
	left two 7
	is_running box
	types one 'exit' Enter
	left one 0
}

@test "a program that draws: its cursor arrives where it should" {
	sit one 'run --name box -it sh'
	draws one '# *$'
	types one 'printf "\033[2J\033[10;20Hhere\033[12;1H"' Enter
	draws one '^ {19}here'
	types one 'vi /tmp/file' Enter
	draws one '^~'
	types one 'ia word' Escape
	draws one '^- /tmp/file'
	types one ':wq' Enter
	draws one '# *$'
	types one 'cat /tmp/file; exit' Enter
	draws one '^a word'
	left one 0
}

@test "a pane that is closed: the container goes on" {
	sit one 'run --name box -it sh -c "trap : HUP; echo ready; while :; do sleep 1000 & wait \$!
		done"'
	draws one '^ready'
	tmux kill-session -t one
	ok tare exec box true
	is_running box
	ok tare rm -f box
}
