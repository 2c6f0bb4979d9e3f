/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles of docker's and podman's kind, on a machine that a claim makes up. */
#include "oci/seccomp_profile.h"
#include "tap.h"

static const struct oci_strings caps = { (char **)(const char *[]){ "CAP_CHOWN", "CAP_KILL", NULL },
					 2 };
static const struct oci_seccomp_machine machine = { "amd64", "SCMP_ARCH_X86_64", "5.10.0-8-amd64",
						    &caps };

/* The names of the rules that count, as one line; or what is wrong. */
static const char *names_of(const char *rules)
{
	static char line[1024];
	auto_arena struct arena arena = {};
	struct oci_seccomp *seccomp = NULL;
	auto_buf struct buf json = {};
	struct err err = {};
	size_t len = 0;

	buf_printf(&json, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[%s]}", rules);
	if (oci_seccomp_profile_parse(json.data, json.len, &machine, &arena, &seccomp, &err) < 0) {
		(void)snprintf(line, sizeof(line), "%s", err.msg);
		return line;
	}
	line[0] = '\0';
	for (size_t i = 0; i < seccomp->syscalls.n; i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s", i ? " " : "",
					seccomp->syscalls.v[i].names.v[0]);
	return line;
}

#define RULE(name, more) "{\"names\":[\"" name "\"],\"action\":\"SCMP_ACT_ALLOW\"" more "}"
#define INCLUDES(filter) ",\"includes\":{" filter "}"
#define EXCLUDES(filter) ",\"excludes\":{" filter "}"
#define COUNTS(more) CHECK_STR(names_of(RULE("x", more)), "x")
#define COUNTS_NOT(more) CHECK_STR(names_of(RULE("x", more)), "")

static bool a_rule_counts_if_all_that_it_includes_is_so(void)
{
	return COUNTS(INCLUDES("")) &&
	       COUNTS(",\"includes\":null,\"args\":null,\"comment\":\"c\"") &&
	       COUNTS(INCLUDES("\"caps\":[\"CAP_KILL\"]")) &&
	       COUNTS(INCLUDES("\"caps\":[\"CAP_KILL\",\"CAP_CHOWN\"]")) &&
	       COUNTS_NOT(INCLUDES("\"caps\":[\"CAP_KILL\",\"CAP_BPF\"]")) &&
	       COUNTS(INCLUDES("\"arches\":[\"arm64\",\"amd64\"]")) &&
	       COUNTS_NOT(INCLUDES("\"arches\":[\"arm64\"]")) &&
	       COUNTS_NOT(INCLUDES("\"arches\":[\"arm64\"],\"caps\":[\"CAP_KILL\"]"));
}

static bool a_rule_counts_unless_something_that_it_excludes_is_so(void)
{
	return COUNTS(EXCLUDES("")) && COUNTS(EXCLUDES("\"caps\":[\"CAP_BPF\"]")) &&
	       COUNTS_NOT(EXCLUDES("\"caps\":[\"CAP_BPF\",\"CAP_KILL\"]")) &&
	       COUNTS_NOT(EXCLUDES("\"arches\":[\"amd64\"]")) &&
	       COUNTS(EXCLUDES("\"arches\":[\"s390\",\"s390x\"]")) &&
	       COUNTS_NOT(INCLUDES("\"caps\":[\"CAP_KILL\"]") EXCLUDES("\"arches\":[\"amd64\"]"));
}

static bool kernels_are_compared_as_numbers(void)
{
	return COUNTS(INCLUDES("\"minKernel\":\"4.8\"")) &&
	       COUNTS(INCLUDES("\"minKernel\":\"5.9\"")) &&
	       COUNTS(INCLUDES("\"minKernel\":\"5.10\"")) &&
	       COUNTS_NOT(INCLUDES("\"minKernel\":\"5.11\"")) &&
	       COUNTS_NOT(INCLUDES("\"minKernel\":\"6.0\"")) &&
	       COUNTS_NOT(EXCLUDES("\"minKernel\":\"4.8\"")) &&
	       COUNTS(EXCLUDES("\"minKernel\":\"6.1\"")) &&
	       CHECK_STR(names_of(RULE("x", INCLUDES("\"minKernel\":\"new\""))),
			 "syscalls[0]: includes.minKernel: 'new' is no version") &&
	       CHECK_STR(names_of(RULE("x", EXCLUDES("\"minKernel\":\"-4.8\""))),
			 "syscalls[0]: excludes.minKernel: '-4.8' is no version") &&
	       CHECK_STR(names_of(RULE("x", INCLUDES("\"minKernel\":\"4. 8\""))),
			 "syscalls[0]: includes.minKernel: '4. 8' is no version") &&
	       CHECK_STR(names_of(RULE("x", EXCLUDES("\"minKernel\":\"4.8.1\""))),
			 "syscalls[0]: excludes.minKernel: '4.8.1' is no version");
}

static bool a_single_name_of_old_is_read(void)
{
	return CHECK_STR(names_of("{\"name\":\"read\",\"action\":\"SCMP_ACT_ALLOW\"}"), "read") &&
	       CHECK_STR(names_of(RULE("x", ",\"name\":\"read\"")),
			 "syscalls[0]: name: is given, and names too") &&
	       CHECK_STR(names_of("{\"action\":\"SCMP_ACT_ALLOW\"}"),
			 "syscalls[0]: names: must not be empty");
}

