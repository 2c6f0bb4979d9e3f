/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An image's configuration (OCI image specification, config.md, with what docker adds): how its
 * program is run, and from which layers its root is made. It is foreign.
 */

#include "image/digest.h"
#include "image/platform.h"
#include "oci/schema.h"
#include "oci/types.h"

struct image_health {
	struct oci_strings test; /* "CMD", "CMD-SHELL", "NONE" and what follows */
	int64_t interval_ns, timeout_ns, start_period_ns, start_interval_ns, retries;
};

struct image_process {
	char *user;
	struct oci_strings env, entrypoint, cmd, exposed_ports, volumes, shell, on_build;
	char *working_dir, *stop_signal;
	struct oci_pairs labels;
	struct image_health *health;
	struct oci_i64 stop_timeout; /* seconds */
	bool args_escaped;
};

struct image_history {
	char *created, *created_by, *author, *comment;
	bool empty_layer;
};

struct image_config {
	struct platform platform;
	char *created, *author, *docker_version;
	struct image_process *process; /* never NULL */
	char *rootfs_type;
	struct oci_strings diff_id_texts; /* as the document has them; use diff_ids */
	OCI_LIST(struct digest) diff_ids; /* the lowest layer first */
	OCI_LIST(struct image_history) history;
};

/* Checked: the diffIDs, and that history tells of no more layers than rootfs has. -EINVAL. */
int image_config_parse(const char *json, size_t len, struct arena *arena,
		       struct image_config **ret, struct err *err);

/* Docker's and OCI's JSON, from `diff_ids` and not from their texts; the same struct gives the same
 * bytes. */
void image_config_format(const struct image_config *config, struct buf *out);

/* The member `config` of it alone: the table of it, and what that is of. */
extern const struct schema image_process_schema;
const void *image_process_object(const struct image_process *process, struct arena *arena);
