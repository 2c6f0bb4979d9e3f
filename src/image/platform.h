/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an image runs on (OCI image specification, image-index.md, "platform"), and which of several
 * fits best: "linux/amd64", "linux/arm64/v8", "linux/arm/v7".
 */

#include "base/arena.h"
#include "base/err.h"
#include "oci/schema.h"

#include <stdbool.h>

struct platform {
	char *os, *architecture, *variant; /* variant: NULL when it has none */
	char *os_version;
};

extern const struct schema platform_schema;

/* OS/ARCH[/VARIANT], ARCH[/VARIANT], or OS; names that are also in use ("x86_64", "aarch64") become
 * Go's. ERR_USAGE: that is none. */
int platform_parse(const char *text, struct arena *arena, struct platform *ret, struct err *err);

/* The machine's own. */
void platform_host(struct arena *arena, struct platform *ret);

char *platform_format(const struct platform *platform, struct arena *arena);

/* How well what is offered fits what is wanted: 0 not at all, more is better. A variant below the
 * wanted one runs too (arm v6 on v7, amd64 v1 on v3). */
unsigned platform_match(const struct platform *wanted, const struct platform *offered);
