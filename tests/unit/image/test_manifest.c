/* SPDX-License-Identifier: Apache-2.0 */
#include "image/manifest.h"

#include "tap.h"

#define HEX(d)  d d d d d d d d d d d d d d d d d d d d d d d d d d d d d d d d
#define DIGEST(d) "sha256:" HEX(d)

#define BLOB(type, d, size) \
	"{\"mediaType\":\"" type "\",\"digest\":\"" DIGEST(d) "\",\"size\":" size "}"
#define CONFIG  "\"config\":" BLOB(MEDIA_OCI_CONFIG, "00", "10")
#define LAYERS  "\"layers\":[" BLOB(MEDIA_OCI_LAYER_GZIP, "11", "20") "," \
		BLOB(MEDIA_OCI_LAYER, "22", "30") "]"
#define VERSION "\"schemaVersion\":2"
#define TYPE(type) "\"mediaType\":\"" type "\""
#define IMAGE   "{" VERSION "," TYPE(MEDIA_OCI_MANIFEST) "," CONFIG "," LAYERS "}"

#define ENTRY(d, platform) \
	"{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"digest\":\"" DIGEST(d) \
	"\",\"size\":5,\"platform\":{" platform "}}"
#define AMD64   "\"architecture\":\"amd64\",\"os\":\"linux\""
#define ARM_V6  "\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v6\""
#define ARM_V7  "\"architecture\":\"arm\",\"os\":\"linux\",\"variant\":\"v7\""
#define UNKNOWN "\"architecture\":\"unknown\",\"os\":\"unknown\""
#define INDEX(entries) \
	"{" VERSION "," TYPE(MEDIA_OCI_INDEX) ",\"manifests\":[" entries "]}"

static bool reads(const char *json, const char *served_as, struct arena *arena,
		  struct manifest **ret)
{
	struct err err = {};

