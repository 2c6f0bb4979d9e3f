/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which image of several platforms' is wanted. */

#include "base/opt.h"

struct platform_args {
	const char *platform, *arch, *os, *variant;
};

/* `platform` is a member of the verb's struct. */
#define PLATFORM_OPTIONS(type)                                                                 \
	OPT_STRING(type, platform.platform, "platform", 0, "OS/ARCH[/VARIANT]",                \
		   "the platform, of an image for several; this machine's by default"),        \
	OPT_STRING(type, platform.arch, "arch", 0, "ARCH", "the architecture alone"),          \
	OPT_STRING(type, platform.os, "os", 0, "OS", "the operating system alone"),            \
	OPT_STRING(type, platform.variant, "variant", 0, "VARIANT", "the variant alone")
