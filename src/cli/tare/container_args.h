/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The options that say what a container is like, docker's, and how they become a struct config.
 * `run` has them, and whatever else makes a container.
 */

#include "cli/tare/device_args.h"
#include "cli/tare/container_refusals.h"
#include "cli/tare/limit_args.h"
#include "cli/tare/network_args.h"
#include "cli/tare/verb.h"

struct container_args {
	const char *log_driver;
	const char *name, *rootfs, *workdir, *user, *hostname, *entrypoint, *stop_signal;
	const char *domainname, *umask, *timezone, *cgroup_parent, *id_file, *runtime;
	struct opt_strings env, env_files, volumes, mounts, tmpfs, cap_add, cap_drop, security_opts,
		labels, label_files, annotations, groups, unset_env, sysctls, volumes_from,
		log_opts, attach;
	struct opt_i64 stop_timeout, timeout;
	struct limit_args limits;
	struct device_args devices;
	struct network_args network;
	const char *pid, *ipc, *uts, *userns;
	int cgroup_ns; /* a choice */
	int isolation; /* of one, which docker's scripts name */
	bool interactive, tty, rm, read_only, init, privileged, unset_all_env,
		read_only_tmpfs;
};

#define CONTAINER_OPTIONS                                                                       \
	CONTAINER_PROCESS_OPTIONS, CONTAINER_NOTE_OPTIONS, CONTAINER_SIGHT_OPTIONS,             \
	CONTAINER_RIGHT_OPTIONS,                                                                \
	NETWORK_OPTIONS(struct container_args, network),                                        \
	DEVICE_OPTIONS(struct container_args, devices),                                         \
	LIMIT_OPTIONS(struct container_args, limits),                                           \
	OPT_STRING(struct container_args, cgroup_parent, "cgroup-parent", 0, "PATH",            \
		   "the cgroup that it is made below; as cgroup_parent in tare.conf"),          \
	OPT_STRING(struct container_args, runtime, "runtime", 0, "NAME",                        \
		   "who starts it: tare-oci, our own; there is no other"),                      \
	CONTAINER_REFUSALS

#define CONTAINER_PROCESS_OPTIONS                                                               \
	OPT_STRING(struct container_args, name, "name", 0, "NAME",                              \
		   "its name; one is made up by default"),                                      \
	OPT_FLAG(struct container_args, interactive, "interactive", 'i',                        \
		 "it reads our standard input"),                                                \
	OPT_FLAG(struct container_args, tty, "tty", 't', "it has a terminal"),                  \
	OPT_STRINGS(struct container_args, attach, "attach", 'a', "stdin|stdout|stderr",        \
		    "one of its streams that is ours; all of them by default"),                 \
	OPT_FLAG(struct container_args, rm, "rm", 0, "nothing is left of it when it has ended"),\
	OPT_STRINGS(struct container_args, env, "env", 'e', "NAME[=VALUE]",                     \
		    "a variable of its environment; without VALUE, as we have it"),             \
	OPT_STRINGS(struct container_args, env_files, "env-file", 0, "FILE",                    \
		    "a file of such variables, one a line"),                                    \
	OPT_STRINGS(struct container_args, unset_env, "unsetenv", 0, "NAME",                    \
		    "a variable that every container or its image has, and it has not"),        \
	OPT_FLAG(struct container_args, unset_all_env, "unsetenv-all", 0,                       \
		 "no variables but those that are given here"),                                 \
	OPT_STRING(struct container_args, workdir, "workdir", 'w', "DIR",                       \
		   "the working directory; made if it is missing"),                             \
	OPT_STRING(struct container_args, user, "user", 'u', "USER[:GROUP]",                    \
		   "names of the container's own passwd and group, or numbers"),                \
	OPT_STRINGS(struct container_args, groups, "group-add", 0, "GROUP",                     \
		    "one more group that it is in, by name or number"),                         \
	OPT_STRING(struct container_args, umask, "umask", 0, "MODE",                            \
		   "its umask; 0022 by default"),                                               \
	OPT_STRING(struct container_args, timezone, "tz", 0, "ZONE",                            \
		   "its time zone, as Europe/Vienna; local: the host's"),                       \
	OPT_STRING(struct container_args, entrypoint, "entrypoint", 0, "PROGRAM",               \
		   "the program, which COMMAND are the arguments of; empty: none"),             \
	OPT_FLAG(struct container_args, init, "init", 0,                                        \
		 "run a small init, which passes signals on and reaps orphans"),                \
	OPT_STRING(struct container_args, stop_signal, "stop-signal", 0, "SIGNAL",              \
		   "what `stop` sends; TERM by default"),                                       \
	OPT_I64(struct container_args, stop_timeout, "stop-timeout", 0, "SECONDS",                \
		"until `stop` kills; 10 by default, -1 for never"),                             \
	OPT_I64(struct container_args, timeout, "timeout", 0, "SECONDS",                        \
		"how long it may run; then it is killed; 0, the default: as long as it likes")

