/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row for each key: how a value is read, and whether a network has it.
 */
#include "cli/tare/network_filter.h"

#include "base/moment.h"
#include "base/timestamp.h"
#include "engine/filter_words.h"

#include <string.h>

/* A network, and whether containers use it. */
struct candidate {
	const struct network *network;
	bool is_used;
};

/* 1, 0 or a negative errno */
typedef int match_fn(const struct candidate *candidate, const char *value, struct err *err);

/* ------------------------------------------------------------------------------- values */

static int match_name(const struct candidate *candidate, const char *value, struct err *err)
{
	return filter_words_is_like(value, candidate->network->name, err);
}

static int match_id(const struct candidate *candidate, const char *value, struct err *err)
{
	return filter_words_is_like(value, candidate->network->id, err);
}

static int match_driver(const struct candidate *candidate, const char *value, struct err *err)
{
	(void)err;
	return strcmp(value, candidate->network->driver) == 0;
}

static int match_label(const struct candidate *candidate, const char *value, struct err *err)
{
	(void)err;
	return filter_words_is_label(value, &candidate->network->labels);
}

static int match_no_label(const struct candidate *candidate, const char *value, struct err *err)
{
	return !match_label(candidate, value, err);
}

static int match_dangling(const struct candidate *candidate, const char *value, struct err *err)
{
	bool is_dangling;
	int r = filter_words_bool(value, &is_dangling, err);

	return r < 0 ? r : is_dangling == !candidate->is_used;
}

/* There is no swarm whose networks would be others. */
static int match_scope(const struct candidate *candidate, const char *value, struct err *err)
{
	(void)candidate;
	if (strcmp(value, "local") == 0)
		return 1;
	if (strcmp(value, "global") == 0 || strcmp(value, "swarm") == 0)
		return 0;
	return err_set(err, ERR_USAGE, EINVAL, "it is not local, global or swarm");
}

static int match_type(const struct candidate *candidate, const char *value, struct err *err)
{
	const bool is_builtin = strcmp(candidate->network->name, NETWORK_DEFAULT) == 0;

	if (strcmp(value, "builtin") == 0)
		return is_builtin;
	if (strcmp(value, "custom") == 0)
		return !is_builtin;
	return err_set(err, ERR_USAGE, EINVAL, "it is neither builtin nor custom");
}

static int match_until(const struct candidate *candidate, const char *value, struct err *err)
{
	struct timespec made = {}, moment;
	int r = filter_words_moment(value, &moment, err);

	if (r < 0)
		return r;
	(void)timestamp_parse_any(candidate->network->created, &made);
	return moment_compare(&made, &moment) < 0;
}

/* ------------------------------------------------------------------------------- keys */

enum { NAME, ID, DRIVER, LABEL, NO_LABEL, DANGLING, SCOPE, TYPE, UNTIL };

static const char *const key_names[NETWORK_FILTER_KEYS] = {
	[NAME] = "name",	 [ID] = "id",		  [DRIVER] = "driver",
	[LABEL] = "label",	 [NO_LABEL] = "label!",	  [DANGLING] = "dangling",
	[SCOPE] = "scope",	 [TYPE] = "type",	  [UNTIL] = "until",
};

static const struct {
	match_fn *match;
	bool needs_all; /* of its values */
} keys[NETWORK_FILTER_KEYS] = {
	[NAME] = { match_name },
	[ID] = { match_id },
	[DRIVER] = { match_driver },
	[LABEL] = { match_label, true },
	[NO_LABEL] = { match_no_label, true },
	[DANGLING] = { match_dangling },
	[SCOPE] = { match_scope },
	[TYPE] = { match_type },
	[UNTIL] = { match_until },
};

int network_filter_parse(const struct opt_strings *filters, const struct call *call,
			 struct network_filter *ret, struct err *err)
{
	*ret = (struct network_filter){};
	return filter_words_sort(filters, key_names, NETWORK_FILTER_KEYS, call->arena, ret->words,
				 err);
}

/* ------------------------------------------------------------------------------- use */

static int match_key(const struct network_filter *filter, size_t key,
		     const struct candidate *candidate, struct err *err)
{
	const int goes_on = keys[key].needs_all;
	int r = goes_on;

	for (const char **value = filter->words[key]; r == goes_on && *value; value++) {
		r = keys[key].match(candidate, *value, err);
		if (r < 0)
			return filter_words_refuse(key_names[key], *value, err);
	}
	return r;
}

static int match_all(const struct network_filter *filter, const struct candidate *candidate,
		     struct err *err)
{
	int r = 1;

	for (size_t key = 0; r == 1 && key < NETWORK_FILTER_KEYS; key++)
		if (filter->words[key])
			r = match_key(filter, key, candidate, err);
	return r;
}

int network_filter_apply(const struct network_filter *filter, const bool *used,
			 struct network_list *list, struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct candidate candidate = { list->v[i], used[i] };
		int r = match_all(filter, &candidate, err);

		if (r < 0)
			return r;
		if (r == 1)
			list->v[kept++] = list->v[i];
	}
	list->n = kept;
	return 0;
}
