/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From what a person asked (struct config) to what the runtime does (struct oci_spec), with the
 * defaults that every container carries: docker's mounts, masks and environment, eleven
 * capabilities, 2,048 processes, namespaces of its own. OCI runtime specification 1.3.
 */

#include "engine/config.h"
#include "oci/spec.h"

#include <linux/filter.h>
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
	const struct submounts *submounts; /* engine/submounts.h; NULL: there are none */
	bool no_new_privs;       /* unless the configuration says otherwise */
	const char *hosts_path, *hostname_path, *resolv_path; /* bound below /etc; NULL: not */
	const char *hostname;    /* NULL: the configuration says it */
};

/*
 * The user is resolved in the root file system's own passwd and group, never by the host's.
 * ERR_USAGE: what makes no sense, by the name of the option ("--cap-add: ..."). ERR_NOT_FOUND: no
 * such user. Everything lives in `arena`; `config` and `place` are borrowed for as long.
 */
int spec_make(const struct config *config, const struct spec_place *place, struct arena *arena,
	      struct oci_spec **ret_spec, struct err *err);

/* Of that what it may use alone: linux.resources. */
int spec_make_resources(const struct config *config, struct arena *arena,
			struct oci_resources **ret, struct err *err);

/* Our own seccomp profile for the container of `spec`, in `arena`. NULL: it has another, which is
 * in `spec`, or none, as `config` says. */
const struct sock_fprog *spec_filter(const struct config *config, const struct oci_spec *spec,
				     struct arena *arena);

/* Was a capability asked for that counts for nobody but who has the host's ids? */
bool spec_needs_host_ids(const struct config *config);

/* All capabilities that we have, for a process that is given them. */
struct oci_capabilities *spec_all_capabilities(struct arena *arena);

/* Lower the limits that nobody asked for to what we may give: who runs another program in a
 * container may have less than who started it. */
int spec_clamp_rlimits(const struct config *config, struct oci_process *process, struct err *err);

/* What of its network is bound over files of its root: engine/stack_files.h. Returns how many. */
#define SPEC_SHOWN_MAX 3
struct spec_shown {
	const char *source, *target;
};
size_t spec_shown(const struct config *config, const struct spec_place *place,
		  struct spec_shown ret[static SPEC_SHOWN_MAX]);

/* Does every container have something mounted there? Where its image has no such place, the runtime
 * makes it, and leaves it empty. */
bool spec_is_mounted(const char *target);
