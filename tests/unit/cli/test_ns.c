/* SPDX-License-Identifier: Apache-2.0 */
/* What `tare ns` says of made-up processes. */
#include "cli/tare/ns.h"

#include "cli/tare/quantity.h"
#include "tap.h"

#include <ctype.h>
#include <stdlib.h>

#define ONE(text, call) words_are(text, ({ struct buf b_ = {}; struct buf *out = &b_; call; b_; }))

static bool words_are(const char *want, struct buf got)
{
	bool ok = CHECK_STR(buf_str(&got), want);

	buf_done(&got);
	return ok;
}

static bool bytes_are_rounded_for_people(void)
{
	return ONE("0 B", quantity_bytes(out, 0)) && ONE("1023 B", quantity_bytes(out, 1023)) &&
	       ONE("1 KiB", quantity_bytes(out, 1024)) &&
	       ONE("3.1 MiB", quantity_bytes(out, 3250586)) &&
	       ONE("64 MiB", quantity_bytes(out, 64 << 20)) &&
	       ONE("100 MiB", quantity_bytes(out, (100 << 20) + 4096)) &&
	       ONE("1.5 GiB", quantity_bytes(out, 3ULL << 29)) &&
	       ONE("16 EiB", quantity_bytes(out, UINT64_MAX));
}

static bool times_have_one_unit(void)
{
	return ONE("0 seconds", quantity_age(out, 0)) && ONE("1 second", quantity_age(out, 1)) &&
	       ONE("59 seconds", quantity_age(out, 59)) && ONE("1 minute", quantity_age(out, 60)) &&
	       ONE("23 hours", quantity_age(out, 86399)) &&
	       ONE("3 days", quantity_age(out, 300000)) &&
	       ONE("0 us", quantity_cpu_time(out, 0)) &&
	       ONE("1.2 s", quantity_cpu_time(out, 1200000000)) &&
	       ONE("850 ms", quantity_cpu_time(out, 850000000)) &&
	       ONE("3.5 h", quantity_cpu_time(out, 12600000000000));
}

static bool cpus_are_parts_of_one_or_several(void)
{
	return ONE("half of one cpu", quantity_cpus(out, 50000, 100000)) &&
	       ONE("one cpu", quantity_cpus(out, 100000, 100000)) &&
	       ONE("a quarter of one cpu", quantity_cpus(out, 2500, 10000)) &&
	       ONE("1.5 cpus", quantity_cpus(out, 150000, 100000)) &&
	       ONE("8 cpus", quantity_cpus(out, 800000, 100000)) &&
	       ONE("10% of one cpu", quantity_cpus(out, 10000, 100000)) &&
	       ONE("12.5% of one cpu", quantity_cpus(out, 12500, 100000));
}

static bool ranges_are_sentences(void)
{
	static const struct idmap_range many = { 0, 100000, 65536 }, one = { 0, 1000, 1 },
					all = { 0, 0, UINT32_MAX };

	return ONE("uids 0-65535 inside are 100000-165535 outside",
		   quantity_range(out, "uid", &many)) &&
	       ONE("gid 0 inside is 1000 outside", quantity_range(out, "gid", &one)) &&
	       ONE("uids 0-4294967294 inside are the same outside",
		   quantity_range(out, "uid", &all));
}

/* ------------------------------------------------------------------------------- one process */

/* No line of a table is wider than a terminal. */
static bool is_narrow(const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (!CHECK(strcspn(text, "\n") <= NS_COLUMNS))
			return false;
	return true;
}

static bool has(const char *text, const char *line)
{
	if (strstr(text, line))
		return true;
	printf("# no \"%s\" in:\n# %s\n", line, text);
	return false;
}

static struct nsview_namespace namespaces[NS_KIND_MAX_];
static struct nsview_process processes[2];
static struct nsview_group groups[3];
static struct nsview_ids ids;

/* A container whose user and pid namespaces are its own. */
static struct nsview example(void)
{
	static const struct idmap_range uids[] = { { 0, 100000, 65536 } };
	static uint32_t others[] = { 8124 }, pids[2][3] = { { 8123, 1 }, { 8124, 7, 1 } };
	struct nsview view = { .host_pid = 8123, .age_s = 61, .n_hidden = 1 };

