/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transfers by libcurl's multi interface. Each has an easy handle of its own, made when it starts
 * and kept until the next start, since the response's headers live in it; connections belong to the
 * multi handle and outlive it. Sessions of TLS are shared.
 *
 * http_run may be called by whoever handles a transfer that has ended, while others are on their
 * way: those that end meanwhile wait in a list for http_next.
 */
#include "registry/http.h"

#include "base/clock.h"
#include "registry/http_error.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_HEADER_BYTES ((size_t)64 << 10)
#define BUFFER_BYTES     (512L << 10)
#define CONNECT_SECONDS  15L
#define SLOW_BYTES       64L /* a second, below which nothing useful arrives */
#define POLL_MS          1000

struct http {
	CURLM *multi;
	CURLSH *share;
	struct transfer *ended, **ended_end;
	size_t n_active;
};

/* ------------------------------------------------------------------------------ callbacks */

static size_t on_header(char *line, size_t size, size_t n, void *data)
{
	struct transfer *transfer = data;
	struct curl_state *curl = transfer->curl;
	long status = 0;

	(void)size;
	curl->header_bytes += n;
	if (curl->header_bytes > MAX_HEADER_BYTES) {
		curl->ending = ENDING_HEADERS;
		return 0;
	}
	(void)curl_easy_getinfo(curl->easy, CURLINFO_RESPONSE_CODE, &status);
	transfer->status = (int)status;
	if (strchr("\r\n", *line) && status >= 200 && status < 300 && transfer->has_begun)
		transfer->is_taking = transfer->has_begun(transfer);
	return n;
}

/* What nobody takes is kept: of a failure as much as fits. */
static size_t keep(struct transfer *transfer, const char *bytes, size_t n)
{
	size_t room = transfer->max_bytes - transfer->kept.len;

	buf_add(&transfer->kept, bytes, n < room ? n : room);
	if (n <= room)
		return n;
	transfer->curl->ending = transfer->status < 300 ? ENDING_TOO_BIG : ENDING_ENOUGH;
	return 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *data)
{
	struct transfer *transfer = data;

	(void)size;
	if (!transfer->is_taking)
		return keep(transfer, bytes, n);
	if (transfer->take(transfer, bytes, n))
		return n;
	transfer->curl->ending = ENDING_CALLER;
	return 0;
}

/* The next bytes of what is sent. */
static size_t on_read(char *out, size_t size, size_t n, void *data)
{
	struct transfer *transfer = data;
	uint64_t left = transfer->body_bytes - transfer->body_sent;
	uint64_t at = transfer->body_offset + transfer->body_sent;
	ssize_t got;

	n = n * size < left ? n * size : (size_t)left;
	if (transfer->body_fd < 0) {
		memcpy(out, transfer->body + at, n);
		got = (ssize_t)n;
	} else {
		do
			got = pread(transfer->body_fd, out, n, (off_t)at);
		while (got < 0 && errno == EINTR);
	}
	if (got < 0 || (got == 0 && n > 0)) {
		transfer->curl->ending = ENDING_READ;
		return CURL_READFUNC_ABORT;
	}
	transfer->body_sent += (uint64_t)got;
	if (transfer->has_sent && !transfer->has_sent(transfer)) {
		transfer->curl->ending = ENDING_CALLER;
		return CURL_READFUNC_ABORT;
	}
	return (size_t)got;
}

/* A connection that was used again may turn out dead when the body is on its way already. */
static int on_seek(void *data, curl_off_t offset, int origin)
{
	struct transfer *transfer = data;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > transfer->body_bytes)
		return CURL_SEEKFUNC_FAIL;
	transfer->body_sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* ------------------------------------------------------------------------------ setup */

int http_open(struct http **ret, struct err *err)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(http);
		return err_set(err, ERR_SYSTEM, ENOMEM, "libcurl can't be initialized");
	}
	http->multi = curl_multi_init();
	http->share = curl_share_init();
	http->ended_end = &http->ended;
	(void)curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	*ret = http;
	return 0;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	(void)curl_multi_cleanup(http->multi);
	(void)curl_share_cleanup(http->share);
	free(http);
	curl_global_cleanup();
}

