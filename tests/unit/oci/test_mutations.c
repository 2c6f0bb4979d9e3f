/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A valid config.json, changed at random a few thousand times, in the same way at each run: each
 * time it is refused with words, or accepted and then written and read back as the same. Sanitizers
 * see what is read beyond its end.
 */
#include "config.h"
#include "oci/spec.h"
#include "tap.h"

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 40000
#define MAX_MS 2000

static uint64_t seed = 20240229;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static void splice(struct buf *text, size_t at, size_t gone, const char *more, size_t n)
{
	auto_buf struct buf made = {};

	buf_add(&made, text->data, at);
	buf_add(&made, more, n);
	buf_add(&made, text->data + at + gone, text->len - at - gone);
	buf_done(text);
	*text = made;
	made = (struct buf){};
}

static void mutate(struct buf *text)
{
	static const char *const words[] = {
		"{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\ud800", "null", "true",
		"-1", "0", "1e9", "4294967295", "4294967296", "18446744073709551615",
		"18446744073709551616", "-9223372036854775808", "9223372036854775808", "\"\"",
		"/", "\"..\"", "\xff", "\xc0\x80", "[[[[[[[[[[[[[[[[[[[[", "\"linux\":{},",
		"\"path\":7,", "\n", "\x01", "/*x*/", "NaN",
	};
	size_t at = random_below((uint32_t)text->len), left = text->len - at;
	size_t gone = random_below(left < 40 ? (uint32_t)left : 40);
	const char *word = words[random_below(sizeof(words) / sizeof(words[0]))];
	char byte = (char)random_below(256);

	switch (random_below(6)) {
	case 0:
		splice(text, at, 1, &byte, 1);
		break;
	case 1:
		splice(text, at, gone, "", 0);
		break;
	case 2:
		splice(text, at, 0, word, strlen(word));
		break;
	case 3:
		splice(text, at, strspn(text->data + at, "0123456789-"), word, strlen(word));
		break;
	case 4: { /* something from elsewhere */
		auto_free char *copy = strndup(text->data + at, gone);

		splice(text, random_below((uint32_t)text->len), 0, copy, strlen(copy));
		break;
	}
	case 5: /* an empty string, or a value without its key */
		at = (size_t)(strchrnul(text->data + at, '"') - text->data);
		if (at + 1 < text->len)
			splice(text, at + 1, strcspn(text->data + at + 1, "\""), "", 0);
		break;
	}
}

/* What reading, and the rules, say of a text in exactly `len` bytes of memory. */
static int judge(const struct buf *text, struct arena *arena, struct oci_spec **spec,
		 struct err *err)
{
	auto_free char *exact = malloc(text->len ? text->len : 1);
	int r;

	memcpy(exact, text->data, text->len);
	r = oci_spec_parse(exact, text->len, arena, spec, err);
	return r < 0 ? r : oci_spec_validate(*spec, err);
}

static bool reads_back_the_same(const struct oci_spec *spec)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf once = {}, twice = {};
	struct oci_spec *again = NULL;
	struct err err = {};

	oci_spec_format(spec, &once);
	if (!CHECK(oci_spec_parse(once.data, once.len, &arena, &again, &err) == 0) ||
	    !CHECK(oci_spec_validate(again, &err) == 0))
		return printf("# %s\n", err.msg), false;
	oci_spec_format(again, &twice);
	return CHECK_STR(twice.data, once.data);
}

static bool is_judged_soundly(const struct buf *text, bool *ret_accepted)
{
	auto_arena struct arena arena = {};
	struct oci_spec *spec = NULL;
	struct err err = {};
	int r = judge(text, &arena, &spec, &err);

	*ret_accepted = r == 0;
	if (r == 0)
		return reads_back_the_same(spec);
	return CHECK(r == -EINVAL) && CHECK(err.kind == ERR_USAGE) && CHECK(err.msg[0]) &&
	       CHECK(memchr(err.msg, '\0', sizeof(err.msg)));
}

static long elapsed_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool every_mutation_is_refused_with_words_or_read_back(void)
{
	long start = elapsed_ms();
	unsigned n_accepted = 0, i;

	for (i = 0; i < ROUNDS && elapsed_ms() - start < MAX_MS; i++) {
		auto_buf struct buf text = {};
		bool accepted;

		buf_puts(&text, whole_config);
		for (uint32_t n = 1 + random_below(3); n > 0; n--)
			mutate(&text);
		if (!is_judged_soundly(&text, &accepted))
			return printf("# round %u: %s\n", i, text.data), false;
		n_accepted += accepted;
	}
	printf("# %u mutations, %u accepted\n", i, n_accepted);
	return CHECK(n_accepted > 0) && CHECK(n_accepted < i);
}

static bool every_prefix_is_refused_with_its_line(void)
{
	size_t len = strlen(whole_config), line = 1;
	char words[32];

	for (size_t i = 0; i < len - 2; i++) {
		auto_arena struct arena arena = {};
		struct buf text = { .data = (char *)(uintptr_t)whole_config, .len = i };
		struct oci_spec *spec;
		struct err err = {};

		line += i > 0 && whole_config[i - 1] == '\n';
		(void)snprintf(words, sizeof(words), "(line %zu): ", line);
		if (!CHECK(judge(&text, &arena, &spec, &err) == -EINVAL) ||
		    !CHECK(strstr(err.msg, words)))
			return printf("# %zu bytes: %s\n", i, err.msg), false;
	}
	return true;
}

static bool the_config_itself_is_valid(void)
{
	struct buf text = { .data = (char *)(uintptr_t)whole_config, .len = strlen(whole_config) };
	auto_arena struct arena arena = {};
	struct oci_spec *spec = NULL;
	struct err err = {};

	return (CHECK(judge(&text, &arena, &spec, &err) == 0) && reads_back_the_same(spec)) ||
	       (printf("# %s\n", err.msg), false);
}

int main(void)
{
	TEST(the_config_itself_is_valid);
	TEST(every_prefix_is_refused_with_its_line);
	TEST(every_mutation_is_refused_with_words_or_read_back);
	return tap_done();
}
