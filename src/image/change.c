/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function for each instruction, and one reader of words: parted by blanks, with quotes,
 * backslashes and variables as Containerfiles have them. Variables are those from before the
 * instruction, so words are read before anything is set.
 */
#include "image/change.h"

#include "base/buf.h"
#include "base/num.h"
#include "sys/signals.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define BLANKS    " \t\r\n"
#define MAX_PORTS 65535
#define MAX_TEXT  ((size_t)64 << 10)

struct change {
	struct image_process *process;
	struct arena *arena;
	const char *rest; /* what follows the instruction's name, without blanks around it */
	bool has_cmd;     /* CMD was one of the instructions */
};

/* ------------------------------------------------------------------------------- words */

static const char *find_variable(const struct change *change, const char *name, size_t len)
{
	const struct oci_strings *env = &change->process->env;

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, len) == 0 && env->v[i][len] == '=')
			return env->v[i] + len + 1;
	return "";
}

static size_t name_len(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || text[len] == '_')
		len++;
	return len;
}

/* *at is behind the '$'. One that begins no variable stands for itself. */
static int expand(const struct change *change, const char **at, struct buf *out, struct err *err)
{
	bool in_braces = **at == '{';
	const char *name = *at + in_braces;
	size_t len = name_len(name);

	if (in_braces && (len == 0 || name[len] != '}'))
		return err_set(err, ERR_USAGE, EINVAL,
			       "'${%.64s': of variables $NAME and ${NAME} alone are known", name);
	if (len == 0)
		buf_puts(out, "$");
	else
		buf_puts(out, find_variable(change, name, len));
	*at = name + len + in_braces;
	return 0;
}

/* A backslash before *at; between double quotes it means something to few characters. */
static void escape(const char **at, bool in_quotes, struct buf *out)
{
	if (!**at || (in_quotes && !strchr("\"$\\", **at)))
		buf_puts(out, "\\");
	if (**at)
		buf_add(out, (*at)++, 1);
}

/* Read on from *at, to the next blank outside of quotes or, with `all`, to the end. */
static int read_word(const struct change *change, const char **at, bool all, struct buf *out,
		     struct err *err)
{
	char quote = 0;

	while (**at && (quote || all || !strchr(BLANKS, **at))) {
		char c = *(*at)++;
		int r = 0;

		if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
		else if (quote == '\'')
			buf_add(out, &c, 1);
		else if (c == '\\')
			escape(at, quote, out);
		else if (c == '$')
			r = expand(change, at, out, err);
		else
			buf_add(out, &c, 1);
		if (r < 0)
			return r;
	}
	return quote ? err_set(err, ERR_USAGE, EINVAL, "a %c is not closed", quote) : 0;
}

static int take_word(const struct change *change, const char **at, bool all, char **ret,
		     struct err *err)
{
	auto_buf struct buf word = {};
	int r = read_word(change, at, all, &word, err);

	*ret = arena_strndup(change->arena, buf_str(&word), word.len);
	return r;
}

static int read_words(const struct change *change, struct oci_strings *ret, struct err *err)
{
	const char *at = change->rest;
	int r = 0;

	*ret = (struct oci_strings){ arena_array(change->arena, char *, strlen(at) + 2), 0 };
	for (; r == 0 && *at; at += strspn(at, BLANKS))
		r = take_word(change, &at, false, &ret->v[ret->n++], err);
	return r;
}

/* All of it as one word. */
static int read_rest(const struct change *change, char **ret, struct err *err)
{
	const char *at = change->rest;

	return take_word(change, &at, true, ret, err);
}

/* ["one", "two"]: 1. What is not wholly so is something else, as docker has it: 0. */
static int read_array(const struct change *change, struct oci_strings *ret)
{
	struct document {
		struct oci_strings words;
	};
	static const struct schema_field fields[] = { { "words", SCHEMA_STRINGS } };
	static const struct schema schema = SCHEMA(struct document, fields);
	auto_buf struct buf json = {};
	void *document = NULL;
	struct err ignored;

	if (change->rest[0] != '[')
		return 0;
	buf_printf(&json, "{\"words\":%s}", change->rest);
	if (schema_parse(&schema, json.data, json.len, change->arena, &document, &ignored) < 0)
		return 0;
	*ret = ((struct document *)document)->words;
	return 1;
}

/* ------------------------------------------------------------------------------- lists */

/* A copy with room for so many more. */
static void make_room(struct oci_strings *list, size_t more, struct arena *arena)
{
	char **wide = arena_array(arena, char *, list->n + more + 1);

	if (list->n)
		memcpy(wide, list->v, list->n * sizeof(*wide));
	list->v = wide;
}

static void add_once(struct oci_strings *list, char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], text) == 0)
			return;
	list->v[list->n++] = text;
}

static void set_variable(struct oci_strings *env, const char *key, const char *value,
			 struct arena *arena)
{
	char *line = arena_printf(arena, "%s=%s", key, value);
	size_t len = strlen(key) + 1;

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], line, len) == 0) {
			env->v[i] = line;
			return;
		}
	env->v[env->n++] = line;
}

