/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From rules, which name syscalls, to tables of what each syscall number leads to.
 *
 * One table per architecture that the kernel tells apart (an AUDIT_ARCH_*). x32 is not one: its
 * calls are x86_64's with bit 30 set, so both share a table. For each table three steps: collect
 * a "hit" for each rule and name that the architecture has; sort them by number, then by place in
 * the profile; and walk them together with the "regions", which say what a number that no rule
 * names leads to.
 *
 * Some architectures have the calls for sockets and for System V IPC also, or only, as subcalls of
 * socketcall(2) and ipc(2), whose first argument says which. A rule for such a name holds for both
 * ways; of its own conditions the one on the first argument is lost there, as libseccomp has it.
 */
#include "rt/seccomp_plan.h"

#include "base/cleanup.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

struct hit {
	uint32_t number;
	size_t order;
	bool is_32bit;
	const struct seccomp_case *cases;
	size_t n_cases;
	uint32_t action; /* when there are no cases */
};

struct region {
	uint32_t first, action;
};

struct draft {
	const struct seccomp_rules *rules;
	struct arena *arena;
	uint32_t audit_arch;
	struct hit *hits;
	size_t n_hits, cap_hits;
	uint32_t newest, newest_x32; /* that the profile names; 0: none */
	bool has_x86_64, has_x32;
	bool knows_direct;
	int direct[2][32]; /* by family and subcall; 0: none */
	struct region regions[4];
	size_t n_regions;
};

static uint32_t audit_arch_of(uint32_t arch)
{
	return arch == SCMP_ARCH_X32 ? AUDIT_ARCH_X86_64 : arch;
}

static bool is_32bit(uint32_t arch)
{
	return !(arch & __AUDIT_ARCH_64BIT) || (arch & __AUDIT_ARCH_CONVENTION_MIPS64_N32);
}

/* ---------------------------------------------------------------------------- subcalls */

/*
 * libseccomp calls subcall 5 of socketcall -105 and subcall 5 of ipc -205 on the architectures that
 * have them, be there a direct call or not, and hides the number of the direct one.
 */
enum { FAMILY_SOCKETCALL, FAMILY_IPC, FAMILY_MAX };
#define SUBCALL_MAX 32
#define DIRECT_MAX  512 /* beyond it no direct calls were added for subcalls */

static const char *const carriers[FAMILY_MAX] = { "socketcall", "ipc" };

static bool is_subcall(int number)
{
	return number < -100 && number > -100 * (FAMILY_MAX + 1) && -number % 100 < SUBCALL_MAX;
}

static void direct_learn(struct draft *draft, uint32_t arch)
{
	int base = arch == SCMP_ARCH_MIPS || arch == SCMP_ARCH_MIPSEL ? 4000 : 0;

	for (int direct = 0; direct < DIRECT_MAX; direct++) {
		auto_free char *name = seccomp_syscall_resolve_num_arch(arch, direct);
		int number = name ? seccomp_number(arch, name) : 0;

		if (is_subcall(number))
			draft->direct[-number / 100 - 1][-number % 100] = base + direct;
	}
	draft->knows_direct = true;
}

/* The number of the direct call, or -1. */
static int direct_find(struct draft *draft, uint32_t arch, int number)
{
	int direct;

	if (!is_subcall(number))
		return number;
	if (!draft->knows_direct)
		direct_learn(draft, arch);
	direct = draft->direct[-number / 100 - 1][-number % 100];
	return direct > 0 ? direct : -1;
}

/* The case with its condition on the first argument replaced by "is subcall `number`". */
static struct seccomp_case case_of_subcall(const struct seccomp_case *kase, unsigned number,
					   struct arena *arena)
{
	struct seccomp_cond *conds = arena_array(arena, struct seccomp_cond, kase->n_conds + 1);
	size_t n = 0;

	conds[n++] = (struct seccomp_cond){ .index = 0, .op = CMP_EQ, .value = number };
	for (size_t i = 0; i < kase->n_conds; i++)
		if (kase->conds[i].index != 0)
			conds[n++] = kase->conds[i];
	return (struct seccomp_case){ .conds = conds, .n_conds = n, .action = kase->action };
}

/* ---------------------------------------------------------------------------- hits */

