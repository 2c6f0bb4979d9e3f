/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table of media types. A row is a thing; each family has a name for it, or none. What is of no
 * row is the type of something else than an image.
 */
#include "image/media.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define OCI_FOREIGN    "application/vnd.oci.image.layer.nondistributable.v1.tar"
#define DOCKER_FOREIGN "application/vnd.docker.image.rootfs.foreign.diff.tar"

static const struct media {
	enum media_kind kind;
	const char *names[2]; /* by family */
} table[] = {
	{ MEDIA_KIND_MANIFEST, { MEDIA_OCI_MANIFEST, MEDIA_DOCKER_MANIFEST } },
	{ MEDIA_KIND_INDEX, { MEDIA_OCI_INDEX, MEDIA_DOCKER_LIST } },
	{ MEDIA_KIND_CONFIG, { MEDIA_OCI_CONFIG, MEDIA_DOCKER_CONFIG } },
	{ MEDIA_KIND_LAYER, { MEDIA_OCI_LAYER, MEDIA_DOCKER_LAYER } },
	{ MEDIA_KIND_LAYER, { MEDIA_OCI_LAYER_GZIP, MEDIA_DOCKER_LAYER_GZIP } },
	/* containerd alone has a name of docker's kind for zstd: it is read, and never written */
	{ MEDIA_KIND_LAYER, { MEDIA_OCI_LAYER_ZSTD, NULL } },
	{ MEDIA_KIND_LAYER, { MEDIA_OCI_LAYER_ZSTD, MEDIA_DOCKER_LAYER ".zstd" } },
	{ MEDIA_KIND_LAYER, { OCI_FOREIGN, DOCKER_FOREIGN } },
	{ MEDIA_KIND_LAYER, { OCI_FOREIGN "+gzip", DOCKER_FOREIGN ".gzip" } },
	{ MEDIA_KIND_LAYER, { OCI_FOREIGN "+zstd", NULL } },
	{ MEDIA_KIND_SCHEMA1, { NULL, "application/vnd.docker.distribution.manifest.v1+json" } },
	{ MEDIA_KIND_SCHEMA1,
	  { NULL, "application/vnd.docker.distribution.manifest.v1+prettyjws" } },
};

bool media_is_equal(const char *a, const char *b)
{
	size_t a_len = strcspn(a, "; \t"), b_len = strcspn(b, "; \t");

	return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

static const struct media *find(const char *type)
{
	for (size_t i = 0; type && i < sizeof(table) / sizeof(table[0]); i++)
		for (size_t k = 0; k < sizeof(table[i].names) / sizeof(table[i].names[0]); k++)
			if (table[i].names[k] && media_is_equal(table[i].names[k], type))
				return &table[i];
	return NULL;
}

enum media_kind media_kind(const char *type)
{
	const struct media *media = find(type);

	return media ? media->kind : MEDIA_KIND_OTHER;
}

bool media_is_vague(const char *type)
{
	static const char *const vague[] = {
		"", "application/json", "application/octet-stream", "text/html", "text/plain",
	};

	for (size_t i = 0; type && i < sizeof(vague) / sizeof(vague[0]); i++)
		if (media_is_equal(vague[i], type))
			return true;
	return !type;
}

const char *media_name(const char *type, enum media_family family)
{
	const struct media *media = find(type);

	return media ? media->names[family] : NULL;
}
