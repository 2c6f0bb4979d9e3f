/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of mount options. A row says what the option does to the attributes of the mount; those
 * starting with an "r" also to the mounts below. What no row names belongs to the filesystem.
 */
#include "rt/mount_options.h"

#include <linux/mount.h>
#include <string.h>

enum special {
	ATTR,        /* set and clear attributes */
	ATTR_REC,    /* the same, recursively */
	PROPAGATION,
	PROPAGATION_REC,
	BIND,
	RBIND,
	COPY_UP,
	IDMAP_,
	RIDMAP_,
	FLAG,        /* of the superblock: passed to the filesystem by that name */
	IGNORED,     /* says what is the case anyway, or what no filesystem can be told */
};

struct row {
	const char *name;
	enum special kind;
	uint64_t set, clear;
};

#define ATIME MOUNT_ATTR__ATIME

static const struct row rows[] = {
	{ "defaults",      IGNORED },
	{ "bind",          BIND },
	{ "rbind",         RBIND },
	{ "ro",            ATTR,     MOUNT_ATTR_RDONLY },
	{ "rw",            ATTR,     0, MOUNT_ATTR_RDONLY },
	{ "nosuid",        ATTR,     MOUNT_ATTR_NOSUID },
	{ "suid",          ATTR,     0, MOUNT_ATTR_NOSUID },
	{ "nodev",         ATTR,     MOUNT_ATTR_NODEV },
	{ "dev",           ATTR,     0, MOUNT_ATTR_NODEV },
	{ "noexec",        ATTR,     MOUNT_ATTR_NOEXEC },
	{ "exec",          ATTR,     0, MOUNT_ATTR_NOEXEC },
	{ "noatime",       ATTR,     MOUNT_ATTR_NOATIME, ATIME },
	{ "atime",         ATTR,     MOUNT_ATTR_RELATIME, ATIME },
	{ "relatime",      ATTR,     MOUNT_ATTR_RELATIME, ATIME },
	{ "norelatime",    ATTR,     MOUNT_ATTR_STRICTATIME, ATIME },
	{ "strictatime",   ATTR,     MOUNT_ATTR_STRICTATIME, ATIME },
	{ "nostrictatime", ATTR,     MOUNT_ATTR_RELATIME, ATIME },
	{ "nodiratime",    ATTR,     MOUNT_ATTR_NODIRATIME },
	{ "diratime",      ATTR,     0, MOUNT_ATTR_NODIRATIME },
	{ "nosymfollow",   ATTR,     MOUNT_ATTR_NOSYMFOLLOW },
	{ "symfollow",     ATTR,     0, MOUNT_ATTR_NOSYMFOLLOW },
	{ "rro",           ATTR_REC, MOUNT_ATTR_RDONLY },
	{ "rrw",           ATTR_REC, 0, MOUNT_ATTR_RDONLY },
	{ "rnosuid",       ATTR_REC, MOUNT_ATTR_NOSUID },
	{ "rsuid",         ATTR_REC, 0, MOUNT_ATTR_NOSUID },
	{ "rnodev",        ATTR_REC, MOUNT_ATTR_NODEV },
	{ "rdev",          ATTR_REC, 0, MOUNT_ATTR_NODEV },
	{ "rnoexec",       ATTR_REC, MOUNT_ATTR_NOEXEC },
	{ "rexec",         ATTR_REC, 0, MOUNT_ATTR_NOEXEC },
	{ "rnoatime",      ATTR_REC, MOUNT_ATTR_NOATIME, ATIME },
	{ "ratime",        ATTR_REC, MOUNT_ATTR_RELATIME, ATIME },
	{ "rrelatime",     ATTR_REC, MOUNT_ATTR_RELATIME, ATIME },
	{ "rnorelatime",   ATTR_REC, MOUNT_ATTR_STRICTATIME, ATIME },
	{ "rstrictatime",  ATTR_REC, MOUNT_ATTR_STRICTATIME, ATIME },
	{ "rnostrictatime", ATTR_REC, MOUNT_ATTR_RELATIME, ATIME },
	{ "rnodiratime",   ATTR_REC, MOUNT_ATTR_NODIRATIME },
	{ "rdiratime",     ATTR_REC, 0, MOUNT_ATTR_NODIRATIME },
	{ "rnosymfollow",  ATTR_REC, MOUNT_ATTR_NOSYMFOLLOW },
	{ "rsymfollow",    ATTR_REC, 0, MOUNT_ATTR_NOSYMFOLLOW },
	{ "shared",        PROPAGATION, MS_SHARED },
	{ "slave",         PROPAGATION, MS_SLAVE },
	{ "private",       PROPAGATION, MS_PRIVATE },
	{ "unbindable",    PROPAGATION, MS_UNBINDABLE },
	{ "rshared",       PROPAGATION_REC, MS_SHARED },
	{ "rslave",        PROPAGATION_REC, MS_SLAVE },
	{ "rprivate",      PROPAGATION_REC, MS_PRIVATE },
	{ "runbindable",   PROPAGATION_REC, MS_UNBINDABLE },
	{ "tmpcopyup",     COPY_UP },
	{ "idmap",         IDMAP_ },
	{ "ridmap",        RIDMAP_ },
	{ "sync",          FLAG },
	{ "async",         FLAG },
	{ "dirsync",       FLAG },
	{ "lazytime",      FLAG },
	{ "nolazytime",    FLAG },
	{ "mand",          IGNORED },
	{ "nomand",        IGNORED },
	{ "silent",        IGNORED },
	{ "loud",          IGNORED },
	{ "iversion",      IGNORED },
	{ "noiversion",    IGNORED },
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

const char *mount_options_name(size_t i)
{
	return i < N_ROWS ? rows[i].name : NULL;
}

static const struct row *find_row(const char *option)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (strcmp(rows[i].name, option) == 0)
			return &rows[i];
	return NULL;
}

