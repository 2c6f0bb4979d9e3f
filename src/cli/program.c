/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way of a call: protect ourselves, parse the options before the verb, find the verb, parse its
 * own, call it, and report what went wrong. What differs between programs is in struct program.
 */
#include "cli/program.h"

#include "base/log.h"
#include "sys/selfexe.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define INPUT_MAX_BYTES ((size_t)4 << 20)

/* ------------------------------------------------------------------------------- words */

const struct verb *program_find_verb(const struct program *program, const char *name)
{
	for (size_t i = 0; i < program->n_verbs; i++)
		if (strcmp(program->verbs[i]->command.name, name) == 0)
			return program->verbs[i];
	return NULL;
}

struct opt_program program_describe(const struct program *program, struct arena *arena)
{
	const struct opt_command **commands = arena_array(arena, const struct opt_command *,
							  program->n_verbs);

	for (size_t i = 0; i < program->n_verbs; i++)
		commands[i] = &program->verbs[i]->command;
	return (struct opt_program){ program->global, commands, program->n_verbs,
				     program->lister };
}

bool call_names_container(const struct call *call)
{
	return strncmp(call->verb->command.operands, "CONTAINER", 9) == 0 && call->operands[0];
}

int print_buf(const struct buf *text, struct err *err)
{
	return buf_write_fd(text, STDOUT_FILENO, "standard output", err);
}

int read_input(const char *path, struct buf *ret_text, struct err *err)
{
	auto_close int fd = -1;

	if (strcmp(path, "-") == 0)
		return buf_read_fd(ret_text, STDIN_FILENO, INPUT_MAX_BYTES, "standard input", err);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, errno, "open '%s'", path);
	return buf_read_fd(ret_text, fd, INPUT_MAX_BYTES, path, err);
}

static int print_overview(const struct program *program, struct arena *arena, struct err *err)
{
	struct opt_program described = program_describe(program, arena);
	auto_buf struct buf out = {};

	opt_format_overview(&described, &out);
	return print_buf(&out, err);
}

/* What is said before the verb: the program, and the group. */
static const char *words_before(const struct call *call)
{
	const char *program = call->program->global->name;

	return call->group ? arena_printf(call->arena, "%s %s", program,
					  call->group->command.name)
			   : program;
}

static int print_verb_help(const struct call *call, struct err *err)
{
	auto_buf struct buf out = {};

	opt_format_help(words_before(call), &call->verb->command, &out);
	if (call->verb->n_subverbs)
		buf_puts(&out, "\nCommands:\n");
	for (size_t i = 0; i < call->verb->n_subverbs; i++)
		buf_printf(&out, "  %-11s %s\n", call->verb->subverbs[i].name,
			   call->verb->subverbs[i].verb->command.summary);
	return print_buf(&out, err);
}

/* ------------------------------------------------------------------------------- failures */

void call_hint(const struct call *call, const struct err *err)
{
	if (err->hint[0])
		log_hint("%s", err->hint);
	else
		call->program->hint(call, err);
}

static int report_failure(const struct call *call, struct err *err)
{
	const char *verb = call->verb->command.name;

	if (call_names_container(call))
		(void)err_wrap(err, "%s %s", verb, call->operands[0]);
	else
		(void)err_wrap(err, "%s", verb);
	log_error("%s", err->msg);
	call_hint(call, err);
	return call->program->status(call, err);
}

static int report_usage(const struct call *call, const struct err *err)
{
	const char *before = words_before(call);

	if (call->verb) {
		log_error("%s: %s", call->verb->command.name, err->msg);
		log_hint("'%s %s --help' shows what there is", before, call->verb->command.name);
	} else {
		log_error("%s", err->msg);
		log_hint("'%s --help' shows what there is", before);
	}
	return call->program->usage_status;
}

/* ------------------------------------------------------------------------------- the way */

