/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table as a document, in the form of docker's profiles, to read and to start one's own from.
 * Calls that are let pass are the same as in the filter. What differs: where arguments decide, what
 * no case lets pass answers ENOSYS, as in such a document a rule without arguments would outweigh
 * those with.
 */
#include "profile/make.h"

#include "profile/table.h"
#include "rt/seccomp.h"
#include "sys/caps.h"

#include <errno.h>
#include <string.h>

static const char arch_map[] =
	"\t\"archMap\": [\n"
	"\t\t{ \"architecture\": \"SCMP_ARCH_X86_64\",\n"
	"\t\t  \"subArchitectures\": [ \"SCMP_ARCH_X86\" ] },\n"
	"\t\t{ \"architecture\": \"SCMP_ARCH_AARCH64\",\n"
	"\t\t  \"subArchitectures\": [ \"SCMP_ARCH_ARM\" ] },\n"
	"\t\t{ \"architecture\": \"SCMP_ARCH_RISCV64\" },\n"
	"\t\t{ \"architecture\": \"SCMP_ARCH_PPC64LE\" }\n"
	"\t],\n";

/* One rule of the document. */
struct rule {
	const struct oci_strings *names;
	const struct seccomp_cond *conds;
	size_t n_conds;
	int refusal;       /* 0: it lets pass */
	const char *relation; /* to capabilities: "includes", "excludes"; NULL: none */
	uint64_t caps;
};

static void add_names(const struct oci_strings *names, struct buf *out)
{
	size_t column = 0;

	for (size_t i = 0; i < names->n; i++) {
		bool breaks = i && column + strlen(names->v[i]) > 72;

		buf_printf(out, "%s%s\"%s\"", i ? "," : "", breaks ? "\n\t\t\t" : " ",
			   names->v[i]);
		column = (breaks ? 0 : column) + strlen(names->v[i]) + 4;
	}
}

static void add_args(const struct rule *rule, struct buf *out)
{
	buf_puts(out, ",\n\t\t  \"args\": [");
	for (size_t i = 0; i < rule->n_conds; i++) {
		const struct seccomp_cond *cond = &rule->conds[i];
		bool is_masked = cond->op == CMP_MASKED_EQ;

		buf_printf(out, "%s { \"index\": %u, \"op\": \"%s\", \"value\": %llu",
			   i ? "," : "", cond->index, seccomp_operator_names[cond->op],
			   (unsigned long long)(is_masked ? cond->mask : cond->value));
		if (is_masked)
			buf_printf(out, ", \"valueTwo\": %llu", (unsigned long long)cond->value);
		buf_puts(out, " }");
	}
	buf_puts(out, " ]");
}

static void add_caps(const struct rule *rule, struct buf *out)
{
	const char *comma = "";

	buf_printf(out, ",\n\t\t  \"%s\": { \"caps\": [", rule->relation);
	for (unsigned cap = 0; caps_name(cap); cap++)
		if (rule->caps & UINT64_C(1) << cap) {
			buf_printf(out, "%s \"%s\"", comma, caps_name(cap));
			comma = ",";
		}
	buf_puts(out, " ] }");
}

static void add_rule(const struct rule *rule, struct buf *out)
{
	if (out->data[out->len - 1] == '}')
		buf_puts(out, ",\n");
	buf_puts(out, "\t\t{ \"names\": [");
	add_names(rule->names, out);
	buf_printf(out, " ],\n\t\t  \"action\": \"%s\"",
		   rule->refusal ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW");
	if (rule->refusal)
		buf_printf(out, ", \"errnoRet\": %d", rule->refusal);
	if (rule->n_conds)
		add_args(rule, out);
	if (rule->relation)
		add_caps(rule, out);
	buf_puts(out, " }");
}

/* `rule` for whom it is for, and for all others. A document's rule wants all its capabilities, so
 * each that is enough alone has one. */
static void add_rules(struct rule rule, uint64_t who, int refusal, struct buf *out)
{
	if (who == EVERYONE) {
		add_rule(&rule, out);
		return;
	}
	for (uint64_t left = who; left; left &= left - 1) {
		rule.relation = "includes";
		rule.caps = left & -left;
		add_rule(&rule, out);
	}
	rule.refusal = refusal ? refusal : EPERM;
	rule.relation = who == NOBODY ? NULL : "excludes";
	rule.caps = who;
	add_rule(&rule, out);
}

static void add_group(const struct profile_group *group, struct arena *arena, struct buf *out)
{
	struct oci_strings names;
	struct rule rule = { .names = &names };

	make_names(group->names, arena, &names);
	if (!group->n_cases) {
		add_rules(rule, group->who, group->refusal, out);
		return;
	}
	for (size_t i = 0; i < group->n_cases; i++) {
		const struct profile_case *from = &group->cases[i];

		rule.conds = from->conds;
		rule.n_conds = from->n_conds;
		add_rules(rule, from->who, from->refusal, out);
	}
	for (uint64_t left = group->who; left; left &= left - 1)
		add_rule(&(struct rule){ .names = &names, .relation = "includes",
					 .caps = left & -left }, out);
}

void make_document(struct arena *arena, struct buf *out)
{
	buf_printf(out, "{\n\t\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": %d,\n",
		   PROFILE_UNKNOWN);
	buf_puts(out, arch_map);
	buf_puts(out, "\t\"syscalls\": [\n");
	for (size_t i = 0; i < profile_n_groups; i++)
		add_group(&profile_groups[i], arena, out);
	buf_puts(out, "\n\t]\n}\n");
}
