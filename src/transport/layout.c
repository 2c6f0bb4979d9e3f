/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads OCI image layouts (image-layout.md): blobs by their digest, and index.json, which names the
 * manifests. What an image is called stands in annotations of it: whole in containerd's, and in
 * OCI's either whole, as podman writes it, or as a tag, as skopeo and umoci do. A tag alone is no
 * name to load an image by, but a REF may say it.
 */
#include "transport/layout.h"

#include <string.h>

struct marker {
	char *version;
};

static const struct schema_field marker_fields[] = {
	{ "imageLayoutVersion", SCHEMA_STRING, SCHEMA_REQUIRED, offsetof(struct marker, version) },
};
static const struct schema marker_schema = SCHEMA(struct marker, marker_fields);

void layout_name_blob(const struct descriptor *what, struct buf *ret)
{
	buf_printf(ret, "blobs/%s/%s", digest_algorithm_name(digest_algorithm(&what->digest)),
		   digest_hex(&what->digest));
}

static bool layout_is_it(const struct tree *tree)
{
	return tree_first_byte(tree, LAYOUT_INDEX) == '{';
}

/* ------------------------------------------------------------------------------- read */

static int check_marker(const struct tree *tree, struct arena *arena, struct err *err)
{
	auto_buf struct buf json = {};
	struct marker *marker = NULL;
	int r = tree_read(tree, LAYOUT_MARKER, MANIFEST_MAX_BYTES, &json, err);

	if (r == 0)
		r = schema_parse(&marker_schema, buf_str(&json), json.len, arena, (void **)&marker,
				 err);
	if (r < 0)
		return err_wrap(err, "'%s'", LAYOUT_MARKER);
	if (strncmp(marker->version, "1.", 2) != 0)
		return err_set(err, ERR_USAGE, EBADMSG, "it is of the unknown version '%.64s'",
			       marker->version);
	return 0;
}

int layout_read_index(const struct tree *tree, struct arena *arena, struct manifest **ret,
		      struct err *err)
{
	auto_buf struct buf json = {};
	int r = tree_read(tree, LAYOUT_INDEX, MANIFEST_MAX_BYTES, &json, err);

	if (r < 0)
		return r;
	r = manifest_parse(buf_str(&json), json.len, MEDIA_OCI_INDEX, arena, ret, err);
	return r < 0 ? err_wrap(err, "'%s'", LAYOUT_INDEX) : 0;
}

const char *layout_annotation(const struct descriptor *descriptor, const char *key)
{
	for (size_t i = 0; i < descriptor->annotations.n; i++)
		if (strcmp(descriptor->annotations.v[i].key, key) == 0)
			return descriptor->annotations.v[i].value;
	return NULL;
}

/* All that it is called, tags too. */
static struct oci_strings find_names(const struct descriptor *descriptor, struct arena *arena)
{
	const char *name = layout_annotation(descriptor, LAYOUT_NAME);
	const char *ref = layout_annotation(descriptor, LAYOUT_REF);
	struct oci_strings names = {};

	if (name)
		transport_add_name(&names, name, arena);
	if (ref && (!name || strcmp(name, ref) != 0))
		transport_add_name(&names, ref, arena);
	return names;
}

static bool is_image(const struct descriptor *descriptor)
{
	enum media_kind kind = media_kind(descriptor->media_type);
	const struct platform *platform = descriptor->platform;

	if (platform && platform->os && strcmp(platform->os, "unknown") == 0)
		return false;
	return !descriptor->artifact_type &&
	       (kind == MEDIA_KIND_MANIFEST || kind == MEDIA_KIND_INDEX);
}

/* The image that has that manifest, new if there is none: a layout has an entry for each name. */
static struct transport_image *ensure_image(struct transport_source *source,
					    const struct descriptor *descriptor)
{
	struct transport_image *images = (void *)source->images.data, image = { *descriptor };
	size_t n = source->images.len / sizeof(image);

	for (size_t i = 0; i < n; i++)
		if (digest_is_equal(&images[i].manifest.digest, &descriptor->digest))
			return &images[i];
	transport_add_image(source, &image);
	return (struct transport_image *)(void *)source->images.data + n;
}

static void take_entry(struct transport_source *source, const struct descriptor *descriptor,
		       size_t place)
{
	struct oci_strings names = find_names(descriptor, &source->arena);
	struct transport_image *image;

	if (!is_image(descriptor) || !transport_wants(source, &names, place))
		return;
	image = ensure_image(source, descriptor);
	for (size_t i = 0; i < names.n; i++)
		if (strpbrk(names.v[i], "/:")) {
			transport_add_name(&image->names, names.v[i], &source->arena);
			break;
		}
}

static int layout_list(struct transport_source *source, struct err *err)
{
	struct manifest *index = NULL;
	int r = check_marker(&source->tree, &source->arena, err);

	if (r == 0)
		r = layout_read_index(&source->tree, &source->arena, &index, err);
	for (size_t i = 0; r == 0 && i < index->manifests.n; i++)
		take_entry(source, &index->manifests.v[i], i);
	return r;
}

const struct transport_driver layout_driver = {
	.is_it = layout_is_it,
	.list = layout_list,
	.name_blob = layout_name_blob,
	.adapt = layout_adapt,
	.finish = layout_finish,
};
