/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a person asked of a container, in the terms of `docker run`: the one description that the
 * command line fills, that is kept as container.json, and from which engine/spec.h makes the OCI
 * specification. All of it lives in one arena.
 *
 * Strings are NULL and lists empty where nothing was asked for; the defaults are engine/spec.c's.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "oci/types.h"

struct config_mount {
	char *type;   /* "bind", "tmpfs" or "image" */
	char *source; /* of bind: absolute, on the host; of image: as it was named */
	char *target; /* absolute, in the container */
	struct oci_strings options; /* of mount(8) and of the OCI specification: "ro", "rslave" */
	bool make_source; /* -v makes a directory of the host that is missing; --mount does not */
	bool is_given;    /* all below the source becomes the container's user's, at each start */
	bool is_taken;    /* from another container, by --volumes-from */

	/* of image */
	char *subpath; /* the directory of it that is shown; NULL: its root */
	char *image_id;            /* as below */
	struct oci_strings layers;
};

struct config_ulimit {
	char *name; /* "nofile" */
	int64_t soft, hard; /* -1: none */
};

/* One that a container is given: a node of the host, or all below a directory. */
struct config_device {
	char *source, *target; /* absolute, on the host and in the container */
	char *access;          /* of "rwm" */
};

/* Devices that it may use if it comes by a node. */
struct config_device_rule {
	char *type;           /* "a", "b" or "c" */
	int64_t major, minor; /* -1: all */
	char *access;
};

/* What may be done with one device of the host: its weight, or bytes or operations a second. */
struct config_device_limit {
	char *path; /* absolute */
	int64_t value;
};

struct config_device_limits {
	struct config_device_limit *v;
	size_t n;
};

/* A network that it is on, and what it wants there; NULL: whatever there is. */
struct config_network {
	char *name;
	struct oci_strings aliases; /* names by which it is found there, besides its own */
	char *ip, *ip6, *mac;
	char *interface_name; /* inside; NULL: the next ethN */
	char *host_interface_name; /* of the other end */
};

struct config {
	char *id;      /* 64 hexadecimal digits */
	char *name;
	char *created; /* RFC 3339 */

	/* its root filesystem: one of these two */
	char *rootfs;  /* absolute; "/": an ephemeral view of the host's own root */
	char *image;   /* as it was named */
	char *image_id;            /* the digest of its configuration */
	struct oci_strings layers; /* diffIDs, the lowest first */

	/* the process */
	struct oci_strings entrypoint, command; /* together argv */
	struct oci_strings env;                 /* NAME=VALUE, each name once */
	char *user, *workdir, *hostname, *domainname;
	struct oci_strings groups; /* more of them, by name or number */
	struct oci_strings unset_env; /* names that neither we nor the image set */
	bool unset_all_env;
	struct oci_u64 umask;
	bool tty, open_stdin, init;
	bool attach_stdin, attach_stdout, attach_stderr; /* of who makes it */
	bool stdin_once; /* its input ends when the first who has it leaves */
	OCI_LIST(struct config_ulimit) ulimits;

	/* what it sees */
	OCI_LIST(struct config_mount) mounts;
	struct oci_strings volumes_from; /* "NAME[:ro|rw]"; engine/volumes_from.h adds to mounts */
	struct oci_strings volumes; /* paths of the image's, engine/volumes.h */
	bool read_only;
	char *network, *pid, *ipc, *uts, *cgroupns; /* engine/sharing.h; NULL: of its own */
	char *userns;  /* NULL: one of its own where that can be had; "host", "container:ID" */
	OCI_LIST(struct config_network) networks; /* then `network` is the name of the first */
	struct oci_strings publish, expose; /* as -p and --expose have them (net/port.h) */
	bool publish_all;                   /* what is exposed, too */
	struct oci_strings dns, dns_search, dns_options; /* instead of the host's */
	struct oci_strings add_hosts; /* "NAME[;NAME]...:ADDRESS" (net/hosts.h) */
	bool no_hosts;                /* /etc/hosts is the image's own */
	uint32_t ids_size, ids_start; /* of its own: how many ids, and the host's first; 0: none */
	char *ids_of;  /* they are those of this container; NULL: nobody else's */

	/* what it may do */
	struct oci_strings cap_add, cap_drop; /* "NET_ADMIN" or "CAP_NET_ADMIN"; "ALL" */
	bool privileged;
	struct oci_bool no_new_privileges; /* unset: as the settings have it */
	char *apparmor_profile, *selinux_label;
	char *seccomp_profile; /* the profile itself, as JSON, or one of the words below; NULL:
				* ours, and none when privileged */
	struct oci_strings mask, unmask; /* paths; unmask: patterns of glob(7), or "ALL" */

	struct oci_pairs sysctls;
	OCI_LIST(struct config_device) devices;
	OCI_LIST(struct config_device_rule) device_rules;

	/* what it may use; 0: nothing was asked for */
	int64_t memory_bytes, memory_reservation_bytes;
	int64_t memory_swap_bytes; /* memory and swap together; -1: no limit */
	struct oci_i64 memory_swappiness; /* 0..100; unset or -1: as the machine has it */
	bool oom_kill_disable;
	int64_t nano_cpus, cpu_shares, cpu_period_us, cpu_quota_us;
	char *cpuset_cpus, *cpuset_mems; /* "0-3,7" */
	struct oci_i64 pids_limit; /* unset: the default; -1: none */
	bool ignore_missing_limits; /* those that this machine can't set are left out */
	int64_t blkio_weight;      /* 10..1000 */
	struct config_device_limits weight_devices, read_bps, write_bps, read_iops, write_iops;
	int64_t oom_score_adj;     /* -1000..1000, higher is killed sooner */
	int64_t shm_size_bytes;
	char *cgroup_parent; /* NULL: the engine's */

	/* its log */
	char *log_driver; /* NULL: json-file; "none" */
	int64_t log_max_size_bytes, log_max_files; /* 0: the engine's; size -1: any */
	struct oci_strings log_labels, log_env; /* names of what each record has with it */

	/* its life */
	bool auto_remove;
	int64_t timeout_s;  /* until SIGKILL, from each start; 0: never */
	char *stop_signal; /* NULL: SIGTERM */
	struct oci_i64 stop_timeout; /* seconds until SIGKILL; unset: 10; -1: never */
	struct oci_pairs labels;
	struct oci_pairs annotations; /* of the OCI specification: for hooks, and other runtimes */
};

#define SECCOMP_BUILTIN	   "builtin"
#define SECCOMP_UNCONFINED "unconfined"

/* Of network, pid or userns: is it the host's? */
bool config_is_host(const char *word);

/* Is what it writes kept? */
bool config_has_log(const struct config *config);

bool config_mount_is_image(const struct config_mount *mount);

/* Was it made from that image? Is it shown it? */
bool config_is_of(const struct config *config, const char *image_id);
bool config_shows(const struct config *config, const char *image_id);

/* Read and write container.json. */
int config_parse(const char *json, size_t len, struct arena *arena, struct config **ret_config,
		 struct err *err);
void config_format(const struct config *config, struct buf *out);
