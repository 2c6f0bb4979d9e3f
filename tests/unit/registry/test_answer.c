/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/answer.h"

#include "tap.h"

static bool ranges_are_read(void)
{
	struct answer_range r = {};

	return CHECK(answer_range("bytes 5-9/10", &r)) &&
	       CHECK(r.first == 5 && r.last == 9 && r.total == 10) &&
	       CHECK(answer_range("bytes 0-0/*", &r) && r.last == 0 && r.total == -1) &&
	       CHECK(answer_range("0-1023", &r) && r.last == 1023 && r.total == -1) &&
	       CHECK(answer_range("bytes=0-7", &r) && r.last == 7);
}

static bool what_is_no_range_is_refused(void)
{
	static const char *const bad[] = {
		"", "bytes", "bytes */10", "bytes 5-4/10", "bytes 5-10/10", "bytes 5-9/10x", "5-",
		"-5", "bytes 5-9/", "bytes 99999999999999999999-9/10", "bytes 5-9/-1",
		"bytes 5-9/* ",
	};
	struct answer_range r;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!CHECK(!answer_range(bad[i], &r)))
			return false;
	return true;
}

static bool retry_after_is_a_number_or_a_date(void)
{
	return CHECK(answer_retry_after("120", 0) == 120) &&
	       CHECK(answer_retry_after("99999999999", 0) == INT32_MAX) &&
	       CHECK(answer_retry_after("Wed, 21 Oct 2015 07:28:00 GMT", 1445412470) == 10) &&
	       CHECK(answer_retry_after("Wed, 21 Oct 2015 07:28:00 GMT", 1500000000) == 0) &&
	       CHECK(answer_retry_after("soon", 0) == -1) &&
	       CHECK(answer_retry_after("-1", 0) == -1);
}

static bool the_next_page_is_a_link(void)
{
	auto_arena struct arena arena = {};
	static const char *const two = "</v2/_catalog?n=2>; rel=\"first\", </v2/x?last=b&n=2>; "
				       "title=\"a\"; rel=\"next\"";

	return CHECK_STR(answer_next_link(two, &arena), "/v2/x?last=b&n=2") &&
	       CHECK_STR(answer_next_link("<a>;rel=next", &arena), "a") &&
	       CHECK(!answer_next_link("<a>; rel=\"prev\"", &arena)) &&
	       CHECK(!answer_next_link("<a; rel=\"next\"", &arena)) &&
	       CHECK(!answer_next_link("", &arena));
}

static const char *words(const char *body, struct buf *out)
{
	buf_done(out);
	*out = (struct buf){};
	answer_add_words(body, strlen(body), out);
	return buf_str(out);
}

static bool errors_are_told_in_one_line(void)
{
	auto_buf struct buf out = {};

	return CHECK_STR(words("{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\",\"detail\":"
			       "[1]},{\"code\":\"UNKNOWN\"}]}", &out), "DENIED: no; UNKNOWN") &&
	       CHECK_STR(words("{\"details\":\"wrong password\"}", &out), "wrong password") &&
	       CHECK_STR(words("\n plain\x1b[31m words\nmore", &out), "plain\\x1b[31m words") &&
	       CHECK_STR(words("<html>", &out), "") && CHECK_STR(words("", &out), "") &&
	       CHECK_STR(words("{\"errors\":[]}", &out), "");
}

int main(void)
{
	TEST(ranges_are_read);
	TEST(what_is_no_range_is_refused);
	TEST(retry_after_is_a_number_or_a_date);
	TEST(the_next_page_is_a_link);
	TEST(errors_are_told_in_one_line);
	return tap_done();
}
