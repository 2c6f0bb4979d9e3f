/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices of the host that a container has: those that were asked for, and all of them where it
 * is privileged. Each is a node in its /dev, and a rule of its cgroup. Where its ids are mapped the
 * nodes are mounts of those that engine/device_nodes.h made.
 */
#include "engine/spec_parts.h"

#include "engine/device_nodes.h"
#include "oci/list.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

static const char *type_of(const struct device_node *node)
{
	return S_ISBLK(node->mode) ? "b" : "c";
}

static void add_node(const struct draft *draft, const struct device_node *node)
{
	*list_add(&draft->spec->linux_->devices, draft->arena) = (struct oci_device){
		.path = node->path,
		.type = arena_strdup(draft->arena, type_of(node)),
		.major = major(node->rdev),
		.minor = minor(node->rdev),
		.file_mode = { true, node->mode & 07777 },
		.uid = { true, node->uid },
		.gid = { true, node->gid },
	};
}

static void add_bind(const struct draft *draft, const struct device_node *node)
{
	static const char *const options[] = { "bind", "nosuid", "noexec", "rprivate" };
	struct arena *arena = draft->arena;
	struct oci_mount mount = {
		.destination = node->path,
		.type = arena_strdup(arena, "bind"),
		.source = device_node_name(node, draft->place->stage_path, arena),
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		strings_add(&mount.options, arena, arena_strdup(arena, options[i]));
	*list_add(&draft->spec->mounts, arena) = mount;
}

static int add_every_device(const struct draft *draft, struct err *err)
{
	struct device_nodes nodes = {};
	int r = 0;

	if (draft->config->privileged && !spec_is_target(draft->config, "/dev"))
		r = device_nodes_add(&nodes, "/dev", "/dev", draft->arena, err);
	for (size_t i = 0; i < nodes.n; i++)
		add_node(draft, &nodes.v[i]);
	return r < 0 ? err_wrap(err, "--privileged") : 0;
}

static int add_device(const struct draft *draft, const struct config_device *asked,
		      struct err *err)
{
	struct oci_resources *resources = draft->spec->linux_->resources;
	struct device_nodes nodes = {};
	int r = device_nodes_add(&nodes, asked->source, asked->target, draft->arena, err);

	for (size_t i = 0; i < nodes.n; i++) {
		const struct device_node *node = &nodes.v[i];

		if (draft->config->ids_size)
			add_bind(draft, node);
		else
			add_node(draft, node);
		*list_add(&resources->devices, draft->arena) = (struct oci_device_rule){
			.allow = true,
			.type = arena_strdup(draft->arena, type_of(node)),
			.major = { true, major(node->rdev) },
			.minor = { true, minor(node->rdev) },
			.access = asked->access,
		};
	}
	return r < 0 ? err_wrap(err, "--device '%s'", asked->source) : 0;
}

static void add_rule(const struct draft *draft, const struct config_device_rule *asked)
{
	*list_add(&draft->spec->linux_->resources->devices, draft->arena) =
		(struct oci_device_rule){ .allow = true, .type = asked->type,
					  .major = { asked->major >= 0, asked->major },
					  .minor = { asked->minor >= 0, asked->minor },
					  .access = asked->access };
}

int spec_add_devices(const struct draft *draft, struct err *err)
{
	const struct config *config = draft->config;
	int r = add_every_device(draft, err);

	for (size_t i = 0; i < config->devices.n && r == 0; i++)
		r = add_device(draft, &config->devices.v[i], err);
	for (size_t i = 0; i < config->device_rules.n; i++)
		add_rule(draft, &config->device_rules.v[i]);
	return r;
}
