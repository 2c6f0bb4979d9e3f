/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an engine has its things. One that was given a root of its own keeps the runtime's state
 * there too, so that two engines never meet.
 */
#include "engine/engine.h"

#include "engine/settings.h"
#include "sys/makedirs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_ROOT          "/var/lib/tare"
#define DEFAULT_RUN_ROOT      "/run/tare"
#define DEFAULT_CGROUP_PARENT "/tare"

static int check_absolute(const char *option, const char *path, struct err *err)
{
	if (!path || path[0] == '/')
		return 0;
	return err_set(err, ERR_USAGE, EINVAL, "%s: '%s' is not absolute", option, path);
}

/* An absolute path from the environment, or NULL. */
static const char *directory(const char *variable)
{
	const char *path = secure_getenv(variable);

	return path && path[0] == '/' ? path : NULL;
}

/* Of who is not root, as the XDG Base Directory Specification has it. */
static const char *default_root(struct arena *arena)
{
	const char *data = directory("XDG_DATA_HOME"), *home = directory("HOME");

	if (geteuid() == 0 || (!data && !home))
		return DEFAULT_ROOT;
	return data ? arena_printf(arena, "%s/tare", data)
		    : arena_printf(arena, "%s/.local/share/tare", home);
}

/* What is gone after a reboot lies where such things lie, but for a root that is not the default:
 * whoever names that. */
static const char *run_root(const char *root, const char *usual, struct arena *arena)
{
	const char *runtime = directory("XDG_RUNTIME_DIR");

	if (strcmp(root, usual) == 0 && geteuid() == 0)
		return DEFAULT_RUN_ROOT;
	if (strcmp(root, usual) == 0 && runtime)
		return arena_printf(arena, "%s/tare", runtime);
	return arena_printf(arena, "%s/run", root);
}

int engine_open(struct engine *engine, const char *root, const char *cgroup_parent,
		struct arena *arena, struct err *err)
{
	const char *usual = default_root(arena);
	struct settings settings;
	int r = check_absolute("--root", root, err);

	if (r == 0)
		r = check_absolute("--cgroup-parent", cgroup_parent, err);
	if (r == 0)
		r = settings_read(arena, &settings, err);
	if (r < 0)
		return r;
	if (!root)
		root = settings.root ? settings.root : usual;
	if (!cgroup_parent)
		cgroup_parent = settings.cgroup_parent;
	*engine = (struct engine){
		.root = root,
		.cgroup_parent = cgroup_parent ? cgroup_parent : DEFAULT_CGROUP_PARENT,
		.refuses_host_ids = settings.refuses_host_ids,
		.log_max_size_bytes = settings.log_max_size_bytes,
		.log_max_files = settings.log_max_files,
		.no_new_privs = settings.no_new_privs,
		.publish_address = settings.publish_address,
		.respects_input_policy = settings.respects_input_policy,
		.rt = { .root = run_root(root, usual, arena) },
	};
	return 0;
}

int engine_open_dir(const struct engine *engine, const char *name, bool make, int *ret_fd,
		    struct err *err)
{
	char path[4096];
	int fd, r;

	if (snprintf(path, sizeof(path), "%s/%s", engine->root, name) >= (int)sizeof(path))
		return err_sys(err, ENAMETOOLONG, "open '%s'", engine->root);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && make) {
		r = makedirs(path);
		if (r < 0)
			return err_sys(err, -r, "make '%s'", path);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_sys(err, errno, "open '%s'", path);
	*ret_fd = fd;
	return 0;
}
