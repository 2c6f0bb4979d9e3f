/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The structure of a TOML document: headers, keys and what they stand for. Values are read by
 * base/toml_value.c.
 *
 * Each table remembers its origin, since TOML allows a table to be defined once: one that a longer
 * header implied may still get a header of its own; one that dotted keys made may get more members
 * by dotted keys and sub-tables by headers; an inline one is closed.
 */
#include "base/toml_value.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_names[] = {
	[TOML_STRING] = "a string", [TOML_INTEGER] = "a whole number",
	[TOML_BOOLEAN] = "true or false", [TOML_ARRAY] = "an array", [TOML_TABLE] = "a table",
};

/* ------------------------------------------------------------------------------ the tree */

static struct toml *find_member(const struct toml *table, const char *key)
{
	for (struct toml *member = table->first; member; member = member->next)
		if (strcmp(member->key, key) == 0)
			return member;
	return NULL;
}

struct toml *toml_add(struct toml_reader *r, struct toml *parent, const char *key,
		      enum toml_kind kind)
{
	struct toml *child = arena_new(r->arena, struct toml);

	child->kind = kind;
	child->line = r->line;
	child->key = key ? arena_strdup(r->arena, key) : NULL;
	if (parent->last)
		parent->last->next = child;
	else
		parent->first = child;
	parent->last = child;
	return child;
}

static struct toml *add_table(struct toml_reader *r, struct toml *parent, const char *key,
			      enum toml_origin origin)
{
	struct toml *table = toml_add(r, parent, key, TOML_TABLE);

	table->origin = origin;
	return table;
}

static int refuse_again(struct toml_reader *r, const struct toml *there)
{
	return toml_refuse(r, "'%.64s' is defined already, in line %u", there->key, there->line);
}

static int refuse_depth(struct toml_reader *r)
{
	return toml_refuse(r, "more than %d levels", TOML_MAX_DEPTH);
}

/* ------------------------------------------------------------------------------ key = value */

/* Go down by one part of a dotted key. */
static int enter_dotted(struct toml_reader *r, struct toml **table, const char *key)
{
	struct toml *next = find_member(*table, key);

	if (!next)
		next = add_table(r, *table, key, TOML_DOTTED);
	else if (next->kind != TOML_TABLE || next->origin != TOML_DOTTED)
		return refuse_again(r, next);
	*table = next;
	return 0;
}

int toml_read_pair(struct toml_reader *r, struct toml *table)
{
	char *key = NULL;
	struct toml *there;
	unsigned depth = r->depth;
	int rc;

	for (;;) {
		rc = toml_read_key(r, &key);
		if (rc < 0)
			return rc;
		toml_skip_blanks(r);
		if (*r->p != '.')
			break;
		r->p++;
		rc = ++depth > TOML_MAX_DEPTH ? refuse_depth(r) : enter_dotted(r, &table, key);
		if (rc < 0)
			return rc;
	}
	if (*r->p != '=')
		return toml_refuse(r, "'=' must follow the key '%.64s'", key);
	r->p++;
	there = find_member(table, key);
	if (there)
		return refuse_again(r, there);
	return toml_read_value(r, table, key);
}

/* ------------------------------------------------------------------------------ [headers] */

/* Go down by one part of a header that is not its last. */
static int enter_header(struct toml_reader *r, struct toml **table, const char *key)
{
	struct toml *next = find_member(*table, key);

	if (!next)
		next = add_table(r, *table, key, TOML_IMPLIED);
	else if (next->kind == TOML_ARRAY && next->origin == TOML_HEADER)
		next = next->last;
	else if (next->kind != TOML_TABLE || next->origin == TOML_INLINE)
		return refuse_again(r, next);
	*table = next;
	return 0;
}

/* [key]: the table that what follows is put into. */
static int define_table(struct toml_reader *r, struct toml *parent, const char *key,
			struct toml **ret)
{
	struct toml *there = find_member(parent, key);

	if (!there) {
		*ret = add_table(r, parent, key, TOML_HEADER);
		return 0;
	}
	if (there->kind != TOML_TABLE || there->origin != TOML_IMPLIED)
		return refuse_again(r, there);
	there->origin = TOML_HEADER;
	there->line = r->line;
	*ret = there;
	return 0;
}

/* [[key]]: one more table of an array. */
static int append_table(struct toml_reader *r, struct toml *parent, const char *key,
			struct toml **ret)
{
	struct toml *array = find_member(parent, key);

