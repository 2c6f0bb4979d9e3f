# SPDX-License-Identifier: Apache-2.0
#
# Reads an allow-list (`file function reason ...`), then the output of calls.awk. Prints what is not
# allowed, and each line of the list that allows nothing any more.

FILENAME != "-" {
	if ($0 ~ /^[ \t]*(#|$)/)
		next
	if (NF < 4) {
		printf "%s:%d: an exception needs a reason: file function reason\n", FILENAME, FNR
		bad = 1
	}
	line_of[$1 " " $2] = FNR
	list = FILENAME
	next
}

{
	split($1, at, ":")
	key = at[1] " " $2
	if (key in line_of) {
		used[key] = 1
		next
	}
	printf "%s: %s uses %s\n", $1, $2, $3
	bad = 1
}

END {
	for (key in line_of)
		if (!(key in used)) {
			printf "%s:%d: '%s' is not needed any more\n", list, line_of[key], key
			bad = 1
		}
	exit bad
}
