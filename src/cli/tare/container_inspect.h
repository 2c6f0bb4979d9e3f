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

/* One that --mount asked for, in the words of docker's API. */
struct container_inspect_bind {
	const char *propagation;
};

struct container_inspect_asked {
	const char *type, *source, *target;
	bool read_only;
	struct container_inspect_bind *bind; /* NULL: it is none, or says nothing of it */
};

/* A name, of what has no more to say: a volume of the configuration, a port that is exposed. */
struct container_inspect_name {
	const char *name;
};

/* Where on the host a port of the container is; `host_port` NULL: nowhere. */
struct container_inspect_place {
	const char *host_ip, *host_port;
	uint16_t port;
	uint8_t proto;
	size_t number; /* in the order in which they came */
};

struct container_inspect_ports {
	struct schema_named_list *v; /* "80/tcp", and its struct container_inspect_place */
	size_t n;
};

/* A network that it is on, and what it asked for there. */
struct container_inspect_addresses {
	const char *ip, *ip6;
};

struct container_inspect_endpoint {
	const char *name;
	struct shape_nothing none;
	struct container_inspect_addresses *asked; /* NULL: for none */
	struct oci_strings aliases, names;
	const char *mac, *network_id, *gateway, *ip, *gateway6, *ip6;
	int64_t ip_bits, ip6_bits;
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
	struct oci_strings binds, security, masked, read_only, cap_add, cap_drop, device_rules;
	struct oci_pairs tmpfs, log_options;
	OCI_LIST(struct container_inspect_asked) asked;
	OCI_LIST(uint32_t) console;
	const char *log_type, *restart, *runtime;
	const char *cgroupns, *ipc, *pid, *uts, *userns;

	OCI_LIST(struct container_inspect_name) volumes, exposed;
	OCI_LIST(struct container_inspect_endpoint) networks;
	struct container_inspect_endpoint usual; /* on the default network; zeros: it is not */
	struct container_inspect_ports asked_ports, ports;
	const char *hosts_path, *hostname_path, *resolv_conf_path;
	OCI_LIST(struct container_inspect_mount) mounts;
	struct oci_pairs graph; /* where the root is put together */
	const char *sandbox;    /* the network namespace */
};

extern const struct schema container_inspect_schema;

/* HostConfig but for its mounts, and what holds of the configuration where nothing was asked for;
 * `config` is filled. */
void container_host_fill(struct container_inspect *in, struct arena *arena);

/* Its networks and ports; `config` and State are filled. */
void container_network_fill(struct container_inspect *in, const struct call *call,
			    const struct engine_container *container);

/* `with_size`: also what it takes of the disk, which has to be counted. ERR_NOT_FOUND. */
int container_inspect(const struct call *call, const char *who, bool with_size,
		      struct value **ret, struct err *err);
