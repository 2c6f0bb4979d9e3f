/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every path of the store on disk (store/store.h has the picture), and how a file comes to one:
 * written elsewhere, synced, renamed. For the rooms of the store only.
 */

#include "store/store.h"

#include <limits.h>

#define LAYOUT_IMAGES     "images"
#define LAYOUT_INDEX      "index.json"
#define LAYOUT_REFERENCES "references"
#define LAYOUT_LAYERS     "layers"
#define LAYOUT_PARTIAL    "partial"
#define LAYOUT_STAGING    "staging"
#define LAYOUT_LOCKS      "locks"

#define LAYOUT_LAYER_FILES "fs"
#define LAYOUT_LAYER_FACTS "layer.json"

/* "images/blobs/sha256", and with `digest`'s name below it. */
#define LAYOUT_PATH_BYTES (sizeof(LAYOUT_IMAGES "/blobs/sha512/") + DIGEST_TEXT_BYTES)
void layout_blob_dir(enum digest_algorithm algorithm, char out[LAYOUT_PATH_BYTES]);
void layout_blob_path(const struct digest *digest, char out[LAYOUT_PATH_BYTES]);
void layout_layer_dir(enum digest_algorithm algorithm, char out[LAYOUT_PATH_BYTES]);
void layout_layer_path(const struct digest *digest, char out[LAYOUT_PATH_BYTES]);
void layout_partial_path(const struct digest *digest, char out[LAYOUT_PATH_BYTES]);

/* The file of a reference. -ENAMETOOLONG: it is longer than that. A lock's name has some more. */
#define LAYOUT_REFERENCE_MAX (NAME_MAX - 16)
int layout_reference_name(const char *reference, char out[NAME_MAX + 1], struct err *err);

/* A directory of the store, made if it is missing. The caller owns *ret_fd, which can be read. */
int layout_open_dir(const struct store *store, const char *path, int *ret_fd, struct err *err);

/* The same, without making it. -ENOENT has no words. */
int layout_find_dir(const struct store *store, const char *path, int *ret_fd, struct err *err);

/* Put a whole file to `name` in `path`, durably; one that was there is replaced. */
int layout_put_file(const struct store *store, const char *path, const char *name,
		    const void *bytes, size_t n, struct err *err);

/* Move what is whole and synced to its name, and sync that. -EEXIST: it is there (for a directory
 * that is not empty). */
int layout_move(const struct store *store, int from_dir_fd, const char *from, const char *path,
		const char *name, struct err *err);

/*
 * What is being made in staging/ has a name that nobody else has, and a lock (flock) that goes with
 * its maker, however that ends. It may have been swept away between its making and its locking: who
 * has the lock looks whether it still has its name.
 */
#define LAYOUT_STAGE_BYTES 32
void layout_stage_name(char out[LAYOUT_STAGE_BYTES]);

/* Take away what nobody holds: who stages something does that first. */
void layout_sweep(int staging_fd);

/* Hide a layer in staging/, where it is called *ret then and is nobody's. 1: it is not there. */
int layout_hide_layer(const struct store *store, const struct digest *diff_id,
		      char ret[LAYOUT_STAGE_BYTES], struct err *err);

/* Of what a file in locks/ is the lock; *ret_name points into it, and of a reference has '+' for
 * '/', as store_lock takes it too. -EINVAL: of nothing that we know. */
int layout_parse_lock(const char *file, enum store_kind *ret_kind, const char **ret_name);
