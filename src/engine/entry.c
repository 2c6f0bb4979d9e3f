/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directories of containers. An entry is made before its name is taken and loses its name
 * before it is taken away, so a name never leads to nothing. One is listed while it has its
 * container.json, the last that is made and the first that goes: what is listed has a name.
 */
#include "engine/entry.h"

#include "base/cleanup.h"
#include "base/timestamp.h"
#include "engine/ids.h"
#include "engine/log_files.h"
#include "engine/marks.h"
#include "engine/names.h"
#include "engine/rename.h"
#include "sys/each_name.h"
#include "sys/rmtree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define STATUS_FILE  "status.json"

#define MAX_FILE_BYTES ((size_t)4 << 20)
#define MAX_ATTEMPTS   32

void entry_done(struct entry *entry)
{
	closep(&entry->containers_fd);
	closep(&entry->names_fd);
	closep(&entry->ids_fd);
	closep(&entry->dir_fd);
	*entry = (struct entry)ENTRY_NONE;
}

/* ------------------------------------------------------------------------------- directories */

/* An engine that never made a container with ids of its own has none. */
static int open_ids(const struct engine *engine, bool make, int *ret_fd, struct err *err)
{
	int r = engine_open_dir(engine, "ids", make, ret_fd, err);

	return r == -ENOENT && !make ? 0 : r;
}

static int open_shelves(const struct engine *engine, bool make, struct entry *entry,
			struct err *err)
{
	int r;

	*entry = (struct entry)ENTRY_NONE;
	r = engine_open_dir(engine, "containers", make, &entry->containers_fd, err);
	if (r == 0)
		r = engine_open_dir(engine, "names", make, &entry->names_fd, err);
	return r < 0 ? r : open_ids(engine, make, &entry->ids_fd, err);
}

static int open_dir(struct entry *entry, const char *id)
{
	entry->dir_fd = openat(entry->containers_fd, id,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (entry->dir_fd < 0)
		return -errno;
	(void)snprintf(entry->id, sizeof(entry->id), "%s", id);
	return 0;
}

/* ------------------------------------------------------------------------------- files */

static int write_file(const struct entry *entry, const char *name, const struct buf *text,
		      struct err *err)
{
	auto_close int fd = openat(entry->dir_fd, name,
				   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(err, errno, "make '%s' of container %.12s", name, entry->id);
	return buf_write_fd(text, fd, name, err);
}

/* Whoever reads it meanwhile sees all of it, or what was there before. */
static int write_whole(const struct entry *entry, const char *name, const struct buf *text,
		       struct err *err)
{
	char temporary[32];
	int r;

	(void)snprintf(temporary, sizeof(temporary), "%s.new", name);
	r = write_file(entry, temporary, text, err);
	if (r < 0)
		return r;
	if (renameat(entry->dir_fd, temporary, entry->dir_fd, name) < 0)
		return err_sys(err, errno, "replace '%s' of container %.12s", name, entry->id);
	return 0;
}

/* -ENOENT is for the caller. */
static int read_file(const struct entry *entry, const char *name, struct buf *text,
		     struct err *err)
{
	auto_close int fd = openat(entry->dir_fd, name,
				   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "open '%s' of container %.12s", name, entry->id);
	return buf_read_fd(text, fd, MAX_FILE_BYTES, name, err);
}

int entry_read_config(const struct entry *entry, struct arena *arena, struct config **ret_config,
		      struct err *err)
{
	auto_buf struct buf text = {};
	int r = read_file(entry, ENTRY_CONFIG_FILE, &text, err);

	if (r == 0)
		r = config_parse(buf_str(&text), text.len, arena, ret_config, err);
	if (r == -ENOENT)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "container %.12s is half made or "
			       "half removed", entry->id);
	return r < 0 ? err_wrap(err, "'%s' of container %.12s", ENTRY_CONFIG_FILE, entry->id) : 0;
}

int entry_write_status(const struct entry *entry, const struct status *status, struct err *err)
{
	auto_buf struct buf text = {};

	status_format(status, &text);
	return write_whole(entry, STATUS_FILE, &text, err);
}

int entry_read_status(const struct entry *entry, struct arena *arena, struct status **ret_status,
		      struct err *err)
{
	auto_buf struct buf text = {};
	int r = read_file(entry, STATUS_FILE, &text, err);

	if (r == -ENOENT) {
		*ret_status = arena_new(arena, struct status);
		return 0;
	}
	if (r == 0)
		r = status_parse(buf_str(&text), text.len, arena, ret_status, err);
	return r < 0 ? err_wrap(err, "'%s' of container %.12s", STATUS_FILE, entry->id) : 0;
}

int entry_write_network(const struct entry *entry, const struct net_record *record,
			struct err *err)
{
	auto_buf struct buf text = {};

	if (!record) {
		(void)unlinkat(entry->dir_fd, ENTRY_NETWORK_FILE, 0);
		return 0;
	}
	net_record_format(record, &text);
	return write_whole(entry, ENTRY_NETWORK_FILE, &text, err);
}

int entry_read_network(const struct entry *entry, struct arena *arena, struct net_record **ret,
		       struct err *err)
{
	auto_buf struct buf text = {};
	int r = read_file(entry, ENTRY_NETWORK_FILE, &text, err);

	if (r == -ENOENT) {
		*ret = NULL;
		return 0;
	}
	if (r == 0)
		r = net_record_parse(buf_str(&text), text.len, arena, ret, err);
	return r < 0 ? err_wrap(err, "'%s' of container %.12s", ENTRY_NETWORK_FILE, entry->id) : 0;
}

/* As it was made, or as the container left it. */
static int set_owner(int fd, const struct stat *st, uint32_t owner)
{
	if ((st->st_uid != owner || st->st_gid != owner) && fchown(fd, owner, owner) < 0)
		return -errno;
	return (st->st_mode & 07777) != 0644 && fchmod(fd, 0644) < 0 ? -errno : 0;
}

/* Its owner may hold a lease on it, fcntl(2), for which we would wait most of a minute: he keeps
 * what he has, and there is a new one. */
static int open_shown(const struct entry *entry, const char *name)
{
	const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	int fd = openat(entry->dir_fd, name, flags, 0644);

	if (fd >= 0 || errno != EAGAIN || unlinkat(entry->dir_fd, name, 0) < 0)
		return fd;
	return openat(entry->dir_fd, name, flags | O_EXCL, 0644);
}

/* It is cut when all is there: who reads it meanwhile finds it never empty. */
int entry_write_shown(const struct entry *entry, const char *name, const struct buf *text,
		      uint32_t owner, struct err *err)
{
	auto_close int fd = open_shown(entry, name);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "make '%s' of container %.12s", name, entry->id);
	r = set_owner(fd, &st, owner);
	if (r < 0)
		return err_sys(err, -r, "let '%s' of container %.12s be read", name, entry->id);
	r = buf_write_fd(text, fd, name, err);
	if (r == 0 && st.st_size > (off_t)text->len && ftruncate(fd, (off_t)text->len) < 0)
		r = err_sys(err, errno, "cut '%s' of container %.12s", name, entry->id);
	return r;
}

