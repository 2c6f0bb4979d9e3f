/* SPDX-License-Identifier: Apache-2.0 */
/*
 * search: look for images in a registry, docker.io if none is named.
 */
#include "cli/words/search.h"

#include "cli/format.h"
#include "cli/image/verb.h"

#include <string.h>

#define DEFAULT_HOST  "docker.io"
#define DEFAULT_LIMIT 25
#define SHORT_TEXT    45

/* In the order of docker's JSON. */
enum { DESCRIPTION, IS_AUTOMATED, IS_OFFICIAL, NAME, STAR_COUNT, INDEX, STARS, OFFICIAL, N_FIELDS };

static const struct format_field fields[N_FIELDS] = {
	[DESCRIPTION] = { "Description", "DESCRIPTION", 0 },
	[IS_AUTOMATED] = { "IsAutomated", "AUTOMATED", 0 },
	[IS_OFFICIAL] = { "IsOfficial", "OFFICIAL", 0 },
	[NAME] = { "Name", "NAME", 0 },
	[STAR_COUNT] = { "StarCount", "STARS", 0 },
	/* podman's */
	[INDEX] = { "Index", "INDEX", FORMAT_EXTRA },
	[STARS] = { "Stars", "STARS", FORMAT_EXTRA | FORMAT_NUMBER },
	[OFFICIAL] = { "Official", "OFFICIAL", FORMAT_EXTRA },
};

static const unsigned char columns[] = { NAME, DESCRIPTION, STAR_COUNT, IS_OFFICIAL };

/* What all rows share. */
struct findings {
	const char *host;
	bool whole;
};

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

static const char *cell(const void *row, size_t field, const void *context, struct arena *arena)
{
	const struct findings *findings = context;
	const struct registry_found *found = row;

	switch (field) {
	case DESCRIPTION:
		return plain(found->description, findings->whole, arena);
	case IS_OFFICIAL:
	case OFFICIAL:
		return found->is_official ? "[OK]" : "";
	case NAME:
		return plain(found->name, true, arena);
	case STAR_COUNT:
	case STARS:
		return arena_printf(arena, "%lld", (long long)found->stars);
	case INDEX:
		return findings->host;
	default:
		return ""; /* nothing is built automatically any more */
	}
}

static const struct format_listing listing = {
	.fields = fields,
	.n_fields = N_FIELDS,
	.columns = columns,
	.n_columns = sizeof(columns),
	.cell = cell,
};

static int print_found(struct format *format, const struct registry_findings *found,
		       struct err *err)
{
	auto_buf struct buf out = {};
	int r = 0;

	for (size_t i = 0; r == 0 && i < found->n; i++)
		r = format_row(format, &found->v[i], err);
	if (r < 0)
		return r;
	format_finish(format, &out);
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

static int search(const struct call *call, const char *host, const char *term,
		  struct registry_findings *ret, struct err *err)
{
	const struct search_args *args = call->args;
	auto_registry struct registry *registry = NULL;
	int r = registry_from_args(call, &args->registry, &registry, err);

	if (r == 0)
		r = registry_search(registry, host, term,
				    args->limit ? args->limit : DEFAULT_LIMIT, call->arena, ret,
				    err);
	return r < 0 ? err_wrap(err, "%s", host) : 0;
}

static int run(const struct call *call, struct err *err)
{
	const struct search_args *args = call->args;
	const char *term, *host = split(call, call->operands[0], &term);
	const struct findings findings = { host, args->no_trunc };
	struct registry_findings found = {};
	auto_format struct format format = {};
	int r = format_open(&format, &listing, args->format, &findings, call->arena, err);

	if (r == 0)
		r = search(call, host, term, &found, err);
	return r < 0 ? r : print_found(&format, &found, err);
}

const struct verb verb_search = {
	.command = SEARCH_WORDS,
	.args_size = sizeof(struct search_args),
	.run = run,
};
