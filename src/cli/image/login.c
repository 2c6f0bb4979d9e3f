/* SPDX-License-Identifier: Apache-2.0 */
/*
 * login: see whether a registry lets somebody in, and keep that where docker and podman look. What
 * was not said is asked for, at a terminal and nowhere else.
 */
#include "cli/words/login.h"

#include "cli/image/verb.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>

#define DEFAULT_HOST "docker.io"
#define MAX_ANSWER   1024

/* A line without its end; a password is not shown. */
static int ask(const struct call *call, const char *what, bool is_secret, char **ret,
	       struct err *err)
{
	struct termios before, quiet;
	char answer[MAX_ANSWER] = "";
	bool ok;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) < 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       "%s is missing, and there is no terminal to ask at", what);
	(void)fprintf(stderr, "%s: ", what);
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	if (is_secret)
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	ok = fgets(answer, sizeof(answer), stdin) != NULL;
	if (is_secret) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		(void)fputc('\n', stderr);
	}
	answer[strcspn(answer, "\n")] = '\0';
	if (!ok || !*answer)
		return err_set(err, ERR_USAGE, EINVAL, "%s is missing", what);
	*ret = arena_strdup(call->arena, answer);
	return 0;
}

static int read_password(const struct call *call, char **ret, struct err *err)
{
	auto_buf struct buf text = {};
	int r = buf_read_fd(&text, STDIN_FILENO, MAX_ANSWER, "the password", err);

	if (r < 0)
		return r;
	*ret = arena_strndup(call->arena, buf_str(&text), strcspn(buf_str(&text), "\r\n"));
	return 0;
}

static int find_login(const struct call *call, struct registry_login *ret, struct err *err)
{
	const struct login_args *args = call->args;
	int r = 0;

	if (args->password && args->password_stdin)
		return err_set(err, ERR_USAGE, EINVAL,
			       "--password and --password-stdin exclude each other");
	if (args->password_stdin && !args->user)
		return err_set(err, ERR_USAGE, EINVAL, "--password-stdin takes --username too");
	ret->user = args->user ? arena_strdup(call->arena, args->user) : NULL;
	ret->password = args->password ? arena_strdup(call->arena, args->password) : NULL;
	if (!ret->user)
		r = ask(call, "Username", false, &ret->user, err);
	if (r == 0 && args->password_stdin)
		r = read_password(call, &ret->password, err);
	else if (r == 0 && !ret->password)
		r = ask(call, "Password", true, &ret->password, err);
	return r;
}

static int print_login(const struct call *call, struct registry *registry, const char *host,
		       struct err *err)
{
	struct registry_login login = {};
	auto_buf struct buf out = {};
	int r = registry_find_login(registry, host, call->arena, &login, err);

	if (r < 0)
		return r;
	buf_printf(&out, "%s\n", login.user ? login.user : "<token>");
	return print_buf(&out, err);
}

static int run(const struct call *call, struct err *err)
{
	const struct login_args *args = call->args;
	const char *host = call->operands[0] ? call->operands[0] : DEFAULT_HOST;
	auto_registry struct registry *registry = NULL;
	struct registry_login login = {};
	auto_buf struct buf out = {};
	int r = registry_from_args(call, &args->registry, &registry, err);

	if (r == 0 && args->get_login)
		return print_login(call, registry, host, err);
	if (r == 0)
		r = find_login(call, &login, err);
	if (r == 0)
		r = registry_log_in(registry, host, &login, err);
	if (r < 0)
		return err_wrap(err, "%s", host);
	buf_puts(&out, "Login Succeeded\n");
	return print_buf(&out, err);
}

const struct verb verb_login = {
	.command = LOGIN_WORDS,
	.args_size = sizeof(struct login_args),
	.run = run,
};
