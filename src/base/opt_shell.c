/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completion scripts from tables of options, one writer per shell. Whatever is text stands
 * between single quotes, which bash and zsh end, escape and begin again, and fish escapes.
 */
#include "base/opt_text.h"

#include <string.h>

/* The program's name as an identifier: "tare-oci" is "tare_oci". */
static void add_identifier(struct buf *out, const char *name)
{
	for (; *name; name++)
		buf_add(out, *name == '-' ? "_" : name, 1);
}

/* How an option's value is completed. */
static bool takes_words(const struct opt *opt)
{
	return opt->kind == OPT_KIND_CHOICE || opt->kind == OPT_KIND_MAYBE;
}

static bool takes_file(const struct opt *opt)
{
	return strcmp(opt->value, "FILE") == 0 || strcmp(opt->value, "SOCKET") == 0;
}

static bool takes_dir(const struct opt *opt)
{
	return strcmp(opt->value, "DIR") == 0;
}

/* "text|json" with another separator */
static void add_words(struct buf *out, const char *words, const char *separator)
{
	for (; *words; words++) {
		if (*words == '|')
			buf_puts(out, separator);
		else
			buf_add(out, words, 1);
	}
}

static bool takes_container(const struct opt_command *verb)
{
	const char *first = verb->operands + (verb->operands[0] == '[');

	return strncmp(first, "CONTAINER", 9) == 0 &&
	       strcmp(verb->name, "create") != 0 && strcmp(verb->name, "run") != 0;
}

/* Whether the first operand is one of some words: "add|remove CONTAINER". */
static bool operand_is_choice(const struct opt_command *verb)
{
	size_t len = strcspn(verb->operands, " ");

	return verb->words || memchr(verb->operands, '|', len) != NULL;
}

static void add_operand_words(struct buf *out, const struct opt_command *verb)
{
	char words[sizeof(verb->operands)] = "";

	memcpy(words, verb->operands, strcspn(verb->operands, " "));
	add_words(out, verb->words ? verb->words : words, " ");
}

/* ------------------------------------------------------------------------------- bash */

static void bash_add_values(struct buf *out, const char *scope, const struct opt_command *command)
{
	for (size_t i = 0; i < command->n_rows; i++) {
		const struct opt *opt = &command->rows[i];

		if (!takes_words(opt) && !takes_file(opt) && !takes_dir(opt))
			continue;
		buf_printf(out, "\t%s:--%s", scope, opt->name);
		if (opt->letter)
			buf_printf(out, "|%s:-%c", scope, opt->letter);
		buf_puts(out, ") ");
		if (takes_words(opt)) {
			buf_puts(out, "COMPREPLY=($(compgen -W '");
			add_words(out, opt->value, " ");
			buf_puts(out, "' -- \"$cur\")); return ;;\n");
		} else {
			buf_printf(out, "COMPREPLY=($(compgen -%c -- \"$cur\")); return ;;\n",
				   takes_dir(opt) ? 'd' : 'f');
		}
	}
}

static void bash_add_names(struct buf *out, const struct opt_command *command)
{
	for (size_t i = 0; i < command->n_rows; i++)
		if (command->rows[i].kind != OPT_KIND_REFUSED)
			buf_printf(out, "--%s ", command->rows[i].name);
	buf_puts(out, "--help");
}

static void bash_add_cases(struct buf *out, const struct opt_program *program)
{
	buf_puts(out, "\tcase $verb:$prev in\n");
	bash_add_values(out, "", program->global);
	for (size_t i = 0; i < program->n_verbs; i++)
		bash_add_values(out, program->verbs[i]->name, program->verbs[i]);
	buf_puts(out, "\tesac\n\tcase $verb in\n\t'') words='");
	bash_add_names(out, program->global);
	for (size_t i = 0; i < program->n_verbs; i++)
		buf_printf(out, " %s", program->verbs[i]->name);
	buf_puts(out, "' ;;\n");
	for (size_t i = 0; i < program->n_verbs; i++) {
		buf_printf(out, "\t%s) words='", program->verbs[i]->name);
		bash_add_names(out, program->verbs[i]);
		if (operand_is_choice(program->verbs[i])) {
			buf_puts(out, " ");
			add_operand_words(out, program->verbs[i]);
		}
		buf_puts(out, "'");
		if (takes_container(program->verbs[i]))
			buf_printf(out, "; [[ $cur == -* ]] || words=$(%s %s 2>/dev/null)",
				   program->global->name, program->lister);
		buf_puts(out, " ;;\n");
	}
	buf_puts(out, "\tesac\n");
}

