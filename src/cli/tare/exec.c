/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare exec: one more process in a running container, or in the namespaces of any process. Its exit
 * status becomes ours.
 */
#include "base/num.h"
#include "cli/tare/choose.h"
#include "engine/words.h"

#define ARGS struct exec_args

struct exec_args {
	struct choose_args choose;
	const char *user, *workdir, *pid, *detach_keys;
	struct opt_strings env, env_files;
	bool interactive, tty, detach, privileged;
	uint32_t preserve_fds;
};

static const struct opt options[] = {
	CHOOSE_LATEST(ARGS, choose),
	OPT_FLAG(ARGS, interactive, "interactive", 'i', "our standard input is the command's"),
	OPT_FLAG(ARGS, tty, "tty", 't', "give it a terminal"),
	OPT_FLAG(ARGS, detach, "detach", 'd', "return as soon as it runs"),
	OPT_STRINGS(ARGS, env, "env", 'e', "NAME[=VALUE]",
		    "set an environment variable, or pass ours on"),
	OPT_STRINGS(ARGS, env_files, "env-file", 0, "FILE", "the same, from the lines of a file"),
	OPT_STRING(ARGS, user, "user", 'u', "USER[:GROUP]", "by name or number"),
	OPT_STRING(ARGS, workdir, "workdir", 'w', "DIR", "its working directory"),
	OPT_FLAG(ARGS, privileged, "privileged", 0, "give it all capabilities that we have"),
	OPT_STRING(ARGS, detach_keys, "detach-keys", 0, "KEYS",
		   "what leaves its terminal; ctrl-p,ctrl-q by default"),
	OPT_U32(ARGS, preserve_fds, "preserve-fds", "N",
		"pass on our descriptors from 3 on, so many"),
	OPT_STRING(ARGS, pid, "pid", 0, "PID",
		   "instead of a container: enter the namespaces of this process of the host"),
};

static int load_env(const struct call *call, struct oci_strings *env, struct err *err)
{
	const ARGS *args = call->args;
	int r = 0;

	for (size_t i = 0; i < args->env_files.n && r == 0; i++) {
		auto_buf struct buf text = {};

		r = read_input(args->env_files.v[i], &text, err);
		if (r == 0)
			r = env_add_text(env, buf_str(&text), text.len, call->arena, err);
		if (r < 0)
			return err_wrap(err, "--env-file '%s'", args->env_files.v[i]);
	}
	for (size_t i = 0; i < args->env.n && r == 0; i++) {
		r = env_add(env, args->env.v[i], call->arena, err);
		if (r < 0)
			return err_wrap(err, "--env '%s'", args->env.v[i]);
	}
	return r;
}

static int exec(const struct call *call, struct err *err)
{
	const ARGS *args = call->args;
	char **command = call->operands;
	struct engine_exec request = {
		.user = args->user,
		.workdir = args->workdir,
		.tty = args->tty,
		.open_stdin = args->interactive,
		.detach = args->detach,
		.privileged = args->privileged,
		.preserve_fds = args->preserve_fds,
		.detach_keys = args->detach_keys,
	};
	uint32_t pid = 0;
	int r, status = 0;

	if (args->pid && (num_parse_u32(args->pid, &pid) < 0 || pid == 0 || pid > INT32_MAX))
		return err_set(err, ERR_USAGE, EINVAL, "--pid: '%s' is no process", args->pid);
	if (args->pid && args->choose.latest)
		return err_set(err, ERR_USAGE, EINVAL, "--pid: is instead of --latest; give one");
	if (!args->pid && choose_first(call, &args->choose, &command, &request.who, err) < 0)
		return -err->no;
	request.target_pid = (pid_t)pid;
	request.command.v = command;
	while (command[request.command.n])
		request.command.n++;
	if (!request.command.n)
		return err_set(err, ERR_USAGE, EINVAL, "COMMAND is missing");
	r = load_env(call, &request.env, err);
	if (r == 0)
		r = engine_exec(call_engine(call), &request, call->arena, &status, err);
	if (r < 0)
		return err_wrap(err, "%s", args->pid ? args->pid : request.who);
	return status;
}

const struct verb verb_exec = {
	.command = {
		.name = "exec",
		.operands = "[CONTAINER] COMMAND [ARGUMENT]...",
		.summary = "Run one more process in a running container",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		.in_order = true,
		OPT_ROWS(options),
	},
	.args_size = sizeof(ARGS),
	.run = exec,
};
