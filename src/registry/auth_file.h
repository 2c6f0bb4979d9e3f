/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where logins are kept: auth.json (containers-auth.json(5)), docker's config.json, and the
 * credential helpers that these and registries.conf name.
 *
 * They are looked for in $REGISTRY_AUTH_FILE alone if it is set; else in turn in
 * $XDG_RUNTIME_DIR/containers/auth.json (without one, /run/containers/UID/auth.json), in
 * ~/.config/containers/auth.json and in ~/.docker/config.json. In each, a helper for the host comes
 * before a key, and the longest key before a shorter one. They are written to the first.
 */

#include "registry/registry.h"

struct auth_places {
	const char *file; /* instead of all these; NULL: none */
	const struct oci_strings *helpers; /* credential-helpers of registries.conf; may be empty */
};

/* The login for a repository, or for all of a host if `path` is "". 1: found; 0: there is none. */
int auth_find(const struct auth_places *places, const char *host, const char *path,
	      struct arena *arena, struct registry_login *ret, struct err *err);

/* Keep it for the host. What else is in the file stays. */
int auth_keep(const struct auth_places *places, const char *host,
	      const struct registry_login *login, struct err *err);

/* Forget it, and those of the host's namespaces. 1: there was one; 0: there was none. */
int auth_forget(const struct auth_places *places, const char *host, struct err *err);

/* Of one file's text: what auth_find does, without helpers. */
int auth_find_in(const char *json, size_t len, const char *host, const char *path,
		 struct arena *arena, struct registry_login *ret, struct err *err);

/* ------------------------------------------------------------ between auth_file and auth_write */

/* Which program keeps the logins of a host, as the file says it; NULL: the file itself. */
int auth_helper_of(const char *json, size_t len, const char *host, struct arena *arena,
		   const char **ret, struct err *err);

/* The first place, where logins are written. */
char *auth_first_path(const struct auth_places *places, struct arena *arena);

/* The text of a file. -ENOENT: it is not there (no words). */
int auth_read(const char *path, struct buf *out, struct err *err);

/* What the host is called by helpers. */
const char *auth_server(const char *host);

/* A name that registries.conf reserves: the files above. */
bool auth_is_files(const char *helper);
