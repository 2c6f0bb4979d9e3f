/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The blob is written beside the directory that it is unpacked into: both lie in one stage, and go
 * with it if this process dies. The unpacking reads the file as far as it was told.
 */
#include "transfer/new_layer.h"

#include "base/cleanup.h"
#include "transfer/intake.h"

#include <fcntl.h>

enum { BLOB, LAYER };

static int start_unpacking(struct new_layer *layer, struct err *err)
{
	struct layer_unpack request = {
		.source = { layer->blob_fd, -1 },
		.root_fd = layer->stage.fs_fd,
		.flags = geteuid() == 0 ? 0 : LAYER_ROOTLESS,
		.limits = layer_limits_default,
	};
	auto_close int read_fd = -1;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(err, errno, "make a pipe");
	read_fd = request.source.progress_fd = fds[0];
	layer->tell_fd = fds[1];
	return layer_unpack_start(&request, &layer->unpacking, err);
}

int new_layer_begin(const struct store *store, enum blob_kind kind, const char *media_type,
		    struct new_layer *ret, struct err *err)
{
	int r;

	*ret = (struct new_layer)NEW_LAYER_NONE;
	ret->store = store;
	ret->media_type = media_type;
	r = store_stage_layer(store, &ret->stage, err);
	if (r == 0)
		r = store_stage_blob(&ret->stage, &ret->blob_fd, err);
	if (r == 0)
		r = start_unpacking(ret, err);
	return r < 0 ? r : blob_new(ret->blob_fd, kind, &ret->arena, &ret->blob, err);
}

int new_layer_write(struct new_layer *layer, const void *bytes, size_t n, struct err *err)
{
	int r = blob_write(layer->blob, bytes, n, err);
	uint64_t written = blob_bytes(layer->blob);

	/* One that has failed says why when it is waited for. */
	if (r == 0 && written != layer->told)
		(void)layer_source_tell(layer->tell_fd, written, false);
	layer->told = written;
	return r;
}

/* ------------------------------------------------------------------------------- into the store */

/* What is not there is put there; either way it stays. */
static int place_blob(struct new_layer *layer, struct err *err)
{
	bool is_there = false;
	int r = intake_hold(layer->store, STORE_BLOB, &layer->digest, &layer->lock_fds[BLOB],
			    &is_there, err);

	if (r == 0 && !is_there)
		r = store_keep_blob(layer->store, &layer->stage, layer->blob_fd, &layer->digest,
				    err);
	if (r == 0)
		store_share_lock(layer->lock_fds[BLOB]);
	return r;
}

static int place_layer(struct new_layer *layer, struct layer_facts *facts, struct err *err)
{
	bool is_there = false;
	int r = intake_hold(layer->store, STORE_LAYER, &layer->diff_id, &layer->lock_fds[LAYER],
			    &is_there, err);

	if (r == 0 && !is_there)
		r = intake_keep_layer(layer->store, &layer->stage, facts, err);
	if (r == 0)
		store_share_lock(layer->lock_fds[LAYER]);
	return r;
}

int new_layer_settle(struct new_layer *layer, struct err *err)
{
	struct layer_facts facts = {};
	int r = blob_end(layer->blob, &layer->digest, &layer->bytes, err);

	if (r < 0)
		return r;
	(void)layer_source_tell(layer->tell_fd, layer->bytes, true);
	r = layer_unpack_wait(&layer->unpacking, &facts, err);
	layer->diff_id = facts.diff_id;
	if (r == 0)
		r = place_blob(layer, err);
	return r < 0 ? r : place_layer(layer, &facts, err);
}

void new_layer_done(struct new_layer *layer)
{
	layer_unpack_kill(&layer->unpacking);
	blob_free(layer->blob);
	closep(&layer->blob_fd);
	closep(&layer->tell_fd);
	if (layer->store)
		store_drop_stage(layer->store, &layer->stage);
	closep(&layer->lock_fds[BLOB]);
	closep(&layer->lock_fds[LAYER]);
	arena_done(&layer->arena);
	*layer = (struct new_layer)NEW_LAYER_NONE;
}
