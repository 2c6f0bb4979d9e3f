/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec: the runtime's own, with standard descriptors and a person attached. There is no monitor in
 * between: the process is a child of ours.
 */
#include "engine/attach.h"
#include "engine/container.h"
#include "engine/holder.h"
#include "engine/spec.h"
#include "engine/words.h"
#include "oci/list.h"

#include "base/cleanup.h"
#include "sys/signals.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

struct exec {
	const struct engine_exec *request;
	struct arena *arena;
	struct rt_exec rt;
	struct oci_process process;
	struct attach_request attach;
	int stdio_fds[3]; /* its ends */
	int in_fd;        /* our end of the first */
};

static void exec_done(struct exec *e)
{
	attach_done(&e->attach);
	for (int i = 0; i < 3; i++)
		closep(&e->stdio_fds[i]);
	closep(&e->in_fd);
}

/* ------------------------------------------------------------------------------- the process */

static int add_options(struct exec *e, struct err *err)
{
	const struct engine_exec *request = e->request;
	int r = 0;

	e->process.args = request->command;
	e->process.terminal = request->tty;
	for (size_t i = 0; i < request->env.n && r == 0; i++)
		r = env_add(&e->process.env, request->env.v[i], e->arena, err);
	if (request->workdir)
		e->process.cwd = arena_strdup(e->arena, request->workdir);
	if (request->privileged)
		e->process.capabilities = spec_all_capabilities(e->arena);
	if (request->workdir && request->workdir[0] != '/')
		return err_set(err, ERR_USAGE, EINVAL, "--workdir: '%s' is not absolute",
			       request->workdir);
	return r;
}

/* As the container's first process, with what the request changes. */
static int load_container(struct exec *e, const struct engine *engine, struct err *err)
{
	const char *user = e->request->user;
	struct engine_container container;
	struct oci_process *its = NULL;
	int r = engine_get(engine, e->request->who, e->arena, &container, err);

	if (r < 0)
		return r;
	if (container.status->kind != STATUS_RUNNING)
		return container_not_running(container.status->kind, err);
	e->rt.id = container.config->id;
	r = rt_exec_process(&engine->rt, &e->rt, e->arena, &its, err);
	if (r == 0)
		r = spec_clamp_rlimits(container.config, its, err);
	if (r < 0)
		return r;
	e->process = *its;
	e->process.console_size = NULL;
	e->process.env = (struct oci_strings){};
	for (size_t i = 0; i < its->env.n; i++)
		strings_add(&e->process.env, e->arena, its->env.v[i]);
	if (!user)
		return 0;
	r = rt_exec_user(&engine->rt, e->rt.id, user, e->arena, &e->process.user, err);
	return r < 0 ? err_wrap(err, "--user '%s'", user) : 0;
}

/* With our own environment and rights, as nsenter(1) does. */
static int load_target(struct exec *e, struct err *err)
{
	struct oci_spec *spec = NULL;
	int r;

	if (e->request->user)
		return err_set(err, ERR_USAGE, EINVAL,
			       "--user: is for containers; with --pid use setpriv(1) inside");
	r = rt_exec_spec(e->request->target_pid, e->arena, &spec, err);
	e->rt.target_pid = e->request->target_pid;
	e->rt.spec = spec;
	e->process.cwd = arena_strdup(e->arena, "/");
	e->process.capabilities = spec_all_capabilities(e->arena);
	for (char **variable = environ; *variable; variable++)
		strings_add(&e->process.env, e->arena, *variable);
	return r;
}

/* ------------------------------------------------------------------------------- descriptors */

