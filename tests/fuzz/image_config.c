/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image's configuration. What is taken has checked layers, and is written so that it is read as
 * the same.
 */
#include "image/image_config.h"
#include "image/manifest.h"

#include "fuzz.h"

static void claim_sound(const struct image_config *config)
{
	size_t n_told = 0;

	CLAIM(config->process);
	CLAIM(config->diff_ids.n == config->diff_id_texts.n);
	CLAIM(config->diff_ids.n <= MANIFEST_MAX_LAYERS);
	for (size_t i = 0; i < config->diff_ids.n; i++)
		CLAIM(strcmp(config->diff_ids.v[i].text, config->diff_id_texts.v[i]) == 0);
	for (size_t i = 0; i < config->history.n; i++)
		n_told += !config->history.v[i].empty_layer;
	CLAIM(n_told <= config->diff_ids.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { (const char *)data, size };
	size_t len;
	auto_free char *json = input_bytes(&in, &len);
	auto_arena struct arena arena = {};
	auto_buf struct buf once = {}, twice = {};
	struct image_config *config, *again;
	struct err err = {};
	int r = image_config_parse(json, len, &arena, &config, &err);

	if (r != 0) {
		claim_refused(r, EINVAL, ERR_USAGE, &err);
		return 0;
	}
	claim_sound(config);
	image_config_format(config, &once);
	CLAIM(image_config_parse(once.data, once.len, &arena, &again, &err) == 0);
	claim_sound(again);
	image_config_format(again, &twice);
	CLAIM(strcmp(once.data, twice.data) == 0);
	return 0;
}
