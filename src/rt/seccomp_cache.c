/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled profiles, remembered: reading one back costs four system calls instead of resolving
 * some hundred names for each architecture.
 *
 * An entry is one file: a head, the key, the instructions. The key is everything that the program
 * follows from: the whole profile, this machine's architecture, libseccomp's version (which decides
 * what names are known), our own format. The file's name is only a hash of the key; the key in the
 * file is compared byte by byte, so another profile with the same hash is a miss. A check sum finds
 * what a crash left half written.
 *
 * Whoever can write an entry decides what containers may do, so the directory and the file must
 * belong to us and be closed to others. Whatever is wrong here ends in compiling.
 */
#include "rt/seccomp.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/bpf_common.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Change it whenever the same profile may come to another program. */
#define FORMAT_VERSION 2
#define MAX_ENTRIES    64
#define NAME_LEN       16
#define FILE_MODE      0600

struct head {
	char magic[8]; /* "tarebpf", NUL */
	uint32_t key_len, n_insns, flags, has_listener;
	uint64_t check_sum; /* of the instructions */
};

static const char magic[8] = "tarebpf";

struct entry_name {
	char str[NAME_LEN + 1];
};

/* FNV-1a: it need not resist anybody. */
static uint64_t hash(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return h;
}

/* ---------------------------------------------------------------------------- the key */

static void key_add_u64(struct buf *key, uint64_t value)
{
	buf_add(key, &value, sizeof(value));
}

static void key_add_opt(struct buf *key, struct oci_u64 value)
{
	key_add_u64(key, value.is_set);
	key_add_u64(key, value.is_set ? value.value : 0);
}

/* The terminating NUL keeps neighbours apart; an absent string is not an empty one. */
static void key_add_string(struct buf *key, const char *str)
{
	buf_add(key, str ? "+" : "-", 1);
	buf_add(key, str ? str : "", str ? strlen(str) + 1 : 1);
}

static void key_add_strings(struct buf *key, const struct oci_strings *strings)
{
	key_add_u64(key, strings->n);
	for (size_t i = 0; i < strings->n; i++)
		key_add_string(key, strings->v[i]);
}

static void key_add_rule(struct buf *key, const struct oci_seccomp_rule *rule)
{
	key_add_strings(key, &rule->names);
	key_add_string(key, rule->action);
	key_add_opt(key, rule->errno_ret);
	key_add_u64(key, rule->args.n);
	for (size_t i = 0; i < rule->args.n; i++) {
		const struct oci_seccomp_arg *arg = &rule->args.v[i];

		key_add_u64(key, arg->index);
		key_add_u64(key, arg->value);
		key_add_u64(key, arg->value_two);
		key_add_string(key, arg->op);
	}
}

/* Of the listener only its presence: it decides whether the profile is refused. */
static void key_make(struct buf *key, const struct oci_seccomp *profile)
{
	const struct scmp_version *version = seccomp_version();

	key_add_u64(key, FORMAT_VERSION);
	key_add_u64(key, (uint64_t)version->major << 40 | (uint64_t)version->minor << 20 |
				 version->micro);
	key_add_u64(key, seccomp_arch_native());
	key_add_string(key, profile->default_action);
	key_add_opt(key, profile->default_errno_ret);
	key_add_strings(key, &profile->architectures);
	key_add_strings(key, &profile->flags);
	key_add_u64(key,
		    (profile->listener_path != NULL) << 1 | (profile->listener_metadata != NULL));
	key_add_u64(key, profile->syscalls.n);
	for (size_t i = 0; i < profile->syscalls.n; i++)
		key_add_rule(key, &profile->syscalls.v[i]);
}

static void entry_name(const struct buf *key, struct entry_name *name)
{
	(void)snprintf(name->str, sizeof(name->str), "%016llx",
		       (unsigned long long)hash(key->data, key->len));
}

/* ---------------------------------------------------------------------------- reading */

