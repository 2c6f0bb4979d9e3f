/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line of fields, numbered as proc(5) numbers them, of which one table names those that are
 * wanted. The second is the name, in parentheses, which whoever runs the process chose: it may hold
 * anything, parentheses too, so it ends with the last of them.
 */
#include "sys/procstat.h"

#include "base/buf.h"
#include "base/num.h"
#include "sys/proc.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX_BYTES 4096

enum kind { I32, I64, U64 };

#define FIELD(member, kind) { kind, offsetof(struct procstat, member) }

static const struct {
	enum kind kind;
	size_t offset; /* 0: not wanted */
} fields[] = {
	[4] = FIELD(parent_pid, I32),    [5] = FIELD(group, I32),
	[6] = FIELD(session, I32),       [7] = FIELD(tty, I32),
	[14] = FIELD(user_ticks, U64),   [15] = FIELD(system_ticks, U64),
	[19] = FIELD(nice, I64),         [22] = FIELD(start_ticks, U64),
	[23] = FIELD(vsize_bytes, U64),  [24] = FIELD(rss_pages, U64),
};

#define LAST 24

static int store(const char *text, size_t number, struct procstat *ret)
{
	void *member = (char *)ret + fields[number].offset;
	int64_t value;
	int r;

	if (fields[number].kind == U64)
		return num_parse_u64(text, member);
	r = num_parse_i64(text, &value);
	if (r < 0)
		return r;
	if (fields[number].kind == I64)
		*(int64_t *)member = value;
	else if (value < INT32_MIN || value > INT32_MAX)
		return -EINVAL;
	else
		*(int32_t *)member = (int32_t)value;
	return 0;
}

/* Those after the state, each with a blank before it. */
static int parse_fields(const char *p, struct procstat *ret)
{
	char text[32];

	for (size_t number = 4; number <= LAST; number++) {
		size_t len;

		if (*p != ' ')
			return -EINVAL;
		len = strcspn(++p, " \n");
		if (len >= sizeof(text))
			return -EINVAL;
		memcpy(text, p, len);
		text[len] = '\0';
		if (fields[number].offset && store(text, number, ret) < 0)
			return -EINVAL;
		p += len;
	}
	return 0;
}

int procstat_parse(const char *line, struct procstat *ret)
{
	const char *open = strstr(line, " ("), *end = strrchr(line, ')');
	struct procstat stat = {};
	char pid[12];
	uint32_t number;

	if (!open || !end || end < open + 2 || (size_t)(open - line) >= sizeof(pid) ||
	    (size_t)(end - open - 2) >= sizeof(stat.name))
		return -EINVAL;
	memcpy(pid, line, (size_t)(open - line));
	pid[open - line] = '\0';
	if (num_parse_u32(pid, &number) < 0 || number > INT32_MAX)
		return -EINVAL;
	stat.pid = (pid_t)number;
	memcpy(stat.name, open + 2, (size_t)(end - open - 2));
	if (end[1] != ' ' || (end[2] | 0x20) < 'a' || (end[2] | 0x20) > 'z')
		return -EINVAL;
	stat.state = end[2];
	if (parse_fields(end + 3, &stat) < 0)
		return -EINVAL;
	*ret = stat;
	return 0;
}

int procstat_read_at(int pid_dir_fd, struct procstat *ret)
{
	auto_buf struct buf text = {};
	int r = proc_read_at(pid_dir_fd, "stat", TEXT_MAX_BYTES, &text);

	return r < 0 ? r : procstat_parse(buf_str(&text), ret);
}

uint64_t procstat_ticks_per_s(void)
{
	long ticks = sysconf(_SC_CLK_TCK);

	return ticks > 0 ? (uint64_t)ticks : 100;
}

uint64_t procstat_now_ticks(void)
{
	struct timespec now = {};
	uint64_t hz = procstat_ticks_per_s();

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * hz + (uint64_t)now.tv_nsec * hz / 1000000000;
}
