/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directories of containers. An entry is made before its name is taken and loses its name
 * before it is taken away, so a name never leads to nothing; one that has no name, because who made
 * it was killed in between, is found by its id.
 */
#include "engine/entry.h"

#include "base/cleanup.h"
#include "base/num.h"
#include "base/timestamp.h"
#include "engine/ids.h"
#include "engine/names.h"
#include "sys/makedirs.h"
#include "sys/rmtree.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define CONFIG_FILE  "container.json"
#define STATUS_FILE  "status.json"
#define MONITOR_FILE "monitor"
#define LOG_FILE     "log"

/* In the place of an exit code, and as long. */
#define NO_EXIT_CODE "  -\n"

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

static int open_below(const struct engine *engine, const char *name, bool make, int *ret_fd,
		      struct err *err)
{
	char path[4096];
	int fd, r;

	if (snprintf(path, sizeof(path), "%s/%s", engine->root, name) >= (int)sizeof(path))
		return err_sys(err, ENAMETOOLONG, "open '%s'", engine->root);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && make) {
		r = makedirs(path);
		if (r < 0)
			return err_sys(err, -r, "make '%s'", path);
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_sys(err, errno, "open '%s'", path);
	*ret_fd = fd;
	return 0;
}

/* An engine that never made a container with ids of its own has none. */
static int open_ids(const struct engine *engine, bool make, int *ret_fd, struct err *err)
{
	int r = open_below(engine, "ids", make, ret_fd, err);

	return r == -ENOENT && !make ? 0 : r;
}

static int open_shelves(const struct engine *engine, bool make, struct entry *entry,
			struct err *err)
{
	int r;

	*entry = (struct entry)ENTRY_NONE;
	r = open_below(engine, "containers", make, &entry->containers_fd, err);
	if (r == 0)
		r = open_below(engine, "names", make, &entry->names_fd, err);
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

/* -ENOENT is for the caller. */
static int read_file(const struct entry *entry, const char *name, struct buf *text,
		     struct err *err)
{
	auto_close int fd = openat(entry->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "open '%s' of container %.12s", name, entry->id);
	return buf_read_fd(text, fd, MAX_FILE_BYTES, name, err);
}

int entry_read_config(const struct entry *entry, struct arena *arena, struct config **ret_config,
		      struct err *err)
{
	auto_buf struct buf text = {};
	int r = read_file(entry, CONFIG_FILE, &text, err);

