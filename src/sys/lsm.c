/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AppArmor and SELinux, as far as a runtime needs them: is it there, and the label at exec. Both
 * through procfs, whose attributes are a process's own; libselinux would bring a library along and
 * look at paths of its own. Nothing is asked unless a label is wanted.
 */
#include "sys/lsm.h"

#include "base/cleanup.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define LABEL_MAX 4000 /* the kernel takes less than a page, with the verb before it */

/* Reads less than 4 KiB of a file of procfs. The number of bytes, or -errno. */
static ssize_t read_text(int proc_fd, const char *path, char text[4096])
{
	auto_close int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, 4095);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return n;
}

/* The file is there whenever AppArmor was built in; only one that runs answers. */
static bool has_apparmor(int proc_fd)
{
	char text[4096];

	return read_text(proc_fd, "self/attr/apparmor/current", text) > 0;
}

/* SELinux registers its filesystem only when it runs. */
static bool has_selinux(int proc_fd)
{
	char text[4096];

	return read_text(proc_fd, "filesystems", text) > 0 && strstr(text, "\tselinuxfs\n");
}

static const struct {
	const char *name, *path, *verb;
	bool (*is_active)(int proc_fd);
} modules[] = {
	[LSM_APPARMOR] = { "AppArmor", "self/attr/apparmor/exec", "exec ", has_apparmor },
	[LSM_SELINUX]  = { "SELinux",  "self/attr/exec",	  "",	   has_selinux },
};

bool lsm_is_active(int proc_fd, enum lsm lsm)
{
	return modules[lsm].is_active(proc_fd);
}

int lsm_check(int proc_fd, enum lsm lsm, const char *label, struct err *err)
{
	size_t len = strlen(label);

	if (len == 0 || len > LABEL_MAX || strchr(label, '\n'))
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no label", label);
	if (!lsm_is_active(proc_fd, lsm))
		return err_set(err, ERR_USAGE, ENOTSUP, "this kernel has no %s", modules[lsm].name);
	return 0;
}

int lsm_set_exec(int proc_fd, enum lsm lsm, const char *label)
{
	size_t verb_len = strlen(modules[lsm].verb), len = strlen(label);
	char text[LABEL_MAX + 8];

	if (len > LABEL_MAX)
		return -EINVAL;
	memcpy(text, modules[lsm].verb, verb_len);
	memcpy(text + verb_len, label, len + 1);
	return proc_write(proc_fd, modules[lsm].path, text);
}