#define CONTAINER_NOTE_OPTIONS                                                                  \
	OPT_STRINGS(struct container_args, labels, "label", 'l', "NAME[=VALUE]",                \
		    "a note on the container"),                                                 \
	OPT_STRINGS(struct container_args, label_files, "label-file", 0, "FILE",                \
		    "a file of such notes, one a line"),                                        \
	OPT_STRINGS(struct container_args, annotations, "annotation", 0, "NAME=VALUE",          \
		    "a note for the runtime, as the OCI specification has it"),                 \
	OPT_STRING(struct container_args, id_file, "cidfile", 0, "FILE",                        \
		   "write its id to a file, which must not exist yet"),          \
	OPT_STRING(struct container_args, log_driver, "log-driver", 0, "DRIVER",                \
		   "where what it writes is kept: json-file, the default, or none"),            \
	OPT_STRINGS(struct container_args, log_opts, "log-opt", 0, "NAME=VALUE",                \
		    "of its log: max-size=SIZE, max-file=NUMBER, labels=NAME,..., env=NAME,...")

#define CONTAINER_SIGHT_OPTIONS                                                                 \
	OPT_STRING(struct container_args, rootfs, "rootfs", 0, "DIR",                           \
		   "the root filesystem; / is a view of the host's, whose changes are lost"),   \
	OPT_FLAG(struct container_args, read_only, "read-only", 0,                              \
		 "the root filesystem can't be written"),                                       \
	OPT_FLAG(struct container_args, read_only_tmpfs, "read-only-tmpfs", 0,                  \
		 "with --read-only: /run, /tmp and /var/tmp are in memory, and can be"),        \
	OPT_STRINGS(struct container_args, volumes_from, "volumes-from", 0, "NAME[:ro]",        \
		    "show what another container is shown, at the same places"),                \
	OPT_STRINGS(struct container_args, volumes, "volume", 'v', "SOURCE:TARGET[:OPTIONS]",   \
		    "show a directory or file of the host; options: ro, U, nosuid, rslave, ..."), \
	OPT_STRINGS(struct container_args, mounts, "mount", 0, "type=TYPE,dst=TARGET,...",      \
		    "the same in more words, a tmpfs, or an image: type=image,src=IMAGE; "      \
		    "fields: src, ro, tmpfs-size, subpath, ..."),                               \
	OPT_STRINGS(struct container_args, tmpfs, "tmpfs", 0, "TARGET[:OPTIONS]",               \
		    "a directory that lives in memory; options: size, mode, exec, ..."),        \
	OPT_STRING(struct container_args, hostname, "hostname", 'h', "NAME",                    \
		   "the name of the machine; the beginning of the id by default"),              \
	OPT_STRING(struct container_args, domainname, "domainname", 0, "NAME",                  \
		   "the NIS domain name of the machine"),                                       \
	OPT_STRINGS(struct container_args, sysctls, "sysctl", 0, "NAME=VALUE",                  \
		    "a setting of the kernel, of a namespace that it has of its own"),          \
	CONTAINER_SHARING_OPTIONS

#define CONTAINER_SHARING_OPTIONS                                                               \
	OPT_STRING(struct container_args, pid, "pid", 0, "private|host|container:NAME",         \
		   "whose processes it sees; only its own by default"),                         \
	OPT_STRING(struct container_args, ipc, "ipc", 0,                                        \
		   "none|private|shareable|host|container:NAME",                                \
		   "whose shared memory and message queues it sees; shareable by default"),     \
	OPT_STRING(struct container_args, uts, "uts", 0, "private|host|container:NAME",         \
		   "whose name the machine has in it"),                                         \
	OPT_CHOICE(struct container_args, cgroup_ns, "cgroupns", 0, "private|host",             \
		   "whether it sees its own cgroup alone; private by default"),                 \
	OPT_STRING(struct container_args, userns, "userns", 0,                                  \
		   "private|host|container:NAME",                                               \
		   "whose ids it has; of an image, its own by default"),                        \
	OPT_CHOICE(struct container_args, isolation, "isolation", 0, "default",                 \
		   "what all containers have: there are others on Windows only")

#define CONTAINER_RIGHT_OPTIONS                                                                 \
	OPT_STRINGS(struct container_args, cap_add, "cap-add", 0, "CAPABILITY",                 \
		    "give one more, as NET_ADMIN; or ALL"),                                     \
	OPT_STRINGS(struct container_args, cap_drop, "cap-drop", 0, "CAPABILITY",               \
		    "take one of the usual away, as CHOWN; or ALL"),                            \
	OPT_STRINGS(struct container_args, security_opts, "security-opt", 0, "NAME[=VALUE]",    \
		    "no-new-privileges, seccomp=FILE (or unconfined), apparmor=PROFILE, "       \
		    "mask=PATH, unmask=PATH"),                                                  \
	OPT_FLAG(struct container_args, privileged, "privileged", 0,                            \
		 "give all capabilities and devices, and hide nothing")

/*
 * --cidfile: of two that name one file, one has it. *ret_fd is > 0 where one was asked for, and the
 * caller's. Of a container that could not be made there is none left.
 */
int id_file_make(const struct container_args *args, int *ret_fd, struct err *err);
void id_file_remove(const struct container_args *args);

/*
 * What the options and the command ask for, in the call's arena. `command` is what followed them,
 * NULL-terminated. The id and the time are the engine's to fill, and the name if none was given.
 */
int container_config(const struct call *call, const struct container_args *args, char **command,
		     struct config **ret, struct err *err);

/* The id, as `create` and `run --detach` print it. */
int container_print_id(const struct config *config, struct err *err);
