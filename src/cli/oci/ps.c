/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci ps: the processes of a container. The table is that of the host's own ps, called with
 * the options that stand after the container's id, with the lines of other processes left out.
 */
#include "cli/oci/verb.h"
#include "base/num.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#define PS_MAX_BYTES ((size_t)64 << 20)

enum { FORMAT_TABLE = 1, FORMAT_JSON };

struct ps_args {
	int format;
};

static const struct opt options[] = {
	OPT_CHOICE(struct ps_args, format, "format", 'f', "table|json", "shape of the output"),
};

struct pids {
	pid_t *v;
	size_t n;
};

static bool has_pid(const struct pids *pids, uint32_t pid)
{
	for (size_t i = 0; i < pids->n; i++)
		if ((uint32_t)pids->v[i] == pid)
			return true;
	return false;
}

static void format_json(const struct pids *pids, struct buf *out)
{
	buf_puts(out, "[");
	for (size_t i = 0; i < pids->n; i++)
		buf_printf(out, "%s%d", i ? "," : "", (int)pids->v[i]);
	buf_puts(out, "]\n");
}

/* ------------------------------------------------------------------------------- the host's ps */

/* Cuts the nth word out of `line`; NULL when it has fewer. */
static char *nth_word(char *line, size_t n)
{
	char *rest = NULL, *word = strtok_r(line, " \t", &rest);

	while (word && n--)
		word = strtok_r(NULL, " \t", &rest);
	return word;
}

/* Which column is headed PID; -ENOENT: none. Destroys `header`. */
static int find_pid_column(char *header)
{
	char *rest = NULL;
	int column = 0;

	for (char *word = strtok_r(header, " \t", &rest); word;
	     word = strtok_r(NULL, " \t", &rest), column++)
		if (strcmp(word, "PID") == 0)
			return column;
	return -ENOENT;
}

static int filter_lines(char *text, const struct pids *pids, struct buf *out, struct err *err)
{
	char *rest = NULL, *line = strtok_r(text, "\n", &rest);
	auto_free char *header = strdup(line ? line : "");
	int column = header ? find_pid_column(header) : -ENOENT;

	if (column < 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       "ps prints no column PID with these options");
	buf_printf(out, "%s\n", line);
	while ((line = strtok_r(NULL, "\n", &rest))) {
		auto_free char *copy = strdup(line);
		char *word = copy ? nth_word(copy, (size_t)column) : NULL;
		uint32_t pid;

		if (word && num_parse_u32(word, &pid) == 0 && has_pid(pids, pid))
			buf_printf(out, "%s\n", line);
	}
	return 0;
}

static int spawn_ps(char **argv, int out_fd, pid_t *ret_pid, struct err *err)
{
	posix_spawn_file_actions_t actions;
	int r;

	(void)posix_spawn_file_actions_init(&actions);
	r = posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawnp(ret_pid, "ps", &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return r ? err_sys(err, r, "execute 'ps'") : 0;
}

static int run_ps(char **argv, struct buf *ret_text, struct err *err)
{
	auto_close int read_fd = -1, write_fd = -1;
	int r, fds[2], status = 0;
	pid_t pid = -1;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "pipe");
	read_fd = fds[0];
	write_fd = fds[1];
	r = spawn_ps(argv, write_fd, &pid, err);
	if (r < 0)
		return r;
	closep(&write_fd);
	write_fd = -1;
	r = buf_read_fd(ret_text, read_fd, PS_MAX_BYTES, "output of ps", err);
	closep(&read_fd);
	read_fd = -1;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r == 0 && status != 0)
		r = err_set(err, ERR_USAGE, EINVAL, "ps failed");
	return r;
}

/* ps and its options: those after the container's id, or -ef. */
static char **ps_argv(const struct call *call)
{
	char **given = call->operands + 1, **argv;
	size_t n = 0;

	while (given[n])
		n++;
	argv = arena_array(call->arena, char *, n + 3);
	argv[0] = arena_strdup(call->arena, "ps");
	if (n)
		memcpy(argv + 1, given, n * sizeof(*argv));
	else
		argv[1] = arena_strdup(call->arena, "-ef");
	return argv;
}

static int print_table(const struct call *call, const struct pids *pids, struct err *err)
{
	auto_buf struct buf text = {}, out = {};
	int r;

	r = run_ps(ps_argv(call), &text, err);
	if (r == 0 && text.data)
		r = filter_lines(text.data, pids, &out, err);
	if (r < 0)
		return r;
	return print_buf(&out, err);
}

static int ps(const struct call *call, struct err *err)
{
	const struct ps_args *args = call->args;
	auto_buf struct buf out = {};
	struct pids pids = {};
	int r;

	r = rt_pids(call_rt(call), call->operands[0], call->arena, &pids.v, &pids.n, err);
	if (r < 0)
		return r;
	if (args->format != FORMAT_JSON)
		return print_table(call, &pids, err);
	format_json(&pids, &out);
	return print_buf(&out, err);
}

const struct verb verb_ps = {
	.command = {
		.name = "ps",
		.operands = "CONTAINER [PS-OPTION]...",
		.summary = "Show the processes of a container",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		.in_order = true,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct ps_args),
	.run = ps,
};
