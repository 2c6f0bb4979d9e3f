/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who thaws is there before anything is frozen, in a session of its own that no terminal's signals
 * reach. It waits for the end of a pipe that its parent holds, however that comes.
 */
#include "engine/freeze.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

_Noreturn static void wait_and_thaw(const struct engine *engine, const char *id, int wait_fd)
{
	struct err ignored;
	char byte;

	(void)setsid();
	(void)signal(SIGTERM, SIG_IGN);
	while (read(wait_fd, &byte, 1) < 0 && errno == EINTR)
		;
	(void)rt_resume(&engine->rt, id, &ignored);
	_exit(0);
}

static int start_thawer(const struct engine *engine, const char *id, struct freeze *freeze,
			struct err *err)
{
	auto_close int wait_fd = -1;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	wait_fd = fds[0];
	freeze->hold_fd = fds[1];
	freeze->host_pid = fork();
	if (freeze->host_pid == 0) {
		(void)close(fds[1]);
		wait_and_thaw(engine, id, wait_fd);
	}
	if (freeze->host_pid < 0) {
		freeze->host_pid = 0;
		return err_sys(err, errno, "make a process that lets the container go on");
	}
	return 0;
}

static bool is_running(const struct engine *engine, const char *id)
{
	auto_arena struct arena arena = {};
	struct rt_state *state = NULL;
	struct err ignored;

	return rt_state_get(&engine->rt, id, &arena, &state, &ignored) == 0 &&
	       state->status == RT_RUNNING;
}

int freeze_begin(const struct engine *engine, const char *id, struct freeze *ret,
		 struct err *err)
{
	int r;

	*ret = (struct freeze)FREEZE_NONE;
	if (!is_running(engine, id))
		return 0;
	r = start_thawer(engine, id, ret, err);
	if (r == 0)
		r = rt_pause(&engine->rt, id, err);
	if (r < 0)
		freeze_end(ret);
	/* It may have ended meanwhile. */
	return r < 0 && is_running(engine, id) ? r : 0;
}

void freeze_end(struct freeze *freeze)
{
	closep(&freeze->hold_fd);
	if (freeze->host_pid > 0)
		while (waitpid(freeze->host_pid, NULL, 0) < 0 && errno == EINTR)
			;
	*freeze = (struct freeze)FREEZE_NONE;
}