	if (r == 0)
		r = config_parse(buf_str(&text), text.len, arena, ret_config, err);
	if (r == -ENOENT)
		return r;
	return r < 0 ? err_wrap(err, "'%s' of container %.12s", CONFIG_FILE, entry->id) : 0;
}

int entry_write_status(const struct entry *entry, const struct status *status, struct err *err)
{
	static const char temporary[] = STATUS_FILE ".new";
	auto_buf struct buf text = {};
	int r;

	status_format(status, &text);
	r = write_file(entry, temporary, &text, err);
	if (r < 0)
		return r;
	if (renameat(entry->dir_fd, temporary, entry->dir_fd, STATUS_FILE) < 0)
		return err_sys(err, errno, "replace '%s' of container %.12s", STATUS_FILE,
			       entry->id);
	return 0;
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

/* ------------------------------------------------------------------------------- making */

static int take_name(const struct entry *entry, struct config *config, struct arena *arena,
		     struct err *err)
{
	int r = -EEXIST;

	if (config->name)
		return names_take(entry->names_fd, config->name, entry->id, err);
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

	if (r == 0 && config->ids_of)
		r = ids_share(entry->ids_fd, entry->id, config->ids_start, config->ids_size, err);
	else if (r == 0 && config->ids_size)
		r = ids_take(entry->ids_fd, entry->id, config->ids_size, &config->ids_start, err);
	if (r < 0)
		return r;
	config_format(config, &text);
	return write_file(entry, CONFIG_FILE, &text, err);
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
	if (mkdirat(entry->containers_fd, id, 0700) < 0)
		return err_sys(err, errno, "make '%s/containers/%s'", engine->root, id);
	r = open_dir(entry, id);
	if (r < 0)
		return err_sys(err, -r, "open '%s/containers/%s'", engine->root, id);
	timestamp_now(created);
	config->id = arena_strdup(arena, id);
	config->created = arena_strdup(arena, created);
	r = fill_entry(entry, config, arena, err);
	if (r < 0)
		(void)entry_remove(entry, config, &ignored);
	return r;
}

/* ------------------------------------------------------------------------------- finding */

static int not_found(const char *who, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no container '%.128s'", who);
}

/* The one id that begins with `who`. */
static int find_prefix(const struct engine *engine, const char *who, char *ret_id, struct err *err)
{
	auto_arena struct arena arena = {};
	size_t n = 0, found = 0;
	char **ids = NULL;
	int r = entry_list(engine, &arena, &ids, &n, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		if (strncmp(ids[i], who, strlen(who)) == 0 && ++found == 1)
			memcpy(ret_id, ids[i], IDENT_ID_LEN + 1);
	if (found > 1)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%s' begins the ids of %zu containers: write more of it", who,
			       found);
	return found ? 0 : not_found(who, err);
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

int entry_open(const struct engine *engine, const char *who, struct entry *entry, struct err *err)
{
	char id[IDENT_ID_LEN + 1];
	struct err ignored;
	int r;

	*entry = (struct entry)ENTRY_NONE;
	if (ident_check_name(who, &ignored) < 0)
		return not_found(who, err);
	r = open_shelves(engine, false, entry, err);
	if (r == -ENOENT)
		return not_found(who, err);
	if (r < 0)
		return r;
	r = find_id(engine, entry->names_fd, who, id, err);
	if (r < 0)
		return r;
	r = open_dir(entry, id);
	if (r == -ENOENT)
		return not_found(who, err);
	return r < 0 ? err_sys(err, -r, "open '%s/containers/%s'", engine->root, id) : 0;
}

struct listed {
	char *id;
	struct timespec made;
};

/* The newest first, as people look for them; the id settles a draw. */
static int compare_listed(const void *a, const void *b)
{
	const struct listed *x = a, *y = b;

	if (x->made.tv_sec != y->made.tv_sec)
		return x->made.tv_sec < y->made.tv_sec ? 1 : -1;
	if (x->made.tv_nsec != y->made.tv_nsec)
		return x->made.tv_nsec < y->made.tv_nsec ? 1 : -1;
	return strcmp(x->id, y->id);
}

/* When it was made: container.json is written once. False: it has none. */
static bool find_time(int containers_fd, const char *id, struct timespec *ret)
{
	char path[IDENT_ID_LEN + 32];
	struct stat st;

	if (strlen(id) != IDENT_ID_LEN || !ident_is_id(id))
		return false;
	(void)snprintf(path, sizeof(path), "%s/%s", id, CONFIG_FILE);
	if (fstatat(containers_fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	*ret = st.st_mtim;
	return true;
}

static void collect(DIR *stream, struct arena *arena, struct listed **ret, size_t *ret_n)
{
	struct listed *list = NULL, *wider;
	size_t n = 0, cap = 0;
	struct dirent *item;

	while ((item = readdir(stream))) {
		struct timespec made;

		if (!find_time(dirfd(stream), item->d_name, &made))
			continue;
		if (n == cap) {
			cap = cap ? 2 * cap : 64;
			wider = arena_array(arena, struct listed, cap);
			if (n)
				memcpy(wider, list, n * sizeof(*list));
			list = wider;
		}
		list[n++] = (struct listed){ arena_strdup(arena, item->d_name), made };
	}
	*ret = list;
	*ret_n = n;
}

int entry_list(const struct engine *engine, struct arena *arena, char ***ret_ids, size_t *ret_n,
	       struct err *err)
{
	struct listed *list = NULL;
	int fd = -1, r = open_below(engine, "containers", false, &fd, err);
	DIR *stream;

	*ret_ids = NULL;
	*ret_n = 0;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	stream = fdopendir(fd);
	if (!stream) {
		r = err_sys(err, errno, "read '%s/containers'", engine->root);
		closep(&fd);
		return r;
	}
	collect(stream, arena, &list, ret_n);
	(void)closedir(stream);
	if (*ret_n)
		qsort(list, *ret_n, sizeof(*list), compare_listed);
	*ret_ids = arena_array(arena, char *, *ret_n + 1);
	for (size_t i = 0; i < *ret_n; i++)
		(*ret_ids)[i] = list[i].id;
	return 0;
}

/* ------------------------------------------------------------------------------- removing */

static void release_name(const struct entry *entry, const char *name)
{
	if (name)
		names_release(entry->names_fd, name, entry->id);
	else
		names_release_all(entry->names_fd, entry->id);
}

void entry_hide(const struct entry *entry, const char *name)
{
	release_name(entry, name);
	(void)unlinkat(entry->dir_fd, CONFIG_FILE, 0);
}

bool entry_is_hidden(const struct entry *entry)
{
	return faccessat(entry->dir_fd, CONFIG_FILE, F_OK, 0) < 0 && errno == ENOENT;
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
		names_release_all(entry->ids_fd, entry->id);
}

int entry_remove(const struct entry *entry, const struct config *config, struct err *err)
{
	static const char *const files[] = { LOG_FILE, STATUS_FILE ".new", STATUS_FILE,
					     MONITOR_FILE, CONFIG_FILE };
	static const char *const trees[] = { ENTRY_CHANGES_DIR, ENTRY_VOLUMES_DIR };
	static const char *const places[] = { ENTRY_ROOT_DIR, ENTRY_STAGE_DIR };

	release_name(entry, config ? config->name : NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (unlinkat(entry->dir_fd, files[i], 0) < 0 && errno != ENOENT)
			return err_sys(err, errno, "remove '%s' of container %.12s", files[i],
				       entry->id);
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++) {
		int r = rmtree(entry->dir_fd, trees[i]);

		if (r < 0)
			return err_sys(err, -r, "remove '%s' of container %.12s", trees[i],
				       entry->id);
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (unlinkat(entry->dir_fd, places[i], AT_REMOVEDIR) < 0 && errno != ENOENT)
			return err_sys(err, errno, "remove '%s' of container %.12s", places[i],
				       entry->id);
	if (unlinkat(entry->containers_fd, entry->id, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(err, errno, "remove container %.12s", entry->id);
	release_ids(entry, config);
	return 0;
}

/* ------------------------------------------------------------------------------- the monitor */

int entry_lock(const struct entry *entry, int *ret_fd, struct err *err)
{
	auto_close int fd = openat(entry->dir_fd, MONITOR_FILE,
				   O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	/* Those who look whether it is locked hold it for a moment. What the exit code will need on
	 * the disk is taken now: it may be full by then. */
	if (fd < 0 || flock(fd, LOCK_EX) < 0 ||
	    pwrite(fd, NO_EXIT_CODE, sizeof(NO_EXIT_CODE) - 1, 0) < 0)
		return err_sys(err, errno, "lock container %.12s", entry->id);
	*ret_fd = take_fd(&fd);
	return 0;
}

void entry_unlock(int *lock_fd, int exit_code)
{
	char line[16];
	int n = snprintf(line, sizeof(line), "%3d\n", exit_code);

	(void)!pwrite(*lock_fd, line, (size_t)n, 0);
	(void)flock(*lock_fd, LOCK_UN);
	closep(lock_fd);
	*lock_fd = -1;
}

int entry_open_monitor(const struct entry *entry, int *ret_fd, struct err *err)
{
	int fd = openat(entry->dir_fd, MONITOR_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return err_sys(err, errno, "open '%s' of container %.12s", MONITOR_FILE,
			       entry->id);
	*ret_fd = fd;
	return 0;
}

int entry_has_monitor(const struct entry *entry)
{
	auto_close int fd = -1;
	struct err ignored;

	if (entry_open_monitor(entry, &fd, &ignored) < 0)
		return 0;
	return flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

int entry_read_exit(int monitor_fd)
{
	char line[16] = "";
	ssize_t n = pread(monitor_fd, line, sizeof(line) - 1, 0);
	uint32_t code;

	if (n < 2 || line[n - 1] != '\n')
		return -ESRCH;
	line[n - 1] = '\0';
	if (num_parse_u32(line + strspn(line, " "), &code) < 0 || code > 255)
		return -ESRCH;
	return (int)code;
}

int entry_await(int monitor_fd, struct err *err)
{
	while (flock(monitor_fd, LOCK_SH) < 0)
		if (errno != EINTR)
			return err_sys(err, errno, "wait for the container's monitor");
	(void)flock(monitor_fd, LOCK_UN);
	return entry_read_exit(monitor_fd);
}

/* ------------------------------------------------------------------------------- the log */

int entry_open_log(const struct entry *entry, int *ret_fd, struct err *err)
{
	*ret_fd = openat(entry->dir_fd, LOG_FILE,
			 O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return *ret_fd < 0 ? err_sys(err, errno, "open the log of container %.12s", entry->id) : 0;
}

int entry_read_log(const struct entry *entry, bool make, int *ret_fd, struct err *err)
{
	*ret_fd = openat(entry->dir_fd, LOG_FILE,
			 O_RDONLY | (make ? O_CREAT : 0) | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*ret_fd < 0 && errno == ENOENT)
		return -ENOENT;
	return *ret_fd < 0 ? err_sys(err, errno, "open the log of container %.12s", entry->id) : 0;
}
