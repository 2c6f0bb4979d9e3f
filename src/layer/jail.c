/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shutting a child in. What it needs of the host is done first, while it can: the library that
 * hashes looks for its configuration, which must not be one that the layer brings.
 */
#include "layer/jail.h"

#include "base/cleanup.h"
#include "image/hash.h"
#include "sys/caps.h"
#include "sys/mount.h"
#include "sys/rlimit.h"
#include "sys/signals.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define MAX_FILES 1024 /* a directory open for each level, and those that are kept open */
#define STANDARD_FDS 3

const uint64_t jail_clone_flags =
	CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

/* For owners, modes, devices and attributes of files that are not ours. CAP_SYS_ADMIN is for those
 * attributes that overlayfs trusts. Where there is no mount of our own devices could be opened, so
 * none are made; overlayfs has nothing there either. */
static const struct {
	unsigned cap;
	bool is_layers;
} kept_caps[] = {
	{ CAP_CHOWN }, { CAP_DAC_OVERRIDE }, { CAP_FOWNER }, { CAP_FSETID }, { CAP_SETFCAP },
	{ CAP_MKNOD, true }, { CAP_SYS_ADMIN, true },
};

int jail_open_root(int dir_fd, int *ret_mount_fd, struct err *err)
{
	const struct mount_change change = {
		.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
		.propagation = MS_PRIVATE,
		.userns_fd = -1,
	};
	auto_close int fd = mount_clone(dir_fd, "", false);
	int r = fd < 0 ? fd : mount_change(fd, &change, false);

	if (r < 0)
		return err_sys(err, -r, "make a mount of the layer's directory");
	*ret_mount_fd = take_fd(&fd);
	return 0;
}

/* ------------------------------------------------------------------------------- descriptors */

/* Standard input, output and error are nobody's in there. What had one of their numbers, and is to
 * be kept, gets another. */
static int replace_standard(struct jail *jail, int null_fd)
{
	for (size_t i = 0; i < JAIL_FDS; i++) {
		int *fd = &jail->fds[i];

		if (*fd >= 0 && *fd < STANDARD_FDS)
			*fd = fcntl(*fd, F_DUPFD_CLOEXEC, STANDARD_FDS);
		if (*fd >= 0 && *fd < STANDARD_FDS)
			return -errno;
	}
	for (int fd = 0; fd < STANDARD_FDS; fd++)
		if (dup2(null_fd, fd) < 0)
			return -errno;
	return 0;
}

/* The lowest descriptor to be kept that is not below `from`; or INT_MAX. */
static int next_kept(const struct jail *jail, int from)
{
	int next = INT_MAX;

	for (size_t i = 0; i < JAIL_FDS; i++)
		if (jail->fds[i] >= from && jail->fds[i] < next)
			next = jail->fds[i];
	return next;
}

static int close_others(const struct jail *jail)
{
	int from = STANDARD_FDS;

	while (from < INT_MAX) {
		int kept = next_kept(jail, from);

		if (kept > from && syscall(SYS_close_range, from, kept - 1, 0) < 0)
			return -errno;
		from = kept < INT_MAX ? kept + 1 : kept;
	}
	return 0;
}

static int keep_descriptors(struct jail *jail)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC); /* closed with the others */
	int r = null_fd < 0 ? -errno : replace_standard(jail, null_fd);

	return r < 0 ? r : close_others(jail);
}

/* ------------------------------------------------------------------------------- root */

static int change_root(int root_mount_fd)
{
	const struct mount_change private = { .propagation = MS_PRIVATE, .userns_fd = -1 };
	auto_close int host_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = host_fd < 0 ? -errno : mount_change(host_fd, &private, true);

	if (r == 0)
		r = mount_attach(root_mount_fd, host_fd);
	if (r < 0)
		return r;
	return fchdir(root_mount_fd) < 0 ? -errno : mount_pivot();
}

/* Without the right to do so again, and with no descriptor from outside, there is no way back. */
static int change_root_in_place(int dir_fd)
{
	return fchdir(dir_fd) < 0 || chroot(".") < 0 ? -errno : 0;
}

/* ------------------------------------------------------------------------------- rights */

static int limit_resources(void)
{
	static const struct rlimit_value limits[] = {
		{ RLIMIT_NOFILE, MAX_FILES, MAX_FILES },
		{ RLIMIT_CORE, 0, 0 },
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]) && r == 0; i++)
		r = rlimit_set(&limits[i]);
	return r;
}

static int drop_rights(bool is_layers)
{
	uint64_t known = caps_known(), keep = 0;
	struct caps caps;
	int r;

	for (size_t i = 0; i < sizeof(kept_caps) / sizeof(kept_caps[0]); i++)
		if (is_layers || !kept_caps[i].is_layers)
			keep |= UINT64_C(1) << kept_caps[i].cap;
	keep &= caps_permitted();
	r = caps_drop_bounding(keep, known);
	if (r < 0)
		return r;
	caps = (struct caps){ .bounding = keep, .effective = keep, .permitted = keep };
	r = caps_set(&caps);
	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

/* ------------------------------------------------------------------------------- all */

/* So that nothing is looked for later, when "/" is the layer's. */
static void load_what_is_lazy(void)
{
	struct digest digest;

	hash_bytes(DIGEST_SHA256, "", 0, &digest);
}

int jail_enter(struct jail *jail, struct err *err)
{
	int r = prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? -errno : signals_reset();

	load_what_is_lazy();
	if (r == 0)
		r = keep_descriptors(jail);
	if (r < 0)
		return err_sys(err, -r, "keep a few descriptors");
	r = jail->is_in_place ? change_root_in_place(jail->fds[JAIL_ROOT])
			      : change_root(jail->fds[JAIL_ROOT]);
	if (r < 0)
		return err_sys(err, -r, "make the layer's directory the root");
	r = limit_resources();
	if (r == 0)
		r = drop_rights(!jail->is_in_place);
	if (r == 0)
		r = jail_restrict_calls();
	return r < 0 ? err_sys(err, -r, "give up rights") : 0;
}
