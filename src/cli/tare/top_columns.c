/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two tables of columns, each with a function that makes its text: docker's, which are of the host,
 * and podman's, which have a word and some a short code. Podman's ids are those of inside, but for
 * the words that begin with an h.
 */
#include "cli/tare/top_columns.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "rt/home.h"
#include "sys/idmap.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>

#define FILE_MAX_BYTES	 (256u << 10)
#define STATUS_MAX_BYTES (1u << 20)
#define TEXT_COLUMNS	 4096
#define DAY_S		 86400

/* Texts are in top->arena. */
typedef const char *text_fn(const struct top *top, const struct top_process *process);

struct top_column {
	char word[12], code[3], head[20];
	text_fn *text;
};

#define TEXT(name) \
	static const char *name(const struct top *top, const struct top_process *p)

/* ------------------------------------------------------------------------------- words */

static const char *printable(const struct top *top, const char *text)
{
	auto_buf struct buf out = {};

	(void)utf8_add_printable(&out, text, TEXT_COLUMNS);
	return arena_strdup(top->arena, buf_str(&out));
}

static void read_file(const struct top_process *p, const char *file, struct buf *text)
{
	(void)proc_read_at(p->dir_fd, file, FILE_MAX_BYTES, text);
}

TEXT(comm_text)
{
	return printable(top, p->status.name);
}

/* A process of the kernel's, and one that is gone but for its status, has no arguments. */
TEXT(args_text)
{
	auto_buf struct buf text = {};

	read_file(p, "cmdline", &text);
	while (text.len && !text.data[text.len - 1])
		text.len--;
	if (!text.len)
		return printable(top, arena_printf(top->arena, "[%s]", p->status.name));
	for (size_t i = 0; i < text.len; i++)
		if (!text.data[i])
			text.data[i] = ' ';
	return printable(top, arena_strndup(top->arena, text.data, text.len));
}

TEXT(label_text)
{
	auto_buf struct buf text = {};

	read_file(p, "attr/current", &text);
	if (text.data)
		text.data[strcspn(text.data, "\n")] = '\0';
	return text.len ? printable(top, text.data) : "";
}

TEXT(state_text)
{
	return arena_printf(top->arena, "%c", p->status.state);
}

TEXT(seccomp_text)
{
	(void)top;
	switch (p->status.seccomp) {
	case SECCOMP_MODE_STRICT:
		return "strict";
	case SECCOMP_MODE_FILTER:
		return "filter";
	default:
		return "disabled";
	}
}

TEXT(tty_text)
{
	unsigned device = (unsigned)p->stat.tty, number = minor(device);

	switch (major(device)) {
	case 0:
		return "?";
	case 4:
		return arena_printf(top->arena, "tty%s%u", number < 64 ? "" : "S",
				    number < 64 ? number : number - 64);
	case 5:
		return "console";
	case 136 ... 143:
		return arena_printf(top->arena, "pts/%u", number + 256 * (major(device) - 136));
	default:
		return "?";
	}
}

/* ------------------------------------------------------------------------------- numbers */

static const char *number(const struct top *top, int64_t value)
{
	return arena_printf(top->arena, "%jd", (intmax_t)value);
}

static pid_t innermost(const struct procstatus_pids *pids, pid_t host_pid)
{
	return pids->n ? pids->v[pids->n - 1] : host_pid;
}

TEXT(hpid_text)
{
	return number(top, p->host_pid);
}

TEXT(hppid_text)
{
	return number(top, p->status.parent_pid);
}

TEXT(pid_text)
{
	return number(top, innermost(&p->status.ns_tgid, p->host_pid));
}

/* What `host_pid` is called in the pid namespace of `p`; 0: it is not in it. */
static pid_t pid_inside(const struct top *top, const struct top_process *p, pid_t host_pid)
{
	struct procstatus other = {};
	struct err ignored;

	if (host_pid <= 0 ||
	    procstatus_read(top->proc_fd, host_pid, &other, &ignored) < 0 ||
	    other.ns_tgid.n < p->status.ns_tgid.n || !p->status.ns_tgid.n)
		return 0;
	return other.ns_tgid.v[p->status.ns_tgid.n - 1];
}

