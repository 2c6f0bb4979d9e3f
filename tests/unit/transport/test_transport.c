/* SPDX-License-Identifier: Apache-2.0 */
/* Places that no tool would make, and what is made of them. The others: test_transport_target,
 * test_transport_peers. */
#include "transport/transport.h"

#include "image/reference.h"
#include "move.h"
#include "places.h"

static const char *const one[] = { "layer one", NULL };
static const char *const two[] = { "layer one", "layer two", NULL };

static bool refuses(const char *text, int no, const char *why)
{
	auto_buf struct buf out = {};
	struct err err = {};

	if (CHECK(describe_images(text, &out, &err) == -no) && CHECK(strstr(err.msg, why)))
		return true;
	printf("# %d: %s\n", err.no, err.msg);
	return false;
}

/* "NAMES ID\n", as describe_images says it. */
static const char *line_of(const char *names, const char *config, struct buf *out)
{
	struct digest digest;

	digest_of(config, &digest);
	buf_printf(out, "%s%.12s\n", names, digest_hex(&digest));
	return out->data;
}

/* ------------------------------------------------------------------------------- docker */

/* An archive with a configuration of two layers, and what `list` says. */
static void make_docker(struct buf *archive, const char *list)
{
	auto_buf struct buf config = {};

	add_config(&config, two);
	archive_add(archive, .path = "c.json", .data = config.data);
	archive_add(archive, .path = "a/layer.tar", .data = two[0]);
	archive_add(archive, .path = "b/layer.tar", .data = two[1]);
	archive_add(archive, .path = "b/link.tar", .type = '2', .target = "../a/layer.tar");
	archive_add(archive, .path = "manifest.json", .data = list);
	archive_end(archive);
}

#define LISTED(tags, layers) \
	"{\"Config\":\"c.json\",\"RepoTags\":" tags ",\"Layers\":[" layers "]}"
#define AB "\"a/layer.tar\",\"b/layer.tar\""

static bool docker_shows(const char *list, const char *names)
{
	auto_buf struct buf archive = {}, config = {}, line = {};
	auto_tmpdir struct tmpdir dir;
	char path[300];

	tmpdir_make(&dir);
	make_docker(&archive, list);
	add_config(&config, two);
	return shows(place_file(&dir, "a.tar", &archive, path),
		     line_of(names, config.data, &line));
}

static bool docker_refuses(const char *list, int no, const char *why)
{
	auto_buf struct buf archive = {};
	auto_tmpdir struct tmpdir dir;
	char path[300];

	tmpdir_make(&dir);
	make_docker(&archive, list);
	return refuses(place_file(&dir, "a.tar", &archive, path), no, why);
}

static bool an_archive_of_docker_is_read(void)
{
	return docker_shows("[" LISTED("[\"x:1\",\"h.io/y:2\"]", AB) "]", "x:1 h.io/y:2 ") &&
	       docker_shows(" [" LISTED("null", AB) "]\n", "") &&
	       docker_shows("[" LISTED("[]", "\"b/link.tar\",\"b/layer.tar\"") "]", "");
}

static bool what_contradicts_itself_is_refused(void)
{
	return docker_refuses("[" LISTED("[]", "\"a/layer.tar\"") "]", EBADMSG,
			      "image 0: it has 1 layers, and its configuration tells of 2") &&
	       docker_refuses("[" LISTED("[]", AB ",\"x\"") "]", EBADMSG, "it has 3 layers") &&
	       docker_refuses("[" LISTED("[]", "\"a/layer.tar\",\"x\"") "]", ENOENT,
			      "image 0: layer 1: there is no file 'x'") &&
	       docker_refuses("[" LISTED("[]", "\"a/layer.tar\",\"/etc/passwd\"") "]", ENOENT,
			      "there is no file 'etc/passwd' in it") &&
	       docker_refuses("[{\"Layers\":[]}]", EINVAL, "images[0].Config: is missing") &&
	       docker_refuses("[{\"Config\":\"a/layer.tar\"}]", EINVAL, "'a/layer.tar': ") &&
	       docker_refuses("[]", ENOENT, "there is no image in it");
}