static void format_bash(const struct opt_program *program, struct buf *out)
{
	buf_puts(out, "_");
	add_identifier(out, program->global->name);
	buf_puts(out, "()\n{\n\tlocal verb= words= i cur=${COMP_WORDS[COMP_CWORD]}"
		      " prev=${COMP_WORDS[COMP_CWORD-1]}\n\tCOMPREPLY=()\n"
		      "\t[[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}\n"
		      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		      "\t\tcase ${COMP_WORDS[i]} in\n\t\t");
	for (size_t i = 0; i < program->n_verbs; i++)
		buf_printf(out, "%s%s", i ? "|" : "", program->verbs[i]->name);
	buf_puts(out, ") verb=${COMP_WORDS[i]}; break ;;\n\t\tesac\n\tdone\n");
	bash_add_cases(out, program);
	buf_puts(out, "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -F _");
	add_identifier(out, program->global->name);
	buf_printf(out, " %s\n", program->global->name);
}

/* ------------------------------------------------------------------------------- zsh */

/* "[text]" of an _arguments row, within single quotes: brackets and colons would end it. */
static void zsh_add_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("[]:", *text))
			buf_puts(out, "\\");
		if (*text == '\'')
			buf_puts(out, "'\\'");
		buf_add(out, text, 1);
	}
}

static void zsh_add_value(struct buf *out, const struct opt *opt)
{
	if (!opt->value[0])
		return;
	buf_puts(out, opt->kind == OPT_KIND_MAYBE ? "::" : ":");
	zsh_add_text(out, takes_words(opt) ? opt->name : opt->value);
	buf_puts(out, ":");
	if (takes_words(opt)) {
		buf_puts(out, "(");
		add_words(out, opt->value, " ");
		buf_puts(out, ")");
	} else if (takes_file(opt)) {
		buf_puts(out, "_files");
	} else if (takes_dir(opt)) {
		buf_puts(out, "_files -/");
	}
}

static void zsh_add_row(struct buf *out, const struct opt *opt, const char *spelling)
{
	buf_printf(out, " \\\n\t\t'%s%s%s[", opt->kind == OPT_KIND_STRINGS ? "*" : "", spelling,
		   opt->value[0] && spelling[1] == '-' ? "=" : "");
	zsh_add_text(out, opt->help);
	buf_puts(out, "]");
	zsh_add_value(out, opt);
	buf_puts(out, "'");
}

static void zsh_add_rows(struct buf *out, const struct opt_command *command)
{
	for (size_t i = 0; i < command->n_rows; i++) {
		const struct opt *opt = &command->rows[i];
		char letter[] = { '-', opt->letter, '\0' };
		char name[sizeof(opt->name) + 2] = "--";

		if (opt->kind == OPT_KIND_REFUSED)
			continue;
		strcat(name, opt->name);
		zsh_add_row(out, opt, name);
		if (opt->letter)
			zsh_add_row(out, opt, letter);
	}
	buf_printf(out, " \\\n\t\t'(- *)'%s'[show help]'",
		   opt_find_letter(command, 'h') ? "--help" : "{-h,--help}");
}

static void zsh_add_verb(struct buf *out, const struct opt_program *program,
			 const struct opt_command *verb)
{
	buf_printf(out, "\t%s)\n\t\t_arguments -s", verb->name);
	zsh_add_rows(out, verb);
	if (takes_container(verb))
		buf_printf(out, " \\\n\t\t'1:container:(${(f)\"$(%s %s 2>/dev/null)\"})'",
			   program->global->name, program->lister);
	if (operand_is_choice(verb)) {
		buf_puts(out, " \\\n\t\t'1:word:(");
		add_operand_words(out, verb);
		buf_puts(out, ")'");
	}
	buf_puts(out, verb->in_order ? " \\\n\t\t'*::command:_normal' ;;\n" : " ;;\n");
}

