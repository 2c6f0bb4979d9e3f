/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose files they are. Of a container that runs, /proc/PID/root is the way in, held by a
 * descriptor; it needs no namespace to be joined, so nothing of ours ever runs among what the
 * container has.
 */
#include "engine/copy_root.h"

#include "base/cleanup.h"
#include "engine/container.h"
#include "engine/copy_mounts.h"
#include "engine/root.h"
#include "sys/mount.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>

void copy_root_close(struct copy_root *root)
{
	closep(&root->root_fd);
	closep(&root->ns_fd);
	closep(&root->lock_fd);
	*root = (struct copy_root)COPY_ROOT_NONE;
}

/* ------------------------------------------------------------------------------- one that runs */

/* That its process still lives after its directory was opened by number says that it was its. */
static int open_running(const struct engine *engine, const struct entry *entry, pid_t host_pid,
			int *ret_fd, struct err *err)
{
	auto_close int pidfd = -1, proc_fd = -1, pid_dir_fd = -1;
	int r = rt_pidfd_open(&engine->rt, entry->id, &pidfd, err);

	if (r == 0)
		r = proc_open(&proc_fd, err);
	if (r < 0)
		return r;
	r = proc_open_pid(proc_fd, host_pid, &pid_dir_fd);
	if (r == 0 && syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) < 0 && errno != EPERM)
		r = -errno;
	if (r == 0) {
		*ret_fd = openat(pid_dir_fd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
		r = *ret_fd < 0 ? -errno : 0;
	}
	return r < 0 ? err_sys(err, -r, "open the root of process %d", (int)host_pid) : 0;
}

/* ------------------------------------------------------------------------------- one that ended */

static int open_root(const char *path, int *ret_fd, struct err *err)
{
	*ret_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "open '%s'", path) : 0;
}

/* A directory becomes a mount of its own, in our namespace: what is mounted in it is not there for
 * anyone else. */
static int open_directory(const char *path, int *ret_fd, struct err *err)
{
	auto_close int dir_fd = -1;
	int r = root_enter_namespace(err);

	if (r == 0)
		r = open_root(path, &dir_fd, err);
	if (r < 0)
		return r;
	*ret_fd = mount_clone(dir_fd, "", true);
	r = *ret_fd < 0 ? *ret_fd : mount_attach(*ret_fd, dir_fd);
	return r < 0 ? err_sys(err, -r, "make a mount of '%s'", path) : 0;
}

static int assemble(const struct engine *engine, const struct entry *entry,
		    const struct config *config, struct arena *arena, int *ret_fd,
		    struct err *err)
{
	struct root root;
	int r = root_find(engine, entry, config, arena, &root, err);

	if (r < 0)
		return r;
	if (root.kind == ROOT_VIEW)
		return err_set(err, ERR_CONFLICT, EINVAL,
			       "it is not running, and its root is a view of the host's own, of "
			       "which nothing is kept");
	if (root.kind == ROOT_DIRECTORY)
		return open_directory(root.path, ret_fd, err);
	r = root_mount(engine, entry, config, &root, err);
	return r < 0 ? r : open_root(root.path, ret_fd, err);
}

/* Mounts go with the last who holds their namespace, and we may make another. */
static int hold_namespace(int *ret_fd, struct err *err)
{
	*ret_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	return *ret_fd < 0 ? err_sys(err, errno, "hold the mount namespace") : 0;
}

static int open_stopped(const struct engine *engine, const struct entry *entry,
			const struct config *config, struct arena *arena, struct copy_root *ret,
			struct err *err)
{
	int r = assemble(engine, entry, config, arena, &ret->root_fd, err);

	if (r == 0)
		r = copy_mounts_add(engine, config, ret->root_fd, arena, err);
	return r < 0 ? r : hold_namespace(&ret->ns_fd, err);
}

/* ------------------------------------------------------------------------------- either */

static bool is_alive(const struct status *status)
{
	return status->kind == STATUS_RUNNING || status->kind == STATUS_PAUSED;
}

static int open_either(const struct engine *engine, const struct entry *entry,
		       struct arena *arena, struct copy_root *ret, struct err *err)
{
	struct status *status = NULL;
	struct config *config = NULL;
	int r = entry_read_config(entry, arena, &config, err);

	if (r == 0)
		r = container_status(engine, entry, arena, &status, err);
	/* Two who put one root together would write to its changes behind each other's back: who
	 * starts it waits for us, or has begun meanwhile. */
	if (r == 0 && !is_alive(status)) {
		r = entry_hold(entry, &ret->lock_fd, err);
		if (r == 0)
			r = container_status(engine, entry, arena, &status, err);
	}
	if (r == 0 && !is_alive(status) && entry_has_monitor(entry))
		return err_set(err, ERR_CONFLICT, EBUSY, "it is being started: try again");
	if (r < 0)
		return r;
	ret->ids_start = config->ids_start;
	ret->ids_size = config->ids_size;
	return is_alive(status)
		       ? open_running(engine, entry, status->host_pid, &ret->root_fd, err)
		       : open_stopped(engine, entry, config, arena, ret, err);
}

int copy_root_open(const struct engine *engine, const char *who, struct copy_root *ret,
		   struct err *err)
{
	auto_entry struct entry entry = ENTRY_NONE;
	auto_arena struct arena arena = {};
	int r = entry_open(engine, who, &entry, err);

	*ret = (struct copy_root)COPY_ROOT_NONE;
	if (r == 0)
		r = open_either(engine, &entry, &arena, ret, err);
	if (r < 0)
		copy_root_close(ret);
	return r;
}
