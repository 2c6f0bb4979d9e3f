/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives by their headers. Opening one notes where each file lies (its name without "." and "..",
 * its offset, its size) and passes over the contents. What has a name that leads out of the
 * archive, and what is neither a file nor a link, is not noted, so nothing finds it.
 */
#include "transport/archive.h"

#include "base/arena.h"
#include "layer/inflate.h"
#include "layer/tar_read.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHUNK_BYTES ((size_t)16 << 10)
#define MAX_NOTED_BYTES ((size_t)32 << 20) /* of entries and their names */
#define MAX_LINKS 16

struct entry {
	char *name;
	char *target; /* of a link, seen from the archive's top; NULL: a file */
	uint64_t at, bytes;
};

struct archive {
	int fd;
	uint64_t bytes;
	struct buf entries; /* struct entry */
	struct arena arena;
};

void archive_free(struct archive *archive)
{
	if (!archive)
		return;
	closep(&archive->fd);
	buf_done(&archive->entries);
	arena_done(&archive->arena);
	free(archive);
}

static void archive_freep(struct archive **archive)
{
	archive_free(*archive);
}

/* ------------------------------------------------------------------------------- copy */

/* A file without a name, which goes with its descriptor. */
static int open_nameless(const char *dir, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	char name[512];
	int fd;

	if (!dir)
		dir = tmp && *tmp ? tmp : "/var/tmp";
	fd = open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd >= 0 ? fd : err_sys(err, errno, "make a file in '%s'", dir);
	(void)snprintf(name, sizeof(name), "%s/tare-XXXXXX", dir);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, errno, "make a file in '%s'", dir);
	(void)unlink(name);
	return fd;
}

static int copy_inflated(int from_fd, int to_fd, struct err *err)
{
	const struct layer_source from = { .file_fd = from_fd, .progress_fd = -1 };
	auto_inflate struct inflate inflate;
	char chunk[CHUNK_BYTES];
	struct buf piece = { .data = chunk };
	ssize_t n;

	inflate_init(&inflate, &from, -1);
	while ((n = inflate_read(&inflate, chunk, sizeof(chunk), err)) > 0) {
		int r;

		piece.len = (size_t)n;
		r = buf_write_fd(&piece, to_fd, "a temporary file", err);
		if (r < 0)
			return r;
	}
	return (int)n;
}

static bool begins_with(int fd, const char *magic, size_t n)
{
	char bytes[8];

	return pread(fd, bytes, n, 0) == (ssize_t)n && memcmp(bytes, magic, n) == 0;
}

static bool is_compressed(int fd)
{
	return begins_with(fd, "\x1f\x8b", 2) || begins_with(fd, "\x28\xb5\x2f\xfd", 4);
}

static int refuse_others(int fd, struct err *err)
{
	const char *with = begins_with(fd, "\xfd" "7zXZ", 5) ? "xz"
			   : begins_with(fd, "BZh", 3)	     ? "bzip2"
							     : NULL;

	if (!with)
		return 0;
	(void)err_set(err, ERR_USAGE, EBADMSG, "it is compressed with %s, which is not supported",
		      with);
	return err_hint(err, "'%s -d' makes it an archive that can be read", with);
}

/* See to it that the archive can be read in any order. */
static int make_seekable(struct archive *archive, const char *tmp_dir, struct err *err)
{
	struct stat st;
	int r = 0;

	if (fstat(archive->fd, &st) < 0)
		return err_sys(err, errno, "stat");
	if (S_ISDIR(st.st_mode))
		return err_sys(err, EISDIR, "read");
	if (!S_ISREG(st.st_mode) || is_compressed(archive->fd)) {
		auto_close int fd = open_nameless(tmp_dir, err);

		r = fd < 0 ? fd : copy_inflated(archive->fd, fd, err);
		if (r < 0)
			return r;
		(void)close(archive->fd);
		archive->fd = take_fd(&fd);
		if (fstat(archive->fd, &st) < 0)
			return err_sys(err, errno, "stat");
	}
	archive->bytes = (uint64_t)st.st_size;
	return refuse_others(archive->fd, err);
}

/* ------------------------------------------------------------------------------- names */

static char *up(char *start, char *end)
{
	while (end > start && end[-1] != '/')
		end--;
	return end > start ? end - 1 : start;
}

/* "./a//b/../c" -> "a/c". NULL: it leads out of the archive, or to its top. */
static char *clean_name(struct arena *arena, const char *name)
{
	char *clean = arena_alloc(arena, strlen(name) + 1), *end = clean;

	for (size_t len; *name; name += len) {
		name += strspn(name, "/");
		len = strcspn(name, "/");
		if (len == 0 || (len == 1 && name[0] == '.'))
			continue;
		if (len == 2 && strncmp(name, "..", 2) == 0) {
			if (end == clean)
				return NULL;
			end = up(clean, end);
			continue;
		}
		if (end > clean)
			*end++ = '/';
		memcpy(end, name, len);
		end += len;
	}
	*end = '\0';
	return end > clean ? clean : NULL;
}

