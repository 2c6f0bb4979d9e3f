/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules in v1's two files, devices.allow and devices.deny.
 *
 * v1 keeps no sequence but a default and exceptions from it, so the sequence is flattened first;
 * that also makes the writes as few as there are exceptions. A rule that can't be flattened is
 * refused: the kernel would take it without a word and allow what it denies. A running container is
 * told the differences only, what it gains before what it loses, so that it never lacks what it
 * keeps.
 */
#include "rt/cg_devices.h"

#include "rt/cg.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define MEMBER "linux.resources.devices"

/* ------------------------------------------------------------------------------- flattening */

static bool covers_number(int32_t wide, int32_t narrow)
{
	return wide < 0 || wide == narrow;
}

/* Does `wide` speak of every device that `narrow` speaks of? */
static bool covers(const struct dev_rule *wide, const struct dev_rule *narrow)
{
	return wide->type == narrow->type && covers_number(wide->major, narrow->major) &&
	       covers_number(wide->minor, narrow->minor);
}

static bool overlaps_number(int32_t a, int32_t b)
{
	return a < 0 || b < 0 || a == b;
}

static bool overlaps(const struct dev_rule *a, const struct dev_rule *b)
{
	return a->type == b->type && (a->access & b->access) &&
	       overlaps_number(a->major, b->major) && overlaps_number(a->minor, b->minor);
}

/* An exception from the default joins those kept so far. */
static size_t keep(struct dev_rule *kept, size_t n, struct dev_rule rule)
{
	for (size_t i = 0; i < n; i++) {
		if (covers(&kept[i], &rule) && covers(&rule, &kept[i])) {
			kept[i].access |= rule.access;
			return n;
		}
	}
	kept[n] = rule;
	return n + 1;
}

/* A rule that says what the default says takes away from the exceptions before it. */
static int take_away(struct dev_rule *kept, size_t n, const struct dev_rule *rule, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (covers(rule, &kept[i]))
			kept[i].access &= ~rule->access;
		else if (overlaps(rule, &kept[i]))
			return err_set(err, ERR_USAGE, EOPNOTSUPP,
				       MEMBER ": '%c %d:%d' contradicts a part of '%c %d:%d', "
					      "which cgroup v1 can't express (-1 is any)",
				       rule->type, rule->major, rule->minor, kept[i].type,
				       kept[i].major, kept[i].minor);
	}
	return 0;
}

int dev_rules_flatten(struct dev_rules *rules, struct err *err)
{
	size_t n = 0, left = 0;
	int r = 0;

	for (size_t i = 0; i < rules->n && r == 0; i++) {
		if (rules->v[i].allow != rules->allow_rest)
			n = keep(rules->v, n, rules->v[i]);
		else
			r = take_away(rules->v, n, &rules->v[i], err);
	}
	for (size_t i = 0; i < n; i++)
		if (rules->v[i].access)
			rules->v[left++] = rules->v[i];
	rules->n = left;
	return r;
}

/* ------------------------------------------------------------------------------- writing */

/* "c 1:3 rwm", "c 136:* rw" */
static void format(const struct dev_rule *rule, char *text, size_t cap)
{
	char major[16] = "*", minor[16] = "*";

	if (rule->major >= 0)
		(void)snprintf(major, sizeof(major), "%d", rule->major);
	if (rule->minor >= 0)
		(void)snprintf(minor, sizeof(minor), "%d", rule->minor);
	(void)snprintf(text, cap, "%c %s:%s %s%s%s", rule->type, major, minor,
		       rule->access & BPF_DEVCG_ACC_READ ? "r" : "",
		       rule->access & BPF_DEVCG_ACC_WRITE ? "w" : "",
		       rule->access & BPF_DEVCG_ACC_MKNOD ? "m" : "");
}

