/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image_config.h"
#include "image/manifest.h"

#include "base/buf.h"
#include "tap.h"

#include <fcntl.h>

#define HEX64  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA256 "sha256:" HEX64

#define ROOTFS(ids) "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" ids "]}"
#define ONE_LAYER   ROOTFS("\"" SHA256 "\"")

static bool reads(const char *json, struct arena *arena, struct image_config **ret)
{
	struct err err = {};

	if (CHECK(image_config_parse(json, strlen(json), arena, ret, &err) == 0))
		return true;
	printf("# %s\n", err.msg);
	return false;
}

/* One of tests/data/image, as a tool wrote it. */
static bool reads_file(const char *name, struct arena *arena, struct image_config **ret)
{
	auto_buf struct buf path = {}, json = {};
	auto_close int fd = -1;
	struct err err = {};

	buf_printf(&path, "%s/image/%s", TEST_DATA, name);
	fd = open(path.data, O_RDONLY | O_CLOEXEC);
	return CHECK(fd >= 0) && CHECK(buf_read_fd(&json, fd, 1 << 20, name, &err) == 0) &&
	       reads(json.data, arena, ret);
}

static bool refuses(const char *json, const char *why)
{
	auto_arena struct arena arena = {};
	struct image_config *config;
	struct err err = {};

	if (CHECK(image_config_parse(json, strlen(json), &arena, &config, &err) == -EINVAL) &&
	    CHECK(err.kind == ERR_USAGE) && CHECK(strstr(err.msg, why)))
		return true;
	printf("# %s\n", err.msg);
	return false;
}

static bool strings_are(const struct oci_strings *list, const char *want)
{
	auto_buf struct buf text = {};

	for (size_t i = 0; i < list->n; i++)
		buf_printf(&text, "%s%s", i ? "|" : "", list->v[i]);
	return CHECK_STR(buf_str(&text), want) && CHECK(!list->n || !list->v[list->n]);
}

static bool what_docker_wrote_is_read(void)
{
	auto_arena struct arena arena = {};
	struct image_config *c;
	struct image_process *p;

	if (!reads_file("docker-config.json", &arena, &c))
		return false;
	p = c->process;
	return CHECK_STR(c->platform.architecture, "amd64") && CHECK_STR(c->platform.os, "linux") &&
	       CHECK(c->diff_ids.n == 3) && CHECK(c->history.n == 14) &&
	       CHECK(c->history.v[0].empty_layer) && CHECK(!c->history.v[1].empty_layer) &&
	       CHECK_STR(p->user, "1:2") && CHECK_STR(p->working_dir, "/w") &&
	       CHECK_STR(p->stop_signal, "SIGUSR1") && CHECK(!p->stop_timeout.is_set) &&
	       strings_are(&p->env, "PATH=/bin|A=b") && strings_are(&p->entrypoint, "/one") &&
	       strings_are(&p->cmd, "a|b c") && strings_are(&p->exposed_ports, "53/udp|80/tcp") &&
	       strings_are(&p->volumes, "/data|/more") && strings_are(&p->shell, "/one|-c") &&
	       strings_are(&p->on_build, "COPY a b") && CHECK(p->labels.n == 2) &&
	       CHECK_STR(p->labels.v[1].value, "x y");
}

static bool a_health_check_is_read(void)
{
	auto_arena struct arena arena = {};
	struct image_config *c;

	return reads_file("docker-config.json", &arena, &c) && CHECK(c->process->health) &&
	       strings_are(&c->process->health->test, "CMD|/one|x") &&
	       CHECK(c->process->health->interval_ns == 5000000000) &&
	       CHECK(c->process->health->timeout_ns == 3000000000) &&
	       CHECK(c->process->health->start_period_ns == 7000000000) &&
	       CHECK(c->process->health->retries == 3);
}

static bool what_others_wrote_is_read(void)
{
	auto_arena struct arena arena = {};
	struct image_config *docker, *oci, *umoci;

	return reads_file("buildah-docker-config.json", &arena, &docker) &&
	       CHECK_STR(docker->process->shell.v[0], "/bin/sh") &&
	       reads_file("buildah-oci-config.json", &arena, &oci) &&
	       CHECK(oci->process->health == NULL) && CHECK(oci->diff_ids.n == 1) &&
	       reads_file("umoci-config.json", &arena, &umoci) &&
	       CHECK(umoci->diff_ids.n == 0) && CHECK_STR(umoci->author, "me") &&
	       strings_are(&umoci->process->volumes, "/data");
}

