/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory. Files are replaced by rename, so a reader sees a whole record or none; the
 * name of a container is taken by mkdir, which only one of two callers can win.
 */
#include "rt/record.h"

#include "base/cleanup.h"
#include "base/num.h"
#include "oci/schema.h"
#include "sys/makedirs.h"
#include "sys/proc.h"
#include "sys/sock.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define RECORD_FILE "state.json"
#define PID_FILE "pid"
#define COMPLETE "complete\n" /* the last line of that */
#define CONFIG_FILE "config.json"
#define FILTER_FILE "filter"
#define SECCOMP_DIR ".seccomp"
#define MAX_RECORD_BYTES ((size_t)4 << 20)

#define FIELD(member, json, kind) \
	{ json, SCHEMA_##kind, 0, .offset = offsetof(struct record, member) }

static const struct schema_field record_fields[] = {
	FIELD(id, "id", STRING),
	FIELD(oci_version, "ociVersion", STRING),
	FIELD(bundle, "bundle", STRING),
	FIELD(rootfs, "rootfs", STRING),
	FIELD(created, "created", STRING),
	FIELD(cgroup_path, "cgroupPath", STRING),
	FIELD(cgroup_manager, "cgroupManager", STRING),
	FIELD(systemd_slice, "systemdSlice", STRING),
	FIELD(systemd_unit, "systemdUnit", STRING),
	FIELD(made_rdt_class, "madeIntelRdtClass", BOOL),
	FIELD(made_rdt_monitor, "madeIntelRdtMonitor", BOOL),
	FIELD(has_poststop, "hasPoststop", BOOL),
	FIELD(is_user_scope, "userScope", BOOL),
	FIELD(uid, "uid", U32),
	FIELD(annotations, "annotations", PAIRS),
};
static const struct schema record_schema = SCHEMA(struct record, record_fields);

void record_dir_init(struct record_dir *dir)
{
	dir->root_fd = dir->dir_fd = dir->pid_fd = -1;
	dir->id[0] = '\0';
}

void record_dir_done(struct record_dir *dir)
{
	closep(&dir->root_fd);
	closep(&dir->dir_fd);
	closep(&dir->pid_fd);
	record_dir_init(dir);
}

int rt_id_check(const char *id, struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_+-.";
	size_t len = strlen(id);

	if (len == 0)
		return err_set(err, ERR_USAGE, EINVAL, "the container id is empty");
	if (len > 1024)
		return err_set(err, ERR_USAGE, EINVAL,
			       "the container id is longer than 1024 characters");
	if (strspn(id, allowed) != len || id[0] == '.')
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%.64s' is no container id: letters, digits, '_', '+', '-' and "
			       "'.', not starting with '.'", id);
	return 0;
}

int rt_default_root(struct buf *ret_path, struct err *err)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	const char *rootless_uid = getenv("_CONTAINERS_ROOTLESS_UID");

	/* podman sets both for root too, and leaves them empty. */
	if (geteuid() == 0 && (!runtime_dir || !*runtime_dir || !rootless_uid || !*rootless_uid)) {
		buf_puts(ret_path, "/run/tare-oci");
		return 0;
	}
	if (!runtime_dir || runtime_dir[0] != '/')
		return err_set(err, ERR_USAGE, ENOENT,
			       "XDG_RUNTIME_DIR is not set; name a state directory with --root");
	buf_printf(ret_path, "%s/tare-oci", runtime_dir);
	return 0;
}

static int open_dir(int dir_fd, const char *path)
{
	return openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Who can write there can have us kill, unmount and remove what a record of theirs names. */
static int check_root(const struct rt *rt, int root_fd, struct err *err)
{
	struct stat st;

	if (fstat(root_fd, &st) < 0)
		return err_sys(err, errno, "examine the state directory '%s'", rt->root);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, ERR_SYSTEM, EPERM,
			       "the state directory '%s' belongs to another user", rt->root);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, ERR_SYSTEM, EPERM,
			       "the state directory '%s' can be written to by others", rt->root);
	return 0;
}

