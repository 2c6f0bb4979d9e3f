/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A limit was asked for whose controller is not there. Whose doing that is decides what helps: the
 * kernel's builder, its command line, whoever mounted the hierarchies, the group above that is not
 * handing the controller down, or root, who did not delegate it. Nothing here is on the way of a
 * container that gets what it asks for.
 */
#include "rt/cg_missing.h"

#include "base/log.h"
#include "base/num.h"
#include "rt/cg.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define LIST_MAX_BYTES (64u << 10)
#define INDENT	       "\n      "

/* What systemd can delegate: the words of Delegate= in systemd.resource-control(5). */
#define DELEGATED_WORDS "cpu cpuset io memory pids"
#define DELEGATED                                                                              \
	(CGROUP_BIT(CGROUP_CPU) | CGROUP_BIT(CGROUP_CPUSET) | CGROUP_BIT(CGROUP_IO) |          \
	 CGROUP_BIT(CGROUP_MEMORY) | CGROUP_BIT(CGROUP_PIDS))

enum reason {
	NOT_BUILT,
	DISABLED,
	NOT_MOUNTED,
	NOT_HANDED_DOWN, /* v2: not even the root of what is mounted has it */
	OCCUPIED,        /* v2: a group above holds processes */
	READ_ONLY,
	DENIED,
	NOT_ENABLED,
};

static const char *const config_names[CGROUP_CONTROLLER_MAX_] = {
	[CGROUP_CPU]        = "CONFIG_CGROUP_SCHED",
	[CGROUP_CPUACCT]    = "CONFIG_CGROUP_CPUACCT",
	[CGROUP_CPUSET]     = "CONFIG_CPUSETS",
	[CGROUP_MEMORY]     = "CONFIG_MEMCG",
	[CGROUP_PIDS]       = "CONFIG_CGROUP_PIDS",
	[CGROUP_IO]         = "CONFIG_BLK_CGROUP",
	[CGROUP_HUGETLB]    = "CONFIG_CGROUP_HUGETLB",
	[CGROUP_RDMA]       = "CONFIG_CGROUP_RDMA",
	[CGROUP_MISC]       = "CONFIG_CGROUP_MISC",
	[CGROUP_DEVICES]    = "CONFIG_CGROUP_DEVICE",
	[CGROUP_FREEZER]    = "CONFIG_CGROUP_FREEZER",
	[CGROUP_NET_CLS]    = "CONFIG_CGROUP_NET_CLASSID",
	[CGROUP_NET_PRIO]   = "CONFIG_CGROUP_NET_PRIO",
	[CGROUP_PERF_EVENT] = "CONFIG_CGROUP_PERF",
};

/* ------------------------------------------------------------------------------- what is known */

/* A line of /proc/cgroups: "memory	4	10	1". */
struct listed {
	char name[32];
	uint32_t hierarchy; /* of v1; 0: none */
	bool is_enabled;
};

static bool parse_line(const char *line, struct listed *ret)
{
	char enabled[4], hierarchy[12];

	if (sscanf(line, "%31s %11s %*s %3s", ret->name, hierarchy, enabled) != 3 ||
	    num_parse_u32(hierarchy, &ret->hierarchy) < 0)
		return false;
	ret->is_enabled = strcmp(enabled, "1") == 0;
	return true;
}

static const char *next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

static bool find_listed(const struct cg_lack *lack, struct listed *ret)
{
	for (const char *at = lack->kernel_list; *at; at = next_line(at))
		if (parse_line(at, ret) && cgroup_controller_parse(ret->name, strlen(ret->name)) ==
						   (int)lack->controller)
			return true;
	return false;
}

/* Does the list in `file` of the v2 group `path`, below the root, name the controller? */
static bool is_named_in(const struct cg_lack *lack, const char *path, const char *file)
{
	const struct cgroupfs_tree *v2 = cgroupfs_find_v2(lack->cg->fs);
	char name[PATH_MAX];
	uint32_t bits = 0;

	if (!v2)
		return false;
	(void)snprintf(name, sizeof(name), "%s%s%s", path, *path ? "/" : "", file);
	return cgroupfs_read_controllers(v2->mount_fd, name, &bits) == 0 &&
	       (bits & CGROUP_BIT(lack->controller));
}

static enum reason judge(const struct cg_lack *lack, const struct listed *listed)
{
	if (lack->failure == -EROFS)
		return READ_ONLY;
	if (cgroupfs_find_v1(lack->cg->fs, lack->controller))
		return DENIED;
	if (is_named_in(lack, "", "cgroup.controllers")) {
		if (lack->failure == -EBUSY)
			return OCCUPIED;
		return cg_is_denied(-lack->failure) || (lack->cg->flags & CGROUP_ROOTLESS)
			       ? DENIED
			       : NOT_ENABLED;
	}
	if (!*listed->name)
		return NOT_BUILT;
	if (!listed->is_enabled)
		return DISABLED;
	return lack->cg->fs->mode == CGROUP_V2 && !listed->hierarchy ? NOT_HANDED_DOWN
								      : NOT_MOUNTED;
}

