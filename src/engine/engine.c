/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an engine has its things. One that was given a root of its own keeps the runtime's state
 * there too, so that two engines never meet.
 */
#include "engine/engine.h"

#include "engine/settings.h"

#include <string.h>

#define DEFAULT_ROOT          "/var/lib/tare"
#define DEFAULT_RUN_ROOT      "/run/tare"
#define DEFAULT_CGROUP_PARENT "/tare"

static int check_absolute(const char *option, const char *path, struct err *err)
{
	if (!path || path[0] == '/')
		return 0;
	return err_set(err, ERR_USAGE, EINVAL, "%s: '%s' is not absolute", option, path);
}

int engine_open(struct engine *engine, const char *root, const char *cgroup_parent,
		struct arena *arena, struct err *err)
{
	struct settings settings;
	bool is_other;
	int r = check_absolute("--root", root, err);

	if (r == 0)
		r = check_absolute("--cgroup-parent", cgroup_parent, err);
	if (r == 0)
		r = settings_read(arena, &settings, err);
	if (r < 0)
		return r;
	if (!root)
		root = settings.root;
	if (!cgroup_parent)
		cgroup_parent = settings.cgroup_parent;
	/* the default one is the same whoever names it */
	is_other = root && strcmp(root, DEFAULT_ROOT) != 0;
	*engine = (struct engine){
		.root = root ? root : DEFAULT_ROOT,
		.cgroup_parent = cgroup_parent ? cgroup_parent : DEFAULT_CGROUP_PARENT,
		.refuses_host_ids = settings.refuses_host_ids,
		.rt = { .root = is_other ? arena_printf(arena, "%s/run", root) : DEFAULT_RUN_ROOT },
	};
	return 0;
}