static int open_root(const struct rt *rt, bool make, int *ret_fd, struct err *err)
{
	int fd = open(rt->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && make) {
		int r = makedirs(rt->root);

		if (r < 0)
			return err_sys(err, -r, "make the state directory '%s'", rt->root);
		fd = open(rt->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_sys(err, errno, "open the state directory '%s'", rt->root);
	*ret_fd = fd;
	return check_root(rt, fd, err);
}

int record_create(const struct rt *rt, const char *id, struct record_dir *dir, struct err *err)
{
	int r = rt_id_check(id, err);

	record_dir_init(dir);
	if (r == 0)
		r = open_root(rt, true, &dir->root_fd, err);
	if (r < 0)
		return r;
	if (mkdirat(dir->root_fd, id, 0700) < 0) {
		if (errno == EEXIST)
			return err_set(err, ERR_CONFLICT, EEXIST,
				       "a container of that id exists already");
		return err_sys(err, errno, "make '%s/%s'", rt->root, id);
	}
	strcpy(dir->id, id);
	dir->dir_fd = open_dir(dir->root_fd, id);
	if (dir->dir_fd < 0) {
		r = err_sys(err, errno, "open '%s/%s'", rt->root, id);
		(void)unlinkat(dir->root_fd, id, AT_REMOVEDIR);
		return r;
	}
	return 0;
}

int record_open(const struct rt *rt, const char *id, struct record_dir *dir, struct err *err)
{
	int r = rt_id_check(id, err);

	record_dir_init(dir);
	if (r < 0)
		return r;
	dir->root_fd = open(rt->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir->root_fd >= 0)
		r = check_root(rt, dir->root_fd, err);
	if (r < 0)
		return r;
	if (dir->root_fd >= 0)
		dir->dir_fd = open_dir(dir->root_fd, id);
	if (dir->dir_fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "the container does not exist");
	if (dir->dir_fd < 0)
		return err_sys(err, errno, "open '%s/%s'", rt->root, id);
	strcpy(dir->id, id);
	return 0;
}

static int remove_entries(int dir_fd)
{
	DIR *stream = fdopendir(fcntl(dir_fd, F_DUPFD_CLOEXEC, 3));
	struct dirent *entry;

	if (!stream)
		return -errno;
	rewinddir(stream);
	while ((entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dir_fd, entry->d_name, 0) == 0 || errno == ENOENT)
			continue;
		if (errno == EISDIR) {
			auto_close int sub_fd = open_dir(dir_fd, entry->d_name);

			if (sub_fd >= 0)
				(void)remove_entries(sub_fd);
			(void)unlinkat(dir_fd, entry->d_name, AT_REMOVEDIR);
		}
	}
	(void)closedir(stream);
	return 0;
}

/* The files that every container has go without a look at the directory. */
int record_remove(struct record_dir *dir, struct err *err)
{
	static const char *const usual[] = { RECORD_START_SOCKET, PID_FILE, CONFIG_FILE,
					     FILTER_FILE, RECORD_FILE };

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		(void)unlinkat(dir->dir_fd, usual[i], 0);
	if (unlinkat(dir->root_fd, dir->id, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno == ENOTEMPTY || errno == EEXIST) {
		(void)remove_entries(dir->dir_fd);
		if (unlinkat(dir->root_fd, dir->id, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
	}
	return err_sys(err, errno, "remove the state of '%s'", dir->id);
}

static int make_file(const struct record_dir *dir, const char *name, struct err *err)
{
	int fd = openat(dir->dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
			0600);

	return fd < 0 ? err_sys(err, errno, "make '%s' in the state of '%s'", name, dir->id) : fd;
}

static int write_file(const struct record_dir *dir, const char *name, const struct buf *text,
		      struct err *err)
{
	auto_close int fd = make_file(dir, name, err);

	return fd < 0 ? fd : buf_write_fd(text, fd, name, err);
}

int record_write(const struct record_dir *dir, const struct record *record, struct err *err)
{
	static const char temporary[] = RECORD_FILE ".new";
	auto_buf struct buf text = {};
	int r;

	schema_format(&record_schema, record, &text);
	r = write_file(dir, temporary, &text, err);
	if (r < 0)
		return r;
	if (renameat(dir->dir_fd, temporary, dir->dir_fd, RECORD_FILE) < 0)
		return err_sys(err, errno, "replace '%s' in the state of '%s'", RECORD_FILE,
			       dir->id);
	return 0;
}

/* What is below /run goes when the machine ends. */
int record_find_boot(const struct rt *rt, int proc_fd, struct record *record, struct err *err)
{
	int r;

	if (strncmp(rt->root, "/run/", strlen("/run/")) == 0)
		return 0;
	r = proc_boot_id(proc_fd, record->boot_id);
	return r < 0 ? err_sys(err, -r, "read the machine's boot id") : 0;
}

int record_write_pid(struct record_dir *dir, const struct record *record, struct err *err)
{
	auto_buf struct buf text = {};
	auto_close int fd = make_file(dir, PID_FILE, err);
	int r = fd;

	buf_printf(&text, "%d %" PRIu64 "\n%s%s", (int)record->host_pid, record->pid_identity,
		   record->boot_id, record->boot_id[0] ? "\n" : "");
	if (r >= 0)
		r = buf_write_fd(&text, fd, PID_FILE, err);
	if (r == 0)
		dir->pid_fd = take_fd(&fd);
	return r;
}

int record_complete(struct record_dir *dir, struct err *err)
{
	auto_close int fd = take_fd(&dir->pid_fd);

	if (write(fd, COMPLETE, strlen(COMPLETE)) == (ssize_t)strlen(COMPLETE))
		return 0;
	return err_sys(err, errno, "write '%s' in the state of '%s'", PID_FILE, dir->id);
}

int record_write_config(const struct record_dir *dir, const struct buf *config, struct err *err)
{
	return write_file(dir, CONFIG_FILE, config, err);
}

/* The whole of a file; -ENOENT is for the caller. */
static int read_file(const struct record_dir *dir, const char *name, struct buf *text,
		     struct err *err)
{
	auto_close int fd = openat(dir->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, errno, "open '%s' in the state of '%s'", name, dir->id);
	return buf_read_fd(text, fd, MAX_RECORD_BYTES, name, err);
}

int record_write_filter(const struct record_dir *dir, const struct sock_fprog *filter,
			struct err *err)
{
	const struct buf bytes = { .data = (char *)filter->filter,
				   .len = filter->len * sizeof(*filter->filter) };

	return write_file(dir, FILTER_FILE, &bytes, err);
}

int record_read_filter(const struct record_dir *dir, struct arena *arena, struct sock_fprog *ret,
		       struct err *err)
{
	auto_buf struct buf bytes = {};
	int r = read_file(dir, FILTER_FILE, &bytes, err);
	size_t n = bytes.len / sizeof(*ret->filter);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (n == 0 || n > BPF_MAXINSNS || bytes.len % sizeof(*ret->filter))
		return err_set(err, ERR_SYSTEM, EINVAL, "'%s' in the state of '%s' is damaged",
			       FILTER_FILE, dir->id);
	ret->filter = arena_array(arena, struct sock_filter, n);
	ret->len = (unsigned short)n;
	memcpy(ret->filter, bytes.data, bytes.len);
	return 1;
}

static bool is_part_of(const char *text, const char *whole)
{
	return strncmp(text, whole, strlen(text)) == 0;
}

/* "PID IDENTITY\n", "BOOT\n" where that counts, and COMPLETE when it is. A first line that was cut
 * off when its writer was killed is as good as none; of a boot what is there counts. */
static void parse_pid(struct buf *text, struct record *record)
{
	char *rest = text->data, *boot = NULL;
	const char *pid = strsep(&rest, " "), *identity = strsep(&rest, "\n");
	uint64_t parsed;
	uint32_t number;

	if (!rest || strlen(text->data) + 1 + strlen(identity) + 1 + strlen(rest) != text->len)
		return;
	if (!is_part_of(rest, COMPLETE)) {
		boot = strsep(&rest, "\n");
		if (!*boot || strlen(boot) >= PROC_BOOT_ID_BYTES ||
		    boot[strspn(boot, "0123456789abcdef-")] ||
		    (rest && !is_part_of(rest, COMPLETE)))
			return;
	}
	if (num_parse_u32(pid, &number) < 0 || number == 0 || number > INT32_MAX ||
	    num_parse_u64(identity, &parsed) < 0)
		return;
	record->host_pid = (pid_t)number;
	record->pid_identity = parsed;
	if (boot)
		(void)snprintf(record->boot_id, sizeof(record->boot_id), "%s", boot);
	record->is_creating = !rest || strcmp(rest, COMPLETE) != 0;
}

static int read_pid(const struct record_dir *dir, struct record *record, struct err *err)
{
	auto_buf struct buf text = {};
	int r = read_file(dir, PID_FILE, &text, err);

	if (r == 0 && text.len)
		parse_pid(&text, record);
	return r == -ENOENT ? 0 : r;
}

int record_read(const struct record_dir *dir, struct arena *arena, struct record **ret_record,
		struct err *err)
{
	auto_buf struct buf text = {};
	struct record *record = NULL;
	int r = read_file(dir, RECORD_FILE, &text, err);

	if (r == -ENOENT) {
		record = arena_new(arena, struct record);
		r = 0;
	} else if (r == 0) {
		r = schema_parse(&record_schema, text.data, text.len, arena, (void **)&record, err);
		if (r < 0)
			return err_wrap(err, "the state of '%s' is damaged", dir->id);
	}
	if (r < 0)
		return r;
	record->is_creating = true;
	r = read_pid(dir, record, err);
	if (r < 0)
		return r;
	if (!record->id)
		record->id = arena_strdup(arena, dir->id);
	*ret_record = record;
	return 0;
}

int record_salvage(const struct record_dir *dir, struct arena *arena, struct record **ret_record,
		   struct err *err)
{
	struct record *record = arena_new(arena, struct record);
	int r;

	record->id = arena_strdup(arena, dir->id);
	record->is_damaged = true;
	*ret_record = record;
	r = read_pid(dir, record, err);
	record->is_creating = false; /* it can't be known: kill, rather than leave */
	return r;
}

int record_read_spec(const struct record_dir *dir, struct arena *arena, struct oci_spec **ret_spec,
		     struct err *err)
{
	auto_buf struct buf text = {};
	int r = read_file(dir, CONFIG_FILE, &text, err);

	if (r == 0)
		r = oci_spec_parse(text.data, text.len, arena, ret_spec, err);
	return r;
}

void record_mark_started(const struct record_dir *dir)
{
	(void)unlinkat(dir->dir_fd, RECORD_START_SOCKET, 0);
}

/* A `start` that was killed may have left the socket; then nobody listens. Who does hears us hang
 * up, and goes on waiting. */
bool record_is_created(const struct record_dir *dir)
{
	auto_close int fd = -1;
	struct err err;

	if (faccessat(dir->dir_fd, RECORD_START_SOCKET, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return sock_connect_at(dir->dir_fd, RECORD_START_SOCKET, SOCK_SEQPACKET | SOCK_NONBLOCK,
			       &fd, &err) != -ECONNREFUSED;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect_ids(DIR *stream, struct arena *arena, char ***ret_ids, size_t *ret_n)
{
	struct dirent *entry;
	struct err ignored;
	size_t cap = 0, n = 0;
	char **ids = NULL;

	while ((entry = readdir(stream))) {
		if (rt_id_check(entry->d_name, &ignored) < 0)
			continue;
		if (n == cap) {
			char **more = arena_array(arena, char *, cap = cap ? cap * 2 : 64);

			if (n)
				memcpy(more, ids, n * sizeof(*ids));
			ids = more;
		}
		ids[n++] = arena_strdup(arena, entry->d_name);
	}
	if (n)
		qsort(ids, n, sizeof(*ids), compare_ids);
	*ret_ids = ids;
	*ret_n = n;
}

int record_list(const struct rt *rt, struct arena *arena, char ***ret_ids, size_t *ret_n,
		struct err *err)
{
	DIR *stream = opendir(rt->root);

	*ret_ids = NULL;
	*ret_n = 0;
	if (!stream && errno == ENOENT)
		return 0;
	if (!stream)
		return err_sys(err, errno, "open the state directory '%s'", rt->root);
	collect_ids(stream, arena, ret_ids, ret_n);
	(void)closedir(stream);
	return 0;
}

int record_open_seccomp_cache(const struct record_dir *dir)
{
	int fd = open_dir(dir->root_fd, SECCOMP_DIR);

	if (fd < 0 && errno == ENOENT && mkdirat(dir->root_fd, SECCOMP_DIR, 0700) == 0)
		fd = open_dir(dir->root_fd, SECCOMP_DIR);
	return fd;
}

static bool is_of_another_boot(const struct record *record, int proc_fd)
{
	char now[PROC_BOOT_ID_BYTES];

	return record->boot_id[0] && proc_boot_id(proc_fd, now) == 0 &&
	       !is_part_of(record->boot_id, now);
}

int record_open_process(const struct record *record, int proc_fd)
{
	auto_close int pidfd = -1;
	uint64_t identity;
	int r;

	if (record->host_pid <= 0 || is_of_another_boot(record, proc_fd))
		return -ESRCH;
	pidfd = proc_open_pidfd(record->host_pid);
	if (pidfd < 0)
		return pidfd;
	r = proc_identity(proc_fd, pidfd, record->host_pid, &identity);
	if (r < 0)
		return r;
	return identity == record->pid_identity ? take_fd(&pidfd) : -ESRCH;
}
