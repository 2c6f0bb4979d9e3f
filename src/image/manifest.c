/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads manifests and indexes. Both are read by one table, and then it is settled which of them the
 * document is: by the type that it has or was served as, and only where neither says so by what is
 * in it. What it must not have as that is refused, so no two readers can see different things in
 * one document.
 */
#include "image/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct document {
	int64_t schema_version;
	struct manifest manifest;
};

#define ROW(member, json, kind, ...) \
	{ json, SCHEMA_##kind, .offset = offsetof(struct document, member), __VA_ARGS__ }

static const struct schema_field document_fields[] = {
	ROW(schema_version, "schemaVersion", I64, .flags = SCHEMA_REQUIRED),
	ROW(manifest.media_type, "mediaType", STRING),
	ROW(manifest.artifact_type, "artifactType", STRING),
	ROW(manifest.config, "config", OBJECT, .sub = &descriptor_schema),
	ROW(manifest.layers, "layers", LIST, .sub = &descriptor_schema),
	ROW(manifest.manifests, "manifests", LIST, .sub = &descriptor_schema),
	ROW(manifest.annotations, "annotations", PAIRS),
};
static const struct schema document_schema = SCHEMA(struct document, document_fields);

/* ------------------------------------------------------------------------------- kind */

static int refuse_schema1(struct err *err)
{
	(void)err_set(err, ERR_USAGE, ENOTSUP,
		      "it is a manifest of docker's schema 1, which is not supported");
	return err_hint(err, "pushed once more, by docker 1.10 or later, it gets one that is");
}

/* One type from the two places that may tell it; "": neither does. */
static int settle_type(struct manifest *m, const char *served_as, struct arena *arena,
		       struct err *err)
{
	bool is_told = m->media_type && *m->media_type;

	if (media_is_vague(served_as))
		served_as = is_told ? m->media_type : "";
	if (is_told && !media_is_equal(m->media_type, served_as))
		return err_set(err, ERR_USAGE, EINVAL,
			       "mediaType: is '%.120s', but it was served as '%.120s'",
			       m->media_type, served_as);
	m->media_type = arena_strndup(arena, served_as, strcspn(served_as, "; \t"));
	return 0;
}

static int settle_kind(struct manifest *m, struct arena *arena, struct err *err)
{
	if (!*m->media_type)
		m->media_type = arena_strdup(arena, m->config ? MEDIA_OCI_MANIFEST
							      : MEDIA_OCI_INDEX);
	switch (media_kind(m->media_type)) {
	case MEDIA_KIND_MANIFEST:
		m->kind = MANIFEST_IMAGE;
		break;
	case MEDIA_KIND_INDEX:
		m->kind = MANIFEST_INDEX;
		break;
	case MEDIA_KIND_SCHEMA1:
		return refuse_schema1(err);
	default:
		return err_set(err, ERR_USAGE, ENOTSUP,
			       "mediaType: '%.160s' is neither a manifest's nor an index's",
			       m->media_type);
	}
	if (m->kind == MANIFEST_IMAGE ? m->manifests.n : m->config || m->layers.n)
		return err_set(err, ERR_USAGE, EINVAL,
			       "it is both an image's manifest and an index: what it stands for "
			       "depends on who reads it");
	return 0;
}

/* ------------------------------------------------------------------------------- content */

static int check_list(struct descriptor *list, size_t n, const char *name, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		char what[64];
		int r;

		(void)snprintf(what, sizeof(what), "%s[%zu]", name, i);
		r = descriptor_check(&list[i], what, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_image(struct manifest *m, struct err *err)
{
	int r;

	if (!m->config)
		return err_set(err, ERR_USAGE, EINVAL, "config: is missing");
	if (m->layers.n > MANIFEST_MAX_LAYERS)
		return err_set(err, ERR_USAGE, EINVAL,
			       "layers: %zu are more than the %d that are read", m->layers.n,
			       MANIFEST_MAX_LAYERS);
	r = descriptor_check(m->config, "config", err);
	if (r < 0)
		return r;
	return check_list(m->layers.v, m->layers.n, "layers", err);
}

/* An artefact says so, or has a configuration that is no image's. */
static void settle_artifact(struct manifest *m)
{
	const char *config = m->config->media_type;

	if (m->artifact_type && !*m->artifact_type)
		m->artifact_type = NULL;
	if (!m->artifact_type && !media_is_vague(config) && media_kind(config) != MEDIA_KIND_CONFIG)
		m->artifact_type = m->config->media_type;
}

int manifest_parse(const char *json, size_t len, const char *served_as, struct arena *arena,
		   struct manifest **ret, struct err *err)
{
	struct document *document = NULL;
	struct manifest *m;
	int r;

	if (media_kind(served_as) == MEDIA_KIND_SCHEMA1)
		return refuse_schema1(err);
	r = schema_parse(&document_schema, json, len, arena, (void **)&document, err);
	if (r < 0)
		return r;
	if (document->schema_version == 1)
		return refuse_schema1(err);
	if (document->schema_version != 2)
		return err_set(err, ERR_USAGE, EINVAL, "schemaVersion: %" PRId64 " is not known",
			       document->schema_version);
	m = &document->manifest;
	r = settle_type(m, served_as, arena, err);
	if (r == 0)
		r = settle_kind(m, arena, err);
	if (r == 0)
		r = m->kind == MANIFEST_IMAGE
			    ? check_image(m, err)
			    : check_list(m->manifests.v, m->manifests.n, "manifests", err);
	if (r < 0)
		return r;
	if (m->kind == MANIFEST_IMAGE)
		settle_artifact(m);
	*ret = m;
	return 0;
}

/* ------------------------------------------------------------------------------- choice */

/* 0: it is none that could be meant. */
static unsigned match(const struct descriptor *offered, const struct platform *wanted)
{
	enum media_kind kind = media_kind(offered->media_type);

	if (offered->artifact_type || (kind != MEDIA_KIND_MANIFEST && kind != MEDIA_KIND_INDEX))
		return 0;
	return offered->platform ? 2 * platform_match(wanted, offered->platform) : 1;
}

#define MOST_OFFERS 8 /* what is named of a list that may be long */

static void name_offers(const struct manifest *index, struct arena *arena, struct buf *out)
{
	const char *last = "unknown/unknown";
	size_t n = 0;

	for (size_t i = 0; i < index->manifests.n && n <= MOST_OFFERS; i++) {
		const struct platform *platform = index->manifests.v[i].platform;
		const char *name = platform ? platform_format(platform, arena) : last;

		if (strcmp(name, last) == 0 || strncmp(name, "unknown/", 8) == 0)
			continue;
		last = name;
		if (n++ < MOST_OFFERS)
			buf_printf(out, "%s%.40s", out->len ? ", " : "", name);
		else
			buf_puts(out, " and others");
	}
}

int manifest_choose(const struct manifest *index, const struct platform *platform,
		    const struct descriptor **ret, struct err *err)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf offers = {};
	const struct descriptor *best = NULL;
	unsigned most = 0;

	for (size_t i = 0; i < index->manifests.n; i++) {
		unsigned fit = match(&index->manifests.v[i], platform);

		if (fit > most) {
			most = fit;
			best = &index->manifests.v[i];
		}
	}
	if (best) {
		*ret = best;
		return 0;
	}
	name_offers(index, &arena, &offers);
	return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no image for %.80s, only for %s",
		       platform_format(platform, &arena),
		       offers.len ? buf_str(&offers) : "no platform at all");
}

/* ------------------------------------------------------------------------------- image */

int manifest_check_image(const struct manifest *manifest, struct err *err)
{
	if (manifest->artifact_type)
		return err_set(err, ERR_USAGE, ENOTSUP,
			       "it is no image of a container: its type is '%.200s'",
			       manifest->artifact_type);
	if ((size_t)manifest->config->size > MANIFEST_MAX_BYTES)
		return err_set(err, ERR_USAGE, EINVAL,
			       "config.size: %" PRId64 " is more than the %zu bytes that are read",
			       manifest->config->size, MANIFEST_MAX_BYTES);
	for (size_t i = 0; i < manifest->layers.n; i++) {
		const char *type = manifest->layers.v[i].media_type;

		if (media_kind(type) != MEDIA_KIND_LAYER)
			return err_set(err, ERR_USAGE, ENOTSUP,
				       "layers[%zu]: its type is '%.200s', which is neither tar, "
				       "gzip nor zstd", i, type ? type : "");
	}
	return 0;
}
