/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tare.conf(5): what the machine's administrator says once for all. /etc/tare/tare.conf, and for
 * who is not root then $XDG_CONFIG_HOME/tare/tare.conf (~/.config by default), whose words prevail.
 * $TARE_CONF names another file that is read instead of these.
 */

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"

#include <stdbool.h>

struct settings {
	const char *root, *cgroup_parent; /* absolute; NULL: not said */
	bool refuses_host_ids;            /* userns_fallback = "refuse" */
	int64_t log_max_size_bytes, log_max_files; /* of one file, -1: any; of a container */
	bool no_new_privs;                /* of containers that say nothing else */
	struct ip publish_address;        /* family 0: not said */
	bool respects_input_policy;       /* of a host that drops input, for published ports */
};

/* In `arena`. A file that is not there says nothing, but for $TARE_CONF's. ERR_USAGE: a word that
 * we do not know, or one that makes no sense; the error has the file and the line. */
int settings_read(struct arena *arena, struct settings *ret, struct err *err);

/* The text of one file, on top of what is in `settings`. */
int settings_add(struct settings *settings, const char *text, size_t len, struct arena *arena,
		 struct err *err);
