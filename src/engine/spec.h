/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From what a person asked (struct config) to what the runtime does (struct oci_spec), with the
 * defaults that every container carries: docker's mounts, masks and environment, eleven
 * capabilities, 2,048 processes, namespaces of its own. OCI runtime specification 1.3.
 */

#include "engine/config.h"
#include "oci/spec.h"

#include <stdbool.h>

/* What the configuration does not say, because it is the machine's. */
struct spec_place {
	const char *rootfs;      /* the root's directory: config->rootfs, or where it is mounted */
	const char *cgroup_path; /* absolute, of this container */
	const char *init_path;   /* our init program on the host, for config->init */
	const char *volumes_path; /* where config->volumes are; NULL if there are none */
	const char *stage_path;   /* where devices are made anew and shared memory is, if needed */
	const char *ns_paths[NS_KIND_MAX_]; /* of other containers' namespaces, that it shares */
	bool is_view;            /* rootfs is a view of the host's own root */
};

/*
 * The user is resolved in the root file system's own passwd and group, never by the host's.
 * ERR_USAGE: what makes no sense, by the name of the option ("--cap-add: ..."). ERR_NOT_FOUND: no
 * such user. Everything lives in `arena`; `config` and `place` are borrowed for as long.
 */
int spec_make(const struct config *config, const struct spec_place *place, struct arena *arena,
	      struct oci_spec **ret_spec, struct err *err);

/* Make the host's directories that -v names and that are missing, 0755: before the start. */
int spec_make_sources(const struct config *config, struct err *err);

/* All capabilities that we have, for a process that is given them. */
struct oci_capabilities *spec_all_capabilities(struct arena *arena);

/* Does every container have something mounted there? Where its image has no such directory, the
 * runtime makes it. */
bool spec_is_mounted(const char *target);
