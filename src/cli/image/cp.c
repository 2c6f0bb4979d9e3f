/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cp: files go into containers, out of them, and from one to another; "-" is an archive. What is a
 * container's is opened below its root, what is ours as anyone would.
 */
#include "cli/words/cp.h"

#include "base/io.h"
#include "base/log.h"
#include "cli/image/verb.h"
#include "copy/archive.h"
#include "copy/extract.h"
#include "copy/place.h"
#include "copy/tree.h"
#include "engine/copy_root.h"
#include "sys/cred.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* One of the two operands. */
struct end {
	const char *container; /* NULL: it is ours */
	const char *path;
	bool is_stream;
	struct copy_root root;
	struct copy_side side;
};

struct copier {
	const struct call *call;
	const struct cp_args *args;
	struct end from, to;
	struct copy_place source;
	char name[NAME_MAX + 1]; /* of the source */
	struct copy_seen seen;
};

static void copier_done(struct copier *copier)
{
	copy_root_close(&copier->from.root);
	copy_root_close(&copier->to.root);
	copy_place_done(&copier->source);
}

/* ------------------------------------------------------------------------------- the words */

/* "NAME:PATH", unless it begins like a path. */
static void parse_end(const struct call *call, const char *word, struct end *end)
{
	const char *colon = word[0] == '/' || word[0] == '.' ? NULL : strchr(word, ':');

	*end = (struct end){ .path = word, .root = COPY_ROOT_NONE, .side.root_fd = AT_FDCWD };
	end->is_stream = strcmp(word, "-") == 0;
	if (!colon)
		return;
	end->container = arena_strndup(call->arena, word, (size_t)(colon - word));
	end->path = colon + 1;
}

static int check_ends(const struct end *from, const struct end *to, struct err *err)
{
	if (!from->container && !to->container)
		return err_set(err, ERR_USAGE, EINVAL,
			       "neither '%s' nor '%s' is in a container: say CONTAINER:PATH",
			       from->path, to->path);
	if ((from->container && !*from->path) || (to->container && !*to->path))
		return err_set(err, ERR_USAGE, EINVAL, "the path in the container is missing");
	if (to->is_stream && isatty(STDOUT_FILENO))
		return err_set(err, ERR_USAGE, EINVAL,
			       "standard output is a terminal: redirect it to a file");
	return 0;
}

static int open_end(const struct call *call, struct end *end, struct err *err)
{
	int r;

	if (!end->container)
		return 0;
	r = copy_root_open(call_engine(call), end->container, &end->root, err);
	if (r < 0 && err->kind == ERR_NOT_FOUND)
		(void)err_hint(err, "'tare ps --all' shows the containers there are");
	if (r < 0)
		return err_wrap(err, "%s", end->container);
	end->side = (struct copy_side){ end->root.root_fd,
					{ end->root.ids_start, end->root.ids_size } };
	return 0;
}

/* ------------------------------------------------------------------------------- the copy */

static struct copy_owner owner_of(const struct copier *copier)
{
	return copy_owner_here(&copier->to.side.ids, copier->args->archive);
}

/* What is made in a container is made as its root. */
static int make_as_inside(const struct copier *copier, struct err *err)
{
	const struct copy_ids *ids = &copier->to.side.ids;
	int r = ids->size ? cred_make_as(ids->start) : 0;

	(void)umask(0);
	return r < 0 ? err_sys(err, -r, "make files as id %u", ids->start) : 0;
}

static int find_source(struct copier *copier, struct err *err)
{
	const struct end *from = &copier->from;
	int r = copy_find_source(&from->side, from->path, copier->args->follow, &copier->source,
				 copier->name, err);
	mode_t mode = copier->source.st.st_mode;

	if (r == 0 && (S_ISCHR(mode) || S_ISBLK(mode) || S_ISSOCK(mode)))
		return err_set(err, ERR_USAGE, EINVAL, "'%s' is a device or a socket", from->path);
	return r;
}

