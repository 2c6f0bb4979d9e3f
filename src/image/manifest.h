/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The documents that name what an image is made of: an image manifest (OCI manifest.md; docker's
 * manifest version 2, schema 2) and an index of several (OCI image-index.md; docker's manifest
 * list). They are foreign: what they say is checked before it is used, and whoever fetches what
 * they name compares digest and size.
 *
 * Refused: a document that is both (CVE-2021-41190), one whose mediaType differs from how it was
 * served, schema 1 of docker's. What is no image of a container (an artefact) is read, and said so.
 */

#include "image/descriptor.h"
#include "image/media.h"

#define MANIFEST_MAX_BYTES ((size_t)4 << 20)
#define MANIFEST_MAX_LAYERS 500

enum manifest_kind {
	MANIFEST_IMAGE,
	MANIFEST_INDEX,
};

struct manifest {
	enum manifest_kind kind;
	char *media_type;    /* the document's, or how it was served */
	char *artifact_type; /* NULL: an image */
	struct oci_pairs annotations;
	struct descriptor *config;           /* of an image */
	OCI_LIST(struct descriptor) layers;  /* of an image, the lowest first */
	OCI_LIST(struct descriptor) manifests; /* of an index */
};

/*
 * `served_as` is how it was told to be (Content-Type, a descriptor's mediaType), or NULL. Of what
 * was read, digests, sizes and numbers are checked. -ENOTSUP: schema 1, or of no image; -EINVAL.
 */
int manifest_parse(const char *json, size_t len, const char *served_as, struct arena *arena,
		   struct manifest **ret, struct err *err);

/*
 * The image of an index for that platform; one that says nothing of its platform is taken when no
 * other fits. It may be an index again. ERR_NOT_FOUND: none is, and the words name those that there
 * are. Attestations (unknown/unknown) are none.
 */
int manifest_choose(const struct manifest *index, const struct platform *platform,
		    const struct descriptor **ret, struct err *err);

/* -ENOTSUP: it is an artefact, and what kind; or a layer is neither tar, gzip nor zstd. */
int manifest_check_image(const struct manifest *manifest, struct err *err);

/*
 * Write one, as that family has it: the types of config and layers become the family's names, and
 * what docker's has no place for is left out. Of descriptors `digest` counts, not `digest_text`.
 * The same manifest gives the same bytes. -ENOTSUP: the family has no name for a layer (zstd).
 */
int manifest_format(const struct manifest *manifest, enum media_family family, struct buf *out,
		    struct err *err);
