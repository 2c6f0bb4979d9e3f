/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker's and podman's profiles: read by a table as all documents are, then boiled down to what
 * the runtime specification knows. A rule counts unless something of `excludes` is the case, and
 * if all of `includes` is. podman names an error by its word where docker has its number.
 */
#include "oci/seccomp_profile.h"

#include "base/num.h"
#include "oci/schema.h"

#include <stdio.h>
#include <string.h>

#define MAX_ERRNO 4095

struct filter {
	struct oci_strings arches, caps;
	char *min_kernel;
};

struct rule {
	struct oci_seccomp_rule oci;
	char *name, *errno_name;
	struct filter *includes, *excludes;
};

struct arch {
	char *name;
	struct oci_strings sub;
};

struct profile {
	struct oci_seccomp oci; /* without its rules */
	char *default_errno_name;
	OCI_LIST(struct arch) arch_map;
	OCI_LIST(struct rule) rules;
};

/* ------------------------------------------------------------------------------- tables */

#define ROW(type, member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct type, member), __VA_ARGS__ }

static const struct schema_field filter_fields[] = {
	ROW(filter, arches, "arches", STRINGS),
	ROW(filter, caps, "caps", STRINGS),
	ROW(filter, min_kernel, "minKernel", STRING),
};
static const struct schema filter_schema = SCHEMA(struct filter, filter_fields);

static const struct schema_field rule_fields[] = {
	ROW(rule, name, "name", STRING),
	ROW(rule, oci.names, "names", STRINGS),
	ROW(rule, oci.action, "action", STRING, .flags = SCHEMA_REQUIRED | SCHEMA_NONEMPTY),
	ROW(rule, oci.errno_ret, "errnoRet", OPT_U32),
	ROW(rule, errno_name, "errno", STRING),
	ROW(rule, oci.args, "args", LIST, .sub = &oci_seccomp_arg_schema),
	ROW(rule, includes, "includes", OBJECT, .sub = &filter_schema),
	ROW(rule, excludes, "excludes", OBJECT, .sub = &filter_schema),
};
static const struct schema rule_schema = SCHEMA(struct rule, rule_fields);

static const struct schema_field arch_fields[] = {
	ROW(arch, name, "architecture", STRING, .flags = SCHEMA_REQUIRED | SCHEMA_NONEMPTY),
	ROW(arch, sub, "subArchitectures", STRINGS),
};
static const struct schema arch_schema = SCHEMA(struct arch, arch_fields);

static const struct schema_field profile_fields[] = {
	ROW(profile, oci.default_action, "defaultAction", STRING),
	ROW(profile, oci.default_errno_ret, "defaultErrnoRet", OPT_U32),
	ROW(profile, default_errno_name, "defaultErrno", STRING),
	ROW(profile, oci.architectures, "architectures", STRINGS),
	ROW(profile, arch_map, "archMap", LIST, .sub = &arch_schema),
	ROW(profile, oci.flags, "flags", STRINGS),
	ROW(profile, oci.listener_path, "listenerPath", STRING),
	ROW(profile, oci.listener_metadata, "listenerMetadata", STRING),
	ROW(profile, rules, "syscalls", LIST, .sub = &rule_schema),
};
static const struct schema profile_schema = SCHEMA(struct profile, profile_fields);

/* ------------------------------------------------------------------------------- conditions */

static bool has(const struct oci_strings *list, const char *word)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], word) == 0)
			return true;
	return false;
}

static bool has_all(const struct oci_strings *list, const struct oci_strings *words)
{
	for (size_t i = 0; i < words->n; i++)
		if (!has(list, words->v[i]))
			return false;
	return true;
}

static bool has_any(const struct oci_strings *list, const struct oci_strings *words)
{
	for (size_t i = 0; i < words->n; i++)
		if (has(list, words->v[i]))
			return true;
	return false;
}

/* Is `kernel` ("6.1.0-18-amd64") at least `min` ("4.8")? -EINVAL: `min` is no version. */
static int kernel_reaches(const char *kernel, const char *min)
{
	unsigned want[2], have[2] = {};
	int end = 0;

	if (min[strspn(min, "0123456789.")] != '\0' ||
	    sscanf(min, "%4u.%4u%n", &want[0], &want[1], &end) != 2 || min[end] != '\0')
		return -EINVAL;
	(void)sscanf(kernel, "%4u.%4u", &have[0], &have[1]);
	return have[0] > want[0] || (have[0] == want[0] && have[1] >= want[1]);
}

/* One thing that is the case is enough here; below, one that is not. Each: 1, 0 or -EINVAL. */
static int is_excluded(const struct filter *f, const struct oci_seccomp_machine *m)
{
	if (!f)
		return 0;
	if (has(&f->arches, m->go_arch) || has_any(m->caps, &f->caps))
		return 1;
	return f->min_kernel ? kernel_reaches(m->kernel, f->min_kernel) : 0;
}

