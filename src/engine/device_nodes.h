/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Devices of the host that a container is given, as a specification and a /dev need them. */

#include "base/arena.h"
#include "base/err.h"
#include "engine/config.h"

#include <sys/types.h>

struct device_node {
	char *path; /* in the container */
	mode_t mode;
	dev_t rdev;
	uid_t uid; /* as the host has them */
	gid_t gid;
};

struct device_nodes {
	struct device_node *v;
	size_t n;
};

/*
 * Add what `source` of the host is, a node or a directory of them, as `target`. Of a directory what
 * is a container's own is left out: terminals, its console, links. ERR_USAGE: it is neither.
 */
int device_nodes_add(struct device_nodes *nodes, const char *source, const char *target,
		     struct arena *arena, struct err *err);

/*
 * Where the ids of a container are mapped, a node of the host is nobody's in it. So those of its
 * devices are made anew in `dir_fd`, with the mapped ids; device_node_name tells where.
 */
int device_nodes_make(const struct config *config, int dir_fd, struct err *err);
char *device_node_name(const struct device_node *node, const char *dir, struct arena *arena);
