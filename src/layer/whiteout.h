/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a layer takes away of those below it: the names by which an archive says so (image-spec,
 * layer.md, "Whiteouts"). How a directory does, sys/overlayfs.h knows.
 */

enum whiteout {
	WHITEOUT_NONE,   /* an entry like any other */
	WHITEOUT_NAME,   /* ".wh.NAME" */
	WHITEOUT_OPAQUE, /* ".wh..wh..opq": all that lies below the directory it is in */
	WHITEOUT_AUFS,   /* ".wh..wh.*": what aufs noted for itself */
};

/* What the last component of a path is; *ret_hidden is NAME, in it. -EINVAL: it would take away
 * what has no name: "", ".", "..". */
int whiteout_parse(const char *name, const char **ret_hidden);