TEXT(ppid_text)
{
	return number(top, pid_inside(top, p, p->status.parent_pid));
}

TEXT(pgid_text)
{
	return number(top, pid_inside(top, p, p->stat.group));
}

TEXT(nice_text)
{
	return number(top, p->stat.nice);
}

TEXT(vsz_text)
{
	return number(top, (int64_t)(p->stat.vsize_bytes >> 10));
}

TEXT(rss_text)
{
	uint64_t page_bytes = (uint64_t)sysconf(_SC_PAGESIZE);

	return number(top, (int64_t)(p->stat.rss_pages * page_bytes >> 10));
}

/* ------------------------------------------------------------------------------- time */

static uint64_t used_ticks(const struct top_process *p)
{
	return p->stat.user_ticks + p->stat.system_ticks;
}

static uint64_t lived_ticks(const struct top *top, const struct top_process *p)
{
	return top->now_ticks > p->stat.start_ticks ? top->now_ticks - p->stat.start_ticks : 0;
}

/* Of the processor's time since it started, in thousandths. */
static uint64_t share(const struct top *top, const struct top_process *p)
{
	uint64_t lived = lived_ticks(top, p);

	return lived ? 1000 * used_ticks(p) / lived : 0;
}

TEXT(c_text)
{
	uint64_t pct = share(top, p) / 10;

	return number(top, pct < 99 ? (int64_t)pct : 99);
}

TEXT(pcpu_text)
{
	return arena_printf(top->arena, "%ju.%03ju", (uintmax_t)share(top, p) / 10,
			    (uintmax_t)share(top, p) % 10 * 100);
}

/* "01:02:03", "2-03:04:05" */
static const char *span_text(const struct top *top, uint64_t ticks, bool short_form)
{
	uint64_t s = ticks / top->ticks_per_s;
	unsigned minutes = (unsigned)(s / 60 % 60), seconds = (unsigned)(s % 60);
	unsigned hours = (unsigned)(s % DAY_S / 3600);

	if (s >= DAY_S)
		return arena_printf(top->arena, "%ju-%02u:%02u:%02u", (uintmax_t)(s / DAY_S), hours,
				    minutes, seconds);
	if (short_form && !hours)
		return arena_printf(top->arena, "%02u:%02u", minutes, seconds);
	return arena_printf(top->arena, "%02u:%02u:%02u", hours, minutes, seconds);
}

TEXT(time_text)
{
	return span_text(top, used_ticks(p), false);
}

TEXT(etime_text)
{
	return span_text(top, lived_ticks(top, p), true);
}

/* As ps(1): the time of today, the day of this year, the year. */
TEXT(start_text)
{
	time_t now = time(NULL);
	time_t began = now - (time_t)(lived_ticks(top, p) / top->ticks_per_s);
	struct tm then = {}, today = {};
	char text[16] = "";

	(void)localtime_r(&began, &then);
	(void)localtime_r(&now, &today);
	if (now - began < DAY_S && then.tm_yday == today.tm_yday)
		(void)strftime(text, sizeof(text), "%H:%M", &then);
	else
		(void)strftime(text, sizeof(text), then.tm_year == today.tm_year ? "%b%d" : "%Y",
			       &then);
	return arena_strdup(top->arena, text);
}

/* ------------------------------------------------------------------------------- users */

/* By the name that `db` has for it, or by its number. */
static const char *user_of(const struct top *top, const struct userdb *db, uint32_t uid)
{
	char *word = arena_printf(top->arena, "%u", uid);
	struct userdb_user user = {};
	struct err ignored;

	(void)userdb_resolve(db, word, top->arena, &user, &ignored);
	return user.name ? printable(top, user.name) : word;
}

