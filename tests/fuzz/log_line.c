/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes, once as a record of a log, and once as what a container writes. What it writes becomes
 * one line of the file that is read back; what was read once comes back the same ever after.
 */
#include "engine/log_line.h"

#include "base/utf8.h"
#include "fuzz.h"

static const struct timespec moment = { 1795777401, 46172000 };

/* Writes `bytes` and reads it: the text, the caller's. */
static char *go_round(const char *bytes, size_t len, size_t *ret_len)
{
	auto_cleanup(log_scanner_done) struct log_scanner scanner = {};
	auto_buf struct buf out = {}, end = {};
	struct log_line line = {};
	char *text;

	log_line_format_end(&end, LOG_STDERR, "{\"tier\":\"web\"}", &moment);
	log_line_format(&out, bytes, len, &end);
	CLAIM(memchr(out.data, '\n', out.len) == out.data + out.len - 1);
	CLAIM(log_line_parse(out.data, out.len - 1, &scanner, &line) == 0);
	CLAIM(line.stream == LOG_STDERR && line.when.tv_sec == moment.tv_sec &&
	      line.when.tv_nsec == moment.tv_nsec);
	CLAIM(line.attrs_len == strlen("{\"tier\":\"web\"}"));
	CLAIM(log_line_ends(&line) == (len > 0 && bytes[len - 1] == '\n'));
	text = malloc(line.len + 1);
	CLAIM(text);
	memcpy(text, line.bytes, line.len);
	text[line.len] = '\0';
	*ret_len = line.len;
	return text;
}

static void claim_is_utf8(const char *text, size_t len)
{
	uint32_t code;

	for (size_t i = 0; i < len;) {
		size_t n = text[i] ? utf8_decode(text + i, &code) : 1;

		CLAIM(n > 0);
		i += n;
	}
}

static void claim_goes_round(const char *bytes, size_t len)
{
	size_t once_len, twice_len;
	auto_free char *once = go_round(bytes, len, &once_len);
	auto_free char *twice = go_round(once, once_len, &twice_len);

	claim_is_utf8(once, once_len);
	CLAIM(twice_len == once_len && memcmp(once, twice, once_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_cleanup(log_scanner_done) struct log_scanner scanner = {};
	const char *bytes = (const char *)data;
	struct log_line line = {};

	claim_goes_round(bytes, size);
	if (log_line_parse(bytes, size, &scanner, &line) < 0) {
		CLAIM(!line.bytes);
		return 0;
	}
	CLAIM(line.stream < LOG_STREAM_MAX_ && line.bytes && line.when.tv_nsec < 1000000000);
	CLAIM(!line.attrs || (line.attrs >= bytes && line.attrs_len >= 2 &&
			      line.attrs + line.attrs_len <= bytes + size));
	claim_goes_round(line.bytes, line.len);
	return 0;
}
