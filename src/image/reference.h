/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The name of an image: [HOST[:PORT]/]PATH[:TAG][@DIGEST], as docker's reference grammar has it.
 * A first component is a host if it has a '.' or ':' in it, or is "localhost"; without one the host
 * is docker.io, and a path of one component is below library/ there.
 *
 * Errors a caller may act on: ERR_USAGE (that is no name of an image).
 */

#include "base/arena.h"
#include "base/err.h"
#include "image/digest.h"

/* Lengths that the distribution specification and docker allow. */
#define REFERENCE_NAME_MAX 255 /* host and path together */
#define REFERENCE_TAG_MAX  128

struct reference {
	char *host;   /* "docker.io", "localhost:5000" */
	char *path;   /* "library/busybox" */
	char *tag;    /* NULL: none was given */
	struct digest digest; /* "": none was given */
};

/* All of it in `arena`. A name without tag and digest gets neither: reference_default does that. */
int reference_parse(const char *text, struct arena *arena, struct reference *ret,
		    struct err *err);

/* "latest" for one that has neither tag nor digest. */
void reference_default(struct reference *reference, struct arena *arena);

/* "docker.io/library/busybox:latest": whole, as it is kept. Of a tag and a digest both are said. */
char *reference_format(const struct reference *reference, struct arena *arena);

/* "busybox:latest": as docker prints it, without what would be added. */
char *reference_familiar(const struct reference *reference, struct arena *arena);

/* "docker.io/library/busybox", and "busybox": without tag and digest. */
char *reference_repository(const struct reference *reference, struct arena *arena);
char *reference_familiar_repository(const struct reference *reference, struct arena *arena);
