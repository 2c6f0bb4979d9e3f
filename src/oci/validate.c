/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of the runtime specification that span several members of config.json, or that a type alone
 * can't say. One function per rule, one table of rules; nothing here asks the machine.
 */
#include "oci/spec.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef int rule_fn(const struct oci_spec *spec, struct err *err);

__attribute__((format(printf, 2, 3))) static int refuse(struct err *err, const char *fmt, ...)
{
	char reason[384];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return err_set(err, ERR_USAGE, EINVAL, "%s", reason);
}

/* A namespace that the container gets anew or joins, rather than shares with the runtime. */
static bool has_ns(const struct oci_spec *spec, enum ns_kind kind)
{
	return oci_spec_find_ns(spec, kind) != NULL;
}

static bool has_new_ns(const struct oci_spec *spec, enum ns_kind kind)
{
	const struct oci_namespace *ns = oci_spec_find_ns(spec, kind);

	return ns && !ns->path;
}

static int rule_version(const struct oci_spec *spec, struct err *err)
{
	const char *p = spec->oci_version;

	if (strncmp(p, "1.", 2) != 0 || !strchr(p + 2, '.'))
		return refuse(err, "ociVersion: '%s' is not a version 1 of the specification", p);
	return 0;
}

static int rule_namespaces(const struct oci_spec *spec, struct err *err)
{
	unsigned seen = 0;

	for (size_t i = 0; i < spec->linux_->namespaces.n; i++) {
		const struct oci_namespace *ns = &spec->linux_->namespaces.v[i];
		const char *name = ns_types[ns->kind].oci_name;

		if (seen & 1u << ns->kind)
			return refuse(err, "linux.namespaces[%zu].type: '%s' is given twice", i,
				      name);
		seen |= 1u << ns->kind;
		if (ns->path && ns->path[0] == '\0')
			spec->linux_->namespaces.v[i].path = NULL;
		else if (ns->path && ns->path[0] != '/')
			return refuse(err, "linux.namespaces[%zu].path: '%s' is not absolute", i,
				      ns->path);
	}
	return 0;
}

static int check_mappings(const struct oci_id_mappings *maps, const char *member, struct err *err)
{
	for (size_t i = 0; i < maps->n; i++) {
		const struct oci_id_mapping *m = &maps->v[i];

		if (m->size == 0)
			return refuse(err, "%s[%zu].size: must not be 0", member, i);
		if ((uint64_t)m->container_id + m->size > UINT32_MAX ||
		    (uint64_t)m->host_id + m->size > UINT32_MAX)
			return refuse(err, "%s[%zu]: reaches past the largest id", member, i);
	}
	if (maps->n > 340)
		return refuse(err, "%s: has %zu entries, the kernel takes 340", member, maps->n);
	return 0;
}

static int rule_mappings(const struct oci_spec *spec, struct err *err)
{
	const struct oci_linux *l = spec->linux_;
	int r;

	r = check_mappings(&l->uid_mappings, "linux.uidMappings", err);
	if (r == 0)
		r = check_mappings(&l->gid_mappings, "linux.gidMappings", err);
	if (r < 0)
		return r;
	if ((l->uid_mappings.n || l->gid_mappings.n) && !has_ns(spec, NS_USER))
		return refuse(err, "linux.uidMappings: need a user namespace in linux.namespaces");
	if (has_new_ns(spec, NS_USER) && (!l->uid_mappings.n || !l->gid_mappings.n))
		return refuse(err, "linux.%sMappings: a new user namespace needs them",
			      l->uid_mappings.n ? "gid" : "uid");
	return 0;
}

/* Members that act on a namespace must not act on the host's. */
static int rule_namespace_owned(const struct oci_spec *spec, struct err *err)
{
	const struct oci_linux *l = spec->linux_;

	if (spec->hostname && *spec->hostname && !has_ns(spec, NS_UTS))
		return refuse(err, "hostname: needs a uts namespace in linux.namespaces");
	if (spec->domainname && *spec->domainname && !has_ns(spec, NS_UTS))
		return refuse(err, "domainname: needs a uts namespace in linux.namespaces");
	if (l->time_offsets && !has_new_ns(spec, NS_TIME))
		return refuse(err, "linux.timeOffsets: need a new time namespace in "
				   "linux.namespaces");
	if (l->net_devices.n && !has_ns(spec, NS_NET))
		return refuse(err, "linux.netDevices: need a network namespace in "
				   "linux.namespaces");
	return 0;
}

static int rule_mount_namespace(const struct oci_spec *spec, struct err *err)
{
	const struct oci_linux *l = spec->linux_;
	const char *member = spec->mounts.n	  ? "mounts"
			     : l->masked_paths.n   ? "linux.maskedPaths"
			     : l->readonly_paths.n ? "linux.readonlyPaths"
			     : l->rootfs_propagation && *l->rootfs_propagation
				     ? "linux.rootfsPropagation"
			     : spec->root->readonly ? "root.readonly"
						    : NULL;

	if (member && !has_ns(spec, NS_MOUNT))
		return refuse(err, "%s: needs a mount namespace in linux.namespaces", member);
	return 0;
}

