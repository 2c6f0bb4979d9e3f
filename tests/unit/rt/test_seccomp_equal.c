/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our programs against libseccomp's: the same profile compiled by both must answer every call
 * alike, but that newer syscalls answer ENOSYS in ours. Programs are compared by running both in an
 * interpreter, for podman's default profile and for random ones.
 */
#include "base/cleanup.h"
#include "bpf_run.h"
#include "rt/seccomp.h"
#include "seccomp_random.h"
#include "tap.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <sys/mman.h>

#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif

/* libseccomp loses memory over a rule that it refuses. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libseccomp";
}

/* ---------------------------------------------------------------------------- the reference */

struct reference {
	struct sock_filter insns[16384]; /* libseccomp knows no limit */
	unsigned n;
	const struct oci_seccomp *profile;
	bool new_is_enosys;
	bool is_refused;
	bool has[4];
	uint32_t newest[4];
};

static const struct {
	const char *word;
	uint32_t arch;
} known_arches[] = {
	{ "SCMP_ARCH_X86_64", SCMP_ARCH_X86_64 },
	{ "SCMP_ARCH_X86", SCMP_ARCH_X86 },
	{ "SCMP_ARCH_X32", SCMP_ARCH_X32 },
	{ "SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64 },
};

/* False: libseccomp refuses the rule, as it contradicts an earlier one. */
static bool reference_rule(scmp_filter_ctx ctx, const struct oci_seccomp_rule *rule, int number)
{
	uint32_t action = action_of(rule->action, rule->errno_ret);
	struct scmp_arg_cmp args[16];
	bool ok = true;

	for (size_t i = 0; i < rule->args.n; i++)
		args[i] = arg_of(&rule->args.v[i]);
	if (!args_repeat(rule))
		return seccomp_rule_add_array(ctx, action, number, (unsigned)rule->args.n, args) ==
		       0;
	for (size_t i = 0; i < rule->args.n; i++)
		ok &= seccomp_rule_add_array(ctx, action, number, 1, &args[i]) == 0;
	return ok;
}

static void reference_arches(scmp_filter_ctx ctx, struct reference *ref)
{
	for (int i = 0; i < 4; i++) {
		ref->has[i] = i == 0;
		ref->newest[i] = newest(ref->profile, known_arches[i].arch);
		for (size_t j = 0; j < ref->profile->architectures.n; j++)
			if (strcmp(ref->profile->architectures.v[j], known_arches[i].word) == 0)
				ref->has[i] = true;
		if (ref->has[i] && i > 0)
			(void)seccomp_arch_add(ctx, known_arches[i].arch);
	}
}

static bool reference_export(scmp_filter_ctx ctx, struct reference *ref)
{
	auto_close int fd = memfd_create("bpf", MFD_CLOEXEC);
	ssize_t got;

	if (seccomp_export_bpf(ctx, fd) < 0)
		return false;
	got = pread(fd, ref->insns, sizeof(ref->insns), 0);
	ref->n = (unsigned)(got / (ssize_t)sizeof(*ref->insns));
	return got > 0 && got < (ssize_t)sizeof(ref->insns);
}

static bool reference_make(const struct oci_seccomp *profile, int optimize, struct reference *ref)
{
	uint32_t def = action_of(profile->default_action, profile->default_errno_ret);
	scmp_filter_ctx ctx = seccomp_init(def);
	bool ok;

	*ref = (struct reference){ .profile = profile };
	ref->new_is_enosys = def != SCMP_ACT_ALLOW && def != SCMP_ACT_LOG &&
			     (def & 0xffff0000u) != SCMP_ACT_TRACE(0);
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, (uint32_t)optimize);
	reference_arches(ctx, ref);
	for (size_t i = 0; i < profile->syscalls.n; i++) {
		const struct oci_seccomp_rule *rule = &profile->syscalls.v[i];

		for (size_t j = 0; j < rule->names.n; j++) {
			int number = seccomp_syscall_resolve_name(rule->names.v[j]);

			if (number != __NR_SCMP_ERROR &&
			    action_of(rule->action, rule->errno_ret) != def)
				ref->is_refused |= !reference_rule(ctx, rule, number);
		}
	}
	ok = reference_export(ctx, ref);
	seccomp_release(ctx);
	return ok;
}

/* As runc puts it in front of what libseccomp makes, but no x86_64 call has a number from 2^30 up.
 */
static bool reference_is_new(const struct reference *ref, const struct seccomp_data *data)
{
	uint32_t nr = (uint32_t)data->nr;

	if (!ref->new_is_enosys)
		return false;
	for (int i = 0; i < 4; i++) {
		bool is_x32 = data->arch == AUDIT_ARCH_X86_64 && nr >= 0x40000000;
		uint32_t arch = is_x32 ? SCMP_ARCH_X32 : data->arch;

		if (ref->has[i] && arch == known_arches[i].arch)
			return ref->newest[i] > 0 && nr > ref->newest[i];
	}
	return false;
}

