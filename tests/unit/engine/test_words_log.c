/* SPDX-License-Identifier: Apache-2.0 */
/* --log-driver and --log-opt: what a word means, and why one is refused. */
#include "engine/words.h"

#include "tap.h"

static const char *error_of(const char *word)
{
	static char reason[512];
	auto_arena struct arena arena = {};
	struct config config = {};
	struct err err = {};

	if (log_opt_add(&config, word, &arena, &err) == 0)
		return "none";
	(void)snprintf(reason, sizeof(reason), "%s", err.msg);
	return reason;
}

static bool options_set_what_they_name(void)
{
	static const char *const words[] = { "max-size=1k", "max-size=10m", "max-file=5", "env=X",
					     "labels=a,,b", "env=A,B,", "compress=false",
					     "mode=blocking" };
	auto_arena struct arena arena = {};
	struct config config = {};
	struct err err = {};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!CHECK(log_opt_add(&config, words[i], &arena, &err) == 0))
			return false;
	return CHECK(config.log_max_size_bytes == 10 << 20) && CHECK(config.log_max_files == 5) &&
	       CHECK(config.log_labels.n == 2) && CHECK_STR(config.log_labels.v[1], "b") &&
	       CHECK(config.log_env.n == 2) && CHECK_STR(config.log_env.v[0], "A") &&
	       CHECK(log_opt_add(&config, "max-size=-1", &arena, &err) == 0) &&
	       CHECK(config.log_max_size_bytes == -1);
}

static bool what_makes_no_sense_is_refused(void)
{
	static const struct {
		const char *word, *why;
	} rows[] = {
		{ "max-size", "is not NAME=VALUE" },
		{ "max-size=", "is no size such as 10m, or -1 for any" },
		{ "max-size=0", "is no size such as 10m, or -1 for any" },
		{ "max-size=-2", "is no size such as 10m, or -1 for any" },
		{ "max-file=0", "is no number from 1 to 100" },
		{ "max-file=101", "is no number from 1 to 100" },
		{ "max-file=1x", "is no number from 1 to 100" },
		{ "compress=true", "files of a log are not compressed" },
		{ "mode=non-blocking", "a log is a file: nothing waits for its reader" },
		{ "tag={{.ID}}", "there are no tags yet: labels=A,B names labels" },
		{ "env-regex=^A", "there are no patterns yet: labels=A,B and env=A,B name them" },
		{ "size=1",
		  "there is no such option: max-size, max-file, labels and env are" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!CHECK_STR(error_of(rows[i].word), rows[i].why))
			return false;
	return true;
}

static bool there_are_two_drivers(void)
{
	auto_arena struct arena arena = {};
	struct config config = {};
	struct err err = {};

	return CHECK(config_has_log(&config)) &&
	       CHECK(log_driver_parse("json-file", &arena, &config, &err) == 0) &&
	       CHECK(config_has_log(&config)) &&
	       CHECK(log_driver_parse("none", &arena, &config, &err) == 0) &&
	       CHECK(!config_has_log(&config)) &&
	       CHECK(log_driver_parse("syslog", &arena, &config, &err) == -EINVAL) &&
	       CHECK(!config_has_log(&config));
}

int main(void)
{
	TEST(options_set_what_they_name);
	TEST(what_makes_no_sense_is_refused);
	TEST(there_are_two_drivers);
	return tap_done();
}
