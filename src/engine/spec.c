/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's OCI specification, made in memory. What it consists of stands in spec_parts.h, a
 * file for each part; here are its namespaces and its name. What a person did not ask for is as
 * docker has it, but for fewer capabilities and a limit on the number of processes.
 */
#include "engine/spec_parts.h"

#include "engine/sharing.h"
#include "oci/list.h"

#include <string.h>
#include <unistd.h>

#define HOSTNAME_LEN 12 /* of the id */

typedef int part_fn(const struct draft *draft, struct err *err);

static part_fn *const parts[] = {
	spec_add_process,   spec_add_rlimits, spec_add_capabilities,
	spec_add_mounts,    spec_add_masks,   spec_add_resources,
	spec_add_devices,   spec_add_sysctls, spec_add_seccomp,
};

static void add_namespace(const struct draft *draft, enum ns_kind kind)
{
	const char *path = draft->place->ns_paths[kind];

	*list_add(&draft->spec->linux_->namespaces, draft->arena) = (struct oci_namespace){
		.kind = (int)kind, .path = path ? arena_strdup(draft->arena, path) : NULL,
	};
}

/* Root inside is nobody outside. */
static void add_user_namespace(const struct draft *draft)
{
	const struct config *config = draft->config;
	const struct oci_id_mapping all = { .container_id = 0, .host_id = config->ids_start,
					    .size = config->ids_size };
	struct oci_linux *linux_ = draft->spec->linux_;

	if (!config->ids_size)
		return;
	add_namespace(draft, NS_USER);
	*list_add(&linux_->uid_mappings, draft->arena) = all;
	*list_add(&linux_->gid_mappings, draft->arena) = all;
}

static void add_namespaces(const struct draft *draft)
{
	static const enum ns_kind kinds[] = { NS_MOUNT, NS_IPC, NS_UTS, NS_CGROUP, NS_PID, NS_NET };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!config_is_host(sharing_word_of(draft->config, kinds[i])))
			add_namespace(draft, kinds[i]);
}

char *spec_hostname(const struct config *config, struct arena *arena)
{
	char name[256] = "";

	if (config->hostname)
		return config->hostname;
	if (sharing_container(config->uts))
		return NULL;
	if ((config_is_host(config->network) || config_is_host(config->uts)) &&
	    gethostname(name, sizeof(name) - 1) == 0)
		return arena_strdup(arena, name);
	return arena_strndup(arena, config->id, strnlen(config->id, HOSTNAME_LEN));
}

static int check_words(const struct config *config, struct err *err)
{
	bool shares_name = config_is_host(config->uts) || sharing_container(config->uts);

	if (shares_name && (config->hostname || config->domainname))
		return err_set(err, ERR_USAGE, EINVAL,
			       "%s: the name is shared: --uts '%s' says so",
			       config->hostname ? "--hostname" : "--domainname", config->uts);
	return sharing_check(config, err);
}

static struct oci_spec *new_spec(const struct spec_place *place, struct arena *arena)
{
	struct oci_spec *spec = arena_new(arena, struct oci_spec);

	spec->oci_version = arena_strdup(arena, "1.3.0");
	spec->root = arena_new(arena, struct oci_root);
	spec->root->path = arena_strdup(arena, place->rootfs);
	spec->process = arena_new(arena, struct oci_process);
	spec->linux_ = arena_new(arena, struct oci_linux);
	spec->linux_->cgroups_path = arena_strdup(arena, place->cgroup_path);
	return spec;
}

int spec_make(const struct config *config, const struct spec_place *place, struct arena *arena,
	      struct oci_spec **ret_spec, struct err *err)
{
	const struct draft draft = { config, place, arena, new_spec(place, arena) };
	int r = check_words(config, err);

	if (r < 0)
		return r;
	draft.spec->root->readonly = config->read_only;
	draft.spec->hostname = place->hostname ? arena_strdup(arena, place->hostname)
					       : spec_hostname(config, arena);
	draft.spec->domainname = config->domainname;
	draft.spec->annotations = config->annotations;
	add_namespaces(&draft);
	add_user_namespace(&draft);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && r == 0; i++)
		r = parts[i](&draft, err);
	if (config_is_host(config->uts)) /* it was for the environment */
		draft.spec->hostname = NULL;
	if (r == 0)
		r = oci_spec_validate(draft.spec, err);
	if (r < 0)
		return r;
	*ret_spec = draft.spec;
	return 0;
}
