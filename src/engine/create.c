/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a container. Nothing runs for it and nothing is mounted: it is a directory, a name, and
 * the layers of its image, which stay as long as it does.
 */
#include "engine/create.h"

#include "base/cleanup.h"
#include "engine/image_use.h"
#include "engine/userns.h"

/* The layers are held until the entry says that they are used. */
int create_entry(const struct engine *engine, struct config *config, struct arena *arena,
		 struct entry *entry, struct err *err)
{
	auto_cleanup(image_use_done) struct image_use use = {};
	int r = 0;

	if (config->image)
		r = image_use(engine, config, arena, &use, err);
	else
		r = userns_choose(engine, config, NULL, arena, err);
	return r < 0 ? r : entry_create(engine, config, arena, entry, err);
}

int engine_create(const struct engine *engine, struct config *config, struct arena *arena,
		  struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;

	config->stdin_once = config->open_stdin;
	return create_entry(engine, config, arena, &entry, err);
}