/* A pipe, or /dev/null: whoever has it can do no more with it than read and write. */
static bool is_harmless(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	return S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

/* Give it ours as it is, or a pipe whose other end is *ret_fd. */
static int give(struct exec *e, int fd, int *ret_fd, struct err *err)
{
	int fds[2], its_end = fd != STDIN_FILENO;

	if (is_harmless(fd)) {
		e->stdio_fds[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		return e->stdio_fds[fd] < 0 ? err_sys(err, errno, "pass descriptor %d on", fd) : 0;
	}
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	e->stdio_fds[fd] = fds[its_end];
	*ret_fd = fds[!its_end];
	return 0;
}

static int make_stdio(struct exec *e, struct err *err)
{
	bool is_attached = !e->request->detach;
	int r = 0;

	if (e->request->tty)
		return 0;
	for (int fd = 0; fd < 3 && r == 0; fd++) {
		if (is_attached && (fd > 0 || e->request->open_stdin)) {
			r = give(e, fd, fd ? &e->attach.out_fds[fd - 1] : &e->in_fd, err);
			continue;
		}
		e->stdio_fds[fd] = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (e->stdio_fds[fd] < 0)
			r = err_sys(err, errno, "open '/dev/null'");
	}
	e->rt.stdio_fds = e->stdio_fds;
	return r;
}

static int prepare_attach(struct exec *e, struct err *err)
{
	const struct engine_exec *request = e->request;

	if (!request->detach && request->tty && request->open_stdin && !isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE, ENOTTY,
			       "--tty: standard input is not a terminal; leave out --tty, or "
			       "--interactive");
	e->attach.has_stdin = request->open_stdin;
	e->attach.has_tty = request->tty;
	e->attach.sig_proxy = true;
	return detach_keys_parse(request->detach_keys, &e->attach.keys, err);
}

/* ------------------------------------------------------------------------------- all of it */

static int attend(struct exec *e, struct rt_process *process, int *ret_status, struct err *err)
{
	struct ending ending = {};
	int r;

	e->attach.pidfd = process->pidfd;
	if (process->terminal_fd >= 0) {
		e->in_fd = fcntl(process->terminal_fd, F_DUPFD_CLOEXEC, 3);
		e->attach.out_fds[0] = process->terminal_fd;
	}
	r = attach_run(&e->attach, take_fd(&e->in_fd), &ending, err);
	if (r == ATTACH_ENDED)
		r = ending.exit_code = rt_process_wait(process);
	*ret_status = ending.exit_code;
	return r < 0 ? r : 0;
}

/* Who detaches leaves a terminal to a process of ours. Where there can't be one, the command that
 * just started ends with its terminal. */
static int leave(struct exec *e, const struct engine *engine, struct rt_process *process,
		 struct err *err)
{
	int r = 0;

	if (process->terminal_fd >= 0)
		r = holder_start(engine, process->terminal_fd, e->arena, err);
	closep(&process->terminal_fd);
	closep(&process->pidfd);
	return r;
}

static int start(struct exec *e, const struct engine *engine, struct rt_process *process,
		 struct err *err)
{
	int r = e->request->target_pid ? load_target(e, err) : load_container(e, engine, err);

	if (r == 0)
		r = add_options(e, err);
	if (r == 0)
		r = make_stdio(e, err);
	if (r == 0 && !e->request->detach)
		r = signals_open(&e->attach.signal_fd, err);
	e->rt.process = &e->process;
	e->rt.detach = e->request->detach;
	e->rt.preserve_fds = e->request->preserve_fds;
	if (r == 0)
		r = rt_exec_start(&engine->rt, &e->rt, process, err);
	for (int i = 0; i < 3; i++) {
		closep(&e->stdio_fds[i]);
		e->stdio_fds[i] = -1;
	}
	return r;
}

int engine_exec(const struct engine *engine, const struct engine_exec *request,
		struct arena *arena, int *ret_status, struct err *err)
{
	auto_cleanup(exec_done) struct exec e = {
		.request = request,
		.arena = arena,
		.attach = ATTACH_NONE,
		.stdio_fds = { -1, -1, -1 },
		.in_fd = -1,
	};
	struct rt_process process = {};
	int r = prepare_attach(&e, err);

	if (r == 0)
		r = start(&e, engine, &process, err);
	if (r < 0)
		return r;
	*ret_status = 0;
	if (request->detach)
		return leave(&e, engine, &process, err);
	return attend(&e, &process, ret_status, err);
}
