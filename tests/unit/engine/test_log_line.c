/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/log_line.h"

#include "tap.h"

#define auto_scanner auto_cleanup(log_scanner_done)

static const struct timespec moment = { 1795777401, 46172000 };

static const char *format(struct buf *out, const char *bytes, size_t len)
{
	auto_buf struct buf end = {};

	log_line_format_end(&end, LOG_STDOUT, NULL, &moment);
	log_line_format(out, bytes, len, &end);
	return buf_str(out);
}

static bool a_record_is_dockers(void)
{
	auto_buf struct buf out = {}, end = {}, other = {};

	log_line_format_end(&end, LOG_STDERR, "{\"a\":\"b\"}", &moment);
	log_line_format(&other, "x", 1, &end);
	return CHECK_STR(format(&out, "say \"hi\"\\\t\x01\r\n", 13),
			 "{\"log\":\"say \\\"hi\\\"\\\\\\t\\u0001\\r\\n\",\"stream\":\"stdout\","
			 "\"time\":\"2026-11-27T11:03:21.046172000Z\"}\n") &&
	       CHECK_STR(buf_str(&other), "{\"log\":\"x\",\"stream\":\"stderr\","
					  "\"attrs\":{\"a\":\"b\"},"
					  "\"time\":\"2026-11-27T11:03:21.046172000Z\"}\n");
}

/* What is written is read back, but that `wrong` became `right`. */
static bool goes_round(const char *wrong, size_t len, const char *right, size_t right_len)
{
	auto_scanner struct log_scanner scanner = {};
	auto_buf struct buf out = {};
	struct log_line line = {};

	(void)format(&out, wrong, len);
	return CHECK(memchr(out.data, '\n', out.len) == out.data + out.len - 1) &&
	       CHECK(log_line_parse(out.data, out.len - 1, &scanner, &line) == 0) &&
	       CHECK(line.len == right_len) && CHECK(memcmp(line.bytes, right, right_len) == 0) &&
	       CHECK(line.stream == LOG_STDOUT) && CHECK(line.when.tv_sec == moment.tv_sec) &&
	       CHECK(line.when.tv_nsec == moment.tv_nsec);
}

static bool every_byte_is_kept_or_replaced(void)
{
	char all[128];

	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)i;
	return goes_round(all, sizeof(all), all, sizeof(all)) && goes_round("", 0, "", 0) &&
	       goes_round("h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb3\n", 12,
			  "h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\xb3\n", 12) &&
	       goes_round("a\xff\xc3", 3, "a\xef\xbf\xbd\xef\xbf\xbd", 7) &&
	       goes_round("\xed\xa0\x80", 3, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 9) &&
	       goes_round("\xe2\x82", 2, "\xef\xbf\xbd\xef\xbf\xbd", 6);
}

static bool no_character_is_cut_in_two(void)
{
	static const struct {
		const char *text;
		size_t back, cut; /* how far before the end it stands, and what is left over */
	} rows[] = {
		{ "xxxx", 4, 0 },         { "\xc3\xa9", 2, 0 },
		{ "\xc3\xa9", 1, 1 },     { "\xe2\x82\xac", 2, 2 },
		{ "\xf0\x9f\x90\xb3", 3, 3 }, { "\xf0\x9f\x90\xb3", 1, 1 },
		{ "\x80\x80\x80", 3, 0 },
	};
	static char bytes[LOG_PIECE_BYTES + 8];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(bytes, 'x', sizeof(bytes));
		memcpy(bytes + LOG_PIECE_BYTES - rows[i].back, rows[i].text,
		       strlen(rows[i].text));
		if (!CHECK(log_line_cut(bytes) == LOG_PIECE_BYTES - rows[i].cut)) {
			printf("# row %zu\n", i);
			return false;
		}
	}
	return true;
}

