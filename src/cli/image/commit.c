/* SPDX-License-Identifier: Apache-2.0 */
/*
 * commit: a container's changes become a layer on its image. The container keeps still while they
 * are read, and no longer.
 */
#include "cli/words/commit.h"

#include "cli/image/verb.h"
#include "engine/freeze.h"
#include "engine/image_of.h"
#include "engine/peek.h"
#include "layer/pack.h"
#include "store/documents.h"
#include "store/search.h"
#include "transfer/make.h"

#include <string.h>

struct committer {
	const struct call *call;
	const struct commit_args *args;
	struct peek peek;
	char *name, *created;
	int64_t epoch;
	struct manifest *base;
	struct image_config *config;
	struct new_layer layer;
	bool has_changes;
};

static void committer_done(struct committer *committer)
{
	peek_close(&committer->peek);
	new_layer_done(&committer->layer);
}

/* ------------------------------------------------------------------------------- its image */

static int read_base(struct committer *committer, struct err *err)
{
	const struct store *store = call_store(committer->call);
	struct arena *arena = committer->call->arena;
	struct store_found found;
	int r = store_search_one(store, committer->peek.config->image_id, arena, &found, err);

	if (r == 0)
		r = store_read_manifest(store, found.image, arena, NULL, &committer->base, err);
	if (r == 0)
		r = store_read_config(store, found.image, arena, NULL, &committer->config, err);
	return r < 0 ? err_wrap(err, "the image that it was made from") : 0;
}

/* ------------------------------------------------------------------------------- its changes */

static int write_layer(void *context, const void *bytes, size_t n, struct err *err)
{
	return new_layer_write(context, bytes, n, err);
}

static bool must_freeze(const struct commit_args *args)
{
	return args->pause != PAUSE_FALSE && !args->no_pause;
}

/* What is changed in a root that was copied. */
static int pick(struct committer *committer, struct layer_picks *ret, struct err *err)
{
	struct changes changes = {};
	int r = peek_changes(&committer->peek, &changes, err);
	struct layer_pick *picks;

	if (r < 0)
		return r;
	picks = arena_array(committer->call->arena, struct layer_pick, changes.n + 1);
	for (size_t i = 0; i < changes.n; i++)
		picks[i] = (struct layer_pick){ changes.v[i].path + 1,
						changes.v[i].kind == CHANGE_DELETED };
	*ret = (struct layer_picks){ picks, changes.n };
	return 0;
}

/* Processes that are started while it is frozen would keep it so. */
static int pack(struct committer *committer, int changes_fd, bool is_copy,
		struct layer_packed *ret, struct err *err)
{
	struct layer_picks picks = {};
	const struct layer_pack request = {
		.root_fd = changes_fd,
		.picks = is_copy ? &picks : NULL,
		.max_mtime = committer->epoch,
		.output = { write_layer, &committer->layer },
	};
	auto_freeze struct freeze freeze = FREEZE_NONE;
	int r = 0;

	if (must_freeze(committer->args))
		r = freeze_begin(call_engine(committer->call), committer->peek.entry.id, &freeze,
				 err);
	if (r < 0)
		return err_hint(err, "with --pause=false it goes on while its files are read");
	if (is_copy)
		r = pick(committer, &picks, err);
	return r < 0 ? r : layer_pack(&request, ret, err);
}

static int pack_changes(struct committer *committer, struct err *err)
{
	struct layer_packed packed = {};
	auto_close int changes_fd = -1;
	int r = peek_open_changes(&committer->peek, &changes_fd, err);
	bool is_copy = r == 1;

	if (r < 0 || changes_fd < 0)
		return r;
	r = new_layer_begin(call_store(committer->call), BLOB_GZIP, MEDIA_OCI_LAYER_GZIP,
			    &committer->layer, err);
	if (r == 0)
		r = pack(committer, changes_fd, is_copy, &packed, err);
	committer->has_changes = packed.entries > 0;
	return r == 0 && committer->has_changes ? new_layer_settle(&committer->layer, err) : r;
}

/* ------------------------------------------------------------------------------- the new image */

/* As a shell would be told it. */
static char *command_line(const struct config *config, struct arena *arena)
{
	auto_buf struct buf line = {};

	for (size_t i = 0; i < config->command.n; i++)
		buf_printf(&line, "%s%s", i ? " " : "", config->command.v[i]);
	return arena_strdup(arena, buf_str(&line));
}

static int make(struct committer *committer, struct store_image *ret, struct err *err)
{
	const struct commit_args *args = committer->args;
	struct arena *arena = committer->call->arena;
	const struct config *config = committer->peek.config;
	const struct make_request request = {
		.store = call_store(committer->call),
		.reference = committer->name,
		.base = committer->base,
		.config = committer->config,
		.layer = committer->has_changes ? &committer->layer : NULL,
		.step = {
			.created = committer->created,
			.created_by = command_line(config, arena),
			.author = args->author ? arena_strdup(arena, args->author) : NULL,
			.comment = args->make.message ? arena_strdup(arena, args->make.message)
						      : NULL,
		},
		.family = args->format == COMMIT_DOCKER ? MEDIA_FAMILY_DOCKER : MEDIA_FAMILY_OCI,
	};

	return make_image(&request, arena, ret, err);
}

static int tell(const struct committer *committer, const struct store_image *image,
		struct err *err)
{
	auto_buf struct buf out = {};
	int r = 0;

	if (committer->args->id_file)
		r = write_file("iidfile", committer->args->id_file, image->config.text, err);
	buf_printf(&out, "%s\n", image->config.text);
	return r < 0 ? r : print_buf(&out, err);
}

static int run(const struct call *call, struct err *err)
{
	auto_cleanup(committer_done) struct committer committer = {
		.call = call, .args = call->args, .peek = PEEK_NONE, .layer = NEW_LAYER_NONE,
	};
	struct store_image image;
	int r = new_name(call, call->operands[1], &committer.name, err);

	if (r == 0)
		r = made_when(call, &committer.created, &committer.epoch, err);
	if (r == 0)
		r = peek_open(call_engine(call), call->operands[0], call->arena, &committer.peek,
			      err);
	if (r == 0)
		r = peek_require_image(&committer.peek, err);
	if (r == 0)
		r = read_base(&committer, err);
	if (r < 0)
		return r;
	image_of(committer.peek.config, committer.config->process, call->arena);
	r = make_from_args(call, &committer.args->make, committer.config, err);
	if (r == 0)
		r = pack_changes(&committer, err);
	if (r == 0)
		r = make(&committer, &image, err);
	return r < 0 ? r : tell(&committer, &image, err);
}

const struct verb verb_commit = {
	.command = COMMIT_WORDS,
	.args_size = sizeof(struct commit_args),
	.run = run,
};
