/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words for names with values: variables of the environment, singly and as the lines of a file,
 * and labels. Each name is kept once.
 */
#include "engine/words.h"

#include "oci/list.h"

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

/* What lines add to: one of these two. */
struct target {
	struct oci_strings *env;
	struct oci_pairs *labels;
	struct arena *arena;
	struct err *err;
};

static int add_line(const struct target *to, const char *line)
{
	size_t len;

	line += strspn(line, BLANKS);
	if (!*line || *line == '#')
		return 0;
	if (to->labels)
		return label_add(to->labels, line, to->arena, to->err);
	len = name_len(line);
	if (strcspn(line, BLANKS) < len)
		return err_set(to->err, ERR_USAGE, EINVAL, "the name '%.*s' has a blank in it",
			       (int)(len < 64 ? len : 64), line);
	return env_add(to->env, line, to->arena, to->err);
}

static int add_text(const struct target *to, const char *text, size_t len)
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
			r = err_set(to->err, ERR_USAGE, EINVAL, "a NUL is in it");
		else
			r = add_line(to, arena_strndup(to->arena, text,
						       n - (n > 0 && text[n - 1] == '\r')));
		if (r < 0)
			return err_wrap(to->err, "line %zu", number);
		text += n + (newline != NULL);
	}
	return r;
}

int env_add_text(struct oci_strings *env, const char *text, size_t len, struct arena *arena,
		 struct err *err)
{
	return add_text(&(struct target){ .env = env, .arena = arena, .err = err }, text, len);
}

int label_add_text(struct oci_pairs *labels, const char *text, size_t len, struct arena *arena,
		   struct err *err)
{
	return add_text(&(struct target){ .labels = labels, .arena = arena, .err = err }, text,
			len);
}

bool env_is_unset(const struct config *config, const char *variable)
{
	size_t len = name_len(variable);

	if (config->unset_all_env)
		return true;
	for (size_t i = 0; i < config->unset_env.n; i++)
		if (strlen(config->unset_env.v[i]) == len &&
		    memcmp(config->unset_env.v[i], variable, len) == 0)
			return true;
	return false;
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