static int walk(struct copier *copier, const char *as, const struct copy_sink *sink,
		struct err *err)
{
	const struct copy_walk request = {
		.dir_fd = copier->source.dir_fd,
		.name = copier->source.name,
		.as = as,
		.ids = copier->from.side.ids,
		.sink = sink,
	};

	return copy_walk(&request, &copier->seen, err);
}

static int write_out(void *context, const void *bytes, size_t n, struct err *err)
{
	int r = io_write(STDOUT_FILENO, bytes, n);

	(void)context;
	return r < 0 ? err_sys(err, -r, "write standard output") : 0;
}

static int to_stream(struct copier *copier, struct err *err)
{
	const struct tar_output output = { write_out, NULL };
	struct copy_archive archive;
	const struct copy_sink sink = copy_archive_sink(&archive);
	int r = find_source(copier, err);

	if (r < 0)
		return r;
	copy_archive_init(&archive, &output);
	r = walk(copier, copier->name, &sink, err);
	if (r == 0)
		r = copy_archive_finish(&archive, err);
	copy_archive_done(&archive);
	return r;
}

static int to_tree(struct copier *copier, struct err *err)
{
	struct copy_tree *tree = arena_new(copier->call->arena, struct copy_tree);
	const struct copy_sink sink = copy_tree_sink(tree);
	auto_copy_place struct copy_place target = COPY_PLACE_NONE;
	auto_close int dir_fd = -1;
	const char *as = NULL;
	int r = find_source(copier, err);

	if (r == 0)
		r = copy_find_target(&copier->to.side, copier->to.path, &target, err);
	if (r == 0)
		r = copy_decide(&copier->source, copier->name, &target, copier->args->overwrite,
				&as, &dir_fd, err);
	if (r == 0)
		r = make_as_inside(copier, err);
	if (r < 0)
		return r;
	tree->owner = owner_of(copier);
	tree->overwrite = copier->args->overwrite;
	copy_tree_init(tree, dir_fd);
	r = walk(copier, as, &sink, err);
	copy_tree_done(tree);
	return r;
}

static int from_stream(struct copier *copier, struct err *err)
{
	auto_copy_place struct copy_place target = COPY_PLACE_NONE;
	auto_close int dir_fd = -1;
	struct copy_extract request = { .file_fd = STDIN_FILENO, .owner = owner_of(copier),
					.overwrite = copier->args->overwrite };
	int r = copy_find_target(&copier->to.side, copier->to.path, &target, err);

	if (r < 0)
		return r;
	dir_fd = openat(target.dir_fd, target.name,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir_fd < 0)
		return err_sys(err, errno, "open the directory '%s'", copier->to.path);
	request.dir_fd = dir_fd;
	r = make_as_inside(copier, err);
	return r < 0 ? r : copy_extract(&request, &copier->seen, err);
}

static void tell_left_out(const struct copier *copier)
{
	const struct copy_seen *seen = &copier->seen;

	if (seen->left_out && !copier->args->quiet)
		log_warn("%llu devices and sockets were left out, '%s' the first",
			 (unsigned long long)seen->left_out, seen->left_out_path);
}

static int run(const struct call *call, struct err *err)
{
	auto_cleanup(copier_done) struct copier copier = {
		.call = call, .args = call->args, .source = COPY_PLACE_NONE,
	};
	int r;

	parse_end(call, call->operands[0], &copier.from);
	parse_end(call, call->operands[1], &copier.to);
	r = check_ends(&copier.from, &copier.to, err);
	if (r == 0)
		r = open_end(call, &copier.from, err);
	if (r == 0)
		r = open_end(call, &copier.to, err);
	if (r < 0)
		return r;
	if (copier.from.is_stream)
		r = from_stream(&copier, err);
	else
		r = copier.to.is_stream ? to_stream(&copier, err) : to_tree(&copier, err);
	tell_left_out(&copier);
	return r;
}

const struct verb verb_cp = {
	.command = CP_WORDS,
	.args_size = sizeof(struct cp_args),
	.run = run,
};
