/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/image_use.h"

#include "tap.h"

static const char image_json[] =
	"{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{"
	"\"User\":\"daemon\",\"Env\":[\"PATH=/bin\",\"A=image\",\"nothing\"],"
	"\"Entrypoint\":[\"/entry\"],\"Cmd\":[\"one\",\"two\"],\"WorkingDir\":\"/srv\","
	"\"Labels\":{\"a\":\"image\",\"b\":\"image\"},"
	"\"ExposedPorts\":{\"80/tcp\":{},\"no port\":{},\"53/udp\":{}},\"StopSignal\":\"SIGQUIT\"},"
	"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";

struct applied {
	struct arena arena;
	struct config config;
	struct err err;
	int r;
};

static void applied_done(struct applied *applied)
{
	arena_done(&applied->arena);
}

#define auto_applied auto_cleanup(applied_done)

static void apply(struct applied *applied, const char *json)
{
	struct image_config *image = NULL;

	applied->r = image_config_parse(json, strlen(json), &applied->arena, &image,
					&applied->err);
	if (applied->r == 0)
		applied->r = image_apply(&applied->config, image, &applied->arena,
					 &applied->err);
}

static const char *joined(const struct oci_strings *list)
{
	static char text[256];

	text[0] = '\0';
	for (size_t i = 0; i < list->n; i++) {
		strcat(text, i ? " " : "");
		strcat(text, list->v[i]);
	}
	return text;
}

static struct oci_strings words(struct arena *arena, const char *a, const char *b)
{
	struct oci_strings list = { arena_array(arena, char *, 3), 0 };

	list.v[list.n++] = arena_strdup(arena, a);
	if (b)
		list.v[list.n++] = arena_strdup(arena, b);
	return list;
}

static bool what_was_left_open_is_the_images(void)
{
	auto_applied struct applied a = {};

	apply(&a, image_json);
	return CHECK(a.r == 0) && CHECK_STR(joined(&a.config.entrypoint), "/entry") &&
	       CHECK_STR(joined(&a.config.command), "one two") &&
	       CHECK_STR(joined(&a.config.env), "PATH=/bin A=image") &&
	       CHECK_STR(a.config.user, "daemon") && CHECK_STR(a.config.workdir, "/srv") &&
	       CHECK_STR(a.config.stop_signal, "SIGQUIT") && CHECK(a.config.labels.n == 2);
}

static bool ports_of_the_image_are_exposed_with_a_persons(void)
{
	auto_applied struct applied a = {};

	a.config.expose = words(&a.arena, "8080", "80");
	apply(&a, image_json);
	return CHECK(a.r == 0) && CHECK_STR(joined(&a.config.expose), "8080 80 53/udp");
}

static bool a_persons_command_replaces_the_images(void)
{
	auto_applied struct applied a = {};

	a.config.command = words(&a.arena, "mine", NULL);
	apply(&a, image_json);
	return CHECK(a.r == 0) && CHECK_STR(joined(&a.config.entrypoint), "/entry") &&
	       CHECK_STR(joined(&a.config.command), "mine");
}

static bool a_persons_entrypoint_takes_the_images_command_away(void)
{
	auto_applied struct applied a = {};

	a.config.entrypoint = words(&a.arena, "/mine", NULL);
	apply(&a, image_json);
	return CHECK(a.r == 0) && CHECK_STR(joined(&a.config.entrypoint), "/mine") &&
	       CHECK(a.config.command.n == 0);
}

static bool an_empty_entrypoint_is_none(void)
{
	auto_applied struct applied a = {}, none = {};

	a.config.entrypoint = words(&a.arena, "", NULL);
	a.config.command = words(&a.arena, "mine", NULL);
	apply(&a, image_json);
	none.config.entrypoint = words(&none.arena, "", NULL);
	apply(&none, image_json);
	return CHECK(a.r == 0) && CHECK(a.config.entrypoint.n == 0) &&
	       CHECK_STR(joined(&a.config.command), "mine") && CHECK(none.r == -EINVAL);
}

static bool a_persons_words_prevail(void)
{
	auto_applied struct applied a = {};
	struct oci_pair label = { (char *)"a", (char *)"mine" };

	a.config.env = words(&a.arena, "A=mine", "B=mine");
	a.config.user = (char *)"0";
	a.config.workdir = (char *)"/";
	a.config.stop_signal = (char *)"SIGINT";
	a.config.labels = (struct oci_pairs){ arena_array(&a.arena, struct oci_pair, 1), 1 };
	a.config.labels.v[0] = label;
	apply(&a, image_json);
	return CHECK(a.r == 0) && CHECK_STR(joined(&a.config.env), "PATH=/bin A=mine B=mine") &&
	       CHECK_STR(a.config.user, "0") && CHECK_STR(a.config.workdir, "/") &&
	       CHECK_STR(a.config.stop_signal, "SIGINT") && CHECK(a.config.labels.n == 2) &&
	       CHECK_STR(a.config.labels.v[0].value, "mine");
}

static bool an_image_without_a_command_needs_one(void)
{
	static const char bare[] = "{\"architecture\":\"amd64\",\"os\":\"linux\","
				   "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";
	auto_applied struct applied none = {}, given = {};

	apply(&none, bare);
	given.config.command = words(&given.arena, "mine", NULL);
	apply(&given, bare);
	return CHECK(none.r == -EINVAL) && CHECK(none.err.kind == ERR_USAGE) &&
	       CHECK_STR(none.err.msg, "COMMAND is missing: the image names none either") &&
	       CHECK(given.r == 0);
}

static const char *image_with_volumes(struct arena *arena, const char *volumes)
{
	return arena_printf(arena,
			    "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{"
			    "\"Cmd\":[\"sh\"],\"Volumes\":{%s}},"
			    "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
			    volumes);
}

static bool volumes_are_those_that_nobody_covers(void)
{
	struct config_mount mount = { .type = (char *)"tmpfs", .target = (char *)"/mine" };
	auto_applied struct applied a = {};

	a.config.mounts.v = &mount;
	a.config.mounts.n = 1;
	apply(&a, image_with_volumes(&a.arena, "\"/data\":{},\"//data/./\":{},\"/mine/\":{},"
					       "\"/sysroot\":{}"));
	return CHECK(a.r == 0) && CHECK_STR(joined(&a.config.volumes), "/data /sysroot");
}

static bool a_volume_over_what_is_ours_is_refused(void)
{
	static const char *const rows[] = { "\"/proc\":{}", "\"/sys/fs\":{}", "\"/dev/\":{}",
					    "\"/a/../proc\":{}", "\"relative\":{}", "\"/\":{}" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_applied struct applied a = {};

		apply(&a, image_with_volumes(&a.arena, rows[i]));
		if (!CHECK(a.r == -EINVAL) || !CHECK(strstr(a.err.msg, "is no place for one")))
			return false;
	}
	return true;
}

int main(void)
{
	TEST(what_was_left_open_is_the_images);
	TEST(ports_of_the_image_are_exposed_with_a_persons);
	TEST(a_persons_command_replaces_the_images);
	TEST(a_persons_entrypoint_takes_the_images_command_away);
	TEST(an_empty_entrypoint_is_none);
	TEST(a_persons_words_prevail);
	TEST(an_image_without_a_command_needs_one);
	TEST(volumes_are_those_that_nobody_covers);
	TEST(a_volume_over_what_is_ours_is_refused);
	return tap_done();
}
