/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is kept of images on disk, and the one door to it (store/layout.h knows the paths):
 *
 *	ROOT/images/           an OCI image layout (image-layout.md) that other tools read:
 *	                       oci-layout, blobs/ALG/HEX, and index.json, which is derived
 *	ROOT/references/       a file for each reference: the truth
 *	ROOT/layers/ALG/HEX/   a layer unpacked, by its diffID: fs/ and layer.json
 *	ROOT/partial/          blobs that are being fetched, by digest: what is there can be resumed
 *	ROOT/staging/          what is not yet whole; of nobody who lives: rubbish
 *	ROOT/locks/            a lock for each digest
 *
 * What has its final name is whole and on the disk (fsync, rename, fsync of the directory), so
 * readers take no lock. Who fetches or unpacks something holds the lock of its digest alone; who
 * counts on something until a reference names it holds that lock together with others. So two who
 * pull one image share the work, and what is in use is not collected.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "image/digest.h"
#include "oci/types.h"
#include "sys/measure.h"

#include <stdbool.h>
#include <stdint.h>

struct store {
	const char *root;
	int root_fd; /* O_PATH; -1: there is nothing yet */
};

#define STORE_NONE { NULL, -1 }
void store_done(struct store *store);
#define auto_store auto_cleanup(store_done)

/* Without `make`, a store that does not exist is an empty one. `root` is borrowed. */
int store_open(const char *root, bool make, struct store *store, struct err *err);

/* All that was written to the file system of `fd`, which was open while it was written, goes to the
 * disk: once for many things that take their places then (store_place_...). */
int store_sync(int fd, struct err *err);

/* ------------------------------------------------------------------------------- locks */

enum store_kind { STORE_BLOB, STORE_LAYER, STORE_REFERENCE, STORE_INDEX };

enum store_lock {
	STORE_SHARED,     /* it stays there */
	STORE_EXCLUSIVE,  /* it is mine to make or to remove */
	STORE_TRY,        /* the same, or -EWOULDBLOCK (no words) */
	STORE_TRY_SHARED, /* as STORE_SHARED, or -EWOULDBLOCK (no words) */
};

/* Wait for the lock of one thing; `name` is a digest's text or a reference. It is released when the
 * caller closes *ret_fd. */
int store_lock(const struct store *store, enum store_kind kind, const char *name,
	       enum store_lock how, int *ret_fd, struct err *err);

/* What was held alone is held together with others from now on: it was made, and stays. */
void store_share_lock(int lock_fd);

/* Take its file away, with what it stood for. The caller holds it alone. */
void store_drop_lock(const struct store *store, enum store_kind kind, const char *name);

/* ------------------------------------------------------------------------------- blobs */

/* ERR_NOT_FOUND. *ret_bytes may be NULL. */
int store_open_blob(const struct store *store, const struct digest *digest, int *ret_fd,
		    uint64_t *ret_bytes, struct err *err);
bool store_has_blob(const struct store *store, const struct digest *digest);

/* The whole of a small one. What is on the disk was verified when it came there. */
int store_read_blob(const struct store *store, const struct digest *digest, size_t max_bytes,
		    struct buf *ret, struct err *err);

/* The partial download of that digest, open for reading and writing, made if there is none. The
 * caller holds the exclusive lock of the blob. */
int store_open_partial(const struct store *store, const struct digest *digest, int *ret_fd,
		       struct err *err);

/* It is whole and was verified: it becomes the blob. */
int store_keep_partial(const struct store *store, const struct digest *digest, int fd,
		       struct err *err);

/* The same after store_sync. */
int store_place_partial(const struct store *store, const struct digest *digest, struct err *err);

/* It is not worth keeping. */
void store_drop_partial(const struct store *store, const struct digest *digest);

/* Take a blob away that is not what its digest says. The caller holds its exclusive lock. */
int store_drop_blob(const struct store *store, const struct digest *digest, struct err *err);

/* Put a small one there whole. That it is there already is success. The digest is the caller's
 * claim, who has computed it. */
int store_add_blob(const struct store *store, const struct digest *digest, const void *bytes,
		   size_t n, struct err *err);

/* ------------------------------------------------------------------------------- layers */

/* What is known of an unpacked layer, kept as layer.json. */
struct store_layer {
	char *diff_id_text;
	uint64_t tar_bytes;  /* of the uncompressed archive */
	uint64_t file_bytes; /* of what is in its files */
	uint64_t entries;
	uint32_t max_id;     /* the highest uid or gid in it */
	char *max_id_path;   /* whose that is */
	uint64_t names, named_bytes; /* what sys/measure.h finds in fs/, filled as it is kept */
	char *sum_text;              /* the same; NULL: of a layer of before that was known */
};

bool store_has_layer(const struct store *store, const struct digest *diff_id);

/* Where its files are, to be told; whoever reads them opens them below. */
char *store_layer_path(const char *root, const struct digest *diff_id, struct arena *arena);

/* Its fs/ directory, O_PATH, and what is known of it (either may be NULL). ERR_NOT_FOUND. */
int store_open_layer(const struct store *store, const struct digest *diff_id, struct arena *arena,
		     int *ret_fs_fd, struct store_layer **ret_layer, struct err *err);

