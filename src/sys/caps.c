/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities by the kernel's own calls: libcap would cost a library on the hot path and hides the
 * ambient set. What was set is read back, since a process with more rights than asked for looks
 * like any other. Reading one bit costs a seventh of dropping one, so bits are dropped unasked.
 */
#include "sys/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPS_MAX 64

static const char *const names[] = {
	[CAP_CHOWN]		 = "CAP_CHOWN",
	[CAP_DAC_OVERRIDE]	 = "CAP_DAC_OVERRIDE",
	[CAP_DAC_READ_SEARCH]	 = "CAP_DAC_READ_SEARCH",
	[CAP_FOWNER]		 = "CAP_FOWNER",
	[CAP_FSETID]		 = "CAP_FSETID",
	[CAP_KILL]		 = "CAP_KILL",
	[CAP_SETGID]		 = "CAP_SETGID",
	[CAP_SETUID]		 = "CAP_SETUID",
	[CAP_SETPCAP]		 = "CAP_SETPCAP",
	[CAP_LINUX_IMMUTABLE]	 = "CAP_LINUX_IMMUTABLE",
	[CAP_NET_BIND_SERVICE]	 = "CAP_NET_BIND_SERVICE",
	[CAP_NET_BROADCAST]	 = "CAP_NET_BROADCAST",
	[CAP_NET_ADMIN]		 = "CAP_NET_ADMIN",
	[CAP_NET_RAW]		 = "CAP_NET_RAW",
	[CAP_IPC_LOCK]		 = "CAP_IPC_LOCK",
	[CAP_IPC_OWNER]		 = "CAP_IPC_OWNER",
	[CAP_SYS_MODULE]	 = "CAP_SYS_MODULE",
	[CAP_SYS_RAWIO]		 = "CAP_SYS_RAWIO",
	[CAP_SYS_CHROOT]	 = "CAP_SYS_CHROOT",
	[CAP_SYS_PTRACE]	 = "CAP_SYS_PTRACE",
	[CAP_SYS_PACCT]		 = "CAP_SYS_PACCT",
	[CAP_SYS_ADMIN]		 = "CAP_SYS_ADMIN",
	[CAP_SYS_BOOT]		 = "CAP_SYS_BOOT",
	[CAP_SYS_NICE]		 = "CAP_SYS_NICE",
	[CAP_SYS_RESOURCE]	 = "CAP_SYS_RESOURCE",
	[CAP_SYS_TIME]		 = "CAP_SYS_TIME",
	[CAP_SYS_TTY_CONFIG]	 = "CAP_SYS_TTY_CONFIG",
	[CAP_MKNOD]		 = "CAP_MKNOD",
	[CAP_LEASE]		 = "CAP_LEASE",
	[CAP_AUDIT_WRITE]	 = "CAP_AUDIT_WRITE",
	[CAP_AUDIT_CONTROL]	 = "CAP_AUDIT_CONTROL",
	[CAP_SETFCAP]		 = "CAP_SETFCAP",
	[CAP_MAC_OVERRIDE]	 = "CAP_MAC_OVERRIDE",
	[CAP_MAC_ADMIN]		 = "CAP_MAC_ADMIN",
	[CAP_SYSLOG]		 = "CAP_SYSLOG",
	[CAP_WAKE_ALARM]	 = "CAP_WAKE_ALARM",
	[CAP_BLOCK_SUSPEND]	 = "CAP_BLOCK_SUSPEND",
	[CAP_AUDIT_READ]	 = "CAP_AUDIT_READ",
	[CAP_PERFMON]		 = "CAP_PERFMON",
	[CAP_BPF]		 = "CAP_BPF",
	[CAP_CHECKPOINT_RESTORE] = "CAP_CHECKPOINT_RESTORE",
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

/* 1: in the bounding set, 0: not in it, -EINVAL: the kernel has no such capability. */
static int bounding_has(unsigned cap)
{
	int r = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);

	return r < 0 ? -errno : r;
}

uint64_t caps_known(void)
{
	unsigned n = N_NAMES;

	while (n < CAPS_MAX && bounding_has(n) >= 0)
		n++;
	while (n > 0 && bounding_has(n - 1) < 0)
		n--;
	return n == CAPS_MAX ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

uint64_t caps_permitted(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct lo_hi[2] = {};

	if (syscall(SYS_capget, &header, lo_hi) < 0)
		return 0;
	return lo_hi[0].permitted | (uint64_t)lo_hi[1].permitted << 32;
}

int caps_parse_name(const char *name, uint64_t known, uint64_t *ret_bit)
{
	for (size_t i = 0; i < N_NAMES; i++)
		if (strcmp(names[i], name) == 0 && known >> i & 1) {
			*ret_bit = UINT64_C(1) << i;
			return 0;
		}
	return -ENOENT;
}

int caps_held(uint64_t *ret_held)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct lo_hi[2] = {};

	if (syscall(SYS_capget, &header, lo_hi) < 0)
		return -errno;
	*ret_held = lo_hi[0].permitted | (uint64_t)lo_hi[1].permitted << 32;
	return 0;
}

const char *caps_name(unsigned number)
{
	return number < N_NAMES ? names[number] : NULL;
}

int caps_drop_bounding(uint64_t keep, uint64_t known)
{
	for (unsigned cap = 0; cap < CAPS_MAX; cap++) {
		uint64_t bit = UINT64_C(1) << cap;

		if (!(known & ~keep & bit))
			continue;
		/* Without CAP_SETPCAP the kernel refuses even where there is nothing to drop. */
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && bounding_has(cap) != 0)
			return -EPERM;
		if (bounding_has(cap) != 0)
			return -EUCLEAN;
	}
	return 0;
}

static int set_ambient(uint64_t ambient)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return -errno;
	for (unsigned cap = 0; cap < CAPS_MAX; cap++)
		if (ambient >> cap & 1 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return -errno;
	return 0;
}

static int check(const struct caps *caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct lo_hi[2] = {};

	if (syscall(SYS_capget, &header, lo_hi) < 0)
		return -errno;
	if ((lo_hi[0].effective | (uint64_t)lo_hi[1].effective << 32) != caps->effective ||
	    (lo_hi[0].permitted | (uint64_t)lo_hi[1].permitted << 32) != caps->permitted ||
	    (lo_hi[0].inheritable | (uint64_t)lo_hi[1].inheritable << 32) != caps->inheritable)
		return -EUCLEAN;
	/* Ambient bits live only where both of these are: no others need a look. */
	for (unsigned cap = 0; cap < CAPS_MAX; cap++)
		if ((caps->permitted & caps->inheritable) >> cap & 1 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) !=
			    (int)(caps->ambient >> cap & 1))
			return -EUCLEAN;
	return 0;
}

int caps_raise(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct lo_hi[2];

	if (syscall(SYS_capget, &header, lo_hi) < 0)
		return -errno;
	lo_hi[0].effective = lo_hi[0].permitted;
	lo_hi[1].effective = lo_hi[1].permitted;
	return syscall(SYS_capset, &header, lo_hi) < 0 ? -errno : 0;
}

int caps_set(const struct caps *caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct lo_hi[2] = {
		{ (uint32_t)caps->effective, (uint32_t)caps->permitted,
		  (uint32_t)caps->inheritable },
		{ (uint32_t)(caps->effective >> 32), (uint32_t)(caps->permitted >> 32),
		  (uint32_t)(caps->inheritable >> 32) },
	};
	int r;

	if (syscall(SYS_capset, &header, lo_hi) < 0)
		return -errno;
	r = set_ambient(caps->ambient);
	return r < 0 ? r : check(caps);
}
