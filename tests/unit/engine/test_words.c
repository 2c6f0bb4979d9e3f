/* SPDX-License-Identifier: Apache-2.0 */
/* Environment, labels, limits and security options: what a word means, and why one is refused. */
#include "engine/words.h"
#include "tap.h"

#include <stdlib.h>

/* ------------------------------------------------------------------------------- environment */

/* The variables of some words or of a text, joined by "|"; or the reason. */
static const char *joined(const struct oci_strings *list)
{
	static char line[2048];
	size_t len = 0;

	line[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s", i ? "|" : "",
					list->v[i]);
	return line;
}

static const char *env_of(const char *const *words)
{
	static char reason[512];
	auto_arena struct arena arena = {};
	struct oci_strings env = {};
	struct err err = {};

	for (; *words; words++)
		if (env_add(&env, *words, &arena, &err) < 0) {
			(void)snprintf(reason, sizeof(reason), "%s", err.msg);
			return reason;
		}
	return joined(&env);
}

static const char *file_of(const char *text, size_t len)
{
	static char reason[512];
	auto_arena struct arena arena = {};
	struct oci_strings env = {};
	struct err err = {};

	if (env_add_text(&env, text, len, &arena, &err) == 0)
		return joined(&env);
	(void)snprintf(reason, sizeof(reason), "%s", err.msg);
	return reason;
}

#define ENV(want, ...) CHECK_STR(env_of((const char *const[]){ __VA_ARGS__, NULL }), want)
#define FILE_IS(want, text) CHECK_STR(file_of(text, sizeof(text) - 1), want)

static bool the_last_value_of_a_name_stands_in_its_first_place(void)
{
	return ENV("A=3|B=2", "A=1", "B=2", "A=3") && ENV("A=1|AB=2", "A=1", "AB=2") &&
	       ENV("A=", "A=1", "A=") && ENV("A=b=c", "A=b=c") && ENV("A= x ", "A= x ");
}

static bool a_name_alone_takes_our_own_value_or_none(void)
{
	(void)setenv("TARE_TEST_SET", "here", 1);
	(void)unsetenv("TARE_TEST_UNSET");
	return ENV("TARE_TEST_SET=here", "TARE_TEST_SET") && ENV("", "TARE_TEST_UNSET") &&
	       ENV("A=1", "A=1", "TARE_TEST_UNSET") && ENV("the name is missing", "=x") &&
	       ENV("the name is missing", "");
}

static bool a_file_has_a_variable_a_line(void)
{
	return FILE_IS("", "") && FILE_IS("A=1|B=2", "A=1\nB=2") && FILE_IS("A=1", "A=1\n\n\n") &&
	       FILE_IS("A=1", "# c\n  # c\n \t A=1\n") && FILE_IS("A=#1", "A=#1") &&
	       FILE_IS("A= 1 |B=\"2\"", "A= 1 \nB=\"2\"") && FILE_IS("A=1|B=2", "A=1\r\nB=2\r\n") &&
	       FILE_IS("A=1", "\xef\xbb\xbf" "A=1") &&
	       FILE_IS("TARE_TEST_SET=here", "TARE_TEST_SET\nTARE_TEST_UNSET\n");
}

static bool a_line_that_is_wrong_is_named(void)
{
	return FILE_IS("line 2: the name 'B C' has a blank in it", "A=1\nB C=2") &&
	       FILE_IS("line 1: the name 'export A' has a blank in it", "export A=1") &&
	       FILE_IS("line 1: the name 'A ' has a blank in it", "A =1") &&
	       FILE_IS("line 3: the name is missing", "\n\n=1") &&
	       FILE_IS("line 1: a NUL is in it", "A=\0b");
}

static bool a_file_of_many_variables_is_refused(void)
{
	auto_buf struct buf text = {};

	for (int i = 0; i < 10001; i++)
		buf_printf(&text, "V%d=\n", i);
	return CHECK_STR(file_of(text.data, text.len), "line 10001: more than 10000 variables");
}

/* ------------------------------------------------------------------------------- labels */

