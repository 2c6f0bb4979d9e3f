#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The words of tare-oci: help, version, options, what a wrong command line is told, where messages
# go. No container is made.
# shellcheck disable=SC2154 # bats sets stderr and stderr_lines

setup() {
	bats_require_minimum_version 1.5.0
	TARE_OCI=${TARE_OCI:-$BATS_TEST_DIRNAME/../../build/src/tare-oci}
	cd "$BATS_TEST_TMPDIR" || return
	mkdir state
}

tare() {
	run --separate-stderr "$TARE_OCI" --root "$BATS_TEST_TMPDIR/state" "$@"
}

# Our program with nothing in front.
bare() {
	run --separate-stderr "$TARE_OCI" "$@"
}

# is STATUS STDERR-LINE...: how it ended and what it said, whole.
is() {
	[[ $status -eq $1 ]] || { echo "status $status, not $1: $output $stderr" && return 1; }
	shift
	local IFS=$'\n'
	[[ $stderr == "$*" ]] || { printf 'said: %s\nwant: %s\n' "$stderr" "$*" && return 1; }
}

json() { jq -r "$1"; }

# ------------------------------------------------------------------------------- help and version

@test "version names the specification and what is built in" {
	bare --version
	[ "$status" -eq 0 ]
	[[ ${lines[0]} =~ ^tare-oci\ version\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	[ "${lines[1]}" = "spec: 1.3.0" ]
	[[ ${lines[2]} == *+SECCOMP* ]]
	local long=$output
	bare -v
	[ "$output" = "$long" ]
}

@test "help lists the commands, and each tells its own" {
	bare --help
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = "Usage: tare-oci [OPTION]... COMMAND [ARGUMENT]..." ]
	for verb in create start run exec state list ps kill delete pause resume update events \
		mounts spec features completion help; do
		bare --help
		[[ $output == *$'\n'"  $verb "* ]]
		bare "$verb" --help
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == "Usage: tare-oci $verb "* ]]
		local own=$output
		bare help "$verb"
		[ "$output" = "$own" ]
	done
}

@test "help wins over what is missing" {
	bare kill -h
	is 0
}

# ------------------------------------------------------------------------------- wrong words

@test "no command at all" {
	bare
	is 1 "tare-oci: COMMAND is missing" "hint: 'tare-oci --help' shows what there is"
}

@test "an unknown command" {
	bare checkpoint web
	is 1 "tare-oci: unknown command 'checkpoint'" "hint: 'tare-oci --help' shows what there is"
}

@test "an unknown option, before and after the command" {
	bare --bogus=1 list
	is 1 "tare-oci: unknown option '--bogus'" "hint: 'tare-oci --help' shows what there is"
	bare list --bogus
	is 1 "tare-oci: list: unknown option '--bogus'" \
		"hint: 'tare-oci list --help' shows what there is"
	bare list -qx
	is 1 "tare-oci: list: unknown option '-x'" \
		"hint: 'tare-oci list --help' shows what there is"
}

@test "what is not supported says so" {
	bare --criu /bin/criu list
	is 1 "tare-oci: --criu: checkpoint and restore are not supported" \
		"hint: 'tare-oci --help' shows what there is"
}

@test "operands that are missing or too many" {
	for verb in create start run exec state ps kill delete pause resume update events; do
		bare "$verb"
		is 1 "tare-oci: $verb: CONTAINER is missing" \
			"hint: 'tare-oci $verb --help' shows what there is"
	done
	bare mounts add web
	is 1 "tare-oci: mounts: FILE is missing" \
		"hint: 'tare-oci mounts --help' shows what there is"
	bare state a b
	is 1 "tare-oci: state: unexpected 'b'" "hint: 'tare-oci state --help' shows what there is"
}

@test "values that make no sense" {
	bare --log-format xml list
	[ "${stderr_lines[0]}" = "tare-oci: --log-format: 'xml' is not one of text|json" ]
	bare create --preserve-fds -1 web
	[ "${stderr_lines[0]}" = "tare-oci: create: --preserve-fds: '-1' is not a number" ]
	bare update --memory 5q web
	[ "${stderr_lines[0]}" = "tare-oci: update: --memory: '5q' is not a size" ]
	tare update --cpu-period -5 web
	is 1 "tare-oci: update web: --cpu-period: -5 is negative"
	tare kill web SIGFOO
	is 1 "tare-oci: kill web: unknown signal 'SIGFOO'"
	tare kill web 65
	is 1 "tare-oci: kill web: unknown signal '65'"
	tare events --interval 5x web
	is 1 "tare-oci: events web: --interval: '5x' is not a duration such as 5s"
	tare kill --regex 'a[' KILL
	[ "$status" -eq 1 ]
	[[ $stderr == *"--regex: 'a['"* ]]
	tare --systemd-cgroup --cgroup-manager cgroupfs list
	is 1 "tare-oci: list: --systemd-cgroup contradicts --cgroup-manager"
}

