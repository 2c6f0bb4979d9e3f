/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that umoci, skopeo and podman make, read by us; and what we write, read by them. An image
 * has the same ID wherever it was.
 */
#include "move.h"
#include "tmpdir.h"

static struct tmpdir dir = { .fd = -1 };
static char id[16];
static const char *const kinds[] = { "oci", "oci-archive", "docker-archive", "dir" };

#define PODMAN "podman --root pod/root --runroot pod/run --storage-driver vfs --log-level error "

__attribute__((format(printf, 1, 2))) static bool run(const char *fmt, ...)
{
	auto_buf struct buf line = {};
	auto_free char *command = NULL;
	va_list ap;
	int status;

	va_start(ap, fmt);
	if (vasprintf(&command, fmt, ap) < 0)
		abort();
	va_end(ap);
	buf_printf(&line, "cd '%s' && { %s; } >log 2>&1 </dev/null", dir.path, command);
	status = system(line.data);
	if (status == 0)
		return true;
	printf("# %s\n", command);
	(void)fflush(stdout);
	buf_printf(&line, "; sed 's/^/# /' '%s/log'", dir.path);
	(void)!system(strrchr(line.data, ';') + 1);
	return false;
}

static bool has(const char *program)
{
	return run("command -v %s", program);
}

/* An image of two layers, by umoci. */
static bool make_image(void)
{
	auto_buf struct buf text = {}, out = {};
	struct err err = {};

	if (!run("echo one >one; echo two >two; umoci init --layout u; umoci new --image u:v1;"
		 "umoci config --image u:v1 --config.cmd sh --config.env A=b --config.volume /data;"
		 "umoci insert --image u:v1 one /one; umoci insert --image u:v1 two /two"))
		return false;
	buf_printf(&text, "oci:%s/u:v1", dir.path);
	if (!CHECK(describe_images(text.data, &out, &err) == 0))
		return false;
	(void)snprintf(id, sizeof(id), "%.12s", buf_str(&out));
	return CHECK(strlen(buf_str(&out)) == 13);
}

/* In the file or directory `name` is that image. */
static bool holds_it(const char *kind, const char *name)
{
	auto_buf struct buf text = {}, out = {};
	struct err err = {};

	buf_printf(&text, "%s%s/%s", kind, dir.path, name);
	if (CHECK(describe_images(text.data, &out, &err) == 0) && CHECK(strstr(out.data, id)))
		return true;
	printf("# %s: %s%s", text.data, err.msg, buf_str(&out));
	return false;
}

static bool put_it(const char *from, const char *kind, const char *name)
{
	auto_buf struct buf from_text = {}, text = {};
	struct err err = {};

	buf_printf(&from_text, "oci:%s/%s", dir.path, from);
	buf_printf(&text, "%s:%s/%s", kind, dir.path, name);
	if (CHECK(move_images(from_text.data, text.data, &err) == 0))
		return true;
	printf("# %s: %s\n", text.data, err.msg);
	return false;
}

static bool what_skopeo_writes_is_read(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "theirs-%s", kinds[i]);
		if (!run("skopeo copy oci:u:v1 %s:%s%s", kinds[i], name,
			 strcmp(kinds[i], "docker-archive") == 0 ? ":h.io/a:v1" : "") ||
		    !holds_it("", name))
			return false;
	}
	return holds_it("docker-archive:", "theirs-docker-archive:h.io/a:v1");
}

static bool docker_types_are_read(void)
{
	return run("skopeo copy --format v2s2 oci:u:v1 dir:theirs-v2s2") &&
	       holds_it("", "theirs-v2s2");
}

/* Whole, and with the layers that it had. */
static bool what_is_written_skopeo_reads(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		char name[32], again[32];

		(void)snprintf(name, sizeof(name), "ours-%s", kinds[i]);
		(void)snprintf(again, sizeof(again), "again-%s", kinds[i]);
		if (!put_it("u", kinds[i], name) || !holds_it("", name) ||
		    !run("skopeo copy %s:%s dir:%s", kinds[i], name, again) ||
		    !holds_it("dir:", again))
			return false;
	}
	return true;
}

static bool a_name_is_found_by_skopeo(void)
{
	return put_it("u", "oci", "named:v2") && put_it("u", "oci-archive", "named.tar:h.io/a:1") &&
	       put_it("u", "docker-archive", "named.dar:h.io/a:1") &&
	       run("skopeo inspect oci:named:v2") && run("umoci stat --image named:v2") &&
	       run("skopeo inspect oci-archive:named.tar:h.io/a:1") &&
	       run("skopeo inspect docker-archive:named.dar:h.io/a:1");
}

/* It finds none of docker's types by their names. */
static bool dockers_types_become_ocis_in_a_layout(void)
{
	auto_buf struct buf from = {}, to = {};
	struct err err = {};

	buf_printf(&from, "dir:%s/theirs-v2s2", dir.path);
	buf_printf(&to, "oci:%s/adapted:v1", dir.path);
	return CHECK(move_images(from.data, to.data, &err) == 0) &&
	       run("skopeo inspect oci:adapted:v1") && holds_it("oci:", "adapted:v1");
}

static bool podman_loads_what_is_written(void)
{
	return put_it("u", "docker-archive", "load.dar:h.io/d:1") &&
	       put_it("u", "oci-archive", "load.tar:h.io/o:1") &&
	       run(PODMAN "load -i load.dar") && run(PODMAN "load -i load.tar") &&
	       run(PODMAN "images --no-trunc | grep 'h.io/d *1 *sha256:%s'", id) &&
	       run(PODMAN "images --no-trunc | grep 'h.io/o *1 *sha256:%s'", id);
}

static bool what_podman_saves_is_read(void)
{
	return run(PODMAN "save -o saved.dar h.io/d:1") && holds_it("", "saved.dar") &&
	       run(PODMAN "save --format oci-archive -o saved.tar h.io/d:1") &&
	       holds_it("", "saved.tar") && run(PODMAN "tag h.io/d:1 h.io/e:1") &&
	       run(PODMAN "save -m -o several.dar h.io/d:1 h.io/e:1") &&
	       holds_it("docker-archive:", "several.dar:h.io/e:1") &&
	       run(PODMAN "save --format docker-dir -o saved-dir h.io/d:1") &&
	       holds_it("", "saved-dir") && run("gzip saved.dar") &&
	       holds_it("", "saved.dar.gz");
}

int main(void)
{
	bool has_skopeo, has_podman;

	tmpdir_make(&dir);
	has_skopeo = has("umoci") && has("skopeo");
	has_podman = has_skopeo && has("podman") && geteuid() == 0;
#define TEST_IF(has_it, claim, what)    \
	do {                            \
		if (has_it)             \
			TEST(claim);    \
		else                    \
			SKIP(claim, what); \
	} while (0)
	TEST_IF(has_skopeo, make_image, "needs umoci and skopeo");
	TEST_IF(has_skopeo, what_skopeo_writes_is_read, "needs umoci and skopeo");
	TEST_IF(has_skopeo, docker_types_are_read, "needs umoci and skopeo");
	TEST_IF(has_skopeo, what_is_written_skopeo_reads, "needs umoci and skopeo");
	TEST_IF(has_skopeo, a_name_is_found_by_skopeo, "needs umoci and skopeo");
	TEST_IF(has_skopeo, dockers_types_become_ocis_in_a_layout, "needs umoci and skopeo");
	TEST_IF(has_podman, podman_loads_what_is_written, "needs podman, and root");
	TEST_IF(has_podman, what_podman_saves_is_read, "needs podman, and root");
	tmpdir_done(&dir);
	return tap_done();
}
