/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes OCI image layouts. What has its place in one is OCI's: skopeo and podman find no manifest
 * by its name that has one of docker's types. So docker's manifests are written anew with OCI's
 * types, an index of them with the digests that they have then; an image keeps its ID, which is its
 * configuration's, and its layers.
 */
#include "transport/layout.h"

#include "image/hash.h"

#include <string.h>

/* ------------------------------------------------------------------------------- manifests */

/* A manifest that was written anew. */
struct adapted {
	struct digest from;
	struct descriptor to;
};

static const struct adapted *find_adapted(const struct transport_target *target,
					  const struct digest *digest)
{
	const struct adapted *adapted = (const void *)target->adapted.data;

	for (size_t i = 0; i < target->adapted.len / sizeof(*adapted); i++)
		if (digest_is_equal(&adapted[i].from, digest))
			return &adapted[i];
	return NULL;
}

/* Let an index name what its manifests have become: did any change? */
static bool adapt_entries(const struct transport_target *target, struct manifest *index)
{
	bool has_changed = false;

	for (size_t i = 0; i < index->manifests.n; i++) {
		struct descriptor *entry = &index->manifests.v[i];
		const struct adapted *adapted = find_adapted(target, &entry->digest);

		if (!adapted)
			continue;
		entry->media_type = adapted->to.media_type;
		entry->digest = adapted->to.digest;
		entry->size = adapted->to.size;
		has_changed = true;
	}
	return has_changed;
}

int layout_adapt(struct transport_target *target, struct put_image *image, struct err *err)
{
	struct adapted adapted = { .from = image->manifest.digest };
	const char *type = image->document->media_type;
	const char *oci_type = media_name(type, MEDIA_FAMILY_OCI);
	auto_buf struct buf json = {};
	int r;

	if (!adapt_entries(target, image->document) && media_is_equal(type, oci_type))
		return 0;
	r = manifest_format(image->document, MEDIA_FAMILY_OCI, &json, err);
	if (r < 0)
		return r;
	image->json = arena_strndup(&target->arena, json.data, json.len);
	image->manifest.media_type = arena_strdup(&target->arena, oci_type);
	image->manifest.size = (int64_t)json.len;
	hash_bytes(DIGEST_SHA256, json.data, json.len, &image->manifest.digest);
	adapted.to = image->manifest;
	buf_add(&target->adapted, &adapted, sizeof(adapted));
	return 0;
}

/* ------------------------------------------------------------------------------- index */

typedef OCI_LIST(struct descriptor) entry_list;

/* What a directory had in its index before; nothing, if there was none. */
static int read_before(const struct transport_target *target, struct arena *arena,
		       struct manifest **ret, struct err *err)
{
	const struct tree tree = { .dir_fd = target->output.dir_fd };

	*ret = arena_new(arena, struct manifest);
	if (tree.dir_fd < 0 || !output_has(&target->output, LAYOUT_INDEX))
		return 0;
	return layout_read_index(&tree, arena, ret, err);
}

static void add_entry(entry_list *list, const struct put_image *image, const char *name,
		      bool is_whole, struct arena *arena)
{
	struct descriptor *entry = &list->v[list->n++];

	*entry = image->manifest;
	entry->annotations = (struct oci_pairs){ .v = arena_array(arena, struct oci_pair, 2) };
	if (name && is_whole)
		entry->annotations.v[entry->annotations.n++] =
			(struct oci_pair){ arena_strdup(arena, LAYOUT_NAME),
					   arena_strdup(arena, name) };
	if (name)
		entry->annotations.v[entry->annotations.n++] =
			(struct oci_pair){ arena_strdup(arena, LAYOUT_REF),
					   arena_strdup(arena, name) };
}

/* REF is what the image is called here, and counts instead of its names. */
static void add_image(entry_list *list, const struct transport_target *target,
		      const struct put_image *image, struct arena *arena)
{
	if (target->wanted) {
		add_entry(list, image, target->wanted, false, arena);
		return;
	}
	for (size_t i = 0; i < image->names.n; i++)
		add_entry(list, image, image->names.v[i], true, arena);
	if (!image->names.n)
		add_entry(list, image, NULL, false, arena);
}

/* Its name was given to another, or it is there once more. */
static bool is_replaced(const struct descriptor *entry, const entry_list *list)
{
	const char *name = layout_annotation(entry, LAYOUT_REF);

	for (size_t i = 0; i < list->n; i++) {
		const char *other = layout_annotation(&list->v[i], LAYOUT_REF);

		if (name ? other && strcmp(name, other) == 0
			 : digest_is_equal(&entry->digest, &list->v[i].digest))
			return true;
	}
	return false;
}

static entry_list make_entries(const struct transport_target *target,
			       const struct manifest *before, struct arena *arena)
{
	size_t n_images, n_most = before->manifests.n;
	const struct put_image *images = transport_put_images(target, &n_images);
	entry_list added = {}, all = {};

	for (size_t i = 0; i < n_images; i++)
		n_most += images[i].names.n + 1;
	added.v = arena_array(arena, struct descriptor, n_most);
	all.v = arena_array(arena, struct descriptor, n_most);
	for (size_t i = 0; i < n_images; i++)
		add_image(&added, target, &images[i], arena);
	for (size_t i = 0; i < before->manifests.n; i++)
		if (!is_replaced(&before->manifests.v[i], &added))
			all.v[all.n++] = before->manifests.v[i];
	for (size_t i = 0; i < added.n; i++)
		all.v[all.n++] = added.v[i];
	return all;
}

int layout_finish(struct transport_target *target, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf json = {};
	struct manifest *before, index = { .kind = MANIFEST_INDEX };
	entry_list entries;
	int r = read_before(target, &arena, &before, err);

	if (r < 0)
		return r;
	entries = make_entries(target, before, &arena);
	index.annotations = before->annotations;
	index.manifests.v = entries.v;
	index.manifests.n = entries.n;
	r = manifest_format(&index, MEDIA_FAMILY_OCI, &json, err);
	if (r == 0)
		r = output_put(&target->output, LAYOUT_MARKER, LAYOUT_MARKER_TEXT,
			       strlen(LAYOUT_MARKER_TEXT), err);
	return r < 0 ? r : output_put(&target->output, LAYOUT_INDEX, json.data, json.len, err);
}

