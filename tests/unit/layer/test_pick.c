/* SPDX-License-Identifier: Apache-2.0 */
#include "layer/pick.h"

#include "base/buf.h"
#include "tap.h"

static const struct layer_pick list[] = {
	{ "a", false }, { "a-b", true }, { "a-b2", true },  { "a/gone", true },
	{ "a/sub", false }, { "a/sub/gone", true }, { "a/z", true }, { "a0", true },
	{ "b", false },
};
static const struct layer_picks picks = { list, sizeof(list) / sizeof(*list) };

static bool gone_are(const struct layer_picks *of, const char *dir, const char *want)
{
	auto_buf struct buf text = {};
	const char *name;
	size_t at = 0;

	while ((name = layer_picks_next_gone(of, dir, &at)))
		buf_printf(&text, "%s ", name);
	return CHECK_STR(buf_str(&text), want);
}

static bool a_path_is_found(void)
{
	static const struct layer_picks none = {};

	for (size_t i = 0; i < picks.n; i++)
		if (!CHECK(layer_picks_find(&picks, list[i].path) == &list[i]))
			return false;
	return CHECK(!layer_picks_find(&picks, "a/su")) && CHECK(!layer_picks_find(&picks, "")) &&
	       CHECK(!layer_picks_find(&none, "a"));
}

static bool what_is_gone_is_told_of_one_directory(void)
{
	static const struct layer_picks none = {};

	return gone_are(&picks, "", "a-b a-b2 a0 ") && gone_are(&picks, "a", "gone z ") &&
	       gone_are(&picks, "a/sub", "gone ") && gone_are(&picks, "b", "") &&
	       gone_are(&picks, "c", "") && gone_are(&none, "", "") && gone_are(&none, "a", "");
}

int main(void)
{
	TEST(a_path_is_found);
	TEST(what_is_gone_is_told_of_one_directory);
	return tap_done();
}
