/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the container's own user files say. They are the image's: opened below its root, never
 * waited for, and read by our own parser.
 */
#include "rt/home.h"

#include "base/cleanup.h"
#include "sys/resolve.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Opening a device can do things: what is no regular file is left for userdb_load to refuse. */
static int open_regular(const struct home *home, int fd)
{
	auto_close int path_fd = fd;
	char name[32];
	struct stat st;

	if (path_fd < 0 || fstat(path_fd, &st) < 0 || !S_ISREG(st.st_mode))
		return take_fd(&path_fd);
	(void)snprintf(name, sizeof(name), "self/fd/%d", path_fd);
	return openat(home->proc_fd, name, O_RDONLY | O_CLOEXEC);
}

static int open_passwd(const struct home *home)
{
	if (home->passwd)
		return open(home->passwd, O_PATH | O_CLOEXEC);
	return resolve_open(home->root_fd, "/etc/passwd", O_PATH);
}

int home_load_users(const struct home *home, struct arena *arena, struct userdb *ret,
		    struct err *err)
{
	auto_close int passwd_fd = open_regular(home, open_passwd(home));
	auto_close int group_fd =
		open_regular(home, resolve_open(home->root_fd, "/etc/group", O_PATH));

	return userdb_load(passwd_fd, group_fd, arena, ret, err);
}

static bool has_home(const struct oci_strings *env)
{
	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], "HOME=", 5) == 0)
			return true;
	return false;
}

char *home_env(const struct home *home, const struct oci_process *process, struct arena *arena)
{
	struct userdb_user user = {};
	struct userdb db;
	struct err ignored;
	const char *uid;

	if (has_home(&process->env))
		return NULL;
	uid = arena_printf(arena, "%u", process->user.uid);
	if (home_load_users(home, arena, &db, &ignored) < 0 ||
	    userdb_resolve(&db, uid, arena, &user, &ignored) < 0)
		user.home = NULL;
	return arena_printf(arena, "HOME=%s", user.home && *user.home ? user.home : "/");
}
