/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.json: the tables that read and write it.
 */
#include "engine/status.h"

#include "oci/schema.h"

#include <string.h>

static const char *const names[STATUS_KIND_MAX_] = {
	[STATUS_CREATED] = "created",
	[STATUS_RUNNING] = "running",
	[STATUS_PAUSED] = "paused",
	[STATUS_EXITED] = "exited",
};

const char *status_name(enum status_kind kind)
{
	return names[kind];
}

static int kind_index(const char *name)
{
	for (int i = 0; i < STATUS_KIND_MAX_; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -ENOENT;
}

static const char *kind_name(int index)
{
	return names[index];
}

int status_of_failure(const struct err *failure)
{
	if (failure->kind != ERR_COMMAND)
		return 125;
	return failure->no == ENOENT ? 127 : 126;
}

#define FIELD(member, json, type, ...) \
	{ json, SCHEMA_##type, .offset = offsetof(struct status, member), __VA_ARGS__ }

static const struct schema_field status_fields[] = {
	FIELD(kind, "status", NAME, .flags = SCHEMA_REQUIRED, .name_index = kind_index,
	      .index_name = kind_name),
	FIELD(host_pid, "pid", I32),
	FIELD(exit_code, "exitCode", I32),
	FIELD(oom_kills, "oomKills", U32),
	FIELD(started, "startedAt", STRING),
	FIELD(finished, "finishedAt", STRING),
	FIELD(error, "error", STRING),
};
static const struct schema status_schema = SCHEMA(struct status, status_fields);

int status_parse(const char *json, size_t len, struct arena *arena, struct status **ret_status,
		 struct err *err)
{
	return schema_parse(&status_schema, json, len, arena, (void **)ret_status, err);
}

void status_format(const struct status *status, struct buf *out)
{
	schema_format(&status_schema, status, out);
}
