/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines as people type them, and the configuration that comes of them. */
#include "cli/tare/container_args.h"
#include "tap.h"
#include "tmpdir.h"

static const struct opt rows[] = { CONTAINER_OPTIONS };

static const struct opt_command command = {
	.name = "run", .operands = "COMMAND [ARG]...", .in_order = true,
	.max_operands = OPT_OPERANDS_ANY, OPT_ROWS(rows),
};

#define MAX_WORDS 32

struct line {
	struct arena arena;
	struct container_args args;
	struct config *config; /* NULL: it was refused */
	struct err err;
};

#define auto_line auto_cleanup(line_done)

static void line_done(struct line *line)
{
	arena_done(&line->arena);
}

static struct line parse(const char *const *words)
{
	struct call call = {};
	struct line line = {};
	char *operands[MAX_WORDS] = {};

	for (size_t i = 0; words[i]; i++)
		operands[i] = (char *)(uintptr_t)words[i];
	call.arena = &line.arena;
	if (opt_parse(&command, &line.args, operands, &line.arena, &line.err) == 0)
		(void)container_config(&call, &line.args, operands, &line.config, &line.err);
	return line;
}

#define BARE(...) parse((const char *const[]){ __VA_ARGS__, NULL })
#define LINE(...) BARE("--rootfs", "/", __VA_ARGS__)

static const char *refusal(struct line line)
{
	static struct err err;

	err = line.config ? (struct err){} : line.err;
	arena_done(&line.arena);
	return err.msg;
}

#define REFUSED(want, ...) CHECK_STR(refusal(LINE(__VA_ARGS__)), want)

static const char *joined(const struct oci_strings *list)
{
	static char text[1024];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
					list->v[i]);
	return text;
}

static bool what_is_not_said_is_not_set(void)
{
	auto_line struct line line = LINE("true");
	struct config *c = line.config;

	return CHECK(c) && CHECK_STR(c->rootfs, "/") && CHECK_STR(joined(&c->command), "true") &&
	       CHECK_STR(c->network, "bridge") && CHECK(!c->pid) && CHECK(!c->name) &&
	       CHECK(!c->user) && CHECK(!c->workdir) && CHECK(!c->hostname) &&
	       CHECK(c->env.n == 0) && CHECK(c->mounts.n == 0) && CHECK(c->ulimits.n == 0) &&
	       CHECK(c->labels.n == 0) && CHECK(!c->tty && !c->open_stdin && !c->init) &&
	       CHECK(!c->read_only && !c->privileged && !c->auto_remove) &&
	       CHECK(!c->memory_bytes && !c->nano_cpus && !c->pids_limit.is_set) &&
	       CHECK(!c->stop_signal && !c->stop_timeout.is_set && !c->timeout_s);
}

static bool each_option_has_its_member(void)
{
	auto_line struct line line =
		LINE("--name", "web", "-it", "--rm", "-w", "/srv", "-u", "a:b", "-h", "box",
		     "--init", "--stop-signal", "INT", "--stop-timeout", "3", "--read-only",
		     "--timeout", "60", "--net", "host", "--pid", "host", "--privileged", "sh",
		     "-c", "ls -l");
	struct config *c = line.config;

	return CHECK(c) && CHECK_STR(c->name, "web") && CHECK(c->tty && c->open_stdin) &&
	       CHECK(c->auto_remove) && CHECK_STR(c->workdir, "/srv") &&
	       CHECK_STR(c->user, "a:b") &&
	       CHECK_STR(c->hostname, "box") && CHECK(c->init) &&
	       CHECK_STR(c->stop_signal, "INT") &&
	       CHECK(c->stop_timeout.value == 3) && CHECK(c->timeout_s == 60) &&
	       CHECK(c->read_only) &&
	       CHECK_STR(c->network, "host") && CHECK_STR(c->pid, "host") && CHECK(c->privileged) &&
	       CHECK_STR(joined(&c->command), "sh -c ls -l") && CHECK(c->command.n == 3);
}

static bool lists_are_kept_in_order(void)
{
	auto_line struct line line =
		LINE("--cap-add", "A", "--cap-add=B", "--cap-drop", "ALL", "-l", "x=1", "-l", "y",
		     "--ulimit", "core=0", "-v", "/a:/b:ro", "--tmpfs", "/t", "--mount",
		     "type=bind,src=/c,dst=/d", "--security-opt", "no-new-privileges", "x");
	struct config *c = line.config;

	return CHECK(c) && CHECK_STR(joined(&c->cap_add), "A B") &&
	       CHECK_STR(joined(&c->cap_drop), "ALL") && CHECK(c->labels.n == 2) &&
	       CHECK_STR(c->labels.v[1].key, "y") && CHECK(c->ulimits.n == 1) &&
	       CHECK(c->mounts.n == 3) && CHECK_STR(c->mounts.v[0].target, "/b") &&
	       CHECK_STR(c->mounts.v[1].target, "/d") && CHECK_STR(c->mounts.v[2].target, "/t") &&
	       CHECK(c->no_new_privileges.value);
}

