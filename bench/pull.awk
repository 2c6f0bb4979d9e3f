# SPDX-License-Identifier: Apache-2.0
#
# What bench/image noted, as a markdown table of one `kind`, pull or remove. A line is a kind, a
# name, and wall and CPU time in us; or `memory`, a name, and the peak in KiB of all processes and of
# the largest. What is to be reached on `what` goes to the file `targets`.

BEGIN {
	order = split("tare podman umoci docker untar untar2 digest digest2 whole whole2", names, " ")
	title["tare"] = "**tare**"
	title["podman"] = "podman"
	title["umoci"] = "skopeo copy, umoci unpack"
	title["docker"] = "docker"
	title["untar"] = "floor: `igzip -dc \\| tar -x`"
	title["untar2"] = "the same, two layers at once"
	title["digest"] = "floor: `openssl dgst` of blobs and archives"
	title["digest2"] = "the same, two layers at once"
	title["whole"] = "floor: download, both digests, `igzip`, `tar`"
	title["whole2"] = "the same, two layers at once"
}

$1 == "memory" { all_kib[$2] = $3; largest_kib[$2] = $4 }
$1 == kind { n = ++count[$2]; wall[$2, n] = $3; cpu[$2, n] = $4 }

# Of what `name` has in `from` the value that so many percent do not exceed.
function percentile(from, name, percent,    sorted, i, j)
{
	for (i = 1; i <= count[name]; i++) {
		for (j = i; j > 1 && sorted[j - 1] > from[name, i]; j--)
			sorted[j] = sorted[j - 1]
		sorted[j] = from[name, i]
	}
	return sorted[int((count[name] * percent + 99) / 100)]
}

function s(us) { return sprintf("%.2f", us / 1000000) }
function ratio(x, base) { return base ? sprintf("%.2f", x / base) : "-" }
function mib(kib) { return kib ? sprintf("%.0f", kib / 1024) : "-" }

function row(name,    w, c)
{
	w = percentile(wall, name, 50)
	c = percentile(cpu, name, 50)
	printf "| %s | %s | %s | **%s** |", title[name], s(w), s(percentile(wall, name, 90)),
		ratio(w, podman_wall)
	if (kind == "pull")
		printf " %s |", ratio(w, floor_wall)
	printf " %s | %s | **%s** |", s(c), s(percentile(cpu, name, 90)), ratio(c, podman_cpu)
	if (kind == "pull")
		printf " %s | %s |", mib(all_kib[name]), mib(largest_kib[name])
	print ""
}

# Without one of the two there is nothing to compare.
function target(title, x, base, most)
{
	if (x && base)
		printf "| %s, %s | %.2f | %.2f | %s |\n", title, what, x / base, most,
			x / base <= most ? "yes" : "no" >>targets
}

function show_targets(    w, c)
{
	w = percentile(wall, "tare", 50)
	c = percentile(cpu, "tare", 50)
	if (kind == "remove") {
		target("rmi: wall to podman", w, podman_wall, 0.5)
		return
	}
	target("pull: CPU to podman", c, podman_cpu, 0.22)
	target("pull: wall to podman", w, podman_wall, 0.25)
	target("pull: wall to the best whole floor", w, floor_wall, 1.3)
	target("pull: RSS of all in MiB", all_kib["tare"], 1024, 64)
}

END {
	podman_wall = percentile(wall, "podman", 50)
	podman_cpu = percentile(cpu, "podman", 50)
	floor_wall = percentile(wall, "whole", 50)
	other = percentile(wall, "whole2", 50)
	if (!floor_wall || (other && other < floor_wall))
		floor_wall = other
	if (kind == "pull") {
		print "| | wall s | p90 | to podman | to the best whole floor | CPU s | p90" \
			" | to podman | RSS MiB, all | largest |"
		print "|---|---|---|---|---|---|---|---|---|---|"
	} else {
		print "| | wall s | p90 | to podman | CPU s | p90 | to podman |"
		print "|---|---|---|---|---|---|---|"
	}
	for (i = 1; i <= order; i++)
		if (count[names[i]])
			row(names[i])
	show_targets()
}
