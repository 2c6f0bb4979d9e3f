/* SPDX-License-Identifier: Apache-2.0 */
/* The volumes of an image are directories of the other's entry: they go when that is removed. */
#include "engine/volumes_from.h"

#include "engine/entry.h"
#include "engine/spec_parts.h"
#include "oci/list.h"

#include <string.h>

struct taking {
	struct config *config;
	struct arena *arena;
	bool is_read_only;
};

/* Whether ids are mapped is decided anew: these may be others. */
static bool is_idmap(const char *option)
{
	return strcmp(option, "idmap") == 0 || strcmp(option, "ridmap") == 0;
}

static void take(const struct taking *taking, struct config_mount mount)
{
	struct oci_strings options = mount.options;

	if (spec_is_target(taking->config, mount.target))
		return;
	mount.make_source = false;
	mount.is_taken = true;
	mount.options = (struct oci_strings){};
	for (size_t i = 0; i < options.n; i++)
		if (!is_idmap(options.v[i]))
			strings_add(&mount.options, taking->arena, options.v[i]);
	if (taking->is_read_only)
		strings_add(&mount.options, taking->arena, arena_strdup(taking->arena, "rro"));
	*list_add(&taking->config->mounts, taking->arena) = mount;
}

static void take_all(const struct taking *taking, const struct engine *engine,
		     const struct config *other)
{
	for (size_t i = 0; i < other->mounts.n; i++)
		if (strcmp(other->mounts.v[i].type, "bind") == 0)
			take(taking, other->mounts.v[i]);
	for (size_t i = 0; i < other->volumes.n; i++)
		take(taking, (struct config_mount){
			.type = arena_strdup(taking->arena, "bind"),
			.source = arena_printf(taking->arena, "%s/containers/%s/%s/%zu",
					       engine->root, other->id, ENTRY_VOLUMES_DIR, i),
			.target = other->volumes.v[i],
		});
}

int volumes_from_choose(const struct engine *engine, struct config *config, struct arena *arena,
			struct err *err)
{
	for (size_t i = 0; i < config->volumes_from.n; i++) {
		const char *word = config->volumes_from.v[i], *mode = strchrnul(word, ':');
		const char *name = arena_strndup(arena, word, (size_t)(mode - word));
		struct taking taking = { config, arena, strcmp(mode, ":ro") == 0 };
		struct engine_container other;

		if (*mode && !taking.is_read_only && strcmp(mode, ":rw") != 0)
			return err_set(err, ERR_USAGE, EINVAL,
				       "--volumes-from '%.128s': '%.64s' is neither ro nor rw",
				       word, mode + 1);
		if (engine_get(engine, name, arena, &other, err) < 0)
			return err_wrap(err, "--volumes-from '%.128s'", word);
		take_all(&taking, engine, other.config);
	}
	return 0;
}
