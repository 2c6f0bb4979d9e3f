/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a parsed template. `dot` goes down as an argument; variables are a stack, which each branch
 * puts back as it found it. Every step and every byte that is made is charged to what the template
 * may take, so that no template runs for long or fills the memory.
 */
#include "template/print.h"
#include "template/tree.h"

#include <string.h>

#define STEP 64 /* what a step costs, in the bytes that it may take */

struct variable {
	const char *name;
	const struct value *value;
	struct variable *below;
};

struct evaluation {
	const struct template *template;
	struct variable *variables; /* the newest first; the last is '$' */
	size_t work;
	unsigned depth; /* of lists of nodes in others */
	bool is_head;
	struct arena *arena;
	struct buf *out;
	struct err *err;
};

/* What a list of nodes leaves undone. */
enum { WALK_ON, WALK_BREAK, WALK_CONTINUE };

static int walk(struct evaluation *e, const struct node *node, const struct value *dot);
static int take_pipe(struct evaluation *e, const struct pipe *pipe, const struct value *dot,
		     const struct value **ret);

#define refuse(e, at, ...) template_refuse((e)->template->text, at, (e)->err, __VA_ARGS__)

static int charge(struct evaluation *e, const char *at, size_t bytes)
{
	e->work += STEP + bytes;
	if (e->work > TEMPLATE_MAX_WORK)
		return refuse(e, at, "the template makes too much of too little");
	return 0;
}

static void declare(struct evaluation *e, const char *name, const struct value *value)
{
	struct variable *variable = arena_new(e->arena, struct variable);

	*variable = (struct variable){ name, value, e->variables };
	e->variables = variable;
}

static struct variable *find_variable(const struct evaluation *e, const char *name)
{
	struct variable *variable = e->variables;

	while (strcmp(variable->name, name) != 0)
		variable = variable->below;
	return variable;
}

/* ------------------------------------------------------------------------------- fields */

/* All names, or those that begin as `wanted` does. */
static void list_names(const struct value *record, const char *wanted, struct buf *out)
{
	for (const struct value *member = record->first; member; member = member->next)
		if (!wanted || strncasecmp(member->key, wanted, 1) == 0)
			buf_printf(out, "%s%s", out->len ? ", " : "", member->key);
}

static int refuse_field(struct evaluation *e, const struct value *record,
			const struct field *field)
{
	auto_buf struct buf all = {}, near = {};

	record = value_whole(record, e->arena);
	list_names(record, NULL, &all);
	list_names(record, field->name, &near);
	(void)refuse(e, field->at, "there is no field '%.64s'", field->name);
	if (all.len < sizeof(e->err->hint) - 40)
		return err_hint(e->err, "the fields are: %s", buf_str(&all));
	return err_hint(e->err, "fields with that letter: %s; and %s has more",
			near.len ? buf_str(&near) : "none", "'{{json .}}'");
}

static int take_field(struct evaluation *e, const struct value *from, const struct field *field,
		      const struct value **ret)
{
	int r = charge(e, field->at, 0);

	*ret = &value_absent;
	if (r < 0 || from->kind == VALUE_ABSENT)
		return r;
	if (from->kind == VALUE_NIL)
		return refuse(e, field->at, "there is nothing that has a field '%.64s'",
			      field->name);
	if (from->kind != VALUE_MAP && from->kind != VALUE_RECORD)
		return refuse(e, field->at, "%s has no field '%.64s'", print_type(from),
			      field->name);
	*ret = value_find(from, field->name, e->arena);
	if (*ret)
		return 0;
	if (from->kind == VALUE_RECORD)
		return refuse_field(e, from, field);
	*ret = &value_absent;
	return 0;
}

/* ------------------------------------------------------------------------------- functions */

