/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-image, and the verbs that it does.
 */
#include "cli/tare/elsewhere.h"

#include "base/cleanup.h"
#include "base/libexec.h"
#include "base/log.h"
#include "cli/words/check.h"
#include "cli/words/commit.h"
#include "cli/words/cp.h"
#include "cli/words/load.h"
#include "cli/words/login.h"
#include "cli/words/pull.h"
#include "cli/words/push.h"
#include "cli/words/search.h"

#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>

#define PROGRAM_NAME "tare-image"

/* The program's own name and options, then `words`. */
static char **command_line(const struct call *call, char *const *words)
{
	const char *const first[] = { PROGRAM_NAME, "--root", call_engine(call)->root };
	size_t n = 0, own = 3;
	char **line;

	while (words[n])
		n++;
	line = arena_array(call->arena, char *, own + n + 2);
	for (size_t i = 0; i < own; i++)
		line[i] = arena_strdup(call->arena, first[i]);
	if (log_get_level() == LOG_LEVEL_DEBUG)
		line[own++] = arena_strdup(call->arena, "--debug");
	for (size_t i = 0; i < n; i++)
		line[own + i] = words[i];
	return line;
}

static int not_there(int no, const char *path, struct err *err)
{
	(void)err_sys(err, no, "execute '%s'", path);
	return no == ENOENT ? err_hint(err, "'make install' puts it there; TARE_LIBEXEC names "
					    "another directory") : -no;
}

int elsewhere_become(const struct call *call, struct err *err)
{
	char **words;
	size_t n = 0;
	auto_buf struct buf path = {};

	while (call->words[n])
		n++;
	words = arena_array(call->arena, char *, n + 2);
	words[0] = arena_strdup(call->arena, call->verb->command.name);
	for (size_t i = 0; i < n; i++)
		words[i + 1] = call->words[i];
	libexec_path(PROGRAM_NAME, &path);
	(void)execv(buf_str(&path), command_line(call, words));
	return not_there(errno, buf_str(&path), err);
}

int elsewhere_run(const struct call *call, char *const *words, struct err *err)
{
	auto_buf struct buf path = {};
	posix_spawn_file_actions_t actions;
	int status = 0, r;
	pid_t pid;

	libexec_path(PROGRAM_NAME, &path);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
	r = posix_spawn(&pid, buf_str(&path), &actions, NULL, command_line(call, words), environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r != 0)
		return not_there(r, buf_str(&path), err);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "wait for '%s'", buf_str(&path));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ------------------------------------------------------------------------------- verbs */

#define ELSEWHERE(which, words, type)             \
	const struct verb verb_##which = {        \
		.command = words,                 \
		.args_size = sizeof(struct type), \
		.run = elsewhere_become,          \
	}

ELSEWHERE(pull, PULL_WORDS, pull_args);
ELSEWHERE(push, PUSH_WORDS, push_args);
ELSEWHERE(load, LOAD_WORDS, load_args);
ELSEWHERE(save, SAVE_WORDS, save_args);
ELSEWHERE(commit, COMMIT_WORDS, commit_args);
ELSEWHERE(export, EXPORT_WORDS, export_args);
ELSEWHERE(cp, CP_WORDS, cp_args);
ELSEWHERE(import, IMPORT_WORDS, import_args);
ELSEWHERE(login, LOGIN_WORDS, login_args);
ELSEWHERE(logout, LOGOUT_WORDS, login_args);
ELSEWHERE(search, SEARCH_WORDS, search_args);
ELSEWHERE(system_check, CHECK_WORDS, check_args);