/* ------------------------------------------------------------------------------- what helps */

/* Where a hierarchy is mounted, as people see it. */
static const char *mount_path(const struct cgroupfs_tree *tree, char path[PATH_MAX])
{
	char link[40];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", tree->mount_fd);
	n = readlinkat(AT_FDCWD, link, path, PATH_MAX - 1);
	if (n <= 0)
		return "/sys/fs/cgroup";
	path[n] = '\0';
	return path;
}

static void hint_command_line(const struct cg_lack *lack, const struct listed *listed,
			      struct buf *out)
{
	char word[64];

	(void)snprintf(word, sizeof(word), "cgroup_disable=%s", listed->name);
	if (strstr(lack->command_line, word)) {
		buf_printf(out, "take '%s' off the kernel's command line, and reboot", word);
		return;
	}
	buf_printf(out, "add this to the kernel's command line, and reboot:" INDENT
			"cgroup_enable=%s%s",
		   listed->name, lack->controller == CGROUP_MEMORY ? " swapaccount=1" : "");
}

/* Controllers that share a hierarchy are mounted together or not at all. */
static void hint_mount(const struct cg_lack *lack, const struct listed *listed, struct buf *out)
{
	auto_buf struct buf names = {};
	struct listed other;

	for (const char *at = lack->kernel_list; *at; at = next_line(at))
		if (parse_line(at, &other) && (strcmp(other.name, listed->name) == 0 ||
					       (other.hierarchy &&
						other.hierarchy == listed->hierarchy)))
			buf_printf(&names, "%s%s", names.len ? "," : "", other.name);
	buf_printf(out, "these lines%s mount it:" INDENT "mkdir -p /sys/fs/cgroup/%s" INDENT
			"mount -t cgroup -o %s cgroup /sys/fs/cgroup/%s",
		   lack->uid ? ", as root," : "", buf_str(&names), buf_str(&names),
		   buf_str(&names));
}

/* In every group above that does not hand it down. */
static void hint_enable(const struct cg_lack *lack, struct buf *out)
{
	const struct cgroupfs_tree *v2 = cgroupfs_find_v2(lack->cg->fs);
	const char *path = lack->cg->path;
	char dir[PATH_MAX], mount[PATH_MAX];
	size_t before = out->len;

	buf_printf(out, "this%s enables it:", lack->uid ? ", as root," : "");
	for (const char *end = path; end; end = strchr(end + 1, '/')) {
		(void)snprintf(dir, sizeof(dir), "%.*s", end > path ? (int)(end - path - 1) : 0,
			       path + 1);
		if (!is_named_in(lack, dir, "cgroup.subtree_control"))
			buf_printf(out, INDENT "echo +%s >%s%s%s/cgroup.subtree_control",
				   cgroup_controller_name(lack->controller), mount_path(v2, mount),
				   *dir ? "/" : "", dir);
	}
	if (out->data[out->len - 1] == ':')
		out->data[out->len = before] = '\0';
}

/* The highest group that can't hand it down since it has processes; the root may have both. */
static void hint_vacate(const struct cg_lack *lack, struct buf *out)
{
	const struct cgroupfs_tree *v2 = cgroupfs_find_v2(lack->cg->fs);
	const char *path = lack->cg->path;
	char dir[PATH_MAX], file[PATH_MAX + 16], text[32], mount[PATH_MAX];

	for (const char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/')) {
		(void)snprintf(dir, sizeof(dir), "%.*s", (int)(end - path - 1), path + 1);
		(void)snprintf(file, sizeof(file), "%s/cgroup.procs", dir);
		if (is_named_in(lack, dir, "cgroup.subtree_control") ||
		    cgroupfs_read(v2->mount_fd, file, text, sizeof(text)) == 0)
			continue;
		buf_printf(out, "move the processes of '/%s' to a group below it:" INDENT
				"cd %s/%s && mkdir -p own" INDENT
				"for p in $(cat cgroup.procs); do echo $p >own/cgroup.procs; done",
			   dir, mount_path(v2, mount), dir);
		return;
	}
}

static void hint_systemd(const struct cg_lack *lack, struct buf *out)
{
	if (lack->uid == 0) {
		buf_puts(out, "whoever made this cgroup has to hand it down; for a unit of "
			      "systemd's, these lines do:" INDENT "[Service]" INDENT
			      "Delegate=yes");
		return;
	}
	buf_puts(out, "to have it delegated, put these lines into "
		      "/etc/systemd/system/user@.service.d/delegate.conf, and log in again:" INDENT
		      "[Service]" INDENT "Delegate=" DELEGATED_WORDS);
}