/* The digest that the configuration claims is compared when the layer is read. */
static bool a_layer_that_is_another_is_found_out(void)
{
	auto_transport_source struct transport_source *from = NULL;
	auto_arena struct arena arena = {};
	auto_buf struct buf archive = {}, json = {}, layer = {};
	auto_tmpdir struct tmpdir dir;
	const struct transport_image *image;
	struct manifest *m;
	struct err err = {};
	char path[300];
	size_t n;

	tmpdir_make(&dir);
	make_docker(&archive, "[" LISTED("[]", "\"b/layer.tar\",\"a/layer.tar\"") "]");
	place_file(&dir, "a.tar", &archive, path);
	if (!CHECK(transport_open(path, NULL, &from, &err) == 0))
		return false;
	image = transport_images(from, &n);
	return CHECK(transport_read_blob(from, &image->manifest, 1 << 20, &json, &err) == 0) &&
	       CHECK(manifest_parse(json.data, json.len, NULL, &arena, &m, &err) == 0) &&
	       CHECK(transport_read_blob(from, m->config, 1 << 20, &layer, &err) == 0) &&
	       CHECK(transport_read_blob(from, &m->layers.v[0], 1 << 20, &layer, &err) ==
		     -EBADMSG) &&
	       CHECK(strstr(err.msg, "its digest is 'sha256:"));
}

static bool a_size_that_is_another_is_found_out(void)
{
	auto_transport_source struct transport_source *from = NULL;
	auto_buf struct buf archive = {};
	auto_tmpdir struct tmpdir dir;
	struct descriptor what = {};
	struct extent extent;
	struct err err = {};
	char path[300];

	tmpdir_make(&dir);
	make_docker(&archive, "[" LISTED("[]", AB) "]");
	digest_of(two[0], &what.digest);
	what.size = (int64_t)strlen(two[0]) + 1;
	return CHECK(transport_open(place_file(&dir, "a.tar", &archive, path), NULL, &from,
				    &err) == 0) &&
	       CHECK(transport_find_blob(from, &what, &extent, &err) == -EBADMSG) &&
	       CHECK(strstr(err.msg, "it has 9 bytes, and should have 10"));
}

static bool a_compressed_layer_has_a_digest_of_its_own(void)
{
	auto_buf struct buf archive = {}, config = {}, packed = {}, line = {}, layer = {};
	auto_transport_source struct transport_source *from = NULL;
	auto_tmpdir struct tmpdir dir;
	struct descriptor what = { .media_type = NULL };
	struct err err = {};
	char path[300];

	tmpdir_make(&dir);
	add_config(&config, one);
	if (!CHECK(packed_gzip(&packed, one[0], strlen(one[0]), NULL)))
		return false;
	archive_add(&archive, .path = "c.json", .data = config.data);
	archive_add(&archive, .path = "l", .data = packed.data, .bytes = packed.len);
	archive_add(&archive, .path = "manifest.json", .data = "[" LISTED("[]", "\"l\"") "]");
	archive_end(&archive);
	place_file(&dir, "a.tar", &archive, path);
	hash_bytes(DIGEST_SHA256, packed.data, packed.len, &what.digest);
	what.size = (int64_t)packed.len;
	return shows(path, line_of("", config.data, &line)) &&
	       CHECK(transport_open(path, NULL, &from, &err) == 0) &&
	       CHECK(transport_read_blob(from, &what, 1 << 20, &layer, &err) == 0) &&
	       CHECK(layer.len == packed.len);
}

static bool a_document_that_is_there_twice_is_refused(void)
{
	auto_buf struct buf archive = {};
	auto_tmpdir struct tmpdir dir;
	char path[300];

	tmpdir_make(&dir);
	archive_add(&archive, .path = "manifest.json", .data = "[" LISTED("[]", "") "]");
	make_docker(&archive, "[" LISTED("[]", AB) "]");
	return refuses(place_file(&dir, "a.tar", &archive, path), EBADMSG, "there twice");
}

/* Of two images, x:1 and x:2, in an archive at `path`. */
static int open_by_ref(const char *path, const char *ref, char *ret_name, struct err *err)
{
	auto_transport_source struct transport_source *from = NULL;
	const struct transport_image *images;
	auto_buf struct buf text = {};
	size_t n;
	int r;

	buf_printf(&text, "docker-archive:%s:%s", path, ref);
	r = transport_open(text.data, NULL, &from, err);
	if (r < 0)
		return r;
	images = transport_images(from, &n);
	(void)snprintf(ret_name, 8, "%s", n == 1 ? images->names.v[0] : "several");
	return 0;
}

