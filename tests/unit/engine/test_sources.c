/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/sources.h"

#include "base/arena.h"
#include "tap.h"
#include "tmpdir.h"

static char bind_type[] = "bind";
static struct oci_process nobody = { .user = { .uid = 65534, .gid = 65534 } };

static struct config config_of(struct config_mount *mounts, size_t n)
{
	return (struct config){ .mounts = { mounts, n } };
}

static bool a_source_that_is_missing_is_made_if_it_may(void)
{
	auto_tmpdir struct tmpdir dir = { .fd = -1 };
	auto_arena struct arena arena = {};
	char a[] = "/a", b[] = "/b";
	struct config_mount mounts[] = {
		{ .type = bind_type, .target = a, .make_source = true },
		{ .type = bind_type, .target = b },
	};
	struct config config = config_of(mounts, 2);
	struct err err = {};

	tmpdir_make(&dir);
	mounts[0].source = arena_printf(&arena, "%s/x//y", dir.path);
	mounts[1].source = arena_printf(&arena, "%s/z", dir.path);
	return CHECK(sources_prepare(&config, &nobody, &err) == 0) &&
	       CHECK(faccessat(dir.fd, "x/y", F_OK, 0) == 0) &&
	       CHECK(faccessat(dir.fd, "z", F_OK, 0) < 0) &&
	       CHECK(sources_prepare(&config, &nobody, &err) == 0);
}

static bool what_is_the_machines_is_not_given_away(void)
{
	static const char *const paths[] = { "/", "/etc", "/usr/../usr", "/proc/self/root/etc" };
	auto_arena struct arena arena = {};
	char target[] = "/a";

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct config_mount mount = { .type = bind_type, .target = target,
					      .source = arena_strdup(&arena, paths[i]),
					      .is_given = true };
		struct config config = config_of(&mount, 1);
		struct oci_process root = {}; /* whose it is: nothing happens if we are wrong */
		struct err err = {};

		if (!CHECK(sources_prepare(&config, &root, &err) == -EPERM))
			return false;
	}
	return true;
}

int main(void)
{
	TEST(a_source_that_is_missing_is_made_if_it_may);
	TEST(what_is_the_machines_is_not_given_away);
	return tap_done();
}
