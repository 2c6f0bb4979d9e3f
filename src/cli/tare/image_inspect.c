/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All that is known of an image, with docker's member names, so that scripts which read those go on
 * working. `Digest` and `ManifestType` are podman's.
 */
#include "cli/tare/image_inspect.h"

#include "cli/tare/image_text.h"
#include "cli/tare/shape.h"
#include "image/reference.h"
#include "oci/list.h"

/* What the tables are of. */
struct image_inspect {
	struct image_config config;
	const void *process; /* of image_process_schema */
	struct shape_nothing none;
	const char *id, *comment, *digest, *manifest_type, *rootfs_type, *driver;
	struct oci_strings tags, digests, layers;
	uint64_t bytes;
};

#define OF(member, json, what)    SHAPE(image_inspect, member, json, what)
#define MAYBE(member, json, what) SHAPE_MAYBE(image_inspect, member, json, what)

static const struct schema_field driver_fields[] = {
	SHAPE_NULL(image_inspect, none, "Data", PAIRS),
	OF(driver, "Name", STRING),
};
static const struct schema driver_schema = SCHEMA(struct image_inspect, driver_fields);

static const struct schema_field rootfs_fields[] = {
	OF(rootfs_type, "Type", STRING),
	OF(layers, "Layers", STRINGS),
};
static const struct schema rootfs_schema = SCHEMA(struct image_inspect, rootfs_fields);

static const struct schema_field fields[] = {
	OF(id, "Id", STRING),
	OF(tags, "RepoTags", STRINGS),
	OF(digests, "RepoDigests", STRINGS),
	OF(none, "Parent", STRING),
	OF(comment, "Comment", STRING),
	OF(config.created, "Created", STRING),
	OF(config.docker_version, "DockerVersion", STRING),
	OF(config.author, "Author", STRING),
	SHAPE_OF(image_inspect, process, "Config", OBJECT, image_process_schema),
	OF(config.platform.architecture, "Architecture", STRING),
	MAYBE(config.platform.variant, "Variant", STRING),
	OF(config.platform.os, "Os", STRING),
	OF(bytes, "Size", U64),
	OF(bytes, "VirtualSize", U64),
	SHAPE_PART("GraphDriver", driver_schema),
	OF(digest, "Digest", STRING),
	OF(manifest_type, "ManifestType", STRING),
	SHAPE_PART("RootFS", rootfs_schema),
};
static const struct schema schema = SCHEMA(struct image_inspect, fields);

/* Names with tags, and repositories with the digest by which they were fetched. */
static void fill_names(struct image_inspect *in, const struct store_found *image,
		       struct arena *arena)
{
	const char *digest = image->image->index_text ? image->image->index_text
						      : image->image->manifest_text;

	for (size_t i = 0; i < image->n_names; i++) {
		struct reference name;
		struct err ignored;

		if (reference_parse(image->names[i], arena, &name, &ignored) < 0)
			continue;
		if (name.tag)
			strings_add(&in->tags, arena, reference_familiar(&name, arena));
		strings_add(&in->digests, arena,
			    arena_printf(arena, "%s@%s",
					 reference_familiar_repository(&name, arena), digest));
	}
}

static void fill(struct image_inspect *in, const struct image_text *image, struct arena *arena)
{
	const struct image_config *config = image->config;
	const struct store_image *stored = image->image.image;
	size_t n = config->history.n;

	*in = (struct image_inspect){
		.config = *config,
		.process = image_process_object(config->process, arena),
		.id = stored->config_text,
		.comment = n ? config->history.v[n - 1].comment : NULL,
		.digest = stored->manifest_text,
		.manifest_type = stored->media_type,
		.rootfs_type = "layers",
		.driver = "overlay",
		.bytes = stored->bytes,
	};
	fill_names(in, &image->image, arena);
	for (size_t i = 0; i < config->diff_ids.n; i++)
		strings_add(&in->layers, arena, config->diff_ids.v[i].text);
}

int image_inspect(const struct call *call, const char *who, struct value **ret, struct err *err)
{
	auto_image_text struct image_text image = IMAGE_TEXT_NONE;
	struct image_inspect *in = arena_new(call->arena, struct image_inspect);
	int r = image_text_open(call, who, &image, err);

	if (r < 0)
		return r;
	fill(in, &image, call->arena);
	*ret = value_from(&schema, in, call->arena);
	return 0;
}
