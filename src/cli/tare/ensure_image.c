/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetching is another program's business; whether it is needed is asked of the store.
 */
#include "cli/tare/ensure_image.h"

#include "base/log.h"
#include "cli/tare/elsewhere.h"
#include "engine/images.h"

static int fetch(const struct call *call, const char *name, const struct image_args *args,
		 struct err *err)
{
	char *words[6] = { (char *)(uintptr_t)"pull" };
	size_t n = 1;
	int r;

	if (args->platform)
		words[n++] = arena_printf(call->arena, "--platform=%s", args->platform);
	if (args->quiet)
		words[n++] = (char *)(uintptr_t)"--quiet";
	words[n++] = (char *)(uintptr_t)"--";
	words[n++] = (char *)(uintptr_t)name;
	r = elsewhere_run(call, words, err);
	if (r <= 0)
		return r;
	return err_set(err, ERR_NOT_FOUND, ENOENT, "the image '%.200s' could not be fetched", name);
}

/* 1 or 0 */
static int is_there(const struct call *call, const char *name, struct err *err)
{
	struct store_found image;
	int r = engine_image_find(call_engine(call), name, call->arena, &image, err);

	if (r < 0 && err->kind == ERR_NOT_FOUND)
		return 0;
	return r < 0 ? r : 1;
}

static int ensure_image(const struct call *call, const char *name, const struct image_args *args,
			struct err *err)
{
	int there = 0, r;

	if (args->pull == PULL_NEVER)
		return 0;
	if (args->pull != PULL_ALWAYS)
		there = is_there(call, name, err);
	if (there < 0 || (there && args->pull != PULL_NEWER))
		return there < 0 ? there : 0;
	if (!there && !args->quiet && args->pull != PULL_ALWAYS && args->pull != PULL_NEWER)
		log_info("the image '%s' is not here: it is fetched", name);
	r = fetch(call, name, args, err);
	if (r < 0 && there) {
		log_warn("%s; the one that is here is used", err->msg);
		return 0;
	}
	return r;
}

int ensure_images(const struct call *call, const struct config *config,
		  const struct image_args *args, struct err *err)
{
	int r = config->image ? ensure_image(call, config->image, args, err) : 0;

	for (size_t i = 0; r == 0 && i < config->mounts.n; i++)
		if (config_mount_is_image(&config->mounts.v[i]))
			r = ensure_image(call, config->mounts.v[i].source, args, err);
	return r;
}
