/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a registry says in headers and in errors: Content-Range, Retry-After, Link and the body of a
 * failure, from one text. Whatever it is, what comes of it is in its bounds.
 */
#include "registry/answer.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	auto_free char *text = input_text(&in);
	auto_arena struct arena arena = {};
	auto_buf struct buf words = {};
	struct answer_range range = {};
	const char *next;

	if (answer_range(text, &range))
		CLAIM(range.first <= range.last &&
		      (range.total == -1 || range.last < (uint64_t)range.total));
	CLAIM(answer_retry_after(text, 0) >= -1);
	next = answer_next_link(text, &arena);
	CLAIM(!next || (strstr(text, next) && !strchr(next, '>')));
	answer_add_words(text, strlen(text), &words);
	for (size_t i = 0; i < words.len; i++)
		CLAIM((unsigned char)words.data[i] >= ' ');
	return 0;
}
