/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one transport does otherwise than the rest. Another one is a file with such a row, and its
 * line in the table of transport.c.
 */

#include "image/manifest.h"
#include "transport/output.h"
#include "transport/transport.h"
#include "transport/tree.h"

/* A blob that does not lie under the name its descriptor gives. */
struct placed_blob {
	struct digest digest;
	char *name; /* of its file; NULL: it was made, and lies in made_fd: */
	uint64_t at, bytes;
};

struct transport_source {
	const struct transport_driver *driver;
	char *path, *wanted; /* wanted: what REF says; NULL: all */
	struct tree tree;
	struct buf images;   /* struct transport_image */
	struct buf placed;   /* struct placed_blob */
	int made_fd;
	struct arena arena;
};

/* A manifest that is put, and what it is put as. */
struct put_image {
	struct descriptor manifest;
	struct oci_strings names;
	struct manifest *document;
	char *json;
};

struct transport_target {
	const struct transport_driver *driver;
	char *path, *wanted;
	struct output output;
	struct buf images;   /* struct put_image */
	struct buf adapted;  /* struct adapted: what layout_adapt remembers */
	struct arena arena;
};

enum transport_flags {
	TRANSPORT_ONE_IMAGE = 1 << 0, /* whose manifest is a file apart, not a blob */
	TRANSPORT_NO_INDEX = 1 << 1,  /* images of one platform only */
};

struct transport_driver {
	unsigned flags;

	/* Is this one? Asked for a path of which nothing else is known. */
	bool (*is_it)(const struct tree *tree);

	/* Add the images that are wanted. */
	int (*list)(struct transport_source *source, struct err *err);

	/* The name of the file that holds it. */
	void (*name_blob)(const struct descriptor *what, struct buf *ret);

	/* Make a manifest one that has its place there: change the document, its bytes and its
	 * descriptor. NULL: all have. */
	int (*adapt)(struct transport_target *target, struct put_image *image, struct err *err);

	/* Write what says which images there are. */
	int (*finish)(struct transport_target *target, struct err *err);
};

extern const struct transport_driver layout_driver, docker_driver, dir_driver;

/* Does REF mean the image at that place, with one of those names? */
bool transport_wants(const struct transport_source *source, const struct oci_strings *names,
		     size_t place);

/* Do both name one image, however much of it they leave out? */
bool transport_is_same_name(const char *a, const char *b);

void transport_add_image(struct transport_source *source, const struct transport_image *image);
void transport_place(struct transport_source *source, const struct placed_blob *blob);

/* Lists of names that grow. */
void transport_add_name(struct oci_strings *names, const char *name, struct arena *arena);

/* All that were put: *ret_n of them. */
const struct put_image *transport_put_images(const struct transport_target *target, size_t *ret_n);
