/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The images of a container that is to be made, its own and those that it is shown: fetched, where
 * that is wanted. */

#include "cli/tare/verb.h"

enum pull_policy { PULL_DEFAULT, PULL_ALWAYS, PULL_MISSING, PULL_NEVER, PULL_NEWER };

struct image_args {
	int pull; /* enum pull_policy */
	const char *platform;
	bool quiet;
};

/* `image` is a member of the verb's struct. */
#define IMAGE_OPTIONS(type)                                                                    \
	OPT_CHOICE(type, image.pull, "pull", 0, "always|missing|never|newer",                  \
		   "when to fetch the image; where it is missing by default"),                 \
	OPT_STRING(type, image.platform, "platform", 0, "OS/ARCH[/VARIANT]",                   \
		   "the platform, of an image for several"),                                   \
	OPT_FLAG(type, image.quiet, "quiet", 'q',                                              \
		 "of fetching the image, its name is all that is said")

/* With `newer`, a registry that can't be asked is no failure if the image is there. */
int ensure_images(const struct call *call, const struct config *config,
		  const struct image_args *args, struct err *err);