static void set_label(struct oci_pairs *labels, char *key, char *value)
{
	for (size_t i = 0; i < labels->n; i++)
		if (strcmp(labels->v[i].key, key) == 0) {
			labels->v[i].value = value;
			return;
		}
	labels->v[labels->n++] = (struct oci_pair){ key, value };
}

/* NAME=VALUE ..., or NAME VALUE, where the value is all that follows. */
static int read_pairs(const struct change *change, struct oci_pairs *ret, struct err *err)
{
	struct oci_strings words = {};
	size_t first = strcspn(change->rest, "=" BLANKS);
	const char *value = change->rest + first;
	int r;

	if (*value && *value != '=') {
		value += strspn(value, BLANKS);
		*ret = (struct oci_pairs){ arena_new(change->arena, struct oci_pair), 1 };
		ret->v[0].key = arena_strndup(change->arena, change->rest, first);
		return take_word(change, &value, true, &ret->v[0].value, err);
	}
	r = read_words(change, &words, err);
	ret->v = arena_array(change->arena, struct oci_pair, words.n + 1);
	for (size_t i = 0; r == 0 && i < words.n; i++) {
		char *equals = strchr(words.v[i], '=');

		if (!equals || equals == words.v[i])
			return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no NAME=VALUE",
				       words.v[i]);
		*equals = '\0';
		ret->v[ret->n++] = (struct oci_pair){ words.v[i], equals + 1 };
	}
	return r;
}

/* ------------------------------------------------------------------------------- instructions */

/* An array is taken as it is; any other text is a shell's. */
static void read_command(const struct change *change, struct oci_strings *ret)
{
	if (read_array(change, ret))
		return;
	*ret = change->process->shell;
	make_room(ret, 3, change->arena);
	if (ret->n == 0) {
		ret->v[ret->n++] = arena_strdup(change->arena, "/bin/sh");
		ret->v[ret->n++] = arena_strdup(change->arena, "-c");
	}
	ret->v[ret->n++] = arena_strdup(change->arena, change->rest);
}

static int change_cmd(struct change *change, struct err *err)
{
	(void)err;
	change->has_cmd = true;
	read_command(change, &change->process->cmd);
	return 0;
}

/* Arguments that were for another program go with it. */
static int change_entrypoint(struct change *change, struct err *err)
{
	(void)err;
	if (!change->has_cmd)
		change->process->cmd = (struct oci_strings){};
	read_command(change, &change->process->entrypoint);
	return 0;
}

static int change_env(struct change *change, struct err *err)
{
	struct oci_strings *env = &change->process->env;
	struct oci_pairs pairs = {};
	int r = read_pairs(change, &pairs, err);

	make_room(env, pairs.n, change->arena);
	for (size_t i = 0; r == 0 && i < pairs.n; i++)
		set_variable(env, pairs.v[i].key, pairs.v[i].value, change->arena);
	return r;
}

static int change_label(struct change *change, struct err *err)
{
	struct oci_pairs *labels = &change->process->labels, pairs = {}, wide = {};
	int r = read_pairs(change, &pairs, err);

	wide.v = arena_array(change->arena, struct oci_pair, labels->n + pairs.n + 1);
	for (size_t i = 0; i < labels->n; i++)
		wide.v[wide.n++] = labels->v[i];
	for (size_t i = 0; r == 0 && i < pairs.n; i++)
		set_label(&wide, pairs.v[i].key, pairs.v[i].value);
	*labels = wide;
	return r;
}

/* PORT[-PORT][/PROTOCOL] */
static int read_ports(const struct change *change, const char *word, uint32_t ret[2],
		      const char **ret_protocol, struct err *err)
{
	size_t len = strcspn(word, "/"), first = strcspn(word, "-/");
	const char *low = arena_strndup(change->arena, word, first);
	const char *high = first < len ? arena_strndup(change->arena, word + first + 1,
						       len - first - 1)
				       : low;

	*ret_protocol = word[len] ? word + len + 1 : "tcp";
	if (num_parse_u32(low, &ret[0]) < 0 || num_parse_u32(high, &ret[1]) < 0 || ret[0] == 0 ||
	    ret[0] > ret[1] || ret[1] > MAX_PORTS)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is no port", word);
	if (strcasecmp(*ret_protocol, "tcp") != 0 && strcasecmp(*ret_protocol, "udp") != 0 &&
	    strcasecmp(*ret_protocol, "sctp") != 0)
		return err_set(err, ERR_USAGE, EINVAL, "'%.64s' is neither tcp, udp nor sctp",
			       *ret_protocol);
	return 0;
}

