/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare image inspect: all that is known of images, as JSON with docker's member names, so that
 * scripts which read those go on working.
 */
#include "cli/tare/image_inspect.h"

#include "cli/tare/image_text.h"
#include "image/reference.h"
#include "oci/json_text.h"

#include <string.h>

static void add_text(struct buf *out, const char *key, const char *text)
{
	buf_printf(out, "\"%s\":", key);
	json_text_quote(out, text ? text : "");
	buf_puts(out, ",");
}

/* Names with tags, or repositories with the digest by which they were fetched. */
static void add_names(const struct call *call, const struct store_found *image, bool with_digest,
		      struct buf *out)
{
	const char *digest = image->image->index_text ? image->image->index_text
						      : image->image->manifest_text;
	size_t n = 0;

	buf_printf(out, "\"%s\":[", with_digest ? "RepoDigests" : "RepoTags");
	for (size_t i = 0; i < image->n_names; i++) {
		struct reference name;
		struct err ignored;
		const char *text;

		if (reference_parse(image->names[i], call->arena, &name, &ignored) < 0 ||
		    (!with_digest && !name.tag))
			continue;
		text = with_digest
			       ? arena_printf(call->arena, "%s@%s",
					      reference_familiar_repository(&name, call->arena),
					      digest)
			       : reference_familiar(&name, call->arena);
		buf_puts(out, n++ ? "," : "");
		json_text_quote(out, text);
	}
	buf_puts(out, "],");
}

static void add_layers(const struct image_text *image, struct buf *out)
{
	const struct image_config *config = image->config;

	buf_puts(out, "\"RootFS\":{\"Type\":\"layers\",\"Layers\":[");
	for (size_t i = 0; i < config->diff_ids.n; i++)
		buf_printf(out, "%s\"%s\"", i ? "," : "", config->diff_ids.v[i].text);
	buf_puts(out, "]}");
}

static void add_image(const struct call *call, const struct image_text *image, struct buf *out)
{
	const struct image_config *config = image->config;
	const struct store_image *stored = image->image.image;

	buf_puts(out, "{");
	add_text(out, "Id", stored->config_text);
	add_names(call, &image->image, false, out);
	add_names(call, &image->image, true, out);
	add_text(out, "Parent", "");
	add_text(out, "Comment",
		 config->history.n ? config->history.v[config->history.n - 1].comment : "");
	add_text(out, "Created", config->created);
	add_text(out, "DockerVersion", config->docker_version);
	add_text(out, "Author", config->author);
	buf_puts(out, "\"Config\":");
	image_process_format(config->process, out);
	buf_puts(out, ",");
	add_text(out, "Architecture", config->platform.architecture);
	if (config->platform.variant)
		add_text(out, "Variant", config->platform.variant);
	add_text(out, "Os", config->platform.os);
	buf_printf(out, "\"Size\":%llu,\"VirtualSize\":%llu,", (unsigned long long)stored->bytes,
		   (unsigned long long)stored->bytes);
	buf_puts(out, "\"GraphDriver\":{\"Name\":\"overlay\",\"Data\":{}},");
	add_text(out, "Digest", stored->manifest_text);
	add_text(out, "ManifestType", stored->media_type);
	add_layers(image, out);
	buf_puts(out, "}");
}

int image_inspect(const struct call *call, const char *who, struct buf *out, struct err *err)
{
	auto_image_text struct image_text image = IMAGE_TEXT_NONE;
	auto_buf struct buf json = {};
	int r = image_text_open(call, who, &image, err);

	if (r < 0)
		return r;
	add_image(call, &image, &json);
	json_text_indent(out, buf_str(&json));
	buf_puts(out, "\n");
	return 0;
}

static int run(const struct call *call, struct err *err)
{
	auto_buf struct buf out = {};
	int r = 0;

	buf_puts(&out, "[\n");
	for (char **who = call->operands; r == 0 && *who; who++) {
		buf_puts(&out, who == call->operands ? "" : ",\n");
		r = image_inspect(call, *who, &out, err);
	}
	buf_puts(&out, "]\n");
	return r < 0 ? r : print_buf(&out, err);
}

const struct verb verb_image_inspect = {
	.command = {
		.name = "inspect",
		.operands = "IMAGE...",
		.summary = "Print all that is known of images, as JSON",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
	},
	.run = run,
};
