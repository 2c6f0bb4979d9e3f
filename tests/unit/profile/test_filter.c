/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The default profile: the filter of each kind of machine answers every number as the table says,
 * whatever the capabilities. Programs are run in an interpreter; what this machine's kernel makes
 * of the one that is built in is asked of the kernel itself.
 */
#include "../rt/bpf_run.h"
#include "base/cleanup.h"
#include "child.h"
#include "oci/seccomp_profile.h"
#include "profile/filter.h"
#include "profile/filter_data.h"
#include "profile/make.h"
#include "profile/table.h"
#include "rt/seccomp.h"
#include "sys/caps.h"
#include "sys/seccomp.h"
#include "tap.h"

#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#define ALLOWED	   SECCOMP_RET_ALLOW
#define REFUSED(e) (SECCOMP_RET_ERRNO | (e))
#define NUMBERS	   1024
#define DEFAULTS   (UINT64_C(0xa80425fb) & ~(CAP(AUDIT_WRITE) | CAP(MKNOD) | CAP(NET_RAW)))

static const struct {
	const char *machine;
	uint32_t arch;
} arches[] = {
	{ "x86_64", SCMP_ARCH_X86_64 }, { "x86_64", SCMP_ARCH_X86 },
	{ "aarch64", SCMP_ARCH_AARCH64 }, { "aarch64", SCMP_ARCH_ARM },
	{ "riscv64", SCMP_ARCH_RISCV64 }, { "ppc64", SCMP_ARCH_PPC64LE },
};

#define N_ARCHES (sizeof(arches) / sizeof(arches[0]))

static struct arena arena;

/* ------------------------------------------------------------------------------- the table */

static bool has_name(const struct profile_group *group, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = group->names; (at = strstr(at, name)); at += len)
		if ((at == group->names || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

static const struct profile_group *find_group(const char *name, size_t *ret_n)
{
	const struct profile_group *found = NULL;

	*ret_n = 0;
	for (size_t i = 0; i < profile_n_groups; i++)
		if (has_name(&profile_groups[i], name)) {
			found = &profile_groups[i];
			(*ret_n)++;
		}
	return found;
}

/* The names of all numbers: libseccomp's, and those of the table that are newer. */
static void learn_names(uint32_t arch, char *names[NUMBERS])
{
	for (int nr = 0; nr < NUMBERS; nr++)
		names[nr] = seccomp_syscall_resolve_num_arch(arch, nr);
	for (size_t i = 0; i < profile_n_groups; i++) {
		struct oci_strings list;

		make_names(profile_groups[i].names, &arena, &list);
		for (size_t k = 0; k < list.n; k++) {
			int nr = seccomp_number(arch, list.v[k]);

			if (nr >= 0 && nr < NUMBERS && !names[nr])
				names[nr] = strdup(list.v[k]);
		}
	}
}

static void forget_names(char *names[NUMBERS])
{
	for (int nr = 0; nr < NUMBERS; nr++)
		free(names[nr]);
}

static bool every_call_is_in_one_group(void)
{
	bool ok = true;

	for (size_t a = 0; a < N_ARCHES - 1; a++)
		for (int nr = 0; nr < NUMBERS; nr++) {
			auto_free char *name = seccomp_syscall_resolve_num_arch(arches[a].arch, nr);
			size_t n = 1;

			if (name)
				(void)find_group(name, &n);
			if (n != 1)
				printf("# %s: in %zu groups\n", name, n);
			ok &= n == 1;
		}
	return ok;
}

static bool every_name_of_the_table_is_a_call(void)
{
	bool ok = true;

	for (size_t i = 0; i < profile_n_groups; i++) {
		struct oci_strings list;

		make_names(profile_groups[i].names, &arena, &list);
		for (size_t k = 0; k < list.n; k++) {
			bool found = false;

			for (size_t a = 0; a < N_ARCHES; a++)
				found |= seccomp_number(arches[a].arch, list.v[k]) !=
					 __NR_SCMP_ERROR;
			if (!found)
				printf("# there is no %s\n", list.v[k]);
			ok &= found;
		}
	}
	return ok;
}

/* ------------------------------------------------------------------------------- the filter */

static uint32_t answer_to(uint64_t who, int refusal, uint64_t caps)
{
	return who == EVERYONE || (who & caps) ? ALLOWED
					       : REFUSED((uint32_t)(refusal ? refusal : EPERM));
}

static bool holds(const struct seccomp_cond *cond, uint64_t value)
{
	switch (cond->op) {
	case CMP_EQ:
		return value == cond->value;
	case CMP_NE:
		return value != cond->value;
	case CMP_LT:
		return value < cond->value;
	case CMP_MASKED_EQ:
		return (value & cond->mask) == cond->value;
	default:
		abort();
	}
}

/* What the table says, read once more and without any haste. */
static uint32_t expect(const char *name, bool is_32bit, const uint64_t *args, uint64_t caps)
{
	size_t n;
	const struct profile_group *group = name ? find_group(name, &n) : NULL;

	if (!group)
		return REFUSED(ENOSYS);
	for (size_t i = 0; i < group->n_cases; i++) {
		const struct profile_case *kase = &group->cases[i];
		bool all = true;

		for (size_t k = 0; k < kase->n_conds; k++) {
			uint64_t value = args[kase->conds[k].index];

			all &= holds(&kase->conds[k], is_32bit ? (uint32_t)value : value);
		}
		if (all)
			return answer_to(kase->who, kase->refusal, caps);
	}
	return answer_to(group->who, group->refusal, caps);
}

static void open_returns(struct make_program *program, uint64_t caps)
{
	for (size_t i = 0; i < program->n_keys; i++)
		if (program->keys[i].who & caps)
			program->prog.filter[program->keys[i].at].k = ALLOWED;
}

static uint32_t ask(const struct sock_fprog *prog, uint32_t arch, uint32_t nr,
		    const uint64_t *args)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };

	memcpy(data.args, args, sizeof(data.args));
	return bpf_run(prog->filter, prog->len, &data, NULL);
}

