/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chosen once for a container's life, and read again only when a person asks.
 */
#include "engine/log_attrs.h"

#include "base/utf8.h"
#include "oci/json_text.h"
#include "oci/list.h"
#include "oci/schema.h"

#include <ctype.h>
#include <string.h>

#define MAX_BYTES ((size_t)128 << 10)

struct attrs {
	struct oci_pairs pairs;
};

static const struct schema_field attrs_fields[] = {
	{ "attrs", SCHEMA_PAIRS, .offset = offsetof(struct attrs, pairs) },
};
static const struct schema attrs_schema = SCHEMA(struct attrs, attrs_fields);

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct oci_pair *)a)->key, ((const struct oci_pair *)b)->key);
}

static void sort(struct oci_pairs *pairs)
{
	if (pairs->n)
		qsort(pairs->v, pairs->n, sizeof(*pairs->v), compare);
}

/* ------------------------------------------------------------------------------- choosing */

static char *find_label(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->labels.n; i++)
		if (strcmp(config->labels.v[i].key, name) == 0)
			return config->labels.v[i].value;
	return NULL;
}

static char *find_env(const struct config *config, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < config->env.n; i++)
		if (strncmp(config->env.v[i], name, len) == 0 && config->env.v[i][len] == '=')
			return config->env.v[i] + len + 1;
	return NULL;
}

/* A variable prevails over a label of its name. */
static void set(struct oci_pairs *pairs, struct arena *arena, char *name, char *value)
{
	for (size_t i = 0; i < pairs->n; i++)
		if (strcmp(pairs->v[i].key, name) == 0) {
			pairs->v[i].value = value;
			return;
		}
	*list_add(pairs, arena) = (struct oci_pair){ name, value };
}

static void choose(const struct config *config, struct arena *arena, struct oci_pairs *pairs)
{
	const struct {
		const struct oci_strings *names;
		char *(*find)(const struct config *config, const char *name);
	} kinds[] = { { &config->log_labels, find_label }, { &config->log_env, find_env } };

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (size_t i = 0; i < kinds[k].names->n; i++) {
			char *name = kinds[k].names->v[i], *value = kinds[k].find(config, name);

			if (value)
				set(pairs, arena, name, value);
		}
}

static void add_quoted(struct buf *out, const char *text)
{
	auto_buf struct buf valid = {};

	utf8_add_valid(&valid, text);
	json_text_quote(out, buf_str(&valid));
}

void log_attrs_format(const struct config *config, struct buf *out)
{
	auto_arena struct arena arena = {};
	struct oci_pairs pairs = {};
	char mark = '{';

	choose(config, &arena, &pairs);
	sort(&pairs);
	for (size_t i = 0; i < pairs.n; i++) {
		auto_buf struct buf member = {};

		add_quoted(&member, pairs.v[i].key);
		buf_add(&member, ":", 1);
		add_quoted(&member, pairs.v[i].value);
		if (out->len + member.len > MAX_BYTES)
			continue;
		buf_add(out, &mark, 1);
		buf_add(out, member.data, member.len);
		mark = ',';
	}
	if (out->len)
		buf_add(out, "}", 1);
}

/* ------------------------------------------------------------------------------- showing */

static void add_escaped(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++)
		if (isalnum((unsigned char)*p) || strchr("-_.~", *p))
			buf_add(out, p, 1);
		else if (*p == ' ')
			buf_add(out, "+", 1);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*p);
}

int log_attrs_show(const char *object, size_t len, struct buf *out)
{
	auto_arena struct arena arena = {};
	auto_buf struct buf text = {};
	struct attrs *attrs = NULL;
	struct err ignored;

	buf_puts(&text, "{\"attrs\":");
	buf_add(&text, object, len);
	buf_puts(&text, "}");
	if (schema_parse(&attrs_schema, buf_str(&text), text.len, &arena, (void **)&attrs,
			 &ignored) < 0)
		return -EINVAL;
	sort(&attrs->pairs);
	for (size_t i = 0; i < attrs->pairs.n; i++) {
		buf_puts(out, i ? "," : "");
		add_escaped(out, attrs->pairs.v[i].key);
		buf_add(out, "=", 1);
		add_escaped(out, attrs->pairs.v[i].value);
	}
	return 0;
}
