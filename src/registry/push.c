/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts blobs into a repository. For each: is it there (HEAD)? Can it be had from another repository
 * (POST with mount)? Else an upload is opened (POST) and the blob sent, in one request (PUT) or,
 * where that is asked for or turned down as too big, in chunks (PATCH) that are closed by an empty
 * PUT. Each answer names the address of the next request, which may be relative and has secrets of
 * the registry's in its query.
 *
 *	ASK -> OPEN -> WHOLE
 *	          `--> CHUNK ... -> CLOSE
 *	                 `--> WHERE -> CHUNK	how much has arrived, after a failure
 *
 * An upload that failed half-way in one request is opened anew: a registry keeps what it has of it,
 * and would take the same bytes for the next ones.
 */
#include "registry/work.h"

#include "base/log.h"
#include "base/num.h"
#include "registry/answer.h"

#include <stdio.h>
#include <string.h>

#define CHUNK_BYTES  ((uint64_t)32 << 20) /* where a single request is too big */
#define STALL_FACTOR 10 /* the registry may have to digest what it got */

enum stage { STAGE_ASK, STAGE_OPEN, STAGE_WHOLE, STAGE_CHUNK, STAGE_WHERE, STAGE_CLOSE };

struct push {
	struct work work;
	struct registry *registry;
	struct registry_push *what;
	struct host *host;
	const char *path;
	enum stage stage;
	char *location;       /* of the upload; NULL: none is open */
	uint64_t sent;        /* bytes that the registry has of it */
	uint64_t chunk_bytes; /* 0: in one request */
	uint64_t min_bytes;   /* of a chunk that is not the last */
	unsigned failures;    /* of uploads, since bytes last arrived */
	bool may_mount;
	struct err err;       /* the caller's end of it */
};

static uint64_t size_of(const struct push *p)
{
	return (uint64_t)p->what->what->size;
}

static bool tell(struct push *p)
{
	if (!p->what->progress || p->what->progress(p->what))
		return true;
	(void)err_set(&p->err, ERR_SYSTEM, ECANCELED, "interrupted");
	return false;
}

static bool has_sent(struct transfer *transfer)
{
	struct push *p = transfer->data;

	p->what->bytes = transfer->body_offset + transfer->body_sent;
	return tell(p);
}

/* ------------------------------------------------------------------------------ requests */

static void request(struct push *p, enum stage stage, enum http_method method, const char *target)
{
	p->stage = stage;
	call_reset(&p->work.call, method, target);
	p->work.call.max_attempts = 0;
	p->work.call.transfer.stall_seconds = p->registry->options.stall_seconds;
	p->work.call.transfer.has_sent = NULL;
}

static int ask(struct push *p)
{
	request(p, STAGE_ASK, HTTP_HEAD,
		arena_printf(&p->work.call.arena, "/v2/%s/blobs/%s", p->path,
			     p->what->what->digest.text));
	return 1;
}

static int open_upload(struct push *p)
{
	struct arena *arena = &p->work.call.arena;

	p->location = NULL;
	p->sent = 0;
	request(p, STAGE_OPEN, HTTP_POST,
		p->may_mount
			? arena_printf(arena, "/v2/%s/blobs/uploads/?mount=%s&from=%s", p->path,
				       p->what->what->digest.text, p->what->mount_from)
			: arena_printf(arena, "/v2/%s/blobs/uploads/", p->path));
	p->work.call.content_type = "application/octet-stream";
	return 1;
}

/* Bytes of the blob as the body of the call that was set up. */
static void send_bytes(struct push *p, uint64_t offset, uint64_t n)
{
	struct call *call = &p->work.call;

	call->content_type = "application/octet-stream";
	call->max_attempts = 1;
	call->transfer.body_fd = p->what->fd;
	call->transfer.body_offset = offset;
	call->transfer.body_bytes = n;
	call->transfer.has_sent = has_sent;
	call->transfer.stall_seconds *= STALL_FACTOR;
}

/* Where an upload is closed: its address with the digest of what it is. */
static char *closing(struct push *p)
{
	return arena_printf(&p->work.call.arena, "%s%sdigest=%s", p->location,
			    strchr(p->location, '?') ? "&" : "?", p->what->what->digest.text);
}

static int send_whole(struct push *p)
{
	request(p, STAGE_WHOLE, HTTP_PUT, closing(p));
	send_bytes(p, 0, size_of(p));
	return 1;
}