	if (CHECK(manifest_parse(json, strlen(json), served_as, arena, ret, &err) == 0))
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static bool refuses(const char *json, const char *served_as, int no, const char *why)
{
	auto_arena struct arena arena = {};
	struct manifest *m;
	struct err err = {};
	int r = manifest_parse(json, strlen(json), served_as, &arena, &m, &err);

	if (CHECK(r == -no) && CHECK(err.kind == ERR_USAGE) && CHECK(strstr(err.msg, why)))
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static bool an_image_is_read(void)
{
	auto_arena struct arena arena = {};
	struct manifest *m;
	struct err err = {};

	return reads(IMAGE, NULL, &arena, &m) && CHECK(m->kind == MANIFEST_IMAGE) &&
	       CHECK_STR(m->config->digest.text, DIGEST("00")) && CHECK(m->layers.n == 2) &&
	       CHECK_STR(m->layers.v[1].digest.text, DIGEST("22")) &&
	       CHECK(m->layers.v[1].size == 30) && CHECK(m->artifact_type == NULL) &&
	       CHECK(manifest_check_image(m, &err) == 0);
}

/* Umoci leaves the type out, and servers say more than the type. */
static bool the_type_comes_from_either_place(void)
{
	static const char bare[] = "{" VERSION "," CONFIG "," LAYERS "}";
	static const char none[] = "{" VERSION ",\"manifests\":[]}";
	auto_arena struct arena arena = {};
	struct manifest *m;

	return reads(bare, NULL, &arena, &m) && CHECK_STR(m->media_type, MEDIA_OCI_MANIFEST) &&
	       reads(bare, MEDIA_DOCKER_MANIFEST "; charset=utf-8", &arena, &m) &&
	       CHECK_STR(m->media_type, MEDIA_DOCKER_MANIFEST) &&
	       reads(IMAGE, "application/json", &arena, &m) &&
	       CHECK_STR(m->media_type, MEDIA_OCI_MANIFEST) &&
	       reads(none, NULL, &arena, &m) && CHECK(m->kind == MANIFEST_INDEX) &&
	       reads(none, MEDIA_OCI_INDEX, &arena, &m) && CHECK(m->manifests.n == 0);
}

static bool two_meanings_are_refused(void)
{
	static const char both[] = "{" VERSION "," CONFIG "," LAYERS ",\"manifests\":["
				   ENTRY("33", AMD64) "]}";
	static const char as_index[] = "{" VERSION "," TYPE(MEDIA_OCI_INDEX) "," LAYERS "}";

	return refuses(both, NULL, EINVAL, "both an image's manifest and an index") &&
	       refuses(both, MEDIA_OCI_INDEX, EINVAL, "both an image's manifest and an index") &&
	       refuses(as_index, NULL, EINVAL, "both an image's manifest and an index") &&
	       refuses(INDEX(ENTRY("33", AMD64)), MEDIA_OCI_MANIFEST, EINVAL, "served as") &&
	       refuses(IMAGE, MEDIA_DOCKER_MANIFEST, EINVAL, "served as") &&
	       refuses(IMAGE, "application/vnd.example", EINVAL, "served as");
}

static bool schema_1_is_refused_by_name(void)
{
	static const char old[] = "{\"schemaVersion\":1,\"name\":\"a\",\"fsLayers\":[]}";
	static const char type[] = "application/vnd.docker.distribution.manifest.v1+prettyjws";

	return refuses(old, NULL, ENOTSUP, "docker's schema 1") &&
	       refuses(IMAGE, type, ENOTSUP, "docker's schema 1");
}

static bool nonsense_is_refused(void)
{
#define WITH_LAYER(digest, size) \
	"{" VERSION "," CONFIG ",\"layers\":[{\"digest\":\"" digest "\",\"size\":" size "}]}"
	return refuses(WITH_LAYER(DIGEST("11"), "-1"), NULL, EINVAL, "layers[0].size: -1") &&
	       refuses(WITH_LAYER(DIGEST("11"), "1099511627777"), NULL, EINVAL, "out of range") &&
	       refuses(WITH_LAYER(DIGEST("11"), "99999999999999999999"), NULL, EINVAL,
		       "layers[0].size") &&
	       refuses(WITH_LAYER(DIGEST("11"), "1.5"), NULL, EINVAL, "layers[0].size") &&
	       refuses(WITH_LAYER("sha256:../../x", "1"), NULL, EINVAL, "layers[0].digest") &&
	       refuses("{" VERSION "," LAYERS "}", NULL, EINVAL, "both") &&
	       refuses("{" VERSION "," LAYERS "}", MEDIA_OCI_MANIFEST, EINVAL,
		       "config: is missing") &&
	       refuses("{\"schemaVersion\":3," CONFIG "}", NULL, EINVAL, "schemaVersion: 3") &&
	       refuses("{" CONFIG "}", NULL, EINVAL, "schemaVersion: is missing") &&
	       refuses("{" VERSION "," TYPE("text/x") "," CONFIG "}", NULL, ENOTSUP, "neither") &&
	       refuses(INDEX("{\"digest\":\"" DIGEST("11") "\"}"), NULL, EINVAL,
		       "manifests[0].size: is missing") &&
	       refuses("[]", NULL, EINVAL, "an object");
}

static bool the_number_of_layers_is_limited(void)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf json = {};
	struct manifest *m;

	buf_puts(&json, "{" VERSION "," CONFIG ",\"layers\":[");
	for (int i = 0; i < MANIFEST_MAX_LAYERS; i++)
		buf_printf(&json, "%s" BLOB(MEDIA_OCI_LAYER, "11", "1"), i ? "," : "");
	buf_puts(&json, "]}");
	if (!reads(json.data, NULL, &arena, &m))
		return false;
	json.len -= 2;
	buf_puts(&json, "," BLOB(MEDIA_OCI_LAYER, "11", "1") "]}");
	return refuses(json.data, NULL, EINVAL, "layers: 501 are more than");
}

static bool is_no_image(const char *json, const char *why)
{
	auto_arena struct arena arena = {};
	struct manifest *m;
	struct err err = {};

	if (!reads(json, NULL, &arena, &m))
		return false;
	if (CHECK(manifest_check_image(m, &err) < 0) && CHECK(strstr(err.msg, why)))
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static bool artefacts_are_told_apart(void)
{
#define ARTIFACT(type, config) \
	"{" VERSION ",\"artifactType\":\"" type "\",\"config\":" BLOB(config, "00", "2") "}"
#define BIG_CONFIG \
	"{" VERSION ",\"config\":" BLOB(MEDIA_OCI_CONFIG, "00", "4194305") "}"
	return is_no_image(ARTIFACT("text/spdx", MEDIA_OCI_EMPTY), "its type is 'text/spdx'") &&
	       is_no_image(ARTIFACT("", "application/vnd.docker.plugin.v1+json"),
			   "its type is 'application/vnd.docker.plugin.v1+json'") &&
	       is_no_image(ARTIFACT("text/x", MEDIA_OCI_CONFIG), "its type is 'text/x'") &&
	       is_no_image(BIG_CONFIG, "config.size");
}

static bool layers_of_other_types_are_refused(void)
{
#define LAYER_OF(type) "{" VERSION "," CONFIG ",\"layers\":[" BLOB(type, "11", "2") "]}"
	static const char *const fine[] = {
		LAYER_OF(MEDIA_DOCKER_LAYER_GZIP),
		LAYER_OF(MEDIA_OCI_LAYER_ZSTD),
		LAYER_OF("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd"),
		LAYER_OF("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
	};

	for (size_t i = 0; i < sizeof(fine) / sizeof(*fine); i++) {
		auto_arena struct arena arena = {};
		struct manifest *m;
		struct err err = {};

		if (!reads(fine[i], NULL, &arena, &m) ||
		    !CHECK(manifest_check_image(m, &err) == 0))
			return false;
	}
	return is_no_image(LAYER_OF(MEDIA_OCI_LAYER "+encrypted"), "layers[0]: its type is") &&
	       is_no_image("{" VERSION "," CONFIG ",\"layers\":[{\"digest\":\"" DIGEST("11")
			   "\",\"size\":1}]}", "layers[0]: its type is ''");
}

/* The digit that the chosen digest begins with; '-': none is. */
static char choose(const char *json, const char *platform, struct err *err)
{
	auto_arena struct arena arena = {};
	const struct descriptor *chosen;
	struct platform p;
	struct manifest *m;

	if (!reads(json, NULL, &arena, &m) || platform_parse(platform, &arena, &p, err) < 0 ||
	    manifest_choose(m, &p, &chosen, err) < 0)
		return '-';
	return digest_hex(&chosen->digest)[0];
}

static bool the_image_of_a_platform_is_chosen(void)
{
	static const char index[] = INDEX(ENTRY("aa", UNKNOWN) "," ENTRY("66", ARM_V6) ","
					  ENTRY("11", AMD64) "," ENTRY("77", ARM_V7));
	struct err err = {};

	return CHECK(choose(index, "amd64", &err) == '1') &&
	       CHECK(choose(index, "arm/v7", &err) == '7') &&
	       CHECK(choose(index, "arm/v6", &err) == '6') &&
	       CHECK(choose(index, "arm64", &err) == '7') &&
	       CHECK(choose(index, "s390x", &err) == '-') && CHECK(err.kind == ERR_NOT_FOUND) &&
	       CHECK_STR(err.msg, "there is no image for linux/s390x, only for linux/arm/v6, "
				  "linux/amd64, linux/arm/v7");
}

static bool what_says_no_platform_comes_last(void)
{
	static const char index[] = INDEX(BLOB(MEDIA_OCI_MANIFEST, "22", "5") ","
					  ENTRY("11", AMD64));
	static const char artefacts[] =
		INDEX("{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\",\"digest\":\"" DIGEST("33")
		      "\",\"size\":5,\"artifactType\":\"text/spdx\"},"
		      BLOB("text/x", "44", "5"));
	struct err err = {};

	return CHECK(choose(index, "amd64", &err) == '1') &&
	       CHECK(choose(index, "s390x", &err) == '2') &&
	       CHECK(choose(artefacts, "amd64", &err) == '-') &&
	       CHECK(strstr(err.msg, "only for no platform at all"));
}

static bool formats(const char *json, enum media_family family, const char *want)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	struct manifest *m;
	struct err err = {};

	return reads(json, NULL, &arena, &m) &&
	       CHECK(manifest_format(m, family, &out, &err) == 0) &&
	       CHECK_STR(buf_str(&out), want);
}

static bool what_is_written_is_what_was_read(void)
{
	static const char annotated[] =
		"{" VERSION "," TYPE(MEDIA_OCI_MANIFEST) "," CONFIG ",\"layers\":[],"
		"\"annotations\":{\"b\":\"1\",\"a\":\"2\"}}";
	static const char index[] = INDEX(ENTRY("66", ARM_V6) "," ENTRY("11", AMD64));

	return formats(IMAGE, MEDIA_FAMILY_OCI, IMAGE) &&
	       formats(annotated, MEDIA_FAMILY_OCI, annotated) &&
	       formats(index, MEDIA_FAMILY_OCI, index);
}

static bool dockers_names_are_written_for_docker(void)
{
	static const char want[] =
		"{" VERSION "," TYPE(MEDIA_DOCKER_MANIFEST) ",\"config\":"
		BLOB(MEDIA_DOCKER_CONFIG, "00", "10") ",\"layers\":["
		BLOB(MEDIA_DOCKER_LAYER_GZIP, "11", "20") "," BLOB(MEDIA_DOCKER_LAYER, "22", "30")
		"]}";

	return formats(IMAGE, MEDIA_FAMILY_DOCKER, want) && formats(want, MEDIA_FAMILY_OCI, IMAGE);
}

/* containerd has, but what it means is OCI's. */
static bool docker_has_no_name_for_zstd(void)
{
	static const char json[] = LAYER_OF(MEDIA_OCI_LAYER_ZSTD);
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	struct manifest *m;
	struct err err = {};

	return reads(json, NULL, &arena, &m) &&
	       CHECK(manifest_format(m, MEDIA_FAMILY_DOCKER, &out, &err) == -ENOTSUP) &&
	       CHECK_STR(err.msg, "layers[0]: docker's manifests have no name for "
				  "'" MEDIA_OCI_LAYER_ZSTD "'") &&
	       CHECK(out.len == 0) &&
	       formats("{" VERSION "," TYPE(MEDIA_OCI_MANIFEST) "," CONFIG ",\"layers\":["
		       BLOB(MEDIA_DOCKER_LAYER ".zstd", "11", "2") "]}", MEDIA_FAMILY_OCI,
		       "{" VERSION "," TYPE(MEDIA_OCI_MANIFEST) "," CONFIG ",\"layers\":["
		       BLOB(MEDIA_OCI_LAYER_ZSTD, "11", "2") "]}");
}

int main(void)
{
	TEST(an_image_is_read);
	TEST(the_type_comes_from_either_place);
	TEST(two_meanings_are_refused);
	TEST(schema_1_is_refused_by_name);
	TEST(nonsense_is_refused);
	TEST(the_number_of_layers_is_limited);
	TEST(artefacts_are_told_apart);
	TEST(layers_of_other_types_are_refused);
	TEST(the_image_of_a_platform_is_chosen);
	TEST(what_says_no_platform_comes_last);
	TEST(what_is_written_is_what_was_read);
	TEST(dockers_names_are_written_for_docker);
	TEST(docker_has_no_name_for_zstd);
	return tap_done();
}