static const uint64_t first_args[] = {
	0, 1, 2, 8, 11, 12, 13, 15, 16, 18, 19, 20, 29, 37, 38, 39, 40, 41, 45, 46, 0x20000,
	0x20008, 0x40000, 0xffffffff, CLONE_VM | CLONE_THREAD | SIGCHLD, CLONE_NEWUSER,
	CLONE_NEWNS | SIGCHLD, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWPID,
	CLONE_NEWNET, UINT64_C(1) << 32, UINT64_MAX,
};

static bool agrees(const struct sock_fprog *prog, size_t a, const char *const names[NUMBERS],
		   uint64_t caps)
{
	const uint32_t arch = arches[a].arch;
	const bool is_32bit = !(arch & __AUDIT_ARCH_64BIT);

	for (uint32_t nr = 0; nr < NUMBERS; nr++)
		for (size_t i = 0; i < sizeof(first_args) / sizeof(first_args[0]); i++) {
			const uint64_t args[6] = { first_args[i], 0, i % 2 ? 9 : 0 };
			uint32_t want = expect(names[nr], is_32bit, args, caps);
			uint32_t got = ask(prog, arch, nr, args);

			if (got == want)
				continue;
			printf("# %#x %s (%u), argument %#llx, capabilities %#llx: %#x, not %#x\n",
			       arch, names[nr] ? names[nr] : "?", nr,
			       (unsigned long long)args[0], (unsigned long long)caps, got, want);
			return false;
		}
	return true;
}

static bool filters_agree_for(uint64_t caps)
{
	struct err err = {};
	bool ok = true;

	for (size_t a = 0; a < N_ARCHES && ok; a++) {
		struct make_program program;
		char *names[NUMBERS];

		ok = CHECK(make_program(arches[a].machine, &arena, &program, &err) == 0) &&
		     CHECK(bpf_is_valid(program.prog.filter, program.prog.len));
		open_returns(&program, caps);
		learn_names(arches[a].arch, names);
		ok = ok && agrees(&program.prog, a, (const char *const *)names, caps);
		forget_names(names);
	}
	return ok;
}

static bool every_number_is_answered_as_the_table_says(void)
{
	return filters_agree_for(0) && filters_agree_for(DEFAULTS) && filters_agree_for(UINT64_MAX);
}

static bool each_capability_opens_its_own_and_no_more(void)
{
	for (unsigned cap = 0; caps_name(cap); cap++)
		if (!filters_agree_for(UINT64_C(1) << cap))
			return false;
	return true;
}

static bool numbers_beyond_any_table_are_unknown(void)
{
	static const uint32_t numbers[] = { 5000, 0x3fffffff, 0x40000000, 0x40000001, 0x40000207,
					    0x7fffffff, 0x80000000, 0xfffffffe };
	struct make_program program;
	const uint64_t args[6] = {};
	struct err err = {};
	bool ok = true;

	for (size_t a = 0; a < N_ARCHES; a++) {
		ok &= CHECK(make_program(arches[a].machine, &arena, &program, &err) == 0);
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
			ok &= CHECK(ask(&program.prog, arches[a].arch, numbers[i], args) ==
				    REFUSED(ENOSYS));
	}
	return ok;
}

static bool calls_of_a_strange_architecture_kill(void)
{
	struct make_program program;
	const uint64_t args[6] = {};
	struct err err = {};

	return CHECK(make_program("x86_64", &arena, &program, &err) == 0) &&
	       CHECK(ask(&program.prog, AUDIT_ARCH_AARCH64, 63, args) == SECCOMP_BAD_ARCH) &&
	       CHECK(make_program("vax", &arena, &program, &err) < 0) &&
	       CHECK_STR(err.msg, "no profile for machines of kind 'vax'");
}

/* ------------------------------------------------------------------------------- the document */

static uint64_t bits_of(const struct oci_strings *names)
{
	uint64_t all = 0, bit;

	for (size_t i = 0; i < names->n; i++)
		if (caps_parse_name(names->v[i], UINT64_MAX, &bit) == 0)
			all |= bit;
	return all;
}

