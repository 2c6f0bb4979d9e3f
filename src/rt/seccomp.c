/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a seccomp profile: its words become numbers here, and every word that is wrong is named.
 * What the numbers come to is made in rt/seccomp_table and rt/seccomp_bpf; seccomp_plan.h has the
 * picture. libseccomp is asked only for the numbers of architectures and syscalls: its own filters
 * take the kernel ten times as long to load.
 */
#include "rt/seccomp.h"

#include "rt/seccomp_plan.h"
#include "sys/seccomp.h"

#include <ctype.h>
#include <linux/audit.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>

#define MAX_ERRNO 4095
#define MAX_ARGS  6

/* ---------------------------------------------------------------------------- words */

const char *const seccomp_action_names[] = {
	"SCMP_ACT_KILL",	"SCMP_ACT_KILL_PROCESS",
	"SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP",
	"SCMP_ACT_ERRNO",	"SCMP_ACT_TRACE",
	"SCMP_ACT_ALLOW",	"SCMP_ACT_LOG",
	"SCMP_ACT_NOTIFY",	NULL,
};

static const struct {
	uint32_t action;
	uint32_t max_data; /* 0: takes no errnoRet */
} actions[] = {
	{ SECCOMP_RET_KILL_THREAD, 0 },	  { SECCOMP_RET_KILL_PROCESS, 0 },
	{ SECCOMP_RET_KILL_THREAD, 0 },	  { SECCOMP_RET_TRAP, 0 },
	{ SECCOMP_RET_ERRNO, MAX_ERRNO }, { SECCOMP_RET_TRACE, SECCOMP_RET_DATA },
	{ SECCOMP_RET_ALLOW, 0 },	  { SECCOMP_RET_LOG, 0 },
	{ SECCOMP_RET_USER_NOTIF, 0 },
};

/* In the order of enum seccomp_op. */
const char *const seccomp_operator_names[] = {
	"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE",	    "SCMP_CMP_EQ",
	"SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ", NULL,
};

const char *const seccomp_arch_names[] = {
	"SCMP_ARCH_X86",     "SCMP_ARCH_X86_64",   "SCMP_ARCH_X32",	    "SCMP_ARCH_ARM",
	"SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS",	   "SCMP_ARCH_MIPS64",	    "SCMP_ARCH_MIPS64N32",
	"SCMP_ARCH_MIPSEL",  "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",
	"SCMP_ARCH_PPC64",   "SCMP_ARCH_PPC64LE",  "SCMP_ARCH_S390",	    "SCMP_ARCH_S390X",
	"SCMP_ARCH_PARISC",  "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",	    NULL,
};

const char *const seccomp_flag_names[] = {
	"SECCOMP_FILTER_FLAG_TSYNC",
	"SECCOMP_FILTER_FLAG_LOG",
	"SECCOMP_FILTER_FLAG_SPEC_ALLOW",
	"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
	NULL,
};

static const unsigned flag_bits[] = {
	SECCOMP_FILTER_FLAG_TSYNC,
	SECCOMP_FILTER_FLAG_LOG,
	SECCOMP_FILTER_FLAG_SPEC_ALLOW,
	SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};

static int word_find(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -ENOENT;
}

/* ---------------------------------------------------------------------------- actions */

struct action_members {
	char object[64];
	const char *action, *errno_ret;
};

static int action_parse(const struct action_members *in, const char *word,
			const struct oci_u64 *errno_ret, uint32_t *ret_action, struct err *err)
{
	int i = word ? word_find(seccomp_action_names, word) : -ENOENT;
	uint64_t data = errno_ret->is_set ? errno_ret->value : EPERM;

	if (i < 0)
		return err_set(err, ERR_USAGE, EINVAL, "%s.%s: unknown action '%s'", in->object,
			       in->action, word ? word : "");
	if (actions[i].max_data == 0 && errno_ret->is_set)
		return err_set(err, ERR_USAGE, EINVAL, "%s.%s: %s takes none", in->object,
			       in->errno_ret, word);
	if (actions[i].max_data > 0 && data > actions[i].max_data)
		return err_set(err, ERR_USAGE, EINVAL, "%s.%s: %llu is out of range", in->object,
			       in->errno_ret, (unsigned long long)data);

	*ret_action = actions[i].action | (actions[i].max_data > 0 ? (uint32_t)data : 0);
	return 0;
}

/* ---------------------------------------------------------------------------- rules */

static int cond_read(const struct oci_seccomp_arg *arg, const char *object,
		     struct seccomp_cond *cond, struct err *err)
{
	int op = arg->op ? word_find(seccomp_operator_names, arg->op) : -ENOENT;

