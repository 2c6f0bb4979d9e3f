/* SPDX-License-Identifier: Apache-2.0 */
#include "image/change.h"

#include "tap.h"

#define TEXTS(...) ((const char *const[]){ __VA_ARGS__ })
#define CHANGE(process, arena, err, ...)                                                    \
	image_change((process), TEXTS(__VA_ARGS__),                                         \
		     sizeof(TEXTS(__VA_ARGS__)) / sizeof(const char *), (arena), (err))

/* What `texts` make of an image with A=a and /srv. */
#define MAKES(want, ...) \
	makes(TEXTS(__VA_ARGS__), sizeof(TEXTS(__VA_ARGS__)) / sizeof(char *), want)

static bool makes(const char *const *texts, size_t n, const char *want)
{
	auto_arena struct arena arena = {};
	char *env[] = { arena_strdup(&arena, "A=a"), NULL };
	struct image_process process = { .env = { env, 1 } };
	auto_buf struct buf json = {};
	struct err err = {};
	const char *got;

	if (!CHECK(image_change(&process, texts, n, &arena, &err) == 0)) {
		printf("# %s\n", err.msg);
		return false;
	}
	schema_format(&image_process_schema, image_process_object(&process, &arena), &json);
	got = buf_str(&json);
	return CHECK_STR(got, want);
}

static bool refuses(const char *text, const char *why)
{
	auto_arena struct arena arena = {};
	struct image_process process = {};
	struct err err = {};

	if (CHECK(image_change(&process, &text, 1, &arena, &err) == -EINVAL) &&
	    CHECK(err.kind == ERR_USAGE) && CHECK(strstr(err.msg, why)))
		return true;
	printf("# %s\n", err.msg);
	return false;
}

#define A "\"Env\":[\"A=a\"]"

static bool commands_are_arrays_or_a_shells(void)
{
	return MAKES("{" A ",\"Cmd\":[\"ls\",\"-l $A\"]}", "CMD [\"ls\", \"-l $A\"]") &&
	       MAKES("{" A ",\"Cmd\":[\"/bin/sh\",\"-c\",\"ls -l $A\"]}", "cmd  ls -l $A ") &&
	       MAKES("{" A ",\"Cmd\":[\"/bin/sh\",\"-c\",\"[ -e x ]\"]}", "CMD [ -e x ]") &&
	       MAKES("{" A ",\"Cmd\":[\"/bin/sh\",\"-c\",\"/bin/bash\"]}", "CMD=/bin/bash") &&
	       MAKES("{" A ",\"Entrypoint\":[\"x\"]}", "ENTRYPOINT [\"x\"]");
}

static bool an_entrypoint_takes_the_old_arguments_away(void)
{
	return MAKES("{" A ",\"Entrypoint\":[\"e\"],\"Cmd\":[\"c\"]}", "CMD [\"c\"]",
		     "ENTRYPOINT [\"e\"]") &&
	       MAKES("{" A ",\"Entrypoint\":[\"e\"],\"Cmd\":[\"c\"]}", "ENTRYPOINT [\"e\"]",
		     "CMD [\"c\"]");
}

static bool the_images_own_arguments_go(void)
{
	auto_arena struct arena arena = {};
	char *cmd[] = { arena_strdup(&arena, "old"), NULL };
	struct image_process process = { .cmd = { cmd, 1 } };
	struct err err = {};

	return CHECK(CHANGE(&process, &arena, &err, "ENTRYPOINT [\"e\"]") == 0) &&
	       CHECK(process.cmd.n == 0) && CHECK(process.entrypoint.n == 1);
}

static bool variables_are_set_and_used(void)
{
	return MAKES("{\"Env\":[\"A=b\",\"B=a c\",\"C=\"]}", "ENV A=b B=\"$A c\" C=") &&
	       MAKES("{\"Env\":[\"A=a\",\"B=x  y a\"]}", "ENV B x  y ${A}") &&
	       MAKES("{\"Env\":[\"A=a:/opt\",\"B=$A\"]}", "ENV A=$A:/opt", "ENV B='$A'") &&
	       MAKES("{\"Env\":[\"A=a\",\"B=$A \\\\n\"]}", "ENV B=\\$A\\ \"\\n\"") &&
	       MAKES("{\"Env\":[\"A=a\",\"B=$ x\"]}", "ENV B=\"$ \"${NONE}x");
}

