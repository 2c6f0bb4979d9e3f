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
#include "base/ip.h"
#include "engine/config.h"
#include "engine/net_record.h"
#include "engine/status.h"
#include "rt/rt.h"

#include <stdbool.h>
#include <sys/types.h>

struct engine {
	const char *root;          /* what is kept; "/var/lib/tare" */
	const char *cgroup_parent; /* below which cgroups are made; "/tare" */
	bool refuses_host_ids;     /* where a container's own can't be had */
	int64_t log_max_size_bytes, log_max_files; /* of a log that nobody asks more or less of */
	bool no_new_privs;         /* of containers that say nothing else */
	struct ip publish_address; /* of ports without one; family 0: all of the machine's */
	bool respects_input_policy; /* a host that drops input drops it for published ports too */
	struct rt rt;              /* the runtime's own state, gone after a reboot */
};

/* The directories of `root`; NULL: those that the settings name, or the default ones. All of it in
 * `arena`. */
int engine_open(struct engine *engine, const char *root, const char *cgroup_parent,
		struct arena *arena, struct err *err);

/* For the engine's own rooms: the directory `name` of its root, which is made if it is missing and
 * `make` says so. The caller owns *ret_fd. -ENOENT: it is missing. */
int engine_open_dir(const struct engine *engine, const char *name, bool make, int *ret_fd,
		    struct err *err);

/* ------------------------------------------------------------------------------- birth */

struct engine_run {
	struct config *config;   /* id and created are filled, and name if it is NULL */
	bool sig_proxy;          /* attached: signals that we get go to it */
	const char *detach_keys; /* NULL: the default; "": none */
	int id_fd;               /* > 0: the id is written there as soon as it has one */
	unsigned preserve_fds;   /* our descriptors 3 .. 3+N-1 are passed on */
};

/*
 * Make a container and start it; if one of its streams is attached (config->attach_...), attend it
 * to its end, or if that is its input alone until there is no more. *ret: how it ended, zeros when
 * it was not attended or was left. When it could not be started nothing is left of it.
 */
int engine_run(const struct engine *engine, const struct engine_run *run, struct arena *arena,
	       struct ending *ret, struct err *err);

/* Make it, and no more. Fills the configuration, and writes the id, as engine_run does. */
int engine_create(const struct engine *engine, struct config *config, int id_fd,
		  struct arena *arena, struct err *err);

/* Somebody at a container that others may be at too. */
struct engine_attach {
	const char *who;
	bool no_stdin;           /* what we read does not go to it */
	bool with_log;           /* what its log holds comes first */
	bool sig_proxy;          /* signals that we get go to it */
	const char *detach_keys; /* NULL: the default; "": none */
};

/* Attend one that runs to its end. *ret as engine_run's. ERR_CONFLICT: it does not run, or has no
 * log. */
int engine_attach(const struct engine *engine, const struct engine_attach *request,
		  struct ending *ret, struct err *err);

struct engine_start {
	bool attach; /* attend it, as `how` says; else return as soon as it runs */
	struct engine_attach how;
};

/* Start one that was made, or has ended; one that runs already is attended only. When it can't be
 * started that is what is known of it: its exit code and its error. */
int engine_start(const struct engine *engine, const struct engine_start *request,
		 struct ending *ret, struct err *err);

/* ------------------------------------------------------------------------------- looking */

/* A container, and what it is doing now. All of it in one arena. */
struct engine_container {
	struct config *config;
	struct status *status; /* `error` says so where its monitor was killed */
	struct net_record *net; /* what it has of networks; NULL: none, or it does not run */
};

int engine_get(const struct engine *engine, const char *who, struct arena *arena,
	       struct engine_container *ret, struct err *err);

/* All of them, the newest first. One that can't be read is warned about and left out. */
int engine_list(const struct engine *engine, struct arena *arena, struct engine_container **ret,
		size_t *ret_n, struct err *err);

/* Those whose status is one of `kinds`, a bit for each enum status_kind. */
#define ENGINE_ACTIVE (1U << STATUS_RUNNING | 1U << STATUS_PAUSED)
int engine_list_kinds(const struct engine *engine, unsigned kinds, struct arena *arena,
		      struct engine_container **ret, size_t *ret_n, struct err *err);

/* Add how many there are of each status. */
int engine_count(const struct engine *engine, size_t counts[STATUS_KIND_MAX_], struct err *err);

