/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps are written as soon as the child exists: it need not be asked whether it is ready. The
 * kernel takes a map in one write of less than a page, once.
 *
 * Three ways, tried in this order: we hold the right (root, or CAP_SETUID above the namespace); we
 * map one id, our own, for which setgroups must be denied before the group map; the setuid programs
 * of the shadow suite, which look into /etc/subuid and /etc/subgid.
 */
#include "sys/idmap.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/num.h"
#include "sys/clone.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define RANGES_MAX 340
#define TEXT_MAX   4095
#define WORDS_MAX  256 /* of what newuidmap says; the rest is cut */

extern char **environ;

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return (uint64_t)a < (uint64_t)b + b_size && (uint64_t)b < (uint64_t)a + a_size;
}

static int check_pair(const struct idmap_range *a, const struct idmap_range *b, struct err *err)
{
	if (overlap(a->inside, a->size, b->inside, b->size))
		return err_set(err, ERR_USAGE, EINVAL, "id %u inside is mapped twice",
			       a->inside > b->inside ? a->inside : b->inside);
	if (overlap(a->outside, a->size, b->outside, b->size))
		return err_set(err, ERR_USAGE, EINVAL, "id %u of the host is mapped twice",
			       a->outside > b->outside ? a->outside : b->outside);
	return 0;
}

int idmap_check(const struct idmap *map, struct err *err)
{
	if (map->n == 0)
		return err_set(err, ERR_USAGE, EINVAL, "no id is mapped");
	if (map->n > RANGES_MAX)
		return err_set(err, ERR_USAGE, E2BIG, "%zu ranges of ids; the kernel takes %d",
			       map->n, RANGES_MAX);
	for (size_t i = 0; i < map->n; i++) {
		const struct idmap_range *range = &map->ranges[i];

		if (range->size == 0)
			return err_set(err, ERR_USAGE, EINVAL, "[%zu].size: must not be 0", i);
		if ((uint64_t)range->inside + range->size > UINT32_MAX ||
		    (uint64_t)range->outside + range->size > UINT32_MAX)
			return err_set(err, ERR_USAGE, ERANGE,
				       "[%zu]: reaches past the largest id", i);
		for (size_t k = 0; k < i; k++) {
			int r = check_pair(&map->ranges[k], range, err);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* ------------------------------------------------------------------------------- reading */

/* The next of a line's three numbers. */
static int next_number(char **rest, uint32_t *ret)
{
	const char *word;

	do
		word = strsep(rest, " ");
	while (word && !*word);
	return word ? num_parse_u32(word, ret) : -EINVAL;
}

static int parse_range(char *line, struct idmap_range *ret)
{
	if (next_number(&line, &ret->inside) < 0 || next_number(&line, &ret->outside) < 0 ||
	    next_number(&line, &ret->size) < 0)
		return -EINVAL;
	return line && line[strspn(line, " ")] ? -EINVAL : 0;
}

int idmap_parse(const char *text, struct arena *arena, struct idmap *ret, struct err *err)
{
	char *rest = arena_strdup(arena, text), *line;
	struct idmap_range *ranges = NULL;
	size_t n = 0, lines = 1;

	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	if (lines > RANGES_MAX + 1)
		return err_set(err, ERR_SYSTEM, EINVAL, "an id map of more than %d ranges",
			       RANGES_MAX);
	ranges = arena_array(arena, struct idmap_range, lines);
	while ((line = strsep(&rest, "\n")) && (*line || rest))
		if (parse_range(line, &ranges[n++]) < 0)
			return err_set(err, ERR_SYSTEM, EINVAL,
				       "line %zu of an id map is not of its form", n);
	*ret = (struct idmap){ ranges, n };
	return 0;
}

int idmap_find_inside(const struct idmap *map, uint32_t outside, uint32_t *ret_inside)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct idmap_range *range = &map->ranges[i];

		if (outside < range->outside || outside - range->outside >= range->size)
			continue;
		*ret_inside = range->inside + (outside - range->outside);
		return 1;
	}
	return 0;
}

/* ------------------------------------------------------------------- by newuidmap, newgidmap */

struct mapper {
	const char *program; /* NULL: not needed */
	pid_t pid;	     /* 0: not started */
	int words_fd;	     /* what it says on standard error */
};

/* newuidmap PID INSIDE OUTSIDE SIZE [INSIDE OUTSIDE SIZE]... */
static char **mapper_argv(struct arena *arena, const char *program, pid_t host_pid,
			  const struct idmap *map)
{
	char **argv = arena_array(arena, char *, 2 + 3 * map->n + 1), **arg = argv;

	*arg++ = arena_strdup(arena, program);
	*arg++ = arena_printf(arena, "%d", (int)host_pid);
	for (size_t i = 0; i < map->n; i++) {
		*arg++ = arena_printf(arena, "%u", map->ranges[i].inside);
		*arg++ = arena_printf(arena, "%u", map->ranges[i].outside);
		*arg++ = arena_printf(arena, "%u", map->ranges[i].size);
	}
	return argv;
}

static int mapper_start(struct mapper *mapper, pid_t host_pid, const struct idmap *map,
			struct err *err)
{
	auto_arena struct arena arena = {};
	auto_close int words_fd = -1;
	posix_spawn_file_actions_t actions;
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	mapper->words_fd = fds[0];
	words_fd = fds[1];
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, words_fd, STDERR_FILENO);
	r = posix_spawnp(&mapper->pid, mapper->program, &actions, NULL,
			 mapper_argv(&arena, mapper->program, host_pid, map), environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r != 0) {
		mapper->pid = 0;
		return err_sys(err, r, "run '%s', which maps ids for users other than root",
			       mapper->program);
	}
	return 0;
}