/* Which namespace a sysctl belongs to; -1 when it is the whole machine's. */
static int sysctl_ns(const char *key)
{
	static const struct {
		const char *name;
		bool is_prefix;
		enum ns_kind kind;
	} table[] = {
		{ "kernel.msgmax", false, NS_IPC },   { "kernel.msgmnb", false, NS_IPC },
		{ "kernel.msgmni", false, NS_IPC },   { "kernel.sem", false, NS_IPC },
		{ "kernel.shmall", false, NS_IPC },   { "kernel.shmmax", false, NS_IPC },
		{ "kernel.shmmni", false, NS_IPC },   { "kernel.shm_rmid_forced", false, NS_IPC },
		{ "fs.mqueue.", true, NS_IPC },	      { "net.", true, NS_NET },
		{ "kernel.domainname", false, NS_UTS }, { "kernel.hostname", false, NS_UTS },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].is_prefix ? strncmp(key, table[i].name, strlen(table[i].name)) == 0
				       : strcmp(key, table[i].name) == 0)
			return (int)table[i].kind;
	return -1;
}

/* sysctl.d(5): where the first separator is a slash, dots are part of names; where it is a dot, the
 * other way round. As the second. */
static void sysctl_dotted(char *key)
{
	if (key[strcspn(key, "./")] != '/')
		return;
	for (char *p = key; *p; p++)
		*p = *p == '/' ? '.' : *p == '.' ? '/' : *p;
}

int oci_sysctl_check(const struct oci_spec *spec, const char *name, struct err *err)
{
	char key[256];
	int kind;

	if (strlen(name) >= sizeof(key) || strstr(name, "..") || strstr(name, "//"))
		return refuse(err, "'%.64s' is no name of a sysctl", name);
	strcpy(key, name);
	sysctl_dotted(key);
	kind = sysctl_ns(key);
	if (kind < 0)
		return refuse(err, "'%s' is not bound to a namespace: it would change the whole "
				   "machine", key);
	if (!has_ns(spec, (enum ns_kind)kind))
		return refuse(err, "'%s' needs %s namespace of the container's own", key,
			      kind == NS_IPC ? "an ipc" : kind == NS_NET ? "a network" : "a uts");
	return 0;
}

static int rule_sysctl(const struct oci_spec *spec, struct err *err)
{
	for (size_t i = 0; i < spec->linux_->sysctl.n; i++)
		if (oci_sysctl_check(spec, spec->linux_->sysctl.v[i].key, err) < 0)
			return err_wrap(err, "linux.sysctl");
	return 0;
}

static int rule_cwd(const struct oci_spec *spec, struct err *err)
{
	if (spec->process->cwd[0] != '/')
		return refuse(err, "process.cwd: '%s' is not absolute", spec->process->cwd);
	return 0;
}

static int rule_args(const struct oci_spec *spec, struct err *err)
{
	if (spec->process->args.v[0][0] == '\0')
		return refuse(err, "process.args[0]: must not be empty");
	return 0;
}

static int rule_console_size(const struct oci_spec *spec, struct err *err)
{
	const struct oci_console_size *size = spec->process->console_size;

	if (size && size->height > UINT16_MAX)
		return refuse(err, "process.consoleSize.height: %u is out of range", size->height);
	if (size && size->width > UINT16_MAX)
		return refuse(err, "process.consoleSize.width: %u is out of range", size->width);
	return 0;
}

static int rule_rlimits(const struct oci_spec *spec, struct err *err)
{
	for (size_t i = 0; i < spec->process->rlimits.n; i++) {
		const struct oci_rlimit *limit = &spec->process->rlimits.v[i];

		for (size_t k = 0; k < i; k++)
			if (strcmp(limit->type, spec->process->rlimits.v[k].type) == 0)
				return refuse(err, "process.rlimits[%zu].type: '%s' is given twice",
					      i, limit->type);
		if (limit->soft > limit->hard)
			return refuse(err, "process.rlimits[%zu].soft: is above hard", i);
	}
	return 0;
}

static int check_hooks(const struct oci_hook_list *list, const char *name, struct err *err)
{
	for (size_t i = 0; i < list->n; i++) {
		if (list->v[i].path[0] != '/')
			return refuse(err, "hooks.%s[%zu].path: '%s' is not absolute", name, i,
				      list->v[i].path);
		if (list->v[i].timeout_s.is_set && list->v[i].timeout_s.value <= 0)
			return refuse(err, "hooks.%s[%zu].timeout: must be greater than 0", name,
				      i);
	}
	return 0;
}

