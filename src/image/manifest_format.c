/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes manifests and indexes. The order of members is the table's and nothing depends on when or
 * where it is written, so an image that is made again has the digest that it had. The entries of an
 * index keep their types: theirs stand in the documents that they name, whose digests they give.
 */
#include "image/manifest.h"

struct document {
	int64_t schema_version;
	struct manifest manifest;
};

#define ROW(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct document, member), __VA_ARGS__ }

static const struct schema_field image_fields[] = {
	ROW(schema_version, "schemaVersion", I64),
	ROW(manifest.media_type, "mediaType", STRING),
	ROW(manifest.artifact_type, "artifactType", STRING),
	ROW(manifest.config, "config", OBJECT, .sub = &descriptor_schema),
	ROW(manifest.layers, "layers", LIST, .sub = &descriptor_schema, .flags = SCHEMA_REQUIRED),
	ROW(manifest.annotations, "annotations", PAIRS),
};
static const struct schema image_schema = SCHEMA(struct document, image_fields);

static const struct schema_field index_fields[] = {
	ROW(schema_version, "schemaVersion", I64),
	ROW(manifest.media_type, "mediaType", STRING),
	ROW(manifest.artifact_type, "artifactType", STRING),
	ROW(manifest.manifests, "manifests", LIST, .sub = &descriptor_schema,
	    .flags = SCHEMA_REQUIRED),
	ROW(manifest.annotations, "annotations", PAIRS),
};
static const struct schema index_schema = SCHEMA(struct document, index_fields);

static void copy(const struct descriptor *from, enum media_family family, struct arena *arena,
		 struct descriptor *to)
{
	*to = *from;
	to->digest_text = arena_strdup(arena, from->digest.text);
	if (family == MEDIA_FAMILY_DOCKER) {
		to->annotations = (struct oci_pairs){};
		to->artifact_type = NULL;
	}
}

/* The same, by the name that the family has for it. */
static int translate(const struct descriptor *from, enum media_family family, struct arena *arena,
		     struct descriptor *to, struct err *err)
{
	const char *name = media_name(from->media_type, family);
	bool is_of_image = media_kind(from->media_type) != MEDIA_KIND_OTHER;

	if (!name && (is_of_image || family == MEDIA_FAMILY_DOCKER))
		return err_set(err, ERR_USAGE, ENOTSUP, "%s manifests have no name for '%.160s'",
			       family == MEDIA_FAMILY_OCI ? "OCI" : "docker's",
			       from->media_type ? from->media_type : "");
	copy(from, family, arena, to);
	if (name)
		to->media_type = arena_strdup(arena, name);
	return 0;
}

static int translate_image(const struct manifest *from, enum media_family family,
			   struct arena *arena, struct manifest *to, struct err *err)
{
	int r;

	to->config = arena_new(arena, struct descriptor);
	r = translate(from->config, family, arena, to->config, err);
	if (r < 0)
		return err_wrap(err, "config");
	to->layers.v = arena_array(arena, struct descriptor, from->layers.n);
	for (size_t i = 0; i < from->layers.n; i++) {
		r = translate(&from->layers.v[i], family, arena, &to->layers.v[i], err);
		if (r < 0)
			return err_wrap(err, "layers[%zu]", i);
	}
	return 0;
}

static void copy_index(const struct manifest *from, enum media_family family, struct arena *arena,
		       struct manifest *to)
{
	to->manifests.v = arena_array(arena, struct descriptor, from->manifests.n);
	for (size_t i = 0; i < from->manifests.n; i++)
		copy(&from->manifests.v[i], family, arena, &to->manifests.v[i]);
}

int manifest_format(const struct manifest *manifest, enum media_family family, struct buf *out,
		    struct err *err)
{
	auto_arena struct arena arena = {};
	struct document document = { .schema_version = 2, .manifest = *manifest };
	bool is_image = manifest->kind == MANIFEST_IMAGE;
	int r;

	if (family == MEDIA_FAMILY_DOCKER) {
		document.manifest.annotations = (struct oci_pairs){};
		document.manifest.artifact_type = NULL;
	}
	document.manifest.media_type = arena_strdup(
		&arena, media_name(is_image ? MEDIA_OCI_MANIFEST : MEDIA_OCI_INDEX, family));
	if (is_image) {
		r = translate_image(manifest, family, &arena, &document.manifest, err);
		if (r < 0)
			return r;
	} else {
		copy_index(manifest, family, &arena, &document.manifest);
	}
	schema_format(is_image ? &image_schema : &index_schema, &document, out);
	return 0;
}