/* The hierarchies of v1 are root's; a group can be given away. */
static void hint_give(const struct cg_lack *lack, struct buf *out)
{
	const struct cgroupfs_tree *v1 = cgroupfs_find_v1(lack->cg->fs, lack->controller);
	const char *path = lack->cg->path, *end = strchr(path + 1, '/');
	int len = end ? (int)(end - path) : (int)strlen(path);
	char mount[PATH_MAX];

	(void)mount_path(v1, mount);
	buf_printf(out, "these lines, as root, give it to you:" INDENT "mkdir -p %s%.*s" INDENT
			"chown -R %u %s%.*s",
		   mount, len, path, lack->uid, mount, len, path);
}

static void hint_rights(const struct cg_lack *lack, struct buf *out)
{
	if (cgroupfs_find_v1(lack->cg->fs, lack->controller))
		hint_give(lack, out);
	else if (lack->has_systemd && (DELEGATED & CGROUP_BIT(lack->controller)))
		hint_systemd(lack, out);
	else
		hint_enable(lack, out);
}

static void hint_remount(const struct cg_lack *lack, struct buf *out)
{
	const struct cgroupfs_tree *tree = cgroupfs_find_v1(lack->cg->fs, lack->controller);
	char mount[PATH_MAX];

	if (!tree)
		tree = cgroupfs_find_v2(lack->cg->fs);
	if (tree)
		buf_printf(out, "this makes them writable:" INDENT "mount -o remount,rw %s",
			   mount_path(tree, mount));
}

/* ------------------------------------------------------------------------------- in words */

static void add_reason(const struct cg_lack *lack, enum reason reason, struct buf *out)
{
	static const char *const words[] = {
		[DISABLED] = "it is disabled on the kernel's command line",
		[NOT_MOUNTED] = "its cgroup v1 hierarchy is not mounted",
		[NOT_HANDED_DOWN] = "the cgroup that is mounted here was not given it",
		[OCCUPIED] = "a cgroup above holds processes, so it can't limit others",
		[READ_ONLY] = "cgroups are read-only here",
		[NOT_ENABLED] = "the cgroup above does not hand it down",
	};

	if (reason == NOT_BUILT)
		buf_printf(out, "this kernel was built without it (%s)",
			   config_names[lack->controller]);
	else if (reason == DENIED)
		buf_printf(out, "it is not delegated to user %u", lack->uid);
	else
		buf_puts(out, words[reason]);
}

static void add_hint(const struct cg_lack *lack, enum reason reason, const struct listed *listed,
		     struct buf *out)
{
	switch (reason) {
	case DISABLED:
		return hint_command_line(lack, listed, out);
	case NOT_MOUNTED:
		return hint_mount(lack, listed, out);
	case NOT_HANDED_DOWN:
		return hint_systemd(lack, out);
	case OCCUPIED:
		return hint_vacate(lack, out);
	case READ_ONLY:
		return hint_remount(lack, out);
	case DENIED:
		return hint_rights(lack, out);
	case NOT_ENABLED:
		return hint_enable(lack, out);
	case NOT_BUILT:
		break;
	}
}

int cg_lack_describe(const struct cg_lack *lack, const char *member, struct err *err)
{
	auto_buf struct buf reason_words = {}, hint = {};
	struct listed listed = {};
	enum reason reason;

	if (!find_listed(lack, &listed))
		listed = (struct listed){};
	reason = judge(lack, &listed);
	add_reason(lack, reason, &reason_words);
	add_hint(lack, reason, &listed, &hint);
	(void)err_set(err, ERR_USAGE, ENOENT,
		      "%s: the cgroup controller '%s' is not available for '%s': %s", member,
		      cgroup_controller_name(lack->controller), lack->cg->path,
		      buf_str(&reason_words));
	return err_hint(err, "%s", buf_str(&hint));
}

/* ------------------------------------------------------------------------------- front */

int cg_missing(const struct cgroup *cg, enum cgroup_controller controller, const char *member,
	       int failure, struct err *err)
{
	auto_buf struct buf list = {}, command_line = {};
	auto_close int proc_fd = -1;
	struct err ignored;
	struct cg_lack lack = { .cg = cg, .controller = controller, .failure = failure,
				.uid = geteuid() };

	if (proc_open(&proc_fd, &ignored) == 0) {
		(void)proc_read_at(proc_fd, "cgroups", LIST_MAX_BYTES, &list);
		(void)proc_read_at(proc_fd, "cmdline", LIST_MAX_BYTES, &command_line);
	}
	lack.kernel_list = buf_str(&list);
	lack.command_line = buf_str(&command_line);
	lack.has_systemd = faccessat(AT_FDCWD, "/run/systemd/system", F_OK, 0) == 0;
	return cg_lack_describe(&lack, member, err);
}

int cg_missing_or_leave(struct cgroup *cg, enum cgroup_controller controller, const char *member,
			int failure, struct err *err)
{
	int r = cg_missing(cg, controller, member, failure, err);

	if (!(cg->flags & CGROUP_IGNORE_MISSING))
		return r;
	log_warn("it runs without limits of '%s': %s", cgroup_controller_name(controller),
		 err->msg);
	cg->left_out |= CGROUP_BIT(controller);
	return 0;
}