	if (op < 0)
		return err_set(err, ERR_USAGE, EINVAL, "%s.op: unknown operator '%s'", object,
			       arg->op ? arg->op : "");
	if (arg->index >= MAX_ARGS)
		return err_set(err, ERR_USAGE, EINVAL, "%s.index: %u is more than %d", object,
			       arg->index, MAX_ARGS - 1);

	*cond = (struct seccomp_cond){ .index = arg->index,
				       .op = (enum seccomp_op)op,
				       .value = arg->value };
	if (op == CMP_MASKED_EQ) {
		cond->mask = arg->value;
		cond->value = arg->value_two;
	}
	return 0;
}

static bool conds_share_argument(const struct seccomp_cond *conds, size_t n)
{
	unsigned seen = 0;

	for (size_t i = 0; i < n; i++) {
		if (seen & 1u << conds[i].index)
			return true;
		seen |= 1u << conds[i].index;
	}
	return false;
}

static int cases_read(const struct oci_seccomp_rule *from, const char *object, struct arena *arena,
		      struct seccomp_rule *rule, struct err *err)
{
	size_t n = from->args.n;
	struct seccomp_cond *conds;
	struct seccomp_case *cases;
	char member[96];

	if (n == 0)
		return 0;
	conds = arena_array(arena, struct seccomp_cond, n);
	for (size_t i = 0; i < n; i++) {
		int r;

		(void)snprintf(member, sizeof(member), "%s.args[%zu]", object, i);
		r = cond_read(&from->args.v[i], member, &conds[i], err);
		if (r < 0)
			return r;
	}
	/* Two conditions on one argument make each condition a rule of its own. */
	rule->n_cases = conds_share_argument(conds, n) ? n : 1;
	cases = arena_array(arena, struct seccomp_case, rule->n_cases);
	for (size_t i = 0; i < rule->n_cases; i++)
		cases[i] = (struct seccomp_case){ .conds = conds + i,
						  .action = rule->action,
						  .n_conds = rule->n_cases == 1 ? n : 1 };
	rule->cases = cases;
	return 0;
}

/*
 * Who loads a filter that notifies must still write the listener's number to its parent, when there
 * is nobody yet who could answer.
 */
static int names_check(const struct oci_seccomp_rule *rule, const char *object, uint32_t action,
		       struct err *err)
{
	for (size_t i = 0; i < rule->names.n; i++) {
		if (rule->names.v[i][0] == '\0')
			return err_set(err, ERR_USAGE, EINVAL, "%s.names[%zu]: empty", object, i);
		if (action == SECCOMP_RET_USER_NOTIF && strcmp(rule->names.v[i], "write") == 0)
			return err_set(err, ERR_USAGE, EINVAL,
				       "%s.action: SCMP_ACT_NOTIFY can't be used for write",
				       object);
	}
	return 0;
}

static int rule_read(const struct oci_seccomp_rule *from, size_t i, struct arena *arena,
		     struct seccomp_rule *rule, struct err *err)
{
	struct action_members in = { .action = "action", .errno_ret = "errnoRet" };
	int r;

	(void)snprintf(in.object, sizeof(in.object), "linux.seccomp.syscalls[%zu]", i);
	r = action_parse(&in, from->action, &from->errno_ret, &rule->action, err);
	if (r < 0)
		return r;
	r = names_check(from, in.object, rule->action, err);
	if (r < 0)
		return r;
	rule->names = &from->names;
	return cases_read(from, in.object, arena, rule, err);
}

/* ---------------------------------------------------------------------------- the profile */

static int default_read(const struct oci_seccomp *profile, struct seccomp_rules *rules,
			struct err *err)
{
	const struct action_members in = { "linux.seccomp", "defaultAction", "defaultErrnoRet" };
	uint32_t action = 0;
	int r;

	r = action_parse(&in, profile->default_action, &profile->default_errno_ret, &action, err);
	if (r < 0)
		return r;
	if (action == SECCOMP_RET_USER_NOTIF)
		return err_set(err, ERR_USAGE, EINVAL,
			       "linux.seccomp.defaultAction: can't be SCMP_ACT_NOTIFY");
	rules->default_action = action;
	rules->x32_action = SECCOMP_BAD_ARCH;
	/* Calls that pass get it from the kernel; a tracer decides for itself. */
	action &= SECCOMP_RET_ACTION_FULL;
	rules->new_is_enosys = action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG &&
			       action != SECCOMP_RET_TRACE;
	return 0;
}

