/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields with single blanks between them; blanks, newlines and backslashes within a field are
 * written as three octal digits. Two of them are not as simple: the optional fields, of which there
 * may be none and which "-" ends, and the options of the file system, the rest of the line: not
 * every file system escapes what it prints there. Whoever mounts chooses most of the words, so a
 * line is of the form from end to end or none at all.
 */
#include "sys/mountinfo.h"

#include "base/num.h"
#include "sys/proc.h"

#include <stddef.h>
#include <string.h>

#define TEXT_MAX_BYTES (64u << 20)

/* The value of three octal digits, or -EINVAL. No byte of a path is 0. */
static int octal_byte(const char *digits)
{
	int value = 0;

	for (int i = 0; i < 3; i++) {
		if (digits[i] < '0' || digits[i] > '7')
			return -EINVAL;
		value = value << 3 | (digits[i] - '0');
	}
	return value == 0 || value > 0xff ? -EINVAL : value;
}

int mountinfo_unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		int byte;

		if (*from != '\\') {
			*to = *from++;
			continue;
		}
		byte = octal_byte(from + 1);
		if (byte < 0)
			return -EINVAL;
		*to = (char)byte;
		from += 4;
	}
	*to = '\0';
	return 0;
}

static int numbers_parse(char **rest, struct mountinfo *m)
{
	const char *id = strsep(rest, " "), *parent_id = strsep(rest, " ");
	const char *major = strsep(rest, ":"), *minor = strsep(rest, " ");

	if (!minor || num_parse_u32(id, &m->id) < 0 || num_parse_u32(parent_id, &m->parent_id) < 0)
		return -EINVAL;
	return num_parse_u32(major, &m->major) < 0 ? -EINVAL : num_parse_u32(minor, &m->minor);
}

static int place_parse(char **rest, struct mountinfo *m)
{
	char *root = strsep(rest, " "), *point = strsep(rest, " ");
	const char *options = strsep(rest, " ");

	if (!options || !*root || *point != '/' || !*options)
		return -EINVAL;
	m->root = root;
	m->point = point;
	m->options = options;
	return mountinfo_unescape(root) < 0 ? -EINVAL : mountinfo_unescape(point);
}

static int peer_group_parse(const char *number, uint32_t *group)
{
	if (*group != 0 || num_parse_u32(number, group) < 0 || *group == 0)
		return -EINVAL;
	return 0;
}

/* "shared:12". What the kernel may add one day is passed over, as proc(5) asks. */
static int optional_parse(const char *field, struct mountinfo *m)
{
	static const struct {
		const char *tag;
		size_t offset;
	} groups[] = {
		{ "shared:", offsetof(struct mountinfo, shared) },
		{ "master:", offsetof(struct mountinfo, master) },
		{ "propagate_from:", offsetof(struct mountinfo, propagate_from) },
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		size_t len = strlen(groups[i].tag);

		if (strncmp(field, groups[i].tag, len) == 0)
			return peer_group_parse(field + len,
						(uint32_t *)((char *)m + groups[i].offset));
	}
	m->is_unbindable |= strcmp(field, "unbindable") == 0;
	return *field ? 0 : -EINVAL;
}

static int optionals_parse(char **rest, struct mountinfo *m)
{
	const char *field;

	while ((field = strsep(rest, " ")) && strcmp(field, "-") != 0)
		if (optional_parse(field, m) < 0)
			return -EINVAL;
	return field ? 0 : -EINVAL;
}

static int file_system_parse(char **rest, struct mountinfo *m)
{
	char *fs_type = strsep(rest, " "), *source = strsep(rest, " ");

	if (!*rest || !**rest || !*fs_type)
		return -EINVAL;
	m->fs_type = fs_type;
	m->source = source;
	m->super_options = *rest;
	return mountinfo_unescape(fs_type) < 0 ? -EINVAL : mountinfo_unescape(source);
}

static int line_parse(char *line, struct mountinfo *m)
{
	int r = numbers_parse(&line, m);

	if (r == 0)
		r = place_parse(&line, m);
	if (r == 0)
		r = optionals_parse(&line, m);
	return r < 0 ? r : file_system_parse(&line, m);
}

int mountinfo_next(const char **text, struct buf *line, struct mountinfo *ret)
{
	struct mountinfo m = {};
	size_t len = strcspn(*text, "\n");
	bool is_whole = (*text)[len] == '\n';

	if (!**text)
		return 0;
	line->len = 0;
	buf_add(line, *text, len);
	*text += len + is_whole;
	if (!is_whole || line_parse(line->data, &m) < 0)
		return -EINVAL;
	*ret = m;
	return 1;
}

int mountinfo_read(int proc_fd, pid_t host_pid, struct buf *ret, struct err *err)
{
	return proc_read(proc_fd, host_pid, "mountinfo", TEXT_MAX_BYTES, ret, err);
}