static void format_zsh(const struct opt_program *program, struct buf *out)
{
	buf_printf(out, "#compdef %s\n\nlocal curcontext=$curcontext state line\nlocal -a verbs\n"
			"verbs=(\n", program->global->name);
	for (size_t i = 0; i < program->n_verbs; i++) {
		buf_printf(out, "\t'%s:", program->verbs[i]->name);
		zsh_add_text(out, program->verbs[i]->summary);
		buf_puts(out, "'\n");
	}
	buf_puts(out, ")\n_arguments -C -s");
	zsh_add_rows(out, program->global);
	buf_puts(out, " \\\n\t\t'1: :->verb' '*:: :->rest'\n"
		      "case $state in\nverb) _describe command verbs ;;\n"
		      "rest)\n\tcase $words[1] in\n");
	for (size_t i = 0; i < program->n_verbs; i++)
		zsh_add_verb(out, program, program->verbs[i]);
	buf_puts(out, "\tesac ;;\nesac\n");
}

/* ------------------------------------------------------------------------------- fish */

static void fish_add_text(struct buf *out, const char *text)
{
	buf_puts(out, " -d '");
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_puts(out, "\\");
		buf_add(out, text, 1);
	}
	buf_puts(out, "'\n");
}

static void fish_add_row(struct buf *out, const char *program, const char *condition,
			 const struct opt *opt)
{
	if (opt->kind == OPT_KIND_REFUSED)
		return;
	buf_printf(out, "complete -c %s -n '%s' -l %s", program, condition, opt->name);
	if (opt->letter)
		buf_printf(out, " -s %c", opt->letter);
	if (opt->value[0] && opt->kind != OPT_KIND_MAYBE)
		buf_puts(out, takes_file(opt) || takes_dir(opt) ? " -rF" : " -x");
	if (takes_words(opt)) {
		buf_puts(out, " -a '");
		add_words(out, opt->value, " ");
		buf_puts(out, "'");
	}
	fish_add_text(out, opt->help);
}

static void format_fish(const struct opt_program *program, struct buf *out)
{
	const char *name = program->global->name;
	auto_buf struct buf condition = {};

	buf_printf(out, "complete -c %s -f\n", name);
	for (size_t i = 0; i < program->global->n_rows; i++)
		fish_add_row(out, name, "__fish_use_subcommand", &program->global->rows[i]);
	for (size_t i = 0; i < program->n_verbs; i++) {
		const struct opt_command *verb = program->verbs[i];

		condition.len = 0;
		buf_printf(&condition, "__fish_seen_subcommand_from %s", verb->name);
		buf_printf(out, "complete -c %s -n __fish_use_subcommand -a %s", name, verb->name);
		fish_add_text(out, verb->summary);
		for (size_t j = 0; j < verb->n_rows; j++)
			fish_add_row(out, name, buf_str(&condition), &verb->rows[j]);
		if (takes_container(verb))
			buf_printf(out, "complete -c %s -n '%s' -a '(%s %s 2>/dev/null)'\n",
				   name, buf_str(&condition), name, program->lister);
		if (operand_is_choice(verb)) {
			buf_printf(out, "complete -c %s -n '%s' -a '", name, buf_str(&condition));
			add_operand_words(out, verb);
			buf_puts(out, "'\n");
		}
	}
}

int opt_format_completion(const struct opt_program *program, const char *shell, struct buf *out,
			  struct err *err)
{
	static const struct {
		char name[8];
		void (*format)(const struct opt_program *program, struct buf *out);
	} shells[] = { { "bash", format_bash }, { "zsh", format_zsh }, { "fish", format_fish } };

	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
		if (strcmp(shells[i].name, shell) == 0) {
			shells[i].format(program, out);
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, EINVAL, "'%s' is not one of bash, zsh, fish", shell);
}
