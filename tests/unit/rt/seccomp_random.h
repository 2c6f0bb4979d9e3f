/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Random seccomp profiles, always the same ones, and what libseccomp calls their words. */

#include "base/cleanup.h"
#include "rt/seccomp.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

static inline uint32_t action_of(const char *name, struct oci_u64 errno_ret)
{
	unsigned data = errno_ret.is_set ? (unsigned)errno_ret.value : EPERM;

	switch (name[strlen("SCMP_ACT_")] * 256 + name[strlen("SCMP_ACT_") + 1]) {
	case 'E' * 256 + 'R':
		return SCMP_ACT_ERRNO(data);
	case 'T' * 256 + 'R':
		return strcmp(name, "SCMP_ACT_TRAP") == 0 ? SCMP_ACT_TRAP : SCMP_ACT_TRACE(data);
	case 'A' * 256 + 'L':
		return SCMP_ACT_ALLOW;
	case 'L' * 256 + 'O':
		return SCMP_ACT_LOG;
	case 'N' * 256 + 'O':
		return SCMP_ACT_NOTIFY;
	default:
		return strcmp(name, "SCMP_ACT_KILL_PROCESS") == 0 ? SCMP_ACT_KILL_PROCESS
								  : SCMP_ACT_KILL_THREAD;
	}
}

static inline struct scmp_arg_cmp arg_of(const struct oci_seccomp_arg *arg)
{
	static const char *const names[] = { "?",	    "SCMP_CMP_NE",	 "SCMP_CMP_LT",
					     "SCMP_CMP_LE", "SCMP_CMP_EQ",	 "SCMP_CMP_GE",
					     "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ" };
	struct scmp_arg_cmp cmp = { .arg = arg->index,
				    .datum_a = arg->value,
				    .datum_b = arg->value_two };

	for (int i = 1; i < 8; i++)
		if (strcmp(names[i], arg->op) == 0)
			cmp.op = (enum scmp_compare)i;
	return cmp;
}

static inline bool args_repeat(const struct oci_seccomp_rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->args.n; i++) {
		if (seen & 1u << rule->args.v[i].index)
			return true;
		seen |= 1u << rule->args.v[i].index;
	}
	return false;
}

/* runc overlooks the direct calls that libseccomp knows as subcalls; a named call is not new. */
static inline int number_of(uint32_t arch, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(arch, name);

	for (int i = 0; number < -100 && i < 512; i++) {
		auto_free char *found = seccomp_syscall_resolve_num_arch(arch, i);

		if (found && strcmp(found, name) == 0)
			return i;
	}
	return number;
}

static inline uint32_t newest(const struct oci_seccomp *profile, uint32_t arch)
{
	int max = 0;

	for (size_t i = 0; i < profile->syscalls.n; i++)
		for (size_t j = 0; j < profile->syscalls.v[i].names.n; j++) {
			int number = number_of(arch, profile->syscalls.v[i].names.v[j]);

			max = number > max ? number : max;
		}
	return (uint32_t)max;
}

static uint64_t rng = 88172645463325252ull;

static inline uint32_t rnd(uint32_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return (uint32_t)(rng >> 20) % below;
}

static inline uint64_t interesting(const struct oci_seccomp *profile)
{
	const struct oci_seccomp_rule *rule =
		&profile->syscalls.v[rnd((uint32_t)profile->syscalls.n)];
	const struct oci_seccomp_arg *arg;
	uint64_t value;

	if (rule->args.n == 0)
		return rnd(4) ? rnd(40) : ~0ull >> rnd(64);
	arg = &rule->args.v[rnd((uint32_t)rule->args.n)];
	value = rnd(3) ? arg->value : arg->value_two;
	switch (rnd(8)) {
	case 0:
		return value + 1;
	case 1:
		return value - 1;
	case 2:
		return value ^ 1ull << rnd(64);
	case 3:
		return value + (1ull << 32);
	case 4:
		return (value & ~0xffffffffull) | rnd(16);
	default:
		return value;
	}
}

static const char *const names[] = {
	"read",	   "write",	  "open",	  "close",	"socket",  "connect",
	"accept",  "accept4",	  "send",	  "sendto",	"recvmsg", "socketcall",
	"ipc",	   "shmat",	  "semop",	  "semtimedop", "msgget",  "shmctl",
	"clone",   "clone3",	  "personality",  "ioctl",	"fcntl",   "fcntl64",
	"mmap",	   "mmap2",	  "prctl",	  "unshare",	"bpf",	   "keyctl",
	"openat2", "close_range", "futex_time64", "stat64",	"statx",   "umask",
	"kill",	   "nonsense",	  "chown32",	  "getpid",	"time",	   "select",
};
#define N_NAMES (sizeof(names) / sizeof(*names))

