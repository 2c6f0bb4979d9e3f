/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push: put an image into a registry, under the name that it has or another.
 */
#include "cli/words/push.h"

#include "cli/image/verb.h"
#include "image/reference.h"
#include "store/search.h"
#include "transfer/push.h"

#include <string.h>

struct pusher {
	const struct call *call;
	struct registry *registry;
};

static int tell(const struct pusher *pusher, const struct store_image *image,
		const struct reference *to, struct err *err)
{
	const struct push_args *args = pusher->call->args;
	struct arena *arena = pusher->call->arena;
	auto_buf struct buf out = {};

	if (args->quiet)
		buf_printf(&out, "%s\n", reference_format(to, arena));
	else
		buf_printf(&out, "%s: digest: %s size: %llu\n", to->tag ? to->tag : "",
			   image->manifest.text, (unsigned long long)image->manifest_bytes);
	return print_buf(&out, err);
}

static int push_one(const struct pusher *pusher, const struct store_image *image,
		    const struct reference *to, struct err *err)
{
	const struct push_args *args = pusher->call->args;
	const struct push_request request = {
		.registry = pusher->registry,
		.store = call_store(pusher->call),
		.image = image,
		.to = to,
		.progress_fd = args->quiet ? -1 : STDOUT_FILENO,
	};
	int r = push_image(&request, pusher->call->arena, err);

	if (r == 0)
		r = tell(pusher, image, to, err);
	if (r == 0 && args->digest_file)
		r = write_file("digestfile", args->digest_file, image->manifest.text, err);
	return r < 0 ? err_wrap(err, "%s", reference_format(to, pusher->call->arena)) : 0;
}

static int parse_name(const struct call *call, const char *name, struct reference *ret,
		      struct err *err)
{
	int r = reference_parse(name, call->arena, ret, err);

	if (r == 0)
		reference_default(ret, call->arena);
	return r;
}

/* All names here of one repository. */
static int push_all_tags(const struct pusher *pusher, const char *name, struct err *err)
{
	struct arena *arena = pusher->call->arena;
	struct reference wanted, reference;
	struct store_image **list = NULL;
	size_t n = 0, n_pushed = 0;
	int r = reference_parse(name, arena, &wanted, err);

	if (r == 0 && (wanted.tag || wanted.digest.text[0]))
		return err_set(err, ERR_USAGE, EINVAL,
			       "%s: --all-tags takes a name without a tag or digest", name);
	if (r == 0)
		r = store_list(call_store(pusher->call), arena, &list, &n, err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct err ignored;

		if (reference_parse(list[i]->reference, arena, &reference, &ignored) < 0 ||
		    !reference.tag || strcmp(reference.host, wanted.host) != 0 ||
		    strcmp(reference.path, wanted.path) != 0)
			continue;
		r = push_one(pusher, list[i], &reference, err);
		n_pushed++;
	}
	if (r == 0 && !n_pushed)
		return err_set(err, ERR_NOT_FOUND, ENOENT, "there is no image '%s'", name);
	return r;
}

static int push_named(const struct pusher *pusher, const char *name, const char *as,
		      struct err *err)
{
	struct arena *arena = pusher->call->arena;
	struct store_found found;
	struct reference to;
	int r = store_search(call_store(pusher->call), name, arena, &found, err);

	if (r == 0 && !as && !found.name)
		return err_set(err, ERR_USAGE, EINVAL,
			       "'%s' is an ID: say under which name it is to be pushed", name);
	if (r == 0)
		r = parse_name(pusher->call, as ? as : found.name, &to, err);
	return r < 0 ? r : push_one(pusher, found.image, &to, err);
}

static int run(const struct call *call, struct err *err)
{
	const struct push_args *args = call->args;
	auto_registry struct registry *registry = NULL;
	struct pusher pusher = { .call = call };
	int r = registry_from_args(call, &args->registry, &registry, err);

	pusher.registry = registry;
	if (r < 0)
		return r;
	if (args->all_tags)
		return push_all_tags(&pusher, call->operands[0], err);
	return push_named(&pusher, call->operands[0], call->operands[1], err);
}

const struct verb verb_push = {
	.command = PUSH_WORDS,
	.args_size = sizeof(struct push_args),
	.run = run,
};
