/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers of syscalls. libseccomp has them, up to the kernel that it was made for; calls that
 * are newer stand here, so that a profile may name what its kernel has. From Linux 5.1 on a call
 * has the same number on all architectures, but that some begin to count elsewhere.
 */
#include "rt/seccomp_plan.h"

#include <seccomp.h>
#include <string.h>

static const struct {
	const char *name;
	int number;
	uint32_t arch; /* 0: all */
} newer[] = {
	{ "riscv_hwprobe", 258, SCMP_ARCH_RISCV64 },
	{ "uretprobe", 335, SCMP_ARCH_X86_64 },
	{ "uprobe", 336, SCMP_ARCH_X86_64 },
	{ "cachestat", 451, 0 },
	{ "fchmodat2", 452, 0 },
	{ "map_shadow_stack", 453, 0 },
	{ "futex_wake", 454, 0 },
	{ "futex_wait", 455, 0 },
	{ "futex_requeue", 456, 0 },
	{ "statmount", 457, 0 },
	{ "listmount", 458, 0 },
	{ "lsm_get_self_attr", 459, 0 },
	{ "lsm_set_self_attr", 460, 0 },
	{ "lsm_list_modules", 461, 0 },
	{ "mseal", 462, 0 },
	{ "setxattrat", 463, 0 },
	{ "getxattrat", 464, 0 },
	{ "listxattrat", 465, 0 },
	{ "removexattrat", 466, 0 },
	{ "open_tree_attr", 467, 0 },
	{ "file_getattr", 468, 0 },
	{ "file_setattr", 469, 0 },
};

static int first_of(uint32_t arch)
{
	switch (arch) {
	case SCMP_ARCH_X32:
		return SECCOMP_X32_BIT;
	case SCMP_ARCH_MIPS:
	case SCMP_ARCH_MIPSEL:
		return 4000;
	case SCMP_ARCH_MIPS64:
	case SCMP_ARCH_MIPSEL64:
		return 5000;
	case SCMP_ARCH_MIPS64N32:
	case SCMP_ARCH_MIPSEL64N32:
		return 6000;
	default:
		return 0;
	}
}

int seccomp_number(uint32_t arch, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(arch, name);

	if (number != __NR_SCMP_ERROR)
		return number;
	for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
		if ((!newer[i].arch || newer[i].arch == arch) && strcmp(newer[i].name, name) == 0)
			return first_of(arch) + newer[i].number;
	return number;
}
