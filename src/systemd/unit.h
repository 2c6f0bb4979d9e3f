/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The properties of a container's scope: what a request asks for, as systemd names it. Pure.
 * systemd.resource-control(5), systemd.scope(5).
 */

#include "rt/cg_systemd.h"
#include "systemd/gvariant.h"

struct unit_property {
	const char *name;
	struct gvariant *value;
};

#define UNIT_PROPERTIES_MAX 128

struct unit_properties {
	struct unit_property v[UNIT_PROPERTIES_MAX];
	size_t n;
};

/* What the machine has: some properties are newer than systemds that are in use. */
struct unit_host {
	unsigned version; /* systemd's */
	bool user;	  /* the user's manager, which has no devices */
};

/* All that a new scope needs, its limits, and the annotations' own, which come last and win. */
int unit_properties_start(const struct cg_systemd_request *request, const struct unit_host *host,
			  struct arena *arena, struct unit_properties *ret, struct err *err);

/* Its limits alone: what `update` changes. May be none. */
int unit_properties_update(const struct cg_systemd_request *request, const struct unit_host *host,
			   struct arena *arena, struct unit_properties *ret, struct err *err);
