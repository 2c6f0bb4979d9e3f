/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An image and what its configuration says, for verbs that show it. */

#include "cli/tare/verb.h"
#include "engine/images.h"
#include "image/image_config.h"

struct image_text {
	struct store store;
	struct store_found image;
	struct image_config *config;
	char *json; /* the configuration, as it came */
};

#define IMAGE_TEXT_NONE { .store = STORE_NONE }
void image_text_done(struct image_text *image);
#define auto_image_text auto_cleanup(image_text_done)

/* All of it in the call's arena. ERR_NOT_FOUND. */
int image_text_open(const struct call *call, const char *who, struct image_text *ret,
		    struct err *err);