static bool limits_are_numbers(void)
{
	auto_line struct line line =
		LINE("-m", "64m", "--cpus", "1.5", "--pids-limit", "9", "true");
	auto_line struct line none = LINE("-m", "-1", "--pids-limit", "-1", "true");

	return CHECK(line.config && none.config) &&
	       CHECK(line.config->memory_bytes == 64 << 20) &&
	       CHECK(line.config->nano_cpus == 1500000000) &&
	       CHECK(line.config->pids_limit.value == 9) && CHECK(none.config->memory_bytes == 0) &&
	       CHECK(none.config->pids_limit.is_set && none.config->pids_limit.value == -1);
}

static bool every_limit_has_its_place(void)
{
	auto_line struct line line = LINE(
		"--memory-swap", "-1", "--memory-reservation", "1k", "--memory-swappiness", "3",
		"--oom-kill-disable", "--oom-score-adj", "-7", "--shm-size", "1m", "-c", "8",
		"--cpu-quota", "9", "--cpu-period", "10", "--cpuset-cpus", "0-1", "--cpuset-mems",
		"0", "--blkio-weight", "11", "true");
	auto_line struct line disks =
		LINE("--blkio-weight-device", "/a:10", "--device-read-bps", "/b:2k",
		     "--device-write-bps", "/c:3", "--device-read-iops", "/d:4",
		     "--device-write-iops", "/e:5", "--device-write-iops", "/f:6", "true");
	const struct config *c = line.config, *d = disks.config;

	return CHECK(c && d) && CHECK(c->memory_swap_bytes == -1) &&
	       CHECK(c->memory_reservation_bytes == 1024) &&
	       CHECK(c->memory_swappiness.is_set && c->memory_swappiness.value == 3) &&
	       CHECK(c->oom_kill_disable) && CHECK(c->oom_score_adj == -7) &&
	       CHECK(c->shm_size_bytes == 1 << 20) && CHECK(c->cpu_shares == 8) &&
	       CHECK(c->cpu_quota_us == 9) && CHECK(c->cpu_period_us == 10) &&
	       CHECK_STR(c->cpuset_cpus, "0-1") && CHECK_STR(c->cpuset_mems, "0") &&
	       CHECK(c->blkio_weight == 11) && CHECK(d->weight_devices.v[0].value == 10) &&
	       CHECK(d->read_bps.v[0].value == 2048) && CHECK(d->write_bps.v[0].value == 3) &&
	       CHECK(d->read_iops.v[0].value == 4) && CHECK(d->write_iops.n == 2) &&
	       CHECK_STR(d->write_iops.v[1].path, "/f");
}

static bool an_empty_entrypoint_is_none(void)
{
	auto_line struct line some = LINE("--entrypoint", "/bin/e", "arg");
	auto_line struct line none = LINE("--entrypoint", "", "arg");

	return CHECK(some.config && none.config) &&
	       CHECK_STR(joined(&some.config->entrypoint), "/bin/e") &&
	       CHECK_STR(joined(&some.config->command), "arg") &&
	       CHECK(none.config->entrypoint.n == 0);
}

/* ------------------------------------------------------------------------------- files */

static bool variables_outweigh_those_of_files(void)
{
	auto_tmpdir struct tmpdir dir = { .fd = -1 };
	char file[300];

	tmpdir_make(&dir);
	(void)snprintf(file, sizeof(file), "%s/env", dir.path);
	if (!CHECK(tmpdir_put(dir.fd, "env", "A=file\nB=file\n")))
		return false;
	auto_line struct line line = LINE("-e", "A=word", "--env-file", file, "-e", "C=", "x");

	return CHECK(line.config) && CHECK_STR(joined(&line.config->env), "A=word B=file C=");
}

static bool a_seccomp_profile_is_read_from_its_file(void)
{
	auto_tmpdir struct tmpdir dir = { .fd = -1 };
	char option[320], empty[320], word[320];

	tmpdir_make(&dir);
	(void)snprintf(option, sizeof(option), "seccomp=%s/p.json", dir.path);
	(void)snprintf(empty, sizeof(empty), "seccomp=%s/empty", dir.path);
	(void)snprintf(word, sizeof(word), "seccomp=%s/word", dir.path);
	if (!CHECK(tmpdir_put(dir.fd, "p.json", "{\"defaultAction\":\"x\"}")) ||
	    !CHECK(tmpdir_put(dir.fd, "empty", "")) ||
	    !CHECK(tmpdir_put(dir.fd, "word", "unconfined")))
		return false;
	auto_line struct line line = LINE("--security-opt", option, "x");
	auto_line struct line none = LINE("--security-opt", option, "--security-opt",
					  "seccomp=unconfined", "x");

	return CHECK(line.config && none.config) &&
	       CHECK_STR(line.config->seccomp_profile, "{\"defaultAction\":\"x\"}") &&
	       CHECK_STR(none.config->seccomp_profile, SECCOMP_UNCONFINED) &&
	       CHECK(strstr(refusal(LINE("--security-opt", empty, "x")), ": is no profile")) &&
	       CHECK(strstr(refusal(LINE("--security-opt", word, "x")), ": is no profile")) &&
	       CHECK(strstr(refusal(LINE("--security-opt", "seccomp=/nonexistent", "x")),
			    "open '/nonexistent': "));
}