static bool a_ref_chooses_an_image(void)
{
	static const char *const refs[][2] = {
		{ "x:1", "x:1" }, { "docker.io/library/x:2", "x:2" }, { "@0", "x:1" },
		{ "@1", "x:2" }, { "x:3", NULL }, { "x", NULL }, { "@2", NULL }, { "@-1", NULL },
		{ "@", NULL },
	};
	auto_buf struct buf archive = {};
	auto_tmpdir struct tmpdir dir;
	char path[300];

	tmpdir_make(&dir);
	make_docker(&archive, "[" LISTED("[\"x:1\"]", AB) "," LISTED("[\"x:2\"]", AB) "]");
	place_file(&dir, "a.tar", &archive, path);
	for (size_t i = 0; i < sizeof(refs) / sizeof(*refs); i++) {
		char name[8] = "";
		struct err err = {};
		int r = open_by_ref(path, refs[i][0], name, &err);

		if (refs[i][1] ? !CHECK(r == 0) || !CHECK_STR(name, refs[i][1])
			       : !CHECK(r == -ENOENT) || !CHECK(err.kind == ERR_NOT_FOUND))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------- layouts */

#define NAME(value)     "\"io.containerd.image.name\":\"" value "\""
#define REF(value)      "\"org.opencontainers.image.ref.name\":\"" value "\""
#define ANNOTATED(list) ",\"annotations\":{" list "}"

struct layout {
	struct buf config, manifest, archive;
};

static void layout_done(struct layout *layout)
{
	buf_done(&layout->config);
	buf_done(&layout->manifest);
	buf_done(&layout->archive);
}

/* An entry for the image, with `more` behind its size. */
static void add_entry(struct buf *index, const struct layout *layout, const char *more)
{
	add_descriptor(index, MEDIA_OCI_MANIFEST, layout->manifest.data);
	index->len--;
	buf_printf(index, "%s}", more);
}

/* One image of two layers, that has those entries in the index; NULL ends them. */
static void make_layout(struct layout *layout, const char *const *entries)
{
	auto_buf struct buf index = {};

	add_config(&layout->config, two);
	add_manifest(&layout->manifest, MEDIA_FAMILY_OCI, layout->config.data, two);
	buf_puts(&index, "{\"schemaVersion\":2,\"manifests\":[");
	for (size_t i = 0; entries[i]; i++) {
		buf_puts(&index, i ? "," : "");
		add_entry(&index, layout, entries[i]);
	}
	buf_puts(&index, "]}");
	archive_add(&layout->archive, .path = "oci-layout",
		    .data = "{\"imageLayoutVersion\": \"1.0.0\"}");
	archive_add(&layout->archive, .path = "index.json", .data = index.data);
	add_blob(&layout->archive, "blobs/sha256/", "", two[0]);
	add_blob(&layout->archive, "blobs/sha256/", "", two[1]);
	add_blob(&layout->archive, "blobs/sha256/", "", layout->config.data);
	add_blob(&layout->archive, "blobs/sha256/", "", layout->manifest.data);
	archive_end(&layout->archive);
}

static bool layout_shows(const char *const *entries, const char *names)
{
	auto_cleanup(layout_done) struct layout layout = {};
	auto_tmpdir struct tmpdir dir;
	auto_buf struct buf line = {};
	char path[300];

	tmpdir_make(&dir);
	make_layout(&layout, entries);
	return shows(place_file(&dir, "a.tar", &layout.archive, path),
		     line_of(names, layout.config.data, &line));
}

static bool names_of_a_layout_are_the_whole_ones(void)
{
	static const char *const entries[][4] = {
		{ "", NULL },
		{ ANNOTATED(REF("latest")), NULL },
		{ ANNOTATED(REF("h.io/a:1")), NULL },
		{ ANNOTATED(REF("1") "," NAME("h.io/a:1")), NULL },
		{ ANNOTATED(REF("h.io/a:1")), ANNOTATED(REF("h.io/b:1")), NULL },
		{ ANNOTATED(REF("h.io/a:1")), ",\"artifactType\":\"text/spdx\"",
		  ",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}", NULL },
	};

	return layout_shows(entries[0], "") && layout_shows(entries[1], "") &&
	       layout_shows(entries[2], "h.io/a:1 ") && layout_shows(entries[3], "h.io/a:1 ") &&
	       layout_shows(entries[4], "h.io/a:1 h.io/b:1 ") &&
	       layout_shows(entries[5], "h.io/a:1 ");
}

static bool a_ref_may_be_a_tag(void)
{
	static const char *const entries[] = { ANNOTATED(REF("v1")), NULL };
	auto_cleanup(layout_done) struct layout layout = {};
	auto_tmpdir struct tmpdir dir;
	auto_buf struct buf line = {}, text = {};
	char path[300];

	tmpdir_make(&dir);
	make_layout(&layout, entries);
	buf_printf(&text, "oci-archive:%s:v1", place_file(&dir, "a.tar", &layout.archive, path));
	if (!shows(text.data, line_of("", layout.config.data, &line)))
		return false;
	buf_puts(&text, "2");
	return refuses(text.data, ENOENT, "there is no image 'v12' in it");
}

static bool an_unknown_layout_is_refused(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_buf struct buf archive = {};
	char path[300];

	tmpdir_make(&dir);
	archive_add(&archive, .path = "index.json", .data = "{\"schemaVersion\":2}");
	archive_add(&archive, .path = "oci-layout", .data = "{\"imageLayoutVersion\":\"2\"}");
	archive_end(&archive);
	return refuses(place_file(&dir, "a.tar", &archive, path), EBADMSG,
		       "it is of the unknown version '2'");
}

/* ------------------------------------------------------------------------------- directories */

/* The directory is somebody else's: a blob in it may be anything. */
static bool what_lies_outside_of_a_directory_is_not_read(void)
{
	auto_tmpdir struct tmpdir dir;
	char text[300];

	tmpdir_make(&dir);
	(void)snprintf(text, sizeof(text), "%s/in", dir.path);
	if (!CHECK(mkdirat(dir.fd, "in", 0755) == 0) ||
	    !CHECK(tmpdir_put(dir.fd, "secret", "[" LISTED("[]", "") "]")) ||
	    !CHECK(symlinkat("../secret", dir.fd, "in/manifest.json") == 0) ||
	    !CHECK(mkfifoat(dir.fd, "in/index.json", 0644) == 0))
		return false;
	return refuses(text, EBADMSG, "it holds no images");
}

static bool what_is_no_place_is_refused(void)
{
	return refuses("/nowhere/x", ENOENT, "no such file") &&
	       refuses("oci:", EINVAL, "a path must follow") &&
	       refuses("dir:/proc/self/ns", ENOENT, "there is no file 'manifest.json'") &&
	       CHECK(transport_is_named("oci:x") && transport_is_named("docker-archive:x:y")) &&
	       CHECK(!transport_is_named("busybox:1") && !transport_is_named("docker://x") &&
		     !transport_is_named("ocix:1"));
}

/* ------------------------------------------------------------------------------- to */

/* What is put somewhere is there, and can be put elsewhere. */
static bool images_survive_every_place(void)
{
	static const char *const kinds[] = { "oci", "docker-archive", "dir", "oci-archive" };
	static const char *const entries[] = { ANNOTATED(REF("h.io/a:1")), NULL };
	auto_cleanup(layout_done) struct layout layout = {};
	auto_tmpdir struct tmpdir dir;
	auto_buf struct buf line = {}, from = {};
	struct err err = {};
	char path[300];

	tmpdir_make(&dir);
	make_layout(&layout, entries);
	buf_printf(&from, "%s", place_file(&dir, "first", &layout.archive, path));
	line_of("", layout.config.data, &line);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		auto_buf struct buf to = {}, out = {};

		buf_printf(&to, "%s:%s/%s", kinds[i], dir.path, kinds[i]);
		if (!CHECK(move_images(from.data, to.data, &err) == 0) ||
		    !CHECK(describe_images(to.data, &out, &err) == 0) ||
		    !CHECK(strstr(out.data, line.data))) {
			printf("# %s: %s\n", to.data, err.msg);
			return false;
		}
		from.len = 0;
		buf_puts(&from, to.data);
	}
	return true;
}

static bool the_same_archive_has_the_same_bytes(void)
{
	static const char *const entries[] = { ANNOTATED(REF("h.io/a:1")), NULL };
	auto_cleanup(layout_done) struct layout layout = {};
	auto_tmpdir struct tmpdir dir;
	struct digest digests[2];
	struct err err = {};
	uint64_t bytes;
	char path[300];

	tmpdir_make(&dir);
	make_layout(&layout, entries);
	place_file(&dir, "a.tar", &layout.archive, path);
	for (int i = 0; i < 2; i++) {
		auto_buf struct buf to = {};
		auto_close int fd = -1;

		buf_printf(&to, "docker-archive:%s/out", dir.path);
		if (!CHECK(move_images(path, to.data, &err) == 0))
			return false;
		fd = openat(dir.fd, "out", O_RDONLY | O_CLOEXEC);
		if (!CHECK(hash_file(DIGEST_SHA256, fd, &digests[i], &bytes, &err) == 0))
			return false;
	}
	return CHECK_STR(digests[0].text, digests[1].text);
}

/* A layout that is there keeps what it has, but for a name that is given to another. */
static bool a_layout_is_added_to(void)
{
	static const char *const a[] = { ANNOTATED(REF("h.io/a:1")), NULL };
	static const char *const b[] = { ANNOTATED(REF("h.io/b:1")), NULL };
	auto_cleanup(layout_done) struct layout first = {}, second = {};
	auto_tmpdir struct tmpdir dir;
	auto_buf struct buf to = {}, want = {};
	struct err err = {};
	char path[2][300];

	tmpdir_make(&dir);
	make_layout(&first, a);
	make_layout(&second, b);
	place_file(&dir, "a.tar", &first.archive, path[0]);
	place_file(&dir, "b.tar", &second.archive, path[1]);
	buf_printf(&to, "oci:%s/layout", dir.path);
	if (!CHECK(move_images(path[0], to.data, &err) == 0) ||
	    !CHECK(move_images(path[1], to.data, &err) == 0) ||
	    !CHECK(move_images(path[0], to.data, &err) == 0))
		return false;
	return shows(to.data, line_of("h.io/b:1 h.io/a:1 ", first.config.data, &want));
}

static bool there_is_no_place_for_everything(void)
{
	static const char list[] = "[" LISTED("[\"x:1\"]", AB) "," LISTED("[\"x:2\"]", AB) "]";
	static const char index[] = "{\"schemaVersion\":2,\"manifests\":[]}";
	struct descriptor what = { .media_type = (char *)MEDIA_OCI_INDEX, .size = strlen(index) };
	auto_transport_target struct transport_target *to = NULL;
	auto_buf struct buf archive = {}, text = {};
	auto_tmpdir struct tmpdir dir;
	struct oci_strings names = {};
	struct err err = {};
	char path[300];

	tmpdir_make(&dir);
	make_docker(&archive, list);
	place_file(&dir, "a.tar", &archive, path);
	buf_printf(&text, "dir:%s/dir", dir.path);
	digest_of(index, &what.digest);
	if (!CHECK(move_images(path, text.data, &err) == -ENOTSUP) ||
	    !CHECK(strstr(err.msg, "a place for one image only")))
		return false;
	text.len = 0;
	buf_printf(&text, "docker-archive:%s/out", dir.path);
	return CHECK(transport_create(text.data, &to, &err) == 0) &&
	       CHECK(transport_put_manifest(to, &what, index, &names, &err) == -ENOTSUP) &&
	       CHECK(strstr(err.msg, "no place for an image of several platforms")) &&
	       CHECK(transport_create("busybox:1", &to, &err) == -EINVAL);
}

int main(void)
{
	TEST(an_archive_of_docker_is_read);
	TEST(what_contradicts_itself_is_refused);
	TEST(a_layer_that_is_another_is_found_out);
	TEST(a_size_that_is_another_is_found_out);
	TEST(a_compressed_layer_has_a_digest_of_its_own);
	TEST(a_document_that_is_there_twice_is_refused);
	TEST(a_ref_chooses_an_image);
	TEST(names_of_a_layout_are_the_whole_ones);
	TEST(a_ref_may_be_a_tag);
	TEST(an_unknown_layout_is_refused);
	TEST(what_lies_outside_of_a_directory_is_not_read);
	TEST(what_is_no_place_is_refused);
	TEST(images_survive_every_place);
	TEST(the_same_archive_has_the_same_bytes);
	TEST(a_layout_is_added_to);
	TEST(there_is_no_place_for_everything);
	return tap_done();
}
