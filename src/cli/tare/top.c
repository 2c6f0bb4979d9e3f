/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare top: the processes of a container. Docker's columns and podman's are read from /proc; with
 * options of ps(1) that of the host is executed, and what it says of others is left out.
 */
#include "base/cleanup.h"
#include "base/num.h"
#include "cli/table.h"
#include "cli/tare/choose.h"
#include "cli/tare/top_columns.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#define COLUMN_WIDTH  20 /* docker's */
#define PS_MAX_BYTES  ((size_t)64 << 20)
#define ROW_COLUMNS   32

struct top_args {
	struct choose_args choose;
};

static const struct opt options[] = {
	CHOOSE_LATEST(struct top_args, choose),
};

struct pids {
	pid_t *v;
	size_t n;
};

/* ------------------------------------------------------------------------------- our own */

static int show_columns(const struct call *call, const struct pids *pids,
			const struct top_column *const *columns, size_t n, struct err *err)
{
	struct top top = { .arena = call->arena, .now_ticks = procstat_now_ticks(),
			   .ticks_per_s = procstat_ticks_per_s() };
	const char **cells = arena_array(call->arena, const char *, (pids->n + 1) * n);
	auto_close int proc_fd = -1;
	auto_buf struct buf out = {};
	size_t n_rows = 1;
	int r = proc_open(&proc_fd, err);

	if (r < 0)
		return r;
	top.proc_fd = proc_fd;
	if (pids->n)
		top_load_users(&top, pids->v[0]);
	for (size_t c = 0; c < n; c++)
		cells[c] = top_column_head(columns[c]);
	for (size_t i = 0; i < pids->n; i++) {
		struct top_process process = {};

		if (top_process_read(&top, pids->v[i], &process) < 0)
			continue;
		for (size_t c = 0; c < n; c++)
			cells[n_rows * n + c] = top_column_text(columns[c], &top, &process);
		n_rows++;
		closep(&process.dir_fd);
	}
	table_format(cells, n, n_rows, COLUMN_WIDTH, &out);
	return print_buf(&out, err);
}

/* ------------------------------------------------------------------------------- ps(1) */

static int start_ps(char **argv, pid_t *ret_pid, int *ret_fd, struct err *err)
{
	posix_spawn_file_actions_t actions;
	int fds[2], no;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	no = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	closep(&fds[1]);
	if (no) {
		closep(&fds[0]);
		(void)err_sys(err, no, "execute the host's ps");
		return err_hint(err, "without options of ps, or with pid, user, args and the "
				     "like, it is not needed");
	}
	*ret_fd = fds[0];
	return 0;
}

/* "-q1,2" */
static char *select_pids(const struct call *call, const struct pids *pids)
{
	auto_buf struct buf word = {};

	for (size_t i = 0; i < pids->n; i++)
		buf_printf(&word, "%s%d", i ? "," : "-q", (int)pids->v[i]);
	return arena_strdup(call->arena, buf_str(&word));
}

/* Of its own accord ps shows those of one user or terminal alone. */
static int run_ps(const struct call *call, const struct pids *pids, char *const *words,
		  struct buf *out, struct err *err)
{
	size_t n = 0;
	auto_close int fd = -1;
	int status = 0, r;
	char **argv;
	pid_t pid;

	while (words[n])
		n++;
	argv = arena_array(call->arena, char *, n + 3);
	argv[0] = arena_strdup(call->arena, "ps");
	memcpy(argv + 1, words, n * sizeof(*argv));
	argv[n + 1] = select_pids(call, pids);
	r = start_ps(argv, &pid, &fd, err);
	if (r < 0)
		return r;
	r = buf_read_fd(out, fd, PS_MAX_BYTES, "what ps says", err);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return err_set(err, ERR_USAGE, EINVAL, "the host's ps failed");
	return r;
}

/* The next word of a row, or all that is left of it; in place. */
static char *next_word(char **row, bool is_last)
{
	char *word = *row + strspn(*row, " \t"), *end;

	end = word + (is_last ? strlen(word) : strcspn(word, " \t"));
	*row = *end ? end + 1 : end;
	*end = '\0';
	return word;
}

static size_t count_words(const char *row)
{
	size_t n = 0;

	for (row += strspn(row, " \t"); *row; row += strspn(row, " \t"), n++)
		row += strcspn(row, " \t");
	return n;
}

static bool is_its(const struct pids *pids, const char *word)
{
	uint32_t pid;

	if (num_parse_u32(word, &pid) < 0)
		return false;
	for (size_t i = 0; i < pids->n; i++)
		if ((uint32_t)pids->v[i] == pid)
			return true;
	return false;
}

static int filter_ps(const struct call *call, const struct pids *pids, char *text, struct err *err)
{
	char *row = strsep(&text, "\n");
	size_t n = count_words(row), n_rows = 0, n_lines = 2, pid_column = n;
	auto_buf struct buf out = {};
	const char **cells;

	for (const char *at = text; at && *at; at++)
		n_lines += *at == '\n';
	if (n > ROW_COLUMNS)
		return err_set(err, ERR_USAGE, E2BIG, "the host's ps shows %zu columns", n);
	cells = arena_array(call->arena, const char *, n_lines * (n + 1));
	for (; row; row = strsep(&text, "\n")) {
		const char **cell = cells + n_rows * n;

		for (size_t c = 0; c < n; c++) {
			cell[c] = next_word(&row, c + 1 == n);
			if (n_rows == 0 && strcmp(cell[c], "PID") == 0)
				pid_column = c;
		}
		if (pid_column == n)
			return err_set(err, ERR_USAGE, EINVAL,
				       "the host's ps shows no column PID, by which its "
				       "processes are known");
		n_rows += n_rows == 0 || is_its(pids, cell[pid_column]);
	}
	table_format(cells, n, n_rows, COLUMN_WIDTH, &out);
	return print_buf(&out, err);
}

static int show_ps(const struct call *call, const struct pids *pids, char *const *words,
		   struct err *err)
{
	auto_buf struct buf text = {};
	int r = run_ps(call, pids, words, &text, err);

	return r < 0 ? r : filter_ps(call, pids, arena_strdup(call->arena, buf_str(&text)), err);
}

/* ------------------------------------------------------------------------------- the verb */

static int run(const struct call *call, struct err *err)
{
	const struct top_args *args = call->args;
	const struct top_column **columns = NULL;
	char **words = call->operands;
	struct pids pids = {};
	const char *who = NULL;
	size_t n = 0;
	int r = choose_first(call, &args->choose, &words, &who, err);

	if (r == 0)
		r = engine_pids(call_engine(call), who, call->arena, &pids.v, &pids.n, err);
	if (r < 0)
		return r;
	if (top_columns_parse(words, call->arena, &columns, &n) != 0)
		return show_ps(call, &pids, words, err);
	return show_columns(call, &pids, columns, n, err);
}

const struct verb verb_top = {
	.command = {
		.name = "top",
		.operands = "CONTAINER [COLUMN|PS-OPTION]...",
		.summary = "Show the processes of a container",
		.max_operands = OPT_OPERANDS_ANY,
		.in_order = true,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct top_args),
	.run = run,
};
