/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuse-overlayfs(1), for where the kernel's overlayfs does not want the file system. It keeps the
 * changes in the same form. Its process is a child of ours and ends with us, so that nothing of it
 * is left behind whatever happens.
 */
#include "snapshot/drivers.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#define PROGRAM      "fuse-overlayfs"
#define FUSE_MAGIC   0x65735546
#define NOT_EXECUTED 127
#define TICK_MS      2
#define MAX_TICKS    5000

struct server {
	pid_t pid;
	const char *place; /* where it mounts, by our descriptor */
	int target_fd;
	int fds[2];        /* what it complains about */
};

static char *make_options(const struct snapshot_request *request, struct arena *arena)
{
	auto_buf struct buf options = {};

	buf_puts(&options, "lowerdir=");
	for (size_t i = request->n_layers; i-- > 0;)
		buf_printf(&options, "/proc/self/fd/%d%s", request->layer_fds[i], i ? ":" : "");
	if (request->changes_fd >= 0)
		buf_printf(&options, ",upperdir=/proc/self/fd/%d/upper,"
				     "workdir=/proc/self/fd/%d/work",
			   request->changes_fd, request->changes_fd);
	return arena_strdup(arena, buf_str(&options));
}

static void keep_open(int fd)
{
	(void)fcntl(fd, F_SETFD, 0);
}

_Noreturn static void become(const struct snapshot_request *request, const struct server *server,
			     const char *options)
{
	pid_t parent = getppid();

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(NOT_EXECUTED);
	for (size_t i = 0; i < request->n_layers; i++)
		keep_open(request->layer_fds[i]);
	if (request->changes_fd >= 0)
		keep_open(request->changes_fd);
	keep_open(server->target_fd);
	(void)dup2(server->fds[1], STDOUT_FILENO);
	(void)dup2(server->fds[1], STDERR_FILENO);
	(void)execlp(PROGRAM, PROGRAM, "-f", "-o", options, server->place, (char *)NULL);
	_exit(NOT_EXECUTED);
}

/* Its first words, without the end of the line. */
static void read_words(int fd, char words[200])
{
	ssize_t n = read(fd, words, 199);

	words[n > 0 ? n : 0] = '\0';
	for (char *p = words; *p; p++)
		if (*p == '\n')
			*p = '\0';
}

static int refused(const struct server *server, int status, struct err *err)
{
	char words[200];

	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_EXECUTED)
		return err_set(err, ERR_SYSTEM, ENOENT, "'" PROGRAM "' is not installed");
	read_words(server->fds[0], words);
	return err_set(err, ERR_SYSTEM, EIO, "'" PROGRAM "': %s", words);
}

static bool is_mounted(const struct server *server)
{
	struct statfs fs;

	return statfs(server->place, &fs) == 0 && fs.f_type == FUSE_MAGIC;
}

/* It says nothing when it is ready. */
static int wait_mounted(const struct server *server, struct err *err)
{
	for (int ticks = 0; ticks < MAX_TICKS; ticks++) {
		int status;

		if (waitpid(server->pid, &status, WNOHANG) == server->pid)
			return refused(server, status, err);
		if (is_mounted(server))
			return 0;
		(void)poll(NULL, 0, TICK_MS);
	}
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
	return err_set(err, ERR_SYSTEM, ETIMEDOUT, "'" PROGRAM "' does not get ready");
}

static int serve(const struct snapshot_request *request, struct server *server,
		 const char *options, struct err *err)
{
	server->pid = fork();
	if (server->pid < 0)
		return err_sys(err, errno, "fork");
	if (server->pid == 0)
		become(request, server, options);
	return wait_mounted(server, err);
}

/* Whose ids are mapped would need a server that maps them back. */
int snapshot_fuse(const struct snapshot_request *request, int target_fd, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_close int read_fd = -1, write_fd = -1;
	struct server server = { .target_fd = target_fd };
	char place[32], path[4096];
	ssize_t len;

	if (request->maker)
		return err_set(err, ERR_SYSTEM, EOPNOTSUPP, "not with ids of its own");
	if (request->is_lasting)
		return err_set(err, ERR_SYSTEM, EOPNOTSUPP, "its process ends with ours");
	if (snapshot_make_places(request->changes_fd, err) < 0)
		return -err->no;
	(void)snprintf(place, sizeof(place), "/proc/self/fd/%d", target_fd);
	len = readlink(place, path, sizeof(path) - 1);
	if (len < 0)
		return err_sys(err, errno, "find the place to mount on");
	path[len] = '\0';
	server.place = path;
	if (pipe2(server.fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	read_fd = server.fds[0];
	write_fd = server.fds[1];
	return serve(request, &server, make_options(request, &arena), err);
}
