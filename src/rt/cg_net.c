/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network class and the priority by interface: two controllers that only v1 has.
 */
#include "rt/cg.h"

#include <stdio.h>
#include <string.h>

#define CLASS      "linux.resources.network.classID"
#define PRIORITIES "linux.resources.network.priorities"

static const char *asks_class(const struct oci_resources *res)
{
	return res->network && res->network->class_id.is_set && res->network->class_id.value
		       ? CLASS
		       : NULL;
}

static int apply_class(int dir_fd, const struct oci_resources *res, struct err *err)
{
	return cg_put_u64(dir_fd, "net_cls.classid", res->network->class_id.value, CLASS, err);
}

static const char *asks_priorities(const struct oci_resources *res)
{
	return res->network && res->network->priorities.n ? PRIORITIES : NULL;
}

static int apply_priorities(int dir_fd, const struct oci_resources *res, struct err *err)
{
	char text[64];
	int r = 0;

	for (size_t i = 0; i < res->network->priorities.n && r == 0; i++) {
		const struct oci_interface_priority *p = &res->network->priorities.v[i];

		if (!p->name || !*p->name || strlen(p->name) > 15 || strpbrk(p->name, " \t\n/"))
			return err_set(err, ERR_USAGE, EINVAL,
				       PRIORITIES "[%zu].name: no name of an interface", i);
		(void)snprintf(text, sizeof(text), "%s %u", p->name, p->priority);
		r = cg_put(dir_fd, "net_prio.ifpriomap", text, PRIORITIES, err);
	}
	return r;
}

const struct cg_controller cg_net_cls = {
	.controller = CGROUP_NET_CLS,
	.asks = asks_class,
	.apply_v1 = apply_class,
};

const struct cg_controller cg_net_prio = {
	.controller = CGROUP_NET_PRIO,
	.asks = asks_priorities,
	.apply_v1 = apply_priorities,
};
