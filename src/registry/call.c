/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What follows from how a transfer ended. The order of call_settle is that of the layers: was the
 * server reached, is it willing now, are we let in, is it elsewhere.
 *
 * A call begins at its target again after a failure, but goes on from where it was sent to when
 * there is nothing but a redirect: addresses of that kind are often good for one use only.
 */
#include "registry/call.h"

#include "registry/answer.h"
#include "registry/token.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define MAX_REDIRECTS  10
#define MAX_REFUSALS   1 /* as nobody or with an old token; not with a new one */
#define FIRST_DELAY_MS 500
#define MAX_DELAY_MS   30000
#define MAX_PATIENCE_S 120 /* a longer Retry-After is for the user to wait */
#define MAX_BODY_BYTES ((size_t)64 << 10)

void call_init(struct call *call, struct registry *registry, struct host *host)
{
	*call = (struct call){
		.registry = registry,
		.host = host,
		.tls = host ? &host->tls : NULL,
		.transfer = { .body_fd = -1, .max_bytes = MAX_BODY_BYTES,
			      .stall_seconds = registry->options.stall_seconds },
	};
}

void call_done(struct call *call)
{
	if (call->registry)
		transfer_done(call->registry->http, &call->transfer);
	arena_done(&call->arena);
}

void call_reset(struct call *call, enum http_method method, const char *target)
{
	call->target = arena_strdup(&call->arena, target);
	call->url = NULL;
	call->attempts = call->redirects = call->refusals = 0;
	call->content_type = NULL;
	call->transfer.method = method;
	call->transfer.body_fd = -1;
	call->transfer.body = NULL;
	call->transfer.body_offset = call->transfer.body_bytes = 0;
}

/* ------------------------------------------------------------------------------ addresses */

static const char *part_of(CURLU *url, CURLUPart part, struct arena *arena)
{
	char *text = NULL;
	const char *copy = "";

	if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK)
		copy = arena_strdup(arena, text);
	curl_free(text);
	return copy;
}

/* Scheme, host and port are the same. */
static bool is_same_origin(const char *a, const char *b)
{
	auto_arena struct arena arena = {};
	static const CURLUPart parts[] = { CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT };
	CURLU *one = curl_url(), *other = curl_url();
	bool is_same = curl_url_set(one, CURLUPART_URL, a, 0) == CURLUE_OK &&
		       curl_url_set(other, CURLUPART_URL, b, 0) == CURLUE_OK;

	for (size_t i = 0; is_same && i < sizeof(parts) / sizeof(*parts); i++)
		is_same = strcasecmp(part_of(one, parts[i], &arena),
				     part_of(other, parts[i], &arena)) == 0;
	curl_url_cleanup(one);
	curl_url_cleanup(other);
	return is_same;
}

/* `location` as seen from `base`, without a fragment or a login. NULL: it is no address. */
static char *resolve(const char *base, const char *location, struct arena *arena)
{
	CURLU *url = curl_url();
	char *text = NULL, *resolved = NULL;

	if (curl_url_set(url, CURLUPART_URL, base, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_URL, location, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK &&
	    curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_URL, &text, 0) == CURLUE_OK)
		resolved = arena_strdup(arena, text);
	curl_free(text);
	curl_url_cleanup(url);
	return resolved;
}

static bool is_https(const char *url)
{
	return strncasecmp(url, "https://", 8) == 0;
}

/* Where the call's target is, with the scheme that its host is spoken to by now. */
static char *target_url(struct call *call)
{
	if (*call->target != '/')
		return arena_strdup(&call->arena, call->target);
	return arena_printf(&call->arena, "%s%s", call->host->base, call->target);
}

/* Is the call where its login may be shown? */
static bool is_at_home(const struct call *call)
{
	if (call->host)
		return is_same_origin(call->url, call->host->base);
	return is_same_origin(call->url, call->target);
}

char *call_encode(const char *text, struct arena *arena)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	auto_buf struct buf out = {};

	for (; *text; text++)
		if (strchr(plain, *text))
			buf_add(&out, text, 1);
		else
			buf_printf(&out, "%%%02X", (unsigned char)*text);
	return arena_strdup(arena, buf_str(&out));
}

