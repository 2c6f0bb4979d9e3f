/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the options of a container to its configuration. What a word means is engine/words.h's
 * business; here are files that words name, paths that are relative to where we are, and the option
 * that an error is about. The engine gets absolute paths and texts.
 */
#include "cli/tare/container_args.h"

#include "base/log.h"
#include "engine/sharing.h"
#include "engine/words.h"
#include "oci/list.h"
#include "sys/signals.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { CGROUPNS_PRIVATE = 1, CGROUPNS_HOST };

#define HOSTNAME_MAX 64

struct fill {
	const struct container_args *args;
	struct config *config;
	struct arena *arena;
	struct err *err;
};

static char *copy(const struct fill *fill, const char *word)
{
	return word ? arena_strdup(fill->arena, word) : NULL;
}

static void copy_list(const struct fill *fill, const struct opt_strings *words,
		      struct oci_strings *list)
{
	for (size_t i = 0; i < words->n; i++)
		strings_add(list, fill->arena, copy(fill, words->v[i]));
}

/* ------------------------------------------------------------------------------- one word each */

/* Those of a list that are each parsed: one function, one option. */
typedef int word_fn(const struct fill *fill, const char *word);

static int take_env_file(const struct fill *fill, const char *path)
{
	auto_buf struct buf text = {};
	int r = read_input(path, &text, fill->err);

	return r < 0 ? r
		     : env_add_text(&fill->config->env, buf_str(&text), text.len, fill->arena,
				    fill->err);
}

static int take_label_file(const struct fill *fill, const char *path)
{
	auto_buf struct buf text = {};
	int r = read_input(path, &text, fill->err);

	return r < 0 ? r
		     : label_add_text(&fill->config->labels, buf_str(&text), text.len,
				      fill->arena, fill->err);
}

static int take_annotation(const struct fill *fill, const char *word)
{
	return label_add(&fill->config->annotations, word, fill->arena, fill->err);
}

static int take_sysctl(const struct fill *fill, const char *word)
{
	return sysctl_add(&fill->config->sysctls, word, fill->arena, fill->err);
}

static int take_env(const struct fill *fill, const char *word)
{
	return env_add(&fill->config->env, word, fill->arena, fill->err);
}

/* "./data:/data": of the command line only, the API knows no working directory. */
static int take_volume(const struct fill *fill, const char *word)
{
	char here[PATH_MAX];
	bool is_relative = word[0] == '.' && strchr("./:", word[1]);

	if (is_relative && !getcwd(here, sizeof(here)))
		return err_sys(fill->err, errno, "the working directory");
	if (is_relative)
		word = arena_printf(fill->arena, "%s/%s", here, word);
	return volume_parse(word, fill->arena, list_add(&fill->config->mounts, fill->arena),
			    fill->err);
}

static int take_mount(const struct fill *fill, const char *word)
{
	return mount_parse(word, fill->arena, list_add(&fill->config->mounts, fill->arena),
			   fill->err);
}

static int take_tmpfs(const struct fill *fill, const char *word)
{
	return tmpfs_parse(word, fill->arena, list_add(&fill->config->mounts, fill->arena),
			   fill->err);
}

static int take_label(const struct fill *fill, const char *word)
{
	return label_add(&fill->config->labels, word, fill->arena, fill->err);
}

static int take_log_opt(const struct fill *fill, const char *word)
{
	return log_opt_add(fill->config, word, fill->arena, fill->err);
}