	if (!array) {
		array = toml_add(r, parent, key, TOML_ARRAY);
		array->origin = TOML_HEADER;
	} else if (array->kind != TOML_ARRAY || array->origin != TOML_HEADER) {
		return refuse_again(r, array);
	}
	*ret = add_table(r, array, NULL, TOML_HEADER);
	return 0;
}

/* Having read "[" or "[[". */
static int read_header(struct toml_reader *r, struct toml *root, struct toml **ret)
{
	bool is_array = *r->p == '[';
	struct toml *parent = root;
	char *key = NULL;
	unsigned depth = 1;
	int rc;

	r->p += is_array;
	for (;;) {
		toml_skip_blanks(r);
		rc = toml_read_key(r, &key);
		if (rc < 0)
			return rc;
		toml_skip_blanks(r);
		if (*r->p != '.')
			break;
		r->p++;
		rc = ++depth > TOML_MAX_DEPTH ? refuse_depth(r) : enter_header(r, &parent, key);
		if (rc < 0)
			return rc;
	}
	if (strncmp(r->p, is_array ? "]]" : "]", is_array ? 2 : 1) != 0)
		return toml_refuse(r, "the header '%.64s' has no end", key);
	r->p += is_array ? 2 : 1;
	return is_array ? append_table(r, parent, key, ret) : define_table(r, parent, key, ret);
}

/* ------------------------------------------------------------------------------ documents */

static int read_line(struct toml_reader *r, struct toml *root, struct toml **table)
{
	int rc;

	if (*r->p == '[') {
		r->p++;
		r->depth = 1;
		rc = read_header(r, root, table);
	} else {
		rc = toml_read_pair(r, *table);
	}
	if (rc < 0)
		return rc;
	toml_skip_blanks(r);
	if (*r->p && *r->p != '#' && *r->p != '\n' && strncmp(r->p, "\r\n", 2) != 0)
		return toml_refuse(r, "nothing may follow on the same line");
	return 0;
}

int toml_parse(const char *text, size_t len, struct arena *arena, struct toml **ret,
	       struct err *err)
{
	struct toml_reader r = { .line = 1, .arena = arena, .err = err };
	struct toml *root, *table;
	int rc;

	if (len > TOML_MAX_BYTES)
		return err_set(err, ERR_USAGE, EINVAL, "more than %zu bytes", TOML_MAX_BYTES);
	r.p = arena_strndup(arena, text, len);
	rc = toml_check_text(&r, len);
	if (rc < 0)
		return rc;
	root = arena_new(arena, struct toml);
	root->kind = TOML_TABLE;
	root->line = 1;
	table = root;
	for (;;) {
		rc = toml_skip_lines(&r);
		if (rc < 0)
			return rc;
		if (!*r.p)
			break;
		rc = read_line(&r, root, &table);
		if (rc < 0)
			return rc;
	}
	*ret = root;
	return 0;
}

/* ------------------------------------------------------------------------------ answers */

const struct toml *toml_find(const struct toml *table, const char *key)
{
	return find_member(table, key);
}

int toml_find_kind(const struct toml *table, const char *key, enum toml_kind kind,
		   const struct toml **ret, struct err *err)
{
	const struct toml *member = find_member(table, key);

	if (member && member->kind != kind)
		return err_set(err, ERR_USAGE, EINVAL, "line %u: '%.64s' must be %s, not %s",
			       member->line, key, kind_names[kind], kind_names[member->kind]);
	*ret = member;
	return 0;
}

int toml_read_string(const struct toml *table, const char *key, const char **ret, struct err *err)
{
	const struct toml *member;
	int r = toml_find_kind(table, key, TOML_STRING, &member, err);

	if (r == 0 && member)
		*ret = member->string;
	return r;
}

int toml_read_boolean(const struct toml *table, const char *key, bool *ret, struct err *err)
{
	const struct toml *member;
	int r = toml_find_kind(table, key, TOML_BOOLEAN, &member, err);

	if (r == 0 && member)
		*ret = member->boolean;
	return r;
}

int toml_read_array(const struct toml *table, const char *key, enum toml_kind kind,
		    const struct toml **ret_first, struct err *err)
{
	const struct toml *array;
	int r = toml_find_kind(table, key, TOML_ARRAY, &array, err);

	if (r < 0 || !array)
		return r;
	for (const struct toml *item = array->first; item; item = item->next)
		if (item->kind != kind)
			return err_set(err, ERR_USAGE, EINVAL,
				       "line %u: an item of '%.64s' must be %s, not %s",
				       item->line, key, kind_names[kind], kind_names[item->kind]);
	*ret_first = array->first;
	return 0;
}
