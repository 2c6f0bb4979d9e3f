/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Hooks: programs that config.json asks to be run at points of the container's life. OCI runtime
 * specification, config.md, "POSIX-platform Hooks"; runtime.md says which failures matter.
 *
 * A hook gets the state on its standard input, its `args` (its path alone when there are none), and
 * exactly its `env`: nothing of ours, no descriptor but the first three, no blocked or ignored
 * signal. Its output is kept for the error message and else thrown away. It leads a session of its
 * own, whose first process group is killed as a whole at the timeout; what it leaves running when
 * it ends by itself is its own affair.
 */

#include "base/err.h"
#include "oci/spec.h"

struct hook_context {
	const char *state_json;

	/* Run in these namespaces (CLONE_NEW*) of the process behind `pidfd`; 0: in ours. The
	 * hook's path is then looked up there. */
	int pidfd;
	unsigned ns_flags;

	/* Called in the hook's process right before exec, after joining; may be NULL. Only what is
	 * safe after fork. A negative errno from it fails the hook. */
	int (*before_exec)(void *arg);
	void *before_exec_arg;
};

/*
 * Run the hooks in their order, up to the first that fails. `kind` is the name of the list in
 * config.json, for messages. The error ends with the last line that the hook wrote:
 * "createRuntime hook '/bin/x': exited with status 3: no such bridge".
 *
 * -ETIMEDOUT: killed at its timeout. -EINVAL: path not absolute, or timeout not positive. -ECHILD:
 * it ran and failed. Others: it could not be started.
 */
int hooks_run(const struct oci_hook_list *list, const char *kind, const struct hook_context *ctx,
	      struct err *err);

/* For poststart and poststop: run all of them, then return the first failure. */
int hooks_run_all(const struct oci_hook_list *list, const char *kind,
		  const struct hook_context *ctx, struct err *err);
