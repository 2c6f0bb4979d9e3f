/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The media types of what an image is made of: OCI's (media-types.md) and docker's (image manifest
 * version 2, schema 2), most of which are two names for one thing.
 */

#include <stdbool.h>

#define MEDIA_OCI_MANIFEST    "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_OCI_INDEX       "application/vnd.oci.image.index.v1+json"
#define MEDIA_OCI_CONFIG      "application/vnd.oci.image.config.v1+json"
#define MEDIA_OCI_LAYER       "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_OCI_LAYER_GZIP  "application/vnd.oci.image.layer.v1.tar+gzip"
#define MEDIA_OCI_LAYER_ZSTD  "application/vnd.oci.image.layer.v1.tar+zstd"
#define MEDIA_OCI_EMPTY       "application/vnd.oci.empty.v1+json"
#define MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_LIST     "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_CONFIG   "application/vnd.docker.container.image.v1+json"
#define MEDIA_DOCKER_LAYER    "application/vnd.docker.image.rootfs.diff.tar"
#define MEDIA_DOCKER_LAYER_GZIP "application/vnd.docker.image.rootfs.diff.tar.gzip"

enum media_kind {
	MEDIA_KIND_OTHER, /* of no image */
	MEDIA_KIND_MANIFEST,
	MEDIA_KIND_INDEX,
	MEDIA_KIND_CONFIG,
	MEDIA_KIND_LAYER,   /* tar, gzip or zstd; also one that may not be distributed */
	MEDIA_KIND_SCHEMA1, /* docker's manifest before schema 2 */
};

enum media_family {
	MEDIA_FAMILY_OCI,
	MEDIA_FAMILY_DOCKER,
};

/* In all of these, what follows a ';' (a charset, as a server may say) does not count. NULL and ""
 * are of no kind. */
enum media_kind media_kind(const char *type);
bool media_is_equal(const char *a, const char *b);

/* It says nothing: what servers and tools fall back to that don't know better. */
bool media_is_vague(const char *type);

/* The name that the family has for it; NULL: it has none. */
const char *media_name(const char *type, enum media_family family);
