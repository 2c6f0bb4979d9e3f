/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Containers as the OCI runtime specification knows them: the operations of its lifecycle. This is
 * the library's front door; `tare-oci` is a command line over it, the engine calls it directly.
 *
 * OCI runtime specification 1.3, runtime.md (lifecycle, state) and config-linux.md.
 *
 * Every function checks `id` (rt_id_check) before it touches anything. Errors a caller may act on:
 * ERR_NOT_FOUND (no such container), ERR_CONFLICT (its state forbids that, or the id is taken),
 * ERR_USAGE (the request or the configuration makes no sense).
 */

#include "base/buf.h"
#include "base/err.h"
#include "oci/spec.h"

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum rt_cgroup_manager { RT_CGROUPFS, RT_SYSTEMD, RT_CGROUP_DISABLED };

/* What holds for all commands of one call of the program. */
struct rt {
	const char *root; /* the state directory; one subdirectory per container */
	enum rt_cgroup_manager cgroup_manager;
	bool rootless; /* limits that we have no right to set are left out, not an error */
};

/* The directory that `root` defaults to: below /run, or $XDG_RUNTIME_DIR for other users. */
int rt_default_root(struct buf *ret_path, struct err *err);

/* [A-Za-z0-9_+-.]{1,1024} as runc has it, not "." or ".."; -EINVAL otherwise. */
int rt_id_check(const char *id, struct err *err);

/* ------------------------------------------------------------------------------- birth */

/*
 * Furnish the new network namespace of a container, which is `netns_fd`'s: called before anything
 * of it is executed, while its first process goes on with its mounts. That one's loopback is its
 * own matter.
 */
typedef int rt_network_fn(int netns_fd, void *arg, struct err *err);

struct rt_create {
	const char *id, *bundle; /* bundle: absolute, or relative to the working directory */
	const struct oci_spec *spec;
	struct buf config;          /* config.json as it was given; empty: made from `spec` */
	const struct sock_fprog *filter; /* instead of `spec`'s linux.seccomp; NULL: that. It is
					  * kept, and what is executed later gets it as well */
	rt_network_fn *on_network;  /* or NULL */
	void *on_network_arg;
	const char *pid_file;       /* or NULL */
	const char *console_socket; /* path of an AF_UNIX socket, or NULL */
	const int *stdio_fds;       /* its 0, 1 and 2; NULL: ours. Not with a terminal */
	unsigned preserve_fds;      /* descriptors 3 .. 3+N-1 are passed on */
	bool listen_fds;            /* LISTEN_FDS of our environment is passed on as well */
	bool no_pivot, no_new_keyring;
	bool ignore_missing_limits; /* those whose cgroup controller is missing: only a warning */
	bool detach; /* run only */
	bool keep;   /* run only: leave the state when the container has ended */
};

/* Read, parse and check `bundle`/config.json, or `config_path`. Fills spec and config. */
int rt_load_config(struct rt_create *create, const char *config_path, struct arena *arena,
		   struct err *err);

int rt_create(const struct rt *rt, const struct rt_create *create, struct err *err);
int rt_start(const struct rt *rt, const char *id, struct err *err);

/* create, start, wait, delete. *ret_status: the container's exit status, 128+n for signal n; 0 when
 * detached. */
int rt_run(const struct rt *rt, const struct rt_create *create, int *ret_status, struct err *err);

/*
 * A container whose parent stays with it, as the engine's monitor does: rt_run in steps, for who
 * has something to do in between. Until rt_life_start the container waits for us and dies with us;
 * later it lives on if we are killed, and rt_delete cleans up after both.
 */
struct rt_life;

/* create. The caller frees *ret_life. `rt` and `create` are borrowed until then, but what `create`
 * points to until rt_life_start only, unless its specification has poststop hooks. */
int rt_life_begin(const struct rt *rt, const struct rt_create *create, struct rt_life **ret_life,
		  struct err *err);

pid_t rt_life_pid(const struct rt_life *life);
int rt_life_pidfd(const struct rt_life *life); /* borrowed; polls readable at the end */
int rt_life_take_terminal(struct rt_life *life); /* the master, now the caller's; -1: none */

/* start. When it fails nothing is left of the container. */
int rt_life_start(struct rt_life *life, struct err *err);

/* Wait for the end. *ret_status: the exit status, 128+n for signal n. */
int rt_life_wait(struct rt_life *life, int *ret_status, struct err *err);

/* How many of its processes the kernel has killed so far for lack of memory. */
uint32_t rt_life_oom_kills(const struct rt_life *life);

/* delete: what it left in its cgroup is killed, and all that was made for it goes. */
int rt_life_end(struct rt_life *life, struct err *err);

void rt_life_free(struct rt_life *life); /* removes nothing */

/* ------------------------------------------------------------------------------- life */

struct rt_exec {
	const char *id;
	pid_t target_pid;                  /* instead of `id`: any process of this machine */
	const struct oci_process *process; /* complete: see rt_exec_process */
	const struct oci_spec *spec;       /* of the container; NULL: rt_exec reads it itself */
	const char *pid_file, *console_socket;
	const char *cgroup; /* below the container's own, or NULL */
	const int *stdio_fds; /* its 0, 1 and 2; NULL: ours. Not with a terminal */
	unsigned preserve_fds;
	bool listen_fds, detach;
	bool ignore_paused; /* without it, a paused container is ERR_CONFLICT */
};

/* The settings of the container's own process, in `arena`, for exec's flags to change. Fills
 * exec->spec on the way. */
int rt_exec_process(const struct rt *rt, struct rt_exec *exec, struct arena *arena,
		    struct oci_process **ret_process, struct err *err);

