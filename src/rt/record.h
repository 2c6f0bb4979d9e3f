/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is kept of a container on disk, and the only place that knows how:
 *
 *	ROOT/ID/state.json    struct record; written before anything is made (the intent), so that
 *	                      a create that is killed at any moment can be cleaned up after
 *	ROOT/ID/pid           "PID IDENTITY [BOOT]\n", written as soon as clone3 returned;
 *	                      "complete\n" is added when the container is. BOOT is there where ROOT
 *	                      outlives a boot: in the next one both numbers may be another's
 *	ROOT/ID/config.json   as it was given
 *	ROOT/ID/filter        of system calls, if one was given ready-made: its instructions
 *	ROOT/ID/start.sock    the container waits here for `start`: it is created, not running
 *	ROOT/ID/notify/       the socket for readiness messages, if there was a NOTIFY_SOCKET
 *	ROOT/.seccomp/        compiled filters
 *
 * The directory ROOT/ID is the lock on the name: whoever makes it owns the id.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "rt/rt.h"
#include "sys/proc.h"

#include <stdbool.h>
#include <stdint.h>

#define RECORD_START_SOCKET "start.sock"

struct record {
	char *id, *oci_version, *bundle, *rootfs, *created;
	char *cgroup_path;       /* below the hierarchies' roots; NULL: none of ours (yet) */
	char *cgroup_manager;    /* "cgroupfs", "systemd", "disabled" */
	char *systemd_slice, *systemd_unit; /* of the systemd driver, or NULL */
	bool made_rdt_class, made_rdt_monitor; /* of linux.intelRdt */
	bool has_poststop;
	bool is_user_scope;      /* systemd_unit is of the user's own manager */
	uint32_t uid;            /* of who created it */
	struct oci_pairs annotations;

	bool is_damaged;         /* made up from what could still be read: record_salvage */
	pid_t host_pid;          /* from the file `pid`; 0: not yet */
	uint64_t pid_identity;    /* proc_identity */
	char boot_id[PROC_BOOT_ID_BYTES]; /* from there; "": a boot takes it away */
	bool is_creating;        /* from there: not complete yet */
};

/* A container's directory, open. */
struct record_dir {
	int root_fd, dir_fd;
	int pid_fd; /* of who creates it: the file `pid`, until the container is complete; -1 */
	char id[1025];
};

void record_dir_init(struct record_dir *dir);
void record_dir_done(struct record_dir *dir);
#define auto_record_dir auto_cleanup(record_dir_done)

/* Make the directory. ERR_CONFLICT: the id is taken. */
int record_create(const struct rt *rt, const char *id, struct record_dir *dir, struct err *err);

/* Open it. ERR_NOT_FOUND: no such container. */
int record_open(const struct rt *rt, const char *id, struct record_dir *dir, struct err *err);

/* Take all of it away. */
int record_remove(struct record_dir *dir, struct err *err);

/* Write state.json, atomically. */
int record_write(const struct record_dir *dir, const struct record *record, struct err *err);

/* Read it, and `pid`. A directory without a record (a create that died early) gives an
 * empty one. */
int record_read(const struct record_dir *dir, struct arena *arena, struct record **ret_record,
		struct err *err);

/* What is known of a container whose record can't be read: its id and pid. For taking it away. */
int record_salvage(const struct record_dir *dir, struct arena *arena, struct record **ret_record,
		   struct err *err);

/* Fill boot_id where the state outlives a boot. */
int record_find_boot(const struct rt *rt, int proc_fd, struct record *record, struct err *err);

/* host_pid, pid_identity and boot_id */
int record_write_pid(struct record_dir *dir, const struct record *record, struct err *err);

/* The container is complete: one write. After record_write_pid. */
int record_complete(struct record_dir *dir, struct err *err);

int record_write_config(const struct record_dir *dir, const struct buf *config, struct err *err);

/* Parse the kept config.json. */
int record_read_spec(const struct record_dir *dir, struct arena *arena, struct oci_spec **ret_spec,
		     struct err *err);

int record_write_filter(const struct record_dir *dir, const struct sock_fprog *filter,
			struct err *err);

/* Returns 1, or 0 where there is none. The instructions live in `arena`. */
int record_read_filter(const struct record_dir *dir, struct arena *arena, struct sock_fprog *ret,
		       struct err *err);

/* It no longer waits for `start`. */
void record_mark_started(const struct record_dir *dir);

/* Is the container waiting for `start`? */
bool record_is_created(const struct record_dir *dir);

/* All ids below the root, sorted, in `arena`. */
int record_list(const struct rt *rt, struct arena *arena, char ***ret_ids, size_t *ret_n,
		struct err *err);

/* The directory of compiled seccomp programs, made if missing; -1 where it can't be used. */
int record_open_seccomp_cache(const struct record_dir *dir);

/* Is the container's first process alive, and still the same? Returns a pidfd of it (the caller's),
 * or -ESRCH. */
int record_open_process(const struct record *record, int proc_fd);
