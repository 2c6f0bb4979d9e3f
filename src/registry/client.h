/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the rooms of src/registry share: the configuration, the connections, and what has been
 * learnt of each server so far.
 */

#include "registry/challenge.h"
#include "registry/config.h"
#include "registry/http.h"
#include "registry/registry.h"

/* A server that speaks the distribution specification. */
struct host {
	struct host *next;
	char *name;       /* as references have it: "docker.io" */
	char *base;       /* "https://registry-1.docker.io" */
	struct http_tls tls;
	bool may_be_plain; /* http, should https not be spoken */
	bool is_settled;   /* one of the two was answered */
	bool is_down;      /* it could not be reached */
	struct challenge challenge; /* how it wants to be asked, once it said so */
	struct registry_login *login; /* one that is tried out; NULL: what is kept */
};

/* Lets us in at `host` for `scope`, until then. */
struct token {
	struct token *next;
	const struct host *host;
	char *realm, *service, *scope;
	char *value;
	int64_t expires_ms;
};

struct registry {
	struct arena arena;
	struct registry_options options;
	struct registry_config config;
	struct http *http;
	struct host *hosts;
	struct token *tokens;
};

/* What is known of that server; its certificates are read the first time. */
int registry_host(struct registry *registry, const struct endpoint *endpoint, struct host **ret,
		  struct err *err);