int entry_read_shown(const struct entry *entry, const char *name, struct buf *ret,
		     struct err *err)
{
	return read_file(entry, name, ret, err);
}

/* ------------------------------------------------------------------------------- making */

static int take_name(const struct entry *entry, struct config *config, struct arena *arena,
		     struct err *err)
{
	int r = -EEXIST;

	if (config->name)
		return rename_take(entry, config->name, err);
	for (unsigned attempt = 0; attempt < MAX_ATTEMPTS && r == -EEXIST; attempt++) {
		config->name = ident_new_name(entry->id, attempt, arena);
		r = names_take(entry->names_fd, config->name, entry->id, err);
	}
	return r;
}

static int fill_entry(const struct entry *entry, struct config *config, struct arena *arena,
		      struct err *err)
{
	auto_buf struct buf text = {};
	int r = take_name(entry, config, arena, err);

	if (r < 0)
		return r;
	if (config->ids_of)
		r = ids_share(entry->ids_fd, entry->id, config->ids_start, config->ids_size, err);
	else if (config->ids_size)
		r = ids_take(entry->ids_fd, entry->id, config->ids_size, &config->ids_start, err);
	config_format(config, &text);
	if (r == 0)
		r = write_whole(entry, ENTRY_CONFIG_FILE, &text, err);
	if (r < 0)
		entry_hide(entry, config->name);
	return r;
}

/* What is the engine's today stays the container's. */
static void set_limits_of_log(const struct engine *engine, struct config *config)
{
	if (!config->log_max_size_bytes)
		config->log_max_size_bytes = engine->log_max_size_bytes;
	if (!config->log_max_files)
		config->log_max_files = engine->log_max_files;
}

/* It is locked until it is filled: one that is empty, and not locked, is nobody's, and may have
 * been taken away as such before it was locked (engine/abandoned.h). */
static int make_dir(struct entry *entry, const char *id)
{
	struct stat st;
	int r;

	do {
		closep(&entry->dir_fd);
		entry->dir_fd = -1;
		if (mkdirat(entry->containers_fd, id, 0700) < 0)
			return -errno;
		r = open_dir(entry, id);
		if (r == 0 && (flock(entry->dir_fd, LOCK_EX) < 0 || fstat(entry->dir_fd, &st) < 0))
			r = -errno;
	} while (r == -ENOENT || (r == 0 && st.st_nlink == 0));
	return r;
}

