/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tare-oci exec: one more process in a running container. Its exit status becomes ours.
 */
#include "cli/oci/process.h"

#define ARGS struct exec_args

static const struct opt options[] = {
	OPT_STRING(ARGS, process, "process", 'p', "FILE",
		   "the process, as in config.json; - is standard input"),
	OPT_FLAG(ARGS, tty, "tty", 't', "give it a terminal"),
	OPT_STRING(ARGS, user, "user", 'u', "UID[:GID]", "run as this user, by number or name"),
	OPT_STRINGS(ARGS, additional_gids, "additional-gids", 'g', "GID",
		    "one more group of the process"),
	OPT_STRING(ARGS, cwd, "cwd", 0, "DIR", "its working directory in the container"),
	OPT_STRINGS(ARGS, env, "env", 'e', "NAME=VALUE", "set an environment variable"),
	OPT_STRINGS(ARGS, caps, "cap", 'c', "CAP", "give it one more capability"),
	OPT_FLAG(ARGS, no_new_privs, "no-new-privs", 0, "set-user-id programs gain nothing"),
	OPT_STRING(ARGS, apparmor, "apparmor", 0, "PROFILE", "its AppArmor profile"),
	OPT_STRING(ARGS, process_label, "process-label", 0, "LABEL", "its SELinux label"),
	OPT_STRING(ARGS, cgroup, "cgroup", 0, "PATH",
		   "run it in this control group below the container's"),
	OPT_FLAG(ARGS, detach, "detach", 'd', "return as soon as it runs"),
	OPT_STRING(ARGS, pid_file, "pid-file", 0, "FILE", "write its pid there"),
	OPT_STRING(ARGS, console_socket, "console-socket", 0, "SOCKET",
		   "send the master side of its terminal there"),
	OPT_U32(ARGS, preserve_fds, "preserve-fds", "N",
		"pass descriptors 3 to 3+N-1 on, besides those of LISTEN_FDS"),
	OPT_FLAG(ARGS, ignore_paused, "ignore-paused", 0,
		 "start it in a paused container, where it waits"),
};

static int exec(const struct call *call, struct err *err)
{
	const struct exec_args *args = call->args;
	struct rt_exec request = {
		.id = call->operands[0],
		.pid_file = args->pid_file,
		.console_socket = args->console_socket,
		.cgroup = args->cgroup,
		.preserve_fds = args->preserve_fds,
		.listen_fds = getenv("LISTEN_FDS") != NULL,
		.detach = args->detach,
		.ignore_paused = args->ignore_paused,
	};
	int r, status = 0;

	r = rt_id_check(request.id, err);
	if (r == 0)
		r = process_load(call, &request, err);
	if (r < 0)
		return r;
	r = rt_exec(call_rt(call), &request, &status, err);
	return r < 0 ? r : status;
}

const struct verb verb_exec = {
	.command = {
		.name = "exec",
		.operands = "CONTAINER [COMMAND] [ARGUMENT]...",
		.summary = "Run one more process in a running container",
		.min_operands = 1,
		.max_operands = OPT_OPERANDS_ANY,
		.in_order = true,
		OPT_ROWS(options),
	},
	.args_size = sizeof(struct exec_args),
	.run = exec,
};