/* The later option wins: what it sets is no longer to be cleared, and the other way round. */
static void change(uint64_t *set, uint64_t *clear, const struct row *row)
{
	*set = (*set & ~row->clear) | row->set;
	*clear = (*clear & ~row->set) | row->clear;
}

static void add_param(struct mount_options *o, struct arena *arena, const char *option)
{
	const char *equals = strchr(option, '=');
	struct mount_param *param = &o->params[o->n_params++];

	if (!equals) {
		*param = (struct mount_param){ .key = option };
		return;
	}
	param->key = arena_strndup(arena, option, (size_t)(equals - option));
	param->value = equals + 1;
}

static void apply(struct mount_options *o, struct arena *arena, const struct row *row)
{
	switch (row->kind) {
	case ATTR:
		change(&o->set, &o->clear, row);
		break;
	case ATTR_REC:
		change(&o->set_rec, &o->clear_rec, row);
		break;
	case PROPAGATION:
	case PROPAGATION_REC:
		o->propagation = row->set;
		o->propagation_rec = row->kind == PROPAGATION_REC;
		break;
	case BIND:
	case RBIND:
		o->is_bind = true;
		o->is_recursive |= row->kind == RBIND;
		break;
	case COPY_UP:
		o->copy_up = true;
		break;
	case IDMAP_:
		o->idmap = MOUNT_IDMAP;
		break;
	case RIDMAP_:
		o->idmap = MOUNT_RIDMAP;
		break;
	case FLAG:
		add_param(o, arena, row->name);
		break;
	case IGNORED:
		break;
	}
}

int mount_options_parse(const struct oci_strings *options, struct arena *arena,
			struct mount_options *ret, struct err *err)
{
	struct mount_options o = {};

	o.params = arena_array(arena, struct mount_param, options->n + 1);
	for (size_t i = 0; i < options->n; i++) {
		const struct row *row = find_row(options->v[i]);

		if (options->v[i][0] == '\0')
			return err_set(err, ERR_USAGE, EINVAL, "options[%zu]: must not be empty",
				       i);
		if (row)
			apply(&o, arena, row);
		else
			add_param(&o, arena, options->v[i]);
	}
	*ret = o;
	return 0;
}