static uint32_t reference_run(const struct reference *ref, const struct seccomp_data *data)
{
	if (reference_is_new(ref, data))
		return SECCOMP_RET_ERRNO | ENOSYS;
	return bpf_run(ref->insns, ref->n, data, NULL);
}

/* ---------------------------------------------------------------------------- comparing */

static bool agree_on(const struct seccomp_program *program, const struct reference *ref,
		     const struct seccomp_data *data)
{
	uint32_t got = bpf_run(program->insns, program->n, data, NULL);
	uint32_t want = reference_run(ref, data);

	if (got == want)
		return true;
	printf("# arch %#x nr %d args %#llx %#llx %#llx %#llx %#llx %#llx: got %#x, want %#x\n",
	       data->arch, data->nr, (unsigned long long)data->args[0],
	       (unsigned long long)data->args[1], (unsigned long long)data->args[2],
	       (unsigned long long)data->args[3], (unsigned long long)data->args[4],
	       (unsigned long long)data->args[5], got, want);
	return false;
}

static bool agree_on_number(const struct seccomp_program *program, const struct reference *ref,
			    uint32_t arch, uint32_t number)
{
	struct seccomp_data data = { .nr = (int)number, .arch = arch };

	if (!agree_on(program, ref, &data))
		return false;
	for (int i = 0; i < 12; i++) {
		for (int j = 0; j < 6; j++)
			data.args[j] = ref->profile->syscalls.n ? interesting(ref->profile) : 0;
		if (!agree_on(program, ref, &data))
			return false;
	}
	return true;
}

static bool agree(const struct seccomp_program *program, const struct reference *ref)
{
	static const uint32_t arches[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64,
					   AUDIT_ARCH_S390X };
	static const uint32_t odd[] = { 0x3fffffff, 0x7fffffff, 0x80000000,
					0xbfffffff, 0xfffffffe, 0xffffffff };

	for (size_t i = 0; i < sizeof(arches) / sizeof(*arches); i++) {
		for (uint32_t nr = 0; nr < 600; nr++)
			if (!agree_on_number(program, ref, arches[i], nr) ||
			    !agree_on_number(program, ref, arches[i], 0x40000000 + nr))
				return false;
		for (size_t j = 0; j < sizeof(odd) / sizeof(*odd); j++)
			if (!agree_on_number(program, ref, arches[i], odd[j]))
				return false;
	}
	return true;
}

static unsigned compared;

static bool profile_agrees(const struct oci_seccomp *profile, int optimize)
{
	static struct reference ref;
	auto_arena struct arena arena = {};
	struct seccomp_program program;
	struct err err = {};

	if (seccomp_compile(profile, &arena, &program, &err) < 0) {
		printf("# %s\n", err.msg);
		return false;
	}
	if (!CHECK(reference_make(profile, optimize, &ref)))
		return false;
	compared += !ref.is_refused;
	return ref.is_refused || agree(&program, &ref);
}

/* ---------------------------------------------------------------------------- claims */

static struct oci_seccomp *load(struct arena *arena, const char *path)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	auto_buf struct buf json = {};
	struct oci_spec *spec = NULL;
	struct err err = {};

	if (fd < 0 || buf_read_fd(&json, fd, 1 << 20, path, &err) < 0 ||
	    oci_spec_parse(json.data, json.len, arena, &spec, &err) < 0) {
		printf("# %s: %s\n", path, err.msg);
		return NULL;
	}
	return spec->linux_->seccomp;
}

static bool the_default_profile_answers_as_libseccomp(void)
{
	auto_arena struct arena arena = {};
	struct oci_seccomp *profile = load(&arena, TEST_DATA "/seccomp-podman.json");

	return CHECK(profile) && CHECK(profile_agrees(profile, 1)) &&
	       CHECK(profile_agrees(profile, 2));
}

static bool foreign_abis_are_killed_when_only_ours_is_listed(void)
{
	auto_arena struct arena arena = {};
	struct oci_seccomp *profile = load(&arena, TEST_DATA "/seccomp-podman.json");

	if (!CHECK(profile))
		return false;
	profile->architectures.n = 0;
	return CHECK(profile_agrees(profile, 1));
}

static bool random_profiles_answer_as_libseccomp(void)
{
	for (int i = 0; i < 160; i++) {
		auto_arena struct arena arena = {};
		struct oci_seccomp profile = {};

		random_profile(&profile, &arena, i % 2 ? MOOD_ORDER : MOOD_EQUAL);
		if (!profile_agrees(&profile, 1)) {
			printf("# round %d\n", i);
			profile_print(&profile);
			return false;
		}
	}
	return CHECK(compared > 60);
}

int main(void)
{
	if (seccomp_arch_native() != SCMP_ARCH_X86_64) {
		SKIP(answers_as_libseccomp, "written for x86_64");
		return tap_done();
	}
	TEST(the_default_profile_answers_as_libseccomp);
	TEST(foreign_abis_are_killed_when_only_ours_is_listed);
	TEST(random_profiles_answer_as_libseccomp);
	return tap_done();
}