/* The name is the first member of the line of a group, the number its third. */
static const char *group_of(const struct top *top, const struct userdb *db, uint32_t gid)
{
	char *word = arena_printf(top->arena, ":%u:", gid);

	for (const char *line = db->group; *line; line += strcspn(line, "\n"), line += *line != 0) {
		const char *name_end = line + strcspn(line, ":\n"), *at = name_end;

		if (*at == ':')
			at += 1 + strcspn(at + 1, ":\n");
		if (strncmp(at, word, strlen(word)) == 0)
			return printable(top, arena_strndup(top->arena, line,
							    (size_t)(name_end - line)));
	}
	return arena_printf(top->arena, "%u", gid);
}

/* What the host's `id` is inside, by one of the maps of the process; the host's own if none. */
static uint32_t id_inside(const struct top *top, const struct top_process *p, const char *file,
			  uint32_t id)
{
	auto_buf struct buf text = {};
	struct idmap map = {};
	struct err ignored;
	uint32_t inside;

	read_file(p, file, &text);
	if (idmap_parse(buf_str(&text), top->arena, &map, &ignored) < 0 ||
	    idmap_find_inside(&map, id, &inside) != 1)
		return id;
	return inside;
}

#define USER_TEXT(name, which)                                                                 \
	TEXT(name)                                                                             \
	{                                                                                      \
		return user_of(top, &top->inside,                                              \
			       id_inside(top, p, "uid_map", p->status.uid.which));             \
	}
#define GROUP_TEXT(name, which)                                                                \
	TEXT(name)                                                                             \
	{                                                                                      \
		return group_of(top, &top->inside,                                             \
				id_inside(top, p, "gid_map", p->status.gid.which));            \
	}

USER_TEXT(user_text, effective)
USER_TEXT(ruser_text, real)
GROUP_TEXT(group_text, effective)
GROUP_TEXT(rgroup_text, real)

TEXT(huser_text)
{
	return user_of(top, &top->host, p->status.uid.effective);
}

TEXT(hgroup_text)
{
	return group_of(top, &top->host, p->status.gid.effective);
}

/* ------------------------------------------------------------------------------- capabilities */

static const char *caps_text(const struct top *top, uint64_t set)
{
	auto_buf struct buf text = {};

	if (set == 0)
		return "none";
	if (set == caps_known())
		return "full";
	for (unsigned i = 0; i < 64; i++) {
		const char *name = caps_name(i);

		if (!(set >> i & 1))
			continue;
		buf_puts(&text, text.len ? "," : "");
		if (name)
			buf_puts(&text, strncmp(name, "CAP_", 4) == 0 ? name + 4 : name);
		else
			buf_printf(&text, "%u", i);
	}
	return arena_strdup(top->arena, buf_str(&text));
}