static int close_upload(struct push *p)
{
	request(p, STAGE_CLOSE, HTTP_PUT, closing(p));
	p->work.call.transfer.stall_seconds *= STALL_FACTOR;
	return 1;
}

static uint64_t next_chunk(const struct push *p)
{
	uint64_t n = p->chunk_bytes > p->min_bytes ? p->chunk_bytes : p->min_bytes;

	return n < size_of(p) - p->sent ? n : size_of(p) - p->sent;
}

static void say_range(struct call *call)
{
	struct push *p = (struct push *)call; /* its first member's first member */
	char range[48];

	if (p->stage != STAGE_CHUNK)
		return;
	(void)snprintf(range, sizeof(range), "%llu-%llu", (unsigned long long)p->sent,
		       (unsigned long long)(p->sent + next_chunk(p) - 1));
	transfer_header(&call->transfer, "Content-Range", range);
}

static int send_chunk(struct push *p)
{
	if (p->sent == size_of(p))
		return close_upload(p);
	request(p, STAGE_CHUNK, HTTP_PATCH, p->location);
	send_bytes(p, p->sent, next_chunk(p));
	return 1;
}

static int ask_where(struct push *p)
{
	request(p, STAGE_WHERE, HTTP_GET, p->location);
	return 1;
}

static int send_rest(struct push *p)
{
	return p->chunk_bytes && size_of(p) > p->chunk_bytes ? send_chunk(p) : send_whole(p);
}

/* ------------------------------------------------------------------------------ answers */

static int finish(struct push *p, enum registry_outcome outcome)
{
	p->what->bytes = size_of(p);
	p->what->outcome = outcome;
	return tell(p) ? 0 : -ECANCELED;
}

/* What is to be done again is so a bounded number of times. */
static bool may_fail_again(struct push *p)
{
	return ++p->failures < p->registry->options.max_attempts;
}

static int asked(struct push *p, int status, struct err *err)
{
	if (status == 200)
		return finish(p, REGISTRY_EXISTED);
	/* 405: of those who don't know HEAD. */
	return status == 404 || status == 405 ? open_upload(p) : call_refuse(&p->work.call, err);
}

static void read_min_chunk(struct push *p)
{
	const char *header = transfer_find(&p->work.call.transfer, "OCI-Chunk-Min-Length", 0);
	uint64_t bytes;

	if (header && num_parse_u64(header, &bytes) == 0)
		p->min_bytes = bytes;
}

static int opened(struct push *p, int status, struct err *err)
{
	int r;

	if (status == 201 && p->may_mount)
		return finish(p, REGISTRY_MOUNTED);
	if (status != 202 && p->may_mount) {
		p->may_mount = false;
		return open_upload(p);
	}
	if (status != 202)
		return call_refuse(&p->work.call, err);
	read_min_chunk(p);
	r = call_location(&p->work.call, &p->location, err);
	return r < 0 ? r : send_rest(p);
}

static int sent_whole(struct push *p, int status, struct err *err)
{
	if (status == 201)
		return finish(p, REGISTRY_UPLOADED);
	if (status == 413 && !p->chunk_bytes && size_of(p) > CHUNK_BYTES)
		p->chunk_bytes = CHUNK_BYTES;
	else if ((status != 404 && status != 416) || !may_fail_again(p))
		return call_refuse(&p->work.call, err);
	return open_upload(p);
}

/* How much of it the registry says that it has. */
static bool read_arrived(struct push *p)
{
	const char *header = transfer_find(&p->work.call.transfer, "Range", 0);
	struct answer_range range;
	uint64_t arrived = 0;

	/* Nothing at all is said by some as "0-0", by others not at all. */
	if (header && strcmp(header, "0-0") != 0) {
		if (!answer_range(header, &range) || range.first != 0)
			return false;
		arrived = range.last + 1;
	}
	if (arrived > size_of(p))
		return false;
	if (arrived > p->sent)
		p->failures = 0;
	p->sent = arrived;
	p->what->bytes = arrived;
	return true;
}

