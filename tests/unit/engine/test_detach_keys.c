/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/detach_keys.h"
#include "tap.h"

static bool parses(const char *text, const char *want)
{
	struct detach_keys keys;
	struct err err = {};

	return CHECK(detach_keys_parse(text, &keys, &err) == 0) &&
	       CHECK(keys.n == strlen(want)) && CHECK(memcmp(keys.keys, want, keys.n) == 0);
}

static bool refuses(const char *text)
{
	struct detach_keys keys;
	struct err err = {};

	return CHECK(detach_keys_parse(text, &keys, &err) == -EINVAL) &&
	       CHECK(err.kind == ERR_USAGE) && CHECK(strstr(err.msg, "--detach-keys") != NULL);
}

static bool keys_are_characters_or_ctrl(void)
{
	return parses("ctrl-p,ctrl-q", "\x10\x11") && parses(NULL, "\x10\x11") &&
	       parses("CTRL-P", "\x10") &&
	       parses("a,b", "ab") && parses("ctrl-[,ctrl-]", "\x1b\x1d") && parses("", "");
}

static bool what_is_no_list_is_refused(void)
{
	return refuses("ctrl-") && refuses("ctrl-p,") && refuses(",") && refuses("ctrl-pp") &&
	       refuses("shift-a") && refuses("ctrl-1") && refuses("a,,b") &&
	       refuses("a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a");
}

/* Type `typed` in pieces of `piece` bytes; what is passed on goes to `out`. */
static bool type(const char *keys, const char *typed, size_t piece, char *out)
{
	struct detach_keys k;
	struct err err = {};
	bool detach = false;
	size_t n = 0, len = strlen(typed);

	if (detach_keys_parse(keys, &k, &err) < 0)
		return false;
	for (size_t at = 0; at < len && !detach; at += piece)
		n += detach_keys_filter(&k, typed + at, len - at < piece ? len - at : piece,
					out + n, &detach);
	out[n] = '\0';
	return detach;
}

static bool passes(const char *keys, const char *typed, const char *want, bool want_detach)
{
	char out[128];

	for (size_t piece = 1; piece <= 5; piece++)
		if (!CHECK(type(keys, typed, piece, out) == want_detach) || !CHECK_STR(out, want))
			return false;
	return true;
}

static bool the_sequence_detaches_and_is_not_passed_on(void)
{
	return passes("x,y", "abxycd", "ab", true) && passes("x", "abxcd", "ab", true);
}

static bool half_a_sequence_is_passed_on_when_it_breaks(void)
{
	return passes("x,y", "axbxxz", "axbxxz", false) && passes("x,y,z", "xyxyz", "xy", true) &&
	       passes("a,a,b", "aaab", "a", true) && passes("a,b,a,c", "abababac", "abab", true);
}

static bool a_beginning_is_held_back(void)
{
	return passes("x,y", "abx", "ab", false);
}

static bool no_keys_pass_everything(void)
{
	return passes("", "abxycd", "abxycd", false);
}

int main(void)
{
	TEST(keys_are_characters_or_ctrl);
	TEST(what_is_no_list_is_refused);
	TEST(the_sequence_detaches_and_is_not_passed_on);
	TEST(half_a_sequence_is_passed_on_when_it_breaks);
	TEST(a_beginning_is_held_back);
	TEST(no_keys_pass_everything);
	return tap_done();
}
