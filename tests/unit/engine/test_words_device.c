/* SPDX-License-Identifier: Apache-2.0 */
/* --device and --device-cgroup-rule: a line a word, with what it means or why it is refused. */
#include "engine/words.h"
#include "tap.h"

static char line[512];

static const char *refused(const struct err *err)
{
	(void)snprintf(line, sizeof(line), "%s", err->msg);
	return err->kind == ERR_USAGE ? line : "not a usage error";
}

static const char *device(const char *word)
{
	auto_arena struct arena arena = {};
	struct config_device device;
	struct err err = {};

	if (device_parse(word, &arena, &device, &err) < 0)
		return refused(&err);
	(void)snprintf(line, sizeof(line), "%s %s %s", device.source, device.target,
		       device.access);
	return line;
}

static const char *rule(const char *word)
{
	auto_arena struct arena arena = {};
	struct config_device_rule rule;
	struct err err = {};

	if (device_rule_parse(word, &arena, &rule, &err) < 0)
		return refused(&err);
	(void)snprintf(line, sizeof(line), "%s %jd %jd %s", rule.type, (intmax_t)rule.major,
		       (intmax_t)rule.minor, rule.access);
	return line;
}

static bool a_device_has_a_source_and_maybe_a_target_and_an_access(void)
{
	return CHECK_STR(device("/dev/a"), "/dev/a /dev/a rwm") &&
	       CHECK_STR(device("/dev/a:/dev/b"), "/dev/a /dev/b rwm") &&
	       CHECK_STR(device("/dev/a:/dev/b:r"), "/dev/a /dev/b r") &&
	       CHECK_STR(device("/dev/a:rw"), "/dev/a /dev/a rw") &&
	       CHECK_STR(device("/dev//a/../b:m"), "/dev/b /dev/b m");
}

static bool a_device_that_makes_no_sense_is_refused(void)
{
	return CHECK_STR(device(""), "'' is no absolute path") &&
	       CHECK_STR(device("sda"), "'sda' is no absolute path") &&
	       CHECK_STR(device("vendor.com/gpu=0"), "'vendor.com/gpu=0' is no absolute path") &&
	       CHECK_STR(device("/dev/a:"),
			 "'' is neither an absolute path nor some of 'rwm'") &&
	       CHECK_STR(device("/dev/a:rr"),
			 "'rr' is neither an absolute path nor some of 'rwm'") &&
	       CHECK_STR(device("/dev/a:/dev/b:"), "the access '' is not some of 'rwm'") &&
	       CHECK_STR(device("/dev/a:/dev/b:x"), "the access 'x' is not some of 'rwm'") &&
	       CHECK_STR(device("/dev/a:/dev/b:r:w"), "the access 'r:w' is not some of 'rwm'");
}

static bool a_rule_is_a_type_two_numbers_and_an_access(void)
{
	return CHECK_STR(rule("c 1:3 rwm"), "c 1 3 rwm") &&
	       CHECK_STR(rule("b 8:* r"), "b 8 -1 r") &&
	       CHECK_STR(rule("a *:* mw"), "a -1 -1 mw");
}

static bool a_rule_that_is_not_of_the_form_is_refused(void)
{
	static const char *const words[] = {
		"", "c", "c ", "c 1", "c 1:", "c 1:3", "c 1:3 ", "c 1:3 x", "c 1:3 rr", "x 1:3 r",
		"c 1:3 r ", "c  1:3 r", "c -1:3 r", "c 4294967296:1 r", "c 99999999999999:1 r",
		"c *1:3 r", "cc 1:3 r",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!CHECK_STR(rule(words[i]), "is not of the form 'a|b|c MAJOR:MINOR ACCESS', "
					       "as 'c 13:* rwm'"))
			return false;
	return true;
}

int main(void)
{
	TEST(a_device_has_a_source_and_maybe_a_target_and_an_access);
	TEST(a_device_that_makes_no_sense_is_refused);
	TEST(a_rule_is_a_type_two_numbers_and_an_access);
	TEST(a_rule_that_is_not_of_the_form_is_refused);
	return tap_done();
}
