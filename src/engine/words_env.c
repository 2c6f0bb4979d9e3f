/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words for names with values: variables of the environment, singly and as the lines of a file,
 * and labels. Each name is kept once.
 */
#include "engine/words.h"

#include "engine/list.h"

#include <stdlib.h>
#include <string.h>

#define BLANKS	      " \t"
#define MAX_VARIABLES 10000 /* each is compared with all before it */

static size_t name_len(const char *word)
{
	return strcspn(word, "=");
}

/* `line` is "NAME=VALUE". */
static int set(struct oci_strings *env, struct arena *arena, char *line, struct err *err)
{
	size_t len = name_len(line) + 1;

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], line, len) == 0) {
			env->v[i] = line;
			return 0;
		}
	if (env->n == MAX_VARIABLES)
		return err_set(err, ERR_USAGE, E2BIG, "more than %d variables", MAX_VARIABLES);
	strings_add(env, arena, line);
	return 0;
}

int env_add(struct oci_strings *env, const char *word, struct arena *arena, struct err *err)
{
	const char *value;

	if (name_len(word) == 0)
		return err_set(err, ERR_USAGE, EINVAL, "the name is missing");
	if (word[name_len(word)] == '=')
		return set(env, arena, arena_strdup(arena, word), err);
	value = getenv(word);
	return value ? set(env, arena, arena_printf(arena, "%s=%s", word, value), err) : 0;
}

/* ------------------------------------------------------------------------------- files */

static int add_line(struct oci_strings *env, const char *line, struct arena *arena, struct err *err)
{
	size_t len;

	line += strspn(line, BLANKS);
	if (!*line || *line == '#')
		return 0;
	len = name_len(line);
	if (strcspn(line, BLANKS) < len)
		return err_set(err, ERR_USAGE, EINVAL, "the name '%.*s' has a blank in it",
			       (int)(len < 64 ? len : 64), line);
	return env_add(env, line, arena, err);
}

int env_add_text(struct oci_strings *env, const char *text, size_t len, struct arena *arena,
		 struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf"; /* what editors of Windows begin a file with */
	const char *end = text + len;
	int r = 0;

	if (len >= 3 && memcmp(text, mark, 3) == 0)
		text += 3;
	for (size_t number = 1; text < end && r == 0; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((newline ? newline : end) - text);

		if (memchr(text, '\0', n))
			r = err_set(err, ERR_USAGE, EINVAL, "a NUL is in it");
		else
			r = add_line(env,
				     arena_strndup(arena, text,
						   n - (n > 0 && text[n - 1] == '\r')),
				     arena, err);
		if (r < 0)
			return err_wrap(err, "line %zu", number);
		text += n + (newline != NULL);
	}
	return r;
}

/* ------------------------------------------------------------------------------- labels */

int label_add(struct oci_pairs *labels, const char *word, struct arena *arena, struct err *err)
{
	size_t len = name_len(word);
	const char *value = word[len] ? word + len + 1 : "";
	struct oci_pair *label = NULL;

	if (strspn(word, BLANKS) >= len)
		return err_set(err, ERR_USAGE, EINVAL, "the name is missing");
	if (strcspn(word, BLANKS) < len)
		return err_set(err, ERR_USAGE, EINVAL, "the name '%.*s' has a blank in it",
			       (int)(len < 64 ? len : 64), word);
	for (size_t i = 0; i < labels->n && !label; i++)
		if (strlen(labels->v[i].key) == len && memcmp(labels->v[i].key, word, len) == 0)
			label = &labels->v[i];
	if (!label)
		label = list_add(labels, arena);
	*label = (struct oci_pair){ arena_strndup(arena, word, len), arena_strdup(arena, value) };
	return 0;
}
