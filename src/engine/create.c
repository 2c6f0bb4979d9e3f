/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a container. Nothing runs for it and nothing is mounted: it is a directory, a name, and
 * the layers of its image, which stay as long as it does.
 */
#include "engine/create.h"

#include "base/cleanup.h"
#include "engine/abandoned.h"
#include "engine/image_use.h"
#include "engine/joined.h"
#include "engine/shown_images.h"
#include "engine/userns.h"
#include "engine/volumes_from.h"

#include <string.h>
#include <unistd.h>

/* The layers are held until the entry says that they are used. */
static int make_entry(const struct engine *engine, struct config *config, struct arena *arena,
		      struct entry *entry, struct err *err)
{
	auto_cleanup(image_use_done) struct image_use use = {};
	int r = joined_choose(engine, config, arena, err);

	if (r == 0)
		r = volumes_from_choose(engine, config, arena, err);
	if (r == 0 && shown_images_any(config))
		r = image_use_shown(engine, config, arena, &use, err);
	if (r == 0 && config->image)
		r = image_use(engine, config, arena, &use, err);
	else if (r == 0)
		r = userns_choose(engine, config, &(struct userns_image){ use.largest, NULL },
				  arena, err);
	if (r < 0)
		return r;
	r = entry_create(engine, config, arena, entry, err);
	if (r != -EEXIST || !config->name || !abandoned_free_name(engine, config->name))
		return r;
	entry_done(entry);
	*err = (struct err){};
	return entry_create(engine, config, arena, entry, err);
}

static int write_id(const struct config *config, int id_fd, struct err *err)
{
	ssize_t len = (ssize_t)strlen(config->id);

	if (id_fd <= 0 || write(id_fd, config->id, (size_t)len) == len)
		return 0;
	return err_sys(err, errno, "--cidfile: write the id");
}

int create_entry(const struct engine *engine, struct config *config, int id_fd,
		 struct arena *arena, struct entry *entry, struct err *err)
{
	struct err ignored;
	int r = make_entry(engine, config, arena, entry, err);

	if (r < 0)
		return r;
	r = write_id(config, id_fd, err);
	if (r < 0)
		(void)entry_remove(entry, config, &ignored);
	return r;
}

int engine_create(const struct engine *engine, struct config *config, int id_fd,
		  struct arena *arena, struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;

	config->stdin_once = config->attach_stdin;
	return create_entry(engine, config, id_fd, arena, &entry, err);
}
