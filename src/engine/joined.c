/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is joined is looked up twice: by name when the container is made, so that a name which is
 * given to another later means the same, and by its process at each start. A path is opened then.
 */
#include "engine/joined.h"

#include "base/cleanup.h"
#include "engine/entry.h"
#include "engine/marks.h"
#include "engine/sharing.h"
#include "sys/mount.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------- making */

struct choice {
	struct config *config;
	struct arena *arena;
	const char *ids_option;  /* the one that brought the ids; NULL: none yet */
	const char *host_option; /* the one whose owner has the host's */
	struct err *err;
};

static int different_ids(const struct choice *choice, const char *one, const char *other)
{
	return err_set(choice->err, ERR_CONFLICT, EINVAL,
		       "%s and %s: who has these namespaces has different ids", one, other);
}

/* The ids of whoever owns the user namespace behind what is shared. */
static int adopt_ids(struct choice *choice, const struct sharing_row *row,
		     const struct config *other)
{
	struct config *config = choice->config;
	const char *owner = other->ids_of ? other->ids_of : other->id;

	if (!other->ids_size) {
		choice->host_option = row->option;
		return choice->ids_option
			       ? different_ids(choice, choice->ids_option, row->option)
			       : 0;
	}
	if (choice->host_option)
		return different_ids(choice, choice->host_option, row->option);
	if (choice->ids_option && strcmp(config->ids_of, owner) != 0)
		return different_ids(choice, choice->ids_option, row->option);
	choice->ids_option = row->option;
	config->ids_of = arena_strdup(choice->arena, owner);
	config->ids_start = other->ids_start;
	config->ids_size = other->ids_size;
	return 0;
}

static bool is_kept_private(const struct sharing_row *row, const char *word)
{
	return row->kind == NS_IPC && word &&
	       (strcmp(word, "private") == 0 || strcmp(word, "none") == 0);
}

/* What the other shares with the host, or has by a path, we have from there. */
static int choose_one(struct choice *choice, const struct engine *engine,
		      const struct sharing_row *row)
{
	const char *name = sharing_container(sharing_word(choice->config, row));
	struct engine_container other;
	const char *its;

	if (!name)
		return 0;
	if (engine_get(engine, name, choice->arena, &other, choice->err) < 0)
		return err_wrap(choice->err, "%s", row->option);
	its = sharing_word(other.config, row);
	if (is_kept_private(row, its))
		return err_set(choice->err, ERR_CONFLICT, EPERM,
			       "%s: container '%s' does not share it: it was made with %s %s",
			       row->option, name, row->option, its);
	if (row->kind != NS_USER && (config_is_host(its) || sharing_path(its))) {
		sharing_set_word(choice->config, row, arena_strdup(choice->arena, its));
		return 0;
	}
	sharing_set_word(choice->config, row,
			 arena_printf(choice->arena, "container:%s", other.config->id));
	return adopt_ids(choice, row, other.config);
}

int joined_choose(const struct engine *engine, struct config *config, struct arena *arena,
		  struct err *err)
{
	struct choice choice = { .config = config, .arena = arena, .err = err };
	int r = sharing_check(config, err);

	for (size_t i = 0; i < SHARING_ROWS && r == 0; i++)
		r = choose_one(&choice, engine, &sharing_rows[i]);
	if (r == 0 && choice.host_option)
		config->userns = arena_strdup(arena, "host");
	return r;
}

/* ------------------------------------------------------------------------------- starting */

void joined_init(struct joined *joined)
{
	for (int kind = 0; kind < NS_KIND_MAX_; kind++)
		joined->fds[kind] = -1;
}

void joined_close(struct joined *joined)
{
	for (int kind = 0; kind < NS_KIND_MAX_; kind++)
		closep(&joined->fds[kind]);
	joined_init(joined);
}

/* Its first process; the number belongs to the pidfd as long as that is alive. */
static int find_process(const struct engine *engine, const char *id, pid_t *ret_pid,
			int *ret_pidfd, struct err *err)
{
	int r = engine_find_pid(engine, id, ret_pid, err);

	return r < 0 ? r : rt_pidfd_open(&engine->rt, id, ret_pidfd, err);
}

static int check_alive(int pidfd, struct err *err)
{
	if (syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0)
		return 0;
	return err_set(err, ERR_CONFLICT, ESRCH, "the container is not running");
}

int joined_open_network(const struct engine *engine, const char *id, int *ret_fd, struct err *err)
{
	auto_close int pidfd = -1, fd = -1;
	pid_t pid = 0;
	int r = find_process(engine, id, &pid, &pidfd, err);

	if (r == 0)
		r = ns_open(pid, NS_NET, &fd, err);
	if (r == 0)
		r = check_alive(pidfd, err);
	if (r == 0)
		*ret_fd = take_fd(&fd);
	return r;
}

struct opening {
	const struct engine *engine;
	struct joined *joined;
	struct spec_place *place;
	struct arena *arena;
	int proc_fd;
	struct err *err;
};

