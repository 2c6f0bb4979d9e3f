/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * registries.conf, version 2 (containers-registries.conf(5), and .d(5) for its drop-ins): for which
 * registries a name stands, and which servers are asked for it.
 *
 * A user's own file takes the place of /etc's; drop-ins of both are read after it, in the order of
 * their names, and take the place of what they name again. Prefixes with a tag or a digest are
 * refused. Version 1 is refused.
 */

#include "base/arena.h"
#include "base/err.h"
#include "image/reference.h"
#include "oci/types.h"

#include <stdbool.h>

/* For which references a mirror is asked. */
enum mirror_use { MIRROR_ALL, MIRROR_DIGEST_ONLY, MIRROR_TAG_ONLY };

struct mirror {
	char *location;
	bool is_insecure;
	enum mirror_use use;
};

/* A [[registry]] table. */
struct registry_rule {
	char *prefix;   /* "host/namespace", "*.example.com" */
	char *location; /* what the prefix becomes; NULL: it stays */
	bool is_insecure, is_blocked;
	OCI_LIST(struct mirror) mirrors;
};

struct registry_config {
	struct arena *arena;
	OCI_LIST(struct registry_rule) rules;
	struct oci_pairs aliases;
	struct oci_strings search;  /* unqualified-search-registries */
	struct oci_strings helpers; /* credential-helpers */
	bool is_enforcing;          /* short-name-mode */
};

/* A server, and what the repository is called there. */
struct endpoint {
	char *host; /* "docker.io", "localhost:5000" */
	char *path;
	bool is_insecure; /* any certificate will do, and plain http */
	bool is_mirror;
};

struct endpoints {
	struct endpoint *v;
	size_t n;
};

/* Read `file`, or without one the usual ones. What is not there is empty. All is in `arena`, which
 * must live as long. */
int registry_config_load(const char *file, struct arena *arena, struct registry_config *ret,
			 struct err *err);

/* Add what one file says; `ret` begins with its arena and nothing else. */
int registry_config_add(struct registry_config *config, const char *text, size_t len,
			struct err *err);

/* registry_expand of registry/registry.h. */
int registry_config_expand(const struct registry_config *config, const char *text,
			   struct arena *arena, struct oci_strings *ret, struct err *err);

/* The servers to ask for it in turn, the mirrors first if it is to be read. There is at least one.
 * -EPERM: it is blocked. */
int registry_config_endpoints(const struct registry_config *config,
			      const struct reference *reference, bool with_mirrors,
			      struct arena *arena, struct endpoints *ret, struct err *err);
