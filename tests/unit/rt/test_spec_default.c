/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/rt.h"
#include "tap.h"

/* What `spec` writes is what `create` accepts. */
static bool is_valid(bool rootless, struct arena *arena, struct oci_spec **ret_spec)
{
	auto_buf struct buf text = {};
	struct err err = {};
	int r;

	rt_spec_format(rootless, &text);
	r = oci_spec_parse(text.data, text.len, arena, ret_spec, &err);
	if (r == 0)
		r = oci_spec_validate(*ret_spec, &err);
	if (r < 0)
		printf("# %s\n", err.msg);
	return CHECK(r == 0);
}

static bool roots_is_valid_and_has_a_network_of_its_own(void)
{
	auto_arena struct arena arena = {};
	struct oci_spec *spec = NULL;

	return is_valid(false, &arena, &spec) && CHECK(oci_spec_find_ns(spec, NS_NET)) &&
	       CHECK(!oci_spec_find_ns(spec, NS_USER)) && CHECK(spec->linux_->resources);
}

static bool the_users_maps_the_caller_and_asks_for_no_limits(void)
{
	auto_arena struct arena arena = {};
	struct oci_spec *spec = NULL;

	return is_valid(true, &arena, &spec) && CHECK(oci_spec_find_ns(spec, NS_USER)) &&
	       CHECK(!spec->linux_->resources) && CHECK(spec->linux_->uid_mappings.n == 1) &&
	       CHECK(spec->linux_->uid_mappings.v[0].host_id == geteuid()) &&
	       CHECK(spec->linux_->gid_mappings.v[0].host_id == getegid());
}

/* What `mounts add` is given: no other member is needed, but a mount is. */
static bool mounts_alone_are_read(void)
{
	static const char good[] = "{\"mounts\":[{\"destination\":\"/x\",\"type\":\"tmpfs\"}]}";
	static const char empty[] = "{\"mounts\":[]}";
	auto_arena struct arena arena = {};
	struct oci_spec *spec = NULL;
	struct err err = {};

	return CHECK(oci_mounts_parse(good, sizeof(good) - 1, &arena, &spec, &err) == 0) &&
	       CHECK(spec->mounts.n == 1) && CHECK_STR(spec->mounts.v[0].destination, "/x") &&
	       CHECK(oci_mounts_parse(empty, sizeof(empty) - 1, &arena, &spec, &err) < 0);
}

int main(void)
{
	TEST(roots_is_valid_and_has_a_network_of_its_own);
	TEST(the_users_maps_the_caller_and_asks_for_no_limits);
	TEST(mounts_alone_are_read);
	return tap_done();
}
