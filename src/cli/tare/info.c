/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare info: this machine and this engine, for people in lines and a table, or whole as JSON, whose
 * names are promised: one is added, none changes its meaning. --format has docker's names.
 */
#include "engine/info.h"

#include "cli/format.h"
#include "cli/table.h"
#include "cli/tare/info_shape.h"
#include "cli/tare/quantity.h"
#include "cli/tare/verb.h"
#include "oci/schema.h"

struct info_args {
	const char *format;
	bool json;
};

static const struct opt options[] = {
	OPT_STRING(struct info_args, format, "format", 'f', "json|TEMPLATE",
		   "print what the template makes of it, with docker's names"),
	OPT_FLAG(struct info_args, json, "json", 0, "print JSON, and all of it"),
};

/* ------------------------------------------------------------------------------- JSON */

static const char *answer_name(int answer)
{
	static const char *const names[] = { [PROBE_NO] = "no", [PROBE_YES] = "yes",
					     [PROBE_UNKNOWN] = "unknown" };

	return names[answer];
}

#define FIELD(type, member, json, what, ...)                                            \
	{ json, SCHEMA_##what, .offset = offsetof(struct type, member),                 \
	  .flags = SCHEMA_REQUIRED, __VA_ARGS__ }

static const struct schema_field feature_fields[] = {
	FIELD(info_feature, name, "name", STRING),
	FIELD(info_feature, answer, "here", NAME, .index_name = answer_name),
	FIELD(info_feature, since, "since", STRING),
	FIELD(info_feature, purpose, "for", STRING),
	FIELD(info_feature, without, "without", STRING),
};
static const struct schema feature_schema = SCHEMA(struct info_feature, feature_fields);

static const struct schema_field cgroup_fields[] = {
	FIELD(info_cgroup, kind, "kind", STRING),
	FIELD(info_cgroup, manager, "manager", STRING),
	FIELD(info_cgroup, has_systemd, "systemd", BOOL),
	FIELD(info_cgroup, controllers, "controllers", STRINGS),
	FIELD(info_cgroup, usable, "usable", STRINGS),
};
static const struct schema cgroup_schema = SCHEMA(struct info_cgroup, cgroup_fields);

static const struct schema_field security_fields[] = {
	FIELD(info_security, seccomp, "seccomp", BOOL),
	FIELD(info_security, seccomp_profile, "seccompProfile", STRING),
	FIELD(info_security, apparmor, "apparmor", BOOL),
	FIELD(info_security, selinux, "selinux", BOOL),
	FIELD(info_security, user_namespaces, "userNamespaces", BOOL),
};
static const struct schema security_schema = SCHEMA(struct info_security, security_fields);

static const struct schema_field containers_fields[] = {
	FIELD(info_containers, is_known, "known", BOOL),
	FIELD(info_containers, created, "created", U32),
	FIELD(info_containers, running, "running", U32),
	FIELD(info_containers, paused, "paused", U32),
	FIELD(info_containers, exited, "exited", U32),
};
static const struct schema containers_schema = SCHEMA(struct info_containers, containers_fields);

static const struct schema_field info_fields[] = {
	FIELD(info, version, "version", STRING),
	FIELD(info, kernel, "kernel", STRING),
	FIELD(info, machine, "machine", STRING),
	FIELD(info, uid, "uid", U32),
	FIELD(info, cpus, "cpus", U32),
	FIELD(info, memory_bytes, "memoryBytes", U64),
	FIELD(info, swap_bytes, "swapBytes", U64),
	FIELD(info, cgroup, "cgroup", EMBEDDED, .sub = &cgroup_schema),
	FIELD(info, security, "security", EMBEDDED, .sub = &security_schema),
	FIELD(info, root, "root", STRING),
	FIELD(info, containers, "containers", EMBEDDED, .sub = &containers_schema),
	FIELD(info, features, "features", LIST, .sub = &feature_schema),
};
static const struct schema info_schema = SCHEMA(struct info, info_fields);

/* ------------------------------------------------------------------------------- lines */

static void add_line(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%-13s%s\n", name, value);
}

static void add_list(struct buf *out, const char *name, const struct oci_strings *words)
{
	buf_printf(out, "%-13s", name);
	for (size_t i = 0; i < words->n; i++)
		buf_printf(out, "%s%s", i ? " " : "", words->v[i]);
	buf_puts(out, words->n ? "\n" : "none\n");
}

