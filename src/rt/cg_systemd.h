/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The systemd cgroup driver: the container's control group is a scope unit that systemd makes on
 * our behalf and knows the limits of. systemd.scope(5), systemd.resource-control(5),
 * org.freedesktop.systemd1(5).
 *
 * systemd is spoken to by a program of its own, tare-systemd, since its library can't be linked
 * statically and most containers don't need it. It is executed once for each request:
 *
 *	tare-systemd [--user] start|attach|set|stop   request: JSON on standard input
 *	status 0: standard output is the scope's control group, "/a.slice/x.scope", of start;
 *	          nothing of the others
 *	status 1: standard output says what went wrong, in one line
 *
 * What systemd has no property for is written to the group by cgroup_apply afterwards, as ever.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "oci/spec.h"

#include <stdbool.h>
#include <sys/types.h>

/* --------------------------------------------------------------------------- names */

#define CG_SYSTEMD_NAME_MAX 256 /* systemd's own limit, with the NUL */

struct cg_systemd_scope {
	char slice[CG_SYSTEMD_NAME_MAX]; /* "machine.slice"; "-.slice" is the root */
	char unit[CG_SYSTEMD_NAME_MAX];	 /* "libpod-ID.scope" */
	bool user;			 /* of the user's own manager, not the system's */
};

/*
 * linux.cgroupsPath as this driver reads it: "slice:prefix:name" for the unit prefix-name.scope. An
 * empty slice is system.slice, or user.slice with `user`; NULL or "" is ":tare:ID". Pure.
 */
int cg_systemd_parse(const char *cgroups_path, const char *id, bool user,
		     struct cg_systemd_scope *ret, struct err *err);

/* "a-b.slice" lies at "/a.slice/a-b.slice"; "-.slice" at "". Appends to `ret`. Pure. */
int cg_systemd_expand(const char *slice, struct buf *ret, struct err *err);

/* --------------------------------------------------------------------------- requests */

/* What is asked of tare-systemd. */
struct cg_systemd_request {
	char *unit, *slice, *description;
	uint32_t host_pid;		 /* who is to live in the scope; of start and attach */
	bool unified;			 /* the machine's groups are v2 */
	struct oci_resources *resources; /* or NULL */
	struct oci_pairs properties;	 /* name and value, as gvariant text */
};

int cg_systemd_request_parse(const char *json, size_t len, struct arena *arena,
			     struct cg_systemd_request **ret, struct err *err);
void cg_systemd_request_format(const struct cg_systemd_request *request, struct buf *out);

/* --------------------------------------------------------------------------- doing */

struct cg_systemd_start {
	pid_t host_pid;
	const char *id;
	bool unified;
	const struct oci_resources *resources; /* or NULL */
	const struct oci_pairs *annotations; /* of which org.systemd.property.* become properties */
};

/*
 * Make the scope and wait until systemd has put the process into it. Appends its control group to
 * `ret_path`. The words of errors are systemd's. ERR_SYSTEM -ENOENT: the helper is not installed.
 */
int cg_systemd_start(const struct cg_systemd_scope *scope, const struct cg_systemd_start *start,
		     struct buf *ret_path, struct err *err);

/*
 * Have systemd move one more process into the scope, for who has no right to: a user in a session,
 * since what lies above that and the scope is root's. The process must still be the user's own.
 */
int cg_systemd_attach(const struct cg_systemd_scope *scope, pid_t host_pid, struct err *err);

/* Change limits of a running scope, until it ends. */
int cg_systemd_update(const struct cg_systemd_scope *scope, bool unified,
		      const struct oci_resources *resources, struct err *err);

/* End the scope and forget that it failed, if it did. That there is none is success. */
int cg_systemd_stop(const struct cg_systemd_scope *scope, struct err *err);
