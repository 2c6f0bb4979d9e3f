/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table by inode. It holds only files of which there is more than one name to come, so callers
 * ask it of nothing else.
 */
#include "sys/first_names.h"

struct first_name {
	dev_t dev;
	ino_t ino;
	const char *name;
	struct first_name *next;
};

void first_names_done(struct first_names *names)
{
	arena_done(&names->arena);
}

const char *first_names_find(struct first_names *names, const struct stat *st, const char *name)
{
	struct first_name **bucket = &names->buckets[st->st_ino % FIRST_NAMES_BUCKETS], *known;

	for (known = *bucket; known; known = known->next)
		if (known->ino == st->st_ino && known->dev == st->st_dev)
			return known->name;
	known = arena_new(&names->arena, struct first_name);
	*known = (struct first_name){ st->st_dev, st->st_ino, arena_strdup(&names->arena, name),
				      *bucket };
	*bucket = known;
	return NULL;
}
