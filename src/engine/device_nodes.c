/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices of the host: what is looked at is what lies there now, when the container is started.
 * Links are followed where a person names one, as below /dev/disk, and nowhere else.
 */
#include "engine/device_nodes.h"

#include "base/cleanup.h"
#include "oci/list.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define MAX_DEPTH 8

/* Directories and nodes of /dev that are not the machine's devices, or that rt makes itself. */
static const char *const left_out[] = {
	".",   "..",	 ".lxc",    ".lxd-mounts", ".udev", "console", "fd",
	"pts", "mqueue", "ptmx", "shm",     "tare-init",
};

struct walk {
	struct device_nodes *nodes;
	struct arena *arena;
	int depth;
	struct err *err;
};

static bool is_left_out(const char *name)
{
	for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (strcmp(left_out[i], name) == 0)
			return true;
	return false;
}

static bool is_device(const struct stat *st)
{
	return S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode);
}

static void add_node(const struct walk *walk, char *path, const struct stat *st)
{
	*list_add(walk->nodes, walk->arena) = (struct device_node){
		.path = path, .mode = st->st_mode, .rdev = st->st_rdev,
		.uid = st->st_uid, .gid = st->st_gid,
	};
}

static int walk_dir(struct walk *walk, int dir_fd, const char *path);

static int walk_entry(struct walk *walk, int dir_fd, const char *parent, const char *name)
{
	char *path = arena_printf(walk->arena, "%s/%s", parent, name);
	struct stat st;
	int fd;

	/* Nodes come and go: one that is gone by now was never there. */
	if (is_left_out(name) || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (is_device(&st))
		add_node(walk, path, &st);
	if (!S_ISDIR(st.st_mode) || walk->depth == MAX_DEPTH)
		return 0;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? 0 : walk_dir(walk, fd, path);
}

/* Consumes `dir_fd`. `path` is what it is in the container. */
static int walk_dir(struct walk *walk, int dir_fd, const char *path)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		(void)close(dir_fd);
		return err_sys(walk->err, errno, "read '%s'", path);
	}
	walk->depth++;
	while (r == 0 && (entry = readdir(dir)))
		r = walk_entry(walk, dirfd(dir), path, entry->d_name);
	walk->depth--;
	(void)closedir(dir);
	return r;
}

int device_nodes_add(struct device_nodes *nodes, const char *source, const char *target,
		     struct arena *arena, struct err *err)
{
	struct walk walk = { .nodes = nodes, .arena = arena, .err = err };
	struct stat st;
	int fd;

	if (stat(source, &st) < 0)
		return err_sys(err, errno, "look at '%s'", source);
	if (is_device(&st)) {
		add_node(&walk, arena_strdup(arena, target), &st);
		return 0;
	}
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_USAGE, ENODEV,
			       "'%s' is neither a device nor a directory of them", source);
	fd = open(source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_sys(err, errno, "open '%s'", source) : walk_dir(&walk, fd, target);
}

/* ------------------------------------------------------------------------------- made anew */

char *device_node_name(const struct device_node *node, const char *dir, struct arena *arena)
{
	return arena_printf(arena, "%s/%c%u:%u", dir, S_ISBLK(node->mode) ? 'b' : 'c',
			    major(node->rdev), minor(node->rdev));
}

/* Whom it belongs to on the host, it belongs to inside. */
static uid_t map_id(const struct config *config, uid_t id)
{
	return config->ids_start + (id < config->ids_size ? id : 0);
}

static int make_node(const struct config *config, int dir_fd, const struct device_node *node,
		     struct arena *arena, struct err *err)
{
	const char *name = device_node_name(node, ".", arena);

	if (mknodat(dir_fd, name, node->mode & (S_IFMT | 0777), node->rdev) < 0)
		return errno == EEXIST ? 0 : err_sys(err, errno, "make device '%s'", node->path);
	if (fchownat(dir_fd, name, map_id(config, node->uid), map_id(config, node->gid),
		     AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(dir_fd, name, node->mode & 0777, 0) < 0)
		return err_sys(err, errno, "give device '%s' its owner", node->path);
	return 0;
}

int device_nodes_make(const struct config *config, int dir_fd, struct err *err)
{
	auto_arena struct arena arena = {};
	struct device_nodes nodes = {};
	int r = 0;

	for (size_t i = 0; i < config->devices.n; i++) {
		const struct config_device *asked = &config->devices.v[i];

		r = device_nodes_add(&nodes, asked->source, asked->target, &arena, err);
		if (r < 0)
			return err_wrap(err, "--device '%s'", asked->source);
	}
	for (size_t i = 0; i < nodes.n && r == 0; i++)
		r = make_node(config, dir_fd, &nodes.v[i], &arena, err);
	return r < 0 ? err_wrap(err, "--device") : 0;
}
