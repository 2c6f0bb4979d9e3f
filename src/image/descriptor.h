/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What one document of an image says of another (OCI image specification, descriptor.md; docker's
 * image manifest version 2, schema 2, says the same). As read from a document: the digest is
 * checked, everything else is a claim.
 */

#include "image/digest.h"
#include "image/platform.h"
#include "oci/schema.h"
#include "oci/types.h"

#define DESCRIPTOR_MAX_BYTES ((int64_t)1 << 40) /* what no blob of an image has */

struct descriptor {
	char *media_type;    /* NULL: not said */
	char *digest_text;   /* as the document has it; use `digest` */
	struct digest digest;
	int64_t size;        /* bytes, not negative */
	struct oci_strings urls; /* of a foreign layer */
	struct oci_pairs annotations;
	char *artifact_type;
	struct platform *platform; /* in an index; NULL: not said */
};

extern const struct schema descriptor_schema;

/* Fill `digest` and check what a schema can't: -EINVAL, naming `what`. */
int descriptor_check(struct descriptor *descriptor, const char *what, struct err *err);
