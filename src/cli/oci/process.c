/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making exec's process out of options. Nothing that was given is ignored: options change what a
 * file given with --process says, too.
 */
#include "cli/oci/process.h"
#include "base/num.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* A copy of `list` with room for `more`; ends with NULL. */
static char **widen(const struct oci_strings *list, size_t more, struct arena *arena)
{
	char **wide = arena_array(arena, char *, list->n + more + 1);

	if (list->n)
		memcpy(wide, list->v, list->n * sizeof(*wide));
	return wide;
}

/* Later ones win: a variable that is there already is replaced. */
static int set_env(struct oci_process *process, const struct opt_strings *env, struct arena *arena,
		   struct err *err)
{
	struct oci_strings *list = &process->env;

	if (!env->n)
		return 0;
	list->v = widen(list, env->n, arena);
	for (size_t i = 0; i < env->n; i++) {
		const char *equals = strchr(env->v[i], '=');
		size_t at = 0, name_len = equals ? (size_t)(equals - env->v[i]) + 1 : 0;

		if (name_len < 2)
			return err_set(err, ERR_USAGE, EINVAL, "--env: '%s' is not NAME=VALUE",
				       env->v[i]);
		while (at < list->n && strncmp(list->v[at], env->v[i], name_len) != 0)
			at++;
		list->v[at] = arena_strdup(arena, env->v[i]);
		list->n += at == list->n;
	}
	return 0;
}

/* "net_admin", "CAP_NET_ADMIN" */
static char *capability_name(const char *word, struct arena *arena)
{
	bool prefixed = strncasecmp(word, "CAP_", 4) == 0;
	char *name = arena_printf(arena, "%s%s", prefixed ? "" : "CAP_", word);

	for (char *p = name; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return name;
}

static void add_caps(struct oci_strings *set, const struct opt_strings *caps, struct arena *arena)
{
	set->v = widen(set, caps->n, arena);
	for (size_t i = 0; i < caps->n; i++)
		set->v[set->n++] = capability_name(caps->v[i], arena);
}

/* Who is not root keeps a capability over execve only if it is ambient, hence inheritable. */
static void set_caps(struct oci_process *process, const struct opt_strings *caps,
		     struct arena *arena)
{
	struct oci_capabilities *sets;

	if (!caps->n)
		return;
	sets = arena_alloc(arena, sizeof(*sets));
	if (process->capabilities)
		*sets = *process->capabilities;
	add_caps(&sets->bounding, caps, arena);
	add_caps(&sets->permitted, caps, arena);
	add_caps(&sets->effective, caps, arena);
	if (process->user.uid != 0) {
		add_caps(&sets->inheritable, caps, arena);
		add_caps(&sets->ambient, caps, arena);
	}
	process->capabilities = sets;
}

static int set_gids(struct oci_process *process, const struct opt_strings *gids,
		    struct arena *arena, struct err *err)
{
	size_t n = process->user.additional_gids.n;
	uint32_t *wide = arena_array(arena, uint32_t, n + gids->n + 1);

	if (!gids->n)
		return 0;
	if (n)
		memcpy(wide, process->user.additional_gids.v, n * sizeof(*wide));
	for (size_t i = 0; i < gids->n; i++)
		if (num_parse_id(gids->v[i], &wide[n + i]) < 0)
			return err_set(err, ERR_USAGE, EINVAL,
				       "--additional-gids: '%s' is not a group id", gids->v[i]);
	process->user.additional_gids.v = wide;
	process->user.additional_gids.n = n + gids->n;
	return 0;
}

static int set_user(const struct call *call, struct oci_process *process, struct err *err)
{
	const struct exec_args *args = call->args;
	int r;

	if (args->user) {
		r = rt_exec_user(call_rt(call), call->operands[0], args->user, call->arena,
				 &process->user, err);
		if (r < 0)
			return err_wrap(err, "--user '%s'", args->user);
	}
	r = set_gids(process, &args->additional_gids, call->arena, err);
	if (r < 0)
		return r;
	set_caps(process, &args->caps, call->arena);
	return 0;
}

static int load_file(const char *path, struct arena *arena, struct oci_process **ret_process,
		     struct err *err)
{
	auto_buf struct buf text = {};
	int r;

	r = read_input(path, &text, err);
	if (r < 0)
		return r;
	r = oci_process_parse(buf_str(&text), text.len, arena, ret_process, err);
	return r < 0 ? err_wrap(err, "--process '%s'", path) : 0;
}

static int set_command(const struct call *call, struct oci_process *process, struct err *err)
{
	char **command = call->operands + 1;
	size_t n = 0;

	while (command[n])
		n++;
	if (n)
		process->args = (struct oci_strings){ command, n };
	if (process->args.n == 0)
		return err_set(err, ERR_USAGE, EINVAL, "COMMAND is missing");
	return 0;
}

int process_load(const struct call *call, struct rt_exec *request, struct err *err)
{
	const struct exec_args *args = call->args;
	struct oci_process *process = NULL;
	int r;

	if (!args->process && !call->operands[1])
		return err_set(err, ERR_USAGE, EINVAL, "COMMAND is missing, and --process too");
	if (args->process)
		r = load_file(args->process, call->arena, &process, err);
	else
		r = rt_exec_process(call_rt(call), request, call->arena, &process, err);
	if (r < 0)
		return r;
	if (!args->process)
		process->terminal = false;
	process->terminal |= args->tty;
	process->no_new_privileges |= args->no_new_privs;
	if (args->cwd)
		process->cwd = arena_strdup(call->arena, args->cwd);
	if (args->apparmor)
		process->apparmor_profile = arena_strdup(call->arena, args->apparmor);
	if (args->process_label)
		process->selinux_label = arena_strdup(call->arena, args->process_label);
	r = set_env(process, &args->env, call->arena, err);
	if (r == 0)
		r = set_user(call, process, err);
	if (r == 0)
		r = set_command(call, process, err);
	request->process = process;
	return r;
}