int call_location(struct call *call, char **ret, struct err *err)
{
	const char *location = transfer_find(&call->transfer, "Location", 0);
	char *url = location ? resolve(call->url, location, &call->arena) : NULL;

	if (!url || (!is_https(url) && strncasecmp(url, "http://", 7) != 0))
		return err_set(err, ERR_SYSTEM, EPROTO,
			       "%.*s: the answer (%d) does not say where to go",
			       transfer_url_length(call->url), call->url, call->transfer.status);
	if (is_https(call->url) && !is_https(url))
		return err_set(err, ERR_SYSTEM, EPROTO,
			       "%.*s sends on to '%.*s', which is not encrypted",
			       transfer_url_length(call->url), call->url, transfer_url_length(url),
			       url);
	*ret = url;
	return 0;
}

/* ------------------------------------------------------------------------------ starting */

static int authorize(struct call *call, struct err *err)
{
	call->given = NULL;
	if (!is_at_home(call))
		return 0;
	if (call->authorization) {
		call->given = arena_strdup(&call->arena, call->authorization);
		return 0;
	}
	if (!call->host || call->host->challenge.scheme == CHALLENGE_OTHER)
		return 0;
	return token_get(call->registry, call->host, call->path, call->scope, &call->arena,
			 &call->given, err);
}

int call_start(struct call *call, struct err *err)
{
	int r;

	if (!call->url)
		call->url = target_url(call);
	r = authorize(call, err);
	if (r < 0)
		return r;
	if (call->content_type)
		transfer_header(&call->transfer, "Content-Type", call->content_type);
	if (call->prepare)
		call->prepare(call);
	call->transfer.url = call->url;
	call->transfer.authorization = call->given;
	call->transfer.tls = call->tls;
	return http_start(call->registry->http, &call->transfer, err);
}

/* ------------------------------------------------------------------------------ settling */

/* Who never answered may be misspelt: no long wait for that. */
static unsigned usual_attempts(const struct call *call)
{
	unsigned most = call->registry->options.max_attempts;

	return call->host && !call->host->is_settled && most > 2 ? 2 : most;
}

/* Once more from the beginning, after a while; -ETIMEDOUT (no words): that was often enough. */
static int try_again(struct call *call, int64_t wait_s)
{
	unsigned most = call->max_attempts ? call->max_attempts : usual_attempts(call);
	int64_t delay_ms = (int64_t)FIRST_DELAY_MS << (call->attempts < 10 ? call->attempts : 10);

	if (++call->attempts >= most || wait_s > MAX_PATIENCE_S)
		return -ETIMEDOUT;
	call->url = NULL;
	call->delay_ms = wait_s >= 0 ? wait_s * 1000
				     : (delay_ms < MAX_DELAY_MS ? delay_ms : MAX_DELAY_MS);
	return CALL_AGAIN;
}

/* https is not spoken where http may be. */
static bool become_plain(struct call *call)
{
	struct host *host = call->host;

	if (!host || !host->may_be_plain || host->is_settled || !is_at_home(call) ||
	    !is_https(host->base) || !transfer_has_no_peer(&call->transfer))
		return false;
	host->base = arena_printf(&call->registry->arena, "http%s", host->base + strlen("https"));
	return true;
}

static int settle_failure(struct call *call, bool may_pass, struct err *err)
{
	call->delay_ms = 0;
	if (become_plain(call)) {
		call->url = NULL;
		return CALL_AGAIN;
	}
	if (may_pass && try_again(call, -1) == CALL_AGAIN)
		return CALL_AGAIN;
	if (call->host && may_pass)
		call->host->is_down = true;
	return -err->no;
}

static bool is_busy(int status)
{
	static const int statuses[] = { 408, 429, 500, 502, 503, 504 };

	for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++)
		if (status == statuses[i])
			return true;
	return false;
}

static int settle_busy(struct call *call, struct err *err)
{
	const char *header = transfer_find(&call->transfer, "Retry-After", 0);
	int64_t wait_s = header ? answer_retry_after(header, time(NULL)) : -1;
	int r = try_again(call, wait_s);

	if (r == CALL_AGAIN)
		return r;
	r = call_refuse(call, err);
	if (wait_s > MAX_PATIENCE_S)
		r = err_hint(err, "it says: try again in %lld seconds", (long long)wait_s);
	return r;
}

