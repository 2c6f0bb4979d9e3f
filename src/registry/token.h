/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is shown to a server that wants to know who we are: a token that its own service gave for a
 * scope (the distribution specification's token authentication), or name and password.
 *
 * Names and passwords go to the server itself (Basic) or to the service that the server names. That
 * service is spoken to by https, unless the server itself is spoken to by http.
 */

#include "registry/client.h"

/* The value of the Authorization header, by the host's challenge; NULL: we are nobody, which the
 * server may well accept. Tokens are kept until they expire. */
int token_get(struct registry *registry, struct host *host, const char *path, const char *scope,
	      struct arena *arena, char **ret, struct err *err);

/* It was not accepted. */
void token_forget(struct registry *registry, const struct host *host, const char *authorization);
