/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User and group ids by raw system calls. The C library's setresuid signals every thread that it
 * knows of and waits for each; in a child made by clone3 its list is the parent's. An id change
 * that failed silently is root inside by accident, so ids are read back.
 */
#include "sys/cred.h"

#include <errno.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Old 32-bit ABIs have a second set of these calls, for ids wider than 16 bits. */
#ifdef SYS_setresuid32
#define NR(call) SYS_##call##32
#else
#define NR(call) SYS_##call
#endif

int cred_keep_caps(void)
{
	return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int cred_set_groups(const uint32_t *gids, size_t n)
{
	return syscall(NR(setgroups), n, gids) < 0 ? -errno : 0;
}

static bool all_are(const uint32_t *ids, uint32_t id)
{
	return ids[0] == id && ids[1] == id && ids[2] == id;
}

int cred_set_ids(uint32_t uid, uint32_t gid)
{
	uint32_t ids[3];

	if (uid == UINT32_MAX || gid == UINT32_MAX)
		return -EINVAL;
	if (syscall(NR(setresgid), gid, gid, gid) < 0 || syscall(NR(setresuid), uid, uid, uid) < 0)
		return -errno;
	if (syscall(NR(getresuid), &ids[0], &ids[1], &ids[2]) < 0 || !all_are(ids, uid))
		return -EUCLEAN;
	if (syscall(NR(getresgid), &ids[0], &ids[1], &ids[2]) < 0 || !all_are(ids, gid))
		return -EUCLEAN;
	return 0;
}

int cred_settle(uint32_t uid, uint32_t gid)
{
	int r = cred_set_groups(NULL, 0);

	if (r == 0 || r == -EPERM)
		r = cred_set_ids(uid, gid);
	return r == -EINVAL ? 0 : r;
}

/* setfsuid does not tell whether it worked; asked for an id that none is, it tells who we are. */
static bool has_fs_ids(uint32_t id)
{
	return (uint32_t)syscall(NR(setfsuid), UINT32_MAX) == id &&
	       (uint32_t)syscall(NR(setfsgid), UINT32_MAX) == id;
}

int cred_make_as(uint32_t id)
{
	int bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);

	if (bits < 0 || prctl(PR_SET_SECUREBITS, bits | SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0)
		return -errno;
	(void)syscall(NR(setfsgid), id);
	(void)syscall(NR(setfsuid), id);
	if (!has_fs_ids(id))
		return -EINVAL;
	if (id == 0 && prctl(PR_SET_SECUREBITS, bits & ~SECBIT_NO_SETUID_FIXUP, 0, 0, 0) < 0)
		return -errno;
	return 0;
}
