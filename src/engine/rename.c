/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new name for a container, in an order in which it always has one:
 *
 *	mark        from here on it may have two names
 *	link NEW    of all who want that name exactly one gets it
 *	exchange    container.json says NEW: this is the moment
 *	unlink OLD  from here on that is anybody's
 *	networks    others find it by NEW
 *	unmark
 *
 * All of it under the lock of the names, so whoever holds that and sees the mark knows that its
 * rename was killed; what container.json says decides which of the two names goes. The next who
 * opens the container, or wants either name, or removes it, does that.
 */
#include "engine/rename.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "engine/abandoned.h"
#include "engine/connection.h"
#include "engine/marks.h"
#include "engine/names.h"

#include <fcntl.h>
#include <string.h>

/* ------------------------------------------------------------------------------- mending */

/* With the names locked. */
static void mend(const struct entry *entry)
{
	auto_arena struct arena arena = {};
	struct config *config = NULL;
	struct err ignored;

	if (!mark_is_set(entry->dir_fd, MARK_RENAMING))
		return;
	/* Of one that is damaged or hidden nobody knows which is right: its removal frees both. */
	if (entry_read_config(entry, &arena, &config, &ignored) < 0)
		return;
	names_release_others(entry->names_fd, config->name, entry->id);
	mark_clear(entry->dir_fd, MARK_RENAMING);
}

void rename_mend(const struct entry *entry)
{
	auto_close int lock_fd = -1;
	struct err ignored;

	if (names_lock(entry->names_fd, &lock_fd, &ignored) == 0)
		mend(entry);
}

/* Whoever has `name`, if it may be a leftover. The names are locked. */
static void mend_owner(const struct entry *entry, const char *name)
{
	struct entry owner = *entry; /* but for its directory it borrows all */
	auto_close int dir_fd = -1;

	if (names_find(entry->names_fd, name, owner.id) < 0)
		return;
	dir_fd = openat(entry->containers_fd, owner.id,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	owner.dir_fd = dir_fd;
	if (dir_fd >= 0)
		mend(&owner);
}

static int take_locked(const struct entry *entry, const char *name, struct err *err)
{
	struct err taken = {};
	int r = names_take(entry->names_fd, name, entry->id, &taken);

	if (r == 0)
		return 0;
	if (r == -EEXIST)
		mend_owner(entry, name);
	return names_take(entry->names_fd, name, entry->id, err);
}

int rename_take(const struct entry *entry, const char *name, struct err *err)
{
	auto_close int lock_fd = -1;
	struct err taken = {};
	int r = names_take(entry->names_fd, name, entry->id, &taken);

	if (r == 0)
		return 0;
	r = names_lock(entry->names_fd, &lock_fd, err);
	return r < 0 ? r : take_locked(entry, name, err);
}

/* ------------------------------------------------------------------------------- renaming */

/* Who removes it frees its name first: then it is too late. */
static int check_named(const struct entry *entry, const struct config *config, struct err *err)
{
	char owner[IDENT_ID_LEN + 1];

	if (names_find(entry->names_fd, config->name, owner) == 0 && strcmp(owner, entry->id) == 0)
		return 0;
	return err_set(err, ERR_NOT_FOUND, ENOENT, "the container is being removed");
}

static int exchange(const struct entry *entry, struct config *config, char *name, struct err *err)
{
	const char *old = config->name;
	int r = mark_set(entry->dir_fd, MARK_RENAMING, err);

	if (r < 0)
		return r;
	r = take_locked(entry, name, err);
	if (r == 0) {
		config->name = name;
		r = entry_replace_config(entry, config, err);
		names_release_locked(entry->names_fd, r < 0 ? name : old, entry->id);
	}
	mark_clear(entry->dir_fd, MARK_RENAMING);
	return r;
}

static int rename_entry(const struct entry *entry, const char *name, struct err *err)
{
	auto_arena struct arena arena = {};
	struct config *config = NULL;
	auto_close int hold_fd = -1, lock_fd = -1;
	int r = entry_hold(entry, &hold_fd, err);

	if (r == 0)
		r = names_lock(entry->names_fd, &lock_fd, err);
	if (r < 0)
		return r;
	mend(entry);
	r = entry_read_config(entry, &arena, &config, err);
	if (r == 0)
		r = check_named(entry, config, err);
	if (r == 0 && strcmp(config->name, name) == 0)
		return err_set(err, ERR_USAGE, EINVAL, "that is its name already");
	return r < 0 ? r : exchange(entry, config, arena_strdup(&arena, name), err);
}

/* One that runs is found by it from now on; all others will be. What fails here is right again when
 * it is started again. */
static void rename_places(const struct engine *engine, const char *id)
{
	auto_arena struct arena arena = {};
	auto_connection struct connection c = CONNECTION_NONE;
	struct err err = {};
	int r = connection_open(engine, id, &arena, &c, &err);

	if (r < 0 || !c.record || !c.record->endpoints.n)
		return;
	for (size_t i = 0; i < c.record->endpoints.n && r == 0; i++)
		r = endpoint_rename(&c.record->endpoints.v[i], c.config, c.networks_fd, &arena,
				    &err);
	if (r == 0)
		r = entry_write_network(&c.entry, c.record, &err);
	if (r < 0)
		log_warn("others find it by its former name until it is started again: %s",
			 err.msg);
	connection_settle(&c);
}

int engine_rename(const struct engine *engine, const char *who, const char *name, struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	int r = ident_check_name(name, err);

	if (r == 0)
		r = entry_open(engine, who, &entry, err);
	if (r < 0)
		return r;
	r = rename_entry(&entry, name, err);
	if (r == -EEXIST && abandoned_free_name(engine, name)) {
		*err = (struct err){};
		r = rename_entry(&entry, name, err);
	}
	if (r == 0)
		rename_places(engine, entry.id);
	return r;
}