/* Learn from its challenges how this server wants to be asked. false: it says nothing we know. */
static bool learn(struct call *call)
{
	struct arena *arena = &call->registry->arena;
	struct challenge challenges[CHALLENGE_MAX];
	const struct challenge *chosen;
	const char *header;
	size_t n = 0;

	for (size_t i = 0; n < CHALLENGE_MAX; i++) {
		header = transfer_find(&call->transfer, "WWW-Authenticate", i);
		if (!header)
			break;
		n += challenge_parse(header, arena, challenges + n, CHALLENGE_MAX - n);
	}
	chosen = challenge_choose(challenges, n);
	if (chosen)
		call->host->challenge = *chosen;
	return chosen;
}

static int settle_refusal(struct call *call, struct err *err)
{
	if (!is_at_home(call) || call->authorization || !call->host)
		return call_refuse(call, err);
	if (++call->refusals > MAX_REFUSALS || !learn(call))
		return call_refuse(call, err);
	if (call->given)
		token_forget(call->registry, call->host, call->given);
	call->delay_ms = 0;
	return CALL_AGAIN;
}

static int settle_redirect(struct call *call, struct err *err)
{
	int status = call->transfer.status;
	bool keeps_method = status == 307 || status == 308 || call->transfer.method == HTTP_GET ||
			    call->transfer.method == HTTP_HEAD;
	char *url;
	int r = call_location(call, &url, err);

	if (r < 0)
		return r;
	if (!keeps_method)
		return call_refuse(call, err);
	if (++call->redirects > MAX_REDIRECTS)
		return err_set(err, ERR_SYSTEM, ELOOP, "%.*s is sent on without end",
			       transfer_url_length(call->url), call->url);
	call->url = url;
	call->delay_ms = 0;
	return CALL_AGAIN;
}

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

int call_settle(struct call *call, struct err *err)
{
	int status = call->transfer.status;
	bool may_pass;
	int r = transfer_outcome(&call->transfer, &may_pass, err);

	if (r < 0)
		return settle_failure(call, may_pass, err);
	if (call->host && is_at_home(call))
		call->host->is_settled = true;
	if (is_busy(status))
		return settle_busy(call, err);
	if (status == 401)
		return settle_refusal(call, err);
	if (is_redirect(status))
		return settle_redirect(call, err);
	return CALL_ANSWERED;
}

int call_run(struct call *call, struct err *err)
{
	int r;

	for (;;) {
		r = call_start(call, err);
		if (r < 0)
			return r;
		http_run(call->registry->http, &call->transfer);
		r = call_settle(call, err);
		if (r != CALL_AGAIN)
			return r;
		http_pause(call->registry->http, call->delay_ms);
	}
}

/* ------------------------------------------------------------------------------ refusals */

static const struct {
	int status;
	enum err_kind kind;
	int no;
	const char *words;
} refusals[] = {
	{ 400, ERR_SYSTEM, EINVAL, "it does not accept the request" },
	{ 401, ERR_SYSTEM, EACCES, "it wants a login" },
	{ 403, ERR_SYSTEM, EACCES, "access is denied" },
	{ 404, ERR_NOT_FOUND, ENOENT, "there is none" },
	{ 405, ERR_SYSTEM, EOPNOTSUPP, "it does not support that" },
	{ 413, ERR_SYSTEM, EFBIG, "that is too big for it" },
	{ 416, ERR_SYSTEM, ERANGE, "it does not have that range" },
	{ 429, ERR_SYSTEM, EBUSY, "it was asked too often" },
	{ 503, ERR_SYSTEM, EBUSY, "it is busy" },
};

static int hint_login(const struct call *call, struct err *err)
{
	if (!call->host || !is_at_home(call))
		return -err->no;
	if (call->refusals > 1 && call->given)
		return err_hint(err, "'tare login %s' as somebody who may", call->host->name);
	return err_hint(err, "'tare login %s'", call->host->name);
}

int call_refuse(const struct call *call, struct err *err)
{
	const struct transfer *transfer = &call->transfer;
	const char *words = "an answer that was not expected";
	auto_buf struct buf said = {};
	enum err_kind kind = ERR_SYSTEM;
	int no = EIO;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (refusals[i].status == transfer->status) {
			kind = refusals[i].kind;
			no = refusals[i].no;
			words = refusals[i].words;
		}
	answer_add_words(buf_str(&transfer->kept), transfer->kept.len, &said);
	(void)err_set(err, kind, no, "%.*s: %s (%d%s%s)", transfer_url_length(call->url), call->url,
		      words, transfer->status, said.len ? ", " : "", buf_str(&said));
	return no == EACCES ? hint_login(call, err) : -no;
}
