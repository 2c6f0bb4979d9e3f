/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `docker save` writes: manifest.json names each image's configuration and layers by the files
 * that they are in. These are called as the writer liked (DIR/layer.tar, links to those, HEX.tar,
 * blobs/sha256/HEX), so they are looked up by what manifest.json says, never by digest. It has no
 * manifests: one is made for each image. The digest of a layer that is not compressed is its
 * diffID, which stands in the configuration; of one that is, it must be computed, unless its name
 * tells. Either way whoever reads it finds out.
 *
 * To write, it is an image layout with a manifest.json, as docker has done it since version 25: all
 * readers of either understand it, and layers stay as they are.
 */
#include "transport/layout.h"

#include "image/hash.h"
#include "image/image_config.h"
#include "image/reference.h"
#include "oci/json_text.h"

#include <string.h>
#include <sys/mman.h>

#define LIST "manifest.json"
#define MAX_IMAGES 1024

struct listed {
	char *config;
	struct oci_strings tags, layers;
};

struct list {
	OCI_LIST(struct listed) images;
};

#define ROW(type, member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct type, member), __VA_ARGS__ }

static const struct schema_field listed_fields[] = {
	ROW(listed, config, "Config", STRING, .flags = SCHEMA_REQUIRED | SCHEMA_NONEMPTY),
	ROW(listed, tags, "RepoTags", STRINGS),
	ROW(listed, layers, "Layers", STRINGS),
};
static const struct schema listed_schema = SCHEMA(struct listed, listed_fields);

static const struct schema_field list_fields[] = {
	ROW(list, images, "images", LIST, .sub = &listed_schema),
};
static const struct schema list_schema = SCHEMA(struct list, list_fields);

static bool docker_is_it(const struct tree *tree)
{
	return tree_first_byte(tree, LIST) == '[';
}

/* ------------------------------------------------------------------------------- layers */

/* What the first bytes say of how it is compressed. */
static const char *layer_type(const struct extent *extent)
{
	unsigned char magic[4] = {};

	if (pread(extent->fd, magic, sizeof(magic), (off_t)extent->at) != sizeof(magic))
		return MEDIA_DOCKER_LAYER;
	if (memcmp(magic, "\x1f\x8b", 2) == 0)
		return MEDIA_DOCKER_LAYER_GZIP;
	if (memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0)
		return MEDIA_OCI_LAYER_ZSTD;
	return MEDIA_DOCKER_LAYER;
}

/* "blobs/sha256/HEX" tells the digest. */
static bool digest_of_name(const char *name, struct digest *ret)
{
	char text[DIGEST_TEXT_BYTES];
	struct err ignored = {};
	char *slash;

	if (strncmp(name, "blobs/", 6) != 0 || strlen(name + 6) >= sizeof(text))
		return false;
	strcpy(text, name + 6);
	slash = strchr(text, '/');
	if (slash)
		*slash = ':';
	return digest_parse(text, ret, &ignored) == 0;
}

static int take_layer(struct transport_source *source, char *name, const struct digest *diff_id,
		      struct descriptor *ret, struct err *err)
{
	struct placed_blob placed = { .digest = *diff_id, .name = name };
	auto_extent struct extent extent = EXTENT_NONE;
	int r = tree_find(&source->tree, name, &extent, err);

	if (r < 0)
		return r;
	ret->media_type = arena_strdup(&source->arena, layer_type(&extent));
	ret->size = (int64_t)extent.bytes;
	if (strcmp(ret->media_type, MEDIA_DOCKER_LAYER) != 0 &&
	    !digest_of_name(name, &placed.digest))
		r = extent_digest(&extent, DIGEST_SHA256, &placed.digest, err);
	if (r < 0)
		return r;
	ret->digest = placed.digest;
	transport_place(source, &placed);
	return 0;
}