static int rule_hooks(const struct oci_spec *spec, struct err *err)
{
	const struct oci_hooks *h = spec->hooks;
	int r = 0;

	if (!h)
		return 0;
	const struct {
		const struct oci_hook_list *list;
		const char *name;
	} kinds[] = {
		{ &h->prestart, "prestart" },		  { &h->create_runtime, "createRuntime" },
		{ &h->create_container, "createContainer" },
		{ &h->start_container, "startContainer" }, { &h->poststart, "poststart" },
		{ &h->poststop, "poststop" },
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && r == 0; i++)
		r = check_hooks(kinds[i].list, kinds[i].name, err);
	return r;
}

static int rule_devices(const struct oci_spec *spec, struct err *err)
{
	for (size_t i = 0; i < spec->linux_->devices.n; i++) {
		const struct oci_device *d = &spec->linux_->devices.v[i];

		if (d->path[0] != '/')
			return refuse(err, "linux.devices[%zu].path: '%s' is not absolute", i,
				      d->path);
		if (strlen(d->type) != 1 || !strchr("cubp", d->type[0]))
			return refuse(err, "linux.devices[%zu].type: '%.16s' is none of c, u, b, p",
				      i, d->type);
		if (d->type[0] != 'p' && (d->major < 0 || d->minor < 0 || d->major > 0xfff ||
					  d->minor > 0xfffff))
			return refuse(err, "linux.devices[%zu]: %jd:%jd is no device number", i,
				      (intmax_t)d->major, (intmax_t)d->minor);
	}
	return 0;
}

static int check_device_rule(const struct oci_device_rule *rule, size_t i, struct err *err)
{
	if (rule->type && (strlen(rule->type) > 1 || !strchr("abc", rule->type[0])))
		return refuse(err, "linux.resources.devices[%zu].type: '%.16s' is none of a, b, c",
			      i, rule->type);
	if (rule->access && strspn(rule->access, "rwm") != strlen(rule->access))
		return refuse(err, "linux.resources.devices[%zu].access: '%.16s' has more than r, "
				   "w and m", i, rule->access);
	return 0;
}

static int rule_device_rules(const struct oci_spec *spec, struct err *err)
{
	const struct oci_resources *res = spec->linux_->resources;
	int r = 0;

	for (size_t i = 0; res && i < res->devices.n && r == 0; i++)
		r = check_device_rule(&res->devices.v[i], i, err);
	return r;
}

static int rule_propagation(const struct oci_spec *spec, struct err *err)
{
	static const char *const known[] = { "",	"shared",   "slave",	 "private",
					     "unbindable", "rshared", "rslave", "rprivate",
					     "runbindable" };
	const char *value = spec->linux_->rootfs_propagation;

	for (size_t i = 0; value && i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(value, known[i]) == 0)
			return 0;
	if (!value)
		return 0;
	return refuse(err, "linux.rootfsPropagation: unknown value '%.64s'", value);
}

static int rule_mounts(const struct oci_spec *spec, struct err *err)
{
	char member[64];

	for (size_t i = 0; i < spec->mounts.n; i++) {
		const struct oci_mount *m = &spec->mounts.v[i];
		int r;

		(void)snprintf(member, sizeof(member), "mounts[%zu].uidMappings", i);
		r = check_mappings(&m->uid_mappings, member, err);
		if (r == 0) {
			(void)snprintf(member, sizeof(member), "mounts[%zu].gidMappings", i);
			r = check_mappings(&m->gid_mappings, member, err);
		}
		if (r < 0)
			return r;
		if (!m->uid_mappings.n != !m->gid_mappings.n)
			return refuse(err, "mounts[%zu]: uidMappings and gidMappings go together",
				      i);
	}
	return 0;
}

static int rule_time_offsets(const struct oci_spec *spec, struct err *err)
{
	const struct oci_time_offsets *t = spec->linux_->time_offsets;

	if (!t)
		return 0;
	if ((t->boottime && t->boottime->nanosecs >= 1000000000) ||
	    (t->monotonic && t->monotonic->nanosecs >= 1000000000))
		return refuse(err, "linux.timeOffsets: nanosecs must be below 1000000000");
	return 0;
}

static rule_fn *const rules[] = {
	rule_version,	      rule_namespaces,	  rule_mappings,    rule_namespace_owned,
	rule_mount_namespace, rule_sysctl,	  rule_cwd,	    rule_args,
	rule_rlimits,	      rule_hooks,	  rule_devices,	    rule_device_rules,
	rule_propagation,     rule_mounts,	  rule_time_offsets, rule_console_size,
};

int oci_mounts_validate(const struct oci_spec *spec, struct err *err)
{
	return rule_mounts(spec, err);
}

int oci_spec_validate(const struct oci_spec *spec, struct err *err)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		int r = rules[i](spec, err);

		if (r < 0)
			return r;
	}
	return 0;
}