/* The profile is what the engine wants, not the file's name. */
static int take_security_opt(const struct fill *fill, const char *word)
{
	auto_buf struct buf text = {};
	const char *value = word + strlen("seccomp") + 1;
	int r = 0;

	if (strncmp(word, "seccomp=", 8) != 0 && strncmp(word, "seccomp:", 8) != 0)
		return security_opt_add(fill->config, word, fill->arena, fill->err);
	if (!*value || strcmp(value, "unconfined") == 0 || strcmp(value, "builtin") == 0)
		return security_opt_add(fill->config, word, fill->arena, fill->err);
	r = read_input(value, &text, fill->err);
	if (r < 0)
		return r;
	if (text.len != strlen(buf_str(&text)) || !strchr(buf_str(&text), '{'))
		return err_set(fill->err, ERR_USAGE, EINVAL, "is no profile");
	fill->config->seccomp_profile = arena_strdup(fill->arena, buf_str(&text));
	return 0;
}

/* But where a person puts something else. */
static int take_read_only_tmpfs(const struct fill *fill)
{
	static const char *const targets[] = { "/run", "/tmp", "/var/tmp" };
	struct config *config = fill->config;
	int r = 0;

	if (!fill->args->read_only || !fill->args->read_only_tmpfs)
		return 0;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]) && r == 0; i++) {
		bool is_taken = false;

		for (size_t k = 0; k < config->mounts.n; k++)
			is_taken |= strcmp(config->mounts.v[k].target, targets[i]) == 0;
		if (!is_taken)
			r = take_tmpfs(fill, targets[i]);
	}
	return r;
}

/* Files come before single variables, which may set one of theirs anew. */
static int take_lists(const struct fill *fill)
{
	const struct container_args *args = fill->args;
	const struct {
		const char *option;
		const struct opt_strings *words;
		word_fn *take;
	} lists[] = {
		{ "--env-file", &args->env_files, take_env_file },
		{ "--env", &args->env, take_env },
		{ "--label-file", &args->label_files, take_label_file },
		{ "--label", &args->labels, take_label },
		{ "--log-opt", &args->log_opts, take_log_opt },
		{ "--annotation", &args->annotations, take_annotation },
		{ "--sysctl", &args->sysctls, take_sysctl },
		{ "--volume", &args->volumes, take_volume },
		{ "--mount", &args->mounts, take_mount },
		{ "--tmpfs", &args->tmpfs, take_tmpfs },
		{ "--security-opt", &args->security_opts, take_security_opt },
	};

	for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++)
		for (size_t i = 0; i < lists[k].words->n; i++) {
			const char *word = lists[k].words->v[i];
			int r = lists[k].take(fill, word);

			if (r < 0)
				return err_wrap(fill->err, "%s '%.128s'", lists[k].option, word);
		}
	return 0;
}

/* ------------------------------------------------------------------------------- single values */

/* Without --rootfs the first operand is an image. Moves *operands to the command. */
static int take_root(const struct fill *fill, char ***operands)
{
	const char *word = fill->args->rootfs;
	char path[PATH_MAX];

	if (!word && !**operands)
		return err_set(fill->err, ERR_USAGE, EINVAL,
			       "IMAGE is missing; a directory is named with --rootfs");
	if (!word) {
		fill->config->image = copy(fill, *(*operands)++);
		return 0;
	}
	if (!realpath(word, path))
		return err_sys(fill->err, errno, "--rootfs '%s'", word);
	fill->config->rootfs = copy(fill, path);
	return 0;
}

static int take_machine_name(const struct fill *fill, const char *option, const char *name,
			     char **ret)
{
	if (!name)
		return 0;
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-._", *c))
			return err_set(fill->err, ERR_USAGE, EINVAL,
				       "%s: '%s' has more than letters, digits, '-', '.' "
				       "and '_' in it", option, name);
	if (!*name || strlen(name) > HOSTNAME_MAX)
		return err_set(fill->err, ERR_USAGE, EINVAL,
			       "%s: must have between 1 and %d letters", option, HOSTNAME_MAX);
	*ret = copy(fill, name);
	return 0;
}

static int take_names(const struct fill *fill)
{
	const struct container_args *args = fill->args;
	struct config *config = fill->config;
	int r = take_machine_name(fill, "--hostname", args->hostname, &config->hostname);

	return r < 0 ? r
		     : take_machine_name(fill, "--domainname", args->domainname,
					 &config->domainname);
}