	for (int kind = 0; kind < NS_KIND_MAX_; kind++)
		namespaces[kind] = (struct nsview_namespace){ .kind = kind, .whose = NS_OF_HOST,
							      .ino = 4026531830, .n_others = 77 };
	for (int kind = NS_USER; kind <= NS_PID; kind++) {
		namespaces[kind].whose = NS_OWN;
		namespaces[kind].n_others = 1;
		namespaces[kind].others.v = others;
		namespaces[kind].others.n = 1;
	}
	processes[0] = (struct nsview_process){ .host_pid = 8123, .ns_pid = { true, 1 },
						.uid = 100000, .ns_uid = { true, 0 } };
	processes[1] = (struct nsview_process){ .host_pid = 8124, .ns_pid = { true, 7 }, .uid = 5 };
	for (int i = 0; i < 2; i++) {
		processes[i].pids.v = pids[i];
		processes[i].pids.n = (size_t)i + 2;
		processes[i].name = processes[i].command = (char *)"sh";
	}
	groups[0] = (struct nsview_group){ (char *)"memory", (char *)"/tare/a" };
	groups[1] = (struct nsview_group){ (char *)"pids", (char *)"/tare/a" };
	groups[2] = (struct nsview_group){ (char *)"", (char *)"/" };
	ids = (struct nsview_ids){ { uids, 1 }, { uids, 1 }, false };
	view.name = view.command = (char *)"sh -c x";
	view.started = (char *)"2026-11-24T15:20:11.000000000Z";
	view.namespaces.v = namespaces;
	view.namespaces.n = NS_KIND_MAX_;
	view.together = NSVIEW_BY_PID;
	view.processes.v = processes;
	view.processes.n = 2;
	view.ids = &ids;
	view.cgroup.groups.v = groups;
	view.cgroup.groups.n = 3;
	view.cgroup.memory_bytes = (struct nsview_usage){ { true, 3250586 }, { true, 64 << 20 } };
	view.cgroup.processes = (struct nsview_usage){ { true, 3 }, { false, 0 } };
	view.cgroup.cpu_used_ns = (struct oci_u64){ true, 1200000000 };
	view.cgroup.cpu_quota_us = (struct oci_u64){ true, 50000 };
	view.cgroup.cpu_period_us = (struct oci_u64){ true, 100000 };
	return view;
}

static bool shows(const struct nsview *view, const char *const *lines)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	const struct nsscan scan = { .proc_fd = -1 };

	ns_view_format(view, &scan, &arena, &out);
	for (; *lines; lines++)
		if (!has(buf_str(&out), *lines))
			return false;
	return is_narrow(buf_str(&out));
}

static bool a_container_is_told_in_words(void)
{
	const struct nsview view = example();

	return shows(&view, (const char *const[]){
		"process 8123: sh -c x\nrunning for 1 minute, since 2026-11-24 15:20:11 UTC\n",
		"user    ids, rights  4026531830  its own     8124\n",
		"net     network      4026531830  the host's  77 other processes\n",
		"    8123  1       100000 (0)  sh\n",
		"    8124  7/1     ",
		" (-)",
		"root inside is uid 100000 outside\nuids 0-65535 inside are 100000-165535 outside\n"
		"gids are mapped as uids are\n",
		"CGROUP     /tare/a\n           / (v2)\nmemory     3.1 MiB of 64 MiB\n"
		"processes  3, no limit\ncpu        half of one cpu, 1.2 s used\n",
		"1 process may not be read by this user and is not counted above.\n",
		NULL });
}

static bool what_is_not_readable_is_said(void)
{
	struct nsview view = example();

	for (int kind = 0; kind < NS_KIND_MAX_; kind++)
		namespaces[kind] = (struct nsview_namespace){ .kind = kind,
							      .whose = NS_UNREADABLE };
	view.ids = NULL;
	view.started = NULL;
	view.together = NSVIEW_ALONE;
	view.cgroup = (struct nsview_cgroup){ .unreadable = (char *)"no cgroup file system" };
	return shows(&view, (const char *const[]){
		"process 8123: sh -c x\n\nKIND",
		"time    clocks       -           unreadable  -\n",
		"IDS\nunreadable\n",
		"CGROUP     no cgroup file system\n",
		NULL });
}