/* libseccomp's names are the specification's in lower case, without "SCMP_ARCH_". */
static uint32_t arch_resolve(const char *word)
{
	char name[32] = "";
	const char *from = word + strlen("SCMP_ARCH_");

	if (word_find(seccomp_arch_names, word) < 0)
		return 0;
	for (size_t i = 0; from[i] && i < sizeof(name) - 1; i++)
		name[i] = (char)tolower((unsigned char)from[i]);
	return seccomp_arch_resolve_name(name);
}

static void arch_add(struct seccomp_rules *rules, uint32_t arch)
{
	for (size_t i = 0; i < rules->n_arches; i++)
		if (rules->arches[i] == arch)
			return;
	rules->arches[rules->n_arches++] = arch;
}

static int arches_read(const struct oci_seccomp *profile, struct seccomp_rules *rules,
		       struct err *err)
{
	uint32_t native = seccomp_arch_native();

	arch_add(rules, native);
	for (size_t i = 0; i < profile->architectures.n; i++) {
		const char *word = profile->architectures.v[i];
		uint32_t arch = arch_resolve(word);

		if (arch == 0)
			return err_set(
				err, ERR_USAGE, EINVAL,
				"linux.seccomp.architectures[%zu]: unknown architecture '%s'", i,
				word);
		if ((arch ^ native) & __AUDIT_ARCH_LE)
			return err_set(
				err, ERR_USAGE, EINVAL,
				"linux.seccomp.architectures[%zu]: %s has another byte order "
				"than this machine",
				i, word);
		arch_add(rules, arch);
	}
	return 0;
}

static int flags_read(const struct oci_seccomp *profile, struct seccomp_program *program,
		      struct err *err)
{
	for (size_t i = 0; i < profile->flags.n; i++) {
		int flag = word_find(seccomp_flag_names, profile->flags.v[i]);

		if (flag < 0)
			return err_set(err, ERR_USAGE, EINVAL,
				       "linux.seccomp.flags[%zu]: unknown flag '%s'", i,
				       profile->flags.v[i]);
		program->flags |= flag_bits[flag];
	}
	return 0;
}

/* The kernel wants these flags to go together. */
static void flags_complete(struct seccomp_program *program)
{
	if (!program->has_listener) {
		program->flags &= ~(unsigned)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
		return;
	}
	program->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (program->flags & SECCOMP_FILTER_FLAG_TSYNC)
		program->flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
}

static int listener_check(const struct oci_seccomp *profile, const struct seccomp_program *program,
			  struct err *err)
{
	if (program->has_listener && !profile->listener_path)
		return err_set(err, ERR_USAGE, EINVAL,
			       "linux.seccomp.listenerPath: missing, and a rule has "
			       "SCMP_ACT_NOTIFY");
	if (profile->listener_metadata && !profile->listener_path)
		return err_set(err, ERR_USAGE, EINVAL,
			       "linux.seccomp.listenerMetadata: there is no listenerPath");
	return 0;
}

static int profile_read(const struct oci_seccomp *profile, struct arena *arena,
			struct seccomp_rules *rules, struct seccomp_program *program,
			struct err *err)
{
	int r = default_read(profile, rules, err);

	if (r == 0)
		r = arches_read(profile, rules, err);
	if (r == 0)
		r = flags_read(profile, program, err);
	rules->v = arena_array(arena, struct seccomp_rule, profile->syscalls.n + 1);
	rules->n = profile->syscalls.n;
	for (size_t i = 0; r == 0 && i < rules->n; i++) {
		r = rule_read(&profile->syscalls.v[i], i, arena, &rules->v[i], err);
		program->has_listener |= rules->v[i].action == SECCOMP_RET_USER_NOTIF;
	}
	return r < 0 ? r : listener_check(profile, program, err);
}

int seccomp_compile(const struct oci_seccomp *profile, struct arena *arena,
		    struct seccomp_program *ret_program, struct err *err)
{
	struct seccomp_program program = {};
	struct seccomp_rules rules = {};
	struct seccomp_table *tables;
	struct sock_fprog prog;
	size_t n_tables;
	int r;

	r = profile_read(profile, arena, &rules, &program, err);
	if (r < 0)
		return r;
	seccomp_make_tables(&rules, arena, &tables, &n_tables);
	r = seccomp_generate(tables, n_tables, arena, &prog, err);
	if (r < 0)
		return r;

	program.insns = prog.filter;
	program.n = prog.len;
	flags_complete(&program);
	*ret_program = program;
	return 0;
}

/* Kernels before 5.16 would slow every filtered program down against one kind of speculation. */
struct seccomp_program seccomp_given(const struct sock_fprog *filter)
{
	return (struct seccomp_program){ .insns = filter->filter, .n = filter->len,
					 .flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW };
}
