/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A layer that is made here. What is written becomes its blob, and is unpacked in the jail while it
 * is written; then both go into the store, or neither does.
 *
 *	new_layer_begin(store, BLOB_GZIP, MEDIA_OCI_LAYER_GZIP, &layer, err);
 *	new_layer_write(&layer, bytes, n, err);		as often as there is something
 *	new_layer_settle(&layer, err);
 *	...						while an image is made that has it
 *	new_layer_done(&layer);
 */

#include "layer/blob.h"
#include "layer/unpack_process.h"
#include "store/store.h"

struct new_layer {
	/* once it is settled */
	struct digest digest, diff_id;
	uint64_t bytes;
	const char *media_type;

	/* its own */
	const struct store *store;
	struct store_stage stage;
	struct layer_unpacking unpacking;
	struct blob *blob;
	struct arena arena;
	uint64_t told;       /* how much of the blob there is */
	int blob_fd, tell_fd;
	int lock_fds[2]; /* of blob and layer */
};

/* new_layer_done is due whether or not new_layer_begin succeeded. */
#define NEW_LAYER_NONE { .stage = STORE_STAGE_NONE, .unpacking = LAYER_UNPACKING_NONE, \
			 .blob_fd = -1, .tell_fd = -1, .lock_fds = { -1, -1 } }

/* In a process that has a single thread. */
int new_layer_begin(const struct store *store, enum blob_kind kind, const char *media_type,
		    struct new_layer *ret, struct err *err);

int new_layer_write(struct new_layer *layer, const void *bytes, size_t n, struct err *err);

/* All was written. What is in the store stays there until new_layer_done. ERR_USAGE: it is no
 * archive, or none of a layer. */
int new_layer_settle(struct new_layer *layer, struct err *err);

void new_layer_done(struct new_layer *layer);
#define auto_new_layer auto_cleanup(new_layer_done)
