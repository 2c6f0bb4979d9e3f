/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our programs against the words of rt/seccomp.h.
 */
#include "bpf_run.h"
#include "rt/seccomp.h"
#include "seccomp_model.h"
#include "tap.h"

#include <linux/audit.h>

static bool model_agrees(const struct oci_seccomp *profile)
{
	auto_arena struct arena arena = {};
	struct seccomp_program program;
	struct err err = {};
	uint32_t last = newest(profile, SCMP_ARCH_X86_64);

	if (!CHECK(seccomp_compile(profile, &arena, &program, &err) == 0))
		return false;
	for (int i = 0; i < 4000 && profile->syscalls.n > 0; i++) {
		int nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, names[rnd(N_NAMES)]);
		struct seccomp_data data = { .nr = nr, .arch = AUDIT_ARCH_X86_64 };

		for (int j = 0; j < 6; j++)
			data.args[j] = interesting(profile);
		if (nr >= 0 && (uint32_t)nr <= last &&
		    !CHECK(bpf_run(program.insns, program.n, &data, NULL) ==
			   model_run(profile, &data)))
			return false;
	}
	return true;
}

static bool random_profiles_mean_what_they_say(void)
{
	for (int i = 0; i < 150; i++) {
		auto_arena struct arena arena = {};
		struct oci_seccomp profile = {};

		random_profile(&profile, &arena, MOOD_ANY);
		if (!model_agrees(&profile)) {
			printf("# round %d\n", i);
			profile_print(&profile);
			return false;
		}
	}
	return true;
}

int main(void)
{
	if (seccomp_arch_native() != SCMP_ARCH_X86_64) {
		SKIP(random_profiles_mean_what_they_say, "written for x86_64");
		return tap_done();
	}
	TEST(random_profiles_mean_what_they_say);
	return tap_done();
}
