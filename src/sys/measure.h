/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is below a directory, by one walk that follows no link and does not leave the filesystem. No
 * file is read. A directory that we may not read counts, and what is in it does not.
 */

#include <stdint.h>

struct measure {
	uint64_t names;      /* files and directories */
	uint64_t file_bytes; /* how long the files are; one with two names counts twice */
	uint32_t max_id;     /* the highest uid or gid */
	uint64_t sum;        /* differs where names, kinds, modes, owners, sizes or times do */
};

/* 0 or -errno; -ELOOP: it is nested more than 512 levels. */
int measure_dir(int dir_fd, struct measure *ret);
