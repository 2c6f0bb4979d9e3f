/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which devices a container may use: what the rules of config.json mean, and whom they are told.
 *
 * The rules are a sequence, and the last that speaks of an access to a device decides. Before them
 * all is denied; after them come the devices that every container has. How v1 is told is in
 * rt/cg_devices_v1.c, and v2 in rt/cg_devices_bpf.c.
 */
#include "rt/cg_devices.h"

#include "rt/cg.h"
#include "sys/bpf.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define MEMBER "linux.resources.devices"

static const struct dev_rule defaults[] = {
	{ true, 'c', -1, -1, BPF_DEVCG_ACC_MKNOD },
	{ true, 'b', -1, -1, BPF_DEVCG_ACC_MKNOD },
	{ true, 'c', 1, 3, DEV_ACCESS_ALL },	/* null */
	{ true, 'c', 1, 5, DEV_ACCESS_ALL },	/* zero */
	{ true, 'c', 1, 7, DEV_ACCESS_ALL },	/* full */
	{ true, 'c', 1, 8, DEV_ACCESS_ALL },	/* random */
	{ true, 'c', 1, 9, DEV_ACCESS_ALL },	/* urandom */
	{ true, 'c', 5, 0, DEV_ACCESS_ALL },	/* tty */
	{ true, 'c', 5, 1, DEV_ACCESS_ALL },	/* console */
	{ true, 'c', 5, 2, DEV_ACCESS_ALL },	/* ptmx */
	{ true, 'c', 136, -1, DEV_ACCESS_ALL }, /* pts */
};

#define N_DEFAULTS (sizeof(defaults) / sizeof(*defaults))

/* ------------------------------------------------------------------------------- meaning */

/* "rw" as bits; none and empty mean all. */
static int parse_access(const char *text, unsigned *ret)
{
	unsigned access = 0;

	for (; text && *text; text++) {
		if (*text == 'r')
			access |= BPF_DEVCG_ACC_READ;
		else if (*text == 'w')
			access |= BPF_DEVCG_ACC_WRITE;
		else if (*text == 'm')
			access |= BPF_DEVCG_ACC_MKNOD;
		else
			return -EINVAL;
	}
	*ret = access ? access : DEV_ACCESS_ALL;
	return 0;
}

static int parse_number(struct oci_i64 number, int32_t *ret)
{
	if (number.is_set && (number.value < -1 || number.value > INT32_MAX))
		return -ERANGE;
	*ret = number.is_set ? (int32_t)number.value : -1;
	return 0;
}

/* Add one rule of config.json. One for "a", all types, becomes two, or the default for the rest. */
static int add_rule(struct dev_rules *rules, const struct oci_device_rule *rule, size_t i,
		    struct err *err)
{
	struct dev_rule r = { .allow = rule->allow };
	const char *type = rule->type ? rule->type : "a";

	if (strlen(type) != 1 || !strchr("abc", *type))
		return err_set(err, ERR_USAGE, EINVAL, MEMBER "[%zu].type: '%s' is not a, b or c",
			       i, type);
	if (parse_access(rule->access, &r.access) < 0)
		return err_set(err, ERR_USAGE, EINVAL,
			       MEMBER "[%zu].access: '%s' is not of r, w, m", i, rule->access);
	if (parse_number(rule->major, &r.major) < 0 || parse_number(rule->minor, &r.minor) < 0)
		return err_set(err, ERR_USAGE, ERANGE,
			       MEMBER "[%zu]: a device number is out of range", i);

	if (*type == 'a' && r.major < 0 && r.minor < 0 && r.access == DEV_ACCESS_ALL) {
		rules->allow_rest = rule->allow;
		rules->n = 0;
		return 0;
	}
	for (const char *t = *type == 'a' ? "bc" : type; *t; t++) {
		r.type = *t;
		rules->v[rules->n++] = r;
	}
	return 0;
}

int dev_rules_parse(const struct oci_resources *res, struct arena *arena, struct dev_rules *ret,
		    struct err *err)
{
	size_t n = res ? res->devices.n : 0;
	int r = 0;

	*ret = (struct dev_rules){ .v = arena_array(arena, struct dev_rule, 2 * n + N_DEFAULTS) };
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_rule(ret, &res->devices.v[i], i, err);
	return r;
}

void cg_devices_defaults(struct dev_rules *rules)
{
	if (rules->allow_rest && rules->n == 0)
		return;
	memcpy(rules->v + rules->n, defaults, sizeof(defaults));
	rules->n += N_DEFAULTS;
}

/* ------------------------------------------------------------------------------- front */

static int apply_v2(int dir_fd, const struct dev_rules *rules, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_close int prog_fd = -1;
	struct bpf_insn *insns;
	size_t n = dev_rules_compile(rules, &arena, &insns);
	int r = bpf_device_load(insns, n, &prog_fd);

	if (r < 0)
		return err_sys(err, -r, MEMBER ": load a device program of %zu instructions", n);
	r = bpf_device_attach(dir_fd, prog_fd);
	return r < 0 ? err_sys(err, -r, MEMBER ": attach the device program") : 0;
}

/* In a user namespace there is no right to decide on devices, nor any to make their nodes. */
static bool in_user_namespace(void)
{
	char map[128];
	unsigned inside, outside, count;

	if (cgroupfs_read(AT_FDCWD, "/proc/self/uid_map", map, sizeof(map)) < 0)
		return false;
	return sscanf(map, "%u %u %u", &inside, &outside, &count) != 3 || inside != 0 ||
	       outside != 0 || count != UINT32_MAX;
}

static int apply_v1(int dir_fd, struct dev_rules *rules, bool live, struct err *err)
{
	auto_arena struct arena arena = {};
	int r = dev_rules_flatten(rules, err);

	if (r < 0)
		return r;
	return live ? dev_rules_change_v1(dir_fd, rules, &arena, err)
		    : dev_rules_set_v1(dir_fd, rules, err);
}

static int apply_to(const struct cgroup *cg, struct dev_rules *rules, bool live, struct err *err)
{
	const struct cgroupfs_tree *tree = cgroupfs_find_v1(cg->fs, CGROUP_DEVICES);
	int v1_fd = tree ? cg->dir_fds[tree - cg->fs->trees] : -1;

	if (v1_fd >= 0)
		return apply_v1(v1_fd, rules, live, err);
	if (!tree && cgroup_v2_fd(cg) >= 0)
		return apply_v2(cgroup_v2_fd(cg), rules, err);
	return err_set(err, ERR_SYSTEM, EPERM,
		       MEMBER ": the container has no cgroup that could hold device rules");
}

int cg_devices_apply(const struct cgroup *cg, const struct oci_resources *res, bool live,
		     struct err *err)
{
	auto_arena struct arena arena = {};
	struct dev_rules rules;
	int r = dev_rules_parse(res, &arena, &rules, err);

	if (r < 0)
		return r;
	cg_devices_defaults(&rules);
	r = apply_to(cg, &rules, live, err);
	if (r < 0 && cg_is_denied(-r) && ((cg->flags & CGROUP_ROOTLESS) || in_user_namespace())) {
		*err = (struct err){};
		return 0;
	}
	return r;
}
