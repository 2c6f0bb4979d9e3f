/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a document was served, a line "%", and the document. What is taken is one thing only, and is
 * written so that it is read as the same.
 */
#include "image/manifest.h"

#include "fuzz.h"

static void claim_sound(const struct descriptor *descriptor)
{
	struct digest digest;
	struct err err = {};

	CLAIM(digest_parse(descriptor->digest.text, &digest, &err) == 0);
	CLAIM(descriptor->size >= 0 && descriptor->size <= DESCRIPTOR_MAX_BYTES);
}

static void claim_one_thing(const struct manifest *m)
{
	if (m->kind == MANIFEST_INDEX) {
		CLAIM(!m->config && m->layers.n == 0);
		CLAIM(media_kind(m->media_type) == MEDIA_KIND_INDEX);
	} else {
		CLAIM(m->config && m->manifests.n == 0 && m->layers.n <= MANIFEST_MAX_LAYERS);
		CLAIM(media_kind(m->media_type) == MEDIA_KIND_MANIFEST);
		claim_sound(m->config);
	}
	for (size_t i = 0; i < m->layers.n; i++)
		claim_sound(&m->layers.v[i]);
	for (size_t i = 0; i < m->manifests.n; i++)
		claim_sound(&m->manifests.v[i]);
}

static void claim_chosen_is_of_it(const struct manifest *m, struct arena *arena)
{
	const struct descriptor *chosen = NULL;
	struct platform platform;
	struct err err = {};
	int r;

	CLAIM(platform_parse("linux/arm64/v8.2", arena, &platform, &err) == 0);
	r = manifest_choose(m, &platform, &chosen, &err);
	if (r != 0)
		claim_refused(r, ENOENT, ERR_NOT_FOUND, &err);
	else
		CLAIM(chosen >= m->manifests.v && chosen < m->manifests.v + m->manifests.n);
}

static void claim_written_the_same(const struct manifest *m, enum media_family family,
				   struct arena *arena)
{
	auto_buf struct buf once = {}, twice = {};
	struct manifest *again;
	struct err err = {};
	int r = manifest_format(m, family, &once, &err);

	if (r != 0) {
		claim_refused(r, ENOTSUP, ERR_USAGE, &err);
		return;
	}
	CLAIM(manifest_parse(once.data, once.len, NULL, arena, &again, &err) == 0);
	CLAIM(again->kind == m->kind && again->layers.n == m->layers.n);
	CLAIM(again->manifests.n == m->manifests.n);
	CLAIM(manifest_format(again, family, &twice, &err) == 0);
	CLAIM(strcmp(once.data, twice.data) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *served_as = input_text(&in);
	size_t len;
	auto_free char *json = input_bytes(&in, &len);
	auto_arena struct arena arena = {};
	struct manifest *m;
	struct err err = {};
	int r;

	served_as[strcspn(served_as, "\n")] = '\0';
	r = manifest_parse(json, len, *served_as ? served_as : NULL, &arena, &m, &err);
	if (r != 0) {
		claim_refused(r, r == -ENOTSUP ? ENOTSUP : EINVAL, ERR_USAGE, &err);
		return 0;
	}
	claim_one_thing(m);
	claim_chosen_is_of_it(m, &arena);
	if (m->kind == MANIFEST_IMAGE && manifest_check_image(m, &err) != 0)
		CLAIM(err.no == ENOTSUP || err.no == EINVAL);
	claim_written_the_same(m, MEDIA_FAMILY_OCI, &arena);
	claim_written_the_same(m, MEDIA_FAMILY_DOCKER, &arena);
	return 0;
}
