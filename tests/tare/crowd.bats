#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# alone: fifty at once, and what they do is looked at as they do it
#
# A crowd on one store: fifty make, list, stop, rename and remove containers, each whatever it draws,
# for CROWD_SECONDS. Names are scarce, so they want the same ones. Nobody is ever told what can't be.

load ../lib/tare

CROWD=50
NAMES=(one two three four five six seven eight nine ten)

# What a command may say when another was faster, and nothing else.
faster='^tare: [a-z]+( [a-z]+)?: ([a-z]+: )?(there is no container|the name .* is taken|the container is'
faster+='|it was removed|that is its name|container [0-9a-f]{12} is half|somebody else)'

# blame WORDS ...: what must not be.
blame() { printf '%s\n' "$*" >>"$T/blame"; }

# attempt COMMAND ...: it succeeds, or another was faster, by whom its container may have been
# killed; what it says is in $said.
attempt() {
	local rc=0

	said=$("$@" 2>&1) || rc=$?
	((rc == 0)) && return
	[[ $rc == 137 && $1 == run ]] && return
	[[ $rc == @(1|125) ]] && grep -qE "$faster" <<<"$said" || blame "$rc: $*: $said"
	return 1
}

# ------------------------------------------------------------------------------- what they do

any_name() { echo "${NAMES[RANDOM % ${#NAMES[@]}]}"; }
long='while :; do sleep 1000 & wait $!; done'

do_run() { attempt run --name "$(any_name)" true; }
do_run_rm() { attempt run --rm true || blame "run --rm: $said"; }
do_run_d() { attempt run -d --rm --name "$(any_name)" sh -c "$long" || true; }
do_rm() { attempt tare rm -f "$(any_name)" || true; }
do_stop() { attempt tare stop -t 0 "$(any_name)" || true; }
do_rename() { attempt tare rename "$(any_name)" "$(any_name)" || true; }
do_ps() { listed tare ps; }
do_ps_all() { listed tare ps -a; }

# One of our own, by an id that nobody else has: it is known until we remove it.
do_own() {
	local id

	id=$(run -d sh -c "$long" 2>"$T/own-$BASHPID") || {
		blame "run -d: $(<"$T/own-$BASHPID")" && return
	}
	[[ $(tare inspect --format '{{.Id}}' "$id" 2>&1) == "$id" ]] || blame "inspect: $id is unknown"
	[[ $(tare rm -f "$id" 2>&1) == "$id" ]] || blame "rm -f: $id"
	! tare inspect "$id" >/dev/null 2>&1 || blame "rm -f: $id is still there"
}

# A list has no failure, no warning, no name twice and no line that is less than a container.
listed() {
	local rc=0 list twice

	list=$("$@" --format '{{.ID}} {{.Names}} {{.State}}' 2>&1) || rc=$?
	((rc == 0)) || blame "$*: $rc: $list"
	! grep -qvE '^([0-9a-f]{12} [a-z_0-9]+ (created|running|exited|paused))?$' <<<"$list" ||
		blame "$*: $(grep -vE '^[0-9a-f]{12} [a-z_0-9]+ [a-z]+$' <<<"$list")"
	twice=$(cut -d ' ' -f 1 <<<"$list" | sort | uniq -d)
	[[ -z $twice ]] || blame "$*: twice: $twice"
}

deeds=(do_run do_run_rm do_run_d do_run_d do_own do_rm do_rm do_stop do_rename do_ps do_ps_all)

work() {
	local deed

	RANDOM=$1
	while ((EPOCHSECONDS < UNTIL)); do
		deed=${deeds[RANDOM % ${#deeds[@]}]}
		"$deed" || true
		echo "$deed" >>"$T/did-$1"
	done
}

# ------------------------------------------------------------------------------- what holds

# Every name leads to one container, which has that name; every container has a record, and what
# has ended has an end. Each look has `|| return`: who waits for it turns off the shell's own.
is_consistent() {
	local link id
	local -a ids

	for link in "$STATE"/names/*; do
		[[ -L $link ]] || continue
		id=$(readlink "$link")
		is "${link##*/}" "$(member "$id" '.Name[1:]')" || return 1
	done
	mapfile -t ids < <(ls "$STATE/containers")
	for id in "${ids[@]}"; do
		is "$id" "$(readlink "$STATE/names/$(member "$id" '.Name[1:]')")" || return 1
		like '^(running .* 0001-01-01T00:00:00Z|exited [0-9]+ 2.*)$' \
			"$(member "$id" '.State | "\(.Status) \(.ExitCode) \(.FinishedAt)"')" || return 1
	done
	is "${#ids[@]}" "$(find "$STATE/names" -type l | wc -l)" || return 1
	is "${#ids[@]}" "$(tare ps -aq | wc -l)" || return 1
	for id in "$STATE"/ids/*; do
		[[ ! -L $id ]] || [[ -d $STATE/containers/$(readlink "$id") ]] || return 1
	done
}

# In the end nobody is at anything any more.
is_quiet() { [[ -z $(find "$STATE/containers" -name '*.new') ]] && is_consistent >"$T/seen" 2>&1; }

@test "fifty at once: names, records and lists are right throughout, and nothing is left" {
	local -a pids ids
	local i

	ok run --rm true
	: >"$T/blame"
	UNTIL=$((EPOCHSECONDS + ${CROWD_SECONDS:-20}))
	for ((i = 1; i <= CROWD; i++)); do
		work $i &
		pids+=($!)
	done
	wait "${pids[@]}"
	is '' "$(sort "$T/blame" | uniq -c | sort -rn | head -n 40)"
	wait_until is_quiet || { cat "$T/seen" && return 1; }
	cat "$T"/did-* | sort | uniq -c
	# Each was done.
	is 9 "$(cat "$T"/did-* | sort -u | wc -l)"
	mapfile -t ids < <(tare ps -aq)
	((${#ids[@]} == 0)) || ok tare rm -f "${ids[@]}"
	nothing_left
}
