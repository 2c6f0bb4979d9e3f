/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is copied becomes an archive, with the owners of inside.
 */

#include "copy/item.h"
#include "layer/tar_write.h"

struct copy_archive {
	struct tar_writer writer;
};

void copy_archive_init(struct copy_archive *archive, const struct tar_output *output);
void copy_archive_done(struct copy_archive *archive);

struct copy_sink copy_archive_sink(struct copy_archive *archive);

/* All was put. */
int copy_archive_finish(struct copy_archive *archive, struct err *err);