static void add_memory(const struct info *info, struct buf *out)
{
	buf_printf(out, "%-13s", "memory");
	quantity_bytes(out, info->memory_bytes);
	buf_puts(out, ", swap ");
	quantity_bytes(out, info->swap_bytes);
	buf_puts(out, "\n");
}

static void add_security(const struct info_security *security, struct buf *out)
{
	const struct {
		const char *name;
		bool is_there;
		const char *detail;
	} rows[] = {
		{ "seccomp", security->seccomp, security->seccomp_profile },
		{ "AppArmor", security->apparmor },
		{ "SELinux", security->selinux },
		{ "user namespaces", security->user_namespaces },
	};

	buf_printf(out, "%-13s", "security");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_printf(out, "%s%s%s", i ? ", " : "", rows[i].is_there ? "" : "no ",
			   rows[i].name);
		if (rows[i].is_there && rows[i].detail)
			buf_printf(out, " (%s)", rows[i].detail);
	}
	buf_puts(out, "\n");
}

static void add_containers(const struct info_containers *containers, struct buf *out)
{
	if (containers->is_known)
		buf_printf(out, "%-13s%u: %u running, %u paused, %u created, %u exited\n",
			   "containers",
			   containers->running + containers->paused + containers->created +
				   containers->exited,
			   containers->running, containers->paused,
			   containers->created, containers->exited);
	else
		add_line(out, "containers", "unknown: only the owner of the root can tell");
}

static void add_lines(const struct info *info, struct buf *out)
{
	add_line(out, "version", info->version);
	buf_printf(out, "%-13s%s, %s\n", "kernel", info->kernel, info->machine);
	buf_printf(out, "%-13s%u\n", "cpus", info->cpus);
	add_memory(info, out);
	buf_printf(out, "%-13s%s; manager %s; systemd %s\n", "cgroups", info->cgroup.kind,
		   info->cgroup.manager, info->cgroup.has_systemd ? "runs" : "does not run");
	add_list(out, "controllers", &info->cgroup.controllers);
	add_list(out, "usable", &info->cgroup.usable);
	add_security(&info->security, out);
	add_line(out, "root", info->root);
	add_containers(&info->containers, out);
}

/* ------------------------------------------------------------------------------- the table */

enum { FEATURE, SINCE, HERE, PURPOSE, COLUMNS };

static const char *const heads[COLUMNS] = { "FEATURE", "SINCE", "HERE", "FOR" };

static void fill_row(const struct info_feature *feature, struct arena *arena, const char **cells)
{
	static const char *const words[] = { [PROBE_NO] = "missing", [PROBE_YES] = "yes",
					     [PROBE_UNKNOWN] = "unknown" };

	cells[FEATURE] = feature->name;
	cells[SINCE] = feature->since;
	cells[HERE] = words[feature->answer];
	cells[PURPOSE] = feature->purpose;
	if (feature->answer == PROBE_NO)
		cells[PURPOSE] = arena_printf(arena, "%s; fallback: %s", feature->purpose,
					      feature->without);
}

static void add_table(const struct info *info, struct arena *arena, struct buf *out)
{
	const char **cells = arena_array(arena, const char *, (info->features.n + 1) * COLUMNS);
	size_t unknown = 0;

	for (size_t i = 0; i < COLUMNS; i++)
		cells[i] = heads[i];
	for (size_t i = 0; i < info->features.n; i++) {
		fill_row(&info->features.v[i], arena, cells + (i + 1) * COLUMNS);
		unknown += info->features.v[i].answer == PROBE_UNKNOWN;
	}
	table_format(cells, COLUMNS, info->features.n + 1, 0, out);
	if (unknown)
		buf_puts(out, info->uid ? "\nWhat is unknown, root could tell, or there is nothing "
					  "to look at.\n"
					: "\nWhat is unknown has nothing to look at here yet.\n");
}

static int run(const struct call *call, struct err *err)
{
	const struct info_args *args = call->args;
	auto_buf struct buf out = {};
	struct info info;
	int r;

	info_gather(call_engine(call), call->arena, &info);
	if (args->format && *args->format) {
		r = format_value(args->format, info_shape(call, &info), call->arena, &out, err);
		return r < 0 ? r : print_buf(&out, err);
	}
	if (args->json) {
		schema_format_pretty(&info_schema, &info, &out);
		return print_buf(&out, err);
	}
	add_lines(&info, &out);
	buf_puts(&out, "\n");
	add_table(&info, call->arena, &out);
	return print_buf(&out, err);
}

const struct verb verb_info = {
	.command = {
		.name = "info",
		.summary = "Show what this machine can do",
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct info_args),
	.run = run,
};
