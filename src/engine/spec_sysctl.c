/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the kernel is set for a container. A network of its own takes nothing from anybody: every
 * user may open its low ports, as if there were none, and ping, by the sockets that the kernel has
 * for that; neither takes a capability then. The host's network stays as it is.
 */
#include "engine/spec_parts.h"

#include "engine/list.h"

static void set(const struct draft *draft, const char *key, char *value)
{
	*list_add(&draft->spec->linux_->sysctl, draft->arena) =
		(struct oci_pair){ arena_strdup(draft->arena, key), value };
}

/* The kernel takes groups that are mapped, and no id is above INT_MAX. */
static uint32_t last_group(const struct config *config)
{
	return config->ids_size ? config->ids_size - 1 : INT32_MAX;
}

int spec_add_sysctls(const struct draft *draft, struct err *err)
{
	const struct oci_namespace *net = oci_spec_find_ns(draft->spec, NS_NET);

	(void)err;
	if (!net || net->path)
		return 0;
	set(draft, "net.ipv4.ip_unprivileged_port_start", arena_strdup(draft->arena, "0"));
	set(draft, "net.ipv4.ping_group_range",
	    arena_printf(draft->arena, "0 %u", last_group(draft->config)));
	return 0;
}
