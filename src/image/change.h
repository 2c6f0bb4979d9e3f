/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Instructions that change how the program of an image is run, in the words of a Containerfile, as
 * `commit --change` and `import --change` take them:
 *
 *	CMD ENTRYPOINT ENV EXPOSE LABEL ONBUILD STOPSIGNAL USER VOLUME WORKDIR
 *
 * A '=' may part the instruction from what follows, as podman has it: "CMD=/bin/sh". $NAME and
 * ${NAME} are variables of the image, but not in CMD, ENTRYPOINT and ONBUILD, which are a shell's.
 */

#include "base/arena.h"
#include "base/err.h"
#include "image/image_config.h"

/* Do these, in order. ERR_USAGE: one is none, or makes no sense; nothing was done then that counts.
 * Texts are copied into `arena`. */
int image_change(struct image_process *process, const char *const *texts, size_t n,
		 struct arena *arena, struct err *err);
