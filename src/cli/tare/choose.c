/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From operands and options to containers. What an operand names is left to who acts on it; an
 * option stands for ids.
 */
#include "cli/tare/choose.h"

#include "engine/filter.h"

#include <string.h>

static void add(const struct call *call, struct chosen *chosen, const char *who)
{
	char **wider;

	if ((chosen->n & (chosen->n + 1)) == 0) {
		wider = arena_array(call->arena, char *, 2 * (chosen->n + 1));
		if (chosen->n)
			memcpy(wider, chosen->who, chosen->n * sizeof(*wider));
		chosen->who = wider;
	}
	chosen->who[chosen->n++] = arena_strdup(call->arena, who);
}

static int check(const struct call *call, const struct choose_args *args, struct err *err)
{
	bool has_files = args->cidfiles.n, has_operands = call->operands[0];
	bool has_list = args->all || args->filters.n;

	if (has_list + args->latest + has_files + has_operands > 1)
		return err_set(err, ERR_USAGE, EINVAL, "give one of %s",
			       has_operands ? "CONTAINER and an option that stands for it"
					    : "--all, --filter, --latest and --cidfile");
	if (!has_list && !args->latest && !has_files && !has_operands)
		return err_set(err, ERR_USAGE, EINVAL, "CONTAINER is missing");
	return 0;
}

static int add_latest(const struct call *call, const struct engine_container *list, size_t n,
		      struct chosen *chosen, struct err *err)
{
	if (n)
		add(call, chosen, list[0].config->id);
	else if (!chosen->ignore)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "--latest: there is no container");
	return 0;
}

static int add_listed(const struct call *call, const struct choose_args *args, unsigned all,
		      struct chosen *chosen, struct err *err)
{
	struct engine_container *list = NULL;
	auto_filter struct filter filter = FILTER_NONE;
	size_t n = 0;
	int r = filter_parse(call_engine(call), &args->filters, call->arena, &filter, err);

	if (r == 0)
		r = engine_list(call_engine(call), call->arena, &list, &n, err);
	if (r < 0)
		return r;
	if (args->latest)
		return add_latest(call, list, n, chosen, err);
	all = filter_kinds(&filter, all);
	filter_apply(&filter, list, &n);
	for (size_t i = 0; i < n; i++)
		if ((all >> list[i].status->kind) & 1)
			add(call, chosen, list[i].config->id);
	return 0;
}

/* The first line, as podman has it. */
static int add_file(const struct call *call, const char *path, struct chosen *chosen,
		    struct err *err)
{
	auto_buf struct buf text = {};
	int r = read_input(path, &text, err);
	char *end;

	if (r == -ENOENT && chosen->ignore)
		return 0;
	if (r < 0)
		return err_wrap(err, "--cidfile '%s'", path);
	end = text.data ? strpbrk(text.data, "\r\n") : NULL;
	if (end)
		*end = '\0';
	if (!*buf_str(&text))
		return err_set(err, ERR_USAGE, EINVAL, "--cidfile '%s': it holds no id", path);
	add(call, chosen, buf_str(&text));
	return 0;
}

int choose(const struct call *call, const struct choose_args *args, unsigned all,
	   struct chosen *ret, struct err *err)
{
	int r = check(call, args, err);

	*ret = (struct chosen){ .ignore = args->ignore };
	for (char **who = call->operands; *who; who++)
		add(call, ret, *who);
	for (size_t i = 0; i < args->cidfiles.n && r == 0; i++)
		r = add_file(call, args->cidfiles.v[i], ret, err);
	if (r == 0 && (args->all || args->latest || args->filters.n))
		r = add_listed(call, args, all, ret, err);
	if (!ret->n)
		ret->who = call->operands;
	return r;
}

int choose_first(const struct call *call, const struct choose_args *args, char ***words,
		 const char **ret_who, struct err *err)
{
	struct chosen latest = {};
	int r;

	if (!args->latest) {
		*ret_who = **words;
		*words += **words != NULL;
		return *ret_who ? 0 : err_set(err, ERR_USAGE, EINVAL, "CONTAINER is missing");
	}
	r = add_listed(call, args, 0, &latest, err);
	if (r == 0)
		*ret_who = latest.who[0];
	return r;
}