/* The host's pid of its first process. ERR_CONFLICT: it is not running. */
int engine_find_pid(const struct engine *engine, const char *who, pid_t *ret_pid,
		    struct err *err);

/* Its processes, as pids of the host in ascending order. ERR_CONFLICT: it is not running. */
int engine_pids(const struct engine *engine, const char *who, struct arena *arena,
		pid_t **ret_pids, size_t *ret_n, struct err *err);

struct engine_logs {
	bool follow;
	int64_t tail;                 /* so many lines from the end; -1: all */
	struct timespec since, until; /* no earlier, no later; zeros: whenever */
	bool timestamps, details;     /* when each line was written, and the attributes of it */
	bool names, ids;              /* whose it is: its name, or the beginning of its id */
	int out_fds[2];               /* for their standard output and error */
};

/*
 * Write what containers wrote, in the order of its time, and with `follow` what they will write
 * until they end. `who` ends with NULL. ERR_CONFLICT: there is no log of one.
 */
int engine_logs(const struct engine *engine, char *const *who, const struct engine_logs *request,
		struct err *err);

/* Where the log of a container is, in `arena`; "" if none is kept. */
const char *engine_log_path(const struct engine *engine, const struct config *config,
			    struct arena *arena);

/* ------------------------------------------------------------------------------- use */

/* What a container uses. All of it in the arena of its look, but for `who`: that is the stats'. */
struct engine_usage {
	const struct config *config;
	const char *who;     /* as it was named; NULL if it was not */
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

/* One that is paused gets SIGKILL and its stop signal at once, as it is let go on for them, and
 * others when it is. ERR_CONFLICT: it is not running. */
int engine_kill(const struct engine *engine, const char *who, int signal, struct err *err);

/* Several at once: to each its stop signal, or `signal` if > 0; and SIGKILL when it has not ended
 * after `timeout_s` seconds (-1: never; ENGINE_STOP_TIMEOUT: its own). One that has ended is
 * stopped. */
#define ENGINE_STOP_TIMEOUT INT32_MIN
struct engine_stop {
	const char *who;
	int signal;
	int32_t timeout_s;
	int r; /* 1: it ended; 0: it did not run; or a negative errno, and */
	struct err err;
};
void engine_stop_all(const struct engine *engine, struct engine_stop *stops, size_t n);

/* Let all its processes stand still, and go on. ERR_CONFLICT: it does not run, or is so already. */
int engine_pause(const struct engine *engine, const char *who, struct err *err);
int engine_unpause(const struct engine *engine, const char *who, struct err *err);

/* ERR_CONFLICT: the name is taken. ERR_USAGE: it is no name, or it is the container's. */
int engine_rename(const struct engine *engine, const char *who, const char *name,
		  struct err *err);

/*
 * Other limits. Of `changes` its limits count (what `run` and `update` have in common) that are not
 * 0, NULL or empty; memory_bytes and memory_reservation_bytes may be -1, which takes them away.
 * On failure nothing has changed. ERR_USAGE: they make no sense with those that stay.
 */
int engine_update(const struct engine *engine, const char *who, const struct config *changes,
		  struct err *err);

/* What can be waited for. */
enum engine_condition {
	ENGINE_NOT_RUNNING = 1 << 0, /* also one that was never started */
	ENGINE_NEXT_EXIT = 1 << 1,   /* an end that is yet to come */
	ENGINE_REMOVED = 1 << 2,
	ENGINE_CREATED = 1 << 3,     /* it is there, whatever it does */
	ENGINE_RUNNING = 1 << 4,
	ENGINE_PAUSED = 1 << 5,
};

/*
 * Wait until one of `conditions` holds; where nothing tells of it, look every `look_ms`.
 * *ret_status: its exit status, or -1 while it has none. ERR_NOT_FOUND: there is no such container,
 * and `conditions` says nothing of ENGINE_REMOVED.
 */
int engine_wait(const struct engine *engine, const char *who, unsigned conditions, int look_ms,
		int *ret_status, struct err *err);

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
	unsigned preserve_fds;    /* our descriptors 3 .. 3+N-1 are passed on */
	const char *detach_keys;  /* NULL: the default; "": none */
};

/*
 * One more process in a running container: in all its namespaces and its cgroup, with its user,
 * capabilities and seccomp filter. Of a process that no container is, only the namespaces are
 * entered, with all our own rights. *ret_status: its exit status, 0 when detached or left.
 */
int engine_exec(const struct engine *engine, const struct engine_exec *request,
		struct arena *arena, int *ret_status, struct err *err);
