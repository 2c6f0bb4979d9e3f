/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What create and run have in common: their options, and how these become a struct rt_create.
 */

#include "cli/oci/verb.h"

struct birth_args {
	const char *bundle, *config, *pid_file, *console_socket;
	uint32_t preserve_fds;
	bool no_pivot, no_new_keyring, no_subreaper;
	bool detach, keep; /* run only */
};

#define BIRTH_OPTIONS                                                                       \
	OPT_STRING(struct birth_args, bundle, "bundle", 'b', "DIR",                         \
		   "the bundle's directory; the working directory by default"),             \
	OPT_STRING(struct birth_args, config, "config", 'f', "FILE",                        \
		   "the configuration; config.json of the bundle by default"),              \
	OPT_STRING(struct birth_args, pid_file, "pid-file", 0, "FILE",                      \
		   "write the pid of the container's first process there"),                 \
	OPT_STRING(struct birth_args, console_socket, "console-socket", 0, "SOCKET",        \
		   "send the master side of the container's terminal there"),               \
	OPT_U32(struct birth_args, preserve_fds, "preserve-fds", "N",                       \
		"pass descriptors 3 to 3+N-1 on, besides those of LISTEN_FDS"),             \
	OPT_FLAG(struct birth_args, no_pivot, "no-pivot", 0,                                \
		 "enter the root filesystem without pivot_root, for one on a ramdisk"),     \
	OPT_FLAG(struct birth_args, no_new_keyring, "no-new-keyring", 0,                    \
		 "keep the caller's session keyring"),                                      \
	OPT_FLAG(struct birth_args, no_subreaper, "no-subreaper", 0,                        \
		 "accepted for runc's callers: there is no subreaper to do without")

/* Fill `create`; the configuration is read, parsed and checked. The caller frees create->config. */
int birth_load(const struct call *call, struct rt_create *create, struct err *err);
