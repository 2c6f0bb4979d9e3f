/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two platforms, a line "%" between them. Each that is taken is written as it is read, and fits
 * itself better than any other does.
 */
#include "image/platform.h"

#include "fuzz.h"

static bool read_platform(const char *text, struct arena *arena, struct platform *ret)
{
	struct platform again;
	struct err err = {};
	int r = platform_parse(text, arena, ret, &err);
	char *written;

	if (r != 0) {
		claim_refused(r, EINVAL, ERR_USAGE, &err);
		return false;
	}
	written = platform_format(ret, arena);
	CLAIM(platform_parse(written, arena, &again, &err) == 0);
	CLAIM(strcmp(platform_format(&again, arena), written) == 0);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *wanted_text = input_text(&in), *offered_text = input_text(&in);
	auto_arena struct arena arena = {};
	struct platform wanted, offered;

	wanted_text[strcspn(wanted_text, "\n")] = '\0';
	offered_text[strcspn(offered_text, "\n")] = '\0';
	if (!read_platform(wanted_text, &arena, &wanted))
		return 0;
	CLAIM(platform_match(&wanted, &wanted) > 0);
	if (!read_platform(offered_text, &arena, &offered))
		return 0;
	CLAIM(platform_match(&wanted, &offered) <= platform_match(&wanted, &wanted));
	return 0;
}