int entry_create(const struct engine *engine, struct config *config, struct arena *arena,
		 struct entry *entry, struct err *err)
{
	char id[IDENT_ID_LEN + 1], created[TIMESTAMP_BYTES];
	struct err ignored;
	int r = config->name ? ident_check_name(config->name, err) : 0;

	*entry = (struct entry)ENTRY_NONE;
	if (r == 0)
		r = ident_new_id(id, err);
	if (r == 0)
		r = open_shelves(engine, true, entry, err);
	if (r < 0)
		return r;
	r = make_dir(entry, id);
	if (r < 0)
		return err_sys(err, -r, "make '%s/containers/%s'", engine->root, id);
	set_limits_of_log(engine, config);
	timestamp_now(created);
	config->id = arena_strdup(arena, id);
	config->created = arena_strdup(arena, created);
	r = fill_entry(entry, config, arena, err);
	if (r < 0)
		(void)entry_remove(entry, config, &ignored);
	(void)flock(entry->dir_fd, LOCK_UN);
	return r;
}

/* ------------------------------------------------------------------------------- finding */

static int not_found(const char *who, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no container '%.128s'", who);
}

static bool is_whole_id(const char *word)
{
	return strlen(word) == IDENT_ID_LEN && ident_is_id(word);
}

struct walk {
	entry_fn *fn;
	void *data;
};