static struct curl_state *ensure_state(struct transfer *transfer)
{
	if (!transfer->curl) {
		transfer->curl = calloc(1, sizeof(*transfer->curl));
		if (!transfer->curl)
			abort();
	}
	return transfer->curl;
}

void transfer_header(struct transfer *transfer, const char *name, const char *value)
{
	struct curl_state *curl = ensure_state(transfer);
	auto_buf struct buf line = {};

	/* curl leaves out a header whose value is empty; with ';' it does not. */
	buf_printf(&line, *value ? "%s: %s" : "%s;", name, value);
	curl->next_headers = curl_slist_append(curl->next_headers, buf_str(&line));
}

static void set_tls(CURL *easy, const struct http_tls *tls, struct curl_state *curl)
{
	struct curl_blob authorities = { .flags = CURL_BLOB_COPY };

	(void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	if (!tls)
		return;
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, tls->is_insecure ? 0L : 1L);
	(void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, tls->is_insecure ? 0L : 2L);
	if (tls->authorities) {
		http_add_system_authorities(easy, &curl->authorities);
		buf_puts(&curl->authorities, tls->authorities);
		authorities.data = curl->authorities.data;
		authorities.len = curl->authorities.len;
		(void)curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &authorities);
	}
	if (tls->cert_path) {
		(void)curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->cert_path);
		(void)curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key_path);
	}
}

static void set_connection(CURL *easy, const struct transfer *transfer)
{
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "tare/" TARE_VERSION);
	(void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
	(void)curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	(void)curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, BUFFER_BYTES);
	(void)curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_BYTES);
	(void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
	(void)curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)transfer->stall_seconds);
}

static void set_request(CURL *easy, const struct transfer *transfer)
{
	(void)curl_easy_setopt(easy, CURLOPT_URL, transfer->url);
	switch (transfer->method) {
	case HTTP_GET:
		return;
	case HTTP_HEAD:
		(void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
		return;
	case HTTP_POST:
		(void)curl_easy_setopt(easy, CURLOPT_POST, 1L);
		(void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				       (curl_off_t)transfer->body_bytes);
		return;
	case HTTP_PATCH:
		(void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "PATCH");
		break;
	case HTTP_PUT:
		break;
	}
	(void)curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->body_bytes);
}

static void set_callbacks(CURL *easy, struct transfer *transfer)
{
	(void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl->words);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	(void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	(void)curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
	(void)curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
	(void)curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
}

/* ------------------------------------------------------------------------------ transfers */

/* The response of before goes; the headers that were added for the next one stay. */
static void forget(struct http *http, struct transfer *transfer)
{
	struct curl_state *curl = transfer->curl;

	for (struct transfer **p = &http->ended; *p; p = &(*p)->next)
		if (*p == transfer) {
			*p = transfer->next;
			if (!*p)
				http->ended_end = p;
			break;
		}
	if (curl && curl->easy) {
		if (curl->is_active) {
			(void)curl_multi_remove_handle(http->multi, curl->easy);
			http->n_active--;
		}
		curl_easy_cleanup(curl->easy);
		curl_slist_free_all(curl->headers);
		buf_done(&curl->authorities);
	}
	if (curl)
		*curl = (struct curl_state){ .next_headers = curl->next_headers };
	buf_done(&transfer->kept);
	transfer->kept = (struct buf){};
	transfer->status = 0;
	transfer->body_sent = 0;
	transfer->is_taking = false;
	transfer->next = NULL;
}

void transfer_done(struct http *http, struct transfer *transfer)
{
	forget(http, transfer);
	if (transfer->curl)
		curl_slist_free_all(transfer->curl->next_headers);
	free(take_ptr(transfer->curl));
}

int http_start(struct http *http, struct transfer *transfer, struct err *err)
{
	struct curl_state *curl = ensure_state(transfer);
	CURLMcode code;

	forget(http, transfer);
	if (transfer->authorization)
		transfer_header(transfer, "Authorization", transfer->authorization);
	curl->easy = curl_easy_init();
	curl->headers = take_ptr(curl->next_headers);
	if (!curl->easy)
		return err_set(err, ERR_SYSTEM, ENOMEM, "libcurl has no memory");
	set_connection(curl->easy, transfer);
	set_tls(curl->easy, transfer->tls, curl);
	set_request(curl->easy, transfer);
	set_callbacks(curl->easy, transfer);
	(void)curl_easy_setopt(curl->easy, CURLOPT_SHARE, http->share);
	(void)curl_easy_setopt(curl->easy, CURLOPT_HTTPHEADER, curl->headers);
	code = curl_multi_add_handle(http->multi, curl->easy);
	if (code != CURLM_OK)
		return err_set(err, ERR_SYSTEM, EIO, "libcurl: %s", curl_multi_strerror(code));
	curl->is_active = true;
	http->n_active++;
	return 0;
}

/* Put those that have ended into the list. */
static void collect(struct http *http)
{
	struct CURLMsg *message;
	int ignored;

	while ((message = curl_multi_info_read(http->multi, &ignored))) {
		CURL *easy = message->easy_handle;
		CURLcode code = message->data.result;
		struct transfer *transfer = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&transfer);
		(void)curl_multi_remove_handle(http->multi, easy);
		http->n_active--;
		transfer->curl->is_active = false;
		transfer->curl->code = code;
		*http->ended_end = transfer;
		http->ended_end = &transfer->next;
	}
}