static bool parses(const char *record, const char *text, enum log_stream stream)
{
	auto_scanner struct log_scanner scanner = {};
	struct log_line line = {};

	if (CHECK(log_line_parse(record, strlen(record), &scanner, &line) == 0) &&
	    CHECK(line.len == strlen(text)) && CHECK(memcmp(line.bytes, text, line.len) == 0) &&
	    CHECK(line.stream == stream) && CHECK(line.when.tv_sec == moment.tv_sec))
		return true;
	printf("# %s\n", record);
	return false;
}

#define END "\"stream\":\"stdout\",\"time\":\"2026-11-27T11:03:21.5Z\"}"

static bool what_docker_wrote_is_read(void)
{
	return parses("{\"log\":\"\\u003cb\\u003e\\ufffd\\u2028\\n\"," END,
		      "<b>\xef\xbf\xbd\xe2\x80\xa8\n", LOG_STDOUT) &&
	       parses("{\"log\":\"\\ud83d\\udc33\\ud83d\\n\\udc33\"," END,
		      "\xf0\x9f\x90\xb3\xef\xbf\xbd\n\xef\xbf\xbd", LOG_STDOUT) &&
	       parses("{\"log\":\"a\\/b\\b\\f\\u00e9\\u00E9\"," END, "a/b\b\f\xc3\xa9\xc3\xa9",
		      LOG_STDOUT);
}

static bool what_others_wrote_is_read(void)
{
	return parses("{ \"time\": \"2026-11-27T12:03:21+01:00\", \"stream\": \"stderr\", "
		      "\"log\": \"h\\u00e9\\n\", \"more\": [1] }",
		      "h\xc3\xa9\n", LOG_STDERR);
}

static bool the_attributes_are_found(void)
{
	static const char record[] = "{\"log\":\"x\\n\",\"stream\":\"stdout\","
				     "\"attrs\":{\"a}\\\"\":\"{\",\"b\":\"\"},"
				     "\"time\":\"2026-11-27T11:03:21Z\"}";
	auto_scanner struct log_scanner scanner = {};
	struct log_line line = {};

	return CHECK(log_line_parse(record, strlen(record), &scanner, &line) == 0) &&
	       CHECK(line.attrs_len == strlen("{\"a}\\\"\":\"{\",\"b\":\"\"}")) &&
	       CHECK(memcmp(line.attrs, "{\"a}\\\"\":\"{\",\"b\":\"\"}", line.attrs_len) == 0) &&
	       CHECK(log_line_ends(&line));
}

static bool what_is_damaged_is_refused(void)
{
	static const char *const rows[] = {
		"", "{", "hello", "{\"log\":\"x", "{\"log\":\"x\\", "{\"log\":\"x\\u00", "{}", "[]",
		"{\"log\":\"x\"," END "{\"log\":\"x\"," END, "{\"log\":\"x\\q\"," END,
		"{\"log\":\"x\\u00g0\"," END, "\n",
		"{\"log\":\"x\",\"stream\":\"stdin\",\"time\":\"2026-11-27T11:03:21Z\"}",
		"{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"noon\"}",
		"{\"log\":\"x\",\"stream\":\"stdout\",\"time\":\"\"}",
		"{\"log\":\"x\",\"stream\":\"stdout\",\"attrs\":{\"a\":\"},\"time\":"
		"\"2026-11-27T11:03:21Z\"}",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_scanner struct log_scanner scanner = {};
		struct log_line line = { .len = 7 };

		if (!CHECK(log_line_parse(rows[i], strlen(rows[i]), &scanner, &line) < 0) ||
		    !CHECK(line.len == 7)) {
			printf("# %s\n", rows[i]);
			return false;
		}
	}
	return true;
}

int main(void)
{
	TEST(a_record_is_dockers);
	TEST(every_byte_is_kept_or_replaced);
	TEST(no_character_is_cut_in_two);
	TEST(what_docker_wrote_is_read);
	TEST(what_others_wrote_is_read);
	TEST(the_attributes_are_found);
	TEST(what_is_damaged_is_refused);
	return tap_done();
}