/* What a symbolic link is relative to is its directory; a hard link, the archive. */
static char *clean_target(struct arena *arena, const char *name, const struct tar_entry *entry)
{
	const char *slash = strrchr(name, '/');

	if (entry->target[0] == '/')
		return NULL;
	if (entry->kind == TAR_HARDLINK || !slash)
		return clean_name(arena, entry->target);
	return clean_name(arena, arena_printf(arena, "%.*s/%s", (int)(slash - name), name,
					      entry->target));
}

/* ------------------------------------------------------------------------------- headers */

struct position {
	const struct archive *archive;
	uint64_t at;
	char chunk[CHUNK_BYTES];
};

static ssize_t position_next(void *context, const void **ret_bytes, struct err *err)
{
	struct position *position = context;
	ssize_t n;

	do
		n = pread(position->archive->fd, position->chunk, sizeof(position->chunk),
			  (off_t)position->at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(err, errno, "read");
	position->at += (uint64_t)n;
	*ret_bytes = position->chunk;
	return n;
}

static int position_skip(void *context, uint64_t n, struct err *err)
{
	struct position *position = context;

	(void)err;
	if (n > position->archive->bytes - position->at)
		return 0;
	position->at += n;
	return 1;
}

static void note(struct archive *archive, const struct tar_entry *entry,
		 const struct tar_reader *reader)
{
	struct entry noted = { .at = reader->offset, .bytes = entry->bytes };

	noted.name = clean_name(&archive->arena, entry->path);
	if (!noted.name || reader->is_sparse)
		return;
	if (entry->target) {
		noted.target = clean_target(&archive->arena, noted.name, entry);
		if (!noted.target)
			return;
	} else if (entry->kind != TAR_FILE) {
		return;
	}
	buf_add(&archive->entries, &noted, sizeof(noted));
}

static int note_all(struct archive *archive, struct tar_reader *reader, struct err *err)
{
	struct tar_entry entry;
	size_t bytes = 0;
	int r;

	while ((r = tar_next(reader, &entry, err)) > 0) {
		bytes += sizeof(struct entry) + strlen(entry.path);
		bytes += entry.target ? strlen(entry.target) + strlen(entry.path) : 0;
		if (bytes > MAX_NOTED_BYTES)
			return err_set(err, ERR_USAGE, EBADMSG, "it has too many entries");
		note(archive, &entry, reader);
	}
	return r;
}

static int read_headers(struct archive *archive, struct err *err)
{
	struct position position = { .archive = archive };
	struct tar_input input = { position_next, &position, position_skip };
	auto_tar struct tar_reader reader;

	tar_init(&reader, &input);
	return note_all(archive, &reader, err);
}

int archive_open(const char *path, const char *tmp_dir, struct archive **ret, struct err *err)
{
	auto_cleanup(archive_freep) struct archive *archive = calloc(1, sizeof(*archive));
	int r;

	if (!archive)
		return err_sys(err, ENOMEM, "open '%s'", path);
	archive->fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (archive->fd < 0)
		return err_sys(err, errno, "open '%s'", path);
	r = make_seekable(archive, tmp_dir, err);
	if (r == 0)
		r = read_headers(archive, err);
	if (r < 0)
		return err_wrap(err, "'%s'", path);
	*ret = take_ptr(archive);
	return 0;
}

/* ------------------------------------------------------------------------------- search */

static int find_entry(const struct archive *archive, const char *name, enum archive_twice twice,
		      const struct entry **ret, struct err *err)
{
	const struct entry *entries = (const void *)archive->entries.data;
	const struct entry *found = NULL;

	for (size_t i = 0; i < archive->entries.len / sizeof(*entries); i++) {
		if (strcmp(entries[i].name, name) != 0)
			continue;
		if (found && twice == ARCHIVE_REFUSE)
			return err_set(err, ERR_USAGE, EBADMSG,
				       "'%.200s' is there twice: which of them counts depends on "
				       "who reads it", name);
		found = &entries[i];
	}
	if (!found)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no file '%.200s' in it", name);
	*ret = found;
	return 0;
}

int archive_find(const struct archive *archive, const char *name, enum archive_twice twice,
		 struct extent *ret, struct err *err)
{
	auto_arena struct arena arena = {};
	const struct entry *entry = NULL;
	const char *next = clean_name(&arena, name);

	for (int links = 0; next; links++) {
		int fd, r;

		if (links > MAX_LINKS)
			return err_set(err, ERR_USAGE, EBADMSG, "'%.200s' is a link without end",
				       name);
		r = find_entry(archive, next, twice, &entry, err);
		if (r < 0)
			return r;
		next = entry->target;
		if (next)
			continue;
		fd = fcntl(archive->fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return err_sys(err, errno, "duplicate a descriptor");
		*ret = (struct extent){ fd, entry->at, entry->bytes };
		return 0;
	}
	return err_set(err, ERR_NOT_FOUND, ENOENT, "'%.200s' leads out of it", name);
}
