/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching a short sequence in a stream. When a key does not fit, the longest end of what was seen
 * that could still begin the sequence is kept, and the rest is let go.
 */
#include "engine/detach_keys.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static int refuse(const char *text, struct err *err)
{
	return err_set(err, ERR_USAGE, EINVAL,
		       "--detach-keys: '%.64s' is not a list such as '" DETACH_KEYS_DEFAULT
		       "': keys are a character, or ctrl- and a letter or one of @[\\]^_", text);
}

/* One key of the list, `len` characters. */
static int parse_key(const char *word, size_t len)
{
	int key;

	if (len == 1)
		return (unsigned char)word[0];
	if (len != 6 || strncasecmp(word, "ctrl-", 5) != 0)
		return -EINVAL;
	key = toupper((unsigned char)word[5]);
	return key >= '@' && key <= '_' ? key - '@' : -EINVAL;
}

int detach_keys_parse(const char *asked, struct detach_keys *ret, struct err *err)
{
	const char *text = asked ? asked : DETACH_KEYS_DEFAULT;
	struct detach_keys keys = {};

	for (const char *word = text; *text; word += strcspn(word, ",") + 1) {
		size_t len = strcspn(word, ",");
		int key = parse_key(word, len);

		if (key < 0 || keys.n == DETACH_KEYS_MAX)
			return refuse(text, err);
		keys.keys[keys.n++] = (unsigned char)key;
		if (word[len] == '\0')
			break;
	}
	*ret = keys;
	return 0;
}

/* How long a beginning of the sequence the last `seen` keys and `key` end with. */
static size_t still_seen(const struct detach_keys *k, unsigned char key)
{
	for (size_t len = k->seen + 1; len > 0; len--) {
		size_t from = k->seen + 1 - len;

		if (k->keys[len - 1] == key && memcmp(k->keys, k->keys + from, len - 1) == 0)
			return len;
	}
	return 0;
}

size_t detach_keys_filter(struct detach_keys *k, const char *typed, size_t len, char *out,
			  bool *ret_detach)
{
	size_t n = 0;

	*ret_detach = false;
	for (size_t i = 0; i < len; i++) {
		unsigned char key = (unsigned char)typed[i];
		size_t seen = k->n ? still_seen(k, key) : 0, let_go = k->seen + 1 - seen;

		/* The oldest of what was held, and, if nothing is held any more, the key. */
		for (size_t j = 0; j < let_go; j++)
			out[n++] = (char)(j < k->seen ? k->keys[j] : key);
		k->seen = seen;
		if (k->n && k->seen == k->n) {
			k->seen = 0;
			*ret_detach = true;
			return n;
		}
	}
	return n;
}