/* ------------------------------------------------------------------------------- the whole */

static int parse(const char *json, struct arena *arena, struct oci_seccomp **ret, struct err *err)
{
	*err = (struct err){};
	return oci_seccomp_profile_parse(json, strlen(json), &machine, arena, ret, err);
}

static bool the_map_gives_this_machines_architectures(void)
{
	static const char json[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"archMap\":["
		"{\"architecture\":\"SCMP_ARCH_AARCH64\",\"subArchitectures\":[\"SCMP_ARCH_ARM\"]},"
		"{\"architecture\":\"SCMP_ARCH_X86_64\",\"subArchitectures\":[\"SCMP_ARCH_X86\","
		"\"SCMP_ARCH_X32\"]}]}";
	static const char both[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_X86\"],"
		"\"archMap\":[{\"architecture\":\"SCMP_ARCH_X86_64\"}]}";
	auto_arena struct arena arena = {};
	struct oci_seccomp *s = NULL;
	struct err err;

	return CHECK(parse(json, &arena, &s, &err) == 0) && CHECK(s->architectures.n == 3) &&
	       CHECK_STR(s->architectures.v[0], "SCMP_ARCH_X86_64") &&
	       CHECK_STR(s->architectures.v[2], "SCMP_ARCH_X32") &&
	       CHECK(s->architectures.v[3] == NULL) && CHECK(parse(both, &arena, &s, &err) < 0) &&
	       CHECK_STR(err.msg, "archMap: is given, and architectures too");
}

static bool errors_are_numbers_or_podmans_words(void)
{
	static const char json[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":1,"
		"\"defaultErrno\":\"ENOSYS\",\"syscalls\":["
		"{\"names\":[\"a\"],\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"EPERM\"},"
		"{\"names\":[\"b\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":22,\"errno\":\"\"},"
		"{\"names\":[\"c\"],\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"95\"}]}";
	auto_arena struct arena arena = {};
	struct oci_seccomp *s = NULL;
	struct err err;

	return CHECK(parse(json, &arena, &s, &err) == 0) &&
	       CHECK(s->default_errno_ret.value == ENOSYS) &&
	       CHECK(s->syscalls.v[0].errno_ret.value == EPERM) &&
	       CHECK(s->syscalls.v[1].errno_ret.value == 22) &&
	       CHECK(s->syscalls.v[2].errno_ret.value == 95) &&
	       CHECK_STR(names_of(RULE("x", ",\"errno\":\"ENONSENSE\"")),
			 "syscalls[0]: errno: there is no error 'ENONSENSE'");
}

static bool the_members_of_the_specification_are_kept(void)
{
	static const char json[] =
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_X86\"],"
		"\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"listenerPath\":\"/run/l\","
		"\"listenerMetadata\":\"m\",\"syscalls\":[{\"names\":[\"clone\",\"fork\"],"
		"\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":0,\"value\":2114060288,"
		"\"valueTwo\":7,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}";
	auto_arena struct arena arena = {};
	struct oci_seccomp *s = NULL;
	struct err err;

	return CHECK(parse(json, &arena, &s, &err) == 0) &&
	       CHECK_STR(s->default_action, "SCMP_ACT_ALLOW") &&
	       CHECK_STR(s->flags.v[0], "SECCOMP_FILTER_FLAG_LOG") &&
	       CHECK_STR(s->listener_path, "/run/l") && CHECK_STR(s->listener_metadata, "m") &&
	       CHECK(s->syscalls.v[0].names.n == 2) && CHECK(s->syscalls.v[0].args.n == 1) &&
	       CHECK(s->syscalls.v[0].args.v[0].value == 2114060288) &&
	       CHECK(s->syscalls.v[0].args.v[0].value_two == 7);
}

static bool an_empty_profile_asks_for_no_filter(void)
{
	auto_arena struct arena arena = {};
	struct oci_seccomp unasked, *s = &unasked;
	struct err err;

	return CHECK(parse("{}", &arena, &s, &err) == 0) && CHECK(s == NULL) &&
	       CHECK(parse("{\"syscalls\":[" RULE("x", "") "]}", &arena, &s, &err) < 0) &&
	       CHECK_STR(err.msg, "defaultAction: is missing") &&
	       CHECK(parse("", &arena, &s, &err) < 0) && CHECK(parse("[]", &arena, &s, &err) < 0) &&
	       CHECK(parse("{\"defaultAction\":1}", &arena, &s, &err) < 0);
}

int main(void)
{
	TEST(a_rule_counts_if_all_that_it_includes_is_so);
	TEST(a_rule_counts_unless_something_that_it_excludes_is_so);
	TEST(kernels_are_compared_as_numbers);
	TEST(a_single_name_of_old_is_read);
	TEST(the_map_gives_this_machines_architectures);
	TEST(errors_are_numbers_or_podmans_words);
	TEST(the_members_of_the_specification_are_kept);
	TEST(an_empty_profile_asks_for_no_filter);
	return tap_done();
}