static int take_process(const struct fill *fill)
{
	const struct container_args *args = fill->args;
	struct config *config = fill->config;

	if (args->umask && umask_parse(args->umask, &config->umask, fill->err) < 0)
		return err_wrap(fill->err, "--umask");
	if (args->timezone && timezone_parse(args->timezone, fill->arena,
					     list_add(&config->mounts, fill->arena),
					     fill->err) < 0)
		return err_wrap(fill->err, "--tz '%s'", args->timezone);
	copy_list(fill, &args->groups, &config->groups);
	copy_list(fill, &args->unset_env, &config->unset_env);
	config->unset_all_env = args->unset_all_env;
	return 0;
}

static int take_stream(struct config *config, const char *word, struct err *err)
{
	const struct {
		const char *name;
		bool *is_ours;
	} streams[] = {
		{ "stdin", &config->attach_stdin },
		{ "stdout", &config->attach_stdout },
		{ "stderr", &config->attach_stderr },
	};

	for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
		if (strcasecmp(streams[i].name, word) == 0) {
			*streams[i].is_ours = true;
			return 0;
		}
	return err_set(err, ERR_USAGE, EINVAL, "--attach: '%.64s' is none of stdin, stdout and "
		       "stderr", word);
}

static int take_attach(const struct fill *fill)
{
	const struct opt_strings *words = &fill->args->attach;
	struct config *config = fill->config;
	int r = 0;

	config->attach_stdin = config->open_stdin && !words->n;
	config->attach_stdout = config->attach_stderr = !words->n;
	for (size_t i = 0; i < words->n && r == 0; i++)
		r = take_stream(config, words->v[i], fill->err);
	if (r == 0 && config->attach_stdin && !config->open_stdin) {
		log_warn("--attach stdin: without --interactive it reads nothing");
		config->attach_stdin = false;
	}
	return r;
}

/* A name alone is one below the root of all cgroups, as docker has it. */
static int take_cgroup_parent(const struct fill *fill)
{
	const char *word = fill->args->cgroup_parent;

	if (!word)
		return 0;
	fill->config->cgroup_parent = path_clean(word, fill->arena);
	if (strcmp(fill->config->cgroup_parent, "/") == 0)
		return err_set(fill->err, ERR_USAGE, EINVAL,
			       "--cgroup-parent: '%s' is no place below the root of all cgroups",
			       word);
	return 0;
}

/* That of the engine is a part of it: it executes none. */
static int take_runtime(const struct fill *fill)
{
	const char *word = fill->args->runtime;

	if (!word || strcmp(word, "tare-oci") == 0 || strcmp(word, "tare") == 0)
		return 0;
	(void)err_set(fill->err, ERR_USAGE, ENOTSUP,
		      "--runtime '%.128s': containers are started by tare-oci, and by no other "
		      "runtime", word);
	return err_hint(fill->err, "leave it out; what a container is to have is said by other "
				   "options, as --security-opt and --annotation");
}

static int take_stop(const struct fill *fill)
{
	const struct container_args *args = fill->args;

	if (args->stop_signal && signals_parse(args->stop_signal) <= 0)
		return err_set(fill->err, ERR_USAGE, EINVAL,
			       "--stop-signal: there is no signal '%s'", args->stop_signal);
	if (args->stop_timeout.is_set && args->stop_timeout.value < -1)
		return err_set(fill->err, ERR_USAGE, ERANGE, "--stop-timeout: %jd is below -1",
			       (intmax_t)args->stop_timeout.value);
	if (args->timeout.value < 0 || args->timeout.value > INT32_MAX)
		return err_set(fill->err, ERR_USAGE, ERANGE,
			       "--timeout: %jd is not between 0 and %d",
			       (intmax_t)args->timeout.value, INT32_MAX);
	fill->config->timeout_s = args->timeout.value;
	fill->config->stop_signal = copy(fill, args->stop_signal);
	fill->config->stop_timeout =
		(struct oci_i64){ args->stop_timeout.is_set, args->stop_timeout.value };
	return 0;
}