static void hit_add(struct draft *draft, struct hit hit)
{
	if (draft->n_hits == draft->cap_hits) {
		size_t cap = draft->cap_hits ? 2 * draft->cap_hits : 512;
		struct hit *hits = arena_array(draft->arena, struct hit, cap);

		if (draft->n_hits > 0)
			memcpy(hits, draft->hits, draft->n_hits * sizeof(*hits));
		draft->hits = hits;
		draft->cap_hits = cap;
	}
	hit.order = draft->n_hits;
	draft->hits[draft->n_hits++] = hit;
}

static void hit_add_rule(struct draft *draft, uint32_t arch, const struct seccomp_rule *rule,
			 uint32_t number)
{
	hit_add(draft, (struct hit){ .number = number,
				     .is_32bit = is_32bit(arch),
				     .cases = rule->cases,
				     .n_cases = rule->n_cases,
				     .action = rule->action });
}

/* `subcall` is libseccomp's number for it. */
static void hit_add_subcall(struct draft *draft, uint32_t arch, const struct seccomp_rule *rule,
			    int subcall)
{
	unsigned family = (unsigned)(-subcall / 100 - 1), number = (unsigned)(-subcall % 100);
	int carrier = seccomp_syscall_resolve_name_arch(arch, carriers[family]);
	const struct seccomp_case any = { .action = rule->action };
	struct seccomp_rule carried = *rule;
	struct seccomp_case *cases;

	if (carrier < 0)
		return;

	carried.n_cases = rule->n_cases > 0 ? rule->n_cases : 1;
	cases = arena_array(draft->arena, struct seccomp_case, carried.n_cases);
	for (size_t i = 0; i < carried.n_cases; i++)
		cases[i] = case_of_subcall(rule->n_cases > 0 ? &rule->cases[i] : &any, number,
					   draft->arena);
	carried.cases = cases;
	hit_add_rule(draft, arch, &carried, (uint32_t)carrier);
}

static void name_collect(struct draft *draft, uint32_t arch, const struct seccomp_rule *rule,
			 const char *name)
{
	int number = seccomp_number(arch, name);
	int direct = direct_find(draft, arch, number);
	uint32_t *newest = arch == SCMP_ARCH_X32 ? &draft->newest_x32 : &draft->newest;

	if (direct > 0 && (uint32_t)direct > *newest)
		*newest = (uint32_t)direct;
	if (rule->action == draft->rules->default_action)
		return;
	if (direct >= 0)
		hit_add_rule(draft, arch, rule, (uint32_t)direct);
	if (is_subcall(number))
		hit_add_subcall(draft, arch, rule, number);
}

static void arch_collect(struct draft *draft, uint32_t arch)
{
	draft->has_x32 |= arch == SCMP_ARCH_X32;
	draft->has_x86_64 |= arch == SCMP_ARCH_X86_64;
	/* There, setup(2) stands for any call with a large number that the kernel doesn't know. */
	if (draft->rules->new_is_enosys && (arch == SCMP_ARCH_S390 || arch == SCMP_ARCH_S390X))
		hit_add(draft, (struct hit){ .number = 0, .action = SECCOMP_RET_ERRNO | ENOSYS });
	for (size_t i = 0; i < draft->rules->n; i++) {
		const struct seccomp_rule *rule = &draft->rules->v[i];

		for (size_t j = 0; j < rule->names->n; j++)
			name_collect(draft, arch, rule, rule->names->v[j]);
	}
}