static int visit(void *data, int containers_fd, const char *name)
{
	const struct walk *walk = data;
	auto_entry struct entry entry = ENTRY_NONE;

	if (!is_whole_id(name))
		return 0;
	entry.dir_fd = openat(containers_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	memcpy(entry.id, name, sizeof(entry.id));
	if (entry.dir_fd >= 0)
		walk->fn(walk->data, &entry);
	return 0;
}

/* None was ever made: then there is none. */
int entry_walk(const struct engine *engine, entry_fn *fn, void *data, struct err *err)
{
	int fd, r = engine_open_dir(engine, "containers", false, &fd, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = each_name(fd, visit, &(struct walk){ fn, data });
	return r < 0 ? err_sys(err, -r, "read '%s/containers'", engine->root) : 0;
}

struct prefix {
	const char *who;
	char *ret_id;
	size_t found;
};

static void compare_prefix(void *data, const struct entry *entry)
{
	struct prefix *prefix = data;

	if (strncmp(entry->id, prefix->who, strlen(prefix->who)) == 0 &&
	    !entry_is_hidden(entry) && ++prefix->found == 1)
		memcpy(prefix->ret_id, entry->id, sizeof(entry->id));
}

/* The one id that begins with `who`. */
static int find_prefix(const struct engine *engine, const char *who, char *ret_id, struct err *err)
{
	struct prefix prefix = { who, ret_id, 0 };
	int r = entry_walk(engine, compare_prefix, &prefix, err);

	if (r < 0)
		return r;
	if (prefix.found > 1)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%s' begins the ids of %zu containers: write more of it", who,
			       prefix.found);
	return prefix.found ? 0 : not_found(who, err);
}

/* A whole id leads to what is there, also if whoever made it was killed before it was complete. */
static int find_id(const struct engine *engine, int names_fd, const char *who, char *ret_id,
		   struct err *err)
{
	if (names_find(names_fd, who, ret_id) == 0)
		return 0;
	if (!ident_is_id(who))
		return not_found(who, err);
	if (strlen(who) < IDENT_ID_LEN)
		return find_prefix(engine, who, ret_id, err);
	memcpy(ret_id, who, IDENT_ID_LEN + 1);
	return 0;
}

int entry_open_id(const struct engine *engine, const char *id, struct entry *entry,
		  struct err *err)
{
	int r = open_shelves(engine, false, entry, err);

	if (r < 0)
		return r;
	r = open_dir(entry, id);
	if (r == -ENOENT)
		return not_found(id, err);
	return r < 0 ? err_sys(err, -r, "open '%s/containers/%s'", engine->root, id) : 0;
}

/* A rename that was killed left two names: is `who` still its? */
static int mend(const struct engine *engine, const char *who, const struct entry *entry,
		struct err *err)
{
	char id[IDENT_ID_LEN + 1];
	int r;

	rename_mend(entry);
	r = find_id(engine, entry->names_fd, who, id, err);
	return r == 0 && strcmp(id, entry->id) != 0 ? not_found(who, err) : r;
}

int entry_open(const struct engine *engine, const char *who, struct entry *entry, struct err *err)
{
	const char *name = who + (who[0] == '/'); /* docker writes it so, and takes it so */
	char id[IDENT_ID_LEN + 1];
	struct err ignored;
	int r;

	*entry = (struct entry)ENTRY_NONE;
	if (ident_check_name(name, &ignored) < 0)
		return not_found(who, err);
	r = open_shelves(engine, false, entry, err);
	if (r == -ENOENT)
		return not_found(who, err);
	if (r < 0)
		return r;
	r = find_id(engine, entry->names_fd, name, id, err);
	if (r < 0)
		return r;
	r = open_dir(entry, id);
	if (r == -ENOENT)
		return not_found(who, err);
	if (r < 0)
		return err_sys(err, -r, "open '%s/containers/%s'", engine->root, id);
	return mark_is_set(entry->dir_fd, MARK_RENAMING) ? mend(engine, name, entry, err) : 0;
}

/* ------------------------------------------------------------------------------- removing */

/* Who is killed in between leaves one that is hidden and has its name, which is then free for who
 * wants it (engine/abandoned.h), and never one that is listed by a name that leads elsewhere. A
 * monitor knows the name that it began with: by now it may be another. */
void entry_hide(const struct entry *entry, const char *name)
{
	(void)unlinkat(entry->dir_fd, ENTRY_CONFIG_FILE, 0);
	if (!name || !names_release(entry->names_fd, name, entry->id))
		names_release_all(entry->names_fd, entry->id);
}

bool entry_is_hidden(const struct entry *entry)
{
	return faccessat(entry->dir_fd, ENTRY_CONFIG_FILE, F_OK, 0) < 0 && errno == ENOENT;
}

static void release_ids(const struct entry *entry, const struct config *config)
{
	if (entry->ids_fd < 0)
		return;
	if (config && config->ids_of)
		ids_leave(entry->ids_fd, entry->id, config->ids_start, config->ids_size);
	else if (config)
		ids_release(entry->ids_fd, entry->id, config->ids_start, config->ids_size);
	else
		ids_release_all(entry->ids_fd, entry->id);
}

/* What somebody left there who was killed. */
static void remove_half_done(const struct entry *entry)
{
	if (mark_is_set(entry->dir_fd, MARK_RENAMING))
		names_release_all(entry->names_fd, entry->id);
	for (enum mark mark = 0; mark < MARK_MAX_; mark++)
		mark_clear(entry->dir_fd, mark);
	(void)unlinkat(entry->dir_fd, ENTRY_CONFIG_FILE ".new", 0);
	(void)unlinkat(entry->dir_fd, STATUS_FILE ".new", 0);
	(void)unlinkat(entry->dir_fd, ENTRY_MONITOR_FILE ".new", 0);
	(void)unlinkat(entry->dir_fd, ENTRY_NETWORK_FILE ".new", 0);
}

static int remove_dir(const struct entry *entry)
{
	if (unlinkat(entry->containers_fd, entry->id, AT_REMOVEDIR) == 0)
		return 0;
	if (errno != ENOTEMPTY && errno != EEXIST)
		return errno == ENOENT ? 0 : -errno;
	remove_half_done(entry);
	return unlinkat(entry->containers_fd, entry->id, AT_REMOVEDIR) < 0 && errno != ENOENT
		       ? -errno
		       : 0;
}

int entry_remove(const struct entry *entry, const struct config *config, struct err *err)
{
	static const char *const files[] = { STATUS_FILE,	 ENTRY_ATTACH_SOCKET,
					     ENTRY_MONITOR_FILE, ENTRY_NETWORK_FILE,
					     ENTRY_HOSTS_FILE,	 ENTRY_HOSTNAME_FILE,
					     ENTRY_RESOLV_FILE };
	static const char *const trees[] = { ENTRY_CHANGES_DIR, ENTRY_VOLUMES_DIR,
					     ENTRY_SHOWN_DIR };
	static const char *const places[] = { ENTRY_ROOT_DIR, ENTRY_STAGE_DIR };
	int r;

	if (!entry_is_hidden(entry))
		entry_hide(entry, config ? config->name : NULL);
	/* Who looks for what was abandoned leaves it to us. */
	(void)flock(entry->dir_fd, LOCK_EX | LOCK_NB);
	r = log_files_remove(entry->dir_fd);
	if (r < 0)
		return err_sys(err, -r, "remove the log of container %.12s", entry->id);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (unlinkat(entry->dir_fd, files[i], 0) < 0 && errno != ENOENT)
			return err_sys(err, errno, "remove '%s' of container %.12s", files[i],
				       entry->id);
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		r = rmtree(entry->dir_fd, trees[i]);
		if (r < 0)
			return err_sys(err, -r, "remove '%s' of container %.12s", trees[i],
				       entry->id);
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (unlinkat(entry->dir_fd, places[i], AT_REMOVEDIR) < 0 && errno != ENOENT)
			return err_sys(err, errno, "remove '%s' of container %.12s", places[i],
				       entry->id);
	/* Before the directory: without it nobody would know whose they are. */
	release_ids(entry, config);
	r = remove_dir(entry);
	return r < 0 ? err_sys(err, -r, "remove container %.12s", entry->id) : 0;
}