#define CAPS_TEXT(set) \
	TEXT(set##_text) { return caps_text(top, p->status.caps.set); }

CAPS_TEXT(ambient)
CAPS_TEXT(bounding)
CAPS_TEXT(effective)
CAPS_TEXT(inheritable)
CAPS_TEXT(permitted)

/* ------------------------------------------------------------------------------- the table */

/* Of `ps -ef`, which nobody has to name. */
static const struct top_column of_docker[] = {
	{ "", "", "UID", huser_text },
	{ "", "", "PID", hpid_text },
	{ "", "", "PPID", hppid_text },
	{ "", "", "C", c_text },
	{ "", "", "STIME", start_text },
	{ "", "", "TTY", tty_text },
	{ "", "", "TIME", time_text },
	{ "", "", "CMD", args_text },
};

static const struct top_column columns[] = {
	{ "args", "%a", "COMMAND", args_text },
	{ "capamb", "", "AMBIENT CAPS", ambient_text },
	{ "capbnd", "", "BOUNDING CAPS", bounding_text },
	{ "capeff", "", "EFFECTIVE CAPS", effective_text },
	{ "capinh", "", "INHERITED CAPS", inheritable_text },
	{ "capprm", "", "PERMITTED CAPS", permitted_text },
	{ "comm", "%c", "COMMAND", comm_text },
	{ "etime", "%t", "ELAPSED", etime_text },
	{ "group", "%G", "GROUP", group_text },
	{ "hgroup", "", "HGROUP", hgroup_text },
	{ "hpid", "", "HPID", hpid_text },
	{ "huser", "", "HUSER", huser_text },
	{ "label", "", "LABEL", label_text },
	{ "nice", "%n", "NI", nice_text },
	{ "pcpu", "%C", "%CPU", pcpu_text },
	{ "pgid", "%r", "PGID", pgid_text },
	{ "pid", "%p", "PID", pid_text },
	{ "ppid", "%P", "PPID", ppid_text },
	{ "rgroup", "%g", "RGROUP", rgroup_text },
	{ "rss", "", "RSS", rss_text },
	{ "ruser", "%u", "RUSER", ruser_text },
	{ "seccomp", "", "SECCOMP", seccomp_text },
	{ "state", "", "STATE", state_text },
	{ "stime", "", "STIME", start_text },
	{ "time", "%x", "TIME", time_text },
	{ "tty", "%y", "TTY", tty_text },
	{ "user", "%U", "USER", user_text },
	{ "vsz", "%z", "VSZ", vsz_text },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct top_column *find(const char *word, size_t len)
{
	for (size_t i = 0; i < COUNT(columns); i++)
		if ((strlen(columns[i].word) == len && strncmp(columns[i].word, word, len) == 0) ||
		    (len == 2 && strncmp(columns[i].code, word, 2) == 0))
			return &columns[i];
	return NULL;
}

#define SEPARATORS ", \t"

static int parse_word(const char *word, const struct top_column **ret, size_t *n)
{
	for (size_t len; word += strspn(word, SEPARATORS), len = strcspn(word, SEPARATORS);
	     word += len) {
		const struct top_column *column = find(word, len);

		if (!column)
			return 1;
		ret[(*n)++] = column;
	}
	return 0;
}

int top_columns_parse(char *const *words, struct arena *arena, const struct top_column ***ret,
		      size_t *ret_n)
{
	size_t n = 0, most = COUNT(of_docker);
	int r = 0;

	for (char *const *word = words; *word; word++)
		most += strlen(*word);
	*ret = arena_array(arena, const struct top_column *, most);
	for (; *words && r == 0; words++)
		r = parse_word(*words, *ret, &n);
	for (size_t i = 0; r == 0 && !n && i < COUNT(of_docker); i++)
		(*ret)[i] = &of_docker[i];
	*ret_n = n ? n : COUNT(of_docker);
	return r;
}

const char *top_column_head(const struct top_column *column)
{
	return column->head;
}

const char *top_column_text(const struct top_column *column, const struct top *top,
			    const struct top_process *process)
{
	return column->text(top, process);
}

/* ------------------------------------------------------------------------------- reading */

void top_load_users(struct top *top, pid_t host_pid)
{
	auto_close int passwd_fd = open("/etc/passwd", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	auto_close int group_fd = open("/etc/group", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	auto_close int dir_fd = -1, root_fd = -1;
	const struct userdb none = { "", "" };
	struct home home = { .proc_fd = top->proc_fd };
	struct err ignored;

	if (userdb_load(passwd_fd, group_fd, top->arena, &top->host, &ignored) < 0)
		top->host = none;
	if (proc_open_pid(top->proc_fd, host_pid, &dir_fd) == 0)
		root_fd = openat(dir_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	home.root_fd = root_fd;
	if (root_fd < 0 || home_load_users(&home, top->arena, &top->inside, &ignored) < 0)
		top->inside = none;
}

int top_process_read(const struct top *top, pid_t host_pid, struct top_process *ret)
{
	auto_close int dir_fd = -1;
	auto_buf struct buf text = {};
	struct err ignored;
	int r = proc_open_pid(top->proc_fd, host_pid, &dir_fd);

	if (r == 0)
		r = procstat_read_at(dir_fd, &ret->stat);
	if (r == 0)
		r = proc_read_at(dir_fd, "status", STATUS_MAX_BYTES, &text);
	if (r == 0)
		r = procstatus_parse(buf_str(&text), &ret->status, &ignored);
	if (r < 0)
		return r;
	ret->host_pid = host_pid;
	ret->dir_fd = take_fd(&dir_fd);
	return 0;
}