@test "rootless takes a value or none" {
	for form in --rootless --rootless=true --rootless=false --rootless=auto; do
		bare "$form" features
		is 0
	done
	bare --rootless true features
	is 0
	bare --rootless features
	is 0
	bare --rootless=maybe features
	[ "$status" -eq 1 ]
}

# ------------------------------------------------------------------------------- containers

@test "a container that does not exist" {
	for verb in state start pause resume ps kill delete events; do
		tare "$verb" nobody
		[ "$status" -eq 1 ]
		[[ ${stderr_lines[0]} == "tare-oci: $verb nobody: "* ]]
		[ "${#stderr_lines[@]}" -le 2 ]
		[ -z "$output" ]
	done
}

@test "delete --force of nothing is done" {
	tare delete --force nobody
	is 0
	tare delete nobody
	[ "$status" -eq 1 ]
}

@test "no id leads out of the state directory" {
	for id in ../x . .. a/b '' $'a\nb'; do
		for verb in state start pause resume ps kill delete "delete --force" "exec -t" \
			create run events "events --stats"; do
			# shellcheck disable=SC2086 # a verb and its options
			tare $verb "$id" true
			[ "$status" -eq 1 ]
		done
	done
	[ -z "$(ls -A state)" ]
}

@test "an empty list" {
	tare list
	is 0
	[[ $output =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER$ ]]
	tare list --quiet
	is 0
	[ -z "$output" ]
	tare list --format json
	is 0
	[ "$output" = "[]" ]
}

# ------------------------------------------------------------------------------- messages

@test "with a log file, errors go there and to stderr" {
	tare --log log --log-format json state nobody
	[ "$status" -eq 1 ]
	[[ $stderr == "tare-oci: state nobody: "* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
	[ "$(wc -l <log)" -eq 1 ]
	[ "$(json .level <log)" = error ]
	[[ $(json .msg <log) == "state nobody: "* ]]
	[[ $(json .time <log) =~ ^[0-9-]{10}T[0-9:]{8}\.[0-9]+Z$ ]]
	[ "$(stat -c %a log)" = 600 ]
}

@test "a log file is appended to" {
	echo before >log
	tare --log=log state nobody
	[ "$(head -1 log)" = before ]
	[[ $(tail -1 log) =~ ^time=\"[^\"]+\"\ level=error\ msg=\"state\ nobody:\ .*\"$ ]]
}

@test "wrong words are logged as well" {
	tare --log log --log-format json state --bogus nobody
	[ "$status" -eq 1 ]
	[ "$(json .msg <log)" = "state: unknown option '--bogus'" ]
}

@test "json without a log file is what stderr gets" {
	tare --log-format json state nobody
	[ "$status" -eq 1 ]
	[ "$(json .level <<<"$stderr")" = error ]
}

@test "a log file that cannot be opened" {
	tare --log nowhere/log list
	is 1 "tare-oci: open log file 'nowhere/log': no such file or directory"
}

# ------------------------------------------------------------------------------- other words

@test "features is a document of the specification" {
	bare features
	is 0
	[ "$(json .ociVersionMax <<<"$output")" = 1.3.0 ]
	[ "$(json '.linux.namespaces | contains(["time"])' <<<"$output")" = true ]
	[ "$(json '.linux.capabilities | length' <<<"$output")" -ge 41 ]
	[ "$(json '.linux.seccomp.knownFlags | contains(["SECCOMP_FILTER_FLAG_LOG"])' \
		<<<"$output")" = true ]
}

@test "spec writes a config.json and never over one" {
	mkdir b
	bare spec --bundle b
	is 0
	[ "$(json '.process.args | join(" ")' <b/config.json)" = sh ]
	echo mine >b/config.json
	bare spec --bundle b
	is 1 "tare-oci: spec: 'config.json' exists; remove it first"
	[ "$(cat b/config.json)" = mine ]
}

@test "spec --rootless maps the caller to root" {
	bare spec --rootless
	is 0
	[ "$(json '.linux.uidMappings[0].hostID' <config.json)" = "$(id -u)" ]
	[ "$(json '.linux | has("resources")' <config.json)" = false ]
}

@test "completion for shells" {
	for shell in bash zsh fish; do
		bare completion "$shell"
		is 0
		[[ $output == *console-socket* ]]
	done
	bare completion ksh
	[ "$status" -eq 1 ]
}

# What bash offers for the last of these words.
offered() {
	"$TARE_OCI" completion bash >completion
	# shellcheck disable=SC2016 # the inner shell expands these
	bash -c 'source ./completion; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tare_oci
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
}

@test "bash completes commands, options and their words" {
	run offered tare-oci cre
	[ "$output" = create ]
	run offered tare-oci create --no-p
	[ "$output" = --no-pivot ]
	run offered tare-oci --log-format ''
	[ "$output" = $'text\njson' ]
	run offered tare-oci list -f j
	[ "$output" = json ]
	run offered tare-oci mounts rem
	[ "$output" = remove ]
}
