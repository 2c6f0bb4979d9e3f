/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An image on its way into the store, from a registry or an archive: its documents are there, its
 * layers arrive. Who brings them says how far each is; each is unpacked as it arrives, several at
 * once, and in the end all of it is in the store under a name, or nothing but blobs in parts.
 *
 *	intake_open              what is missing, and locked against others who bring the same
 *	for each layer with .is_missing, in any order and at the same time:
 *		write to .blob_fd; intake_tell(...) after each piece
 *		intake_complete(...) when size and digest were found to be right
 *	intake_keep              waits for what is unpacked, and gives the name
 *	intake_close
 */

#include "image/image_config.h"
#include "image/manifest.h"
#include "layer/unpack_process.h"
#include "store/store.h"

/* A document: as it came, and what it says. */
struct intake_document {
	const char *media_type, *json;
	size_t len;
	struct digest digest;
};

struct intake_request {
	const struct store *store;
	const char *reference;             /* whole, or "@DIGEST" */
	struct intake_document manifest, config;
	const struct intake_document *index; /* from which it was chosen; or NULL */
};

struct intake_layer {
	const struct descriptor *what;
	struct digest diff_id;
	bool is_missing; /* its blob is: bring it to blob_fd */
	int blob_fd;     /* of what is there of the blob */

	/* the intake's own */
	bool is_unpacked;        /* in its stage or in the store, or another's here does it */
	bool is_complete;
	bool has_begun;
	uint64_t bytes;
	unsigned restarts;
	int tell_fd, lock_fd, blob_lock_fd;
	struct store_stage stage;
	struct layer_unpacking unpacking;
};

struct intake {
	struct intake_request request;
	struct manifest *manifest;
	struct image_config *config;
	struct intake_layer *layers; /* the lowest first */
	size_t n;
	unsigned n_running, max_running; /* unpacking processes */
	int document_lock_fds[3];        /* of manifest, config and index */
	bool has_document[3];
	struct arena *arena;
};

/* Lock a blob or a layer: together with others if it is there; alone, to be made, if it is not. */
int intake_hold(const struct store *store, enum store_kind kind, const struct digest *digest,
		int *ret_lock_fd, bool *ret_is_there, struct err *err);

/* What was unpacked into `stage` becomes that layer, as store_keep_layer has it. */
int intake_keep_layer(const struct store *store, struct store_stage *stage,
		      struct layer_facts *facts, struct err *err);

/* What `request` points to, and `arena`, must outlive it. In a process that has a single thread. */
int intake_open(const struct intake_request *request, struct arena *arena, struct intake *ret,
		struct err *err);
void intake_close(struct intake *intake); /* of none, {}, as well */
#define auto_intake auto_cleanup(intake_close)

/* So much of it is in blob_fd by now; `restarts` has grown when that began anew. */
void intake_tell(struct intake *intake, struct intake_layer *layer, uint64_t bytes,
		 unsigned restarts);

/* All of it is there, and is what it should be. */
void intake_complete(struct intake_layer *layer);

/* Wait until all is unpacked and on the disk, and give the image its name. ERR_USAGE: a layer is
 * not what the configuration says. */
int intake_keep(struct intake *intake, struct store_image *ret, struct err *err);
