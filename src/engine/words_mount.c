/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words for mounts: -v, --mount and --tmpfs, as docker has them, and podman's for images. All
 * end as options of mount(8) and of the OCI specification. One table knows the options that a bind
 * takes and one those of a tmpfs; of what excludes each other only one may be given.
 */
#include "engine/words.h"

#include "base/num.h"
#include "engine/words_csv.h"
#include "oci/list.h"

#include <string.h>

/* Of one group there can be one option. */
enum group {
	ACCESS, LABEL, PROPAGATION, SUID, DEV, EXEC, DEPTH, CONSISTENCY, COPY, IDS, OWNER, LATER,
};

struct option_row {
	const char *word;
	enum group group;
	const char *option; /* NULL: nothing to do */
};

/* Read-only is all that lies below the source, too: a bind shows it as well. Nothing is ever copied
 * into one, and its ids are mapped wherever those of the container are. */
static const struct option_row bind_options[] = {
	{ "ro", ACCESS, "rro" },
	{ "readonly", ACCESS, "rro" },
	{ "rw", ACCESS, NULL },
	{ "z", LABEL, "z" },
	{ "Z", LABEL, "Z" },
	{ "shared", PROPAGATION, "shared" },
	{ "slave", PROPAGATION, "slave" },
	{ "private", PROPAGATION, "private" },
	{ "rshared", PROPAGATION, "rshared" },
	{ "rslave", PROPAGATION, "rslave" },
	{ "rprivate", PROPAGATION, "rprivate" },
	{ "nosuid", SUID, "nosuid" },
	{ "suid", SUID, "suid" },
	{ "nodev", DEV, "nodev" },
	{ "dev", DEV, "dev" },
	{ "noexec", EXEC, "noexec" },
	{ "exec", EXEC, "exec" },
	{ "bind", DEPTH, "bind" },
	{ "rbind", DEPTH, "rbind" },
	{ "consistent", CONSISTENCY, NULL },
	{ "cached", CONSISTENCY, NULL },
	{ "delegated", CONSISTENCY, NULL },
	{ "nocopy", COPY, NULL },
	{ "copy", COPY, NULL },
	{ "idmap", IDS, NULL },
	{ "U", OWNER, NULL },
	{ "O", LATER, NULL },
	{ "idmap=", LATER, NULL },
};

static const struct option_row *find_option(const char *word)
{
	size_t len = strncmp(word, "idmap=", 6) == 0 ? 6 : strlen(word);

	for (size_t i = 0; i < sizeof(bind_options) / sizeof(bind_options[0]); i++)
		if (strlen(bind_options[i].word) == len &&
		    memcmp(bind_options[i].word, word, len) == 0)
			return &bind_options[i];
	return NULL;
}

static void add_option(struct config_mount *mount, struct arena *arena, const char *option)
{
	strings_add(&mount->options, arena, arena_strdup(arena, option));
}

/* `*seen` are the groups of which there was one. */
static int add_bind_option(struct config_mount *mount, struct arena *arena, const char *word,
			   unsigned *seen, struct err *err)
{
	const struct option_row *row = find_option(word);

	if (!row)
		return err_set(err, ERR_USAGE, EINVAL, "there is no option '%.64s'", word);
	if (row->group == LATER)
		return err_set(err, ERR_USAGE, ENOTSUP, "the option '%.64s' is not there yet",
			       word);
	if (*seen & 1u << row->group)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' after an option that excludes it",
			       word);
	*seen |= 1u << row->group;
	mount->is_given |= row->group == OWNER;
	if (row->option)
		add_option(mount, arena, row->option);
	return 0;
}

/* ------------------------------------------------------------------------------- paths */

char *path_clean(const char *path, struct arena *arena)
{
	char *clean = arena_alloc(arena, strlen(path) + 2);
	size_t len = 0;

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && memcmp(path, "..", 2) == 0) {
			while (len > 0 && clean[--len] != '/')
				;
		} else if (n > 0 && !(n == 1 && *path == '.')) {
			clean[len++] = '/';
			memcpy(clean + len, path, n);
			len += n;
		}
		path += n + (path[n] == '/');
	}
	if (len == 0)
		clean[len++] = '/';
	clean[len] = '\0';
	return clean;
}

static int set_target(struct config_mount *mount, const char *path, struct arena *arena,
		      struct err *err)
{
	if (path[0] != '/')
		return err_set(err, ERR_USAGE, EINVAL, "the target '%s' is not absolute", path);
	mount->target = path_clean(path, arena);
	if (strcmp(mount->target, "/") == 0)
		return err_set(err, ERR_USAGE, EINVAL, "the target is the root filesystem");
	return 0;
}

