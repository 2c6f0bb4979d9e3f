/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What rt/seccomp.h says a profile means, put as the plainest code that says the same.
 */

#include "seccomp_random.h"

static inline bool model_cond(const struct oci_seccomp_arg *arg, uint64_t value)
{
	switch (arg_of(arg).op) {
	case SCMP_CMP_NE:
		return value != arg->value;
	case SCMP_CMP_LT:
		return value < arg->value;
	case SCMP_CMP_LE:
		return value <= arg->value;
	case SCMP_CMP_EQ:
		return value == arg->value;
	case SCMP_CMP_GE:
		return value >= arg->value;
	case SCMP_CMP_GT:
		return value > arg->value;
	default:
		return (value & arg->value) == (arg->value_two & arg->value);
	}
}

static inline bool model_rule(const struct oci_seccomp_rule *rule, const struct seccomp_data *data)
{
	bool any = rule->args.n == 0, all = true;

	for (size_t i = 0; i < rule->args.n; i++) {
		bool holds = model_cond(&rule->args.v[i], data->args[rule->args.v[i].index]);

		any |= holds;
		all &= holds;
	}
	return args_repeat(rule) ? any : all;
}

static inline bool model_names(const struct oci_seccomp_rule *rule, int nr)
{
	for (size_t i = 0; i < rule->names.n; i++)
		if (seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, rule->names.v[i]) == nr)
			return true;
	return false;
}

/* The words of rt/seccomp.h, for a call of x86_64 that is not newer than all that are named. */
static inline uint32_t model_run(const struct oci_seccomp *profile, const struct seccomp_data *data)
{
	uint32_t def = action_of(profile->default_action, profile->default_errno_ret);
	uint32_t found = def;

	for (size_t i = 0; i < profile->syscalls.n; i++) {
		const struct oci_seccomp_rule *rule = &profile->syscalls.v[i];
		uint32_t action = action_of(rule->action, rule->errno_ret);

		if (action == def || !model_names(rule, data->nr))
			continue;
		if (rule->args.n == 0)
			return action;
		if (found == def && model_rule(rule, data))
			found = action;
	}
	return found;
}