/* Is it what it was when it was kept, as far as a walk can tell that reads no file? ERR_NOT_FOUND;
 * ERR_USAGE, -EBADMSG: no, and what differs. */
int store_prove_layer(const struct store *store, const struct digest *diff_id, struct err *err);

/* Take a layer away, which nobody uses. The caller holds its exclusive lock. */
int store_drop_layer(const struct store *store, const struct digest *diff_id, struct err *err);

/* A layer in the making: an empty directory with an empty fs/ in it. */
struct store_stage {
	char name[32];
	int dir_fd, fs_fd;
};

#define STORE_STAGE_NONE { "", -1, -1 }

int store_stage_layer(const struct store *store, struct store_stage *stage, struct err *err);

/* A file in the same stage, open for reading and writing, for a blob that has no digest yet. */
int store_stage_blob(const struct store_stage *stage, int *ret_fd, struct err *err);

/* It is whole, and becomes the blob: before its stage becomes a layer. The caller holds the
 * exclusive lock of the blob. */
int store_keep_blob(const struct store *store, const struct store_stage *stage, int fd,
		    const struct digest *digest, struct err *err);

/* All of it goes to the disk and becomes the layer `diff_id`, with what a walk over its files has
 * `seen`, which fills names, named_bytes and sum_text; the caller holds its exclusive lock,
 * or nobody else may make it. That it is there already is success. */
int store_keep_layer(const struct store *store, struct store_stage *stage,
		     const struct digest *diff_id, const struct store_layer *layer,
		     const struct measure *seen, struct err *err);

/* The same in two steps, with store_sync between them. */
int store_describe_layer(const struct store_stage *stage, const struct store_layer *layer,
			 const struct measure *seen, struct err *err);
int store_place_layer(const struct store *store, struct store_stage *stage,
		      const struct digest *diff_id, struct err *err);

/* Let go of it; what was not kept is taken away. */
void store_drop_stage(const struct store *store, struct store_stage *stage);

/* ------------------------------------------------------------------------------- references */

/* What a name stands for. */
struct store_image {
	char *reference;       /* whole: "docker.io/library/busybox:latest"; "@DIGEST": no name */
	char *media_type;      /* of its manifest */
	char *manifest_text, *config_text, *index_text; /* digests, as they are kept */
	struct digest manifest;
	struct digest config;  /* its image ID */
	struct digest index;   /* of several platforms, from which it was chosen; "" */
	uint64_t manifest_bytes;
	char *created;         /* when the image was made, RFC 3339; NULL: not said */
	uint64_t bytes;        /* of all its layers unpacked */
	uint32_t max_id;       /* the highest uid or gid in them */
	char *max_id_path;     /* whose that is */
	struct oci_strings blob_texts, layer_texts; /* digests: of its layers; their diffIDs */
};

/* Make one whose digests are copied to their texts: what is to be tagged. */
void store_image_fill(struct store_image *image, struct arena *arena);

/*
 * Give `image->reference` to an image whose blobs and layers are there and locked by the caller.
 * Another that had that name, and has no other, goes on without one.
 */
int store_tag(const struct store *store, const struct store_image *image, struct arena *arena,
	      struct err *err);

/* Take a name away; the image stays until store_collect. ERR_NOT_FOUND. */
int store_untag(const struct store *store, const char *reference, struct err *err);

/* ERR_NOT_FOUND. */
int store_find(const struct store *store, const char *reference, struct arena *arena,
	       struct store_image **ret, struct err *err);

/* All, in the order of their references. One that can't be read is warned about and left out, or
 * told to `tell` with the name of its file, which store_untag takes. */
typedef void store_unread_fn(void *data, const char *file, const struct err *why);
int store_list_telling(const struct store *store, store_unread_fn *tell, void *data,
		       struct arena *arena, struct store_image ***ret, size_t *ret_n,
		       struct err *err);
int store_list(const struct store *store, struct arena *arena, struct store_image ***ret,
	       size_t *ret_n, struct err *err);

/* Is that its name, or does it go without? */
bool store_image_is_named(const struct store_image *image);

/* ------------------------------------------------------------------------------- collection */

struct store_collected {
	struct oci_strings layers; /* diffIDs of those that went, in the caller's arena */
	struct oci_strings blobs;  /* the same of blobs: their digests */
	uint64_t bytes;            /* that all of it took, of the disk */
};

/* Digests that are in use without being named, asked for when nobody can begin to use others. */
struct store_keep {
	int (*find)(void *data, struct arena *arena, struct oci_strings *ret, struct err *err);
	void *data;
};

/*
 * Remove of `image`, whose names were taken away, what no other image has: its layers, its blobs,
 * its manifest. What somebody holds a lock of stays, and so does what `keep` finds.
 */
int store_collect(const struct store *store, const struct store_image *image,
		  const struct store_keep *keep, struct arena *arena,
		  struct store_collected *ret, struct err *err);

/* Say what store_collect would remove, and leave it there. */
int store_find_unused(const struct store *store, const struct store_image *image,
		      const struct store_keep *keep, struct arena *arena,
		      struct store_collected *ret, struct err *err);
