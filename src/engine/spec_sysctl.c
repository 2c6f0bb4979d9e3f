/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the kernel is set for a container. A network of its own takes nothing from anybody: every
 * user may open its low ports, as if there were none, and ping, by the sockets that the kernel has
 * for that; neither takes a capability then. The host's network stays as it is, and that of
 * another container as it has it. What a person asks for prevails.
 */
#include "engine/spec_parts.h"

#include "oci/list.h"

#include <string.h>

/* The kernel takes groups that are mapped, and no id is above INT_MAX. */
static uint32_t last_group(const struct config *config)
{
	return config->ids_size ? config->ids_size - 1 : INT32_MAX;
}

static bool is_asked(const struct draft *draft, const char *key)
{
	const struct oci_pairs *asked = &draft->config->sysctls;

	for (size_t i = 0; i < asked->n; i++)
		if (strcmp(asked->v[i].key, key) == 0)
			return true;
	return false;
}

static void set_default(const struct draft *draft, const char *key, char *value)
{
	if (!is_asked(draft, key))
		*list_add(&draft->spec->linux_->sysctl, draft->arena) =
			(struct oci_pair){ arena_strdup(draft->arena, key), value };
}

static int add_asked(const struct draft *draft, struct err *err)
{
	const struct oci_pairs *asked = &draft->config->sysctls;

	for (size_t i = 0; i < asked->n; i++) {
		if (oci_sysctl_check(draft->spec, asked->v[i].key, err) < 0)
			return err_wrap(err, "--sysctl");
		*list_add(&draft->spec->linux_->sysctl, draft->arena) = asked->v[i];
	}
	return 0;
}

int spec_add_sysctls(const struct draft *draft, struct err *err)
{
	const struct oci_namespace *net = oci_spec_find_ns(draft->spec, NS_NET);

	if (net && !net->path) {
		set_default(draft, "net.ipv4.ip_unprivileged_port_start",
			    arena_strdup(draft->arena, "0"));
		set_default(draft, "net.ipv4.ping_group_range",
			    arena_printf(draft->arena, "0 %u", last_group(draft->config)));
	}
	return add_asked(draft, err);
}