/* Write those of `rules` to `file`, which is opened once. */
static int write_rules(int dir_fd, const char *file, const struct dev_rule *rules, size_t n,
		       struct err *err)
{
	auto_close int fd = n ? openat(dir_fd, file, O_WRONLY | O_CLOEXEC) : -1;
	char text[64];

	if (n && fd < 0)
		return err_sys(err, errno, MEMBER ": open '%s'", file);
	for (size_t i = 0; i < n; i++) {
		format(&rules[i], text, sizeof(text));
		if (write(fd, text, strlen(text)) < 0)
			return err_sys(err, errno, MEMBER ": write '%s' to '%s'", text, file);
	}
	return 0;
}

int dev_rules_set_v1(int dir_fd, const struct dev_rules *rules, struct err *err)
{
	int r;

	/* the default voids the exceptions that were there */
	r = cg_put(dir_fd, rules->allow_rest ? "devices.allow" : "devices.deny", "a", MEMBER, err);
	if (r < 0)
		return r;
	return write_rules(dir_fd, rules->allow_rest ? "devices.deny" : "devices.allow", rules->v,
			   rules->n, err);
}

/* ------------------------------------------------------------------------------- changing */

/* "c 1:3 rwm" or "c 136:* rwm" of devices.list. */
static int parse_line(const char *line, struct dev_rule *ret)
{
	char major[16], minor[16], access[4];

	*ret = (struct dev_rule){ .allow = true, .major = -1, .minor = -1 };
	if (sscanf(line, "%c %15[0-9*]:%15[0-9*] %3[rwm]", &ret->type, major, minor, access) != 4)
		return -EINVAL;
	if (*major != '*')
		ret->major = atoi(major);
	if (*minor != '*')
		ret->minor = atoi(minor);
	for (const char *c = access; *c; c++)
		ret->access |= *c == 'r'   ? BPF_DEVCG_ACC_READ
			       : *c == 'w' ? BPF_DEVCG_ACC_WRITE
					   : BPF_DEVCG_ACC_MKNOD;
	return 0;
}

/* The rules in force. Where the default is to allow, the kernel does not tell the exceptions. */
static int read_v1(int dir_fd, struct arena *arena, struct dev_rules *ret)
{
	auto_buf struct buf text = {};
	int r = cgroupfs_read_buf(dir_fd, "devices.list", &text);
	char *rest = text.data, *line;

	if (r < 0)
		return r;
	*ret = (struct dev_rules){ .v = arena_array(arena, struct dev_rule, text.len / 8 + 1) };
	while (rest && (line = strsep(&rest, "\n"))) {
		if (line[0] == 'a')
			ret->allow_rest = true;
		else if (parse_line(line, &ret->v[ret->n]) == 0)
			ret->n++;
	}
	return 0;
}

/* What `rules` say that `others` do not: each rule less the accesses of its equal there. */
static size_t subtract(const struct dev_rules *rules, const struct dev_rules *others,
		       struct dev_rule *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < rules->n; i++) {
		struct dev_rule rule = rules->v[i];

		for (size_t k = 0; k < others->n; k++)
			if (covers(&others->v[k], &rule) && covers(&rule, &others->v[k]))
				rule.access &= ~others->v[k].access;
		if (rule.access)
			ret[n++] = rule;
	}
	return n;
}

int dev_rules_change_v1(int dir_fd, const struct dev_rules *rules, struct arena *arena,
			struct err *err)
{
	struct dev_rules now;
	struct dev_rule *diff;
	int r;

	if (read_v1(dir_fd, arena, &now) < 0 || now.allow_rest || rules->allow_rest)
		return dev_rules_set_v1(dir_fd, rules, err);
	diff = arena_array(arena, struct dev_rule, now.n + rules->n + 1);
	r = write_rules(dir_fd, "devices.allow", diff, subtract(rules, &now, diff), err);
	if (r < 0)
		return r;
	return write_rules(dir_fd, "devices.deny", diff, subtract(&now, rules, diff), err);
}
