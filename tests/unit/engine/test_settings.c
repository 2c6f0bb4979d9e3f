/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/settings.h"

#include "base/cleanup.h"
#include "tap.h"
#include "tmpdir.h"

static int add(struct settings *settings, const char *text, struct arena *arena, struct err *err)
{
	*err = (struct err){};
	return settings_add(settings, text, strlen(text), arena, err);
}

static bool the_words_are_read(void)
{
	static const char text[] = "root = \"/a\"\ncgroup_parent = \"/b\"\n"
				   "userns_fallback = \"refuse\"\nno_new_privs = true\n"
				   "log_max_size = \"20m\"\nlog_max_files = 5\n"
				   "publish_address = \"::1\"\n"
				   "respect_input_policy = true\n";
	auto_arena struct arena arena = {};
	struct settings settings = {};
	struct err err;

	return CHECK(add(&settings, text, &arena, &err) == 0) && CHECK_STR(settings.root, "/a") &&
	       CHECK_STR(settings.cgroup_parent, "/b") && CHECK(settings.refuses_host_ids) &&
	       CHECK(settings.log_max_size_bytes == 20 << 20) &&
	       CHECK(settings.log_max_files == 5) && CHECK(settings.no_new_privs) &&
	       CHECK(settings.publish_address.family == AF_INET6) &&
	       CHECK(settings.respects_input_policy);
}

static bool the_later_file_prevails(void)
{
	auto_arena struct arena arena = {};
	struct settings settings = {};
	struct err err;

	return CHECK(add(&settings, "root = \"/a\"\nuserns_fallback = \"refuse\"", &arena,
			 &err) == 0) &&
	       CHECK(add(&settings, "userns_fallback = \"host\"", &arena, &err) == 0) &&
	       CHECK_STR(settings.root, "/a") && CHECK(!settings.refuses_host_ids);
}

static bool what_makes_no_sense_is_refused(void)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "\nuserns_falback = \"refuse\"", "line 2: 'userns_falback' is no setting" },
		{ "userns_fallback = \"maybe\"",
		  "line 1: userns_fallback: 'maybe' is not \"host\" or \"refuse\"" },
		{ "userns_fallback = true", "line 1: userns_fallback is not a string" },
		{ "log_max_files = \"3\"", "line 1: log_max_files is not a whole number" },
		{ "log_max_files = 0", "line 1: log_max_files: 0 is not from 1 to 100" },
		{ "log_max_size = \"0\"",
		  "line 1: log_max_size: '0' is not a size such as \"10m\", or \"-1\" for any" },
		{ "no_new_privs = \"yes\"", "line 1: no_new_privs is not true or false" },
		{ "respect_input_policy = 1",
		  "line 1: respect_input_policy is not true or false" },
		{ "publish_address = \"localhost\"",
		  "line 1: publish_address: 'localhost' is not an address of this machine" },
		{ "root = \"a\"", "line 1: root: 'a' is not absolute" },
		{ "root", "line 1" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_arena struct arena arena = {};
		struct settings settings = {};
		struct err err;

		if (!CHECK(add(&settings, rows[i].text, &arena, &err) == -EINVAL) ||
		    !CHECK(strstr(err.msg, rows[i].why))) {
			printf("# %s\n", err.msg);
			return false;
		}
	}
	return true;
}

static bool a_file_that_was_named_must_be_there(void)
{
	auto_tmpdir struct tmpdir dir;
	auto_arena struct arena arena = {};
	struct settings settings;
	struct err err = {};
	char path[300];

	tmpdir_make(&dir);
	(void)snprintf(path, sizeof(path), "%s/tare.conf", dir.path);
	if (!CHECK(setenv("TARE_CONF", path, 1) == 0) ||
	    !CHECK(settings_read(&arena, &settings, &err) == -ENOENT) ||
	    !CHECK(strstr(err.msg, path)))
		return false;
	return CHECK(tmpdir_put(dir.fd, "tare.conf", "root = \"/a\"")) &&
	       CHECK(settings_read(&arena, &settings, &err) == 0) &&
	       CHECK_STR(settings.root, "/a");
}

int main(void)
{
	TEST(the_words_are_read);
	TEST(the_later_file_prevails);
	TEST(what_makes_no_sense_is_refused);
	TEST(a_file_that_was_named_must_be_there);
	return tap_done();
}
