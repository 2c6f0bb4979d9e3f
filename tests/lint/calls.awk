# SPDX-License-Identifier: Apache-2.0
#
# Prints `file:line function call` for each use of a name that `names`, a regular expression,
# matches and that stands as a word of its own: a function's name before its parenthesis, or a
# constant. Comments and strings do not count. Knows the house's layout: a function's head begins
# in the first column, its braces stand there alone.

function strip(s, out, at)
{
	out = ""
	while (s != "") {
		if (in_comment) {
			at = index(s, "*/")
			if (!at)
				return out
			in_comment = 0
			s = substr(s, at + 2)
		} else if (match(s, /"([^"\\]|\\.)*"|'([^'\\]|\\.)*'|\/\*|\/\//)) {
			out = out substr(s, 1, RSTART - 1)
			at = substr(s, RSTART, 2)
			s = substr(s, RSTART + RLENGTH)
			if (at == "//")
				return out
			if (at == "/*")
				in_comment = 1
			else
				out = out "\"\""
		} else {
			return out s
		}
	}
	return out
}

function function_name(s)
{
	sub(/\(.*/, "", s)
	sub(/.*[ *]/, "", s)
	return s
}

FNR == 1 { in_comment = 0; where = "-" }

{
	code = strip($0)
	# Attributes in front of a function's name are not its name.
	if (code ~ /^[a-z]/) {
		head = code
		gsub(/__attribute__\(\([^)]*(\([^)]*\))?[^)]*\)\)/, "", head)
		if (head ~ /[a-z0-9_]+\(/ && head !~ /^(typedef|#)/)
			where = function_name(head)
	}
	if (code ~ /^[ \t]*#[ \t]*include/ || code ~ /^[a-z].*\);/)
		next
	while (match(code, "(^|[^A-Za-z0-9_.>])(" names ")")) {
		hit = substr(code, RSTART, RLENGTH)
		gsub(/^[^A-Za-z_]|[ (]*$/, "", hit)
		printf "%s:%d %s %s\n", FILENAME, FNR, where, hit
		code = substr(code, RSTART + RLENGTH)
	}
}