static bool is_ours(int fd, mode_t type, struct stat *st)
{
	return fstat(fd, st) == 0 && (st->st_mode & S_IFMT) == type && st->st_uid == geteuid() &&
	       (st->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* `bytes` is the file, `len` its length. */
static bool entry_decode(char *bytes, size_t len, const struct buf *key,
			 struct seccomp_program *program)
{
	struct head head;
	size_t insns_len;

	if (len < sizeof(head))
		return false;
	memcpy(&head, bytes, sizeof(head));
	insns_len = head.n_insns * sizeof(struct sock_filter);
	if (memcmp(head.magic, magic, sizeof(magic)) != 0 || head.key_len != key->len ||
	    head.n_insns == 0 || head.n_insns > BPF_MAXINSNS ||
	    len != sizeof(head) + insns_len + key->len)
		return false;
	bytes += sizeof(head);
	if (hash(bytes, insns_len) != head.check_sum ||
	    memcmp(bytes + insns_len, key->data, key->len) != 0)
		return false;

	*program = (struct seccomp_program){ .insns = (struct sock_filter *)(void *)bytes,
					     .n = (unsigned short)head.n_insns,
					     .flags = head.flags,
					     .has_listener = head.has_listener };
	return true;
}

static bool entry_load(int dir_fd, const char *name, const struct buf *key, struct arena *arena,
		       struct seccomp_program *program)
{
	const size_t max = sizeof(struct head) + BPF_MAXINSNS * sizeof(struct sock_filter);
	auto_close int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	char *bytes;

	if (fd < 0 || !is_ours(fd, S_IFREG, &st))
		return false;
	if (st.st_size < (off_t)key->len || (uint64_t)st.st_size > max + key->len)
		return false;
	/* Aligned by the arena; the head's size keeps the instructions aligned behind it. */
	bytes = arena_alloc(arena, (size_t)st.st_size);
	if (read(fd, bytes, (size_t)st.st_size) != (ssize_t)st.st_size)
		return false;
	return entry_decode(bytes, (size_t)st.st_size, key, program);
}

/* ---------------------------------------------------------------------------- writing */

static void entry_encode(const struct seccomp_program *program, const struct buf *key,
			 struct buf *out)
{
	size_t insns_len = program->n * sizeof(*program->insns);
	struct head head = { .key_len = (uint32_t)key->len,
			     .n_insns = program->n,
			     .flags = program->flags,
			     .has_listener = program->has_listener,
			     .check_sum = hash(program->insns, insns_len) };

	memcpy(head.magic, magic, sizeof(magic));
	buf_add(out, &head, sizeof(head));
	buf_add(out, program->insns, insns_len);
	buf_add(out, key->data, key->len);
}

/* Leave room for one more: remove the oldest entry when the directory is full. */
static void entries_trim(int dir_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	char oldest[NAME_MAX + 1] = "";
	struct timespec when = {};
	struct dirent *entry;
	unsigned n = 0;

	while (dir && (entry = readdir(dir))) {
		struct stat st;

		if (fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		if (n++ == 0 || st.st_mtim.tv_sec < when.tv_sec ||
		    (st.st_mtim.tv_sec == when.tv_sec && st.st_mtim.tv_nsec < when.tv_nsec)) {
			when = st.st_mtim;
			memcpy(oldest, entry->d_name, strlen(entry->d_name) + 1);
		}
	}
	if (n >= MAX_ENTRIES)
		(void)unlinkat(dir_fd, oldest, 0);
	if (dir)
		(void)closedir(dir);
	else if (fd >= 0)
		(void)close(fd);
}

/* Complete or not at all: a reader sees only what rename puts in place. */
static void entry_save(int dir_fd, const char *name, const struct buf *key,
		       const struct seccomp_program *program)
{
	auto_buf struct buf bytes = {};
	auto_close int fd = -1;
	struct err ignored = {};
	char temp[NAME_LEN + 32];

	entries_trim(dir_fd);
	(void)snprintf(temp, sizeof(temp), ".%s.%d", name, (int)getpid());
	(void)unlinkat(dir_fd, temp, 0);
	fd = openat(dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return;
	entry_encode(program, key, &bytes);
	if (buf_write_fd(&bytes, fd, temp, &ignored) < 0 ||
	    renameat(dir_fd, temp, dir_fd, name) < 0)
		(void)unlinkat(dir_fd, temp, 0);
}

int seccomp_compile_cached(const struct oci_seccomp *profile, int cache_dir_fd, struct arena *arena,
			   struct seccomp_program *ret_program, struct err *err)
{
	auto_buf struct buf key = {};
	struct entry_name name;
	struct stat st;
	int r;

	if (cache_dir_fd < 0 || !is_ours(cache_dir_fd, S_IFDIR, &st))
		return seccomp_compile(profile, arena, ret_program, err);
	key_make(&key, profile);
	entry_name(&key, &name);
	if (entry_load(cache_dir_fd, name.str, &key, arena, ret_program))
		return 0;

	r = seccomp_compile(profile, arena, ret_program, err);
	if (r == 0)
		entry_save(cache_dir_fd, name.str, &key, ret_program);
	return r;
}
