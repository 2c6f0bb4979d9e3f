/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To give a whole directory away is not undone by anything. So the machine's own are refused, by
 * whichever path they are named, and submounts are left as they are.
 */
#include "engine/sources.h"

#include "base/cleanup.h"
#include "sys/chowntree.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_directory(const char *path, struct err *err)
{
	char part[PATH_MAX];
	size_t len = 0;

	if (strlen(path) >= sizeof(part))
		return err_sys(err, ENAMETOOLONG, "make '%.64s'", path);
	while (path[len]) {
		len += strspn(path + len, "/");
		len += strcspn(path + len, "/");
		memcpy(part, path, len);
		part[len] = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return err_sys(err, errno, "make '%s'", part);
	}
	return 0;
}

/* hier(7): what a machine needs so that it boots, and people's homes. */
static const char *const machines_own[] = {
	"/",	"/bin",	 "/boot", "/dev",  "/etc",  "/home", "/lib", "/lib32",	   "/lib64",
	"/media", "/mnt", "/opt",  "/proc", "/root", "/run",  "/sbin", "/srv",	   "/sys",
	"/tmp", "/usr",	 "/usr/bin", "/usr/lib", "/usr/local", "/usr/sbin", "/usr/share", "/var",
	"/var/lib", "/var/log", "/var/run", "/var/tmp",
};

static bool is_machines_own(const struct stat *st)
{
	struct stat own;

	for (size_t i = 0; i < sizeof(machines_own) / sizeof(machines_own[0]); i++)
		if (stat(machines_own[i], &own) == 0 && own.st_dev == st->st_dev &&
		    own.st_ino == st->st_ino)
			return true;
	return false;
}

static int give(const char *path, const struct oci_user *user, struct err *err)
{
	auto_close int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(err, errno, "open '%s'", path);
	if (is_machines_own(&st))
		return err_set(err, ERR_USAGE, EPERM,
			       "U: '%s' is the machine's own and is not given away", path);
	r = chowntree(fd, user->uid, user->gid);
	return r < 0 ? err_sys(err, -r, "U: give '%s' to %u:%u", path, user->uid, user->gid) : 0;
}

int sources_prepare(const struct config *config, const struct oci_process *process,
		    struct err *err)
{
	for (size_t i = 0; i < config->mounts.n; i++) {
		const struct config_mount *mount = &config->mounts.v[i];
		int r = 0;

		if (mount->make_source && access(mount->source, F_OK) < 0 && errno == ENOENT)
			r = make_directory(mount->source, err);
		if (r == 0 && mount->is_given)
			r = give(mount->source, &process->user, err);
		if (r < 0)
			return err_wrap(err, "mount '%s'", mount->target);
	}
	return 0;
}
