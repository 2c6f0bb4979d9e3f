/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line for each file system that was tried, behind one that says since which boot:
 *
 *	f3a1b2c4-...            /proc/sys/kernel/random/boot_id
 *	259:1 ef53 0 yes        its device, its kind, the use (enum mappable_use), the answer
 *
 * Two that write at once may lose an answer, which is then found again.
 */
#include "engine/mappable.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "sys/idmap.h"
#include "sys/mount.h"
#include "sys/probe.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#define ANSWERS_FILE  "mappable"
#define ANSWERS_MAX   16384
#define BOOT_ID_BYTES 37 /* with its newline */

/* The kernel keeps these to itself. */
#define CONFIGFS_MAGIC	 0x62656570
#define FUSECTL_MAGIC	 0x65735543
#define MQUEUE_MAGIC	 0x19800202
#define RPC_PIPEFS_MAGIC 0x67596969


#define KEY_BYTES     64 /* of the beginning of a line, with the end of the one before */

void mappable_close(struct mappable_answers *answers)
{
	closep(&answers->proc_fd);
	buf_done(&answers->boot_id);
	buf_done(&answers->text);
}

static bool is_the_kernels(long kind)
{
	static const long kinds[] = {
		PROC_SUPER_MAGIC,    SYSFS_MAGIC,      CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
		DEVPTS_SUPER_MAGIC,  MQUEUE_MAGIC,     DEBUGFS_MAGIC,	   TRACEFS_MAGIC,
		SECURITYFS_MAGIC,    NSFS_MAGIC,       BPF_FS_MAGIC,	   PSTOREFS_MAGIC,
		EFIVARFS_MAGIC,	     BINFMTFS_MAGIC,   CONFIGFS_MAGIC,	   FUSECTL_MAGIC,
		AUTOFS_SUPER_MAGIC,  SELINUX_MAGIC,    SMACK_MAGIC,	   RPC_PIPEFS_MAGIC,
		RDTGROUP_SUPER_MAGIC,
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

int mappable_open(int root_fd, struct mappable_answers *answers, struct err *err)
{
	auto_close int fd = -1;
	int r;

	*answers = (struct mappable_answers)MAPPABLE_ANSWERS_NONE;
	answers->root_fd = root_fd;
	r = proc_open(&answers->proc_fd, err);
	if (r < 0)
		return r;
	r = proc_read_at(answers->proc_fd, "sys/kernel/random/boot_id", BOOT_ID_BYTES,
			 &answers->boot_id);
	if (r < 0)
		return err_sys(err, -r, "read the machine's boot id");
	fd = openat(answers->root_fd, ANSWERS_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, errno, "open '" ANSWERS_FILE "'");
	r = buf_read_fd(&answers->text, fd, ANSWERS_MAX, ANSWERS_FILE, err);
	if (r == 0 && strncmp(buf_str(&answers->text), buf_str(&answers->boot_id),
			      answers->boot_id.len) != 0)
		answers->text.len = 0;
	return r;
}

/* 1 yes, 0 no, -1 nobody knows */
static int find_answer(const struct mappable_answers *answers, const char *key)
{
	const char *line = answers->text.len ? strstr(answers->text.data, key) : NULL;

	if (!line)
		return -1;
	return strncmp(line + strlen(key), "yes\n", 4) == 0;
}

/* What is not written is asked again, and so is what is let go when there are too many. */
static void add_answer(struct mappable_answers *answers, const char *key, bool yes)
{
	static const char new_name[] = ANSWERS_FILE ".new";
	auto_close int fd = openat(answers->root_fd, new_name,
				   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct err ignored = {};

	if (answers->text.len + KEY_BYTES + sizeof("yes") > ANSWERS_MAX)
		answers->text.len = 0;
	if (!answers->text.len)
		buf_add(&answers->text, answers->boot_id.data, answers->boot_id.len);
	buf_printf(&answers->text, "%s%s\n", key + 1, yes ? "yes" : "no");
	if (fd >= 0 && buf_write_fd(&answers->text, fd, new_name, &ignored) == 0)
		(void)renameat(answers->root_fd, new_name, answers->root_fd, ANSWERS_FILE);
}

static int try(const struct mappable_answers *answers, int fd, struct err *err)
{
	const struct idmap_range range = { 0, 0, 1 };
	const struct idmap map = { &range, 1 };
	struct mount_change change = { .set = MOUNT_ATTR_IDMAP };
	auto_close int userns_fd = -1, tree_fd = -1;
	int r = idmap_userns_fd(answers->proc_fd, &map, &map, &userns_fd, err);

	if (r < 0)
		return r;
	tree_fd = mount_clone(fd, "", false);
	if (tree_fd < 0)
		return err_sys(err, -tree_fd, "clone a mount");
	change.userns_fd = userns_fd;
	return mount_change(tree_fd, &change, false) == 0;
}

int mappable_ask(struct mappable_answers *answers, int fd, enum mappable_use use,
		 struct err *err)
{
	char key[KEY_BYTES];
	struct statfs fs;
	struct stat st;
	int r;

	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "look at a file system");
	if (is_the_kernels(fs.f_type))
		return MAPPABLE_NEEDLESS;
	(void)snprintf(key, sizeof(key), "\n%u:%u %lx %d ", major(st.st_dev),
		       minor(st.st_dev), (unsigned long)fs.f_type, (int)use);
	r = find_answer(answers, key);
	if (r >= 0)
		return r ? MAPPABLE : MAPPABLE_NOT;
	r = try(answers, fd, err);
	if (r < 0)
		return r;
	if (use == MAPPABLE_BELOW_OVERLAY && probe(PROBE_OVERLAY_IDMAPPED) == PROBE_NO)
		r = 0;
	add_answer(answers, key, r);
	return r ? MAPPABLE : MAPPABLE_NEWLY_NOT;
}
