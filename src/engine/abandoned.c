/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking away what was abandoned. It is done by whoever meets it: a list of all containers, and who
 * wants the name that it has. Who removes a container hides it first and locks it later: if we come
 * in between, two are at it, which removing bears.
 */
#include "engine/abandoned.h"

#include "base/cleanup.h"
#include "engine/entry.h"
#include "engine/stack.h"

#include <sys/file.h>

static bool is_abandoned(const struct entry *entry)
{
	return entry_is_hidden(entry) && flock(entry->dir_fd, LOCK_EX | LOCK_NB) == 0 &&
	       entry_is_hidden(entry) && !entry_is_attended(entry);
}

static bool remove_if_abandoned(const struct engine *engine, const struct entry *entry)
{
	struct err ignored;

	if (!is_abandoned(entry))
		return false;
	entry_hide(entry, NULL);
	if (rt_delete(&engine->rt, entry->id, true, &ignored) < 0)
		return false;
	stack_clear(engine, entry, NULL);
	return entry_remove(entry, NULL, &ignored) == 0;
}

void abandoned_remove(const struct engine *engine, const char *id)
{
	auto_entry struct entry entry = ENTRY_NONE;
	struct err ignored;

	if (entry_open_id(engine, id, &entry, &ignored) == 0)
		(void)remove_if_abandoned(engine, &entry);
}

bool abandoned_free_name(const struct engine *engine, const char *name)
{
	auto_entry struct entry entry = ENTRY_NONE;
	struct err ignored;

	return entry_open(engine, name, &entry, &ignored) == 0 &&
	       remove_if_abandoned(engine, &entry);
}
