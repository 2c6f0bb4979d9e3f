/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an engine has its things. One that was given a root of its own keeps the runtime's state
 * there too, so that two engines never meet.
 */
#include "engine/engine.h"

#define DEFAULT_ROOT          "/var/lib/tare"
#define DEFAULT_RUN_ROOT      "/run/tare"
#define DEFAULT_CGROUP_PARENT "/tare"

int engine_open(struct engine *engine, const char *root, const char *cgroup_parent,
		struct arena *arena, struct err *err)
{
	*engine = (struct engine){ .root = DEFAULT_ROOT,
				   .cgroup_parent = DEFAULT_CGROUP_PARENT,
				   .rt = { .root = DEFAULT_RUN_ROOT } };
	if (root && root[0] != '/')
		return err_set(err, ERR_USAGE, EINVAL, "--root: '%s' is not absolute", root);
	if (cgroup_parent && cgroup_parent[0] != '/')
		return err_set(err, ERR_USAGE, EINVAL, "--cgroup-parent: '%s' is not absolute",
			       cgroup_parent);
	if (cgroup_parent)
		engine->cgroup_parent = cgroup_parent;
	if (!root)
		return 0;
	engine->root = root;
	engine->rt.root = arena_printf(arena, "%s/run", root);
	return 0;
}