static int sent_chunk(struct push *p, int status, struct err *err)
{
	uint64_t end = p->sent + next_chunk(p);
	int r;

	if (status == 416 || status == 404)
		return may_fail_again(p) ? (status == 416 ? ask_where(p) : open_upload(p))
					 : call_refuse(&p->work.call, err);
	if (status != 202 && status != 201 && status != 204)
		return call_refuse(&p->work.call, err);
	r = call_location(&p->work.call, &p->location, err);
	if (r < 0)
		return r;
	if (!transfer_find(&p->work.call.transfer, "Range", 0))
		p->sent = end;
	else if (!read_arrived(p))
		return may_fail_again(p) ? open_upload(p) : call_refuse(&p->work.call, err);
	return send_chunk(p);
}

static int told_where(struct push *p, int status, struct err *err)
{
	char *location;

	if ((status != 204 && status != 202 && status != 200) || !read_arrived(p))
		return may_fail_again(p) ? open_upload(p) : call_refuse(&p->work.call, err);
	if (transfer_find(&p->work.call.transfer, "Location", 0) &&
	    call_location(&p->work.call, &location, err) == 0)
		p->location = location;
	return send_chunk(p);
}

static int closed(struct push *p, int status, struct err *err)
{
	return status == 201 ? finish(p, REGISTRY_UPLOADED) : call_refuse(&p->work.call, err);
}

static int answered(struct push *p, struct err *err)
{
	int status = p->work.call.transfer.status;

	switch (p->stage) {
	case STAGE_ASK:
		return asked(p, status, err);
	case STAGE_OPEN:
		return opened(p, status, err);
	case STAGE_WHOLE:
		return sent_whole(p, status, err);
	case STAGE_CHUNK:
		return sent_chunk(p, status, err);
	case STAGE_WHERE:
		return told_where(p, status, err);
	case STAGE_CLOSE:
		return closed(p, status, err);
	}
	return 0;
}

/* The line broke, or the registry was busy, while bytes were on their way. */
static int failed(struct push *p, struct err *err)
{
	bool is_upload = p->stage == STAGE_WHOLE || p->stage == STAGE_CHUNK;

	if (p->err.no)
		*err = p->err;
	if (p->err.no || !is_upload || err->no == EACCES || err->no == EKEYREJECTED ||
	    !may_fail_again(p))
		return -err->no;
	log_debug("blob %s: %s", p->what->what->digest.text, err->msg);
	return p->stage == STAGE_CHUNK ? ask_where(p) : open_upload(p);
}

static int step(struct work *work, int outcome, struct err *err)
{
	struct push *p = (struct push *)work;
	int r = outcome < 0 ? failed(p, err) : answered(p, err);

	if (r == -ECANCELED && p->err.no)
		*err = p->err;
	/* Addresses of uploads say nothing of what is uploaded. */
	return r < 0 && p->stage != STAGE_ASK ? err_wrap(err, "blob %s", p->what->what->digest.text)
					      : r;
}

/* ------------------------------------------------------------------------------ the door */

static int begin(struct work *work, struct err *err)
{
	struct push *p = (struct push *)work;
	struct call *call = &work->call;

	(void)err;
	call_init(call, p->registry, p->host);
	call->path = p->path;
	call->prepare = say_range;
	call->scope = arena_printf(&call->arena, "repository:%s:pull,push", p->path);
	if (p->may_mount)
		call->scope = arena_printf(&call->arena, "%s repository:%s:pull", call->scope,
					   p->what->mount_from);
	return ask(p);
}

int registry_push_blobs(struct registry *registry, const struct reference *reference,
			struct registry_push *pushes, size_t n, struct err *err)
{
	auto_arena struct arena arena = {};
	struct push *all = arena_array(&arena, struct push, n);
	struct work **work = arena_array(&arena, struct work *, n);
	struct endpoints endpoints;
	struct host *host;
	int r = registry_config_endpoints(&registry->config, reference, false, &arena, &endpoints,
					  err);

	if (r == 0)
		r = registry_host(registry, endpoints.v, &host, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		pushes[i].bytes = 0;
		pushes[i].outcome = REGISTRY_PENDING;
		all[i] = (struct push){ .registry = registry, .what = &pushes[i], .host = host,
					.path = endpoints.v->path,
					.chunk_bytes = registry->options.chunk_bytes,
					.may_mount = pushes[i].mount_from != NULL,
					.work = { .begin = begin, .step = step } };
		work[i] = &all[i].work;
	}
	r = work_all(registry, work, n, err);
	for (size_t i = 0; i < n; i++)
		arena_done(&all[i].work.call.arena);
	return r;
}