/* From a group to the one of its verbs that the first operand names. */
static int enter_group(struct call *call, struct err *err)
{
	const struct verb *group = call->verb;

	for (size_t i = 0; i < group->n_subverbs; i++)
		if (strcmp(group->subverbs[i].name, call->operands[0]) == 0) {
			call->verb = group->subverbs[i].verb;
			call->group = group;
			call->operands++;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "unknown command '%s'", call->operands[0]);
}

/* Parsing sorts options from operands in place. */
static char **copy_words(const struct call *call)
{
	size_t n = 0;
	char **words;

	while (call->operands[n])
		n++;
	words = arena_array(call->arena, char *, n + 1);
	memcpy(words, call->operands, n * sizeof(*words));
	return words;
}

static int parse_verb(struct call *call, struct err *err)
{
	const struct verb *verb = call->verb;
	void *args = arena_alloc(call->arena, verb->args_size ? verb->args_size : 1);
	int r;

	call->words = copy_words(call);
	r = opt_parse(&verb->command, args, call->operands, call->arena, err);
	call->args = args;
	if (r != 0 || !verb->n_subverbs)
		return r;
	r = enter_group(call, err);
	return r < 0 ? r : parse_verb(call, err);
}

static int run_verb(struct call *call, struct err *err)
{
	int r = parse_verb(call, err);
	const struct verb *verb = call->verb;

	if (r == OPT_HELP)
		return print_verb_help(call, err);
	if (r < 0)
		return report_usage(call, err);
	if (!(verb->flags & VERB_STATELESS))
		r = call->program->prepare(call, err);
	if (r == 0)
		r = verb->run(call, err);
	return r < 0 ? report_failure(call, err) : r;
}

static int find_verb(struct call *call, char **words, struct err *err)
{
	if (!words[0])
		return err_set(err, ERR_USAGE, EINVAL, "COMMAND is missing");
	call->verb = program_find_verb(call->program, words[0]);
	if (!call->verb)
		return err_set(err, ERR_USAGE, EINVAL, "unknown command '%s'", words[0]);
	call->operands = words + 1;
	return 0;
}

static int run_words(struct call *call, char **words, struct err *err)
{
	const struct program *program = call->program;
	void *globals = arena_alloc(call->arena, program->globals_size);
	int r = opt_parse(program->global, globals, words, call->arena, err);

	if (r == OPT_HELP)
		return print_overview(program, call->arena, err);
	if (r < 0)
		return report_usage(call, err);
	call->globals = globals;
	r = program->begin(call, err);
	if (r != 0)
		return r < 0 ? r : 0;
	if (find_verb(call, words, err) < 0)
		return report_usage(call, err);
	return run_verb(call, err);
}

/* ------------------------------------------------------------------------------- main */

/* A standard descriptor that is closed would be taken by the next file that we open; our messages
 * would be written to it, and the container would have it. */
static void open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd);
}

/*
 * A container must not reach our executable. Where the kernel can't exchange it in a process that
 * enters, we are executed once more, from a mount that nobody can write through. Who has no right
 * to make that mount is no stronger than what he starts.
 */
static int protect_executable(char **argv, struct err *err)
{
	int r = selfexe_execute_again(argv);

	return r < 0 && r != -EPERM ? err_sys(err, -r, "take our own executable out of reach") : 0;
}

int program_main(const struct program *program, int argc, char **argv)
{
	auto_arena struct arena arena = {};
	struct call call = { .program = program, .arena = &arena };
	struct err err = {};
	int r;

	if (fcntl(STDIN_FILENO, F_GETFD) < 0 || fcntl(STDOUT_FILENO, F_GETFD) < 0 ||
	    fcntl(STDERR_FILENO, F_GETFD) < 0)
		open_standard();
	/* Whoever ignores it has the kernel reap our children before we can ask how they ended. */
	(void)signal(SIGCHLD, SIG_DFL);
	log_init(program->global->name);
	r = protect_executable(argv, &err);
	if (r == 0)
		r = run_words(&call, argv + (argc > 0), &err);
	if (r < 0) {
		log_error("%s", err.msg);
		return program->usage_status;
	}
	return r;
}
