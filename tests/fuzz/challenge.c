/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A WWW-Authenticate header. What was understood of it is understood again when it is written in
 * one form only.
 */
#include "registry/challenge.h"

#include "base/buf.h"
#include "fuzz.h"

static void add_parameter(struct buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(out, ", %s=\"", name);
	for (; *value; value++)
		buf_printf(out, "%s%c", strchr("\"\\", *value) ? "\\" : "", *value);
	buf_puts(out, "\"");
}

static void format(const struct challenge *c, struct buf *out)
{
	static const char *const schemes[] = {
		[CHALLENGE_OTHER] = "Other", [CHALLENGE_BASIC] = "Basic",
		[CHALLENGE_BEARER] = "Bearer",
	};

	buf_printf(out, ",%s ", schemes[c->scheme]);
	add_parameter(out, "realm", c->realm);
	add_parameter(out, "service", c->service);
	add_parameter(out, "scope", c->scope);
	add_parameter(out, "error", c->error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *header = input_text(&in);
	auto_arena struct arena arena = {};
	auto_buf struct buf once = {}, twice = {};
	struct challenge c[CHALLENGE_MAX], again[CHALLENGE_MAX];
	size_t n = challenge_parse(header, &arena, c, CHALLENGE_MAX);

	CLAIM(n <= CHALLENGE_MAX);
	for (size_t i = 0; i < n; i++)
		format(&c[i], &once);
	if (once.len > CHALLENGE_MAX_BYTES)
		return 0;
	CLAIM(challenge_parse(buf_str(&once), &arena, again, CHALLENGE_MAX) == n);
	for (size_t i = 0; i < n; i++)
		format(&again[i], &twice);
	CLAIM(strcmp(buf_str(&once), buf_str(&twice)) == 0);
	CLAIM((challenge_choose(c, n) != NULL) == (challenge_choose(again, n) != NULL));
	return 0;
}