static int set_source(struct config_mount *mount, const char *path, struct arena *arena,
		      struct err *err)
{
	if (!*path)
		return err_set(err, ERR_USAGE, EINVAL, "the source is missing");
	if (path[0] != '/')
		return err_set(err, ERR_USAGE, ENOTSUP,
			       "'%s' is no absolute path, and named volumes are not there yet",
			       path);
	mount->source = arena_strdup(arena, path);
	return 0;
}

/* ------------------------------------------------------------------------------- -v */

static int add_volume_options(struct config_mount *mount, const char *options, struct arena *arena,
			      struct err *err)
{
	unsigned seen = 0;
	int r = 0;

	while (*options && r == 0) {
		size_t n = strcspn(options, ",");

		r = add_bind_option(mount, arena, arena_strndup(arena, options, n), &seen, err);
		options += n;
		if (r == 0 && *options == ',' && !*++options)
			r = err_set(err, ERR_USAGE, EINVAL, "an option is empty");
	}
	return r;
}

int volume_parse(const char *word, struct arena *arena, struct config_mount *ret, struct err *err)
{
	const char *source_end = strchrnul(word, ':'), *target, *target_end;
	struct config_mount mount = { .type = arena_strdup(arena, "bind"), .make_source = true };
	int r;

	if (!*source_end)
		return err_set(err, ERR_USAGE, ENOTSUP,
			       *word ? "volumes without a source are not there yet"
				     : "the source is missing");
	target = source_end + 1;
	target_end = strchrnul(target, ':');
	r = set_source(&mount, arena_strndup(arena, word, (size_t)(source_end - word)), arena, err);
	if (r == 0)
		r = set_target(&mount, arena_strndup(arena, target, (size_t)(target_end - target)),
			       arena, err);
	if (r == 0 && *target_end)
		r = add_volume_options(&mount, target_end + 1, arena, err);
	if (r == 0)
		*ret = mount;
	return r;
}

/* ------------------------------------------------------------------------------- --tmpfs */

static int check_tmpfs_option(const char *word, struct err *err)
{
	static const char *const known[] = {
		"ro",	 "rw",	     "suid",	  "nosuid",	 "dev",	       "nodev",
		"exec",	 "noexec",   "sync",	  "async",	 "dirsync",    "atime",
		"noatime", "diratime", "nodiratime", "relatime", "norelatime", "strictatime",
		"nostrictatime", "size=", "mode=", "uid=", "gid=", "nr_inodes=", "nr_blocks=",
		"mpol=", "huge=", "tmpcopyup",
	};
	size_t len = strcspn(word, "=");

	len += word[len] == '=';
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == len && memcmp(known[i], word, len) == 0)
			return 0;
	return err_set(err, ERR_USAGE, EINVAL, "a tmpfs has no option '%.64s'", word);
}

int tmpfs_parse(const char *word, struct arena *arena, struct config_mount *ret, struct err *err)
{
	struct config_mount mount = { .type = arena_strdup(arena, "tmpfs") };
	const char *end = strchrnul(word, ':'), *options = *end ? end + 1 : end;
	int r = set_target(&mount, arena_strndup(arena, word, (size_t)(end - word)), arena, err);

	while (*options && r == 0) {
		size_t n = strcspn(options, ",");
		char *option = arena_strndup(arena, options, n);

		r = check_tmpfs_option(option, err);
		strings_add(&mount.options, arena, option);
		options += n + (options[n] == ',');
	}
	if (r == 0)
		*ret = mount;
	return r;
}

/* ------------------------------------------------------------------------------- --mount */

enum key_flags { ALONE = 1 << 0, BIND_ONLY = 1 << 1, TMPFS_ONLY = 1 << 2, IMAGE_ONLY = 1 << 3 };

static const struct kind {
	const char *type, *title;
	unsigned only; /* the flag of fields that no other has */
} kinds[] = {
	{ "bind", "a bind", BIND_ONLY },
	{ "tmpfs", "a tmpfs", TMPFS_ONLY },
	{ "image", "an image", IMAGE_ONLY },
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *find_kind(const char *type)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (strcmp(kinds[i].type, type) == 0)
			return &kinds[i];
	return NULL;
}

struct record {
	struct config_mount *mount;
	struct arena *arena;
	struct err *err;
	unsigned seen; /* groups of bind_options */
	bool is_read_only, is_writable;
	const char *recursion;
	const char *size, *mode; /* of a tmpfs */
};

static int take_type(struct record *rec, const char *value)
{
	if (strcmp(value, "volume") == 0)
		return err_set(rec->err, ERR_USAGE, ENOTSUP, "named volumes are not there yet");
	if (!find_kind(value))
		return err_set(rec->err, ERR_USAGE, EINVAL,
			       "type: '%s' is neither bind, tmpfs nor image", value);
	rec->mount->type = arena_strdup(rec->arena, value);
	return 0;
}

