/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/challenge.h"

#include "base/buf.h"
#include "tap.h"

static size_t parse(const char *header, struct arena *arena, struct challenge *challenges)
{
	memset(challenges, 0, CHALLENGE_MAX * sizeof(*challenges));
	return challenge_parse(header, arena, challenges, CHALLENGE_MAX);
}

static const char *or_none(const char *text)
{
	return text ? text : "(none)";
}

static bool the_parameters_of_bearer_are_read(void)
{
	auto_arena struct arena arena = {};
	struct challenge c[CHALLENGE_MAX];

	return CHECK(parse("Bearer realm=\"https://auth.example/token\",service=\"reg.example\","
			   "scope=\"repository:a/b:pull,push\"", &arena, c) == 1) &&
	       CHECK(c[0].scheme == CHALLENGE_BEARER) &&
	       CHECK_STR(or_none(c[0].realm), "https://auth.example/token") &&
	       CHECK_STR(or_none(c[0].service), "reg.example") &&
	       CHECK_STR(or_none(c[0].scope), "repository:a/b:pull,push") && CHECK(!c[0].error);
}

static bool quoted_strings_have_commas_and_escapes(void)
{
	auto_arena struct arena arena = {};
	struct challenge c[CHALLENGE_MAX];

	return CHECK(parse("Basic realm=\"a, \\\"b\\\", \\\\c=d\"", &arena, c) == 1) &&
	       CHECK_STR(or_none(c[0].realm), "a, \"b\", \\c=d");
}

static bool several_challenges_stand_in_one_header(void)
{
	auto_arena struct arena arena = {};
	struct challenge c[CHALLENGE_MAX];

	return CHECK(parse(", Negotiate, NTLM abc/+==, Digest realm=x , nonce = \"1,2\",, "
			   "bAsIc  REALM = \"r\", Bearer Realm=\"https://t/\", "
			   "error=insufficient_scope",
			   &arena, c) == 5) &&
	       CHECK(c[0].scheme == CHALLENGE_OTHER && c[1].scheme == CHALLENGE_OTHER) &&
	       CHECK_STR(or_none(c[2].realm), "x") && CHECK(c[3].scheme == CHALLENGE_BASIC) &&
	       CHECK_STR(or_none(c[3].realm), "r") && CHECK(c[4].scheme == CHALLENGE_BEARER) &&
	       CHECK_STR(or_none(c[4].error), "insufficient_scope") &&
	       CHECK(challenge_choose(c, 5) == &c[4]) && CHECK(challenge_choose(c, 4) == &c[3]) &&
	       CHECK(!challenge_choose(c, 3));
}

static bool what_is_malformed_is_left_out(void)
{
	static const char *const bad[] = {
		"", " , ", "=", "\"Basic\"", "Bearer realm=\"no end", "Bearer realm=\"x\\",
		"Bearer realm=\"a\"b", "Basic/ realm=x", "Bearer realm=\"\x01\"",
		"Bearer realm=a b=c", "Bearer \"x\"",
	};
	auto_arena struct arena arena = {};
	struct challenge c[CHALLENGE_MAX];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(parse(bad[i], &arena, c) == 0)) {
			printf("# %s\n", bad[i]);
			return false;
		}
	return CHECK(parse("Basic realm=r, Bearer realm=\"", &arena, c) == 1) &&
	       CHECK(c[0].scheme == CHALLENGE_BASIC);
}

static bool bearer_without_realm_is_no_choice(void)
{
	auto_arena struct arena arena = {};
	struct challenge c[CHALLENGE_MAX];

	return CHECK(parse("Bearer, Basic", &arena, c) == 2) &&
	       CHECK(challenge_choose(c, 2) == &c[1]);
}

static bool both_number_and_length_are_bounded(void)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf many = {}, longest = {};
	struct challenge c[CHALLENGE_MAX];

	for (int i = 0; i < 100; i++)
		buf_puts(&many, "Basic realm=a,");
	buf_puts(&longest, "Basic realm=\"");
	while (longest.len <= CHALLENGE_MAX_BYTES)
		buf_puts(&longest, "aaaaaaaa");
	buf_puts(&longest, "\"");
	return CHECK(parse(buf_str(&many), &arena, c) == CHALLENGE_MAX) &&
	       CHECK(parse(buf_str(&longest), &arena, c) == 0);
}

int main(void)
{
	TEST(the_parameters_of_bearer_are_read);
	TEST(quoted_strings_have_commas_and_escapes);
	TEST(several_challenges_stand_in_one_header);
	TEST(what_is_malformed_is_left_out);
	TEST(bearer_without_realm_is_no_choice);
	TEST(both_number_and_length_are_bounded);
	return tap_done();
}
