/* SPDX-License-Identifier: Apache-2.0 */
/* What is left where images were written, and where that failed. */
#include "transport/transport.h"

#include "move.h"
#include "places.h"

#include <dirent.h>

/* How many files are in it, and what `name` begins with. */
static size_t look_into(const struct tmpdir *dir, const char *name, char text[16])
{
	auto_close int fd = openat(dir->fd, name, O_RDONLY | O_CLOEXEC);
	DIR *entries = opendir(dir->path);
	ssize_t len = read(fd, text, 15);
	size_t n = 0;

	text[len > 0 ? len : 0] = '\0';
	while (readdir(entries))
		n++;
	(void)closedir(entries);
	return n - 2;
}

/* As /dev/stdout is one: what it leads to is written, and the link stays. */
static bool a_link_is_written_through(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_transport_target struct transport_target *target = NULL;
	struct err err = {};
	struct stat st;
	char text[600];

	tmpdir_make(&dir);
	(void)snprintf(text, sizeof(text), "docker-archive:%s/link", dir.path);
	return CHECK(tmpdir_put(dir.fd, "file", "before")) &&
	       CHECK(symlinkat("file", dir.fd, "link") == 0) &&
	       CHECK(transport_create(text, &target, &err) == 0) &&
	       CHECK(transport_finish(target, &err) == 0) &&
	       CHECK(fstatat(dir.fd, "link", &st, AT_SYMLINK_NOFOLLOW) == 0) &&
	       CHECK(S_ISLNK(st.st_mode)) && CHECK(fstatat(dir.fd, "file", &st, 0) == 0) &&
	       CHECK(st.st_size >= 1024);
}

static bool an_archive_is_whole_or_not_there(void)
{
	auto_transport_target struct transport_target *to = NULL;
	auto_tmpdir struct tmpdir dir;
	auto_buf struct buf text = {};
	struct extent nothing = EXTENT_NONE;
	struct descriptor what = {};
	struct err err = {};
	char text_of_it[16];

	tmpdir_make(&dir);
	buf_printf(&text, "oci-archive:%s/out", dir.path);
	digest_of("x", &what.digest);
	if (!CHECK(tmpdir_put(dir.fd, "out", "before")) ||
	    !CHECK(transport_create(text.data, &to, &err) == 0) ||
	    !CHECK(transport_put_blob(to, &what, &nothing, &err) == -EBADMSG) ||
	    !CHECK(strstr(err.msg, "its digest is")))
		return false;
	transport_abandon(take_ptr(to));
	return CHECK(look_into(&dir, "out", text_of_it) == 1) && CHECK_STR(text_of_it, "before");
}

static const char *const one[] = { "layer one", NULL };

/* One image in a list of docker's, in a directory of skopeo's, in an archive. */
static void make_list(struct buf *archive)
{
	auto_buf struct buf config = {}, manifest = {}, list = {};

	add_config(&config, one);
	add_manifest(&manifest, MEDIA_FAMILY_DOCKER, config.data, one);
	buf_puts(&list, "{\"schemaVersion\":2,\"mediaType\":\"" MEDIA_DOCKER_LIST "\","
			"\"manifests\":[");
	add_descriptor(&list, MEDIA_DOCKER_MANIFEST, manifest.data);
	buf_puts(&list, "]}");
	archive_add(archive, .path = "manifest.json", .data = list.data);
	add_blob(archive, "", ".manifest.json", manifest.data);
	add_blob(archive, "", "", config.data);
	add_blob(archive, "", "", one[0]);
	archive_end(archive);
}

/* What skopeo finds in a layout is OCI's, and its digests have changed with that. */
static bool a_list_of_dockers_becomes_an_index(void)
{
	auto_transport_source struct transport_source *from = NULL;
	auto_buf struct buf archive = {}, text = {}, json = {}, part = {};
	auto_arena struct arena arena = {};
	auto_tmpdir struct tmpdir dir;
	const struct transport_image *image;
	struct manifest *m;
	struct err err = {};
	char path[300];
	size_t n;

	tmpdir_make(&dir);
	make_list(&archive);
	place_file(&dir, "a.tar", &archive, path);
	buf_printf(&text, "oci:%s/layout", dir.path);
	if (!shows(path, "index\n") || !CHECK(move_images(path, text.data, &err) == 0) ||
	    !shows(text.data, "index\n") ||
	    !CHECK(transport_open(text.data, NULL, &from, &err) == 0))
		return false;
	image = transport_images(from, &n);
	return CHECK(n == 1) && CHECK_STR(image->manifest.media_type, MEDIA_OCI_INDEX) &&
	       CHECK(transport_read_blob(from, &image->manifest, 1 << 20, &json, &err) == 0) &&
	       CHECK(manifest_parse(json.data, json.len, NULL, &arena, &m, &err) == 0) &&
	       CHECK(m->manifests.n == 1) &&
	       CHECK_STR(m->manifests.v[0].media_type, MEDIA_OCI_MANIFEST) &&
	       CHECK(transport_read_blob(from, &m->manifests.v[0], 1 << 20, &part, &err) == 0) &&
	       CHECK(strstr(part.data, MEDIA_OCI_LAYER));
}

/* Its name is longer than a header has room for. */
static bool a_digest_of_sha512_has_its_place(void)
{
	static const char json[] = "{\"schemaVersion\":2,\"manifests\":[]}";
	struct descriptor what = { .media_type = (char *)MEDIA_OCI_INDEX, .size = strlen(json) };
	auto_transport_source struct transport_source *from = NULL;
	auto_transport_target struct transport_target *to = NULL;
	auto_buf struct buf text = {}, back = {};
	auto_tmpdir struct tmpdir dir;
	struct oci_strings names = {};
	struct err err = {};

	tmpdir_make(&dir);
	hash_bytes(DIGEST_SHA512, json, strlen(json), &what.digest);
	buf_printf(&text, "oci-archive:%s/out", dir.path);
	return CHECK(transport_create(text.data, &to, &err) == 0) &&
	       CHECK(transport_put_manifest(to, &what, json, &names, &err) == 0) &&
	       CHECK(transport_finish(to, &err) == 0) && shows(text.data, "index\n") &&
	       CHECK(transport_open(text.data, NULL, &from, &err) == 0) &&
	       CHECK(transport_read_blob(from, &what, 1 << 20, &back, &err) == 0) &&
	       CHECK_STR(buf_str(&back), json);
}

int main(void)
{
	TEST(a_link_is_written_through);
	TEST(an_archive_is_whole_or_not_there);
	TEST(a_list_of_dockers_becomes_an_index);
	TEST(a_digest_of_sha512_has_its_place);
	return tap_done();
}
