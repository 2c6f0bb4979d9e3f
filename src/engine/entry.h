/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is kept of a container on disk, and the only place that knows how:
 *
 *	ROOT/containers/ID/container.json   what was asked (engine/config.h)
 *	ROOT/containers/ID/status.json      what became of it (engine/status.h); absent: created
 *	ROOT/containers/ID/network.json     its networks (engine/net_record.h); absent: it has none
 *	ROOT/containers/ID/hosts, hostname, resolv.conf    what it sees below /etc
 *	ROOT/containers/ID/monitor          locked (flock) by its monitor until the end is recorded;
 *	                                    then it holds the exit code, as a line ("-": none)
 *	ROOT/containers/ID/attach           the socket where its monitor listens
 *	ROOT/containers/ID/log, log.1, ...  what it wrote, once it did (engine/log_files.h)
 *	ROOT/containers/ID/paused, renaming engine/marks.h
 *	ROOT/containers/ID/rootfs/          where its root is mounted, in its monitor's namespace
 *	ROOT/containers/ID/changes/         what it changed in the layers of its image
 *	ROOT/containers/ID/shown/N/         the same of an image that it is shown, while it runs
 *	ROOT/containers/ID/stage/           where what it gets is made, in that namespace too
 *	ROOT/names/NAME -> ID               engine/names.h
 *	ROOT/ids/START -> ID                engine/ids.h; START.shared/ID
 *
 * Directories are 0700: what a container's environment and log hold is nobody else's. Files are
 * replaced whole, so readers take no lock.
 */

#include "engine/engine.h"
#include "engine/ident.h"
#include "engine/net_record.h"
#include "engine/status.h"

#define ENTRY_CONFIG_FILE "container.json"
#define ENTRY_ROOT_DIR    "rootfs"
#define ENTRY_CHANGES_DIR "changes"
#define ENTRY_VOLUMES_DIR "volumes"
#define ENTRY_SHOWN_DIR   "shown"
#define ENTRY_STAGE_DIR   "stage"

#define ENTRY_NETWORK_FILE  "network.json"
#define ENTRY_HOSTS_FILE    "hosts"
#define ENTRY_HOSTNAME_FILE "hostname"
#define ENTRY_RESOLV_FILE   "resolv.conf"

#define ENTRY_MONITOR_FILE  "monitor"
#define ENTRY_ATTACH_SOCKET "attach"

struct entry {
	int containers_fd, names_fd, ids_fd;
	int dir_fd;
	char id[IDENT_ID_LEN + 1];
};

#define ENTRY_NONE { -1, -1, -1, -1, "" }
void entry_done(struct entry *entry);
#define auto_entry auto_cleanup(entry_done)

/*
 * Make the entry of a new container. Fills config->id and created; also name, if that is NULL,
 * ids_start, if ids_size is not 0, and the limits of the log that nobody asked for. On failure
 * nothing is left. ERR_CONFLICT: the name is taken.
 */
int entry_create(const struct engine *engine, struct config *config, struct arena *arena,
		 struct entry *entry, struct err *err);

/* Find and open it, by its name, as docker writes names (/NAME), or by what begins its id.
 * ERR_NOT_FOUND; ERR_USAGE: `who` begins more than one id. */
int entry_open(const struct engine *engine, const char *who, struct entry *entry, struct err *err);

/* Open it by its whole id. -ENOENT: it is gone. */
int entry_open_id(const struct engine *engine, const char *id, struct entry *entry,
		  struct err *err);

int entry_read_config(const struct entry *entry, struct arena *arena, struct config **ret_config,
		      struct err *err);

/* Put `config` in its place, at once. -ENOENT: it is hidden. */
int entry_replace_config(const struct entry *entry, const struct config *config, struct err *err);

/* Whoever changes what is asked of a container, or pauses it, does so alone: nobody else has it
 * until the caller closes *ret_fd. */
int entry_hold(const struct entry *entry, int *ret_fd, struct err *err);

int entry_write_status(const struct entry *entry, const struct status *status, struct err *err);

/* What was written last; `created` if nothing was. */
int entry_read_status(const struct entry *entry, struct arena *arena, struct status **ret_status,
		      struct err *err);

/* What it has of networks; NULL: none. */
int entry_write_network(const struct entry *entry, const struct net_record *record,
			struct err *err);
int entry_read_network(const struct entry *entry, struct arena *arena, struct net_record **ret,
		       struct err *err);

/* Put a file there for the container to see, 0644, of `owner`: whoever is root inside. One that is
 * there is written over, so that who has it mounted sees the change. */
int entry_write_shown(const struct entry *entry, const char *name, const struct buf *text,
		      uint32_t owner, struct err *err);

/* What is in it now, whoever wrote that. -ENOENT: there is none. */
int entry_read_shown(const struct entry *entry, const char *name, struct buf *ret,
		     struct err *err);

/*
 * Free the name (NULL: whichever it has) and let nobody list it any more; entry_remove takes the
 * rest away later. Who makes a container writes that it runs and then asks whether it is hidden;
 * who removes one hides it and then asks whether it runs. So one of the two ends it.
 */
void entry_hide(const struct entry *entry, const char *name);
bool entry_is_hidden(const struct entry *entry);

/* Hide it unless it is hidden, and then take all of it away, by what `config` says (NULL: that
 * can't be known). That some of it is gone already is success. */
int entry_remove(const struct entry *entry, const struct config *config, struct err *err);

/*
 * Show each to `fn`, in no order and with no lock: opened so that its files can be read, which may
 * be gone by then. Nothing else can be done with it.
 */
typedef void entry_fn(void *data, const struct entry *entry);
int entry_walk(const struct engine *engine, entry_fn *fn, void *data, struct err *err);

/* ------------------------------------------------------------------------------- the monitor */

/* For a monitor that is to be: take the lock, when all that the one before held is taken apart. The
 * caller owns *ret_lock_fd; the lock goes with its last copy. -EBUSY (no words): it has one. */
int entry_begin(const struct entry *entry, int *ret_lock_fd, struct err *err);

/* Leave the exit code there, and let those know who wait for it. */
void entry_unlock(int lock_fd, int exit_code);

/* The socket: the monitor's end, and that of who calls it. -ECONNREFUSED, -ENOENT: nobody
 * listens. */
int entry_listen(const struct entry *entry, int *ret_fd, struct err *err);
int entry_call(const struct entry *entry, int *ret_fd, struct err *err);

/* Is there a monitor? 1 or 0. */
int entry_has_monitor(const struct entry *entry);

/* Is there one, or one that is still at taking apart what the container held? */
bool entry_is_attended(const struct entry *entry);

/* Wait until the monitor has taken apart what the container held. Nobody starts it meanwhile if the
 * caller has it by entry_hold. */
int entry_await_apart(const struct entry *entry, struct err *err);

/* Open what entry_await waits on. -ENOENT (no words): it never had a monitor. */
int entry_open_monitor(const struct entry *entry, int *ret_fd, struct err *err);

/* Wait until the monitor has recorded the end, also when the entry is removed meanwhile. Returns
 * the exit code, or -ESRCH (no words) when the monitor left none: it was killed. */
int entry_await(int monitor_fd, struct err *err);

/* The exit code that was recorded, or -ESRCH (no words): none yet. Does not wait. */
int entry_read_exit(int monitor_fd);
