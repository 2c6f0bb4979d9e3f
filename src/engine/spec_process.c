/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runs: the command, behind our init where one was asked for; its environment; its user, as
 * the container's own passwd and group have it. HOME is the runtime's business, and so is a working
 * directory that does not exist yet.
 */
#include "engine/spec_parts.h"

#include "engine/words.h"
#include "oci/list.h"
#include "rt/home.h"
#include "sys/proc.h"

#include <fcntl.h>
#include <string.h>

#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static int add_args(const struct draft *draft, struct err *err)
{
	const struct config *config = draft->config;
	const struct oci_strings *const words[] = { &config->entrypoint, &config->command };
	struct oci_strings *args = &draft->spec->process->args;

	if (!config->entrypoint.n && !config->command.n)
		return err_set(err, ERR_USAGE, EINVAL, "COMMAND is missing");
	if (config->init) {
		strings_add(args, draft->arena, arena_strdup(draft->arena, SPEC_INIT_PATH));
		strings_add(args, draft->arena, arena_strdup(draft->arena, "--"));
	}
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < words[k]->n; i++)
			strings_add(args, draft->arena, words[k]->v[i]);
	return 0;
}

/* ------------------------------------------------------------------------------- environment */

static bool has_name(const struct oci_strings *env, const char *name)
{
	size_t len = strcspn(name, "=") + 1;

	for (size_t i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, len) == 0)
			return true;
	return false;
}

/* `line` unless a person said something else. */
static void add_default_env(const struct draft *draft, char *line)
{
	if (!has_name(&draft->config->env, line) && !env_is_unset(draft->config, line))
		strings_add(&draft->spec->process->env, draft->arena, line);
}

static void add_env(const struct draft *draft)
{
	struct arena *arena = draft->arena;

	add_default_env(draft, arena_strdup(arena, DEFAULT_PATH));
	if (draft->spec->hostname)
		add_default_env(draft,
				arena_printf(arena, "HOSTNAME=%s", draft->spec->hostname));
	if (draft->config->tty)
		add_default_env(draft, arena_strdup(arena, "TERM=xterm"));
	for (size_t i = 0; i < draft->config->env.n; i++)
		strings_add(&draft->spec->process->env, arena, draft->config->env.v[i]);
}

/* ------------------------------------------------------------------------------- user */

/* A view of the host's root is not mounted yet, and the users in it are the host's. */
static int load_users(const struct draft *draft, struct userdb *ret, struct err *err)
{
	const char *root = draft->place->is_view ? "/" : draft->place->rootfs;
	auto_close int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_close int proc_fd = -1;
	struct home home;
	int r;

	if (root_fd < 0)
		return err_sys(err, errno, "root filesystem '%s'", root);
	r = proc_open(&proc_fd, err);
	if (r < 0)
		return r;
	home = (struct home){ .root_fd = root_fd, .proc_fd = proc_fd };
	return home_load_users(&home, draft->arena, ret, err);
}

/* The group itself is among the additional ones, or setgid programs could shed it: what a file
 * denies to its group would be granted. */
static void add_groups(const struct draft *draft, const struct userdb_user *found)
{
	struct oci_user *user = &draft->spec->process->user;

	*list_add(&user->additional_gids, draft->arena) = found->gid;
	for (size_t i = 0; i < found->n_gids; i++)
		if (found->gids[i] != found->gid)
			*list_add(&user->additional_gids, draft->arena) = found->gids[i];
}

static int add_more_groups(const struct draft *draft, const struct userdb *db, struct err *err)
{
	struct oci_user *user = &draft->spec->process->user;
	const struct oci_strings *groups = &draft->config->groups;

	for (size_t i = 0; i < groups->n; i++) {
		uint32_t gid = 0;
		bool is_new = true;

		if (userdb_find_group(db, groups->v[i], &gid, err) < 0)
			return err_wrap(err, "--group-add '%s'", groups->v[i]);
		for (size_t k = 0; k < user->additional_gids.n; k++)
			is_new &= user->additional_gids.v[k] != gid;
		if (is_new)
			*list_add(&user->additional_gids, draft->arena) = gid;
	}
	return 0;
}

static int add_user(const struct draft *draft, struct err *err)
{
	const char *who = draft->config->user && *draft->config->user ? draft->config->user : "0";
	struct userdb_user found = {};
	struct userdb db;
	int r = load_users(draft, &db, err);

	if (r == 0)
		r = userdb_resolve(&db, who, draft->arena, &found, err);
	if (r < 0)
		return draft->config->user ? err_wrap(err, "--user '%s'", who) : r;
	draft->spec->process->user.uid = found.uid;
	draft->spec->process->user.gid = found.gid;
	draft->spec->process->user.umask = draft->config->umask;
	add_groups(draft, &found);
	return add_more_groups(draft, &db, err);
}

/* 0 is what a process has from its parent, as a rule; who asks for nothing writes nothing. */
static int add_oom_score(const struct draft *draft, struct err *err)
{
	int64_t score = draft->config->oom_score_adj;

	if (score < -1000 || score > 1000)
		return err_set(err, ERR_USAGE, ERANGE,
			       "--oom-score-adj: %jd is not between -1000 and 1000",
			       (intmax_t)score);
	draft->spec->process->oom_score_adj = (struct oci_i64){ score != 0, score };
	return 0;
}

int spec_add_process(const struct draft *draft, struct err *err)
{
	const struct config *config = draft->config;
	struct oci_process *process = draft->spec->process;
	int r = add_args(draft, err);

	if (r < 0)
		return r;
	if (config->workdir && config->workdir[0] != '/')
		return err_set(err, ERR_USAGE, EINVAL, "--workdir: '%s' is not absolute",
			       config->workdir);
	process->cwd = config->workdir ? config->workdir : arena_strdup(draft->arena, "/");
	process->terminal = config->tty;
	process->no_new_privileges = config->no_new_privileges.is_set
					     ? config->no_new_privileges.value
					     : draft->place->no_new_privs;
	process->apparmor_profile = config->apparmor_profile;
	process->selinux_label = config->selinux_label;
	add_env(draft);
	r = add_oom_score(draft, err);
	return r < 0 ? r : add_user(draft, err);
}
