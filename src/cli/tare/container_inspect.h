/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * All that is known of a container, in docker's shape. `Rootfs`, and of `State` `OOMKills` and
 * `Reason`, are ours.
 */

#include "cli/tare/shape.h"
#include "cli/tare/verb.h"
#include "template/value.h"

struct container_inspect_mount {
	const char *type, *name, *source, *destination, *driver, *mode, *propagation;
	bool rw;
};

/* A name, of what has no more to say: a volume of the configuration, a network. */
struct container_inspect_name {
	const char *name;
	struct shape_nothing none;
};

/* What the tables in container_shape.c are of. */
struct container_inspect {
	struct config config; /* with what holds where nothing was asked for */
	struct shape_nothing none;

	const char *name, *path, *log_path, *driver, *platform;
	struct oci_strings args;
	int32_t restarts;
	struct oci_i64 rw_bytes, root_bytes; /* unset: nobody asked */

	/* State */
	const char *status, *error, *reason, *started, *finished;
	bool running, paused, oom_killed;
	uint32_t oom_kills;
	int32_t host_pid, exit_code;

	/* HostConfig */
	struct oci_strings binds, security, masked, read_only;
	struct oci_pairs tmpfs;
	OCI_LIST(uint32_t) console;
	const char *log_type, *restart, *cgroupns, *ipc, *runtime;

	OCI_LIST(struct container_inspect_name) volumes, networks;
	OCI_LIST(struct container_inspect_mount) mounts;
};

extern const struct schema container_inspect_schema;

/* `with_size`: also what it takes of the disk, which has to be counted. ERR_NOT_FOUND. */
int container_inspect(const struct call *call, const char *who, bool with_size,
		      struct value **ret, struct err *err);
