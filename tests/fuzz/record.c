/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.json, a line "%", and the file `pid`, in the directory of a container. What is made of the
 * one is written as it was read, and when it is damaged can be salvaged; the other is believed when
 * it is whole.
 */
#include "rt/record.h"

#include "fuzz.h"
#include "tmpdir.h"

static struct tmpdir root = { .fd = -1 };
static struct record_dir dir = { .root_fd = -1, .dir_fd = -1 };

static void root_done(void)
{
	record_dir_done(&dir);
	tmpdir_done(&root);
}

static void root_make(void)
{
	struct err err = {};
	struct rt rt = { .root = root.path };

	tmpdir_make(&root);
	CLAIM(root.fd >= 0 && atexit(root_done) == 0);
	CLAIM(record_create(&rt, "fuzz", &dir, &err) == 0);
}

static void put(const char *name, const char *bytes, size_t len)
{
	auto_close int fd = openat(dir.dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CLAIM(fd >= 0 && write(fd, bytes, len) == (ssize_t)len);
}

static void get(const char *name, struct buf *text)
{
	auto_close int fd = openat(dir.dir_fd, name, O_RDONLY | O_CLOEXEC);
	struct err err = {};

	CLAIM(fd >= 0 && buf_read_fd(text, fd, 64 << 20, name, &err) == 0);
}

static bool read_record(struct arena *arena, struct record **record)
{
	struct err err = {};
	int r = record_read(&dir, arena, record, &err);

	if (r != 0)
		claim_refused(r, EINVAL, ERR_USAGE, &err);
	return r == 0;
}

static void claim_written_the_same(struct arena *arena, const struct record *record)
{
	auto_buf struct buf once = {}, twice = {};
	struct record *again;
	struct err err = {};

	CLAIM(record_write(&dir, record, &err) == 0);
	get("state.json", &once);
	CLAIM(read_record(arena, &again));
	CLAIM(record_write(&dir, again, &err) == 0);
	get("state.json", &twice);
	CLAIM(strcmp(once.data, twice.data) == 0);
}

/* Digits, a blank, digits and a newline; no sign, and no number that does not fit. Then a boot or
 * none, and what was written in the end; the last of it perhaps not whole. */
static void claim_pid_is_whole(const struct record *record, const char *bytes, size_t len)
{
	static const char digits[] = "0123456789", complete[] = "complete\n";
	auto_free char *pid = strndup(bytes, len);
	const char *identity = pid + strspn(pid, digits) + 1, *rest;

	CLAIM(record->host_pid >= 0);
	if (record->host_pid == 0)
		return;
	CLAIM(strlen(pid) == len && identity - pid > 1 && identity[-1] == ' ');
	rest = identity + strspn(identity, digits);
	CLAIM(rest > identity && *rest++ == '\n');
	CLAIM(strncmp(rest, record->boot_id, strlen(record->boot_id)) == 0);
	rest += strlen(record->boot_id);
	CLAIM(!record->boot_id[0] || !*rest || *rest++ == '\n');
	CLAIM(strncmp(complete, rest, strlen(rest)) == 0);
	CLAIM(record->is_damaged || record->is_creating == (strcmp(complete, rest) != 0));
	errno = 0;
	CLAIM(strtoul(pid, NULL, 10) == (unsigned long)record->host_pid && errno == 0);
	CLAIM(strtoull(identity, NULL, 10) == record->pid_identity && errno == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	size_t state_len, pid_len;
	auto_free char *state = input_bytes(&in, &state_len);
	auto_free char *pid = input_bytes(&in, &pid_len);
	auto_arena struct arena arena = {};
	struct record *record, *salvaged;
	struct err err = {};

	if (root.fd < 0)
		root_make();
	put("state.json", state, state_len);
	put("pid", pid, pid_len);
	CLAIM(record_salvage(&dir, &arena, &salvaged, &err) == 0 && salvaged->is_damaged);
	claim_pid_is_whole(salvaged, pid, pid_len);
	if (!read_record(&arena, &record))
		return 0;
	CLAIM(record->id && record->host_pid == salvaged->host_pid);
	claim_pid_is_whole(record, pid, pid_len);
	claim_written_the_same(&arena, record);
	return 0;
}