/* Go writes null for what is empty. */
static bool little_is_enough(void)
{
	auto_arena struct arena arena = {};
	struct image_config *bare, *nulls;

	return reads("{\"rootfs\":{\"type\":\"layers\"}}", &arena, &bare) &&
	       CHECK(bare->process && !bare->process->user) && CHECK(bare->diff_ids.n == 0) &&
	       reads("{\"config\":{\"Env\":null,\"Volumes\":null,\"Labels\":null,\"Cmd\":null,"
		     "\"Healthcheck\":null}," ONE_LAYER ",\"history\":null}", &arena, &nulls) &&
	       CHECK(nulls->process->volumes.n == 0) && CHECK(nulls->diff_ids.n == 1);
}

static bool layers_are_checked(void)
{
	return refuses("{}", "rootfs: is missing") &&
	       refuses("{\"rootfs\":{\"type\":\"tarfs\"}}", "rootfs.type: 'tarfs'") &&
	       refuses("{" ROOTFS("\"" SHA256 "\",\"sha256:../x\"") "}", "rootfs.diff_ids[1]: ") &&
	       refuses("{" ROOTFS("7") "}", "rootfs.diff_ids[0]: must be a string") &&
	       refuses("{" ONE_LAYER ",\"history\":[{},{}]}", "history: tells of 2 layers, and "
		       "rootfs has 1");
}

static bool history_may_tell_less(void)
{
	auto_arena struct arena arena = {};
	struct image_config *c;

	return reads("{" ONE_LAYER ",\"history\":[{\"empty_layer\":true}]}", &arena, &c) &&
	       CHECK(c->history.n == 1);
}

static bool the_number_of_layers_is_limited(void)
{
	auto_buf struct buf json = {};

	buf_puts(&json, "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[");
	for (int i = 0; i <= MANIFEST_MAX_LAYERS; i++)
		buf_printf(&json, "%s\"" SHA256 "\"", i ? "," : "");
	buf_puts(&json, "]}}");
	return refuses(json.data, "rootfs.diff_ids: 501 are more than");
}

static bool types_are_checked(void)
{
	return refuses("{" ONE_LAYER ",\"config\":[]}", "config: must be an object") &&
	       refuses("{" ONE_LAYER ",\"config\":{\"Cmd\":\"sh\"}}",
		       "config.Cmd: must be an array") &&
	       refuses("{" ONE_LAYER ",\"config\":{\"Volumes\":[\"/a\"]}}",
		       "config.Volumes: must be an object") &&
	       refuses("{" ONE_LAYER ",\"config\":{\"Healthcheck\":{\"Retries\":\"3\"}}}",
		       "config.Healthcheck.Retries: must be a whole number");
}

/* In the tables' order, with what docker and OCI call it. */
static bool what_is_written_has_their_names(void)
{
	static const char json[] =
		"{\"created\":\"2026-01-02T03:04:05Z\",\"author\":\"me\","
		"\"architecture\":\"arm\",\"variant\":\"v7\",\"os\":\"linux\","
		"\"config\":{\"User\":\"1:2\",\"ExposedPorts\":{\"80/tcp\":{}},\"Env\":[\"A=b\"],"
		"\"Entrypoint\":[\"/a\"],\"Cmd\":[\"b\"],\"Healthcheck\":{\"Test\":[\"CMD\",\"c\"],"
		"\"Interval\":1,\"Timeout\":2,\"StartPeriod\":3,\"StartInterval\":4,"
		"\"Retries\":5},\"ArgsEscaped\":true,\"Volumes\":{\"/v\":{}},"
		"\"WorkingDir\":\"/w\",\"OnBuild\":[\"RUN x\"],\"Labels\":{\"l\":\"m\"},"
		"\"StopSignal\":\"TERM\",\"StopTimeout\":0,\"Shell\":[\"/s\"]},"
		ONE_LAYER ",\"history\":[{\"created\":\"2026-01-02T03:04:05Z\","
		"\"created_by\":\"COPY\",\"author\":\"me\",\"comment\":\"c\"},"
		"{\"created_by\":\"ENV\",\"empty_layer\":true}]}";
	auto_arena struct arena arena = {};
	auto_buf struct buf out = {};
	struct image_config *c;

	if (!reads(json, &arena, &c))
		return false;
	image_config_format(c, &out);
	return CHECK_STR(buf_str(&out), json);
}

int main(void)
{
	TEST(what_docker_wrote_is_read);
	TEST(a_health_check_is_read);
	TEST(what_others_wrote_is_read);
	TEST(little_is_enough);
	TEST(layers_are_checked);
	TEST(history_may_tell_less);
	TEST(the_number_of_layers_is_limited);
	TEST(types_are_checked);
	TEST(what_is_written_has_their_names);
	return tap_done();
}
