/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Help for terminals and for the man page, from tables of options. A row that stands for something
 * refused is not shown: it is there for its error message only.
 */
#include "base/opt_text.h"

#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 34

static bool is_choice(const struct opt *opt)
{
	return opt->kind == OPT_KIND_CHOICE || opt->kind == OPT_KIND_MAYBE;
}

/* "-b, --bundle DIR" */
static void format_left(const struct opt *opt, char *out, size_t cap)
{
	char letter[8] = "    ", value[64] = "";

	if (opt->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", opt->letter);
	if (opt->kind == OPT_KIND_MAYBE)
		(void)snprintf(value, sizeof(value), "[=%s]", opt->value);
	else if (opt->value[0])
		(void)snprintf(value, sizeof(value), " %s", opt->value);
	(void)snprintf(out, cap, "%s--%s%s", letter, opt->name, value);
}

static void add_options(const struct opt_command *command, struct buf *out)
{
	char left[128];

	buf_puts(out, "\nOptions:\n");
	for (size_t i = 0; i < command->n_rows; i++) {
		const struct opt *opt = &command->rows[i];

		if (opt->kind == OPT_KIND_REFUSED)
			continue;
		format_left(opt, left, sizeof(left));
		if (strlen(left) < HELP_COLUMN)
			buf_printf(out, "  %-*s %s\n", HELP_COLUMN, left, opt->help);
		else
			buf_printf(out, "  %s\n  %*s %s\n", left, HELP_COLUMN, "", opt->help);
	}
	buf_printf(out, "  %-*s %s\n", HELP_COLUMN,
		   opt_find_letter(command, 'h') ? "    --help" : "-h, --help",
		   "show this help");
}

void opt_format_help(const char *program, const struct opt_command *command, struct buf *out)
{
	buf_printf(out, "Usage: %s %s [OPTION]...%s%s\n\n%s.\n", program, command->name,
		   command->operands[0] ? " " : "", command->operands, command->summary);
	add_options(command, out);
}

void opt_format_overview(const struct opt_program *program, struct buf *out)
{
	const struct opt_command *global = program->global;

	buf_printf(out, "Usage: %s [OPTION]... COMMAND [ARGUMENT]...\n\n%s.\n\nCommands:\n",
		   global->name, global->summary);
	for (size_t i = 0; i < program->n_verbs; i++)
		buf_printf(out, "  %-11s %s\n", program->verbs[i]->name,
			   program->verbs[i]->summary);
	add_options(global, out);
	buf_printf(out, "\n'%s COMMAND --help' shows what a command takes.\n", global->name);
}

/* ------------------------------------------------------------------------------- man page */

/* scdoc gives a meaning to these. */
static void add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\*_<>#[]|", *text))
			buf_puts(out, "\\");
		buf_add(out, text, 1);
	}
}

static void add_scdoc_value(const struct opt *opt, struct buf *out)
{
	if (!opt->value[0])
		return;
	buf_puts(out, opt->kind == OPT_KIND_MAYBE ? "[=" : " ");
	if (is_choice(opt)) {
		add_escaped(out, opt->value);
	} else {
		buf_puts(out, "_");
		add_escaped(out, opt->value);
		buf_puts(out, "_");
	}
	buf_puts(out, opt->kind == OPT_KIND_MAYBE ? "]" : "");
}

static void add_scdoc_options(const struct opt_command *command, struct buf *out)
{
	for (size_t i = 0; i < command->n_rows; i++) {
		const struct opt *opt = &command->rows[i];

		if (opt->kind == OPT_KIND_REFUSED)
			continue;
		if (opt->letter)
			buf_printf(out, "*-%c*, ", opt->letter);
		buf_printf(out, "*--%s*", opt->name);
		add_scdoc_value(opt, out);
		buf_puts(out, "\n\t");
		add_escaped(out, opt->help);
		buf_puts(out, ".\n\n");
	}
}

void opt_format_scdoc(const struct opt_program *program, struct buf *out)
{
	buf_puts(out, "# OPTIONS\n\nThese stand before the command.\n\n");
	add_scdoc_options(program->global, out);
	buf_puts(out, "# COMMANDS\n\n");
	for (size_t i = 0; i < program->n_verbs; i++) {
		const struct opt_command *verb = program->verbs[i];

		/* In a heading scdoc takes everything for text. */
		buf_printf(out, "## %s%s%s%s\n\n", verb->name,
			   verb->n_rows ? " [OPTION]..." : "", verb->operands[0] ? " " : "",
			   verb->operands);
		add_escaped(out, verb->summary);
		buf_puts(out, ".\n\n");
		add_scdoc_options(verb, out);
	}
}
