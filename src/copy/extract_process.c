/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child that reads the archive. What it says in the end is one message of fixed size, which is
 * looked at before it is believed to be of the form that it should be.
 */
#include "copy/extract.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "layer/jail.h"
#include "sys/clone.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

struct message {
	int r;
	struct copy_seen seen;
	struct err err;
};

static int extract(const struct copy_extract *request, struct jail *jail, struct message *message)
{
	struct copy_extract inside = *request;
	int r = jail_enter(jail, &message->err);

	if (r < 0)
		return r;
	inside.dir_fd = jail->fds[JAIL_ROOT];
	inside.file_fd = jail->fds[JAIL_FILE];
	return copy_extract_here(&inside, &message->seen, &message->err);
}

/* The directory may lie in another mount namespace, where it can't be made a mount of. */
__attribute__((noreturn)) static void run_child(const struct copy_extract *request, int result_fd)
{
	struct message message = {};
	struct jail jail = {
		.fds = {
			[JAIL_ROOT] = request->dir_fd,
			[JAIL_FILE] = request->file_fd,
			[JAIL_PROGRESS] = -1,
			[JAIL_RESULT] = result_fd,
		},
		.is_in_place = true,
	};

	message.r = extract(request, &jail, &message);
	(void)io_write(jail.fds[JAIL_RESULT], &message, sizeof(message));
	_exit(0);
}

static bool makes_sense(const struct message *message)
{
	const char *path = message->seen.left_out_path;

	if (message->r == 0)
		return memchr(path, '\0', sizeof(message->seen.left_out_path));
	return message->r < 0 && err_is_sound(&message->err, message->r);
}

static int conclude(const struct message *message, size_t have, int status,
		    struct copy_seen *ret, struct err *err)
{
	if (have < sizeof(*message) && status >= 0 && WIFSIGNALED(status))
		return err_set(err, ERR_SYSTEM, ECHILD,
			       "the process that reads the archive was killed: %s",
			       strsignal(WTERMSIG(status)));
	if (have < sizeof(*message) || !makes_sense(message))
		return err_set(err, ERR_SYSTEM, ECHILD,
			       "the process that reads the archive made no sense");
	if (message->r < 0) {
		*err = message->err;
		return message->r;
	}
	*ret = message->seen;
	return 0;
}

static int extract_in_child(const struct copy_extract *request, struct copy_seen *ret,
			    struct err *err)
{
	const struct clone_request clone = { .flags = jail_clone_flags, .cgroup_fd = -1 };
	auto_close int read_fd = -1, write_fd = -1, pidfd = -1;
	struct message message = {};
	size_t have;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	read_fd = fds[0];
	write_fd = fds[1];
	pid = clone_process(&clone, &pidfd);
	if (pid == 0)
		run_child(request, write_fd);
	if (pid < 0)
		return err_sys(err, -pid, "start a process to read the archive");
	closep(&write_fd);
	write_fd = -1;
	have = io_read(read_fd, &message, sizeof(message));
	return conclude(&message, have, clone_wait(pid), ret, err);
}

int copy_extract(const struct copy_extract *request, struct copy_seen *ret, struct err *err)
{
	return geteuid() == 0 ? extract_in_child(request, ret, err)
			      : copy_extract_here(request, ret, err);
}
