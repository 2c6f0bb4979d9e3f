/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* All images of one place put into another, as `save` and `load` do it. */

#include "image/manifest.h"
#include "image/reference.h"
#include "transport/transport.h"

#include "tap.h"

static inline int move_blob(const struct transport_source *from, struct transport_target *to,
			    const struct descriptor *what, struct err *err)
{
	auto_extent struct extent extent = EXTENT_NONE;
	int r = transport_find_blob(from, what, &extent, err);

	return r < 0 ? r : transport_put_blob(to, what, &extent, err);
}

static inline int move_manifest(const struct transport_source *from, struct transport_target *to,
				const struct descriptor *what, const struct oci_strings *names,
				struct err *err)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf json = {};
	struct manifest *m;
	int r = transport_read_blob(from, what, MANIFEST_MAX_BYTES, &json, err);

	if (r == 0)
		r = manifest_parse(json.data, json.len, what->media_type, &arena, &m, err);
	if (r < 0)
		return r;
	if (m->kind == MANIFEST_IMAGE)
		r = move_blob(from, to, m->config, err);
	for (size_t i = 0; r == 0 && i < m->layers.n; i++)
		r = move_blob(from, to, &m->layers.v[i], err);
	for (size_t i = 0; r == 0 && i < m->manifests.n; i++)
		r = move_manifest(from, to, &m->manifests.v[i], NULL, err);
	return r < 0 ? r : transport_put_manifest(to, what, json.data, names, err);
}

/* What it is called there, as a whole name where it is one. */
static inline struct oci_strings whole_names(const struct transport_image *image,
					     struct arena *arena)
{
	struct oci_strings names = { arena_array(arena, char *, image->names.n + 1), 0 };

	for (size_t i = 0; i < image->names.n; i++) {
		struct reference reference;
		struct err ignored = {};

		if (reference_parse(image->names.v[i], arena, &reference, &ignored) == 0)
			names.v[names.n++] = reference_format(&reference, arena);
	}
	return names;
}

static inline int move_images(const char *from_text, const char *to_text, struct err *err)
{
	auto_transport_source struct transport_source *from = NULL;
	auto_transport_target struct transport_target *to = NULL;
	const struct transport_image *images;
	size_t n;
	int r = transport_open(from_text, NULL, &from, err);

	if (r == 0)
		r = transport_create(to_text, &to, err);
	if (r < 0)
		return r;
	images = transport_images(from, &n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		auto_arena struct arena arena = {};
		struct oci_strings names = whole_names(&images[i], &arena);

		r = move_manifest(from, to, &images[i].manifest, &names, err);
	}
	return r < 0 ? r : transport_finish(to, err);
}

/* What is there, a line an image: its names, and the image's ID or "index". */
static inline int describe_images(const char *text, struct buf *out, struct err *err)
{
	auto_transport_source struct transport_source *from = NULL;
	auto_arena struct arena arena = {};
	const struct transport_image *images;
	size_t n;
	int r = transport_open(text, NULL, &from, err);

	if (r < 0)
		return r;
	images = transport_images(from, &n);
	for (size_t i = 0; i < n; i++) {
		auto_buf struct buf json = {};
		struct manifest *m;

		r = transport_read_blob(from, &images[i].manifest, MANIFEST_MAX_BYTES, &json, err);
		if (r == 0)
			r = manifest_parse(json.data, json.len, images[i].manifest.media_type,
					   &arena, &m, err);
		if (r < 0)
			return r;
		for (size_t k = 0; k < images[i].names.n; k++)
			buf_printf(out, "%s ", images[i].names.v[k]);
		buf_printf(out, "%.12s\n", m->config ? digest_hex(&m->config->digest) : "index");
	}
	return 0;
}

/* A claim: describe_images says `want`. */
static inline bool shows(const char *text, const char *want)
{
	auto_buf struct buf out = {};
	struct err err = {};

	if (CHECK(describe_images(text, &out, &err) == 0))
		return CHECK_STR(buf_str(&out), want);
	printf("# %s\n", err.msg);
	return false;
}
