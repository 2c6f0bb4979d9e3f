/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Containers as people know them: with a name, a log, an exit status that is kept. The engine's
 * front door, for the command line and later for the API. There is no daemon: what is known of a
 * container is on disk (engine/layout.h), and each running one has a monitor (engine/monitor.h).
 *
 * `who` is a name, a full id, or the beginning of one id only. Errors a caller may act on:
 * ERR_NOT_FOUND (no such container), ERR_CONFLICT (its state forbids that, or the name is taken),
 * ERR_USAGE (the request makes no sense), ERR_COMMAND (its program can't be executed: 126, 127).
 */

#include "base/arena.h"
#include "base/err.h"
#include "engine/config.h"
#include "engine/status.h"
#include "rt/rt.h"

#include <stdbool.h>
#include <sys/types.h>

struct engine {
	const char *root;          /* what is kept; "/var/lib/tare" */
	const char *cgroup_parent; /* below which cgroups are made; "/tare" */
	bool refuses_host_ids;     /* where a container's own can't be had */
	struct rt rt;              /* the runtime's own state, gone after a reboot */
};

/* The directories of `root`; NULL: those that the settings name, or the default ones. All of it in
 * `arena`. */
int engine_open(struct engine *engine, const char *root, const char *cgroup_parent,
		struct arena *arena, struct err *err);

/* ------------------------------------------------------------------------------- birth */

struct engine_run {
	struct config *config;   /* id and created are filled, and name if it is NULL */
	bool detach;             /* return as soon as it runs */
	bool sig_proxy;          /* attached: signals that we get go to it */
	const char *detach_keys; /* NULL: the default; "": none */
	int id_fd;               /* > 0: the id is written there as soon as it has one */
};

/*
 * Make a container and start it; unless detached, attend it to its end. *ret: how it ended, zeros
 * when detached or left. When it could not be started nothing is left of it.
 */
int engine_run(const struct engine *engine, const struct engine_run *run, struct arena *arena,
	       struct ending *ret, struct err *err);

/* ------------------------------------------------------------------------------- looking */

/* A container, and what it is doing now. All of it in one arena. */
struct engine_container {
	struct config *config;
	struct status *status; /* `error` says so where its monitor was killed */
};

int engine_get(const struct engine *engine, const char *who, struct arena *arena,
	       struct engine_container *ret, struct err *err);

/* All of them, the newest first. One that can't be read is warned about and left out. */
int engine_list(const struct engine *engine, struct arena *arena, struct engine_container **ret,
		size_t *ret_n, struct err *err);

/* The host's pid of its first process. ERR_CONFLICT: it is not running. */
int engine_find_pid(const struct engine *engine, const char *who, pid_t *ret_pid,
		    struct err *err);

struct engine_logs {
	bool follow;
	int64_t tail; /* so many lines from the end; -1: all */
	int out_fd;
};

/* Write what the container wrote, and with `follow` what it will write until it ends. */
int engine_logs(const struct engine *engine, const char *who, const struct engine_logs *request,
		struct err *err);

/* ------------------------------------------------------------------------------- use */

/* What a container uses. All of it in the arena of its look. */
struct engine_usage {
	const struct config *config;
	bool is_running;     /* if not, all that follows is zero */
	bool has_network;    /* its own, and not the host's */
	double cpu_pct;      /* since the look before, 100 for each processor; 0 at the first */
	struct rt_usage now;
};

struct engine_stats; /* remembers the look before */

/* Prepare to look at those in `names`, which ends with NULL; none: at all there are, those that
 * have ended too if `all`. The caller frees *ret. ERR_NOT_FOUND: there is none of a name. */
int engine_stats_new(const struct engine *engine, char *const *names, bool all,
		     struct engine_stats **ret, struct err *err);
void engine_stats_free(struct engine_stats *stats);

/* Those that were removed meanwhile are left out. */
int engine_stats_look(struct engine_stats *stats, struct arena *arena, struct engine_usage **ret,
		      size_t *ret_n, struct err *err);

/* ------------------------------------------------------------------------------- life and end */

/* ERR_CONFLICT: it is not running. */
int engine_kill(const struct engine *engine, const char *who, int signal, struct err *err);

/* Its stop signal, or `signal` if > 0; and SIGKILL when it has not ended after `timeout_s` seconds
 * (-1: never; ENGINE_STOP_TIMEOUT: its own). One that has ended is stopped. */
#define ENGINE_STOP_TIMEOUT INT32_MIN
int engine_stop(const struct engine *engine, const char *who, int signal, int32_t timeout_s,
		struct err *err);

/* Wait for its end. *ret_status: its exit status. ERR_CONFLICT: it was never started. */
int engine_wait(const struct engine *engine, const char *who, int *ret_status, struct err *err);

/* Remove it with its log; with `force` end it first, and clean up after a monitor that was killed.
 * ERR_CONFLICT: it is running. */
int engine_remove(const struct engine *engine, const char *who, bool force, struct err *err);

/* ------------------------------------------------------------------------------- exec */

struct engine_exec {
	const char *who;          /* a container */
	pid_t target_pid;         /* or instead any process of this machine */
	struct oci_strings command, env; /* NAME=VALUE, each name once */
	const char *user, *workdir;      /* NULL: the container's own */
	bool tty, open_stdin, detach, privileged;
	const char *detach_keys;  /* NULL: the default; "": none */
};

/*
 * One more process in a running container: in all its namespaces and its cgroup, with its user,
 * capabilities and seccomp filter. Of a process that no container is, only the namespaces are
 * entered, with all our own rights. *ret_status: its exit status, 0 when detached or left.
 */
int engine_exec(const struct engine *engine, const struct engine_exec *request,
		struct arena *arena, int *ret_status, struct err *err);
