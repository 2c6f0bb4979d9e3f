/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes are copied, and looked at no further than to see how they are compressed; then the jail
 * has them.
 */
#include "transfer/foreign.h"

#include "base/cleanup.h"
#include "layer/blob.h"
#include "layer/inflate.h"
#include "transfer/intake.h"

#include <string.h>

#define CHUNK_BYTES ((size_t)128 << 10)

static const struct {
	const char *name;
	enum blob_kind kind;
	const char *media_type;
} kinds[] = {
	{ "none", BLOB_GZIP, MEDIA_OCI_LAYER_GZIP },
	{ "gzip", BLOB_AS_IS, MEDIA_OCI_LAYER_GZIP },
	{ "zstd", BLOB_AS_IS, MEDIA_OCI_LAYER_ZSTD },
};

void foreign_close(struct foreign *foreign)
{
	closep(&foreign->blob_fd);
	closep(&foreign->lock_fd);
	*foreign = (struct foreign)FOREIGN_NONE;
}

/* ------------------------------------------------------------------------------- the blob */

/* Fewer only at the end. */
static ssize_t read_chunk(int fd, char *chunk, struct err *err)
{
	size_t have = 0;

	while (have < CHUNK_BYTES) {
		ssize_t n = read(fd, chunk + have, CHUNK_BYTES - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "read");
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static int begin_blob(struct foreign *foreign, const char *chunk, size_t n, struct arena *arena,
		      struct blob **ret, struct err *err)
{
	const char *name = NULL;
	size_t i = 0;
	int r;

	if (n == 0)
		return err_set(err, ERR_USAGE, EINVAL, "there is nothing in it");
	r = inflate_recognize(chunk, n, &name, err);
	if (r < 0)
		return r;
	while (strcmp(kinds[i].name, name) != 0)
		i++;
	foreign->layer.media_type = kinds[i].media_type;
	return blob_new(foreign->blob_fd, kinds[i].kind, arena, ret, err);
}

static int copy(struct foreign *foreign, int from_fd, struct arena *arena, struct err *err)
{
	char *chunk = arena_alloc(arena, CHUNK_BYTES);
	auto_blob struct blob *blob = NULL;
	ssize_t n = read_chunk(from_fd, chunk, err);
	int r = n < 0 ? (int)n : begin_blob(foreign, chunk, (size_t)n, arena, &blob, err);

	while (r == 0 && n > 0) {
		r = blob_write(blob, chunk, (size_t)n, err);
		if (r == 0)
			n = read_chunk(from_fd, chunk, err);
		if (n < 0)
			r = (int)n;
	}
	return r < 0 ? r : blob_end(blob, &foreign->layer.digest, &foreign->layer.bytes, err);
}

/* ------------------------------------------------------------------------------- the layer */

static int unpack(const struct foreign *foreign, const struct store_stage *stage,
		  struct layer_facts *ret, struct err *err)
{
	const struct layer_unpack request = {
		.source = { foreign->blob_fd, -1 },
		.root_fd = stage->fs_fd,
		.flags = geteuid() == 0 ? 0 : LAYER_ROOTLESS,
		.limits = layer_limits_default,
	};
	struct layer_unpacking unpacking = LAYER_UNPACKING_NONE;
	int r;

	if (lseek(foreign->blob_fd, 0, SEEK_SET) < 0)
		return err_sys(err, errno, "read it again");
	r = layer_unpack_start(&request, &unpacking, err);
	return r < 0 ? r : layer_unpack_wait(&unpacking, ret, err);
}

/* The lock keeps it from being collected until an image has it. */
static int keep(const struct store *store, struct foreign *foreign, struct store_stage *stage,
		struct layer_facts *facts, struct err *err)
{
	int r = store_lock(store, STORE_LAYER, facts->diff_id.text, STORE_EXCLUSIVE,
			   &foreign->lock_fd, err);

	if (r == 0)
		r = intake_keep_layer(store, stage, facts, err);
	if (r == 0)
		store_share_lock(foreign->lock_fd);
	foreign->layer.diff_id = facts->diff_id;
	return r;
}

static int unpack_and_keep(const struct store *store, struct foreign *foreign, struct err *err)
{
	struct store_stage stage = STORE_STAGE_NONE;
	struct layer_facts facts = {};
	int r = store_stage_layer(store, &stage, err);

	if (r == 0)
		r = unpack(foreign, &stage, &facts, err);
	if (r == 0)
		r = keep(store, foreign, &stage, &facts, err);
	store_drop_stage(store, &stage);
	return r;
}

int foreign_read(const struct store *store, int from_fd, struct arena *arena,
		 struct foreign *ret, struct err *err)
{
	int r;

	*ret = (struct foreign)FOREIGN_NONE;
	r = store_open_nameless(store, &ret->blob_fd, err);
	if (r == 0)
		r = copy(ret, from_fd, arena, err);
	if (r == 0)
		r = unpack_and_keep(store, ret, err);
	ret->layer.fd = ret->blob_fd;
	return r;
}