static int take_source(struct record *rec, const char *value)
{
	rec->mount->source = arena_strdup(rec->arena, value);
	return 0;
}

static int take_target(struct record *rec, const char *value)
{
	return set_target(rec->mount, value, rec->arena, rec->err);
}

static int parse_bool(struct record *rec, const char *key, const char *value, bool *ret)
{
	*ret = !*value || strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
	if (*ret || strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		return 0;
	return err_set(rec->err, ERR_USAGE, EINVAL, "%s: '%s' is neither true nor false", key,
		       value);
}

static int take_read_only(struct record *rec, const char *value)
{
	return parse_bool(rec, "readonly", value, &rec->is_read_only);
}

static int take_writable(struct record *rec, const char *value)
{
	return parse_bool(rec, "rw", value, &rec->is_writable);
}

static int take_subpath(struct record *rec, const char *value)
{
	if (!*value)
		return err_set(rec->err, ERR_USAGE, EINVAL, "subpath: is empty");
	rec->mount->subpath = arena_strdup(rec->arena, value);
	return 0;
}

static int take_propagation(struct record *rec, const char *value)
{
	const struct option_row *row = find_option(value);

	if (!row || row->group != PROPAGATION)
		return err_set(rec->err, ERR_USAGE, EINVAL, "bind-propagation: unknown value '%s'",
			       value);
	return add_bind_option(rec->mount, rec->arena, value, &rec->seen, rec->err);
}

static int take_relabel(struct record *rec, const char *value)
{
	if (strcmp(value, "shared") != 0 && strcmp(value, "private") != 0)
		return err_set(rec->err, ERR_USAGE, EINVAL,
			       "relabel: '%s' is neither shared nor private", value);
	return add_bind_option(rec->mount, rec->arena, *value == 's' ? "z" : "Z", &rec->seen,
			       rec->err);
}

static int take_recursion(struct record *rec, const char *value)
{
	static const char *const known[] = { "enabled", "disabled", "writable", "readonly" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], value) == 0) {
			rec->recursion = known[i];
			return 0;
		}
	return err_set(rec->err, ERR_USAGE, EINVAL, "bind-recursive: unknown value '%s'", value);
}

static int take_nonrecursive(struct record *rec, const char *value)
{
	bool is_flat = false;
	int r = parse_bool(rec, "bind-nonrecursive", value, &is_flat);

	if (r == 0)
		rec->recursion = is_flat ? "disabled" : "enabled";
	return r;
}

static int take_create(struct record *rec, const char *value)
{
	return parse_bool(rec, "bind-create-src", value, &rec->mount->make_source);
}

static int take_given(struct record *rec, const char *value)
{
	return parse_bool(rec, "U", value, &rec->mount->is_given);
}

static int take_size(struct record *rec, const char *value)
{
	int64_t bytes;

	if (num_parse_size(value, &bytes) < 0 || bytes < 0)
		return err_set(rec->err, ERR_USAGE, EINVAL, "tmpfs-size: '%s' is not a size",
			       value);
	rec->size = arena_printf(rec->arena, "size=%jd", (intmax_t)bytes);
	return 0;
}

static int take_mode(struct record *rec, const char *value)
{
	if (!*value || strlen(value) > 5 || strspn(value, "01234567") != strlen(value))
		return err_set(rec->err, ERR_USAGE, EINVAL,
			       "tmpfs-mode: '%s' is no octal mode", value);
	rec->mode = arena_printf(rec->arena, "mode=%s", value);
	return 0;
}

static int ignore(struct record *rec, const char *value)
{
	(void)rec;
	(void)value;
	return 0;
}

static int refuse(struct record *rec, const char *value)
{
	(void)value;
	return err_set(rec->err, ERR_USAGE, ENOTSUP, "is not there yet");
}

