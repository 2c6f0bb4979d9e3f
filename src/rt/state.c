/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at containers: their state as the specification has it, lists of them, their processes.
 * Nothing here changes anything.
 */
#include "rt/container.h"

#include "oci/schema.h"

#include <string.h>

#define OCI_VERSION "1.3.0"

/* rt_state with its enumeration as text. */
struct state_document {
	char *oci_version, *id, *status, *bundle, *rootfs, *created, *owner;
	int32_t pid;
	struct oci_pairs annotations;
};

#define FIELD(member, json, kind, flags) \
	{ json, SCHEMA_##kind, flags, .offset = offsetof(struct state_document, member) }

static const struct schema_field state_fields[] = {
	FIELD(oci_version, "ociVersion", STRING, SCHEMA_REQUIRED),
	FIELD(id, "id", STRING, SCHEMA_REQUIRED),
	FIELD(pid, "pid", I32, SCHEMA_REQUIRED),
	FIELD(status, "status", STRING, SCHEMA_REQUIRED),
	FIELD(bundle, "bundle", STRING, SCHEMA_REQUIRED),
	FIELD(rootfs, "rootfs", STRING, 0),
	FIELD(created, "created", STRING, 0),
	FIELD(annotations, "annotations", PAIRS, 0),
	FIELD(owner, "owner", STRING, 0),
};
static const struct schema state_schema = SCHEMA(struct state_document, state_fields);

void rt_state_format(const struct rt_state *state, struct buf *out)
{
	struct state_document document = {
		.oci_version = state->oci_version ? state->oci_version
						  : (char *)(uintptr_t)OCI_VERSION,
		.id = state->id,
		.status = (char *)(uintptr_t)rt_status_name(state->status),
		.pid = (int32_t)state->host_pid,
		.bundle = state->bundle,
		.rootfs = state->rootfs,
		.created = state->created,
		.owner = state->owner,
		.annotations = state->annotations,
	};

	schema_format_pretty(&state_schema, &document, out);
}

/* A copy of `state` that outlives the container it was read from. */
static struct rt_state *copy_state(const struct rt_state *from, struct arena *arena)
{
	struct rt_state *to = arena_new(arena, struct rt_state);
	char **strings[] = { &to->id, &to->oci_version, &to->bundle,
			     &to->rootfs, &to->created, &to->owner };

	*to = *from;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++)
		if (*strings[i])
			*strings[i] = arena_strdup(arena, *strings[i]);
	to->annotations.v = arena_array(arena, struct oci_pair, from->annotations.n);
	for (size_t i = 0; i < from->annotations.n; i++)
		to->annotations.v[i] = (struct oci_pair){
			.key = arena_strdup(arena, from->annotations.v[i].key),
			.value = arena_strdup(arena, from->annotations.v[i].value),
		};
	return to;
}

int rt_state_get(const struct rt *rt, const char *id, struct arena *arena,
		 struct rt_state **ret_state, struct err *err)
{
	auto_container struct container c;
	int r;

	container_init(&c, rt);
	r = container_open(&c, id, err);
	if (r < 0)
		return r;
	*ret_state = copy_state(container_state(&c), arena);
	return 0;
}

/* A container that vanishes while we look is not there; one that can't be read is shown by what is
 * known of it, its name. */
int rt_list(const struct rt *rt, struct arena *arena, struct rt_state ***ret_states, size_t *ret_n,
	    struct err *err)
{
	struct rt_state **states;
	size_t n_ids, n = 0;
	char **ids;
	int r = record_list(rt, arena, &ids, &n_ids, err);

	if (r < 0)
		return r;
	states = arena_array(arena, struct rt_state *, n_ids + 1);
	for (size_t i = 0; i < n_ids; i++) {
		struct err one = {};

		r = rt_state_get(rt, ids[i], arena, &states[n], &one);
		if (r < 0 && one.kind == ERR_NOT_FOUND)
			continue;
		if (r < 0) {
			states[n] = arena_new(arena, struct rt_state);
			*states[n] = (struct rt_state){ .id = ids[i], .status = RT_STOPPED };
			states[n]->bundle = arena_printf(arena, "(%s)", one.msg);
		}
		n++;
	}
	*ret_states = states;
	*ret_n = n;
	return 0;
}

int rt_pids(const struct rt *rt, const char *id, struct arena *arena, pid_t **ret_pids,
	    size_t *ret_n, struct err *err)
{
	auto_container struct container c;
	int r;

	container_init(&c, rt);
	r = container_open_with_cgroup(&c, id, err);
	if (r < 0)
		return r;
	if (c.has_cgroup)
		return cgroup_pids(&c.cg, arena, ret_pids, ret_n, err);
	*ret_n = c.pidfd >= 0;
	*ret_pids = arena_new(arena, pid_t);
	**ret_pids = c.record->host_pid;
	return 0;
}