static int take_log_driver(const struct fill *fill)
{
	const char *word = fill->args->log_driver;
	int r = word ? log_driver_parse(word, fill->arena, fill->config, fill->err) : 0;

	return r < 0 ? err_wrap(fill->err, "--log-driver '%.128s'", word) : 0;
}

static int take_limits(const struct fill *fill)
{
	return limit_args_fill(&fill->args->limits, fill->arena, fill->config, fill->err);
}

static int take_devices(const struct fill *fill)
{
	return device_args_fill(&fill->args->devices, fill->arena, fill->config, fill->err);
}

static int take_network(const struct fill *fill)
{
	return network_args_fill(&fill->args->network, fill->arena, fill->config, fill->err);
}

static int take_values(const struct fill *fill)
{
	const struct container_args *args = fill->args;
	struct config *config = fill->config;

	config->name = copy(fill, args->name);
	config->user = copy(fill, args->user);
	config->workdir = args->workdir && *args->workdir ? copy(fill, args->workdir) : NULL;
	config->tty = args->tty;
	config->open_stdin = args->interactive;
	config->auto_remove = args->rm;
	config->init = args->init;
	config->read_only = args->read_only;
	config->privileged = args->privileged;
	config->pid = copy(fill, args->pid);
	config->ipc = copy(fill, args->ipc);
	config->uts = copy(fill, args->uts);
	config->cgroupns = copy(fill, args->cgroup_ns == CGROUPNS_HOST ? "host" : NULL);
	config->userns = copy(fill, args->userns);
	copy_list(fill, &args->volumes_from, &config->volumes_from);
	copy_list(fill, &args->cap_add, &config->cap_add);
	copy_list(fill, &args->cap_drop, &config->cap_drop);
	if (args->entrypoint && (*args->entrypoint || config->image))
		strings_add(&config->entrypoint, fill->arena, copy(fill, args->entrypoint));
	return sharing_check(config, fill->err);
}

int container_config(const struct call *call, const struct container_args *args, char **command,
		     struct config **ret, struct err *err)
{
	static int (*const steps[])(const struct fill *fill) = {
		take_values, take_names,	take_process,	    take_stop,
		take_limits, take_devices, take_cgroup_parent, take_lists,
		take_log_driver, take_read_only_tmpfs, take_attach, take_runtime,
		take_network,
	};
	const struct fill fill = { args, arena_new(call->arena, struct config), call->arena, err };
	int r = take_root(&fill, &command);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && r == 0; i++)
		r = steps[i](&fill);
	if (r < 0)
		return r;
	for (; *command; command++)
		strings_add(&fill.config->command, call->arena, copy(&fill, *command));
	*ret = fill.config;
	return 0;
}

int container_print_id(const struct config *config, struct err *err)
{
	auto_buf struct buf line = {};

	buf_printf(&line, "%s\n", config->id);
	return print_buf(&line, err);
}

/* ------------------------------------------------------------------------------- --cidfile */

int id_file_make(const struct container_args *args, int *ret_fd, struct err *err)
{
	*ret_fd = 0;
	if (!args->id_file)
		return 0;
	*ret_fd = open(args->id_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (*ret_fd < 0 && errno == EEXIST)
		return err_set(err, ERR_USAGE, EEXIST,
			       "--cidfile '%s': it exists: remove it, if its container is gone",
			       args->id_file);
	return *ret_fd < 0 ? err_sys(err, errno, "--cidfile '%s'", args->id_file) : 0;
}

void id_file_remove(const struct container_args *args)
{
	if (args->id_file)
		(void)unlink(args->id_file);
}