static int mapper_finish(struct mapper *mapper, struct err *err)
{
	char words[WORDS_MAX + 1];
	ssize_t n, len = 0;
	int status;

	while ((n = read(mapper->words_fd, words + len, (size_t)(WORDS_MAX - len))) > 0)
		len += n;
	(void)close(mapper->words_fd);
	mapper->words_fd = -1;
	status = clone_wait(mapper->pid);
	if (status == 0)
		return 0;
	words[len] = '\0';
	words[strcspn(words, "\n")] = '\0';
	return err_set(err, ERR_SYSTEM, EPERM, "%s failed: %s", mapper->program,
		       words[0] ? words : "without a word");
}

static int write_by_mappers(pid_t host_pid, const struct idmap *uids, const struct idmap *gids,
			    unsigned which, struct err *err)
{
	struct mapper mappers[2] = { { "newuidmap", 0, -1 }, { "newgidmap", 0, -1 } };
	const struct idmap *maps[2] = { uids, gids };
	int r = 0;

	for (int i = 0; i < 2 && r == 0; i++)
		if (which & 1u << i)
			r = mapper_start(&mappers[i], host_pid, maps[i], err);
	for (int i = 0; i < 2; i++) {
		struct err later;

		if (mappers[i].pid > 0) {
			int r2 = mapper_finish(&mappers[i], r < 0 ? &later : err);

			r = r < 0 ? r : r2;
		}
		closep(&mappers[i].words_fd);
	}
	return r;
}

/* ------------------------------------------------------------------------------- by ourselves */

static int write_file(int proc_fd, pid_t host_pid, const char *name, const char *text)
{
	char path[48];

	(void)snprintf(path, sizeof(path), "%d/%s", (int)host_pid, name);
	return proc_write(proc_fd, path, text);
}

/* 0 or -errno. */
static int write_map(int proc_fd, pid_t host_pid, const char *name, const struct idmap *map)
{
	auto_buf struct buf text = {};

	for (size_t i = 0; i < map->n; i++)
		buf_printf(&text, "%u %u %u\n", map->ranges[i].inside, map->ranges[i].outside,
			   map->ranges[i].size);
	if (text.len > TEXT_MAX)
		return -E2BIG;
	return write_file(proc_fd, host_pid, name, buf_str(&text));
}

static bool is_only(const struct idmap *map, uint32_t id)
{
	return map->n == 1 && map->ranges[0].size == 1 && map->ranges[0].outside == id;
}

static int write_gids(int proc_fd, pid_t host_pid, const struct idmap *gids)
{
	int r = write_map(proc_fd, host_pid, "gid_map", gids);

	if (r != -EPERM || !is_only(gids, getegid()))
		return r;
	r = write_file(proc_fd, host_pid, "setgroups", "deny");
	return r < 0 ? r : write_map(proc_fd, host_pid, "gid_map", gids);
}

int idmap_write(int proc_fd, pid_t host_pid, const struct idmap *uids, const struct idmap *gids,
		struct err *err)
{
	int uid_r = write_map(proc_fd, host_pid, "uid_map", uids);
	int gid_r = write_gids(proc_fd, host_pid, gids);

	if (uid_r < 0 && uid_r != -EPERM)
		return err_sys(err, -uid_r, "write the uid map of process %d", (int)host_pid);
	if (gid_r < 0 && gid_r != -EPERM)
		return err_sys(err, -gid_r, "write the gid map of process %d", (int)host_pid);
	return write_by_mappers(host_pid, uids, gids,
				(uid_r < 0 ? 1u << 0 : 0) | (gid_r < 0 ? 1u << 1 : 0), err);
}

/* ------------------------------------------------------------------- a namespace without people */

static int open_userns(int proc_fd, pid_t host_pid, int *ret_fd, struct err *err)
{
	char path[48];
	int fd;

	(void)snprintf(path, sizeof(path), "%d/ns/user", (int)host_pid);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "open the user namespace of process %d", (int)host_pid);
	*ret_fd = fd;
	return 0;
}

/* A process that is there for its user namespace alone. It shares our memory, which need not be
 * copied for it, and ends when its end of the pipe does, so that it never outlives us. */
struct placeholder {
	int fds[2];
	pid_t pid;
	_Alignas(16) char stack[4096];
};

static int wait_for_end(void *arg)
{
	const struct placeholder *placeholder = arg;
	char byte;

	(void)close(placeholder->fds[1]);
	(void)!read(placeholder->fds[0], &byte, 1);
	_exit(0);
}

static int placeholder_start(struct placeholder *placeholder, struct err *err)
{
	if (pipe2(placeholder->fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	placeholder->pid = clone(wait_for_end, placeholder->stack + sizeof(placeholder->stack),
				 CLONE_NEWUSER | CLONE_VM | SIGCHLD, placeholder);
	if (placeholder->pid >= 0)
		return 0;
	(void)err_sys(err, errno, "make a user namespace");
	(void)close(placeholder->fds[0]);
	(void)close(placeholder->fds[1]);
	return -err->no;
}

/* It uses this memory until it has ended. */
static void placeholder_end(struct placeholder *placeholder)
{
	(void)close(placeholder->fds[1]);
	(void)clone_wait(placeholder->pid);
	(void)close(placeholder->fds[0]);
}

int idmap_userns_fd(int proc_fd, const struct idmap *uids, const struct idmap *gids, int *ret_fd,
		    struct err *err)
{
	struct placeholder placeholder;
	int r = placeholder_start(&placeholder, err);

	if (r < 0)
		return r;
	r = idmap_write(proc_fd, placeholder.pid, uids, gids, err);
	if (r == 0)
		r = open_userns(proc_fd, placeholder.pid, ret_fd, err);
	placeholder_end(&placeholder);
	return r;
}
