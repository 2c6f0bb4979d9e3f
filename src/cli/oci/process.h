/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The process that exec starts: the container's own settings, or those of a file, with what the
 * options change.
 */

#include "cli/oci/verb.h"

struct exec_args {
	const char *process, *user, *cwd, *apparmor, *process_label, *cgroup, *pid_file,
		*console_socket;
	struct opt_strings env, caps, additional_gids;
	uint32_t preserve_fds;
	bool tty, no_new_privs, detach, ignore_paused;
};

/* For call->operands: CONTAINER [COMMAND ARGUMENT...]. Fills request->process, in call->arena. */
int process_load(const struct call *call, struct rt_exec *request, struct err *err);