/*
 * libseccomp does not settle what two conditional rules mean that overlap and disagree, and 2.5.4
 * errs where an order (LT, LE, GE, GT) or a mask meets another condition. So where it is the judge,
 * one name has one action, and those stand alone. Elsewhere the model is.
 */
enum mood { MOOD_EQUAL, MOOD_ORDER, MOOD_ANY };

static inline void random_arg(struct oci_seccomp_arg *arg, enum mood mood)
{
	static const char *const ops[] = { "SCMP_CMP_NE", "SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ",
					   "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_GE",
					   "SCMP_CMP_GT" };

	*arg = (struct oci_seccomp_arg){ .index = rnd(6) };
	arg->op = (char *)ops[rnd(mood == MOOD_EQUAL ? 2 : 7)];
	arg->value = rnd(2) ? rnd(20) : ((uint64_t)rnd(UINT32_MAX) << 32 | rnd(4)) >> rnd(33);
	arg->value_two = rnd(2) ? arg->value & rnd(UINT32_MAX) : rnd(16);
}

static inline void random_args(struct oci_seccomp_rule *rule, struct arena *arena, enum mood mood)
{
	rule->args.n = mood == MOOD_ORDER ? 1 : 1 + rnd(3);
	rule->args.v = arena_alloc(arena, rule->args.n * sizeof(*rule->args.v));
	for (size_t i = 0; i < rule->args.n; i++)
		random_arg(&rule->args.v[i], mood);
}

static inline void random_rule(struct oci_seccomp_rule *rule, struct arena *arena, enum mood mood,
			       bool *has_args)
{
	static const char *const actions[] = { "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_LOG",
					       "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRACE" };
	uint32_t name = rnd(N_NAMES);
	bool is_carrier = strcmp(names[name], "socketcall") == 0 || strcmp(names[name], "ipc") == 0;

	rule->names.n = rnd(3) ? 1 : 1 + rnd(6);
	rule->names.v = arena_array(arena, char *, rule->names.n);
	rule->names.v[0] = (char *)names[name];
	rule->action = (char *)actions[rnd(5)];
	if (!is_carrier && rnd(2) && !(mood == MOOD_ORDER && has_args[name])) {
		has_args[name] = true;
		rule->names.n = 1;
		if (mood != MOOD_ANY)
			rule->action = (char *)actions[(name * 7) % 5];
		random_args(rule, arena, mood);
	}
	for (size_t i = 1; i < rule->names.n; i++)
		rule->names.v[i] = (char *)names[rnd(N_NAMES)];
	if (strcmp(rule->action, "SCMP_ACT_ERRNO") == 0 && name % 2)
		rule->errno_ret = (struct oci_u64){ true, name };
}

static inline void random_profile(struct oci_seccomp *profile, struct arena *arena, enum mood mood)
{
	static const char *const defaults[] = {
		"SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW", "SCMP_ACT_KILL",
		"SCMP_ACT_ERRNO", "SCMP_ACT_LOG",   "SCMP_ACT_TRAP"
	};
	static const char *const arches[][3] = { { NULL },
						 { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86",
						   "SCMP_ARCH_X32" },
						 { "SCMP_ARCH_X86" },
						 { "SCMP_ARCH_X32" },
						 { "SCMP_ARCH_AARCH64", "SCMP_ARCH_X86" } };
	static const size_t n_arches[] = { 0, 3, 1, 1, 2 };
	uint32_t pick = rnd(5);
	bool has_args[N_NAMES] = {};

	profile->default_action = (char *)defaults[rnd(6)];
	profile->architectures.v = (char **)arches[pick];
	profile->architectures.n = n_arches[pick];
	profile->syscalls.n = rnd(40);
	profile->syscalls.v =
		arena_alloc(arena, profile->syscalls.n * sizeof(*profile->syscalls.v) + 1);
	for (size_t i = 0; i < profile->syscalls.n; i++)
		random_rule(&profile->syscalls.v[i], arena, mood, has_args);
}

static inline void profile_print(const struct oci_seccomp *profile)
{
	printf("# default %s\n", profile->default_action);
	for (size_t i = 0; i < profile->architectures.n; i++)
		printf("# arch %s\n", profile->architectures.v[i]);
	for (size_t i = 0; i < profile->syscalls.n; i++) {
		const struct oci_seccomp_rule *rule = &profile->syscalls.v[i];

		printf("# %s", rule->action);
		for (size_t j = 0; j < rule->names.n; j++)
			printf(" %s", rule->names.v[j]);
		for (size_t j = 0; j < rule->args.n; j++)
			printf(" [%u %s %#llx %#llx]", rule->args.v[j].index, rule->args.v[j].op,
			       (unsigned long long)rule->args.v[j].value,
			       (unsigned long long)rule->args.v[j].value_two);
		printf("\n");
	}
}