static bool a_relative_source_is_below_where_we_are(void)
{
	auto_line struct line line = LINE("-v", "./data:/data", "x");
	char here[256], want[300];

	if (!CHECK(getcwd(here, sizeof(here))))
		return false;
	(void)snprintf(want, sizeof(want), "%s/./data", here);
	return CHECK(line.config) && CHECK_STR(line.config->mounts.v[0].source, want);
}

static bool the_root_is_made_absolute(void)
{
	auto_line struct line line = BARE("--rootfs", "/proc/../usr/.", "x");

	return CHECK(line.config) && CHECK_STR(line.config->rootfs, "/usr") &&
	       CHECK(strstr(refusal(BARE("--rootfs", "/nonexistent", "x")),
			    "--rootfs '/nonexistent': "));
}

/* ------------------------------------------------------------------------------- refusals */

static bool without_a_directory_the_first_operand_is_an_image(void)
{
	auto_line struct line line = BARE("--rm", "busybox:1", "sh", "-c", "true");
	auto_line struct line none = BARE("--rm");

	return CHECK(line.config) && CHECK_STR(line.config->image, "busybox:1") &&
	       CHECK(!line.config->rootfs) &&
	       CHECK_STR(joined(&line.config->command), "sh -c true") && CHECK(!none.config) &&
	       CHECK_STR(none.err.msg, "IMAGE is missing; a directory is named with --rootfs");
}

static bool what_is_refused_names_option_word_and_reason(void)
{
	return REFUSED("--volume 'data:/x': 'data' is no absolute path, and named volumes are not "
		       "there yet", "-v", "data:/x", "x") &&
	       REFUSED("--mount 'type=nfs': type: 'nfs' is neither bind, tmpfs nor image",
		       "--mount", "type=nfs", "x") &&
	       REFUSED("--tmpfs 't': the target 't' is not absolute", "--tmpfs", "t", "x") &&
	       REFUSED("--env '=x': the name is missing", "-e", "=x", "x") &&
	       REFUSED("--label '': the name is missing", "-l", "", "x") &&
	       REFUSED("--ulimit 'x=1': there is no such limit", "--ulimit", "x=1", "x") &&
	       REFUSED("--security-opt 'x': there is no option 'x'", "--security-opt", "x", "x") &&
	       REFUSED("--cpus 'two': is not a number of processors", "--cpus", "two", "x") &&
	       REFUSED("--memory: 'lots' is not a size", "-m", "lots", "x") &&
	       REFUSED("--device-read-bps '/a:b': 'b' is no number of bytes a second, as 10m",
		       "--device-read-bps", "/a:b", "x") &&
	       REFUSED("--stop-signal: there is no signal 'NOPE'", "--stop-signal", "NOPE", "x") &&
	       REFUSED("--stop-signal: there is no signal '0'", "--stop-signal", "0", "x") &&
	       REFUSED("--runtime 'crun': containers are started by tare-oci, and by no other "
		       "runtime", "--runtime", "crun", "x") &&
	       REFUSED("--runtime '': containers are started by tare-oci, and by no other "
		       "runtime", "--runtime", "", "x") &&
	       REFUSED("", "--runtime", "tare-oci", "x") &&
	       REFUSED("", "--runtime", "tare", "x") &&
	       REFUSED("--timeout: -1 is not between 0 and 2147483647", "--timeout", "-1", "x") &&
	       REFUSED("--attach: 'all' is none of stdin, stdout and stderr", "-a", "all", "x") &&
	       REFUSED("--stop-timeout: -2 is below -1", "--stop-timeout", "-2", "x") &&
	       REFUSED("--hostname: must have between 1 and 64 letters", "-h", "", "x") &&
	       REFUSED("--hostname: 'a/b' has more than letters, digits, '-', '.' and '_' in it",
		       "-h", "a/b", "x") &&
	       CHECK(strstr(refusal(LINE("--env-file", "/nonexistent", "x")),
			    "--env-file '/nonexistent': open '/nonexistent': "));
}

int main(void)
{
	TEST(what_is_not_said_is_not_set);
	TEST(each_option_has_its_member);
	TEST(lists_are_kept_in_order);
	TEST(limits_are_numbers);
	TEST(every_limit_has_its_place);
	TEST(an_empty_entrypoint_is_none);
	TEST(variables_outweigh_those_of_files);
	TEST(a_seccomp_profile_is_read_from_its_file);
	TEST(a_relative_source_is_below_where_we_are);
	TEST(the_root_is_made_absolute);
	TEST(without_a_directory_the_first_operand_is_an_image);
	TEST(what_is_refused_names_option_word_and_reason);
	return tap_done();
}