static int is_included(const struct filter *f, const struct oci_seccomp_machine *m)
{
	if (!f)
		return 1;
	if ((f->arches.n && !has(&f->arches, m->go_arch)) || !has_all(m->caps, &f->caps))
		return 0;
	return f->min_kernel ? kernel_reaches(m->kernel, f->min_kernel) : 1;
}

/* ------------------------------------------------------------------------------- profile */

/* "ENOSYS" or "38" */
static int parse_errno(const char *word, struct oci_u64 *ret, const char *member, struct err *err)
{
	uint32_t number;

	if (!word || !*word)
		return 0;
	if (num_parse_u32(word, &number) == 0) {
		*ret = (struct oci_u64){ true, number };
		return 0;
	}
	for (int no = 1; no < MAX_ERRNO; no++) {
		const char *name = strerrorname_np(no);

		if (name && strcmp(name, word) == 0) {
			*ret = (struct oci_u64){ true, (uint64_t)no };
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, EINVAL, "%s: there is no error '%.64s'", member, word);
}

static int take_names(struct rule *rule, struct arena *arena, struct err *err)
{
	if (rule->name && *rule->name && rule->oci.names.n)
		return err_set(err, ERR_USAGE, EINVAL, "name: is given, and names too");
	if (rule->name && *rule->name) {
		rule->oci.names.v = arena_array(arena, char *, 2);
		rule->oci.names.v[rule->oci.names.n++] = rule->name;
	}
	if (!rule->oci.names.n)
		return err_set(err, ERR_USAGE, EINVAL, "names: must not be empty");
	return 0;
}

/* 1: the rule counts; 0: it does not. */
static int settle_rule(struct rule *rule, const struct oci_seccomp_machine *machine,
		       struct arena *arena, struct err *err)
{
	int r = take_names(rule, arena, err), excluded, included;

	if (r == 0)
		r = parse_errno(rule->errno_name, &rule->oci.errno_ret, "errno", err);
	if (r < 0)
		return r;
	excluded = is_excluded(rule->excludes, machine);
	if (excluded < 0)
		return err_set(err, ERR_USAGE, EINVAL, "excludes.minKernel: '%.64s' is no version",
			       rule->excludes->min_kernel);
	included = is_included(rule->includes, machine);
	if (included < 0)
		return err_set(err, ERR_USAGE, EINVAL, "includes.minKernel: '%.64s' is no version",
			       rule->includes->min_kernel);
	return !excluded && included;
}

static int settle_rules(struct profile *profile, const struct oci_seccomp_machine *machine,
			struct arena *arena, struct err *err)
{
	struct oci_seccomp *to = &profile->oci;

	to->syscalls.v = arena_array(arena, struct oci_seccomp_rule, profile->rules.n);
	for (size_t i = 0; i < profile->rules.n; i++) {
		int counts = settle_rule(&profile->rules.v[i], machine, arena, err);

		if (counts < 0)
			return err_wrap(err, "syscalls[%zu]", i);
		if (counts)
			to->syscalls.v[to->syscalls.n++] = profile->rules.v[i].oci;
	}
	return 0;
}

static int settle_arches(struct profile *profile, const struct oci_seccomp_machine *machine,
			 struct arena *arena, struct err *err)
{
	struct oci_strings *to = &profile->oci.architectures;

	if (to->n && profile->arch_map.n)
		return err_set(err, ERR_USAGE, EINVAL,
			       "archMap: is given, and architectures too");
	for (size_t i = 0; i < profile->arch_map.n; i++) {
		const struct arch *arch = &profile->arch_map.v[i];

		if (strcmp(arch->name, machine->scmp_arch) != 0)
			continue;
		to->v = arena_array(arena, char *, arch->sub.n + 2);
		to->v[to->n++] = arch->name;
		for (size_t k = 0; k < arch->sub.n; k++)
			to->v[to->n++] = arch->sub.v[k];
		break;
	}
	return 0;
}

int oci_seccomp_profile_parse(const char *json, size_t len,
			      const struct oci_seccomp_machine *machine, struct arena *arena,
			      struct oci_seccomp **ret_seccomp, struct err *err)
{
	struct profile *profile = NULL;
	int r = schema_parse(&profile_schema, json, len, arena, (void **)&profile, err);

	if (r < 0)
		return r;
	if (!profile->oci.default_action && !profile->rules.n) {
		*ret_seccomp = NULL;
		return 0;
	}
	if (!profile->oci.default_action || !*profile->oci.default_action)
		return err_set(err, ERR_USAGE, EINVAL, "defaultAction: is missing");
	r = parse_errno(profile->default_errno_name, &profile->oci.default_errno_ret,
			"defaultErrno", err);
	if (r == 0)
		r = settle_arches(profile, machine, arena, err);
	if (r == 0)
		r = settle_rules(profile, machine, arena, err);
	if (r == 0)
		*ret_seccomp = &profile->oci;
	return r;
}
