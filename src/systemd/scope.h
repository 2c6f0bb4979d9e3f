/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Scopes of systemd, over D-Bus. org.freedesktop.systemd1(5). */

#include "base/buf.h"
#include "rt/cg_systemd.h"

struct sd_bus;

struct manager {
	struct sd_bus *bus;
	unsigned version; /* systemd's; 0 when it does not say */
	bool user;
};

/*
 * Connect to the system's manager, or to the user's: over the bus, or where there is none over the
 * manager's own socket. ERR_SYSTEM: neither is there; the words say where it was looked for.
 */
int manager_open(struct manager *manager, bool user, struct err *err);
void manager_close(struct manager *manager);
#define auto_manager auto_cleanup(manager_close)

/* Each waits until systemd has done it (30 s at the most), and has systemd's words in its errors.
 */
int scope_start(struct manager *manager, const struct cg_systemd_request *request,
		struct buf *ret_control_group, struct err *err);
int scope_attach(struct manager *manager, const struct cg_systemd_request *request,
		 struct err *err);
int scope_set(struct manager *manager, const struct cg_systemd_request *request, struct err *err);
int scope_stop(struct manager *manager, const char *unit, struct err *err);
