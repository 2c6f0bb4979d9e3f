/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the child makes of itself, after the world around it is made: limits, identity, the program
 * to become. The same operations end an exec. Each setter of identity is read back by its room in
 * sys/.
 */
#include "rt/child.h"

#include "base/cleanup.h"
#include "rt/sync.h"
#include "sys/affinity.h"
#include "sys/cred.h"
#include "sys/ioprio.h"
#include "sys/keyring.h"
#include "sys/personality.h"
#include "sys/resolve.h"
#include "sys/seccomp.h"
#include "sys/signals.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

int op_set_rlimits(struct child *child, const struct op *op)
{
	const struct op_rlimits *limits = op->arg;

	(void)child;
	for (size_t i = 0; i < limits->n; i++) {
		int r = rlimit_set(&limits->v[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int op_set_scheduler(struct child *child, const struct op *op)
{
	(void)child;
	return sched_set(op->arg);
}

int op_set_affinity(struct child *child, const struct op *op)
{
	(void)child;
	return affinity_set(op->arg);
}

int op_set_memory_policy(struct child *child, const struct op *op)
{
	(void)child;
	return mempolicy_set(op->arg);
}

int op_set_io_priority(struct child *child, const struct op *op)
{
	const struct op_number *value = op->arg;

	(void)child;
	return ioprio_set((int)value->value);
}

int op_set_personality(struct child *child, const struct op *op)
{
	const struct op_number *persona = op->arg;

	(void)child;
	return personality_set(persona->value);
}

int op_set_umask(struct child *child, const struct op *op)
{
	const struct op_number *mask = op->arg;

	(void)child;
	(void)umask((mode_t)mask->value);
	return 0;
}

/* A kernel without keyrings has none to share either. */
int op_join_keyring(struct child *child, const struct op *op)
{
	const struct op_text *name = op->arg;
	int r = keyring_join_session(name->text);

	(void)child;
	return r == -ENOSYS ? 0 : r;
}

int op_reset_signals(struct child *child, const struct op *op)
{
	(void)child;
	(void)op;
	return signals_reset();
}

/* ------------------------------------------------------------------------------ directory */

int op_set_cwd(struct child *child, const struct op *op)
{
	const struct op_cwd *cwd = op->arg;
	auto_close int fd = cwd->make ? resolve_ensure_dir(child->root_fd, cwd->path)
				      : resolve_open(child->root_fd, cwd->path,
						     O_PATH | O_DIRECTORY);

	if (fd == -EACCES || fd == -EPERM || fd == -EROFS) {
		fd = -1;
		return 0;
	}
	if (fd < 0)
		return fd;
	if (fchdir(fd) < 0)
		return errno == EACCES ? 0 : -errno;
	child->is_in_cwd = true;
	return 0;
}

int op_check_cwd(struct child *child, const struct op *op)
{
	const struct op_cwd *cwd = op->arg;
	char path[PATH_MAX];
	long n;

	if (!child->is_in_cwd && chdir(cwd->path) < 0)
		return -errno;
	n = syscall(SYS_getcwd, path, sizeof(path));
	if (n < 0)
		return -errno;
	if (path[0] != '/') {
		child->why = "the directory lies outside of the container";
		return -ENOENT;
	}
	return 0;
}

/* ------------------------------------------------------------------------------ identity */

/* So that the program may open /dev/stdout again by its name. What is not ours to give stays. */
static void give_stdio(uint32_t uid)
{
	for (int fd = 0; fd <= 2; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || st.st_uid == uid)
			continue;
		if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
			continue;
		(void)!fchown(fd, uid, (gid_t)-1);
	}
}

/* A change of identity makes us dumpable and forgets the death signal. */
static int stay_guarded(const struct child *child)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return -errno;
	if (child->sync_fd >= 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return 0;
}

int op_set_identity(struct child *child, const struct op *op)
{
	const struct op_identity *id = op->arg;
	int r;

	give_stdio(id->uid);
	r = caps_drop_bounding(id->bounding, id->known);
	if (r == 0)
		r = cred_keep_caps();
	if (r == 0)
		r = cred_set_groups(id->gids, id->n_gids);
	if (r == -EPERM && id->may_keep_groups && id->n_gids == 0)
		r = 0;
	if (r == 0)
		r = cred_set_ids(id->uid, id->gid);
	if (r == 0 && id->needs_admin && id->uid)
		r = caps_raise(); /* a filter without no_new_privs needs CAP_SYS_ADMIN */
	return r < 0 ? r : stay_guarded(child);
}

int op_set_caps(struct child *child, const struct op *op)
{
	const struct op_caps *arg = op->arg;

	(void)child;
	if (arg->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return caps_set(&arg->caps);
}

/* ------------------------------------------------------------------------------ program */

static int check_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EACCES;
	return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

/* Directory and name into program_path; the empty directory is the current one. */
static bool join_path(struct child *child, const char *dir, size_t len, const char *name)
{
	size_t name_len = strlen(name), size = sizeof(child->program_path);

	if (len + name_len + 2 > size)
		return false;
	memcpy(child->program_path, dir, len);
	if (len)
		child->program_path[len++] = '/';
	memcpy(child->program_path + len, name, name_len + 1);
	return true;
}

/* As execvp(3): a file that we may not execute is remembered, and the search goes on. */
static int search_program(struct child *child, const struct op_program *program)
{
	int result = -ENOENT;

	for (const char *dir = program->paths;; dir++) {
		size_t len = strcspn(dir, ":");
		int r = -ENOENT;

		if (join_path(child, dir, len, program->name))
			r = check_program(child->program_path);
		if (r == 0) {
			child->program = child->program_path;
			return 0;
		}
		if (r == -EACCES)
			result = r;
		dir += len;
		if (!*dir)
			break;
	}
	if (result == -ENOENT)
		child->why = "executable file not found in $PATH";
	return result;
}

/* A directory is refused as execve would: callers make 126 of its words. */
static int use_program(struct child *child, const char *path)
{
	int r = check_program(path);

	child->program = path;
	if (r != -EISDIR)
		return r;
	child->why = "it is a directory";
	return -EACCES;
}

int op_find_program(struct child *child, const struct op *op)
{
	const struct op_program *program = op->arg;
	int r;

	child->kind = ERR_COMMAND;
	if (strchr(program->name, '/'))
		r = use_program(child, program->name);
	else
		r = search_program(child, program);
	if (r == 0)
		child->kind = ERR_SYSTEM;
	return r;
}

int op_set_label(struct child *child, const struct op *op)
{
	const struct op_label *label = op->arg;

	return lsm_set_exec(child->proc_fd, label->lsm, label->label);
}

int op_load_seccomp(struct child *child, const struct op *op)
{
	const struct op_seccomp *filter = op->arg;
	int r = seccomp_filter_load(filter->insns, filter->n, filter->flags);

	if (r < 0 || !filter->has_listener)
		return r < 0 ? r : 0;
	int fd = r;

	r = sync_send_listener(child->sync_fd, fd);
	if (r == 0)
		r = sync_expect(child->sync_fd, SYNC_LISTENING);
	(void)close(fd);
	return r;
}

int op_set_stdio(struct child *child, const struct op *op)
{
	const struct op_stdio *stdio = op->arg;

	(void)child;
	for (int fd = 0; fd < 3; fd++)
		if (dup2(stdio->fds[fd], fd) < 0)
			return -errno;
	return 0;
}

/* The lowest of our own that is still needed, from `first` on. */
static unsigned next_needed(const struct child *child, unsigned first)
{
	const int needed[] = { child->sync_fd, child->listen_fd, child->console_fd };
	unsigned next = ~0u;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (needed[i] >= (int)first && (unsigned)needed[i] < next)
			next = (unsigned)needed[i];
	return next;
}

/* Nothing of ours goes along but what was asked for; and while it waits for `start`, nothing of the
 * host's stays open in a process that others in its namespaces can see. */
int op_close_fds(struct child *child, const struct op *op)
{
	const struct op_number *preserve = op->arg;
	unsigned first = 3 + (unsigned)preserve->value, next;

	for (unsigned fd = 3; fd < first; fd++)
		if (fcntl((int)fd, F_SETFD, 0) < 0)
			return -errno;
	for (; (next = next_needed(child, first)) != ~0u; first = next + 1)
		if (next > first && syscall(SYS_close_range, first, next - 1, 0) < 0)
			return -errno;
	return syscall(SYS_close_range, first, ~0u, 0) < 0 ? -errno : 0;
}

int op_exec_program(struct child *child, const struct op *op)
{
	const struct op_exec *exec = op->arg;

	child->kind = ERR_COMMAND;
	(void)execve(child->program, exec->args, exec->env);
	return -errno;
}
