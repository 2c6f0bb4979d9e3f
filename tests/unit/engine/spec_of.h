/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The specification of a configuration, over a root filesystem of a few files. */

#include "engine/spec.h"
#include "tap.h"
#include "tmpdir.h"

#include <stdarg.h>

struct made {
	struct arena arena;
	struct tmpdir root;
	struct oci_spec *spec; /* NULL: it was refused */
	struct err err;
};

#define auto_made auto_cleanup(made_done)

static inline void made_done(struct made *made)
{
	arena_done(&made->arena);
	tmpdir_done(&made->root);
}

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
			     "web:x:33:34:web:/srv:/bin/sh\n";
static const char group[] = "root:x:0:\nadm:x:4:root\nweb:x:34:web\ndisk:x:6:web,root\n";

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The words of argv and their like. */
#define STR(text) ((char *)(text))
#define WORDS(...) { (char **)(const char *[]){ __VA_ARGS__, NULL }, \
		     sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *) }
#define CONFIG(...) (&(struct config){ .id = STR(ID), .command = WORDS("sh"), __VA_ARGS__ })

static const struct spec_place no_place = { .cgroup_path = "/tare/" ID,
					    .init_path = "/lib/tare-init",
					    .stage_path = "/stage" };

static inline struct made spec_at(const struct config *config, struct spec_place place)
{
	struct made made = {};
	int etc_fd;

	tmpdir_make(&made.root);
	place.rootfs = made.root.path;
	(void)mkdirat(made.root.fd, "etc", 0755);
	etc_fd = openat(made.root.fd, "etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)tmpdir_put(etc_fd, "passwd", passwd);
	(void)tmpdir_put(etc_fd, "group", group);
	closep(&etc_fd);
	if (spec_make(config, &place, &made.arena, &made.spec, &made.err) < 0)
		made.spec = NULL;
	return made;
}

static inline struct made spec_of(const struct config *config)
{
	return spec_at(config, no_place);
}

/* What is wrong with the configuration; "" when nothing is. */
static inline const char *refusal_of(const struct config *config)
{
	static struct err err;
	auto_made struct made made = spec_of(config);

	err = made.err;
	return made.spec ? "" : err.msg;
}

#define REFUSED(words, ...) CHECK_STR(refusal_of(CONFIG(__VA_ARGS__)), words)

/* A list as one line, for comparisons. The line lives until the next call. */
static inline const char *joined(const struct oci_strings *list)
{
	static char line[4096];
	size_t len = 0;

	line[0] = '\0';
	for (size_t i = 0; i < list->n && len < sizeof(line); i++)
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s%s", i ? " " : "",
					list->v[i]);
	return line;
}
