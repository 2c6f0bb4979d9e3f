/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of "Member:\tvalue", of which one table names those that are wanted. The kernel writes
 * them, so only the name of the process is in foreign hands; it is escaped, and can't pass for a
 * line. All the same a value is of its form from end to end, or the whole text is refused: who
 * decides over processes by these numbers must not guess.
 */
#include "sys/procstatus.h"

#include "base/buf.h"
#include "base/num.h"
#include "sys/proc.h"

#include <stddef.h>
#include <string.h>

#define TEXT_MAX_BYTES (1u << 20) /* 65536 additional groups make 700 KiB */
#define VALUE_MAX      512        /* of a value that is wanted; 33 pids are 363 */

/* Takes `value` apart into the member at `out`. 0 or -EINVAL. */
typedef int parse_fn(char *value, void *out);

/* A newline and a backslash are escaped, and nothing else. */
static int parse_name(char *value, void *out)
{
	char *name = out;
	size_t n = 0;

	for (const char *p = value; *p; p++, n++) {
		if (n == sizeof(((struct procstatus *)NULL)->name) - 1)
			return -EINVAL;
		name[n] = *p;
		if (*p != '\\')
			continue;
		p++;
		if (*p != 'n' && *p != '\\')
			return -EINVAL;
		name[n] = *p == 'n' ? '\n' : '\\';
	}
	name[n] = '\0';
	return 0;
}

/* "S (sleeping)" */
static int parse_state(char *value, void *out)
{
	size_t len = strlen(value);
	char letter = (char)(value[0] | 0x20);

	if (letter < 'a' || letter > 'z' || strncmp(value + 1, " (", 2) != 0 ||
	    value[len - 1] != ')')
		return -EINVAL;
	*(char *)out = value[0];
	return 0;
}

static int parse_u32(char *value, void *out)
{
	return num_parse_u32(value, out);
}

static int parse_bool(char *value, void *out)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return -EINVAL;
	*(bool *)out = value[0] == '1';
	return 0;
}

static int parse_pid(char *value, void *out)
{
	uint32_t number;

	if (num_parse_u32(value, &number) < 0 || number > INT32_MAX)
		return -EINVAL;
	*(pid_t *)out = (pid_t)number;
	return 0;
}

static int parse_pids(char *value, void *out)
{
	struct procstatus_pids *pids = out;
	char *number;

	while ((number = strsep(&value, "\t"))) {
		if (pids->n == PROCSTATUS_PIDS_MAX || parse_pid(number, &pids->v[pids->n]) < 0)
			return -EINVAL;
		pids->n++;
	}
	return 0;
}

static int parse_ids(char *value, void *out)
{
	struct procstatus_ids *ids = out;
	uint32_t *const numbers[] = { &ids->real, &ids->effective, &ids->saved, &ids->fs };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const char *number = strsep(&value, "\t");

		if (!number || num_parse_u32(number, numbers[i]) < 0)
			return -EINVAL;
	}
	return value ? -EINVAL : 0;
}

/* Sixteen hexadecimal digits. */
static int parse_caps(char *value, void *out)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t bits = 0;

	if (strlen(value) != 16 || strspn(value, digits) != 16)
		return -EINVAL;
	for (; *value; value++)
		bits = bits << 4 | (uint64_t)(strchr(digits, *value) - digits);
	*(uint64_t *)out = bits;
	return 0;
}

#define MEMBER(name, member) name, offsetof(struct procstatus, member)

static const struct {
	const char *name;
	size_t offset;
	parse_fn *parse;
	bool is_optional; /* the kernel may be built without */
} members[] = {
	{ MEMBER("Name", name), parse_name },
	{ MEMBER("State", state), parse_state },
	{ MEMBER("Tgid", tgid), parse_pid },
	{ MEMBER("Pid", pid), parse_pid },
	{ MEMBER("PPid", parent_pid), parse_pid },
	{ MEMBER("Uid", uid), parse_ids },
	{ MEMBER("Gid", gid), parse_ids },
	{ MEMBER("NStgid", ns_tgid), parse_pids, true },
	{ MEMBER("NSpid", ns_pid), parse_pids, true },
	{ MEMBER("CapInh", caps.inheritable), parse_caps },
	{ MEMBER("CapPrm", caps.permitted), parse_caps },
	{ MEMBER("CapEff", caps.effective), parse_caps },
	{ MEMBER("CapBnd", caps.bounding), parse_caps },
	{ MEMBER("CapAmb", caps.ambient), parse_caps },
	{ MEMBER("NoNewPrivs", no_new_privs), parse_bool },
	{ MEMBER("Seccomp", seccomp), parse_u32, true },
};

#define N_MEMBERS (sizeof(members) / sizeof(members[0]))

static int refuse(struct err *err, size_t i, const char *why)
{
	return err_set(err, ERR_SYSTEM, EINVAL, "the status of a process: '%s' %s", members[i].name,
		       why);
}

/* The row of a line that begins with "Name:\t", or N_MEMBERS. */
static size_t find_member(const char *line)
{
	for (size_t i = 0; i < N_MEMBERS; i++) {
		size_t len = strlen(members[i].name);

		if (strncmp(line, members[i].name, len) == 0 && line[len] == ':')
			return i;
	}
	return N_MEMBERS;
}

static int value_parse(const char *line, size_t len, size_t i, struct procstatus *status)
{
	size_t skip = strlen(members[i].name) + 2;
	char value[VALUE_MAX];

	if (len < skip || line[skip - 1] != '\t' || len - skip >= sizeof(value))
		return -EINVAL;
	memcpy(value, line + skip, len - skip);
	value[len - skip] = '\0';
	return members[i].parse(value, (char *)status + members[i].offset);
}

int procstatus_parse(const char *text, struct procstatus *ret, struct err *err)
{
	struct procstatus status = {};
	uint32_t seen = 0;

	while (*text) {
		size_t len = strcspn(text, "\n"), i = find_member(text);

		if (i < N_MEMBERS && (seen & 1u << i))
			return refuse(err, i, "is there twice");
		if (i < N_MEMBERS && (!text[len] || value_parse(text, len, i, &status) < 0))
			return refuse(err, i, "is not of its form");
		seen |= i < N_MEMBERS ? 1u << i : 0;
		text += len + (text[len] == '\n');
	}
	for (size_t i = 0; i < N_MEMBERS; i++)
		if (!(seen & 1u << i) && !members[i].is_optional)
			return refuse(err, i, "is missing");
	*ret = status;
	return 0;
}

int procstatus_read(int proc_fd, pid_t host_pid, struct procstatus *ret, struct err *err)
{
	auto_buf struct buf text = {};
	int r = proc_read(proc_fd, host_pid, "status", TEXT_MAX_BYTES, &text, err);

	return r < 0 ? r : procstatus_parse(buf_str(&text), ret, err);
}
