/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resctrl: directories that are made and removed, and two files. A schema is compared with what the
 * kernel shows part by part, since it pads lines with blanks and writes its own number of digits.
 */
#include "sys/resctrl.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define SCHEMATA_MAX 65536
#define STATUS_MAX   256

#ifndef RDTGROUP_SUPER_MAGIC
#define RDTGROUP_SUPER_MAGIC 0x7655821
#endif

int resctrl_open(int *ret_fd, struct err *err)
{
	auto_close int fd = open("/sys/fs/resctrl", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != RDTGROUP_SUPER_MAGIC)
		return err_set(err, ERR_USAGE, ENOTSUP,
			       "no resctrl filesystem is mounted on this kernel");
	*ret_fd = take_fd(&fd);
	return 0;
}

/* ------------------------------------------------------------------------------------ names */

static const char *clos_name(const struct resctrl_group *group)
{
	return group->clos_id && *group->clos_id ? group->clos_id : group->container_id;
}

static bool is_root_class(const struct resctrl_group *group)
{
	return strcmp(clos_name(group), "/") == 0;
}

static bool has_schemas(const struct resctrl_group *group)
{
	return (group->l3_cache_schema && *group->l3_cache_schema) ||
	       (group->mem_bw_schema && *group->mem_bw_schema) || group->n_schemata > 0;
}

/* The names that a root directory holds besides classes can't be taken: mkdir finds them there. */
static int check_names(const struct resctrl_group *group, struct err *err)
{
	const char *name = clos_name(group);

	if (is_root_class(group))
		return 0;
	if (strchr(name, '/') || strchr(name, '\n') || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || strlen(name) > 255)
		return err_set(err, ERR_USAGE, EINVAL, "closID: '%.64s' is no name of a class",
			       name);
	if (strcmp(name, "info") == 0 || strcmp(name, "mon_groups") == 0 ||
	    strcmp(name, "mon_data") == 0)
		return err_set(err, ERR_USAGE, EINVAL, "closID: '%s' is resctrl's own", name);
	return 0;
}

