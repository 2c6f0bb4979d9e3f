/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser of command lines. It walks argv once; operands are moved to its front as they are met,
 * so that they need no memory of their own. A row is stored by one function per kind of option.
 */
#include "base/opt.h"
#include "base/num.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct walk {
	const struct opt_command *command;
	void *fields;
	char **next; /* the words that were not looked at yet */
	size_t n_words;
	struct arena *arena;
	struct err *err;
};

__attribute__((format(printf, 3, 4))) static int refuse(struct walk *walk, const struct opt *opt,
							const char *fmt, ...)
{
	char msg[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	return err_set(walk->err, ERR_USAGE, EINVAL, "--%s: %s", opt->name, msg);
}

/* Which of "one|two|three" `word` is, from 1; 0: none of them. */
static int word_index(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (int i = 1;; i++) {
		const char *end = strchrnul(words, '|');

		if ((size_t)(end - words) == len && memcmp(words, word, len) == 0)
			return i;
		if (!*end)
			return 0;
		words = end + 1;
	}
}

static int parse_bool(const char *word, bool *ret)
{
	if (strcasecmp(word, "true") == 0 || strcmp(word, "1") == 0)
		*ret = true;
	else if (strcasecmp(word, "false") == 0 || strcmp(word, "0") == 0)
		*ret = false;
	else
		return -EINVAL;
	return 0;
}

static void add_string(struct walk *walk, struct opt_strings *list, const char *value)
{
	/* No list is longer than the command line. */
	if (!list->v)
		list->v = arena_array(walk->arena, const char *, walk->n_words + 1);
	list->v[list->n++] = value;
}

static int store_number(struct walk *walk, const struct opt *opt, struct opt_i64 *field,
			const char *value)
{
	bool size = opt->kind == OPT_KIND_SIZE;

	if ((size ? num_parse_size : num_parse_i64)(value, &field->value) < 0)
		return refuse(walk, opt, "'%s' is not a %s", value, size ? "size" : "number");
	field->is_set = true;
	return 0;
}

/* `value` is NULL only where the kind can do without. */
static int store(struct walk *walk, const struct opt *opt, const char *value)
{
	void *field = (char *)walk->fields + opt->offset;

	switch ((enum opt_kind)opt->kind) {
	case OPT_KIND_FLAG:
		if (parse_bool(value ? value : "true", field) < 0)
			return refuse(walk, opt, "'%s' is neither true nor false", value);
		return 0;
	case OPT_KIND_STRING:
		*(const char **)field = value;
		return 0;
	case OPT_KIND_STRINGS:
		add_string(walk, field, value);
		return 0;
	case OPT_KIND_U32:
		if (num_parse_u32(value, field) < 0)
			return refuse(walk, opt, "'%s' is not a number", value);
		return 0;
	case OPT_KIND_I64:
	case OPT_KIND_SIZE:
		return store_number(walk, opt, field, value);
	case OPT_KIND_CHOICE:
	case OPT_KIND_MAYBE:
		*(int *)field = value ? word_index(opt->value, value) : 1;
		if (*(int *)field == 0)
			return refuse(walk, opt, "'%s' is not one of %s", value, opt->value);
		return 0;
	case OPT_KIND_REFUSED:
		break;
	}
	return refuse(walk, opt, "%s", opt->help);
}

/* The value of an option that brought none with it: the next word, where the kind wants one. */
static int take_value(struct walk *walk, const struct opt *opt, const char **ret_value)
{
	*ret_value = NULL;
	if (opt->kind == OPT_KIND_FLAG || opt->kind == OPT_KIND_REFUSED)
		return 0;
	if (opt->kind == OPT_KIND_MAYBE) {
		if (*walk->next && word_index(opt->value, *walk->next))
			*ret_value = *walk->next++;
		return 0;
	}
	if (!*walk->next)
		return refuse(walk, opt, "%s is missing", opt->value);
	*ret_value = *walk->next++;
	return 0;
}

static const struct opt *find_name(const struct opt_command *command, const char *name, size_t len)
{
	for (size_t i = 0; i < command->n_rows; i++)
		if (strlen(command->rows[i].name) == len &&
		    memcmp(command->rows[i].name, name, len) == 0)
			return &command->rows[i];
	return NULL;
}

const struct opt *opt_find_letter(const struct opt_command *command, char letter)
{
	for (size_t i = 0; i < command->n_rows; i++)
		if (command->rows[i].letter == letter)
			return &command->rows[i];
	return NULL;
}

/* "name" or "name=value" */
static int parse_name(struct walk *walk, const char *word)
{
	const char *value = NULL, *equals = strchrnul(word, '=');
	const struct opt *opt = find_name(walk->command, word, (size_t)(equals - word));
	int r;

	if (!opt && strcmp(word, "help") == 0)
		return OPT_HELP;
	if (!opt)
		return err_set(walk->err, ERR_USAGE, EINVAL, "unknown option '--%.*s'",
			       (int)(equals - word), word);
	if (*equals)
		return store(walk, opt, equals + 1);
	r = take_value(walk, opt, &value);
	if (r < 0)
		return r;
	return store(walk, opt, value);
}

/* "abc", "xvalue", "x=value" */
static int parse_letters(struct walk *walk, const char *letters)
{
	for (; *letters; letters++) {
		const struct opt *opt = opt_find_letter(walk->command, *letters);
		const char *value = NULL;
		int r;

		if (!opt && *letters == 'h')
			return OPT_HELP;
		if (!opt)
			return err_set(walk->err, ERR_USAGE, EINVAL, "unknown option '-%c'",
				       *letters);
		if (letters[1] == '=')
			return store(walk, opt, letters + 2);
		if (opt->kind != OPT_KIND_FLAG && letters[1])
			return store(walk, opt, letters + 1);
		r = take_value(walk, opt, &value);
		if (r < 0)
			return r;
		r = store(walk, opt, value);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The nth word of "CONTAINER [SIGNAL]", without its brackets. */
static int operand_missing(struct walk *walk, size_t n)
{
	const char *word = walk->command->operands;

	while (n--)
		word += strcspn(word, " ") + 1;
	return err_set(walk->err, ERR_USAGE, EINVAL, "%.*s is missing", (int)strcspn(word, " "),
		       word);
}

static int check_operands(struct walk *walk, char **operands, size_t n)
{
	if (n < walk->command->min_operands)
		return operand_missing(walk, n);
	if (walk->command->max_operands != OPT_OPERANDS_ANY && n > walk->command->max_operands)
		return err_set(walk->err, ERR_USAGE, EINVAL, "unexpected '%s'",
			       operands[walk->command->max_operands]);
	return 0;
}

int opt_parse(const struct opt_command *command, void *fields, char **argv, struct arena *arena,
	      struct err *err)
{
	struct walk walk = { command, fields, argv, 0, arena, err };
	char **operand = argv;
	int r = 0;

	while (argv[walk.n_words])
		walk.n_words++;
	while (*walk.next && r == 0) {
		char *word = *walk.next;

		if (word[0] != '-' || !word[1]) {
			if (command->in_order)
				break;
			*operand++ = word;
			walk.next++;
			continue;
		}
		walk.next++;
		if (strcmp(word, "--") == 0)
			break;
		r = word[1] == '-' ? parse_name(&walk, word + 2) : parse_letters(&walk, word + 1);
	}
	if (r != 0)
		return r;
	while (*walk.next)
		*operand++ = *walk.next++;
	*operand = NULL;
	return check_operands(&walk, argv, (size_t)(operand - argv));
}