static bool labels_are_added_and_replaced(void)
{
	return MAKES("{" A ",\"Labels\":{\"a\":\"2\",\"b c\":\"x y\"}}", "LABEL a=1",
		     "LABEL a=2 \"b c\"='x y'") &&
	       MAKES("{" A ",\"Labels\":{\"blue\":\"image\"}}", "LABEL blue=image") &&
	       MAKES("{" A ",\"Labels\":{\"blue\":\"image\"}}", "LABEL=blue image");
}

static bool ports_have_protocols_and_ranges(void)
{
	return MAKES("{\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}}," A "}",
		     "EXPOSE 80 53/UDP 80/tcp") &&
	       MAKES("{\"ExposedPorts\":{\"8000/tcp\":{},\"8001/tcp\":{}}," A "}",
		     "EXPOSE 8000-8001") &&
	       refuses("EXPOSE 0", "'0' is no port") && refuses("EXPOSE 9-8", "'9-8' is no port") &&
	       refuses("EXPOSE 65536", "no port") && refuses("EXPOSE 80/icmp", "neither tcp");
}

static bool the_rest_is_one_word(void)
{
	return MAKES("{\"User\":\"bob:staff\"," A "}", "USER bob:staff") &&
	       MAKES("{" A ",\"StopSignal\":\"SIGINT\"}", "STOPSIGNAL SIGINT") &&
	       MAKES("{" A ",\"OnBuild\":[\"RUN make $A\"]}", "ONBUILD RUN make $A") &&
	       MAKES("{" A ",\"Volumes\":{\"/v w\":{},\"/x\":{}}}", "VOLUME [\"/v w\"]",
		     "VOLUME /x /x");
}

static bool a_directory_goes_on_from_the_one_before(void)
{
	return MAKES("{" A ",\"WorkingDir\":\"/srv/a\"}", "WORKDIR /srv", "WORKDIR $A") &&
	       MAKES("{" A ",\"WorkingDir\":\"/www\"}", "WORKDIR www") &&
	       MAKES("{" A ",\"WorkingDir\":\"/x y\"}", "WORKDIR '/x y'");
}

static bool what_makes_no_sense_is_refused(void)
{
	return refuses("RUN make", "'RUN' is no instruction") && refuses("", "no instruction") &&
	       refuses("CMD", "nothing follows CMD") && refuses("ENV A=1 B", "'B' is no NAME") &&
	       refuses("ENV =1", "no NAME") && refuses("ENV A='x", "a ' is not closed") &&
	       refuses("ENV A=${B:-c}", "${B:-c}") && refuses("STOPSIGNAL SIGNONE", "no signal") &&
	       refuses("ONBUILD FROM x", "FROM can't") && refuses("VOLUME [\"\"]", "empty");
}

/* Lists that a document's parser made have no room to grow. */
static bool what_was_there_stays(void)
{
	static const char json[] =
		"{\"rootfs\":{\"type\":\"layers\"},\"config\":{\"Env\":[\"P=1\"],"
		"\"ExposedPorts\":{\"1/tcp\":{}},\"Volumes\":{\"/v\":{}},"
		"\"Labels\":{\"l\":\"1\"}}}";
	auto_arena struct arena arena = {};
	struct image_config *config = NULL;
	auto_buf struct buf out = {};
	struct err err = {};

	if (!CHECK(image_config_parse(json, strlen(json), &arena, &config, &err) == 0) ||
	    !CHECK(CHANGE(config->process, &arena, &err, "ENV Q=2", "EXPOSE 2", "VOLUME /w",
			  "LABEL m=2") == 0))
		return false;
	schema_format(&image_process_schema, image_process_object(config->process, &arena), &out);
	return CHECK_STR(buf_str(&out),
			 "{\"ExposedPorts\":{\"1/tcp\":{},\"2/tcp\":{}},\"Env\":[\"P=1\",\"Q=2\"],"
			 "\"Volumes\":{\"/v\":{},\"/w\":{}},\"Labels\":{\"l\":\"1\",\"m\":\"2\"}}");
}

int main(void)
{
	TEST(commands_are_arrays_or_a_shells);
	TEST(an_entrypoint_takes_the_old_arguments_away);
	TEST(the_images_own_arguments_go);
	TEST(variables_are_set_and_used);
	TEST(labels_are_added_and_replaced);
	TEST(ports_have_protocols_and_ranges);
	TEST(the_rest_is_one_word);
	TEST(a_directory_goes_on_from_the_one_before);
	TEST(what_makes_no_sense_is_refused);
	TEST(what_was_there_stays);
	return tap_done();
}
