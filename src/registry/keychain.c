/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks docker-credential-NAME. Its protocol: one word as argument (get, store, erase), the request
 * on standard input, the answer or what went wrong on standard output. A user "<token>" says that
 * the secret is an identity token.
 *
 * The request is in a file without a name: nobody waits for a helper that does not read it.
 */
#include "registry/keychain.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "oci/json_text.h"
#include "oci/schema.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define TIMEOUT_MS 30000
#define MAX_BYTES  ((size_t)64 << 10)
#define NAME "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
#define TOKEN_USER "<token>"

extern char **environ;

struct answer {
	char *server, *user, *secret;
};

#define FIELD(name, member, flag) \
	{ name, SCHEMA_STRING, flag, offsetof(struct answer, member), NULL, NULL, NULL }

static const struct schema_field answer_fields[] = {
	FIELD("ServerURL", server, 0),
	FIELD("Username", user, SCHEMA_REQUIRED),
	FIELD("Secret", secret, SCHEMA_REQUIRED),
};

static const struct schema answer_schema = SCHEMA(struct answer, answer_fields);

/* ------------------------------------------------------------------------------ processes */

static int request_file(const char *text, int *ret_fd, struct err *err)
{
	auto_close int fd = memfd_create("request", MFD_CLOEXEC);
	struct buf request = { .data = (char *)text, .len = strlen(text) };
	int r;

	if (fd < 0)
		return err_sys(err, errno, "memfd_create");
	r = buf_write_fd(&request, fd, "the request", err);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(err, errno, "lseek");
	*ret_fd = take_fd(&fd);
	return 0;
}

static int spawn(const char *program, const char *verb, int in_fd, int out_fd, pid_t *ret_pid,
		 struct err *err)
{
	char *argv[] = { (char *)program, (char *)verb, NULL };
	posix_spawn_file_actions_t actions;
	int no;

	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
	no = posix_spawnp(ret_pid, program, &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return no ? err_sys(err, no, "execute '%s'", program) : 0;
}

/* Wait for the descriptor, at most until then. */
static bool wait_fd(int fd, int64_t deadline_ms)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };
	int64_t left;

	while ((left = deadline_ms - clock_ms()) > 0) {
		int n = poll(&polled, 1, (int)left);

		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			break;
	}
	return false;
}

/* What it writes until the end; more than is useful is read and dropped. */
static bool read_answer(int fd, int64_t deadline_ms, struct buf *out)
{
	char chunk[4096];

	while (wait_fd(fd, deadline_ms)) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n == 0)
			return true;
		if (n > 0 && out->len < MAX_BYTES)
			buf_add(out, chunk, (size_t)n);
		else if (n < 0 && errno != EINTR)
			break;
	}
	return false;
}

/* Its end, or ours of it. */
static int reap(pid_t pid, bool has_answered, int64_t deadline_ms)
{
	auto_close int pidfd = proc_open_pidfd(pid);
	int status = -1;

	if (!has_answered || (pidfd >= 0 && !wait_fd(pidfd, deadline_ms)))
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* 0, or 1 when it says no: *out is why. */
static int ask(const char *name, const char *verb, const char *request, struct buf *out,
	       struct err *err)
{
	auto_close int in_fd = -1, read_fd = -1, write_fd = -1;
	int64_t deadline_ms = clock_ms() + TIMEOUT_MS;
	char program[160];
	int pipe_fds[2], r, status;
	bool has_answered;
	pid_t pid;

	if (!*name || *name == '.' || name[strspn(name, NAME)] || strlen(name) > 100)
		return err_set(err, ERR_USAGE, EINVAL, "'%.100s' is no name of a credential helper",
			       name);
	(void)snprintf(program, sizeof(program), "docker-credential-%s", name);
	r = request_file(request, &in_fd, err);
	if (r < 0)
		return r;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "pipe");
	read_fd = pipe_fds[0];
	write_fd = pipe_fds[1];
	r = spawn(program, verb, in_fd, write_fd, &pid, err);
	if (r < 0)
		return r;
	closep(&write_fd);
	write_fd = -1;
	has_answered = read_answer(read_fd, deadline_ms, out);
	status = reap(pid, has_answered, deadline_ms);
	if (!has_answered)
		return err_set(err, ERR_SYSTEM, ETIMEDOUT, "'%s %s' gives no answer", program,
			       verb);
	return status == 0 ? 0 : 1;
}

/* What the helper said, as an error. */
static int refused(const char *name, const char *verb, const struct buf *out, struct err *err)
{
	auto_buf struct buf words = {}, line = {};

	buf_add(&line, buf_str(out), strcspn(buf_str(out), "\n"));
	(void)utf8_add_printable(&words, buf_str(&line), 200);
	return err_set(err, ERR_SYSTEM, EIO, "docker-credential-%s %s: %s", name, verb,
		       words.len ? buf_str(&words) : "it failed without a word");
}

/* ------------------------------------------------------------------------------ the verbs */

int keychain_get(const char *name, const char *server, struct arena *arena,
		    struct registry_login *ret, struct err *err)
{
	auto_buf struct buf out = {};
	struct answer *answer;
	int r = ask(name, "get", server, &out, err);

	if (r < 0)
		return r;
	/* The words are the protocol's: there is no other way to tell this from failures. */
	if (r == 1 && strstr(buf_str(&out), "credentials not found"))
		return 0;
	if (r == 1)
		return refused(name, "get", &out, err);
	r = schema_parse(&answer_schema, buf_str(&out), out.len, arena, (void **)&answer, err);
	if (r < 0)
		return err_wrap(err, "docker-credential-%s get", name);
	if (!*answer->secret)
		return 0;
	*ret = (struct registry_login){};
	if (strcmp(answer->user, TOKEN_USER) == 0) {
		ret->identity_token = answer->secret;
	} else {
		ret->user = answer->user;
		ret->password = answer->secret;
	}
	return 1;
}

int keychain_store(const char *name, const char *server, const struct registry_login *login,
		      struct err *err)
{
	auto_buf struct buf request = {}, out = {};
	int r;

	buf_puts(&request, "{\"ServerURL\":");
	json_text_quote(&request, server);
	buf_puts(&request, ",\"Username\":");
	json_text_quote(&request, login->identity_token ? TOKEN_USER : login->user);
	buf_puts(&request, ",\"Secret\":");
	json_text_quote(&request, login->identity_token ? login->identity_token : login->password);
	buf_puts(&request, "}");
	r = ask(name, "store", buf_str(&request), &out, err);
	return r == 1 ? refused(name, "store", &out, err) : r;
}

int keychain_erase(const char *name, const char *server, struct err *err)
{
	auto_buf struct buf out = {};
	int r = ask(name, "erase", server, &out, err);

	if (r == 1 && strstr(buf_str(&out), "credentials not found"))
		return 0;
	return r == 1 ? refused(name, "erase", &out, err) : r;
}