static bool nothing_breaks_the_table(void)
{
	static char path[300], command[4000];
	struct nsview view = example();

	memset(path, 'p', sizeof(path) - 1);
	path[0] = '/';
	memset(command, 'c', sizeof(command) - 1);
	memcpy(command, "\033[2J\n\r", 6);
	groups[0].path = groups[1].path = groups[2].path = path;
	view.command = processes[0].command = processes[1].command = command;
	processes[0].uid = processes[1].uid = UINT32_MAX;
	processes[0].ns_uid.value = UINT32_MAX;
	view.thread_of = UINT32_MAX;
	return shows(&view, (const char *const[]){
		"process 4294967295: \\x1b[2J\\x0a\\x0dccc",
		"CGROUP     /pppp",
		"\n           pppp",
		NULL });
}

static bool json_has_what_was_read(void)
{
	const struct nsview view = example();
	auto_buf struct buf out = {};

	ns_view_format_json(&view, &out);
	return has(buf_str(&out), "\"hostPid\": 8123,") &&
	       has(buf_str(&out), "\"whose\": \"own\",\n\t\t\t\"sharedWith\": [\n\t\t\t\t8124") &&
	       has(buf_str(&out), "\"insidePid\": 7,") &&
	       has(buf_str(&out), "\"limit\": 67108864") &&
	       has(buf_str(&out), "\"unreadableProcesses\": 1\n");
}

/* ------------------------------------------------------------------------------- the tree */

static bool the_tree_is_indented(void)
{
	static uint32_t pids[] = { 11, 12 };
	struct nstree_node nodes[] = {
		{ .kind = NS_USER, .whose = NS_OF_HOST, .ino = 1, .pids = { pids, 2 } },
		{ .kind = NS_NET, .whose = NS_OWN, .ino = 2, .depth = 1, .pids = { pids, 2 } },
		{ .kind = NS_UTS, .whose = NS_OWN, .ino = 3, .depth = 1, .pids = { pids, 2 } },
		{ .kind = NS_NET, .whose = NS_OWN, .ino = 4, .depth = 1,
		  .mounts = { (char *[]){ (char *)"/run/netns/x", NULL }, 1 } },
		{ .kind = NS_USER, .whose = NS_OWN, .ino = 5, .depth = 1, .pids = { pids, 1 },
		  .owner_uid = { true, 1000 } },
		{ .kind = NS_CGROUP, .whose = NS_OWN, .ino = 4026531835, .depth = 40,
		  .pids = { pids, 2 } },
	};
	const struct nstree tree = { .nodes = { nodes, 6 } };
	const struct nsscan scan = { .proc_fd = -1 };
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};

	ns_tree_format(&tree, &scan, &arena, &out);
	return has(buf_str(&out), "user 1                                 2  the host's\n") &&
	       has(buf_str(&out), "\n  net 2                                2  11, 12\n") &&
	       has(buf_str(&out), "\n  uts 3                                2  the same\n") &&
	       has(buf_str(&out), "  net 4                                0  at /run/netns/x\n") &&
	       has(buf_str(&out), "1  made by uid 1000: 11\n") &&
	       has(buf_str(&out), "\n            cgroup 4026531835          2  11, 12\n") &&
	       is_narrow(buf_str(&out));
}

static bool lists_say_how_many_more_there_are(void)
{
	static const uint32_t pids[] = { 1, 22, 333, 4444 };
	const struct nsscan scan = { .proc_fd = -1 };
	const struct ns_names names = { &scan, NULL };

	return ONE("1, 22, 333, 4444", ns_list_format(&names, pids, 4, 16, out)) &&
	       ONE("1, 22, 2 more", ns_list_format(&names, pids, 4, 15, out)) &&
	       ONE("1, 3 more", ns_list_format(&names, pids, 4, 12, out)) &&
	       ONE("4 processes", ns_list_format(&names, pids, 4, 5, out)) &&
	       ONE("", ns_list_format(&names, pids, 0, 5, out));
}

int main(void)
{
	TEST(bytes_are_rounded_for_people);
	TEST(times_have_one_unit);
	TEST(cpus_are_parts_of_one_or_several);
	TEST(ranges_are_sentences);
	TEST(a_container_is_told_in_words);
	TEST(what_is_not_readable_is_said);
	TEST(nothing_breaks_the_table);
	TEST(json_has_what_was_read);
	TEST(the_tree_is_indented);
	TEST(lists_say_how_many_more_there_are);
	return tap_done();
}