static bool labels_are_kept_once_and_may_be_empty(void)
{
	auto_arena struct arena arena = {};
	struct oci_pairs labels = {};
	struct err err = {};

	return CHECK(label_add(&labels, "a=1", &arena, &err) == 0) &&
	       CHECK(label_add(&labels, "ab", &arena, &err) == 0) &&
	       CHECK(label_add(&labels, "a=x=y z", &arena, &err) == 0) && CHECK(labels.n == 2) &&
	       CHECK_STR(labels.v[0].key, "a") && CHECK_STR(labels.v[0].value, "x=y z") &&
	       CHECK_STR(labels.v[1].key, "ab") && CHECK_STR(labels.v[1].value, "") &&
	       CHECK(label_add(&labels, "=1", &arena, &err) < 0) &&
	       CHECK_STR(err.msg, "the name is missing") &&
	       CHECK(label_add(&labels, "", &arena, &err) < 0) &&
	       CHECK(label_add(&labels, " =1", &arena, &err) < 0) &&
	       CHECK(label_add(&labels, "a b=1", &arena, &err) < 0) &&
	       CHECK_STR(err.msg, "the name 'a b' has a blank in it");
}

/* ------------------------------------------------------------------------------- limits */

/* "name soft hard", or the reason. */
static const char *ulimit_of(const char *word)
{
	static char line[512];
	auto_arena struct arena arena = {};
	struct config config = {};
	struct err err = {};

	if (ulimit_add(&config, word, &arena, &err) < 0)
		(void)snprintf(line, sizeof(line), "%s", err.msg);
	else
		(void)snprintf(line, sizeof(line), "%s %jd %jd", config.ulimits.v[0].name,
			       (intmax_t)config.ulimits.v[0].soft,
			       (intmax_t)config.ulimits.v[0].hard);
	return line;
}

#define ULIMIT(word, want) CHECK_STR(ulimit_of(word), want)

static bool a_limit_is_a_name_and_one_or_two_numbers(void)
{
	return ULIMIT("nofile=1024", "nofile 1024 1024") && ULIMIT("core=0:-1", "core 0 -1") &&
	       ULIMIT("nproc=1:2", "nproc 1 2") && ULIMIT("memlock=-1:-1", "memlock -1 -1") &&
	       ULIMIT("stack=unlimited", "stack -1 -1") && ULIMIT("as=7", "as 7 7");
}

static bool limits_that_make_no_sense_are_refused(void)
{
	return ULIMIT("nofile", "is not of the form NAME=SOFT[:HARD]") &&
	       ULIMIT("", "is not of the form NAME=SOFT[:HARD]") &&
	       ULIMIT("=1", "there is no such limit") &&
	       ULIMIT("NOFILE=1", "there is no such limit") &&
	       ULIMIT("files=1", "there is no such limit") &&
	       ULIMIT("averyveryveryverylongnameindeeditis=1", "there is no such limit") &&
	       ULIMIT("nofile=", "'' is neither a number nor -1") &&
	       ULIMIT("nofile=1:", "'' is neither a number nor -1") &&
	       ULIMIT("nofile=1:2:3", "'2:3' is neither a number nor -1") &&
	       ULIMIT("nofile=-2", "'-2' is neither a number nor -1") &&
	       ULIMIT("nofile=1k", "'1k' is neither a number nor -1") &&
	       ULIMIT("nofile= 1", "' 1' is neither a number nor -1") &&
	       ULIMIT("nofile=99999999999999999999",
		      "'99999999999999999999' is neither a number nor -1") &&
	       ULIMIT("nofile=2:1", "the soft limit is above the hard one") &&
	       ULIMIT("nofile=-1:1", "the soft limit is above the hard one");
}

/* "PATH VALUE" of what the word made, or why it is refused. */
static const char *device_of(enum device_number number, const char *word)
{
	static char line[1024];
	struct config_device_limits limits = {};
	auto_arena struct arena arena = {};
	struct err err;

	if (device_limit_add(&limits, number, word, &arena, &err) < 0)
		(void)snprintf(line, sizeof(line), "%s", err.msg);
	else
		(void)snprintf(line, sizeof(line), "%s %jd", limits.v[0].path,
			       (intmax_t)limits.v[0].value);
	return line;
}

#define DEVICE(number, word, want) CHECK_STR(device_of(DEVICE_##number, word), want)

static bool a_device_is_a_path_and_a_number(void)
{
	return DEVICE(WEIGHT, "/dev/sda:500", "/dev/sda 500") &&
	       DEVICE(BYTES, "/dev/sda:1kb", "/dev/sda 1024") &&
	       DEVICE(BYTES, "/dev/sda:2m", "/dev/sda 2097152") &&
	       DEVICE(BYTES, "/dev/sda:3g", "/dev/sda 3221225472") &&
	       DEVICE(BYTES, "/dev/disk/by-path/pci-0:1:7b", "/dev/disk/by-path/pci-0:1 7") &&
	       DEVICE(OPERATIONS, "/dev/sda:1000", "/dev/sda 1000");
}