static int open_clos(int root_fd, const struct resctrl_group *group)
{
	const char *name = is_root_class(group) ? "." : clos_name(group);
	int fd = openat(root_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* ------------------------------------------------------------------------------------ files */

/* The kernel's words about what it last refused; "" where it has none. */
static void read_status(int root_fd, char status[STATUS_MAX])
{
	auto_close int fd = openat(root_fd, "info/last_cmd_status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, status, STATUS_MAX - 1);

	status[n > 0 ? n : 0] = '\0';
	status[strcspn(status, "\n")] = '\0';
	if (strcmp(status, "ok") == 0)
		status[0] = '\0';
}

static int refused(int root_fd, int no, const char *what, struct err *err)
{
	char status[STATUS_MAX];

	read_status(root_fd, status);
	if (!status[0])
		return err_sys(err, no, "%s", what);
	return err_sys(err, no, "%s: the kernel says '%s'", what, status);
}

static int write_file(int dir_fd, const char *name, const char *text)
{
	auto_close int fd = openat(dir_fd, name, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);
	ssize_t n = fd < 0 ? -1 : write(fd, text, len);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

static int write_schema(int root_fd, int clos_fd, const char *schema, struct err *err)
{
	auto_buf struct buf line = {}, what = {};
	int r;

	buf_printf(&line, "%s\n", schema);
	r = write_file(clos_fd, "schemata", buf_str(&line));
	if (r == 0)
		return 0;
	buf_printf(&what, "write the schema '%.128s'", schema);
	return refused(root_fd, -r, buf_str(&what), err);
}

/* ------------------------------------------------------------------------------- comparison */

/* "0=00ff" -> its value without the zeros that stand in front. */
static bool same_part(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const char *a_eq = memchr(a, '=', a_len), *b_eq = memchr(b, '=', b_len);
	size_t id_len = a_eq ? (size_t)(a_eq - a) : 0;

	if (!a_eq || !b_eq || (size_t)(b_eq - b) != id_len || memcmp(a, b, id_len) != 0)
		return false;
	a_len -= id_len + 1;
	b_len -= id_len + 1;
	for (a = a_eq + 1; a_len > 1 && *a == '0'; a++)
		a_len--;
	for (b = b_eq + 1; b_len > 1 && *b == '0'; b++)
		b_len--;
	return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* Is the part "0=ff" among those of a line's rest, "0=ff;1=ff"? */
static bool line_has(const char *parts, const char *part, size_t part_len)
{
	while (*parts && *parts != '\n') {
		size_t len = strcspn(parts, ";\n");

		if (same_part(part, part_len, parts, len))
			return true;
		parts += len + (parts[len] == ';');
	}
	return false;
}

/* The rest, after "L3:", of the line of a schemata file that has that name; or NULL. */
static const char *find_line(const char *schemata, const char *name, size_t name_len)
{
	for (const char *p = schemata; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		p += strspn(p, " \t");
		if (strncmp(p, name, name_len) == 0 && p[name_len] == ':')
			return p + name_len + 1;
	}
	return NULL;
}

/* Does a class with these schemata have what the schema, one line or several, asks for? */
static bool agrees(const char *schemata, const char *schema)
{
	for (const char *p = schema; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		size_t name_len = strcspn(p, ":\n");
		const char *line = p[name_len] == ':' ? find_line(schemata, p, name_len) : NULL;

		if (!line)
			return false;
		p += name_len + 1;
		while (*p && *p != '\n') {
			size_t len = strcspn(p, ";\n");

			if (!line_has(line, p, len))
				return false;
			p += len + (p[len] == ';');
		}
	}
	return true;
}

static int check_agrees(int clos_fd, const char *member, const char *schema, struct err *err)
{
	auto_close int fd = openat(clos_fd, "schemata", O_RDONLY | O_CLOEXEC);
	auto_buf struct buf text = {};
	int r;

	if (!schema || !*schema)
		return 0;
	if (fd < 0)
		return err_sys(err, errno, "open 'schemata'");
	r = buf_read_fd(&text, fd, SCHEMATA_MAX, "schemata", err);
	if (r < 0)
		return r;
	if (!agrees(buf_str(&text), schema))
		return err_set(err, ERR_USAGE, EEXIST,
			       "%s: the class exists and has something else than '%.128s'", member,
			       schema);
	return 0;
}

/* ------------------------------------------------------------------------------------- life */

static int reuse_clos(int root_fd, const struct resctrl_group *group, struct err *err)
{
	auto_close int clos_fd = open_clos(root_fd, group);
	int r;

	if (clos_fd < 0)
		return err_sys(err, -clos_fd, "open the class '%.64s'", clos_name(group));
	r = check_agrees(clos_fd, "l3CacheSchema", group->l3_cache_schema, err);
	if (r == 0)
		r = check_agrees(clos_fd, "memBwSchema", group->mem_bw_schema, err);
	for (size_t i = 0; i < group->n_schemata && r == 0; i++)
		r = check_agrees(clos_fd, "schemata", group->schemata[i], err);
	return r;
}

static int fill_clos(int root_fd, const struct resctrl_group *group, struct err *err)
{
	auto_close int clos_fd = open_clos(root_fd, group);
	int r = 0;

	if (clos_fd < 0)
		return err_sys(err, -clos_fd, "open the class '%.64s'", clos_name(group));
	if (group->l3_cache_schema && *group->l3_cache_schema)
		r = write_schema(root_fd, clos_fd, group->l3_cache_schema, err);
	if (r == 0 && group->mem_bw_schema && *group->mem_bw_schema)
		r = write_schema(root_fd, clos_fd, group->mem_bw_schema, err);
	for (size_t i = 0; i < group->n_schemata && r == 0; i++)
		r = write_schema(root_fd, clos_fd, group->schemata[i], err);
	return r;
}

static int ensure_clos(int root_fd, const struct resctrl_group *group, struct resctrl_made *made,
		       struct err *err)
{
	bool must_exist = group->clos_id && *group->clos_id && !has_schemas(group);
	const char *name = clos_name(group);
	auto_close int clos_fd = open_clos(root_fd, group);

	if (clos_fd >= 0)
		return reuse_clos(root_fd, group, err);
	if (must_exist)
		return err_set(err, ERR_NOT_FOUND, ENOENT,
			       "closID: there is no class '%.64s', and no schema to make it with",
			       name);
	if (mkdirat(root_fd, name, 0755) == 0)
		made->clos = true;
	else if (errno == ENOSPC)
		return err_sys(err, ENOSPC, "the hardware has no more classes of service for "
					    "'%.64s'", name);
	else if (errno != EEXIST)
		return refused(root_fd, errno, "make the class of service", err);
	return made->clos ? fill_clos(root_fd, group, err) : reuse_clos(root_fd, group, err);
}

static int ensure_monitor(int root_fd, const struct resctrl_group *group,
			  struct resctrl_made *made, struct err *err)
{
	auto_close int clos_fd = open_clos(root_fd, group);
	auto_close int groups_fd = -1;

	if (clos_fd >= 0)
		groups_fd = openat(clos_fd, "mon_groups", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (groups_fd < 0)
		return err_set(err, ERR_USAGE, ENOTSUP,
			       "enableMonitoring: this hardware monitors nothing");
	if (mkdirat(groups_fd, group->container_id, 0755) == 0)
		made->monitor = true;
	else if (errno != EEXIST)
		return refused(root_fd, errno, "make the monitoring group", err);
	return 0;
}

int resctrl_create(int root_fd, const struct resctrl_group *group, struct resctrl_made *ret_made,
		   struct err *err)
{
	struct resctrl_made made = {};
	struct err ignored;
	int r = check_names(group, err);

	if (r == 0)
		r = ensure_clos(root_fd, group, &made, err);
	if (r == 0 && group->monitor)
		r = ensure_monitor(root_fd, group, &made, err);
	if (r < 0)
		(void)resctrl_remove(root_fd, group, made, &ignored);
	else
		*ret_made = made;
	return r;
}

static int add_pid(int dir_fd, pid_t host_pid)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d\n", (int)host_pid);
	return write_file(dir_fd, "tasks", text);
}

int resctrl_add_pid(int root_fd, const struct resctrl_group *group, pid_t host_pid,
		    struct err *err)
{
	auto_close int clos_fd = open_clos(root_fd, group);
	auto_close int groups_fd = -1, monitor_fd = -1;
	int r = clos_fd < 0 ? clos_fd : add_pid(clos_fd, host_pid);

	/* The class first: a monitoring group takes only those who are in its class. */
	if (r == 0 && group->monitor) {
		groups_fd = openat(clos_fd, "mon_groups", O_PATH | O_DIRECTORY | O_CLOEXEC);
		monitor_fd = openat(groups_fd, group->container_id,
				    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = monitor_fd < 0 ? -errno : add_pid(monitor_fd, host_pid);
	}
	return r < 0 ? refused(root_fd, -r, "join the class of service", err) : 0;
}

int resctrl_remove(int root_fd, const struct resctrl_group *group, struct resctrl_made made,
		   struct err *err)
{
	auto_close int clos_fd = open_clos(root_fd, group);
	auto_close int groups_fd = -1;

	if (clos_fd == -ENOENT)
		return 0;
	if (clos_fd < 0)
		return err_sys(err, -clos_fd, "open the class '%.64s'", clos_name(group));
	if (made.monitor) {
		groups_fd = openat(clos_fd, "mon_groups", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (unlinkat(groups_fd, group->container_id, AT_REMOVEDIR) < 0 && errno != ENOENT)
			return err_sys(err, errno, "remove the monitoring group '%.64s'",
				       group->container_id);
	}
	if (made.clos && unlinkat(root_fd, clos_name(group), AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_sys(err, errno, "remove the class '%.64s'", clos_name(group));
	return 0;
}
