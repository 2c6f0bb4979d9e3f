/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A seccomp profile, of config.json's kind or of docker's. Whatever it says, the program is one
 * that the kernel takes and that ends with an answer; and on this machine's calls, with the one
 * that the words mean.
 */
#include "rt/seccomp.h"

#include "fuzz.h"
#include "oci/seccomp_profile.h"
#include "rt/bpf_run.h"
#include "rt/seccomp_model.h"

#include <linux/audit.h>

#define MAX_NAMES 400 /* the model asks libseccomp for every name at every call */

static const struct oci_seccomp *read_profile(const char *json, size_t len, struct arena *arena)
{
	static char kill[] = "CAP_KILL", *held[] = { kill, NULL };
	static const struct oci_strings caps = { held, 1 };
	static const struct oci_seccomp_machine machine = { "amd64", "SCMP_ARCH_X86_64",
							    "6.1.0-18-amd64", &caps };
	struct oci_seccomp *profile;
	struct err err = {};
	int r = oci_seccomp_profile_parse(json, len, &machine, arena, &profile, &err);

	if (r != 0)
		claim_refused(r, EINVAL, ERR_USAGE, &err);
	return r == 0 ? profile : NULL;
}

static size_t count_names(const struct oci_seccomp *profile)
{
	size_t n = 0;

	for (size_t i = 0; i < profile->syscalls.n; i++)
		n += profile->syscalls.v[i].names.n;
	return n;
}

static struct seccomp_data random_call(const struct oci_seccomp *profile, uint32_t arch, int nr)
{
	struct seccomp_data data = { .nr = nr, .arch = arch };

	for (int i = 0; i < 6; i++)
		data.args[i] = profile->syscalls.n > 0 ? interesting(profile) : 0;
	return data;
}

static void claim_answers(const struct oci_seccomp *profile, const struct seccomp_program *program)
{
	static const uint32_t arches[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
					   AUDIT_ARCH_ARM, AUDIT_ARCH_MIPSEL, AUDIT_ARCH_PPC64LE,
					   AUDIT_ARCH_RISCV64, 0 };
	static const int numbers[] = { 0, 1, -1, 59, 512, 4000, INT32_MAX, 0x3fffffff, 0x40000000,
				       0x40000201 };
	const size_t n_numbers = sizeof(numbers) / sizeof(numbers[0]);

	for (size_t a = 0; a < sizeof(arches) / sizeof(arches[0]); a++)
		for (size_t i = 0; i < n_numbers + 16; i++) {
			int nr = i < n_numbers ? numbers[i] : (int)rnd(600);
			struct seccomp_data data = random_call(profile, arches[a], nr);

			CLAIM(bpf_run(program->insns, program->n, &data, NULL) != BPF_RUN_BROKEN);
		}
}

static void claim_means(const struct oci_seccomp *profile, const struct seccomp_program *program)
{
	uint32_t last = newest(profile, SCMP_ARCH_X86_64);

	for (int i = 0; i < 16; i++) {
		const struct oci_seccomp_rule *rule =
			&profile->syscalls.v[rnd((uint32_t)profile->syscalls.n)];
		struct seccomp_data data;
		int nr;

		if (rule->names.n == 0)
			continue;
		nr = seccomp_syscall_resolve_name_arch(
			SCMP_ARCH_X86_64, rule->names.v[rnd((uint32_t)rule->names.n)]);
		data = random_call(profile, AUDIT_ARCH_X86_64, nr);
		if (nr >= 0 && (uint32_t)nr <= last)
			CLAIM(bpf_run(program->insns, program->n, &data, NULL) ==
			      model_run(profile, &data));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_arena struct arena arena = {};
	const struct oci_seccomp *profile = read_profile((const char *)data, size, &arena);
	struct seccomp_program program;
	struct err err = {};
	int r;

	if (!profile)
		return 0;
	rng = 88172645463325252ull; /* an input does the same each time */
	r = seccomp_compile(profile, &arena, &program, &err);
	if (r != 0) {
		claim_refused(r, r == -E2BIG ? E2BIG : EINVAL, ERR_USAGE, &err);
		return 0;
	}
	CLAIM(bpf_is_valid(program.insns, program.n));
	claim_answers(profile, &program);
	if (seccomp_arch_native() == SCMP_ARCH_X86_64 && profile->syscalls.n > 0 &&
	    count_names(profile) < MAX_NAMES)
		claim_means(profile, &program);
	return 0;
}
