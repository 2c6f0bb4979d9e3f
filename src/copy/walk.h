/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A tree, or a single file, is read. Whoever it belongs to may change it meanwhile: a thing is
 * opened once, as what it is (O_PATH), and all else is asked of that descriptor. Nothing is
 * followed, and nothing but files and directories is opened for reading.
 */

#include "copy/item.h"

struct copy_walk {
	int dir_fd;           /* what is copied is */
	const char *name;     /* this, in there */
	const char *as;       /* the name that the copy has for it; "": what is in it, alone */
	struct copy_ids ids;  /* that owners are said in */
	const struct copy_sink *sink;
};

struct copy_seen {
	uint64_t left_out;    /* devices and sockets */
	char left_out_path[256]; /* the first of them */
};

/* Changes the working directory. */
int copy_walk(const struct copy_walk *request, struct copy_seen *ret, struct err *err);
