/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Images outside of a registry, and the one door to src/transport: as files, by the names that
 * skopeo and podman give these places.
 *
 *	oci:DIR[:REF]              an OCI image layout (image-layout.md)
 *	oci-archive:FILE[:REF]     one in an archive
 *	docker-archive:FILE[:REF]  what `docker save` and `podman save` write
 *	dir:DIR                    a single image, as skopeo keeps it
 *	PATH                       to read: any of these, which one it is looked at
 *
 * A REF is a name that an image has there, or @N for the image at place N, counted from 0.
 *
 * What is read is foreign. Names in an archive are compared, and never used as paths; sizes are
 * bounded; a blob is compared with its digest and size before anybody is told that it is there.
 * Archives are read in place.
 *
 * Errors a caller may act on: ERR_NOT_FOUND (there is no such file, image or blob), ERR_USAGE (it
 * is not what it should be: -EBADMSG, -EINVAL, -ENOTSUP).
 */

#include "base/arena.h"
#include "base/err.h"
#include "image/descriptor.h"
#include "transport/extent.h"

#include <stdbool.h>

/* Does it begin with the name of one? "oci:x" does, "busybox:1" does not. */
bool transport_is_named(const char *text);

/* ------------------------------------------------------------------------------- from */

struct transport_source;

struct transport_image {
	struct descriptor manifest; /* of its manifest, or of an index of several platforms */
	struct oci_strings names;   /* as they stand there, for reference_parse; perhaps none */
};

/* `tmp_dir` is where a copy is made of an archive that can't be read in place, because it is
 * compressed as a whole, or a pipe; NULL: TMPDIR, or /var/tmp. There is at least one image. */
int transport_open(const char *text, const char *tmp_dir, struct transport_source **ret,
		   struct err *err);
void transport_close(struct transport_source *source);
static inline void transport_closep(struct transport_source **source)
{
	transport_close(*source);
}
#define auto_transport_source auto_cleanup(transport_closep)

/* Those that REF names, or all. */
const struct transport_image *transport_images(const struct transport_source *source,
					       size_t *ret_n);

/* Where a blob lies, a manifest too. Its size is the descriptor's; its digest was not compared:
 * that is for who reads it. */
int transport_find_blob(const struct transport_source *source, const struct descriptor *what,
			struct extent *ret, struct err *err);

/* Append it to `to_fd`, verified. -EBADMSG: it is another; what was written is worth nothing. */
int transport_copy_blob(const struct transport_source *source, const struct descriptor *what,
			int to_fd, struct err *err);

/* The whole of a small one, verified. */
int transport_read_blob(const struct transport_source *source, const struct descriptor *what,
			size_t max_bytes, struct buf *ret, struct err *err);

/* ------------------------------------------------------------------------------- to */

struct transport_target;

/*
 * What was at FILE is replaced when all is there, at transport_finish, and not before; /dev/stdout
 * and others that are no plain files are written to. DIR is made, and an image layout that it holds
 * already is added to.
 */
int transport_create(const char *text, struct transport_target **ret, struct err *err);

/* Without transport_finish: take away what was written, but for the blobs in a directory. */
void transport_abandon(struct transport_target *target);
static inline void transport_abandonp(struct transport_target **target)
{
	transport_abandon(*target);
}
#define auto_transport_target auto_cleanup(transport_abandonp)

/* Put a blob there, verified; one that is there already is left. */
int transport_put_blob(struct transport_target *target, const struct descriptor *what,
		       const struct extent *from, struct err *err);

/*
 * Put a manifest or an index there, whose blobs and manifests are. `names` are the image's, whole,
 * and may be none; NULL: it is only one of an index, which comes later. -ENOTSUP: there is no place
 * for such a one.
 */
int transport_put_manifest(struct transport_target *target, const struct descriptor *what,
			   const char *json, const struct oci_strings *names, struct err *err);

/* It is whole. The target can be abandoned then, and nothing else. */
int transport_finish(struct transport_target *target, struct err *err);