/* `user` as exec --user takes it: "uid[:gid]" or names of the container's /etc/passwd, group. */
int rt_exec_user(const struct rt *rt, const char *id, const char *user, struct arena *arena,
		 struct oci_user *ret_user, struct err *err);

int rt_exec(const struct rt *rt, const struct rt_exec *exec, int *ret_status, struct err *err);

/* rt_exec in steps, for who attends it otherwise. */
struct rt_process {
	pid_t host_pid;
	int pidfd;       /* polls readable at the end; the caller's */
	int terminal_fd; /* the master, the caller's; -1: none */
};

/* On failure nothing is left. */
int rt_exec_start(const struct rt *rt, const struct rt_exec *exec, struct rt_process *ret,
		  struct err *err);

/* Wait for its end. Returns the exit status, 128+n for signal n, or -errno. */
int rt_process_wait(const struct rt_process *process);

/* The specification of a process that nobody made one for, as far as exec needs it: which of its
 * namespaces are not ours. ERR_NOT_FOUND: no such process. */
int rt_exec_spec(pid_t target_pid, struct arena *arena, struct oci_spec **ret_spec,
		 struct err *err);

/* Signal the container's first process, or with `all` every process of its cgroup. */
int rt_kill(const struct rt *rt, const char *id, int signal, bool all, struct err *err);

/* A pidfd of its first process, the caller's. ERR_CONFLICT: it has ended. */
int rt_pidfd_open(const struct rt *rt, const char *id, int *ret_pidfd, struct err *err);

int rt_pause(const struct rt *rt, const char *id, struct err *err);
int rt_resume(const struct rt *rt, const char *id, struct err *err);
int rt_update(const struct rt *rt, const char *id, const struct oci_resources *resources,
	      struct err *err);

/* Whether linux.resources.memory.swap can be had on this machine. */
bool rt_can_limit_swap(void);

/* Mount into, or unmount from, a running container: what `mounts add|remove` is given. */
int rt_mounts_add(const struct rt *rt, const char *id, const struct oci_mount *mounts, size_t n,
		  struct err *err);
int rt_mounts_remove(const struct rt *rt, const char *id, const struct oci_mount *mounts, size_t n,
		     struct err *err);

/* ------------------------------------------------------------------------------- looking */

enum rt_status { RT_CREATING, RT_CREATED, RT_RUNNING, RT_PAUSED, RT_STOPPED };

const char *rt_status_name(enum rt_status status);

struct rt_state {
	char *id, *oci_version, *bundle, *rootfs, *created, *owner; /* created: RFC 3339 */
	enum rt_status status;
	pid_t host_pid; /* 0 when stopped */
	struct oci_pairs annotations;
};

int rt_state_get(const struct rt *rt, const char *id, struct arena *arena,
		 struct rt_state **ret_state, struct err *err);

/* The state as runtime.md has it, as JSON with a final newline. */
void rt_state_format(const struct rt_state *state, struct buf *out);

/* All containers, by name. Of one that can't be read there is the name, and why in `bundle`. */
int rt_list(const struct rt *rt, struct arena *arena, struct rt_state ***ret_states, size_t *ret_n,
	    struct err *err);

/* The processes of the container's cgroup, as pids of the host, in `arena`. */
int rt_pids(const struct rt *rt, const char *id, struct arena *arena, pid_t **ret_pids,
	    size_t *ret_n, struct err *err);

struct rt_pressure {
	bool is_set;     /* the kernel tells it: cgroup v2 only, where it is not turned off */
	double some_pct; /* of the last 10 s somebody waited */
};

/* What a container uses, the same for all kinds of cgroups. */
struct rt_usage {
	int64_t taken_ns; /* when, CLOCK_MONOTONIC */
	uint64_t cpu_ns;  /* so far, of all processors */
	uint64_t memory_bytes;       /* without file cache that would go first */
	uint64_t memory_limit_bytes; /* the least of its own, those above it, and the machine's */
	uint64_t read_bytes, written_bytes;  /* of disks */
	uint64_t received_bytes, sent_bytes; /* of its first process's network but the loopback */
	uint64_t processes, processes_limit; /* limit 0: none */
	struct rt_pressure cpu_pressure, memory_pressure, io_pressure;
};

/* ERR_CONFLICT: it has ended. */
int rt_usage_get(const struct rt *rt, const char *id, struct rt_usage *ret, struct err *err);

/* One record of `events --stats`: {"type":"stats","id":...,"data":{...}} and a newline. */
int rt_stats_format(const struct rt *rt, const char *id, struct buf *out, struct err *err);

/* A descriptor that polls readable at each OOM kill in the container; the caller closes it. */
int rt_oom_open(const struct rt *rt, const char *id, int *ret_fd, struct err *err);

/* What it reported: 1 there was a kill, 0 there was none, -ESRCH the container is gone. `*seen`, 0
 * at first, is the caller's memory between calls. */
int rt_oom_consume(const struct rt *rt, const char *id, int fd, uint64_t *seen, struct err *err);

/* ------------------------------------------------------------------------------- end */

/* Remove a stopped container; with `force` kill it first, and clean up after a create that died. */
int rt_delete(const struct rt *rt, const char *id, bool force, struct err *err);

/* ------------------------------------------------------------------------------- other words */

/*
 * Like fork(2), but the child lives in the cgroup `cgroup_path`, made if it is missing, in every
 * hierarchy of this machine. 0 in the child; in the parent its pid, and its pidfd (the caller's) in
 * *ret_pidfd. The caller is single-threaded.
 */
pid_t rt_clone_into(const struct rt *rt, const char *cgroup_path, int *ret_pidfd, struct err *err);

/* The features document of the specification (features.md), pretty-printed. */
int rt_features_format(struct buf *out, struct err *err);

/* A config.json to start from, as `spec` prints it. */
void rt_spec_format(bool rootless, struct buf *out);
