# SPDX-License-Identifier: Apache-2.0

# unit_tests BUILD: the programs of tests/unit, as meson knows them: lines of a name and a command.
# A guest, which has no meson, is given them in a file.
unit_tests() {
	local build=$1

	cat "$build/unit-tests" 2>/dev/null && return
	meson introspect --tests "$build" |
		jq -r '.[] | select(.suite[] | endswith("unit")) | .env |= (to_entries
			| map("\(.key)=\(.value)")) | "\(.name) env \(.env + .cmd | @sh)"'
}
