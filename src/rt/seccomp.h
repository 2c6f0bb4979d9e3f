/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * linux.seccomp of config.json as a program for the kernel. OCI runtime specification,
 * config-linux.md, "Seccomp".
 *
 * What the specification leaves open is settled as runc does it, so that a profile means the same:
 *
 *  - this machine's architecture is always part of the filter, whatever `architectures` lists;
 * calls of an architecture that is not part of it kill the thread;
 *  - a rule whose action is the default action is skipped, and so is a syscall name that neither
 *    libseccomp nor we know, or that the architecture does not have;
 *  - among the rules for one syscall, those without args win over those with; of two that both
 * match the first in the profile wins;
 *  - conditions of one rule must all hold, but when two of them look at the same argument, each
 *    condition is a rule of its own;
 *  - unless the default action lets calls pass (ALLOW, LOG, TRACE), a syscall newer than the newest
 *    that the profile names answers ENOSYS, so that new C libraries fall back.
 */

#include "base/arena.h"
#include "base/err.h"
#include "oci/spec.h"

#include <linux/filter.h>
#include <stdbool.h>

struct seccomp_program {
	struct sock_filter *insns; /* in the arena */
	unsigned short n;
	unsigned flags;	   /* for seccomp_filter_load: SECCOMP_FILTER_FLAG_* */
	bool has_listener; /* some rule notifies: loading returns a listener */
};

/*
 * Compile `profile`; the result lives in `arena`. An error is ERR_USAGE and names the member:
 * "linux.seccomp.syscalls[3].args[0].op: unknown operator 'SCMP_CMP_FOO'". -E2BIG: more than the
 * 4096 instructions that the kernel takes.
 */
int seccomp_compile(const struct oci_seccomp *profile, struct arena *arena,
		    struct seccomp_program *ret_program, struct err *err);

/*
 * The same, remembered in the directory `cache_dir_fd` (-1: don't). The directory must be ours and
 * of mode 0700, or it is not used; a cache that can't be read or written is never an error, nor is
 * anything in it believed that is damaged or was made from another profile.
 */
int seccomp_compile_cached(const struct oci_seccomp *profile, int cache_dir_fd, struct arena *arena,
			   struct seccomp_program *ret_program, struct err *err);

/* A filter that was given ready-made, as a program. It is borrowed. */
struct seccomp_program seccomp_given(const struct sock_fprog *filter);

/*
 * Give the listener to the agent at `profile->listener_path`, with the container process state
 * (config-linux.md, "The Container Process State"). `state_json` is the container's state as
 * runtime.md has it, one JSON object; `host_pid` the process that the filter was loaded into. The
 * descriptor stays the caller's. Only for profiles whose program has_listener.
 */
int seccomp_send_listener(const struct oci_seccomp *profile, const char *state_json, int host_pid,
			  int listener_fd, struct err *err);

/* The words of the specification this build understands, each list ended by NULL; for `features`.
 */
extern const char *const seccomp_action_names[];
extern const char *const seccomp_operator_names[];
extern const char *const seccomp_arch_names[];
extern const char *const seccomp_flag_names[];
