/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Places of images made by hand, in memory or in a directory of the claim's own. */

#include "image/hash.h"
#include "image/media.h"

#include "layer/archive.h"
#include "layer/packed.h"
#include "tmpdir.h"

/* Of a text: "sha256:..." in the caller's array. */
static inline const char *digest_of(const char *text, struct digest *digest)
{
	hash_bytes(DIGEST_SHA256, text, strlen(text), digest);
	return digest->text;
}

static inline void add_descriptor(struct buf *json, const char *type, const char *text)
{
	struct digest digest;

	buf_printf(json, "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu}", type,
		   digest_of(text, &digest), strlen(text));
}

/* A configuration whose layers are these texts; NULL ends them. */
static inline void add_config(struct buf *json, const char *const *layers)
{
	struct digest digest;

	buf_puts(json, "{\"os\":\"linux\",\"architecture\":\"amd64\","
		       "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[");
	for (size_t i = 0; layers[i]; i++)
		buf_printf(json, "%s\"%s\"", i ? "," : "", digest_of(layers[i], &digest));
	buf_puts(json, "]}}");
}

static inline void add_manifest(struct buf *json, enum media_family family, const char *config,
				const char *const *layers)
{
	buf_printf(json, "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":",
		   media_name(MEDIA_OCI_MANIFEST, family));
	add_descriptor(json, media_name(MEDIA_OCI_CONFIG, family), config);
	buf_puts(json, ",\"layers\":[");
	for (size_t i = 0; layers[i]; i++) {
		buf_puts(json, i ? "," : "");
		add_descriptor(json, media_name(MEDIA_OCI_LAYER, family), layers[i]);
	}
	buf_puts(json, "]}");
}

/* A file that is called by its digest, with something before and behind. */
static inline void add_blob(struct buf *archive, const char *before, const char *behind,
			    const char *text)
{
	struct digest digest;
	char name[100];

	digest_of(text, &digest);
	(void)snprintf(name, sizeof(name), "%s%s%s", before, digest_hex(&digest), behind);
	archive_add(archive, .path = name, .data = text);
}

/* Write it as `name` in the directory; its path in the caller's array. */
static inline const char *place_file(const struct tmpdir *dir, const char *name,
				     const struct buf *bytes, char path[300])
{
	auto_close int fd = openat(dir->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	struct err err = {};

	(void)snprintf(path, 300, "%s/%s", dir->path, name);
	if (fd < 0 || buf_write_fd(bytes, fd, name, &err) < 0)
		path[0] = '\0';
	return path;
}
