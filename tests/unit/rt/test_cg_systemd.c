/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/cg_systemd.h"

#include "tap.h"

#include <stdlib.h>

static bool parses(const char *path, bool user, const char *slice, const char *unit)
{
	struct cg_systemd_scope scope;
	struct err err = {};

	return CHECK(cg_systemd_parse(path, "c1", user, &scope, &err) == 0) &&
	       CHECK_STR(scope.slice, slice) && CHECK_STR(scope.unit, unit) &&
	       CHECK(scope.user == user);
}

static bool paths_name_a_slice_and_a_scope(void)
{
	return parses("machine.slice:libpod:0123ab", false, "machine.slice",
		      "libpod-0123ab.scope") &&
	       parses(":docker:x", false, "system.slice", "docker-x.scope") &&
	       parses(":docker:x", true, "user.slice", "docker-x.scope") &&
	       parses("user-1000.slice::x", false, "user-1000.slice", "x.scope") &&
	       parses("-:a:x", false, "-.slice", "a-x.scope") &&
	       parses(NULL, false, "system.slice", "tare-c1.scope") &&
	       parses("", true, "user.slice", "tare-c1.scope");
}

static bool refuses(const char *path, const char *words)
{
	struct cg_systemd_scope scope;
	struct err err = {};

	return CHECK(cg_systemd_parse(path, "c1", false, &scope, &err) < 0) &&
	       CHECK(err.kind == ERR_USAGE) && CHECK_STR(err.msg, words);
}

static bool other_paths_are_refused_with_the_reason(void)
{
	const char *form =
		"' is not of the form slice:prefix:name, which the systemd cgroup driver "
		"needs";
	char words[256];

	(void)snprintf(words, sizeof(words), "'/a/b%s", form);
	if (!refuses("/a/b", words))
		return false;
	(void)snprintf(words, sizeof(words), "'a.slice:b%s", form);
	if (!refuses("a.slice:b", words))
		return false;
	(void)snprintf(words, sizeof(words), "'a.slice:b:c:d%s", form);
	if (!refuses("a.slice:b:c:d", words))
		return false;
	(void)snprintf(words, sizeof(words), "'a.slice:b:%s", form);
	return refuses("a.slice:b:", words) &&
	       refuses("a:b:c", "'a' is no name of a slice") &&
	       refuses("a.slice/b.slice:b:c", "'a.slice/b.slice' is no name of a slice") &&
	       refuses(".slice:b:c", "'.slice' is no name of a slice") &&
	       refuses(":b:c.slice", "'c.slice' is a slice, which holds no processes") &&
	       refuses(":b:c/d", "'b-c/d.scope' has a letter that no unit's name may have");
}

static bool names_that_are_too_long_are_refused(void)
{
	char path[600] = ":a:";
	struct cg_systemd_scope scope;
	struct err err = {};

	memset(path + 3, 'x', 250);
	if (!CHECK(cg_systemd_parse(path, "c", false, &scope, &err) == -ENAMETOOLONG))
		return false;
	memset(path + 3, 'x', 590);
	return CHECK(cg_systemd_parse(path, "c", false, &scope, &err) == -EINVAL);
}

static bool expands(const char *slice, const char *want)
{
	auto_buf struct buf path = {};
	struct err err = {};

	return CHECK(cg_systemd_expand(slice, &path, &err) == 0) && CHECK_STR(buf_str(&path), want);
}

static bool dashes_are_levels(void)
{
	return expands("a.slice", "/a.slice") &&
	       expands("a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice") && expands("-.slice", "") &&
	       expands("user-1000.slice", "/user.slice/user-1000.slice");
}

static bool slices_that_lie_nowhere_are_refused(void)
{
	static const char *const bad[] = { "",	      "a",	   ".slice", "-a.slice", "a-.slice",
					   "a--b.slice", "a/b.slice", "slice",	"a.slicex" };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		auto_buf struct buf path = {};
		struct err err = {};

		if (!CHECK(cg_systemd_expand(bad[i], &path, &err) == -EINVAL))
			return false;
	}
	return true;
}

static bool requests_survive_the_way(void)
{
	struct oci_memory memory = { .limit = { true, -1 } };
	struct oci_resources res = { .memory = &memory };
	struct oci_pair pair = { (char *)"CollectMode", (char *)"'inactive'" };
	const struct cg_systemd_request request = { .unit = (char *)"x.scope",
						    .slice = (char *)"a.slice",
						    .description = (char *)"container \"x\"",
						    .host_pid = 4711,
						    .unified = true,
						    .resources = &res,
						    .properties = { &pair, 1 } };
	auto_arena struct arena arena = {};
	auto_buf struct buf json = {};
	struct cg_systemd_request *got;
	struct err err = {};

	cg_systemd_request_format(&request, &json);
	return CHECK(cg_systemd_request_parse(buf_str(&json), json.len, &arena, &got, &err) == 0) &&
	       CHECK_STR(got->unit, "x.scope") && CHECK_STR(got->description, "container \"x\"") &&
	       CHECK(got->host_pid == 4711 && got->unified) &&
	       CHECK(got->resources->memory->limit.is_set) &&
	       CHECK(got->resources->memory->limit.value == -1) && CHECK(got->properties.n == 1) &&
	       CHECK_STR(got->properties.v[0].value, "'inactive'");
}

static bool a_missing_helper_is_named(void)
{
	const struct cg_systemd_scope scope = { .slice = "a.slice", .unit = "x.scope" };
	struct err err = {};

	setenv("TARE_LIBEXEC", "/nonexistent", 1);
	return CHECK(cg_systemd_stop(&scope, &err) == -ENOENT) &&
	       CHECK_STR(err.msg, "the systemd cgroup driver was asked for, but "
				  "'/nonexistent/tare-systemd' is not installed");
}

int main(void)
{
	TEST(paths_name_a_slice_and_a_scope);
	TEST(other_paths_are_refused_with_the_reason);
	TEST(names_that_are_too_long_are_refused);
	TEST(dashes_are_levels);
	TEST(slices_that_lie_nowhere_are_refused);
	TEST(requests_survive_the_way);
	TEST(a_missing_helper_is_named);
	return tap_done();
}