static int wrap(struct evaluation *e, const struct operand *operand)
{
	char reason[256];

	(void)strncpy(reason, e->err->msg, sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	return refuse(e, operand->at, "%s: %s", operand->function->name, reason);
}

static int check_count(struct evaluation *e, const struct operand *operand, size_t n)
{
	const struct function *function = operand->function;

	if (n >= function->least && (n <= function->most || function->most == FUNCTION_ANY))
		return 0;
	return refuse(e, operand->at, "%s: wants %s%u argument%s, not %zu", function->name,
		      function->least == function->most ? "" : "at least ",
		      n < function->least ? function->least : function->most,
		      (n < function->least ? function->least : function->most) == 1 ? "" : "s", n);
}

static int take_operand(struct evaluation *e, const struct operand *operand,
			const struct value *dot, const struct value **ret);

static int run_function(struct evaluation *e, const struct operand *operand,
			struct function_call *call, const struct value **ret)
{
	int r;

	if (e->is_head && (operand->function->flags & FUNCTION_HEAD)) {
		*ret = call->args[0];
		for (size_t i = call->n; i-- > 0;)
			if (call->args[i]->kind == VALUE_STRING)
				*ret = call->args[i];
		return 0;
	}
	call->arena = e->arena;
	call->err = e->err;
	r = operand->function->call(call, ret);
	if (r == 0)
		r = charge(e, operand->at, call->made.len);
	else
		r = wrap(e, operand);
	buf_done(&call->made);
	return r;
}

/* The operand's arguments follow it; `last`, if there is one, came through the pipe. */
static int call_function(struct evaluation *e, const struct operand *operand, size_t n,
			 const struct value *dot, const struct value *last,
			 const struct value **ret)
{
	const struct value **args = arena_array(e->arena, const struct value *, n + 1);
	struct function_call call = { .args = args };
	int r = charge(e, operand->at, n * sizeof(*args));

	for (const struct operand *arg = operand->next; r == 0 && call.n < n; arg = arg->next)
		r = take_operand(e, arg, dot, &args[call.n++]);
	if (last)
		args[call.n++] = last;
	if (r == 0)
		r = check_count(e, operand, call.n);
	return r < 0 ? r : run_function(e, operand, &call, ret);
}

/* and, or: the first argument that decides, and no further. */
static int call_lazy(struct evaluation *e, const struct operand *operand, size_t n,
		     const struct value *dot, const struct value *last, const struct value **ret)
{
	bool is_and = function_is_and(operand->function);
	int r = check_count(e, operand, n + (last != NULL));

	for (const struct operand *arg = operand->next; r == 0 && n > 0; arg = arg->next, n--) {
		r = charge(e, arg->at, 0);
		if (r == 0)
			r = take_operand(e, arg, dot, ret);
		if (r == 0 && value_is_true(*ret) != is_and)
			return 0;
	}
	if (r == 0 && last)
		*ret = last;
	return r;
}

/* ------------------------------------------------------------------------------- operands */

static int call_operand(struct evaluation *e, const struct operand *operand, size_t n,
			const struct value *dot, const struct value *last,
			const struct value **ret)
{
	if (operand->function->flags & FUNCTION_LAZY)
		return call_lazy(e, operand, n, dot, last, ret);
	return call_function(e, operand, n, dot, last, ret);
}

/* Without its fields. */
static int take_base(struct evaluation *e, const struct operand *operand, const struct value *dot,
		     const struct value **ret)
{
	switch (operand->kind) {
	case OPERAND_VALUE:
		*ret = operand->value;
		return 0;
	case OPERAND_VARIABLE:
		*ret = find_variable(e, operand->name)->value;
		return 0;
	case OPERAND_FUNCTION:
		return call_operand(e, operand, 0, dot, NULL, ret);
	case OPERAND_PIPE:
		return take_pipe(e, operand->pipe, dot, ret);
	case OPERAND_DOT:
		break;
	}
	*ret = dot;
	return 0;
}

/* With its fields; what is to be called with a key is not called yet. */
static int take_uncalled(struct evaluation *e, const struct operand *operand,
			 const struct value *dot, const struct value **ret)
{
	int r = take_base(e, operand, dot, ret);

	for (const struct field *field = operand->fields; r == 0 && field; field = field->next)
		r = take_field(e, *ret, field, ret);
	return r;
}

static int refuse_uncalled(struct evaluation *e, const struct operand *operand)
{
	return refuse(e, operand->at, "'%.*s' wants a key behind it: %.*s \"key\"",
		      (int)(operand->end - operand->at), operand->at,
		      (int)(operand->end - operand->at), operand->at);
}

static int take_operand(struct evaluation *e, const struct operand *operand,
			const struct value *dot, const struct value **ret)
{
	int r = take_uncalled(e, operand, dot, ret);

	return r == 0 && (*ret)->kind == VALUE_LOOKUP ? refuse_uncalled(e, operand) : r;
}

/* .Label "x" */
static int look_up(struct evaluation *e, const struct command *command, const struct value *dot,
		   const struct value *last, const struct value **ret)
{
	const struct value *lookup = *ret, *key = last;
	int r = 0;

	if (command->n + (last != NULL) != 2)
		return refuse_uncalled(e, command->first);
	if (!key)
		r = take_operand(e, command->first->next, dot, &key);
	if (r < 0)
		return r;
	if (key->kind != VALUE_STRING)
		return refuse(e, command->first->at, "a key is a string, not %s", print_type(key));
	*ret = value_string(e->arena, lookup->look_up(lookup->object, key->string, e->arena));
	return charge(e, command->first->at, sizeof(**ret));
}

static int take_command(struct evaluation *e, const struct command *command,
			const struct value *dot, const struct value *last,
			const struct value **ret)
{
	const struct operand *first = command->first;
	int r = charge(e, first->at, 0);

	if (r < 0)
		return r;
	if (first->kind == OPERAND_FUNCTION)
		return call_operand(e, first, command->n - 1, dot, last, ret);
	r = take_uncalled(e, first, dot, ret);
	if (r < 0)
		return r;
	if ((*ret)->kind == VALUE_LOOKUP)
		return look_up(e, command, dot, last, ret);
	if (command->n > 1 || last)
		return refuse(e, first->at, "'%.*s' is no function, and takes nothing",
			      (int)(first->end - first->at), first->at);
	return 0;
}

/* ------------------------------------------------------------------------------- pipes */

/* The value of a pipe; its variables are the caller's. */
static int take_value(struct evaluation *e, const struct pipe *pipe, const struct value *dot,
		      const struct value **ret)
{
	const struct value *last = NULL;
	int r = 0;

	for (const struct command *command = pipe->first; r == 0 && command;
	     command = command->next) {
		r = take_command(e, command, dot, last, ret);
		last = *ret;
	}
	return r;
}

static void set_variable(struct evaluation *e, const struct pipe *pipe, size_t i,
			 const struct value *value)
{
	if (pipe->assigns)
		find_variable(e, pipe->variables[i])->value = value;
	else
		declare(e, pipe->variables[i], value);
}

static int take_pipe(struct evaluation *e, const struct pipe *pipe, const struct value *dot,
		     const struct value **ret)
{
	int r;

	*ret = &value_absent;
	r = take_value(e, pipe, dot, ret);
	if (r == 0 && pipe->n_variables)
		set_variable(e, pipe, 0, *ret);
	return r;
}

/* ------------------------------------------------------------------------------- nodes */

static int print_node(struct evaluation *e, const struct node *node, const struct value *dot)
{
	const struct value *value;
	size_t before = e->out->len;
	int r = take_pipe(e, node->pipe, dot, &value);

	if (r < 0 || node->pipe->n_variables)
		return r;
	if (value->kind == VALUE_ABSENT)
		buf_puts(e->out, "<no value>");
	else
		print_value(value, e->arena, e->out);
	return charge(e, node->at, e->out->len - before);
}

static int walk_branch(struct evaluation *e, const struct node *node, const struct value *dot)
{
	struct variable *variables = e->variables;
	const struct value *value;
	int r = take_pipe(e, node->pipe, dot, &value);

	if (r == 0 && value_is_true(value))
		r = walk(e, node->body, node->kind == NODE_WITH ? value : dot);
	else if (r == 0)
		r = walk(e, node->otherwise, dot);
	e->variables = variables;
	return r;
}

/* Once through a loop. WALK_BREAK: and no further. */
static int walk_item(struct evaluation *e, const struct node *node, const struct value *key,
		     const struct value *item)
{
	const struct pipe *pipe = node->pipe;
	struct variable *variables = e->variables;
	int r = charge(e, node->at, 2 * sizeof(*key));

	if (r < 0)
		return r;
	if (pipe->n_variables == 2)
		set_variable(e, pipe, 0, key);
	if (pipe->n_variables)
		set_variable(e, pipe, pipe->n_variables - 1, item);
	r = walk(e, node->body, item);
	e->variables = variables;
	return r == WALK_CONTINUE ? WALK_ON : r;
}

static int walk_children(struct evaluation *e, const struct node *node, const struct value *value)
{
	int64_t i = 0;
	int r = 0;

	for (const struct value *item = value->first; r == 0 && item; item = item->next, i++)
		r = walk_item(e, node,
			      item->key ? value_string(e->arena, item->key)
					: value_int(e->arena, i),
			      item);
	return r;
}

static int walk_numbers(struct evaluation *e, const struct node *node, int64_t n)
{
	int r = 0;

	for (int64_t i = 0; r == 0 && i < n; i++) {
		const struct value *number = value_int(e->arena, i);

		r = walk_item(e, node, number, number);
	}
	return r;
}

static int walk_items(struct evaluation *e, const struct node *node, const struct value *value)
{
	int r = value->kind == VALUE_INT ? walk_numbers(e, node, value->integer)
					 : walk_children(e, node, value);

	return r == WALK_BREAK ? WALK_ON : r;
}

static int walk_range(struct evaluation *e, const struct node *node, const struct value *dot)
{
	struct variable *variables = e->variables;
	const struct value *value = &value_absent;
	int r = take_value(e, node->pipe, dot, &value);

	if (r < 0)
		return r;
	for (size_t i = 0; i < node->pipe->n_variables; i++)
		set_variable(e, node->pipe, i, value);
	if (value->kind != VALUE_LIST && value->kind != VALUE_MAP && value->kind != VALUE_INT &&
	    value->kind != VALUE_NIL && value->kind != VALUE_ABSENT)
		return refuse(e, node->at, "range: goes over a list, a map or a number, not %s",
			      print_type(value));
	if (value->kind == VALUE_INT ? value->integer <= 0 : !value_is_true(value))
		r = walk(e, node->otherwise, dot);
	else
		r = walk_items(e, node, value);
	e->variables = variables;
	return r;
}

static int walk_template(struct evaluation *e, const struct node *node, const struct value *dot)
{
	const struct definition *definition = e->template->definitions;
	struct variable *variables = e->variables;
	const struct value *value = &value_absent;
	int r = node->pipe ? take_pipe(e, node->pipe, dot, &value) : 0;

	while (definition && strcmp(definition->name, node->text) != 0)
		definition = definition->next;
	if (r == 0 && !definition)
		return refuse(e, node->at, "there is no template '%.64s'", node->text);
	e->variables = NULL;
	declare(e, "$", value);
	if (r == 0)
		r = walk(e, definition->body, value);
	e->variables = variables;
	return r;
}

static int walk_node(struct evaluation *e, const struct node *node, const struct value *dot)
{
	switch (node->kind) {
	case NODE_TEXT:
		buf_add(e->out, node->text, node->len);
		return charge(e, node->at, node->len);
	case NODE_PRINT:
		return print_node(e, node, dot);
	case NODE_IF:
	case NODE_WITH:
		return walk_branch(e, node, dot);
	case NODE_RANGE:
		return walk_range(e, node, dot);
	case NODE_TEMPLATE:
		return walk_template(e, node, dot);
	case NODE_BREAK:
		return WALK_BREAK;
	case NODE_CONTINUE:
		break;
	}
	return WALK_CONTINUE;
}

static int walk(struct evaluation *e, const struct node *node, const struct value *dot)
{
	int r = WALK_ON;

	if (node && ++e->depth > 2 * TEMPLATE_MAX_DEPTH)
		return refuse(e, node->at, "nested more than %d deep", 2 * TEMPLATE_MAX_DEPTH);
	for (const struct node *next = node; r == WALK_ON && next; next = next->next)
		r = walk_node(e, next, dot);
	e->depth -= node != NULL;
	return r;
}

static int execute(const struct template *template, const struct value *dot, bool is_head,
		   struct arena *arena, struct buf *out, struct err *err)
{
	struct evaluation e = { .template = template, .is_head = is_head, .arena = arena,
				.out = out, .err = err };

	declare(&e, "$", dot);
	return walk(&e, template->body, dot);
}

int template_execute(const struct template *template, const struct value *dot,
		     struct arena *arena, struct buf *out, struct err *err)
{
	return execute(template, dot, false, arena, out, err);
}

int template_execute_head(const struct template *template, const struct value *dot,
			  struct arena *arena, struct buf *out, struct err *err)
{
	return execute(template, dot, true, arena, out, err);
}
