/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child and what it says in the end: one message of fixed size through a pipe, which can carry
 * no descriptors. It was written by who read a stranger's bytes, so it is looked at before it is
 * believed to be of the form that it should be.
 */
#include "layer/unpack_process.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "layer/jail.h"
#include "sys/clone.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

struct message {
	int r;
	struct layer_facts facts;
	struct err err;
};

/* ------------------------------------------------------------------------------- the child */

static int unpack(const struct layer_unpack *request, struct jail *jail, struct message *message)
{
	struct layer_unpack inside = *request;
	int r = jail_enter(jail, &message->err);

	if (r < 0)
		return r;
	inside.root_fd = jail->fds[JAIL_ROOT];
	inside.source.file_fd = jail->fds[JAIL_FILE];
	inside.source.progress_fd = jail->fds[JAIL_PROGRESS];
	return layer_unpack_here(&inside, &message->facts, &message->err);
}

static void tell(int result_fd, const struct message *message)
{
	(void)io_write(result_fd, message, sizeof(*message));
}

__attribute__((noreturn)) static void run_child(const struct layer_unpack *request,
						 int root_mount_fd, int result_fd)
{
	struct message message = {};
	struct jail jail = {
		.fds = {
			[JAIL_ROOT] = root_mount_fd,
			[JAIL_FILE] = request->source.file_fd,
			[JAIL_PROGRESS] = request->source.progress_fd,
			[JAIL_RESULT] = result_fd,
		},
	};

	message.r = unpack(request, &jail, &message);
	tell(jail.fds[JAIL_RESULT], &message);
	_exit(0);
}

/* ------------------------------------------------------------------------------- the parent */

int layer_unpack_start(const struct layer_unpack *request, struct layer_unpacking *ret,
		       struct err *err)
{
	const struct clone_request clone = { .flags = jail_clone_flags, .cgroup_fd = -1 };
	auto_close int root_mount_fd = -1, read_fd = -1, write_fd = -1;
	int fds[2], pidfd, r = jail_open_root(request->root_fd, &root_mount_fd, err);
	pid_t pid;

	if (r < 0)
		return r;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	read_fd = fds[0];
	write_fd = fds[1];
	pid = clone_process(&clone, &pidfd);
	if (pid == 0)
		run_child(request, root_mount_fd, write_fd);
	if (pid < 0)
		return err_sys(err, -pid, "start a process to unpack");
	*ret = (struct layer_unpacking){ pid, pidfd, take_fd(&read_fd) };
	return 0;
}

static bool is_text(const char *bytes, size_t cap)
{
	return memchr(bytes, '\0', cap) != NULL;
}

static bool makes_sense(const struct message *message)
{
	const struct layer_facts *facts = &message->facts;
	struct digest digest;
	struct err ignored;

	if (message->r < 0)
		return err_is_sound(&message->err, message->r);
	return is_text(facts->diff_id.text, sizeof(facts->diff_id.text)) &&
	       digest_parse(facts->diff_id.text, &digest, &ignored) == 0 &&
	       is_text(facts->max_id_path, sizeof(facts->max_id_path));
}

static void let_go(struct layer_unpacking *unpacking)
{
	closep(&unpacking->pidfd);
	closep(&unpacking->result_fd);
	*unpacking = (struct layer_unpacking)LAYER_UNPACKING_NONE;
}

int layer_unpack_wait(struct layer_unpacking *unpacking, struct layer_facts *ret, struct err *err)
{
	struct message message = {};
	bool is_whole = io_read(unpacking->result_fd, &message, sizeof(message)) ==
			sizeof(message);
	int status = clone_wait(unpacking->host_pid);

	let_go(unpacking);
	if (!is_whole && status >= 0 && WIFSIGNALED(status))
		return err_set(err, ERR_SYSTEM, ECHILD, "the process that unpacks was killed: %s",
			       strsignal(WTERMSIG(status)));
	if (!is_whole || !makes_sense(&message))
		return err_set(err, ERR_SYSTEM, ECHILD, "the process that unpacks made no sense");
	if (message.r < 0) {
		*err = message.err;
		return message.r;
	}
	*ret = message.facts;
	return 0;
}

void layer_unpack_kill(struct layer_unpacking *unpacking)
{
	if (unpacking->pidfd < 0)
		return;
	(void)syscall(SYS_pidfd_send_signal, unpacking->pidfd, SIGKILL, NULL, 0);
	(void)clone_wait(unpacking->host_pid);
	let_go(unpacking);
}