/* What arguments refuse is unknown there. */
static bool is_same(uint32_t got, uint32_t want, const char *name)
{
	size_t n;
	const struct profile_group *group = name ? find_group(name, &n) : NULL;

	return got == want ||
	       (group && group->n_cases && want != ALLOWED && got == REFUSED(ENOSYS));
}

static bool document_agrees_for(const char *json, const struct oci_strings *caps)
{
	const struct oci_seccomp_machine machine = { "amd64", "SCMP_ARCH_X86_64", "6.1.0", caps };
	struct seccomp_program compiled;
	struct oci_seccomp *profile;
	struct make_program program;
	struct err err = {};
	char *names[NUMBERS];
	bool ok = true;

	if (!CHECK(oci_seccomp_profile_parse(json, strlen(json), &machine, &arena, &profile,
					     &err) == 0) ||
	    !CHECK(seccomp_compile(profile, &arena, &compiled, &err) == 0) ||
	    !CHECK(make_program("x86_64", &arena, &program, &err) == 0))
		return false;
	open_returns(&program, bits_of(caps));
	for (size_t a = 0; a < 2; a++) {
		const struct sock_fprog prog = { compiled.n, compiled.insns };

		learn_names(arches[a].arch, names);
		for (uint32_t nr = 0; nr < NUMBERS; nr++)
			for (size_t i = 0; i < sizeof(first_args) / sizeof(first_args[0]); i++) {
				const uint64_t args[6] = { first_args[i], 0, i % 2 ? 9 : 0 };

				ok &= is_same(ask(&prog, arches[a].arch, nr, args),
					      ask(&program.prog, arches[a].arch, nr, args),
					      names[nr]) ||
				      !printf("# %s, argument %#llx\n", names[nr],
					      (unsigned long long)args[0]);
			}
		forget_names(names);
	}
	return ok;
}

static bool the_document_says_the_same(void)
{
	static char *const some[] = { (char *)"CAP_SYS_CHROOT", (char *)"CAP_KILL", NULL };
	static char *const more[] = { (char *)"CAP_SYS_ADMIN", (char *)"CAP_AUDIT_WRITE",
				      (char *)"CAP_BPF", (char *)"CAP_SYSLOG", NULL };
	const struct oci_strings none = {}, two = { (char **)some, 2 }, four = { (char **)more, 4 };
	auto_buf struct buf json = {};

	make_document(&arena, &json);
	return document_agrees_for(buf_str(&json), &none) &&
	       document_agrees_for(buf_str(&json), &two) &&
	       document_agrees_for(buf_str(&json), &four);
}

/* ------------------------------------------------------------------------------- the kernel */

static struct sock_fprog built_in;

/* Refused calls never get to the kernel's own code, so they can be made with any arguments. */
static bool the_kernel_refuses_the_same(void)
{
	const uint64_t args[6] = { UINT64_MAX, UINT64_MAX, UINT64_MAX,
				   UINT64_MAX, UINT64_MAX, UINT64_MAX };
	bool ok = CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0) &&
		  CHECK(seccomp_filter_load(built_in.filter, built_in.len, 0) == 0);

	for (uint32_t nr = 0; nr < NUMBERS && ok; nr++) {
		uint32_t want = ask(&built_in, seccomp_arch_native(), nr, args);

		ok = want == ALLOWED || (syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L) == -1 &&
					 errno == (int)(want & SECCOMP_RET_DATA));
		if (!ok)
			printf("# %u: %s\n", nr, strerror(errno));
	}
	return ok;
}

static bool the_kernel_refuses_what_the_interpreter_does(void)
{
	static const uint64_t caps[] = { 0, DEFAULTS, CAP(SYS_ADMIN) };
	bool ok = true;

	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		profile_filter(caps[i], &arena, &built_in);
		ok &= in_child(the_kernel_refuses_the_same);
	}
	return ok;
}

/* What was built in is what the makers make for this machine. */
static bool the_one_built_in_is_this_machines(void)
{
	struct make_program program;
	struct sock_fprog prog;
	struct utsname uts;
	struct err err = {};

	(void)uname(&uts);
	profile_filter(DEFAULTS, &arena, &prog);
	if (!CHECK(make_program(strncmp(uts.machine, "ppc", 3) ? uts.machine : "ppc64", &arena,
				&program, &err) == 0))
		return false;
	open_returns(&program, DEFAULTS);
	return CHECK(prog.len == program.prog.len) &&
	       CHECK(memcmp(prog.filter, program.prog.filter,
			    prog.len * sizeof(*prog.filter)) == 0);
}

int main(void)
{
	TEST(every_call_is_in_one_group);
	TEST(every_name_of_the_table_is_a_call);
	TEST(every_number_is_answered_as_the_table_says);
	TEST(each_capability_opens_its_own_and_no_more);
	TEST(numbers_beyond_any_table_are_unknown);
	TEST(calls_of_a_strange_architecture_kill);
	TEST(the_document_says_the_same);
	TEST(the_kernel_refuses_what_the_interpreter_does);
	TEST(the_one_built_in_is_this_machines);
	arena_done(&arena);
	return tap_done();
}