static int expose(struct change *change, const char *word, struct err *err)
{
	struct oci_strings *ports = &change->process->exposed_ports;
	const char *protocol = NULL;
	uint32_t range[2];
	int r = read_ports(change, word, range, &protocol, err);

	if (r < 0)
		return r;
	make_room(ports, range[1] - range[0] + 1, change->arena);
	for (uint32_t port = range[0]; port <= range[1]; port++) {
		char *text = arena_printf(change->arena, "%u/%s", port, protocol);

		for (char *c = text; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		add_once(ports, text);
	}
	return 0;
}

static int change_expose(struct change *change, struct err *err)
{
	struct oci_strings words = {};
	int r = read_words(change, &words, err);

	for (size_t i = 0; r == 0 && i < words.n; i++)
		r = expose(change, words.v[i], err);
	return r;
}

static int change_on_build(struct change *change, struct err *err)
{
	static const char *const refused[] = { "ONBUILD", "FROM", "MAINTAINER" };
	size_t len = strcspn(change->rest, BLANKS);
	struct oci_strings *list = &change->process->on_build;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		if (len == strlen(refused[i]) && strncasecmp(change->rest, refused[i], len) == 0)
			return err_set(err, ERR_USAGE, EINVAL, "%s can't be left to a build",
				       refused[i]);
	make_room(list, 1, change->arena);
	list->v[list->n++] = arena_strdup(change->arena, change->rest);
	return 0;
}

static int change_stop_signal(struct change *change, struct err *err)
{
	char *word = NULL;
	int r = read_rest(change, &word, err);

	if (r == 0 && signals_parse(word) <= 0)
		return err_set(err, ERR_USAGE, EINVAL, "there is no signal '%.64s'", word);
	if (r == 0)
		change->process->stop_signal = word;
	return r;
}

static int change_user(struct change *change, struct err *err)
{
	return read_rest(change, &change->process->user, err);
}

static int change_volume(struct change *change, struct err *err)
{
	struct oci_strings *volumes = &change->process->volumes, words = {};
	int r = read_array(change, &words) ? 0 : read_words(change, &words, err);

	make_room(volumes, words.n, change->arena);
	for (size_t i = 0; r == 0 && i < words.n; i++) {
		if (!*words.v[i])
			return err_set(err, ERR_USAGE, EINVAL, "a path is empty");
		add_once(volumes, words.v[i]);
	}
	return r;
}

/* One that is not absolute goes on from where it was. */
static int change_workdir(struct change *change, struct err *err)
{
	const char *old = change->process->working_dir ? change->process->working_dir : "";
	char *word = NULL;
	int r = read_rest(change, &word, err);

	if (r < 0)
		return r;
	if (word[0] != '/')
		word = arena_printf(change->arena, "%s%s%s", *old ? old : "/",
				    *old && old[strlen(old) - 1] != '/' ? "/" : "", word);
	change->process->working_dir = word;
	return 0;
}

/* ------------------------------------------------------------------------------- all of them */

static const struct {
	const char *name;
	int (*apply)(struct change *change, struct err *err);
} instructions[] = {
	{ "CMD", change_cmd },
	{ "ENTRYPOINT", change_entrypoint },
	{ "ENV", change_env },
	{ "EXPOSE", change_expose },
	{ "LABEL", change_label },
	{ "ONBUILD", change_on_build },
	{ "STOPSIGNAL", change_stop_signal },
	{ "USER", change_user },
	{ "VOLUME", change_volume },
	{ "WORKDIR", change_workdir },
};

/* Without blanks around it. */
static const char *trim(const char *text, struct arena *arena)
{
	size_t len;

	text += strspn(text, BLANKS);
	len = strlen(text);
	while (len > 0 && strchr(BLANKS, text[len - 1]))
		len--;
	return arena_strndup(arena, text, len);
}

static int apply(struct change *change, const char *text, struct err *err)
{
	const char *line = trim(text, change->arena);
	size_t len = strcspn(line, "=" BLANKS);

	if (strlen(line) > MAX_TEXT)
		return err_set(err, ERR_USAGE, E2BIG, "more than %zu bytes", MAX_TEXT);
	for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++) {
		int r;

		if (len != strlen(instructions[i].name) ||
		    strncasecmp(line, instructions[i].name, len) != 0)
			continue;
		change->rest = trim(line + len + (line[len] == '='), change->arena);
		if (!*change->rest)
			return err_set(err, ERR_USAGE, EINVAL, "nothing follows %s",
				       instructions[i].name);
		r = instructions[i].apply(change, err);
		return r < 0 ? err_wrap(err, "%s", instructions[i].name) : 0;
	}
	return err_set(err, ERR_USAGE, EINVAL, "'%.*s' is no instruction that changes an image",
		       (int)(len < 64 ? len : 64), line);
}

int image_change(struct image_process *process, const char *const *texts, size_t n,
		 struct arena *arena, struct err *err)
{
	struct change change = { .process = process, .arena = arena };

	for (size_t i = 0; i < n; i++) {
		int r = apply(&change, texts[i], err);

		if (r < 0)
			return r;
	}
	return 0;
}
