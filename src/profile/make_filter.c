/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table as a filter. It is compiled by the rooms of rt that compile every profile, with one
 * trick: what depends on capabilities gets an action that no filter has (TRACE, with a number), is
 * found again in the program by that, and becomes a refusal. Where such a return stands, and which
 * capabilities make it let the call pass, is the table of keys; so one program is right for all
 * containers, once some of its words are set.
 */
#include "profile/make.h"

#include "profile/table.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

static const struct {
	const char *machine;
	uint32_t arches[4];
} machines[] = {
	{ "x86_64", { SCMP_ARCH_X86_64, SCMP_ARCH_X86 } },
	{ "aarch64", { SCMP_ARCH_AARCH64, SCMP_ARCH_ARM } },
	{ "riscv64", { SCMP_ARCH_RISCV64 } },
	{ "ppc64", { SCMP_ARCH_PPC64LE } },
};

#define N_MACHINES (sizeof(machines) / sizeof(machines[0]))

struct condition {
	uint64_t who;
	int refusal;
};

struct draft {
	struct arena *arena;
	struct condition conditions[64];
	size_t n_conditions;
};

/* ------------------------------------------------------------------------------- rules */

void make_names(const char *names, struct arena *arena, struct oci_strings *ret)
{
	ret->v = arena_array(arena, char *, strlen(names) / 2 + 2);
	ret->n = 0;
	for (size_t len; *names; names += len + (names[len] == ' ')) {
		len = strcspn(names, " ");
		if (len)
			ret->v[ret->n++] = arena_strndup(arena, names, len);
	}
}

static uint32_t find_condition(struct draft *draft, uint64_t who, int refusal)
{
	size_t i = 0;

	while (i < draft->n_conditions && (draft->conditions[i].who != who ||
					   draft->conditions[i].refusal != refusal))
		i++;
	if (i == draft->n_conditions)
		draft->conditions[draft->n_conditions++] = (struct condition){ who, refusal };
	return (uint32_t)i;
}

static uint32_t action_of(struct draft *draft, uint64_t who, int refusal)
{
	refusal = refusal ? refusal : EPERM;
	if (who == EVERYONE)
		return SECCOMP_RET_ALLOW;
	if (who == NOBODY)
		return SECCOMP_RET_ERRNO | (uint32_t)refusal;
	return SECCOMP_RET_TRACE | find_condition(draft, who, refusal);
}

/* The last case has no conditions: what no other lets pass. */
static void rule_make(struct draft *draft, const struct profile_group *group,
		      struct seccomp_rule *rule)
{
	struct oci_strings *names = arena_new(draft->arena, struct oci_strings);
	struct seccomp_case *cases = arena_array(draft->arena, struct seccomp_case,
						 group->n_cases + 1);

	make_names(group->names, draft->arena, names);
	for (size_t i = 0; i < group->n_cases; i++) {
		const struct profile_case *from = &group->cases[i];

		cases[i] = (struct seccomp_case){ from->conds, from->n_conds,
						  action_of(draft, from->who, from->refusal) };
	}
	rule->names = names;
	rule->action = action_of(draft, group->who, group->refusal);
	if (!group->n_cases)
		return;
	cases[group->n_cases] = (struct seccomp_case){ .action = rule->action };
	rule->cases = cases;
	rule->n_cases = group->n_cases + 1;
}

static void rules_make(struct draft *draft, const uint32_t *arches, struct seccomp_rules *rules)
{
	const uint32_t unknown = SECCOMP_RET_ERRNO | PROFILE_UNKNOWN;

	*rules = (struct seccomp_rules){ .default_action = unknown, .x32_action = unknown };
	while (arches[rules->n_arches]) {
		rules->arches[rules->n_arches] = arches[rules->n_arches];
		rules->n_arches++;
	}
	rules->v = arena_array(draft->arena, struct seccomp_rule, profile_n_groups);
	for (size_t i = 0; i < profile_n_groups; i++)
		rule_make(draft, &profile_groups[i], &rules->v[rules->n++]);
}

/* ------------------------------------------------------------------------------- program */

static void settle_returns(const struct draft *draft, struct make_program *program)
{
	program->keys = arena_array(draft->arena, struct make_key, program->prog.len);
	program->n_keys = 0;
	for (size_t i = 0; i < program->prog.len; i++) {
		struct sock_filter *insn = &program->prog.filter[i];
		const struct condition *condition;

		if (insn->code != (BPF_RET | BPF_K) ||
		    (insn->k & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_TRACE)
			continue;
		condition = &draft->conditions[insn->k & SECCOMP_RET_DATA];
		insn->k = SECCOMP_RET_ERRNO | (uint32_t)condition->refusal;
		program->keys[program->n_keys++] = (struct make_key){ i, condition->who };
	}
}

int make_program(const char *machine, struct arena *arena, struct make_program *ret,
		 struct err *err)
{
	struct draft draft = { .arena = arena };
	struct seccomp_rules rules;
	struct seccomp_table *tables;
	size_t n_tables, i = 0;
	int r;

	while (i < N_MACHINES && strcmp(machines[i].machine, machine) != 0)
		i++;
	if (i == N_MACHINES)
		return err_set(err, ERR_USAGE, EINVAL, "no profile for machines of kind '%s'",
			       machine);
	rules_make(&draft, machines[i].arches, &rules);
	seccomp_make_tables(&rules, arena, &tables, &n_tables);
	r = seccomp_generate(tables, n_tables, arena, &ret->prog, err);
	if (r == 0)
		settle_returns(&draft, ret);
	return r;
}

void make_code(const struct make_program *program, struct buf *out)
{
	buf_puts(out, "/* Made by profile/make. */\n#include \"profile/filter_data.h\"\n\n"
		      "const struct sock_filter profile_insns[] = {\n");
	for (size_t i = 0; i < program->prog.len; i++) {
		const struct sock_filter *insn = &program->prog.filter[i];

		buf_printf(out, "\t{ 0x%02x, %u, %u, 0x%x },\n", insn->code, insn->jt, insn->jf,
			   insn->k);
	}
	buf_puts(out, "};\n\nconst struct profile_key profile_keys[] = {\n");
	for (size_t i = 0; i < program->n_keys; i++)
		buf_printf(out, "\t{ %zu, 0x%llx },\n", program->keys[i].at,
			   (unsigned long long)program->keys[i].who);
	buf_printf(out, "};\n\nconst size_t profile_n_insns = %u, profile_n_keys = %zu;\n",
		   program->prog.len, program->n_keys);
}
