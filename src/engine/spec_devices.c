/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices of the host, for a privileged container: every node below /dev, as the host has it.
 * What the container has of its own (terminals, its console) is left out, and so are links.
 */
#include "engine/spec_parts.h"

#include "engine/list.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define MAX_DEPTH 8

/* Directories and nodes of /dev that are not the machine's devices, or that rt makes itself. */
static const char *const left_out[] = {
	".",   "..",	 ".lxc",    ".lxd-mounts", ".udev", "console", "fd",
	"pts", "mqueue", "ptmx", "shm",     "tare-init",
};

struct walk {
	const struct draft *draft;
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

static void add_node(const struct draft *draft, char *path, const struct stat *st)
{
	*list_add(&draft->spec->linux_->devices, draft->arena) = (struct oci_device){
		.path = path,
		.type = arena_strdup(draft->arena, S_ISBLK(st->st_mode) ? "b" : "c"),
		.major = major(st->st_rdev),
		.minor = minor(st->st_rdev),
		.file_mode = { true, st->st_mode & 07777 },
		.uid = { true, st->st_uid },
		.gid = { true, st->st_gid },
	};
}

static int walk_dir(struct walk *walk, int dir_fd, const char *path);

static int walk_entry(struct walk *walk, int dir_fd, const char *parent, const char *name)
{
	char *path = arena_printf(walk->draft->arena, "%s/%s", parent, name);
	struct stat st;
	int fd;

	/* Nodes come and go: one that is gone by now was never there. */
	if (is_left_out(name) || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
		add_node(walk->draft, path, &st);
	if (!S_ISDIR(st.st_mode) || walk->depth == MAX_DEPTH)
		return 0;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? 0 : walk_dir(walk, fd, path);
}

/* Consumes `dir_fd`. */
static int walk_dir(struct walk *walk, int dir_fd, const char *path)
{
	DIR *dir = fdopendir(dir_fd);
	struct dirent *entry;
	int r = 0;

	if (!dir) {
		(void)close(dir_fd);
		return err_sys(walk->err, errno, "--privileged: read '%s'", path);
	}
	walk->depth++;
	while (r == 0 && (entry = readdir(dir)))
		r = walk_entry(walk, dirfd(dir), path, entry->d_name);
	walk->depth--;
	(void)closedir(dir);
	return r;
}

int spec_add_devices(const struct draft *draft, struct err *err)
{
	struct walk walk = { .draft = draft, .err = err };
	int fd;

	if (!draft->config->privileged || spec_is_target(draft->config, "/dev"))
		return 0;
	fd = open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_sys(err, errno, "--privileged: open '/dev'") :
			walk_dir(&walk, fd, "/dev");
}
