/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Requests on their way, several at once, by libcurl: HTTP/2 where it is spoken, connections that
 * are used again, proxies from the environment. One transfer is one request and its response: no
 * redirect is followed, no login sent but the header that the caller gives.
 *
 *	http_start(http, &transfer, err)
 *	http_next(http, -1)		the next that has ended, one way or the other
 *	transfer_outcome(&transfer, err)
 *
 * Nothing of a response is kept in memory beyond a limit; headers end at 64 KiB.
 */

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH };

/* How a server proves who it is, and we who we are. NULL: nothing of its own. */
struct http_tls {
	bool is_insecure;         /* any certificate will do */
	const char *authorities;  /* PEM, in addition to the system's */
	const char *cert_path, *key_path;
};

struct http;
struct curl_state;

struct transfer {
	/* The request, which the caller fills; strings live until it has ended. */
	enum http_method method;
	const char *url;
	const char *authorization; /* of that header; NULL: none */
	const struct http_tls *tls;
	int body_fd;               /* what is sent, by pread(2); or -1: `body` */
	const char *body;
	uint64_t body_offset, body_bytes;
	size_t max_bytes;          /* of the response's body */
	unsigned stall_seconds;

	/* Called when the headers of a success (2xx) are there: true, and the body goes to `take`;
	 * false, and it is kept like any other. NULL: kept. */
	bool (*has_begun)(struct transfer *transfer);
	bool (*take)(struct transfer *transfer, const char *bytes, size_t n); /* false: end it */
	bool (*has_sent)(struct transfer *transfer); /* body_sent has grown; false: end it */
	void *data;

	/* The response. */
	int status;                /* 0: there was none */
	struct buf kept;
	uint64_t body_sent;
	bool is_taking;            /* has_begun said so */
	struct curl_state *curl;   /* http.c's */
	struct transfer *next;     /* of those that have ended */
};

#define TRANSFER_NONE { .body_fd = -1 }

int http_open(struct http **ret, struct err *err);
void http_close(struct http *http);

/* Add a header ("Name: value") to the next start. Those of before are gone. */
void transfer_header(struct transfer *transfer, const char *name, const char *value);

/* The response of before is forgotten. */
int http_start(struct http *http, struct transfer *transfer, struct err *err);

/* The next transfer that has ended; NULL: none did within that time (-1: ever), or none is there.
 * While it waits, all go on. */
struct transfer *http_next(struct http *http, int64_t timeout_ms);

/* Until this one has ended; others that do are given by http_next later. */
void http_run(struct http *http, struct transfer *transfer);

/* Let that time pass, in which all go on. */
void http_pause(struct http *http, int64_t ms);

/* End it now, and forget the response. */
void transfer_done(struct http *http, struct transfer *transfer);

/* 0: there is a response, whatever its status. Else why not; *ret_again says whether it may be
 * another time. */
int transfer_outcome(const struct transfer *transfer, bool *ret_again, struct err *err);

/* Could the server not even be spoken to, as when it speaks http and not https? */
bool transfer_has_no_peer(const struct transfer *transfer);

/* The index-th header of that name of the response, or NULL. Valid until the next start. */
const char *transfer_find(const struct transfer *transfer, const char *name, size_t index);

/* "https://host/path", for people: what is behind a '?' may be a secret. */
int transfer_url_length(const char *url);
