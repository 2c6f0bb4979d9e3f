/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Programs that keep logins elsewhere than in files: docker-credential-NAME in PATH, executed
 * without a shell. They have 30 seconds. `server` is "host[:port]", or docker.io's own address.
 */

#include "registry/registry.h"

/* 1: found. 0: it knows none. */
int keychain_get(const char *name, const char *server, struct arena *arena,
		    struct registry_login *ret, struct err *err);
int keychain_store(const char *name, const char *server, const struct registry_login *login,
		      struct err *err);

/* 0 also when there was none. */
int keychain_erase(const char *name, const char *server, struct err *err);