static int take_layers(struct transport_source *source, const struct listed *listed,
		       const struct image_config *config, struct manifest *to, struct err *err)
{
	if (listed->layers.n != config->diff_ids.n)
		return err_set(err, ERR_USAGE, EBADMSG,
			       "it has %zu layers, and its configuration tells of %zu",
			       listed->layers.n, config->diff_ids.n);
	to->layers.v = arena_array(&source->arena, struct descriptor, listed->layers.n);
	to->layers.n = listed->layers.n;
	for (size_t i = 0; i < listed->layers.n; i++) {
		int r = take_layer(source, listed->layers.v[i], &config->diff_ids.v[i],
				   &to->layers.v[i], err);

		if (r < 0)
			return err_wrap(err, "layer %zu", i);
	}
	return 0;
}

/* ------------------------------------------------------------------------------- images */

/* Where the image's own manifest would be, if there were one. */
static int make_manifest(struct transport_source *source, const struct manifest *manifest,
			 struct transport_image *ret, struct err *err)
{
	enum media_family family = MEDIA_FAMILY_DOCKER;
	auto_buf struct buf json = {};
	struct placed_blob placed = {};
	int r;

	for (size_t i = 0; i < manifest->layers.n; i++)
		if (!media_name(manifest->layers.v[i].media_type, family))
			family = MEDIA_FAMILY_OCI;
	r = manifest_format(manifest, family, &json, err);
	if (r < 0)
		return r;
	hash_bytes(DIGEST_SHA256, json.data, json.len, &placed.digest);
	placed.at = (uint64_t)lseek(source->made_fd, 0, SEEK_END);
	placed.bytes = json.len;
	r = buf_write_fd(&json, source->made_fd, "a manifest", err);
	if (r < 0)
		return r;
	transport_place(source, &placed);
	ret->manifest.media_type = arena_strdup(
		&source->arena, family == MEDIA_FAMILY_OCI ? MEDIA_OCI_MANIFEST
							   : MEDIA_DOCKER_MANIFEST);
	ret->manifest.digest = placed.digest;
	ret->manifest.size = (int64_t)json.len;
	return 0;
}

static int take_config(struct transport_source *source, char *name, struct descriptor *ret,
		       struct image_config **ret_config, struct err *err)
{
	struct placed_blob placed = { .name = name };
	auto_buf struct buf json = {};
	int r = tree_read(&source->tree, name, MANIFEST_MAX_BYTES, &json, err);

	if (r < 0)
		return r;
	r = image_config_parse(buf_str(&json), json.len, &source->arena, ret_config, err);
	if (r < 0)
		return err_wrap(err, "'%.200s'", name);
	hash_bytes(DIGEST_SHA256, buf_str(&json), json.len, &placed.digest);
	transport_place(source, &placed);
	ret->media_type = arena_strdup(&source->arena, MEDIA_DOCKER_CONFIG);
	ret->digest = placed.digest;
	ret->size = (int64_t)json.len;
	return 0;
}

static int take_image(struct transport_source *source, const struct listed *listed,
		      struct err *err)
{
	struct transport_image image = { .names = listed->tags };
	struct descriptor config_descriptor = {};
	struct manifest manifest = { .kind = MANIFEST_IMAGE, .config = &config_descriptor };
	struct image_config *config = NULL;
	int r = take_config(source, listed->config, &config_descriptor, &config, err);

	if (r == 0)
		r = take_layers(source, listed, config, &manifest, err);
	if (r == 0)
		r = make_manifest(source, &manifest, &image, err);
	if (r == 0)
		transport_add_image(source, &image);
	return r;
}

/* The document is an array, and tables describe objects. */
static int read_list(struct transport_source *source, struct list **ret, struct err *err)
{
	auto_buf struct buf json = {};
	int r;

	buf_puts(&json, "{\"images\":");
	r = tree_read(&source->tree, LIST, MANIFEST_MAX_BYTES / 2, &json, err);
	if (r < 0)
		return r;
	buf_puts(&json, "}");
	r = schema_parse(&list_schema, json.data, json.len, &source->arena, (void **)ret, err);
	if (r == 0 && (*ret)->images.n > MAX_IMAGES)
		r = err_set(err, ERR_USAGE, EBADMSG, "%zu images are more than the %d that are "
			    "read", (*ret)->images.n, MAX_IMAGES);
	return r < 0 ? err_wrap(err, "'%s'", LIST) : 0;
}

