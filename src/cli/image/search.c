/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search: look for images in a registry, docker.io if none is named.
 */
#include "cli/words/search.h"

#include "cli/image/verb.h"
#include "cli/table.h"

#include <string.h>

#define DEFAULT_HOST  "docker.io"
#define DEFAULT_LIMIT 25
#define SHORT_TEXT    45

enum { NAME, DESCRIPTION, STARS, OFFICIAL, COLUMNS };

static const char *const heads[COLUMNS] = { "NAME", "DESCRIPTION", "STARS", "OFFICIAL" };

/* One line, that moves no cursor. */
static const char *plain(const char *text, bool whole, struct arena *arena)
{
	char *copy = arena_strdup(arena, text ? text : "");

	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	if (!whole && strlen(copy) > SHORT_TEXT)
		return arena_printf(arena, "%.*s...", SHORT_TEXT - 3, copy);
	return copy;
}

static int print_found(const struct call *call, const struct registry_findings *found,
		       struct err *err)
{
	const struct search_args *args = call->args;
	const char **cells = arena_array(call->arena, const char *, (found->n + 1) * COLUMNS);
	auto_buf struct buf out = {};

	memcpy(cells, heads, sizeof(heads));
	for (size_t i = 0; i < found->n; i++) {
		const struct registry_found *one = &found->v[i];
		const char **row = cells + (i + 1) * COLUMNS;

		row[NAME] = plain(one->name, true, call->arena);
		row[DESCRIPTION] = plain(one->description, args->no_trunc, call->arena);
		row[STARS] = arena_printf(call->arena, "%lld", (long long)one->stars);
		row[OFFICIAL] = one->is_official ? "[OK]" : "";
	}
	table_format(cells, COLUMNS, found->n + 1, 0, &out);
	return print_buf(&out, err);
}

/* What comes before the first '/' is a registry if it looks like a host. */
static const char *split(const struct call *call, const char *word, const char **ret_term)
{
	const char *slash = strchr(word, '/');
	size_t len = slash ? (size_t)(slash - word) : 0;

	*ret_term = word;
	if (!slash || (!memchr(word, '.', len) && !memchr(word, ':', len) &&
		       strncmp(word, "localhost", len) != 0))
		return DEFAULT_HOST;
	*ret_term = slash + 1;
	return arena_strndup(call->arena, word, len);
}

static int run(const struct call *call, struct err *err)
{
	const struct search_args *args = call->args;
	auto_registry struct registry *registry = NULL;
	struct registry_findings found = {};
	const char *term, *host = split(call, call->operands[0], &term);
	int r = registry_from_args(call, &args->registry, &registry, err);

	if (r == 0)
		r = registry_search(registry, host, term,
				    args->limit ? args->limit : DEFAULT_LIMIT, call->arena, &found,
				    err);
	return r < 0 ? err_wrap(err, "%s", host) : print_found(call, &found, err);
}

const struct verb verb_search = {
	.command = SEARCH_WORDS,
	.args_size = sizeof(struct search_args),
	.run = run,
};
