/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A request to a registry until there is an answer worth having: it is let in where that is asked
 * for, goes where it is sent on, and is tried again when the registry is busy or the line breaks.
 *
 * Authorization goes to the server that the call is for, told by scheme, host and port, and to none
 * that it sends us on to; nobody sends us from https to http. Each kind of repetition is bounded.
 *
 *	call_start, then, when the transfer has ended:
 *	call_settle	CALL_ANSWERED, or CALL_AGAIN: call_start after delay_ms
 */

#include "registry/client.h"

enum { CALL_ANSWERED, CALL_AGAIN };

struct call {
	struct registry *registry;
	struct host *host;      /* the server; NULL: `target` is a whole address of nobody's */
	const struct http_tls *tls; /* the host's, also where it sends us on to */
	const char *target;     /* "/v2/..." below the host's base, or a whole address */
	const char *scope;      /* what a token must allow: "repository:a/b:pull" */
	const char *path;       /* the repository, which may have its own login; or NULL */
	const char *authorization; /* a header of the caller's own, to the target alone */
	const char *content_type; /* of what is sent; NULL: nothing is */
	unsigned max_attempts;  /* 0: as the registry's options say */

	/* Called before each start, to add headers. NULL: there are none. */
	void (*prepare)(struct call *call);
	struct transfer transfer; /* method, body and callbacks are the caller's */

	/* How far it is. */
	struct arena arena;
	char *url;              /* where it goes now */
	char *given;            /* the header that was sent, or NULL */
	unsigned attempts, redirects, refusals;
	int64_t delay_ms;
};

void call_init(struct call *call, struct registry *registry, struct host *host);
void call_done(struct call *call);
#define auto_call auto_cleanup(call_done)

/* Another request in the same call: what was counted begins anew. `target` is copied. */
void call_reset(struct call *call, enum http_method method, const char *target);

int call_start(struct call *call, struct err *err);
int call_settle(struct call *call, struct err *err);

/* All of it: start, wait, settle, until there is an answer. What else is under way goes on. */
int call_run(struct call *call, struct err *err);

/* `text` as a part of a query: percent-encoded but for what RFC 3986 calls unreserved. */
char *call_encode(const char *text, struct arena *arena);

/* Describe an answer that is none of those hoped for: -ENOENT with ERR_NOT_FOUND for 404, -EACCES
 * for 401 and 403, others with ERR_SYSTEM. */
int call_refuse(const struct call *call, struct err *err);

/* The address that a Location header of the answer names, which may be relative; in the call's
 * arena. */
int call_location(struct call *call, char **ret, struct err *err);
