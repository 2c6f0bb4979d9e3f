/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory with one image, as skopeo keeps it: `version`, manifest.json, and beside it the blobs
 * by the hexadecimal part of their digests. If manifest.json is an index, those that it names have
 * ".manifest.json" behind theirs.
 */
#include "transport/driver.h"

#include "image/hash.h"

#include <string.h>

#define MANIFEST     "manifest.json"
#define VERSION      "version"
#define VERSION_TEXT "Directory Transport Version: 1.1\n"

static void dir_name_blob(const struct descriptor *what, struct buf *ret)
{
	enum media_kind kind = media_kind(what->media_type);
	enum digest_algorithm algorithm = digest_algorithm(&what->digest);

	if (algorithm != DIGEST_SHA256)
		buf_printf(ret, "%s-", digest_algorithm_name(algorithm));
	buf_puts(ret, digest_hex(&what->digest));
	if (kind == MEDIA_KIND_MANIFEST || kind == MEDIA_KIND_INDEX)
		buf_puts(ret, "." MANIFEST);
}

static bool dir_is_it(const struct tree *tree)
{
	return tree_first_byte(tree, MANIFEST) == '{';
}

static int dir_list(struct transport_source *source, struct err *err)
{
	struct placed_blob placed = { .name = arena_strdup(&source->arena, MANIFEST) };
	struct transport_image image = {};
	auto_buf struct buf json = {};
	struct manifest *manifest;
	int r = tree_read(&source->tree, MANIFEST, MANIFEST_MAX_BYTES, &json, err);

	if (r < 0)
		return r;
	r = manifest_parse(buf_str(&json), json.len, NULL, &source->arena, &manifest, err);
	if (r < 0)
		return err_wrap(err, "'%s'", MANIFEST);
	image.manifest.media_type = manifest->media_type;
	image.manifest.size = (int64_t)json.len;
	hash_bytes(DIGEST_SHA256, buf_str(&json), json.len, &image.manifest.digest);
	placed.digest = image.manifest.digest;
	transport_place(source, &placed);
	transport_add_image(source, &image);
	return 0;
}

static int dir_finish(struct transport_target *target, struct err *err)
{
	size_t n;
	const struct put_image *image = transport_put_images(target, &n);
	int r = output_put(&target->output, VERSION, VERSION_TEXT, strlen(VERSION_TEXT), err);

	if (r == 0 && n > 0)
		r = output_put(&target->output, MANIFEST, image->json,
			       (size_t)image->manifest.size, err);
	return r;
}

const struct transport_driver dir_driver = {
	.flags = TRANSPORT_ONE_IMAGE,
	.is_it = dir_is_it,
	.list = dir_list,
	.name_blob = dir_name_blob,
	.finish = dir_finish,
};