static bool devices_that_make_no_sense_are_refused(void)
{
	return DEVICE(WEIGHT, "/dev/sda", "is not of the form /dev/NAME:WEIGHT") &&
	       DEVICE(BYTES, "sda:1", "is not of the form /dev/NAME:RATE") &&
	       DEVICE(BYTES, "", "is not of the form /dev/NAME:RATE") &&
	       DEVICE(WEIGHT, "/dev/sda:9", "'9' is no weight between 10 and 1000") &&
	       DEVICE(WEIGHT, "/dev/sda:1001", "'1001' is no weight between 10 and 1000") &&
	       DEVICE(BYTES, "/dev/sda:0", "'0' is no number of bytes a second, as 10m") &&
	       DEVICE(BYTES, "/dev/sda:-1", "'-1' is no number of bytes a second, as 10m") &&
	       DEVICE(BYTES, "/dev/sda:1x", "'1x' is no number of bytes a second, as 10m") &&
	       DEVICE(OPERATIONS, "/dev/sda:1k", "'1k' is no number of operations a second") &&
	       DEVICE(OPERATIONS, "/dev/sda:", "'' is no number of operations a second");
}

static bool a_later_rate_replaces_an_earlier_one(void)
{
	struct config_device_limits limits = {};
	auto_arena struct arena arena = {};
	struct err err;

	return CHECK(device_limit_add(&limits, DEVICE_BYTES, "/dev/a:1", &arena, &err) == 0) &&
	       CHECK(device_limit_add(&limits, DEVICE_BYTES, "/dev/b:2", &arena, &err) == 0) &&
	       CHECK(device_limit_add(&limits, DEVICE_BYTES, "/dev/a:3", &arena, &err) == 0) &&
	       CHECK(limits.n == 2) && CHECK(limits.v[0].value == 3);
}

static bool a_later_limit_replaces_an_earlier_one(void)
{
	auto_arena struct arena arena = {};
	struct config config = {};
	struct err err = {};

	return CHECK(ulimit_add(&config, "nofile=1", &arena, &err) == 0) &&
	       CHECK(ulimit_add(&config, "core=2", &arena, &err) == 0) &&
	       CHECK(ulimit_add(&config, "nofile=3", &arena, &err) == 0) &&
	       CHECK(config.ulimits.n == 2) && CHECK(config.ulimits.v[0].soft == 3);
}

static int64_t nanos_of(const char *word)
{
	struct err err = {};
	int64_t nanos = -1;

	return cpus_parse(word, &nanos, &err) == 0 ? nanos : -1;
}

static bool processors_are_decimal_numbers(void)
{
	return CHECK(nanos_of("2") == 2000000000) && CHECK(nanos_of("1.5") == 1500000000) &&
	       CHECK(nanos_of(".25") == 250000000) && CHECK(nanos_of("0.000000001") == 1) &&
	       CHECK(nanos_of("0.0000000019") == 1) && CHECK(nanos_of("3.") == 3000000000) &&
	       CHECK(nanos_of("") < 0) && CHECK(nanos_of(".") < 0) && CHECK(nanos_of("-1") < 0) &&
	       CHECK(nanos_of("1e3") < 0) && CHECK(nanos_of("1.5.2") < 0) &&
	       CHECK(nanos_of("0x2") < 0) && CHECK(nanos_of("1,5") < 0) &&
	       CHECK(nanos_of("9999999999") < 0) && CHECK(nanos_of(" 1") < 0);
}

/* ------------------------------------------------------------------------------- security */

static struct config security_of(const char *word, struct arena *arena, struct err *err)
{
	struct config config = { .seccomp_profile = (char *)"old",
				 .apparmor_profile = (char *)"old",
				 .selinux_label = (char *)"old" };

	*err = (struct err){};
	(void)security_opt_add(&config, word, arena, err);
	return config;
}

