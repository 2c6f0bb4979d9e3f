# SPDX-License-Identifier: Apache-2.0
#
# Two outputs of the runner, back to back and after idle, as rows of a markdown table. Ratios are
# to crun in the same pass.

function ms(us) { return sprintf("%.2f", us / 1000) }
function ratio(x, base) { return base ? sprintf("%.2f", x / base) : "-" }

FNR == 1 { pass++ }

{
	if (pass == 1)
		order[FNR] = $1
	median[pass, $1] = $2
	p90[pass, $1] = $3
	least[pass, $1] = $4
	cpu[pass, $1] = $5
	rss[pass, $1] = $6
}

function columns_of(pass, name)
{
	return ms(median[pass, name]) " | " ms(p90[pass, name]) " | " ms(least[pass, name]) \
		" | **" ratio(median[pass, name], median[pass, "crun"]) "** | "
}

END {
	for (i = 1; i in order; i++) {
		name = order[i]
		print "| " name " | " columns_of(1, name) columns_of(2, name) \
			ms(cpu[1, name]) " | " ratio(cpu[1, name], cpu[1, "crun"]) " | " \
			rss[1, name] " | " ratio(rss[1, name], rss[1, "crun"]) " |"
	}
}
