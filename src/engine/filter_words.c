/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorts the words of --filter by their keys, and reads the values that containers and images have
 * in common.
 */
#include "engine/filter_words.h"

#include "base/buf.h"
#include "base/moment.h"

#include <string.h>

static int refuse_key(const char *word, const char *const *keys, size_t n_keys, struct err *err)
{
	auto_buf struct buf list = {};

	for (size_t i = 0; i < n_keys; i++)
		buf_printf(&list, "%s%s", i == 0 ? "" : i + 1 < n_keys ? ", " : " and ", keys[i]);
	return err_set(err, ERR_USAGE, EINVAL,
		       "--filter '%.64s': it is KEY=VALUE, and KEY one of %s", word,
		       buf_str(&list));
}

static size_t find_key(const char *word, const char *const *keys, size_t n_keys)
{
	size_t i = 0;

	for (; i < n_keys; i++) {
		size_t len = strlen(keys[i]);

		if (strncmp(word, keys[i], len) == 0 && word[len] == '=')
			break;
	}
	return i;
}

static void add_value(const char ***list, size_t cap, const char *value, struct arena *arena)
{
	size_t n = 0;

	if (!*list)
		*list = arena_array(arena, const char *, cap + 1);
	while ((*list)[n])
		n++;
	(*list)[n] = value;
}

int filter_words_sort(const struct opt_strings *words, const char *const *keys, size_t n_keys,
		      struct arena *arena, const char ***ret, struct err *err)
{
	for (size_t i = 0; i < words->n; i++) {
		size_t key = find_key(words->v[i], keys, n_keys);

		if (key == n_keys)
			return refuse_key(words->v[i], keys, n_keys, err);
		add_value(&ret[key], words->n, words->v[i] + strlen(keys[key]) + 1, arena);
	}
	return 0;
}

int filter_words_refuse(const char *key, const char *value, struct err *err)
{
	return err_wrap(err, "--filter '%s=%.128s'", key, value);
}

int filter_words_bool(const char *value, bool *ret, struct err *err)
{
	*ret = strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
	if (*ret || strcmp(value, "false") == 0 || strcmp(value, "0") == 0)
		return 0;
	return err_set(err, ERR_USAGE, EINVAL, "it is neither true nor false");
}

int filter_words_moment(const char *value, struct timespec *ret, struct err *err)
{
	struct timespec now = {};

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (moment_parse_any(value, &now, ret) == 0)
		return 0;
	return err_set(err, ERR_USAGE, EINVAL,
		       "it is neither a moment, as 2006-01-02T15:04:05Z, nor an age, as 24h");
}

int filter_words_pattern(const char *value, regex_t *ret, struct err *err)
{
	char reason[128];
	int r = regcomp(ret, value, REG_EXTENDED | REG_NOSUB);

	if (r == 0)
		return 0;
	(void)regerror(r, ret, reason, sizeof(reason));
	return err_set(err, ERR_USAGE, EINVAL, "it is no regular expression: %s", reason);
}

int filter_words_is_like(const char *value, const char *text, struct err *err)
{
	regex_t pattern;
	int r = filter_words_pattern(value, &pattern, err);

	if (r < 0)
		return r;
	r = regexec(&pattern, text, 0, NULL, 0) == 0;
	regfree(&pattern);
	return r;
}

bool filter_words_is_label(const char *value, const struct oci_pairs *labels)
{
	size_t len = strcspn(value, "=");

	for (size_t i = 0; i < labels->n; i++)
		if (strlen(labels->v[i].key) == len &&
		    memcmp(labels->v[i].key, value, len) == 0 &&
		    (!value[len] || strcmp(labels->v[i].value, value + len + 1) == 0))
			return true;
	return false;
}
