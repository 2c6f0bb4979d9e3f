/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an image to a container. Its configuration is foreign; what it says goes through the same
 * checks as what a person says.
 */
#include "engine/image_use.h"

#include "base/cleanup.h"
#include "engine/images.h"
#include "engine/userns.h"
#include "engine/volumes.h"
#include "engine/words.h"
#include "engine/words_network.h"
#include "oci/list.h"
#include "store/documents.h"
#include "sys/signals.h"

#include <string.h>
#include <unistd.h>

/* ------------------------------------------------------------------------------- what it says */

static void copy_list(struct oci_strings *to, const struct oci_strings *from, struct arena *arena)
{
	*to = (struct oci_strings){};
	for (size_t i = 0; i < from->n; i++)
		strings_add(to, arena, from->v[i]);
}

/* "" of a person's means: none, not the image's either. */
static void apply_command(struct config *config, const struct image_process *image,
			  struct arena *arena)
{
	if (!config->entrypoint.n) {
		copy_list(&config->entrypoint, &image->entrypoint, arena);
		if (!config->command.n)
			copy_list(&config->command, &image->cmd, arena);
	} else if (!*config->entrypoint.v[0]) {
		config->entrypoint = (struct oci_strings){};
	}
}

static int apply_env(struct config *config, const struct image_process *image,
		     struct arena *arena, struct err *err)
{
	struct oci_strings own = config->env;
	int r = 0;

	config->env = (struct oci_strings){};
	for (size_t i = 0; r == 0 && i < image->env.n; i++)
		if (strchr(image->env.v[i], '=') && !env_is_unset(config, image->env.v[i]))
			r = env_add(&config->env, image->env.v[i], arena, err);
	if (r < 0)
		return err_wrap(err, "the image's environment");
	for (size_t i = 0; r == 0 && i < own.n; i++)
		r = env_add(&config->env, own.v[i], arena, err);
	return r;
}

static bool has_label(const struct config *config, const char *key)
{
	for (size_t i = 0; i < config->labels.n; i++)
		if (strcmp(config->labels.v[i].key, key) == 0)
			return true;
	return false;
}

static void apply_labels(struct config *config, const struct image_process *image,
			 struct arena *arena)
{
	for (size_t i = 0; i < image->labels.n; i++)
		if (!has_label(config, image->labels.v[i].key))
			*list_add(&config->labels, arena) = image->labels.v[i];
}

/* A signal that we do not know is none of ours to refuse the image for. */
static void apply_stop(struct config *config, const struct image_process *image)
{
	if (!config->stop_signal && image->stop_signal && signals_parse(image->stop_signal) > 0)
		config->stop_signal = image->stop_signal;
}

int image_apply(struct config *config, const struct image_config *image, struct arena *arena,
		struct err *err)
{
	const struct image_process *process = image->process;
	int r;

	apply_command(config, process, arena);
	if (!config->entrypoint.n && !config->command.n)
		return err_set(err, ERR_USAGE, EINVAL,
			       "COMMAND is missing: the image names none either");
	if (!config->user && process->user && *process->user)
		config->user = process->user;
	if (!config->workdir && process->working_dir && *process->working_dir)
		config->workdir = process->working_dir;
	apply_stop(config, process);
	apply_labels(config, process, arena);
	expose_add_image(config, &process->exposed_ports, arena);
	r = volumes_choose(config, &process->volumes, arena, err);
	return r < 0 ? r : apply_env(config, process, arena, err);
}

/* ------------------------------------------------------------------------------- that it stays */

void image_use_done(struct image_use *use)
{
	for (size_t i = 0; i < use->lock_fds.n; i++)
		closep(&use->lock_fds.v[i]);
	use->lock_fds.n = 0;
}

static int hold_layers(const struct store *store, const struct store_image *image,
		       struct arena *arena, struct image_use *ret, struct err *err)
{
	const struct oci_strings *layers = &image->layer_texts;
	int r = 0;

	for (size_t i = 0; r == 0 && i < layers->n; i++) {
		int *lock_fd = list_add(&ret->lock_fds, arena);

		*lock_fd = -1;
		r = store_lock(store, STORE_LAYER, layers->v[i], STORE_SHARED, lock_fd, err);
	}
	if (!ret->largest || image->max_id > ret->largest->max_id)
		ret->largest = image;
	return r;
}

static int use_shown(const struct store *store, struct config_mount *mount, struct arena *arena,
		     struct image_use *ret, struct err *err)
{
	struct store_found image;
	int r = store_search_one(store, mount->source, arena, &image, err);

	if (r == 0)
		r = hold_layers(store, image.image, arena, ret, err);
	if (r == 0 && !image.image->layer_texts.n)
		r = err_set(err, ERR_USAGE, EINVAL, "the image '%.200s' has no layers: there is "
			    "nothing to see", mount->source);
	if (r < 0)
		return err_wrap(err, "mount '%s'", mount->target);
	mount->image_id = image.image->config_text;
	mount->layers = image.image->layer_texts;
	return 0;
}

int image_use_shown(const struct engine *engine, struct config *config, struct arena *arena,
		    struct image_use *ret, struct err *err)
{
	auto_store struct store store = STORE_NONE;
	int r = engine_open_store(engine, &store, err);

	for (size_t i = 0; r == 0 && i < config->mounts.n; i++)
		if (config_mount_is_image(&config->mounts.v[i]))
			r = use_shown(&store, &config->mounts.v[i], arena, ret, err);
	return r;
}

static int read_config(const struct store *store, const struct store_image *image,
		       struct arena *arena, struct image_config **ret, struct err *err)
{
	int r = store_read_config(store, image, arena, NULL, ret, err);

	return r < 0 ? err_wrap(err, "the image's configuration") : 0;
}

int image_use(const struct engine *engine, struct config *config, struct arena *arena,
	      struct image_use *ret, struct err *err)
{
	auto_store struct store store = STORE_NONE;
	struct image_config *image_config = NULL;
	struct store_found image;
	int r = engine_open_store(engine, &store, err);

	if (r == 0)
		r = store_search_one(&store, config->image, arena, &image, err);
	if (r == 0)
		r = hold_layers(&store, image.image, arena, ret, err);
	if (r == 0)
		r = read_config(&store, image.image, arena, &image_config, err);
	if (r < 0)
		return r;
	config->image_id = image.image->config_text;
	config->layers = image.image->layer_texts;
	r = userns_choose(engine, config,
			  &(struct userns_image){ ret->largest,
						  &image_config->process->exposed_ports },
			  arena, err);
	return r < 0 ? r : image_apply(config, image_config, arena, err);
}
