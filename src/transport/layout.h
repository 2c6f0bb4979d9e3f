/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The OCI image layout (image-layout.md): what reading and writing it share, and what docker's
 * archives, which are layouts as well, take from it.
 */

#include "transport/driver.h"

#define LAYOUT_INDEX       "index.json"
#define LAYOUT_MARKER      "oci-layout"
#define LAYOUT_MARKER_TEXT "{\"imageLayoutVersion\":\"1.0.0\"}"

#define LAYOUT_NAME "io.containerd.image.name"
#define LAYOUT_REF  "org.opencontainers.image.ref.name"

int layout_read_index(const struct tree *tree, struct arena *arena, struct manifest **ret,
		      struct err *err);

/* NULL: it has none of that key. */
const char *layout_annotation(const struct descriptor *descriptor, const char *key);

void layout_name_blob(const struct descriptor *what, struct buf *ret);
int layout_adapt(struct transport_target *target, struct put_image *image, struct err *err);
int layout_finish(struct transport_target *target, struct err *err);