/* From now on it is `joined`'s. */
static void keep(const struct opening *o, enum ns_kind kind, int fd)
{
	o->joined->fds[kind] = fd;
	o->place->ns_paths[kind] = arena_printf(o->arena, "/proc/self/fd/%d", fd);
}

static int open_kind(const struct opening *o, pid_t pid, enum ns_kind kind)
{
	char path[48];
	int fd;

	if (o->joined->fds[kind] >= 0)
		return 0;
	(void)snprintf(path, sizeof(path), "%d/ns/%s", (int)pid, ns_types[kind].proc_name);
	fd = openat(o->proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(o->err, errno, "open its %s namespace", ns_types[kind].oci_name);
	keep(o, kind, fd);
	return 0;
}

/* Before we have it: so who ends finds the mark, or we find that he has ended. */
static int mark_shared(const struct opening *o, const char *id)
{
	auto_entry struct entry entry = ENTRY_NONE;
	int r = entry_open_id(o->engine, id, &entry, o->err);

	return r < 0 ? r : mark_set(entry.dir_fd, MARK_SHARED, o->err);
}

static int open_one(const struct opening *o, const struct config *config, enum ns_kind kind,
		    const char *id)
{
	auto_close int pidfd = -1;
	pid_t pid = 0;
	int r = find_process(o->engine, id, &pid, &pidfd, o->err);

	if (r == 0 && kind == NS_NET)
		r = mark_shared(o, id);
	if (r == 0)
		r = open_kind(o, pid, kind);
	if (r == 0 && config->ids_size)
		r = open_kind(o, pid, NS_USER);
	return r < 0 ? r : check_alive(pidfd, o->err);
}

/* It may lead to anything: no device is to wait for us, and what is no such namespace is none. */
static int open_path(const struct opening *o, enum ns_kind kind, const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(o->err, errno, "open '%s'", path);
	if (!ns_is_kind(fd, kind))
		return err_set(o->err, ERR_USAGE, EINVAL, "'%s' is no %s namespace", path,
			       ns_types[kind].oci_name);
	keep(o, kind, take_fd(&fd));
	return 0;
}

static int open_word(struct opening *o, const struct config *config,
		     const struct sharing_row *row)
{
	const char *word = sharing_word(config, row);
	const char *id = sharing_container(word), *path = sharing_path(word);
	const enum ns_kind kind = (enum ns_kind)row->kind;
	int r = 0;

	if (path)
		return open_path(o, kind, path) < 0 ? err_wrap(o->err, "%s", row->option) : 0;
	if (!id || (kind == NS_USER && !config->ids_size))
		return 0;
	if (o->proc_fd < 0)
		r = proc_open(&o->proc_fd, o->err);
	if (r == 0)
		r = open_one(o, config, kind, id);
	return r < 0 ? err_wrap(o->err, "%s container:%.12s", row->option, id) : 0;
}

int joined_open(const struct engine *engine, const struct config *config, struct joined *joined,
		struct spec_place *place, struct arena *arena, struct err *err)
{
	struct opening o = { engine, joined, place, arena, -1, err };
	int r = 0;

	for (size_t i = 0; i < SHARING_ROWS && r == 0; i++)
		r = open_word(&o, config, &sharing_rows[i]);
	closep(&o.proc_fd);
	return r;
}

/* ------------------------------------------------------------------------------- /dev/shm */

bool joined_has_shm(const struct config *config)
{
	return sharing_container(config->ipc) != NULL;
}

/* Only from within a mount namespace can what is mounted there be copied. Its root is ours
 * meanwhile, so no link leads out of it. */
static int clone_shm(int pidfd, int own_fd, struct err *err)
{
	int tree_fd, r = setns(pidfd, CLONE_NEWNS) < 0 ? -errno : 0;

	if (r < 0)
		return err_sys(err, -r, "enter its mount namespace");
	tree_fd = mount_clone(AT_FDCWD, "/dev/shm", false);
	if (setns(own_fd, CLONE_NEWNS) < 0) {
		r = err_sys(err, errno, "return from its mount namespace");
		closep(&tree_fd);
		return r;
	}
	return tree_fd < 0 ? err_sys(err, -tree_fd, "clone its '/dev/shm'") : tree_fd;
}

int joined_attach_shm(const struct engine *engine, const struct config *config, int dir_fd,
		      const char *name, struct err *err)
{
	auto_close int pidfd = -1, proc_fd = -1, own_fd = -1, tree_fd = -1;
	int r = rt_pidfd_open(&engine->rt, sharing_container(config->ipc), &pidfd, err);

	if (r == 0)
		r = proc_open(&proc_fd, err);
	if (r < 0)
		return err_wrap(err, "--ipc");
	own_fd = openat(proc_fd, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (own_fd < 0 || (mkdirat(dir_fd, name, 0755) < 0 && errno != EEXIST))
		return err_sys(err, errno, "--ipc: prepare '%s'", name);
	tree_fd = clone_shm(pidfd, own_fd, err);
	if (tree_fd < 0)
		return err_wrap(err, "--ipc");
	r = mount_attach_at(tree_fd, dir_fd, name);
	return r < 0 ? err_sys(err, -r, "--ipc: attach '%s'", name) : 0;
}