static bool security_options_set_what_they_name(void)
{
	auto_arena struct arena arena = {};
	struct err err;
	struct config c;

	c = security_of("no-new-privileges", &arena, &err);
	if (!CHECK(c.no_new_privileges.value))
		return false;
	c = security_of("no-new-privileges:true", &arena, &err);
	if (!CHECK(c.no_new_privileges.value))
		return false;
	c = security_of("no-new-privileges=false", &arena, &err);
	if (!CHECK(!c.no_new_privileges.value && !err.no))
		return false;
	c = security_of("seccomp={\"a\":\"b=c:d\"}", &arena, &err);
	if (!CHECK_STR(c.seccomp_profile, "{\"a\":\"b=c:d\"}"))
		return false;
	c = security_of("seccomp=unconfined", &arena, &err);
	if (!CHECK_STR(c.seccomp_profile, SECCOMP_UNCONFINED))
		return false;
	c = security_of("seccomp:builtin", &arena, &err);
	if (!CHECK_STR(c.seccomp_profile, SECCOMP_BUILTIN))
		return false;
	c = security_of("apparmor=mine", &arena, &err);
	if (!CHECK_STR(c.apparmor_profile, "mine"))
		return false;
	c = security_of("apparmor:mine", &arena, &err);
	return CHECK_STR(c.apparmor_profile, "mine");
}

static bool off_is_as_never_asked(void)
{
	auto_arena struct arena arena = {};
	struct err err;

	return CHECK(!security_of("apparmor=unconfined", &arena, &err).apparmor_profile) &&
	       CHECK(!security_of("label=disable", &arena, &err).selinux_label) &&
	       CHECK(!security_of("label:disable", &arena, &err).selinux_label);
}

static bool paths_are_masked_and_unmasked(void)
{
	auto_arena struct arena arena = {};
	struct err err;
	struct config mask = security_of("mask=/a:/b", &arena, &err);
	struct config unmask = security_of("unmask=/proc/*:all", &arena, &err);
	struct config system = security_of("systempaths=unconfined", &arena, &err);

	return CHECK_STR(joined(&mask.mask), "/a|/b") &&
	       CHECK_STR(joined(&unmask.unmask), "/proc/*|ALL") &&
	       CHECK_STR(joined(&system.unmask), "ALL");
}

static const char *security_error(const char *word)
{
	static struct err err;
	auto_arena struct arena arena = {};

	(void)security_of(word, &arena, &err);
	return err.msg;
}

#define NO_SECURITY(word, want) CHECK_STR(security_error(word), want)

static bool security_options_that_are_not_known_are_refused(void)
{
	return NO_SECURITY("", "there is no option ''") &&
	       NO_SECURITY("secomp=x", "there is no option 'secomp'") &&
	       NO_SECURITY("seccomp", "seccomp: the value is missing") &&
	       NO_SECURITY("seccomp=", "seccomp: the value is missing") &&
	       NO_SECURITY("no-new-privileges=yes",
			   "no-new-privileges: 'yes' is neither true nor false") &&
	       NO_SECURITY("label=type:x_t",
			   "label: 'type:x_t': only 'disable' is there yet") &&
	       NO_SECURITY("mask=a", "mask: 'a' is not absolute") &&
	       NO_SECURITY("mask=/a:ALL", "mask: 'ALL' is not absolute") &&
	       NO_SECURITY("unmask=proc", "unmask: 'proc' is not absolute") &&
	       NO_SECURITY("systempaths=confined", "systempaths: 'confined' is not 'unconfined'");
}

int main(void)
{
	TEST(the_last_value_of_a_name_stands_in_its_first_place);
	TEST(a_name_alone_takes_our_own_value_or_none);
	TEST(a_file_has_a_variable_a_line);
	TEST(a_line_that_is_wrong_is_named);
	TEST(a_file_of_many_variables_is_refused);
	TEST(labels_are_kept_once_and_may_be_empty);
	TEST(a_limit_is_a_name_and_one_or_two_numbers);
	TEST(limits_that_make_no_sense_are_refused);
	TEST(a_later_limit_replaces_an_earlier_one);
	TEST(a_device_is_a_path_and_a_number);
	TEST(devices_that_make_no_sense_are_refused);
	TEST(a_later_rate_replaces_an_earlier_one);
	TEST(processors_are_decimal_numbers);
	TEST(security_options_set_what_they_name);
	TEST(off_is_as_never_asked);
	TEST(paths_are_masked_and_unmasked);
	TEST(security_options_that_are_not_known_are_refused);
	return tap_done();
}