static const struct {
	const char *name;
	int (*take)(struct record *rec, const char *value);
	unsigned flags; /* ALONE: needs no value */
} keys[] = {
	{ "type", take_type },
	{ "source", take_source },
	{ "src", take_source },
	{ "target", take_target },
	{ "dst", take_target },
	{ "destination", take_target },
	{ "readonly", take_read_only, ALONE },
	{ "ro", take_read_only, ALONE },
	{ "bind-propagation", take_propagation, BIND_ONLY },
	{ "bind-recursive", take_recursion, BIND_ONLY },
	{ "bind-nonrecursive", take_nonrecursive, ALONE | BIND_ONLY },
	{ "bind-create-src", take_create, ALONE | BIND_ONLY },
	{ "relabel", take_relabel, BIND_ONLY },
	{ "U", take_given, ALONE | BIND_ONLY },
	{ "chown", take_given, ALONE | BIND_ONLY },
	{ "tmpfs-size", take_size, TMPFS_ONLY },
	{ "tmpfs-mode", take_mode, TMPFS_ONLY },
	{ "rw", take_writable, ALONE | IMAGE_ONLY },
	{ "readwrite", take_writable, ALONE | IMAGE_ONLY },
	{ "subpath", take_subpath, IMAGE_ONLY },
	{ "image-subpath", take_subpath, IMAGE_ONLY },
	{ "consistency", ignore },
	{ "idmap", refuse, ALONE },
};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static int take_field(struct record *rec, const char *field, unsigned *flags)
{
	const char *equals = strchrnul(field, '=');
	size_t len = (size_t)(equals - field), i = 0;
	int r;

	while (i < N_KEYS && (strlen(keys[i].name) != len || memcmp(keys[i].name, field, len) != 0))
		i++;
	if (i == N_KEYS)
		return err_set(rec->err, ERR_USAGE, EINVAL, "there is no field '%.*s'",
			       (int)(len < 64 ? len : 64), field);
	if (!*equals && !(keys[i].flags & ALONE))
		return err_set(rec->err, ERR_USAGE, EINVAL, "%s: the value is missing",
			       keys[i].name);
	*flags |= keys[i].flags;
	r = keys[i].take(rec, *equals ? equals + 1 : "");
	return r < 0 && keys[i].take == refuse ? err_wrap(rec->err, "%s", keys[i].name) : r;
}

/* What "ro" means depends on how deep the bind is. */
static int finish_bind(struct record *rec)
{
	const char *recursion = rec->recursion ? rec->recursion : "enabled";
	int r = set_source(rec->mount, rec->mount->source ? rec->mount->source : "", rec->arena,
			   rec->err);

	if (r < 0)
		return r;
	if (strcmp(recursion, "readonly") == 0 && !rec->is_read_only)
		return err_set(rec->err, ERR_USAGE, EINVAL,
			       "bind-recursive: 'readonly' needs readonly");
	if (strcmp(recursion, "disabled") == 0)
		add_option(rec->mount, rec->arena, "bind");
	if (rec->is_read_only)
		add_option(rec->mount, rec->arena,
			   strcmp(recursion, "writable") == 0 ? "ro" : "rro");
	return 0;
}

static int finish_tmpfs(struct record *rec)
{
	if (rec->mount->source)
		return err_set(rec->err, ERR_USAGE, EINVAL, "a tmpfs has no source");
	if (rec->size)
		add_option(rec->mount, rec->arena, rec->size);
	if (rec->mode)
		add_option(rec->mount, rec->arena, rec->mode);
	if (rec->is_read_only)
		add_option(rec->mount, rec->arena, "ro");
	return 0;
}

/* Only what is asked for can be written. */
static int finish_image(struct record *rec)
{
	if (!rec->mount->source || !*rec->mount->source)
		return err_set(rec->err, ERR_USAGE, EINVAL, "the source is missing: an image");
	if (rec->is_read_only && rec->is_writable)
		return err_set(rec->err, ERR_USAGE, EINVAL, "rw and readonly exclude each other");
	if (!rec->is_writable)
		add_option(rec->mount, rec->arena, "ro");
	return 0;
}

static int finish(struct record *rec, unsigned flags)
{
	static int (*const steps[N_KINDS])(struct record *rec) = { finish_bind, finish_tmpfs,
								   finish_image };
	const struct kind *kind;

	if (!rec->mount->type)
		return err_set(rec->err, ERR_USAGE, ENOTSUP,
			       "type: is missing, and named volumes are not there yet");
	if (!rec->mount->target)
		return err_set(rec->err, ERR_USAGE, EINVAL, "target: is missing");
	kind = find_kind(rec->mount->type);
	for (size_t i = 0; i < N_KINDS; i++)
		if (&kinds[i] != kind && flags & kinds[i].only)
			return err_set(rec->err, ERR_USAGE, EINVAL, "%s has no field of %s",
				       kind->title, kinds[i].title);
	return steps[kind - kinds](rec);
}

int mount_parse(const char *word, struct arena *arena, struct config_mount *ret, struct err *err)
{
	struct config_mount mount = {};
	struct record rec = { .mount = &mount, .arena = arena, .err = err };
	unsigned flags = 0;
	char *field;
	int r;

	do {
		r = csv_next(&word, arena, &field, err);
		if (r == 0)
			r = take_field(&rec, field, &flags);
	} while (r == 0 && word);
	if (r == 0)
		r = finish(&rec, flags);
	if (r == 0)
		*ret = mount;
	return r;
}