/* Move what can be moved, and wait at most that long for more to do. */
static void step(struct http *http, int timeout_ms)
{
	int running;

	(void)curl_multi_perform(http->multi, &running);
	collect(http);
	if (http->ended || timeout_ms == 0)
		return;
	(void)curl_multi_poll(http->multi, NULL, 0, timeout_ms, NULL);
	(void)curl_multi_perform(http->multi, &running);
	collect(http);
}

struct transfer *http_next(struct http *http, int64_t timeout_ms)
{
	int64_t end_ms = clock_ms() + timeout_ms, left = POLL_MS;
	struct transfer *first;

	while (!http->ended && (http->n_active || timeout_ms > 0)) {
		if (timeout_ms >= 0 && (left = end_ms - clock_ms()) <= 0)
			break;
		step(http, left < POLL_MS ? (int)left : POLL_MS);
	}
	first = http->ended;
	if (!first)
		return NULL;
	http->ended = first->next;
	if (!http->ended)
		http->ended_end = &http->ended;
	first->next = NULL;
	return first;
}

static bool take_from_ended(struct http *http, struct transfer *transfer)
{
	for (struct transfer **p = &http->ended; *p; p = &(*p)->next)
		if (*p == transfer) {
			*p = transfer->next;
			transfer->next = NULL;
			if (!*p)
				http->ended_end = p;
			return true;
		}
	return false;
}

/* With others in the list `step` does not wait, so this does. */
static void step_beside_ended(struct http *http, int timeout_ms)
{
	int running;

	(void)curl_multi_poll(http->multi, NULL, 0, timeout_ms, NULL);
	(void)curl_multi_perform(http->multi, &running);
	collect(http);
}

void http_run(struct http *http, struct transfer *transfer)
{
	step(http, 0);
	while (!take_from_ended(http, transfer) && transfer->curl->is_active)
		step_beside_ended(http, POLL_MS);
}

void http_pause(struct http *http, int64_t ms)
{
	int64_t end_ms = clock_ms() + ms, left;

	while ((left = end_ms - clock_ms()) > 0)
		step_beside_ended(http, left < POLL_MS ? (int)left : POLL_MS);
}

const char *transfer_find(const struct transfer *transfer, const char *name, size_t index)
{
	struct curl_header *header;

	if (!transfer->curl || !transfer->curl->easy ||
	    curl_easy_header(transfer->curl->easy, name, index, CURLH_HEADER, -1, &header) !=
		    CURLHE_OK)
		return NULL;
	return header->value;
}