static int docker_list(struct transport_source *source, struct err *err)
{
	struct list *list = NULL;
	int r = read_list(source, &list, err);

	if (r < 0)
		return r;
	source->made_fd = memfd_create("manifests", MFD_CLOEXEC);
	if (source->made_fd < 0)
		return err_sys(err, errno, "make a file in memory");
	for (size_t i = 0; r == 0 && i < list->images.n; i++) {
		const struct listed *listed = &list->images.v[i];

		if (!transport_wants(source, &listed->tags, i))
			continue;
		r = take_image(source, listed, err);
		if (r < 0)
			return err_wrap(err, "'%s': image %zu", LIST, i);
	}
	return r;
}

/* ------------------------------------------------------------------------------- write */

static void add_strings(struct buf *json, const struct oci_strings *strings)
{
	buf_puts(json, "[");
	for (size_t i = 0; i < strings->n; i++) {
		buf_puts(json, i ? "," : "");
		json_text_quote(json, strings->v[i]);
	}
	buf_puts(json, "]");
}

/* Names that have a tag, as short as docker writes them: it takes no others. */
static struct oci_strings make_tags(const struct oci_strings *names, struct arena *arena)
{
	struct oci_strings tags = {};

	for (size_t i = 0; i < names->n; i++) {
		struct reference reference;
		struct err ignored = {};

		if (reference_parse(names->v[i], arena, &reference, &ignored) < 0 ||
		    !reference.tag)
			continue;
		reference.digest.text[0] = '\0';
		transport_add_name(&tags, reference_familiar(&reference, arena), arena);
	}
	return tags;
}

static void add_blob_name(struct oci_strings *names, const struct descriptor *what,
			  struct arena *arena)
{
	auto_buf struct buf name = {};

	layout_name_blob(what, &name);
	transport_add_name(names, name.data, arena);
}

static void add_listed(struct buf *json, const struct transport_target *target,
		       const struct put_image *image, struct arena *arena)
{
	const struct manifest *manifest = image->document;
	struct oci_strings wanted = {}, config = {}, layers = {}, tags;

	if (target->wanted)
		transport_add_name(&wanted, target->wanted, arena);
	tags = make_tags(target->wanted ? &wanted : &image->names, arena);
	add_blob_name(&config, manifest->config, arena);
	for (size_t i = 0; i < manifest->layers.n; i++)
		add_blob_name(&layers, &manifest->layers.v[i], arena);
	buf_puts(json, "{\"Config\":");
	json_text_quote(json, config.v[0]);
	buf_puts(json, ",\"RepoTags\":");
	add_strings(json, &tags);
	buf_puts(json, ",\"Layers\":");
	add_strings(json, &layers);
	buf_puts(json, "}");
}

static int docker_finish(struct transport_target *target, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf json = {};
	size_t n;
	const struct put_image *images = transport_put_images(target, &n);
	int r;

	buf_puts(&json, "[");
	for (size_t i = 0; i < n; i++) {
		buf_puts(&json, i ? "," : "");
		add_listed(&json, target, &images[i], &arena);
	}
	buf_puts(&json, "]\n");
	r = output_put(&target->output, LIST, json.data, json.len, err);
	return r < 0 ? r : layout_finish(target, err);
}

const struct transport_driver docker_driver = {
	.flags = TRANSPORT_NO_INDEX,
	.is_it = docker_is_it,
	.list = docker_list,
	.name_blob = layout_name_blob,
	.adapt = layout_adapt,
	.finish = docker_finish,
};
