/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pull: fetch images from registries. What is printed is what docker prints.
 */
#include "cli/words/pull.h"

#include "cli/image/verb.h"
#include "image/reference.h"
#include "transfer/load.h"
#include "transfer/pull.h"

#define MAX_TAGS 10000

struct puller {
	const struct call *call;
	struct registry *registry;
	struct platform platform;
};

static int tell_result(const struct puller *puller, const struct pull_result *result,
		       struct err *err)
{
	const struct pull_args *args = puller->call->args;
	const char *name = result->image.reference;
	auto_buf struct buf out = {};
	struct reference reference;
	int r = reference_parse(name, puller->call->arena, &reference, err);

	if (r < 0)
		return r;
	if (!args->quiet)
		buf_printf(&out, "Digest: %s\nStatus: %s %s\n", result->served.text,
			   result->was_there ? "Image is up to date for"
					     : "Downloaded newer image for",
			   reference_familiar(&reference, puller->call->arena));
	buf_printf(&out, "%s\n", name);
	return print_buf(&out, err);
}

static int pull_one(const struct puller *puller, const char *name, struct err *err)
{
	const struct pull_args *args = puller->call->args;
	const struct pull_request request = {
		.registry = puller->registry,
		.store = call_store(puller->call),
		.name = name,
		.platform = &puller->platform,
		.progress_fd = args->quiet ? -1 : STDOUT_FILENO,
	};
	struct pull_result result;
	int r = pull_image(&request, puller->call->arena, &result, err);

	if (r == 0)
		r = tell_result(puller, &result, err);
	return r < 0 ? err_wrap(err, "%s", name) : 0;
}

/* oci:DIR, docker-archive:FILE and their like: not from a registry, but as `load` does. */
static int pull_from_file(const struct puller *puller, const char *name, struct err *err)
{
	auto_transport_source struct transport_source *source = NULL;
	struct load_request request = { .store = call_store(puller->call),
					.platform = &puller->platform,
					.progress_fd = -1 };
	const struct transport_image *images;
	auto_buf struct buf out = {};
	size_t n = 0;
	int r = transport_open(name, NULL, &source, err);

	if (r < 0)
		return r;
	request.source = source;
	images = transport_images(source, &n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct store_image image;
		struct oci_strings names;

		r = load_image(&request, &images[i], puller->call->arena, &image, &names, err);
		if (r == 0)
			buf_printf(&out, "%s\n", names.n ? names.v[0] : image.config_text);
	}
	return r < 0 ? err_wrap(err, "%s", name) : print_buf(&out, err);
}

/* A name without a tag, and all the tags that there are. */
static int pull_all_tags(const struct puller *puller, const char *name, struct err *err)
{
	struct arena *arena = puller->call->arena;
	struct oci_strings names = {}, tags = {};
	struct reference reference = {};
	int r = registry_expand(puller->registry, name, arena, &names, err);

	if (r == 0)
		r = reference_parse(names.v[0], arena, &reference, err);
	if (r == 0 && (reference.tag || reference.digest.text[0]))
		r = err_set(err, ERR_USAGE, EINVAL,
			    "%s: --all-tags takes a name without a tag or digest", name);
	if (r == 0)
		r = registry_list_tags(puller->registry, &reference, MAX_TAGS, arena, &tags, err);
	for (size_t i = 0; r == 0 && i < tags.n; i++)
		r = pull_one(puller, arena_printf(arena, "%s:%s",
						  reference_repository(&reference, arena),
						  tags.v[i]), err);
	return r;
}

static int run(const struct call *call, struct err *err)
{
	const struct pull_args *args = call->args;
	auto_registry struct registry *registry = NULL;
	struct puller puller = { .call = call };
	int r = registry_from_args(call, &args->registry, &registry, err);

	puller.registry = registry;
	if (r == 0)
		r = platform_from_args(call, &args->platform, &puller.platform, err);
	for (char **name = call->operands; r == 0 && *name; name++) {
		if (transport_is_named(*name))
			r = pull_from_file(&puller, *name, err);
		else
			r = args->all_tags ? pull_all_tags(&puller, *name, err)
					   : pull_one(&puller, *name, err);
	}
	return r;
}

const struct verb verb_pull = {
	.command = PULL_WORDS,
	.args_size = sizeof(struct pull_args),
	.run = run,
};