static int hit_compare(const void *left, const void *right)
{
	const struct hit *a = left, *b = right;

	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* What the `n` hits on one number come to. */
static struct seccomp_verdict hits_verdict(const struct draft *draft, const struct hit *hits,
					   size_t n)
{
	struct seccomp_verdict verdict = { .action = draft->rules->default_action,
					   .is_32bit = hits[0].is_32bit };
	struct seccomp_case *cases;
	size_t n_cases = 0;

	for (size_t i = 0; i < n; i++) {
		if (hits[i].n_cases == 0)
			return (struct seccomp_verdict){ .action = hits[i].action };
		n_cases += hits[i].n_cases;
	}
	cases = arena_array(draft->arena, struct seccomp_case, n_cases);
	for (size_t i = 0; i < n; i++) {
		memcpy(cases + verdict.n_cases, hits[i].cases, hits[i].n_cases * sizeof(*cases));
		verdict.n_cases += hits[i].n_cases;
	}
	verdict.cases = cases;
	return verdict;
}

/* ---------------------------------------------------------------------------- regions */

static void region_add(struct draft *draft, uint32_t first, uint32_t action)
{
	draft->regions[draft->n_regions++] = (struct region){ first, action };
}

static void regions_of_x86_64(struct draft *draft)
{
	uint32_t action = draft->rules->default_action;
	uint32_t enosys = draft->rules->new_is_enosys ? SECCOMP_RET_ERRNO | ENOSYS : action;

	region_add(draft, 0, draft->has_x86_64 ? action : SECCOMP_BAD_ARCH);
	if (draft->has_x86_64 && draft->newest > 0)
		region_add(draft, draft->newest + 1, enosys);
	if (!draft->has_x32) {
		/* A tracer sets -1 to skip a call: no x32 call. */
		region_add(draft, SECCOMP_X32_BIT, draft->rules->x32_action);
		region_add(draft, UINT32_MAX, action);
		return;
	}
	region_add(draft, SECCOMP_X32_BIT, action);
	if (draft->newest_x32 > 0)
		region_add(draft, draft->newest_x32 + 1, enosys);
}

static void regions_make(struct draft *draft)
{
	uint32_t action = draft->rules->default_action;
	uint32_t enosys = draft->rules->new_is_enosys ? SECCOMP_RET_ERRNO | ENOSYS : action;

	if (draft->audit_arch == AUDIT_ARCH_X86_64) {
		regions_of_x86_64(draft);
		return;
	}
	region_add(draft, 0, action);
	if (draft->newest > 0)
		region_add(draft, draft->newest + 1, enosys);
}

/* ---------------------------------------------------------------------------- spans */

static void span_add(struct seccomp_table *table, uint32_t first, struct seccomp_verdict verdict)
{
	struct seccomp_span *spans = table->spans;

	if (table->n_spans > 0 && spans[table->n_spans - 1].first == first)
		table->n_spans--;
	if (table->n_spans > 0 &&
	    seccomp_verdict_equal(&spans[table->n_spans - 1].verdict, &verdict))
		return;
	spans[table->n_spans++] = (struct seccomp_span){ first, verdict };
}

/* Regions are laid first, hits over them; after a hit its region goes on. */
static void spans_make(const struct draft *draft, struct seccomp_table *table)
{
	struct seccomp_verdict ground = { .action = draft->regions[0].action };
	size_t region = 0, hit = 0, end;

	table->spans = arena_array(draft->arena, struct seccomp_span,
				   draft->n_regions + 2 * draft->n_hits);
	while (region < draft->n_regions || hit < draft->n_hits) {
		uint32_t number = hit < draft->n_hits ? draft->hits[hit].number : UINT32_MAX;

		if (region < draft->n_regions && draft->regions[region].first <= number) {
			ground.action = draft->regions[region].action;
			span_add(table, draft->regions[region++].first, ground);
			continue;
		}
		for (end = hit; end < draft->n_hits && draft->hits[end].number == number;)
			end++;
		span_add(table, number, hits_verdict(draft, draft->hits + hit, end - hit));
		span_add(table, number + 1, ground);
		hit = end;
	}
}

static void table_make(const struct seccomp_rules *rules, uint32_t audit_arch, struct arena *arena,
		       struct seccomp_table *table)
{
	struct draft draft = { .rules = rules, .arena = arena, .audit_arch = audit_arch };

	for (size_t i = 0; i < rules->n_arches; i++)
		if (audit_arch_of(rules->arches[i]) == audit_arch)
			arch_collect(&draft, rules->arches[i]);
	if (draft.n_hits > 0)
		qsort(draft.hits, draft.n_hits, sizeof(*draft.hits), hit_compare);
	regions_make(&draft);
	table->audit_arch = audit_arch;
	spans_make(&draft, table);
}

void seccomp_make_tables(const struct seccomp_rules *rules, struct arena *arena,
			 struct seccomp_table **ret_tables, size_t *ret_n)
{
	struct seccomp_table *tables = arena_array(arena, struct seccomp_table, rules->n_arches);
	size_t n = 0;

	for (size_t i = 0; i < rules->n_arches; i++) {
		uint32_t audit_arch = audit_arch_of(rules->arches[i]);
		bool is_done = false;

		for (size_t j = 0; j < n; j++)
			is_done |= tables[j].audit_arch == audit_arch;
		if (!is_done)
			table_make(rules, audit_arch, arena, &tables[n++]);
	}
	*ret_tables = tables;
	*ret_n = n;
}
