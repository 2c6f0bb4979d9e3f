/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The names of files that have several (hard links), for who walks a tree and is to say of the
 * second that it is the first once more. */

#include "base/arena.h"

#include <sys/stat.h>

#define FIRST_NAMES_BUCKETS 4096

struct first_name;

/* Empty when zeroed. */
struct first_names {
	struct first_name *buckets[FIRST_NAMES_BUCKETS];
	struct arena arena;
};

void first_names_done(struct first_names *names);

/* The name under which the same file came first; NULL: this is the first, and `name` is kept. */
const char *first_names_find(struct first_names *names, const struct stat *st, const char *name);
